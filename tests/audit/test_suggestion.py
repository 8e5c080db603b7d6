"""Least privilege: every smallest set of roles, against trying them all."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.suggestion import Suggestion, Suggestions, Want, suggest
from rbac.policy import Policy
from rbac.review import permissions_of
from rbac.rows import Permission, Reach, Rows
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.building import ROLES
from tests.strategies import PRINCIPALS, examples, valid_rows

Permitted = set[tuple[Permission, bool]]


def permits(table: DecisionTable, role: ResourceRole) -> Permitted:
    """What a role permits: each permission on own resources, and on others if it reaches them."""
    return {
        (permission, own)
        for permission, reach in permissions_of(table, role).items()
        for own in ((False, True) if reach is Reach.ANY else (True,))
    }


def cells(wants: list[Want]) -> Permitted:
    """What wants need: on any resource, other than own and own."""
    return {
        (want.permission, own)
        for want in wants
        for own in ((False, True) if want.reach is Reach.ANY else (True,))
    }


@examples(40)
@given(valid_rows(), st.sampled_from(PRINCIPALS), st.booleans(), st.data())
def test_the_smallest_sets_are_all_there_are(
    rows: Rows, principal: Principal, assignable: bool, data: st.DataObject
) -> None:
    """No fewer roles do, no set of as few is missed, and beyond is exactly what is not wanted."""
    table = DecisionTable(Policy(rows))
    known = [Permission(row.action, row.type) for row in rows.catalogue]
    wants = st.builds(Want, st.sampled_from(known), st.sampled_from(Reach))
    wanted = data.draw(st.lists(wants, min_size=1, max_size=4, unique=True))
    may = {row.role for row in rows.eligibility if row.principal is principal}
    may &= {row.role for row in rows.roles if row.assignable or not assignable}
    has = {role: permits(table, role) for role in may if permits(table, role)}
    needed = cells(wanted)
    found = suggest(table, wanted, principal, assignable=assignable)
    missing = [want for want in wanted if not any(cells([want]) <= each for each in has.values())]
    assert list(found.missing) == missing
    if missing:
        assert found.choices == ()
        return
    smallest = next(
        sets
        for size in range(1, len(wanted) + 1)
        if (sets := [each for each in itertools.combinations(has, size) if _do(has, each, wanted)])
    )
    assert {frozenset(choice.roles) for choice in found.choices} == set(map(frozenset, smallest))
    for choice in found.choices:
        union = set().union(*(has[role] for role in choice.roles))
        assert cells(list(choice.beyond)) - needed == union - needed
        assert all(cells([want]) - needed for want in choice.beyond)
    sizes = [len(choice.beyond) for choice in found.choices]
    assert sizes == sorted(sizes)


def _do(
    has: dict[ResourceRole, Permitted], roles: tuple[ResourceRole, ...], wanted: list[Want]
) -> bool:
    return all(any(cells([want]) <= has[role] for role in roles) for want in wanted)


def test_what_is_wanted_of_the_shipped_policy() -> None:
    """An editor is the one role for updating a project and writing its secrets, or its seniors."""
    table = DecisionTable(Policy.shipped())
    wanted = [
        Want(Permission(Action.UPDATE, ResourceType.PROJECT), Reach.ANY),
        Want(Permission(Action.CREATE, ResourceType.SECRET), Reach.ANY),
    ]
    found = suggest(table, wanted, Principal.USER)
    assert [[role.short for role in choice.roles] for choice in found.choices] == [
        ["project_editor"],
        ["project_admin"],
        ["org_projects_admin"],
        ["org_admin"],
    ]
    assert len(found.choices[0].beyond) == len(permissions_of(table, ROLES_EDITOR)) - 2
    assert suggest(table, wanted, Principal.RUNNER) == Suggestions((), tuple(wanted))


ROLES_EDITOR = ResourceRole.PROJECT_EDITOR


def test_nothing_wanted_takes_no_role() -> None:
    """The empty set is the smallest there is."""
    table = DecisionTable(Policy.shipped())
    assert suggest(table, [], Principal.USER) == Suggestions((Suggestion((), ()),), ())
    assert ROLES_EDITOR in ROLES
