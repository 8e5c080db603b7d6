"""Toxic sets of roles, against trying every set of up to three."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.conflicts import LARGEST, toxic
from rbac.audit.invariants import NEVER, TOGETHER, Invariant, Space
from rbac.audit.selections import Names
from rbac.policy import Policy
from rbac.rows import NOWHERE, Rows
from rbac.table import DecisionTable
from rbac.vocabulary import Action, ResourceRole, ResourceType
from tests.audit.test_invariants import Naive, selections
from tests.building import small_policy
from tests.strategies import PRINCIPALS, examples, valid_rows


def together(*sides: Names, on: Names | None = None) -> Invariant:
    """An invariant that keeps some sides apart."""
    chosen = {str(number): side for number, side in enumerate(sides)}
    if on is not None:
        chosen["on"] = on
    return Invariant("apart", "says", "why", "cells", TOGETHER, chosen, (), NOWHERE)


@examples(15)
@given(valid_rows(), st.data())
def test_sets_are_the_smallest_that_have_all_sides(rows: Rows, data: st.DataObject) -> None:
    """A set is listed exactly if its roles have all sides between them and no fewer of them do."""
    naive = Naive(rows)
    sides = [data.draw(selections(rows, permissions_only=True)) for _ in range(2)]
    found = toxic(Space(DecisionTable(Policy(rows))), [together(*sides)])
    listed = {(set_.roles, principal) for set_ in found for principal in set_.principals}
    expected = set()
    for principal in PRINCIPALS:
        has = {
            role: {
                number
                for number, side in enumerate(sides)
                for cell in naive.allowed
                if (cell.principal, cell.role) == (principal, role) and naive.holds(side, cell)
            }
            for role in {cell.role for cell in naive.allowed if cell.principal is principal}
        }
        for size in range(1, LARGEST + 1):
            for roles in itertools.combinations(sorted(has, key=list(ResourceRole).index), size):
                if _all(has, roles) and not any(
                    _all(has, fewer) for fewer in itertools.combinations(roles, size - 1)
                ):
                    expected.add((frozenset(roles), principal))
    assert {(frozenset(roles), principal) for roles, principal in listed} == expected


def _all(has: dict[ResourceRole, set[int]], roles: tuple[ResourceRole, ...]) -> bool:
    return set().union(*(has[role] for role in roles)) == {0, 1}


THREE = [
    frozenset([Action.GET]),
    frozenset([Action.UPDATE]),
    frozenset([Action.DELETE]),
]
POLICY = small_policy(
    [
        "project_admin project get any",
        "project_user project update any",
        "project_editor project delete own",
        "team_admin project delete any",
    ],
    eligible=["runner project_admin", "runner project_user", "user team_admin"],
)


def test_three_sides_take_three_roles() -> None:
    """Where no two roles have all sides, triples are found, for whoever may hold all three."""
    space = Space(DecisionTable(POLICY))
    sides: list[Names] = [{"actions": actions} for actions in THREE]
    assert toxic(space, [together(*sides)]) == ()
    assert [set_.as_dict() for set_ in toxic(space, [together(*sides[:2])])] == [
        {"invariant": "apart", "roles": ["project_admin", "project_user"], "principals": ["runner"]}
    ]


def test_other_forms_make_no_sets() -> None:
    """Only what must not come together is about sets of roles."""
    never = together()._replace(form=NEVER, selections={NEVER: {}})
    assert toxic(Space(DecisionTable(POLICY)), [never]) == ()


def test_roles_that_the_statement_is_not_about_are_in_no_set() -> None:
    """What `on` leaves out is toxic with nothing."""
    space = Space(DecisionTable(POLICY))
    sides: list[Names] = [{"actions": actions} for actions in THREE[:2]]
    admins: Names = {"roles": frozenset([ResourceRole.PROJECT_ADMIN])}
    assert toxic(space, [together(*sides, on=admins)]) == ()
    types: Names = {"types": frozenset([ResourceType.PROJECT])}
    assert len(toxic(space, [together(*sides, on=types)])) == 1
