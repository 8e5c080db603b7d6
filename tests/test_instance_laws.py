"""The laws of a decision about somebody: each has a name that can be said and one sentence."""

import itertools
import threading
from collections.abc import Iterable, Iterator

from hypothesis import assume, given
from hypothesis import strategies as st

from rbac import Authorizer, Credential, Decision, Directory, Policy, Reason
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, Guard, inactive_subject
from rbac.records import Records
from rbac.rows import Reach
from rbac.semantics import includes, met, owns, thing
from rbac.terms import InstanceQuestion
from rbac.vocabulary import Action, ResourceRole
from tests.organization import DIRECTORY, EDITOR, EDITORS, WEB
from tests.strategies import examples
from tests.worlds import CREDENTIALS, NOW, World, questions, uuid, worlds

USUAL = (inactive_subject(lambda: NOW), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL)

Answers = dict[InstanceQuestion, Decision]


def authorizer_of(world: World, guards: Iterable[Guard] = USUAL) -> Authorizer:
    """What answers in a world."""
    return Authorizer(world.policy, world.directory, guards=guards)


def asked(world: World, *, in_roles: bool = False) -> Iterator[InstanceQuestion]:
    """Every question of a world with an action, without a role or with one."""
    for question in questions(world):
        if question.action is not None and (question.role is not None) is in_roles:
            yield question


def answers(
    world: World,
    guards: Iterable[Guard] = USUAL,
    *,
    in_roles: bool = False,
    credential: Credential | None = None,
) -> Answers:
    """The decision on every question of a world."""
    access = authorizer_of(world, guards).access
    every = asked(world, in_roles=in_roles)
    given = (question._replace(credential=credential) for question in every)
    return {question: access.decide(*question) for question in given}


def allowed(world: World, guards: Iterable[Guard] = USUAL) -> set[InstanceQuestion]:
    """Every question of a world that is allowed."""
    return {question for question, decision in answers(world, guards).items() if decision}


def reasons(world: World) -> dict[InstanceQuestion, Reason]:
    """The reason of the decision on every question of a world."""
    return {question: decision.reason for question, decision in answers(world).items()}


def with_records(world: World, records: Records) -> World:
    """The same policy with other records."""
    return world._replace(directory=Directory(records, policy=world.policy))


def with_policy(world: World, policy: Policy) -> World:
    """The same records under another policy."""
    return World(policy, Directory(world.directory.records, policy=policy))


@examples(15)
@given(worlds())
def test_default_deny(world: World) -> None:
    """Where nobody is in a group and no relation gives a role, nobody may do anything."""
    alone = world.directory.records._replace(memberships=())
    policy = Policy(world.policy.rows._replace(derived_roles=()))
    assert not allowed(World(policy, Directory(alone, policy=policy)))


@examples(15)
@given(worlds(), st.data())
def test_adding_a_membership_never_takes_access_away(world: World, data: st.DataObject) -> None:
    """With one member fewer, nothing is allowed that was not allowed with it."""
    records = world.directory.records
    assume(records.memberships)
    lost = data.draw(st.sampled_from(records.memberships))
    kept = [each for each in records.memberships if each is not lost]
    assert allowed(with_records(world, records._replace(memberships=kept))) <= allowed(world)


@examples(15)
@given(worlds(), st.data())
def test_adding_an_assignment_never_takes_access_away(world: World, data: st.DataObject) -> None:
    """With one assignment fewer, nothing is allowed that was not allowed with it."""
    records = world.directory.records
    assume(records.assignments)
    lost = data.draw(st.sampled_from(records.assignments))
    kept = [each for each in records.assignments if each is not lost]
    assert allowed(with_records(world, records._replace(assignments=kept))) <= allowed(world)


@examples(15)
@given(worlds(), st.data())
def test_the_order_of_records_does_not_matter(world: World, data: st.DataObject) -> None:
    """The same records in another order decide the same and are the same directory."""
    records = world.directory.records
    other = {name: data.draw(st.permutations(table)) for name, table in records._asdict().items()}
    shuffled = with_records(world, Records(**other))
    assert shuffled.directory == world.directory
    assert reasons(shuffled) == reasons(world)


@examples(15)
@given(worlds())
def test_repetition_does_not_matter(world: World) -> None:
    """An assignment said twice, under two ids, says what it said once."""
    records = world.directory.records
    again = records._replace(
        assignments=[
            *records.assignments,
            *(each._replace(id=uuid(8, n)) for n, each in enumerate(records.assignments)),
        ],
    )
    assert reasons(with_records(world, again)) == reasons(world)


@examples(15)
@given(worlds())
def test_a_senior_may_all_that_its_junior_may(world: World) -> None:
    """Whoever may do something in a junior role may do it in a senior one that it holds there."""
    decisions = answers(world, in_roles=True)
    for question, decision in decisions.items():
        for row in world.policy.rows.seniority if decision else ():
            if row.junior is question.role:
                senior = decisions[question._replace(role=row.senior)]
                assert senior or senior.reason in (Reason.NOT_ELIGIBLE, Reason.NOT_HELD)


@examples(15)
@given(worlds())
def test_a_containers_holder_holds_within_it(world: World) -> None:
    """A role on a resource is held on all that lies within it, and so are its juniors."""
    directory = world.directory
    decisions = answers(world, (), in_roles=True)
    held = {
        (membership.subject, assignment.role, assignment.resource)
        for assignment in directory.records.assignments
        if assignment.derived_from is ResourceRole.UNSPECIFIED
        for membership in directory.members(assignment.group)
    }
    for question, decision in decisions.items():
        if decision.reason is not Reason.NOT_HELD:
            continue
        about = directory.resource(question.resource)  # type: ignore[arg-type]
        assert about
        assert question.subject
        assert question.role
        for scope in (about, *about.above):
            for subject, role, resource in held:
                if (subject, resource) == (question.subject, scope.resource) and may_hold(
                    world, question, role
                ):
                    assert not includes(world.policy, role, question.role)


def may_hold(world: World, question: InstanceQuestion, role: ResourceRole) -> bool:
    """Whether the subject of a question may hold a role at all."""
    assert question.subject
    pair = (question.subject.principal, role)
    return pair in {(row.principal, row.role) for row in world.policy.rows.eligibility}


@examples(15)
@given(worlds(), st.sampled_from(CREDENTIALS))
def test_a_guard_never_adds(world: World, credential: Credential | None) -> None:
    """What is allowed with guards is allowed without them."""
    without = answers(world, (), credential=credential)
    for question, decision in answers(world, credential=credential).items():
        assert without[question] or not decision


@examples(15)
@given(worlds())
def test_a_requirement_never_adds(world: World) -> None:
    """What is allowed with requirements is allowed by the policy without them."""
    freed = with_policy(world, Policy(world.policy.rows._replace(requirements=())))
    assert allowed(world) <= allowed(freed)


@examples(15)
@given(worlds())
def test_an_instances_allow_implies_the_kinds_allow(world: World) -> None:
    """What somebody may do in a role, such a principal may do in it on its own resources."""
    kinds = Authorizer(world.policy)
    for question, decision in answers(world, in_roles=True).items():
        subject, role, resource, action, _ = question
        if decision:
            assert subject
            assert role
            assert kinds.check(subject.principal, role, resource.type, action, own=True)


@examples(15)
@given(worlds())
def test_derived_rows_change_no_answer(world: World) -> None:
    """Without the rows that are kept for audits, every answer is the same."""
    records = world.directory.records
    given = [each for each in records.assignments if each.derived_from.name == "UNSPECIFIED"]
    assert reasons(with_records(world, records._replace(assignments=given))) == reasons(world)


def is_own(records: Records, question: InstanceQuestion) -> bool:
    """Whether a resource is one's own, by the definition."""
    about = thing(records, question.resource)
    assert about
    assert question.subject
    return owns(records, question.subject, about)


@examples(15)
@given(worlds())
def test_an_allow_rests_on_what_is_there(world: World) -> None:
    """The grant is the policy's, and its role is given there by a row of one's own group."""
    directory, policy, records = world.directory, world.policy, world.directory.records
    given = [each for each in records.assignments if each.derived_from.name == "UNSPECIFIED"]
    members = {(each.group, each.subject) for each in records.memberships}
    for question, decision in answers(world).items():
        if not decision:
            continue
        grant, hold = decision.grant, decision.hold
        assert grant
        assert hold
        assert grant in policy.rows.grants
        assert (grant.action, grant.type) == (question.action, question.resource.type)
        assert includes(policy, hold.role, grant.role)
        about = directory.resource(question.resource)  # type: ignore[arg-type]
        assert about
        assert grant.reach is Reach.ANY or is_own(records, question)
        assert hold.on in [each.resource for each in (about, *about.above)]
        if hold.assignment is None:
            assert hold.relation in {row.relation for row in policy.rows.derived_roles}
        else:
            assert hold.assignment in given
            assert (hold.assignment.group, question.subject) in members
            assert (hold.assignment.role, hold.assignment.resource) == (hold.role, hold.on)


@examples(8)
@given(worlds(), st.sampled_from(CREDENTIALS))
def test_the_actions_of_a_decision_are_what_is_allowed(
    world: World, credential: Credential | None
) -> None:
    """Every decision lists exactly the actions that are allowed there, in the same role."""
    for in_roles in (False, True):
        decisions = answers(world, in_roles=in_roles, credential=credential)
        may: dict[InstanceQuestion, set[Action]] = {}
        for question, decision in decisions.items():
            actions = may.setdefault(question._replace(action=None), set())
            if decision and question.action:
                actions.add(question.action)
        for question, decision in itertools.islice(decisions.items(), 0, None, 3):
            assert decision.actions == may[question._replace(action=None)]


@examples(15)
@given(worlds(), st.sampled_from(CREDENTIALS))
def test_the_unmet_requirements_are_those(world: World, credential: Credential | None) -> None:
    """A denial names every requirement of its permission that is not met, and no other."""
    records = world.directory.records
    standing = {record.subject: record for record in records.subjects}
    for question, decision in answers(world, credential=credential).items():
        assert bool(decision.unmet) is (decision.reason is Reason.REQUIREMENT_NOT_MET)
        about = thing(records, question.resource)
        for row in decision.requirements if decision.unmet else ():
            assert question.subject
            assert about
            who = standing[question.subject]
            is_met = met(world.policy, records, row.need, who, about, credential)
            assert (row in decision.unmet) is not is_met


def test_threads_never_see_two_directories_mixed() -> None:
    """While directories are swapped, every decision is by the one that it says it is by."""
    membership = next(each for each in DIRECTORY.members(EDITORS) if each.subject == EDITOR)
    without = DIRECTORY.changed(remove=[membership])
    authorizer = Authorizer(directory=DIRECTORY)
    expected: dict[str | None, bool] = {DIRECTORY.digest: True, without.digest: False}
    assert len(expected) == 2
    requests = [(EDITOR, Action.UPDATE, WEB)] * 20
    wrong: list[object] = []
    seen: set[bool] = set()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            one = authorizer.authorize(EDITOR, Action.UPDATE, WEB)
            many = authorizer.authorize_many(requests)
            seen.add(one.allowed)
            if one.allowed is not expected[one.directory_revision]:
                wrong.append(one)
            if (Action.UPDATE in one.actions) is not one.allowed:
                wrong.append(one)
            if len({(each.allowed, each.directory_revision) for each in many}) != 1:
                wrong.append(many)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    swaps = itertools.cycle((without, DIRECTORY))
    for directory in itertools.islice(swaps, 200):
        authorizer.reload(directory=directory)
    while len(seen) < 2 and all(thread.is_alive() for thread in threads):
        authorizer.reload(directory=next(swaps))
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert seen == {True, False}
