"""What a change would break is what is more broken after it, by the definition."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import (
    AccessDenied,
    Authorizer,
    Policy,
    PolicyError,
    RequestError,
    Resource,
    ResourceRole,
    ResourceType,
)
from rbac import constraint_changes as module
from rbac.access import Access
from rbac.administration import Assign, Change, RemoveMember
from rbac.constraint_changes import Foresight, Shift
from rbac.constraint_rows import Cardinality, Prerequisite, Scoped, StaticSeparation
from rbac.constraints import Constraints
from rbac.directory import Directory
from rbac.granting import Granting
from rbac.movement import Movement
from rbac.records import Assignment, Records
from rbac.semantics import scopes, thing
from rbac.table import DecisionTable
from tests.constraint_definition import Broken, constraints_of, excess, unchecked
from tests.organization import (
    ACME,
    ADMIN,
    DIRECTORY,
    EDITOR,
    EDITORS,
    MEMBER,
    READERS,
    WEB,
    uuid,
)
from tests.steps import steps
from tests.strategies import examples
from tests.worlds import EVERY, SUBJECTS, World

R, T = ResourceRole, ResourceType


@examples(10)
@given(steps())
def test_a_movement_is_what_the_changed_directory_gives(
    step: tuple[World, Change, Directory],
) -> None:
    """Whoever is concerned is given what the movement says; nobody else, nowhere else differs."""
    world, change, made = step
    table = DecisionTable(world.policy)
    before, then = (Access(table, each, ()) for each in (world.directory, made))
    movement = Movement(before, change)
    concerned = {pair[0].subject: pair for pair in movement.concerned()}
    for entry in world.directory.resources():
        left = made.resource(entry.resource)
        if left is None:
            continue
        for who in world.directory.subjects():
            now = made.subject(who.subject)
            assert now
            was, given_after = before.given(who, entry), then.given(now, left)
            if who.subject in concerned:
                assert movement.given(concerned[who.subject], entry) == (was, given_after)
            if was != given_after:
                assert who.subject in concerned
                assert not set(movement.scopes).isdisjoint((entry, *entry.above))
                assert (was ^ given_after) & ~movement.bits == 0


def severities(world: World, records: Records, constraint: Scoped) -> dict[Broken, int]:
    """By how much a constraint is broken on each scope that is there."""
    groups = [Resource(T.GROUP, each.id) for each in records.groups]
    found = excess(world.policy, records, constraint, [*EVERY, *groups])
    return {key: max(by, 0) for key, by in found}


def about(records: Records, shift: Shift, constraint: Scoped) -> Iterator[Resource]:
    """The scopes that a shift may be about."""
    groups = [Resource(T.GROUP, each.id) for each in records.groups]
    for resource in [*EVERY, *groups]:
        there = thing(records, resource) if resource.type is constraint.scope else None
        if there and shift.on in [scope.resource for scope in scopes(records, there)]:
            yield resource


def worse(old: dict[Broken, int], new: dict[Broken, int]) -> set[Broken]:
    """What is more broken than before; what was not there was not broken."""
    return {key for key, by in new.items() if by > old.get(key, 0)}


def better(old: dict[Broken, int], new: dict[Broken, int]) -> set[Broken]:
    """What is less broken than before, of what is there still."""
    return {key for key, by in old.items() if key in new and by > new[key]}


def side(shift: Shift) -> str:
    """Whether a shift is of too many or of too few holders."""
    constraint = shift.constraint
    if not isinstance(constraint, Cardinality):
        return ""
    many = constraint.at_most is not None and shift.number > constraint.at_most
    return "many" if many else "few"


@pytest.mark.parametrize("few", [module.FEW, 0])
def test_shifts_are_what_the_definition_says(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What gets worse or better by a change is told, and nothing else, one by one or not."""
    monkeypatch.setattr(module, "FEW", few)

    @examples(10)
    @given(steps(), st.data())
    def told(step: tuple[World, Change, Directory], data: st.DataObject) -> None:
        world, change, made = step
        table = DecisionTable(world.policy)
        access = Access(table, world.directory, ())
        for constraint in data.draw(some(world)):
            old = severities(world, world.directory.records, constraint)
            new = severities(world, made.records, constraint)
            foresight = Foresight(access, unchecked(world.policy, constraint))
            shifts = list(foresight.shifts(change))
            for expected, ours in (
                (worse(old, new), [each for each in shifts if each.worse]),
                (better(old, new), [each for each in shifts if not each.worse]),
            ):
                check(expected, ours, made.records)

    told()


def some(world: World) -> st.SearchStrategy[list[Scoped]]:
    """Some constraints, of every kind that there is."""
    pair = pair_of(world)
    on_groups: list[Scoped] = [
        StaticSeparation("g", "", 1, T.GROUP, pair),
        Prerequisite("q", "", pair[0], pair[1:], T.GROUP),
        Cardinality("h", "", pair[0], T.GROUP, 1, 1),
    ]
    every = [*constraints_of(world), *on_groups]
    return st.lists(st.sampled_from(every), min_size=8, max_size=8, unique=True)


def pair_of(world: World) -> tuple[ResourceRole, ResourceRole]:
    """Two roles that are given in a world, so that something can be wrong."""
    given = {each.role for each in world.directory.records.assignments}
    first, second, *_ = [*sorted(given, key=str), R.ORG_ADMIN, R.ORG_MEMBER]
    return first, second


def check(expected: set[Broken], shifts: list[Shift], records: Records) -> None:
    """Every shift is about a scope that shifted, and every scope that shifted is told of."""
    told: set[Broken] = set()
    for shift in shifts:
        constraint = shift.constraint
        covered = {
            (constraint.name, side(shift), shift.subject, scope)
            for scope in about(records, shift, constraint)
        }
        assert covered & expected, shift
        told |= covered
    assert expected <= told


@examples(8)
@given(steps(), st.data())
def test_a_change_is_refused_iff_it_makes_something_worse(
    step: tuple[World, Change, Directory], data: st.DataObject
) -> None:
    """Of what is allowed without constraints, exactly what breaks none of them stays allowed."""
    world, change, made = step
    authorizer = Authorizer(world.policy, world.directory)
    free = Granting(authorizer)
    constraints = data.draw(some(world))
    broken = any(
        worse(
            severities(world, world.directory.records, each),
            severities(world, made.records, each),
        )
        for each in constraints
    )
    bound = Granting(authorizer, unchecked(world.policy, *constraints))
    for actor in SUBJECTS:
        try:
            allowed = free.may(actor, change)
        except RequestError:  # nobody is asked: nothing of the kind is possible in this world
            continue
        decision = bound.may(actor, change)
        assert decision.allowed is (allowed.allowed and not broken)
        if not allowed:
            assert (decision.reason, decision.guard) == (allowed.reason, allowed.guard)
        elif broken:
            assert (decision.guard or "").startswith("constraint ")


APART = StaticSeparation("apart", "because", 1, T.PROJECT, (R.PROJECT_EDITOR, R.ORG_GROUPS_ADMIN))
TWO = Cardinality("two", "because", R.ORG_ADMIN, T.ORGANIZATION, 2)


def test_a_decision_names_the_constraint_with_whom_and_where() -> None:
    """Whoever may give a role is told which constraint that would break, for whom, and where."""
    granting = Granting(Authorizer(directory=DIRECTORY), Constraints([APART]))
    decision = granting.may_assign(ADMIN, R.ORG_GROUPS_ADMIN, EDITORS, ACME)
    assert decision.guard == (
        f"constraint apart: {EDITOR} has project_editor and org_groups_admin on {WEB}, "
        "at most 1 of them may be"
    )
    assert granting.may_assign(ADMIN, R.ORG_GROUPS_ADMIN, READERS, ACME)
    with pytest.raises(AccessDenied, match="constraint apart"):
        granting.apply(ADMIN, Assign(R.ORG_GROUPS_ADMIN, EDITORS, ACME))


def test_constraints_that_make_no_sense_are_refused_before_anything_is_asked() -> None:
    """Under a policy in which one role includes the other, nothing is decided by halves."""
    rows = DIRECTORY.policy.rows
    closer = rows.seniority[0]._replace(senior=R.ORG_GROUPS_ADMIN, junior=R.PROJECT_EDITOR)
    policy = Policy(rows._replace(seniority=(*rows.seniority, closer)))
    with pytest.raises(PolicyError, match="nobody could hold org_groups_admin"):
        Granting(Authorizer(policy, DIRECTORY.under(policy)), Constraints([APART]))


def test_whoever_mends_a_directory_may_do_it_step_by_step() -> None:
    """What is wrong already stands in the way of nothing but making it worse."""
    wrong = DIRECTORY.changed(add=[_given(EDITORS, ACME, R.ORG_GROUPS_ADMIN)])
    granting = Granting(Authorizer(directory=wrong), Constraints([APART, TWO]))
    assert granting.may(ADMIN, RemoveMember(EDITOR, EDITORS))
    assert granting.may_assign(ADMIN, R.PROJECT_USER, EDITORS, WEB)
    refused = granting.may_add_member(ADMIN, MEMBER, EDITORS).guard
    assert refused
    assert refused.startswith(f"constraint apart: {MEMBER} has project_editor and org_groups_admin")


def _given(group: str, on: Resource, role: ResourceRole) -> Assignment:
    return Assignment(uuid(90), group, on, role)
