"""Least privilege by use: what was never used may go, and what would do does."""

import itertools
from collections.abc import Iterable, Iterator
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rbac import Authorizer, Directory
from rbac.access import Access
from rbac.audit.decision_log import LoggedDecision
from rbac.audit.unused import AssignedRole, LeastPrivilege
from rbac.audit.usage import UNUSED, Usage
from rbac.decision import Decision
from rbac.entries import SubjectEntry
from rbac.records import Assignment, Membership, Record
from rbac.review import permissions_of
from rbac.rows import Permission, Reach
from rbac.terms import Credential, InstanceQuestion, Resource
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.audit.test_decision_log import NOW
from tests.organization import (
    DIRECTORY,
    EDITOR,
    EDITORS,
    EXECUTION,
    MEMBER,
    OWNER,
    READERS,
    RECORDS,
    ROBOT,
    RUNNER,
    STRANGER,
    WEB,
    WORKFLOW,
    uuid,
)
from tests.strategies import examples
from tests.worlds import World, new_resources, questions, worlds


def allowed(world: World, chance: Random) -> list[Decision]:
    """Some decisions that a world allows, with an action, in a role and in any, new ones too."""
    access = Authorizer(world.policy, world.directory).access
    named = chance.random() < 0.5
    asked = [each for each in questions(world) if each.action and (named or not each.role)]
    chance.shuffle(asked)
    few = chance.choice((1, 3, 20))
    new = itertools.islice(_allowed(access, _new(world)), few // 3)
    return [*itertools.islice(_allowed(access, asked), few), *new]


def _allowed(access: Access, asked: Iterable[InstanceQuestion]) -> Iterator[Decision]:
    for question in asked:
        decision = access.decide(*question)
        if decision.allowed:
            yield decision


def _new(world: World) -> Iterator[InstanceQuestion]:
    rows = world.policy.rows.catalogue
    for new in new_resources(world.directory):
        for row in rows:
            if row.type is new.type:
                for who in world.directory.subjects():
                    yield InstanceQuestion(who.subject, None, new, row.action, Credential())


def usage_of(access: Access, made: Iterable[Decision]) -> Usage:
    """The usage that a log of some decisions shows."""
    usage = Usage(access)
    for decision in made:
        usage.add(LoggedDecision.of(decision, NOW))
    return usage


def still(world: World, changed: Directory, made: Iterable[Decision]) -> bool:
    """Whether every one of some decisions is still allowed by another directory."""
    access = Authorizer(world.policy, changed).access
    return all(access.decide(*each.question).allowed for each in made)


@examples(20)
@given(worlds(), st.randoms(use_true_random=False))
def test_what_nobody_used_may_go_together(world: World, chance: Random) -> None:
    """Without every assignment that no member used, all that was decided is decided alike."""
    made = allowed(world, chance)
    access = Authorizer(world.policy, world.directory).access
    found = list(LeastPrivilege(usage_of(access, made)).assignments())
    assert len(found) == sum(
        map(len, map(world.directory.assignments, access.directory.tables.assigned))
    )
    going = [each.assignment for each in found if not each.users]
    assert still(world, world.directory.changed(remove=going), made)


@examples(20)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_smaller_roles_would_do_together(world: World, chance: Random) -> None:
    """With the roles that would do in place of each assignment, all is decided alike."""
    made = allowed(world, chance)
    access = Authorizer(world.policy, world.directory).access
    instead: set[tuple[str, Resource, ResourceRole]] = set()
    going = {}
    there = set()
    for each in LeastPrivilege(usage_of(access, made)).assignments():
        group, thing, given = each.assignment[1:4]
        there.add((group, thing, given))
        if each.smaller is None:
            continue
        going[group, thing, given] = each.assignment
        instead |= {(group, thing, role) for role in each.smaller}
        for role in each.smaller:
            assert cells(access, [role]) < cells(access, [given])
    coming: list[Record] = [
        Assignment(uuid(0x900 + number), *each)
        for number, each in enumerate(sorted(instead - there, key=str))
    ]
    gone = [assignment for each, assignment in going.items() if each not in instead]
    assert still(world, world.directory.changed(remove=gone, add=coming), made)


@examples(20)
@given(worlds(), st.randoms(use_true_random=False))
def test_no_fewer_roles_would_do(world: World, chance: Random) -> None:
    """Of one or two smaller roles that permit all that was used, the fewest are found."""
    made = [each for each in allowed(world, chance) if not each.question.role]
    access = Authorizer(world.policy, world.directory).access
    for each in LeastPrivilege(usage_of(access, made)).assignments():
        if not each.users:
            assert each.smaller == ()
            continue
        less = list(_less(access, each))
        pairs = itertools.combinations(less, 2)
        found = [{role} for role in less if _do(access, [role], each)]
        found = found or [{*pair} for pair in pairs if _do(access, pair, each)]
        if found and len(found[0]) == 1:
            assert each.smaller is not None
        if found and each.smaller is not None:
            assert {*each.smaller} in found


def _less(access: Access, assigned: AssignedRole) -> Iterator[ResourceRole]:
    """The roles that could be assigned instead and permit less, and nothing else."""
    table, assignment = access.table, assigned.assignment
    members = {each.principal for each in access.directory.tables.members[assignment.group]}
    present = cells(access, [assignment.role])
    for row in table.policy.rows.roles:
        if row.assigned_on is assignment.resource.type and row.assignable:
            open_to_all = all(table.eligible(each, row.role) for each in members)
            if open_to_all and cells(access, [row.role]) < present:
                yield row.role


def _do(access: Access, roles: Iterable[ResourceRole], assigned: AssignedRole) -> bool:
    """Whether some roles permit all that was used, each thing in one of them."""
    wanted = ({(each, reach)} for each, reach in assigned.used.permissions.items())
    return all(any(want <= cells(access, [role]) for role in roles) for want in wanted)


def cells(access: Access, roles: Iterable[ResourceRole]) -> set[tuple[Permission, Reach]]:
    """What roles permit on any resource, and on own ones."""
    return {
        (permission, each)
        for role in roles
        for permission, reach in permissions_of(access.table, role).items()
        for each in ((Reach.ANY, Reach.OWN) if reach is Reach.ANY else (Reach.OWN,))
    }


@examples(12)
@given(worlds(), st.randoms(use_true_random=False))
def test_a_use_is_alone_exactly_if_taking_the_role_away_stops_it(
    world: World, chance: Random
) -> None:
    """Decisions rest on one assignment alone if they are denied without that one."""
    made = allowed(world, chance)
    access = Authorizer(world.policy, world.directory).access
    usage = usage_of(access, made)
    assert usage.of(STRANGER, uuid(1)) == UNUSED
    assert usage.unexplained == 0
    for entry in world.directory.tables.assigned:
        for assignment in world.directory.assignments(entry):
            after = world.directory.changed(remove=[assignment])
            then = Authorizer(world.policy, after).access
            for who in world.directory.subjects():
                mine = [each for each in made if each.question.subject == who.subject]  # type: ignore[union-attr]
                stopped = [each for each in mine if not then.decide(*each.question).allowed]
                assert usage.of(who.subject, assignment.id).alone == len(stopped)


HERE = Authorizer(directory=DIRECTORY)


def entry() -> SubjectEntry:
    """The editor's entry."""
    found = DIRECTORY.subject(EDITOR)
    assert found
    return found


def test_what_an_editor_read_takes_no_editor() -> None:
    """Who only read a project, in no role by name, would do with the role of a user."""
    reads = [HERE.authorize(EDITOR, Action.GET, WEB)] * 3
    holder = LeastPrivilege(usage_of(HERE.access, reads)).holder(entry())
    assert holder.allowed == 3
    held = {role.hold.role: role for role in holder.roles}
    assert {*held} == {ResourceRole.PROJECT_EDITOR, ResourceRole.WORKFLOW_EXECUTOR}
    editor = held[ResourceRole.PROJECT_EDITOR]
    get = Permission(Action.GET, ResourceType.PROJECT)
    assert editor.used == ({get: Reach.ANY}, frozenset(), 3, 3)
    assert editor.smaller == (ResourceRole.PROJECT_USER,)
    assert held[ResourceRole.WORKFLOW_EXECUTOR].smaller == ()
    assert held[ResourceRole.WORKFLOW_EXECUTOR].never_used
    assert holder.used == {get}
    assert holder.never_used == holder.permissions - {get}


def test_acting_in_a_role_by_name_takes_a_role_that_includes_it() -> None:
    """Whoever asked as an editor must stay one, though what was asked takes less."""
    reads = [HERE.check(EDITOR, ResourceRole.PROJECT_EDITOR, WEB, Action.GET)]
    holder = LeastPrivilege(usage_of(HERE.access, reads)).holder(entry())
    held = {role.hold.role: role for role in holder.roles}
    assert held[ResourceRole.PROJECT_EDITOR].smaller is None


def test_what_an_owner_does_rests_on_no_assignment() -> None:
    """A relation gives a role that nobody assigned: it is used, and nothing assigned is."""
    updates = [HERE.authorize(OWNER, Action.UPDATE, WEB)]
    usage = usage_of(HERE.access, updates)
    assert usage.allowed == {OWNER: 1}
    assert all(usage.of(OWNER, each.id) == UNUSED for each in RECORDS.assignments)
    assert usage.unexplained == 0


def test_a_role_for_own_resources_carries_nothing_else() -> None:
    """Of two roles, the one that permits it on own resources alone is not used for another's."""
    directory = DIRECTORY.changed(
        add=[
            Assignment(uuid(0x77), READERS, WORKFLOW, ResourceRole.WORKFLOW_VIEWER),
            Membership(uuid(0x78), READERS, MEMBER),
            Membership(uuid(0x79), EDITORS, MEMBER),
            Membership(uuid(0x7A), READERS, EDITOR),
        ]
    )
    here = Authorizer(directory=directory)
    made = [here.authorize(who, Action.GET, EXECUTION) for who in (MEMBER, EDITOR)]
    assert all(made)
    usage = usage_of(here.access, made)
    executor, viewer = uuid(52), uuid(0x77)
    get = Permission(Action.GET, ResourceType.WORKFLOW_EXECUTION)
    assert usage.of(MEMBER, executor) == UNUSED
    assert usage.of(MEMBER, viewer) == ({get: Reach.ANY}, frozenset(), 1, 1)
    for assignment in (executor, viewer):
        assert usage.of(EDITOR, assignment) == ({get: Reach.OWN}, frozenset(), 1, 0)


def test_a_second_permission_is_used_as_well() -> None:
    """Who used a project that needs a runner has used the runner, by whatever gave it."""
    directory = DIRECTORY.changed(
        add=[Assignment(uuid(0x77), EDITORS, RUNNER, ResourceRole.RUNNER_USER)]
    )
    here = Authorizer(directory=directory)
    decision = here.authorize(EDITOR, Action.USE, WEB)
    assert decision
    usage = usage_of(here.access, [decision])
    runner = usage.of(EDITOR, uuid(0x77))
    assert runner.permissions == {Permission(Action.USE, ResourceType.RUNNER): Reach.ANY}
    assert (runner.decisions, runner.alone) == (1, 1)


def test_a_requirement_that_cannot_be_met_any_more_explains_nothing() -> None:
    """Where the project names no runner now, using it then is laid at nobody's door."""
    share = Assignment(uuid(0x77), EDITORS, RUNNER, ResourceRole.RUNNER_USER)
    then = Authorizer(directory=DIRECTORY.changed(add=[share]))
    decision = then.authorize(EDITOR, Action.USE, WEB)
    assert decision
    resources = [
        each._replace(references=()) if each.resource == WEB else each for each in RECORDS.resources
    ]
    now = Directory(RECORDS._replace(resources=resources))
    usage = usage_of(Authorizer(directory=now).access, [decision])
    assert usage.unexplained == 1
    assert usage.of(EDITOR, RECORDS.assignments[0].id) == UNUSED


def test_what_used_nothing_is_counted_apart() -> None:
    """Denied, about kinds, without an action, and what nothing explains any more."""
    gone = InstanceQuestion(EDITOR, None, Resource(ResourceType.PROJECT, uuid(0x99)), Action.GET)
    made = [
        HERE.authorize(STRANGER, Action.GET, WEB),
        HERE.authorize(None, Action.GET, WEB),
        HERE.check(Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.GET),
        HERE.check(EDITOR, ResourceRole.PROJECT_EDITOR, WEB),
    ]
    usage = usage_of(HERE.access, made)
    good = LoggedDecision.of(HERE.authorize(EDITOR, Action.GET, WEB), NOW)
    for question in (
        gone,
        gone._replace(subject=STRANGER),
        gone._replace(resource=WEB, action=Action.GRANT),
        gone._replace(resource=Resource.new(ResourceType.TASK, (WEB,)), action=Action.CREATE),
    ):
        usage.add(good._replace(question=question))
    assert (usage.denied, usage.about_kinds, usage.without_action) == (2, 1, 1)
    assert usage.unexplained == 4
    assert usage.of(EDITOR, RECORDS.assignments[0].id) == UNUSED
    assert usage.period.decisions == 8


def test_an_assignment_is_judged_by_all_its_members() -> None:
    """What one member used, the role must permit; how many used it is said."""
    made = [HERE.authorize(ROBOT, Action.GET, WEB), HERE.authorize(EDITOR, Action.UPDATE, WEB)]
    found = {
        each.assignment.id: each
        for each in LeastPrivilege(usage_of(HERE.access, made)).assignments()
    }
    editors, readers, executors = (found[uuid(number)] for number in (50, 51, 52))
    assert (editors.users, editors.members, editors.smaller) == (1, 2, None)
    assert (readers.users, readers.members, readers.assignment.group) == (1, 1, READERS)
    assert (executors.users, executors.smaller) == (0, ())
