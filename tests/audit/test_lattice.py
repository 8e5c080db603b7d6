"""The lattice of roles, against comparing what each pair of roles permits."""

from hypothesis import given

from rbac.audit.lattice import FEWEST, lattice
from rbac.policy import Policy, unvalidated
from rbac.review import permissions_of
from rbac.rows import Reach, Rows
from rbac.table import DecisionTable
from rbac.vocabulary import ResourceRole
from tests.building import ROLES, small_policy
from tests.strategies import examples, valid_rows

Permitted = frozenset[tuple[object, bool]]


def permits(table: DecisionTable, role: ResourceRole) -> Permitted:
    """What a role permits: each permission on own resources, and on others if it reaches them."""
    return frozenset(
        (permission, own)
        for permission, reach in permissions_of(table, role).items()
        for own in ((False, True) if reach is Reach.ANY else (True,))
    )


@examples(20)
@given(valid_rows())
def test_inclusions_are_those_of_what_roles_permit(rows: Rows) -> None:
    """A chain of direct inclusions leads from a role to another exactly if it permits all of it."""
    table = DecisionTable(Policy(rows))
    sets: dict[ResourceRole, Permitted] = {role: permits(table, role) for role in ROLES}
    found = lattice(table)
    includes = {(each.role, each.other) for each in found.inclusions}
    for each in found.inclusions:
        assert sets[each.other] < sets[each.role]
        assert not any(sets[each.other] < there < sets[each.role] for there in sets.values())
        assert each.said is (each.other in table.includes(each.role))
        gained = sets[each.role] - sets[each.other]
        assert each.beyond == len({permission for permission, _ in gained})
    for role in ROLES:
        for other in ROLES:
            between = any(sets[other] < there < sets[role] for there in sets.values())
            direct = bool(sets[other]) and sets[other] < sets[role] and not between
            assert ((role, other) in includes) is direct


@examples(20)
@given(valid_rows())
def test_duplicates_are_roles_that_permit_the_same(rows: Rows) -> None:
    """Two roles are in one set exactly if they permit the same, and something."""
    table = DecisionTable(Policy(rows))
    together = {frozenset(roles) for roles in lattice(table).duplicates}
    expected = {
        frozenset(other for other in ROLES if permits(table, other) == permits(table, role))
        for role in ROLES
        if permits(table, role)
    }
    assert together == {roles for roles in expected if len(roles) > 1}


def missing(table: DecisionTable, role: ResourceRole, other: ResourceRole) -> set[object]:
    """The permissions of which a role lacks some reach that another has."""
    lacks = permits(table, other) - permits(table, role)
    return {permission for permission, _ in lacks}


def test_near_misses_are_one_grant_away() -> None:
    """With its grant the role permits all of the other, without it not; no near miss is missed."""
    policy = Policy.shipped()
    table = DecisionTable(policy)
    found = {(miss.role, miss.other): miss for miss in lattice(table).near}
    assert found
    for role in ROLES:
        for other in ROLES:
            near = len(missing(table, role, other)) == 1 and permits(table, role)
            large = len(permissions_of(table, other)) >= FEWEST
            assert ((role, other) in found) is bool(near and large)
    for miss in found.values():
        more = policy.rows._replace(grants=(*policy.rows.grants, miss.grant))
        then = DecisionTable(unvalidated(more))
        assert not missing(then, miss.role, miss.other)
        assert miss.equal is (permits(then, miss.role) == permits(then, miss.other))
        assert miss.as_dict()["would_include"] == miss.other.short


def test_a_wider_reach_is_what_is_missing() -> None:
    """A role that has a permission on own resources only lacks it on any."""
    actions = ("get", "list", "update")
    table = DecisionTable(
        small_policy(
            [
                *(f"project_admin project {action} any" for action in actions),
                *(f"project_editor project {action} any" for action in actions[:2]),
                "project_editor project update own",
            ]
        )
    )
    (miss,) = lattice(table).near
    assert miss.as_dict() == {
        "role": "project_editor",
        "would_include": "project_admin",
        "with": ["project_editor", "project", "update", "any"],
        "equal": True,
    }
