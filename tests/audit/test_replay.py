"""Replay: every outcome and count, against asking the two authorizers themselves."""

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Authorizer, Directory, Policy, Reason
from rbac.audit.decision_log import LoggedDecision
from rbac.audit.replay import MOST_NAMES, OTHERS, Outcome, Replay, Summary
from rbac.errors import DirectoryRequired
from rbac.records import Record, Records, SubjectRecord
from rbac.terms import Question, Resource
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.audit.test_decision_log import NOW, decisions
from tests.building import small_policy
from tests.organization import ACME, BOX, DIRECTORY, EDITOR, MEMBER, RECORDS, ROBOT, WEB
from tests.strategies import examples
from tests.worlds import World, worlds


def thinned(directory: Directory, chance: Random) -> Directory:
    """The same directory with some records left out, and whatever needed them."""
    records = Records(
        *([each for each in table if chance.random() < 0.9] for table in directory.records)  # type: ignore[arg-type]
    )
    return Directory.sound(records, policy=directory.policy)[0]


@examples(15)
@given(worlds(), st.randoms(use_true_random=False))
def test_outcomes_and_counts_are_what_asking_both_shows(world: World, chance: Random) -> None:
    """Gained and lost are exactly where the answers of the two directories differ."""
    after = thinned(world.directory, chance)
    made = decisions(world, chance)
    replay = Replay(world.policy, after)
    now = Authorizer(world.policy, after)
    summary = Summary(replay)
    logged = [(3 * n, LoggedDecision.of(each, NOW)) for n, each in enumerate(made, 1)]
    outcomes = []
    for (line, each), found in zip(logged, replay.of(logged), strict=True):
        assert (found.line, found.logged) == (line, each)
        outcomes.append(summary.add(found))
        question = each.question
        if found.now is None:
            assert not isinstance(question, Question)
            assert not isinstance(question.resource, Resource)
            assert outcomes[-1] is Outcome.UNASKED
            continue
        if isinstance(question, Question):
            assert found.now == now.check(*question[:4], own=question.own)
            assert outcomes[-1] is Outcome.UNCHANGED
        elif question.subject is not None:
            assert found.now == now.access.decide(*question)
        pair = each.allowed, found.now.allowed
        expected = {(False, True): Outcome.GAINED, (True, False): Outcome.LOST}
        assert outcomes[-1] is expected.get(pair, Outcome.UNCHANGED)
    for outcome in Outcome:
        assert summary.all[outcome] == outcomes.count(outcome)
        assert sum(count[outcome] for count in summary.by.values()) == outcomes.count(outcome)
    assert summary.all.differ == len(outcomes) - outcomes.count(Outcome.UNCHANGED)
    assert sum(summary.digests.values()) == summary.period.decisions == len(logged)


@examples(10)
@given(worlds(), st.randoms(use_true_random=False))
def test_a_log_replayed_on_what_decided_it_is_unchanged(world: World, chance: Random) -> None:
    """Nothing differs, and no reason, where neither the policy nor the directory did."""
    replay = Replay(world.policy, world.directory)
    summary = Summary(replay)
    logged = [LoggedDecision.of(each, NOW) for each in decisions(world, chance)]
    for found in replay.of(enumerate(logged, 1)):
        summary.add(found)
    assert summary.all[Outcome.UNCHANGED] == len(logged)
    assert (summary.otherwise, summary.unknown, summary.contradicted) == (0, 0, 0)


def one(replay: Replay, logged: LoggedDecision) -> tuple[Outcome, Reason | None, Summary]:
    """What becomes of one decision."""
    summary = Summary(replay)
    (found,) = replay.of([(1, logged)])
    return summary.add(found), found.now.reason if found.now is not None else None, summary


HERE = Authorizer(directory=DIRECTORY)
ALLOWED = LoggedDecision.of(HERE.authorize(EDITOR, Action.UPDATE, WEB), NOW)


def without_editor() -> Directory:
    """The organization when the editor has gone."""
    return DIRECTORY.changed(remove=[RECORDS.subjects[1]])


def test_whoever_is_gone_is_lost_and_said_to_be_unknown() -> None:
    """An unknown subject is denied by the evaluator, as anybody would be, and counted apart."""
    outcome, reason, summary = one(Replay(HERE.policy, without_editor()), ALLOWED)
    assert (outcome, reason) == (Outcome.LOST, Reason.UNKNOWN_SUBJECT)
    assert (summary.unknown, summary.contradicted) == (1, 0)


def test_a_log_that_contradicts_what_decided_it_is_told() -> None:
    """The same digest and revision with another answer is a log that was changed."""
    forged = ALLOWED._replace(reason=Reason.NO_GRANT, grant=None)
    outcome, _, summary = one(Replay(HERE.policy, DIRECTORY), forged)
    assert (outcome, summary.contradicted) == (Outcome.GAINED, 1)
    elsewhere = forged._replace(directory_revision="another")
    assert one(Replay(HERE.policy, DIRECTORY), elsewhere)[2].contradicted == 0


def test_another_reason_for_the_same_answer_is_counted() -> None:
    """Denied then and denied now is unchanged, though no longer for the same reason."""
    logged = ALLOWED._replace(reason=Reason.NOT_HELD, grant=None)
    outcome, _, summary = one(Replay(HERE.policy, without_editor()), logged)
    assert (outcome, summary.otherwise) == (Outcome.UNCHANGED, 1)


def test_time_that_has_passed_changes_nothing() -> None:
    """A service account that has expired since was active when the decision was made."""
    ends = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    directory = Directory(
        RECORDS._replace(
            subjects=[
                SubjectRecord(ROBOT, ACME.id, valid_until=ends) if each.subject == ROBOT else each
                for each in RECORDS.subjects
            ]
        )
    )
    logged = LoggedDecision.of(HERE.authorize(ROBOT, Action.GET, WEB), NOW)
    for time, outcome in (
        ("2025-12-31T23:59:59Z", Outcome.UNCHANGED),
        ("2026-01-01T00:00:00Z", Outcome.LOST),
    ):
        assert one(Replay(HERE.policy, directory), logged._replace(time=time))[0] is outcome


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999999Z"])
def test_any_time_of_a_log_can_be_asked_at(time: str) -> None:
    """The first and the last second that a line may have are times like any other."""
    assert one(Replay(HERE.policy, DIRECTORY), ALLOWED._replace(time=time))[0] is Outcome.UNCHANGED


def test_a_question_that_cannot_be_asked_has_no_answer() -> None:
    """What is new in a container that is gone is named, neither gained nor lost."""
    new = Resource.new(ResourceType.TASK, (BOX,))
    logged = LoggedDecision.of(HERE.authorize(MEMBER, Action.CREATE, new), NOW)
    gone: list[Record] = [each for each in RECORDS.subjects if each.subject.id == BOX.id]
    gone += [each for each in RECORDS.resources if each.resource == BOX]
    replay = Replay(HERE.policy, DIRECTORY.changed(remove=gone))
    (found,) = replay.of([(7, logged)])
    assert (found.outcome, found.now) == (Outcome.UNASKED, None)
    assert "is not known" in found.error
    assert found.role is (logged.grant.role if logged.grant else None)


def test_somebody_takes_a_directory_and_kinds_do_not() -> None:
    """Without a directory a question about somebody stops the replay, by its line."""
    kinds = HERE.check(
        Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.UPDATE
    )
    other = small_policy(["project_user project update any"])
    replay = Replay(other)
    outcome, _, summary = one(replay, LoggedDecision.of(kinds, NOW))
    assert outcome is Outcome.GAINED
    assert list(summary.by) == [(ResourceRole.PROJECT_USER, Action.UPDATE, ResourceType.PROJECT)]
    with pytest.raises(DirectoryRequired, match="line 9 is about somebody"):
        list(replay.of([(9, ALLOWED)]))


def test_decisions_are_counted_by_the_role_that_allows() -> None:
    """Where no role was asked about, it is the granted one: then for a loss, now for a gain."""
    by = one(Replay(HERE.policy, without_editor()), ALLOWED)[2].by
    assert list(by) == [(ResourceRole.PROJECT_EDITOR, Action.UPDATE, ResourceType.PROJECT)]
    denied = ALLOWED._replace(reason=Reason.NOT_HELD, grant=None)
    by = one(Replay(HERE.policy, DIRECTORY), denied)[2].by
    assert list(by) == [(ResourceRole.PROJECT_EDITOR, Action.UPDATE, ResourceType.PROJECT)]
    by = one(Replay(HERE.policy, without_editor()), denied)[2].by
    assert list(by) == [(None, Action.UPDATE, ResourceType.PROJECT)]


def test_memory_does_not_grow_with_the_policies_a_log_names() -> None:
    """So many digests are told apart; the others are counted together."""
    replay = Replay(Policy.shipped(), DIRECTORY)
    summary = Summary(replay)
    count = MOST_NAMES + 5
    names = [f"sha256:{number:064x}" for number in range(count)]
    logged = [(1, ALLOWED._replace(policy_digest=name)) for name in names]
    for found in replay.of(logged):
        summary.add(found)
    assert len(summary.digests) == MOST_NAMES + 1
    assert summary.digests[OTHERS] == 5
