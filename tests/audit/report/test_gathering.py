"""What a report says, against asking the policy and the directory cell by cell."""

from collections import Counter

import pytest

from rbac.audit.difference import difference
from rbac.audit.report import gathering
from rbac.audit.report.data import Report
from rbac.counting import permitted
from rbac.decision import Reason
from rbac.policy import Policy
from rbac.rows import Permission, Reach
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.verification import cells
from rbac.vocabulary import ResourceRole
from tests.audit.report.sample import (
    ADMIN,
    before,
    sample_access,
    sample_allowed,
    sample_permitted,
    sample_report,
    small,
    small_accesses,
    small_report,
)


@pytest.fixture(name="small_one", scope="module")
def _small_one(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on the small policy and directory."""
    return small_report(tmp_path_factory.mktemp("small"))


def allowed_by(report: Report) -> set[Question]:
    """Every cell that a report says is allowed."""
    return {
        Question(principal, line.role, cell.permission.type, cell.permission.action, own)
        for line in report.roles
        for principal in line.principals
        for cell in line.cells
        for own in (False, True)
        if own or cell.reach is Reach.ANY
    }


def test_a_report_allows_what_the_table_allows_cell_by_cell() -> None:
    """On every cell of the shipped policy a report and the table say the same."""
    report = sample_report()
    assert allowed_by(report) == sample_allowed()
    assert report.allowed == len(sample_allowed())
    assert report.cells == sum(1 for _ in cells(sample_access().table.policy))


def test_every_cell_names_the_grant_that_decides() -> None:
    """The grant of a cell, and the roles in between, are those of the table's answer."""
    table = sample_access().table
    for line in sample_report().roles:
        for cell in line.cells:
            own = cell.reach is Reach.OWN
            action, type = cell.permission
            question = Question(line.principals[0], line.role, type, action, own)
            decision = table.decide(question)
            assert (decision.grant, decision.through) == (cell.grant, cell.through)


def test_answers_are_everything_that_is_permitted() -> None:
    """Every (subject, action, resource) that is permitted is in exactly one answer."""
    holding = sample_report().holding
    assert holding is not None
    assert holding.answers is not None
    said = [
        (subject, answer.permission.action, resource)
        for answer in holding.answers
        for subject in answer.subjects
        for resource in answer.resources
    ]
    asked = sample_permitted()
    assert len(said) == len(asked) == holding.permitted
    assert set(said) == set(asked)


def test_answers_rest_on_what_the_decision_rests_on() -> None:
    """Grant, roles in between and hold are those that the decision itself names."""
    access, holding = sample_access(), sample_report().holding
    assert holding is not None
    for answer in holding.answers or ():
        subject, resource = answer.subjects[-1], answer.resources[0]
        decision = access.decide(subject, None, resource, answer.permission.action, None)
        assert decision.reason is Reason.GRANTED
        assert decision.hold is not None
        path, hold = answer.path, decision.hold
        assert (path.grant, path.through) == (decision.grant, decision.through)
        assert (path.given, answer.on or resource) == (hold.role, hold.on)
        assert path.group == (hold.assignment.group if hold.assignment else "")
        assert path.relation == (hold.relation.short if hold.relation else "")


def test_everybody_is_listed_with_all_that_it_is_given() -> None:
    """What is said of each subject is what asking about every resource finds."""
    access, holding = sample_access(), sample_report().holding
    assert holding is not None
    directory = access.directory
    said = {(person.subject, held.hold) for person in holding.people or () for held in person.held}
    asked = {
        (who.subject, hold)
        for who in directory.subjects()
        for about in directory.resources()
        for hold in access.holds_on(who, about)
    }
    assert said == asked
    assert {person.subject for person in holding.people or ()} == {
        who.subject for who in directory.subjects()
    }


def test_groups_are_listed_with_members_and_roles() -> None:
    """Members and assignments of the groups are all there are in the directory."""
    holding, directory = sample_report().holding, sample_access().directory
    assert holding is not None
    members = {(line.group.id, each) for line in holding.groups or () for each in line.members}
    assert members == {(each.group, each.subject) for each in directory.records.memberships}
    given = {(line.group.id, role, on) for line in holding.groups or () for role, on in line.roles}
    assert given == {
        (each.group, each.role, each.resource)
        for each in directory.records.assignments
        if each.derived_from is ResourceRole.UNSPECIFIED
    }


def test_administrators_are_those_of_the_sample() -> None:
    """The sample has three people and two service accounts that administer it."""
    holding = sample_report().holding
    assert holding is not None
    kinds = [person.subject.principal.short for person in holding.administrators]
    assert kinds == ["service_account"] * 2 + ["user"] * 3


def test_an_administrator_is_known_by_its_relation_too(small_one: Report) -> None:
    """Whoever the organization's record makes an administrator is listed first."""
    assert small_one.holding is not None
    assert [person.subject for person in small_one.holding.administrators] == [ADMIN]


def test_changes_are_the_difference_of_the_policies(small_one: Report) -> None:
    """Counts, blocks and what else changed are those of comparing the two tables."""
    old = DecisionTable(Policy(before()))
    found = difference(old, DecisionTable(Policy(small())))
    changes = small_one.changes
    assert changes is not None
    assert (changes.gained, changes.lost) == (len(found.gained), len(found.lost))
    assert sum(block.size for block in changes.more) == len(found.gained) > 0
    assert {cell for block in changes.more for cell in block.cells()} == set(found.gained)
    assert changes.shifts == found.shifts


def test_turnover_is_what_the_two_sides_permit_otherwise(small_one: Report) -> None:
    """Sums and shares are those of listing all that was permitted, and all that is."""
    old, new = (set(permitted(access)) for access in small_accesses())
    turnover = small_one.turnover
    assert turnover is not None
    for gain, triples in ((turnover.gained, new - old), (turnover.lost, old - new)):
        assert gain.total.triples == len(triples)
        assert gain.total.subjects == len({who for who, _, _ in triples})
        assert gain.total.resources == len({on for _, _, on in triples})
        said = {
            (share.subject, permission): count
            for share in gain.shares
            for permission, count in share.permissions
        }
        assert said == Counter((who, Permission(action, on.type)) for who, action, on in triples)
    assert turnover.gained.total.triples
    assert turnover.lost.total.triples


def test_invariants_are_proved_or_refuted_with_what_contradicts(small_one: Report) -> None:
    """One of the two statements holds; the other is shown with decisions against it."""
    first, second = small_one.proofs or ()
    assert first.holds
    assert first.looked == 12
    assert not second.holds
    assert "user as org_admin, project_admin: get_value on secret" in " ".join(second.against)
    assert small_one.refuted == (second,)


def test_what_is_too_much_for_a_page_is_counted_and_not_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond the bounds nothing is listed in part: the lists are not there, the counts are."""
    report, access = sample_report(), sample_access()
    assert report.holding is not None
    monkeypatch.setattr(gathering, "MOST_PERMITTED", report.holding.permitted - 1)
    monkeypatch.setattr(gathering, "MOST_RECORDS", 1)
    monkeypatch.setattr(gathering, "MOST_HELD", 1)
    found = gathering._holding(access)
    assert (found.answers, found.people, found.groups) == (None, None, None)
    assert found.permitted == report.holding.permitted
    assert found.administrators == report.holding.administrators
