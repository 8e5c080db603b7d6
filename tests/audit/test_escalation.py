"""Escalation: what hands out roles, and every closure and path against a naive search."""

import pytest
from hypothesis import given

from rbac.audit.escalation import HARMLESS, WAYS, Closure, Escalation, Step, Way
from rbac.policy import Policy, unvalidated
from rbac.review import permissions_of
from rbac.rows import CatalogueRow, DerivedRole, Grant, Level, Reach, Relation, Rows
from rbac.table import DecisionTable
from rbac.vocabulary import Action, ResourceRole, ResourceType
from tests.building import ROLES, WHY, small_policy, small_rows
from tests.strategies import examples, valid_rows

SHIPPED = Escalation(DecisionTable(Policy.shipped()))
R = ResourceRole


def test_every_permission_that_could_hand_out_a_role_is_known() -> None:
    """Each permission of level grant or credential hands out roles, or has the reason why not."""
    rows = Policy.shipped().rows.catalogue
    strong = {
        (row.type, row.action) for row in rows if row.level in (Level.GRANT, Level.CREDENTIAL)
    }
    assert strong == WAYS.keys() | HARMLESS.keys()
    assert not WAYS.keys() & HARMLESS.keys()


def naive(found: Escalation, start: ResourceRole, *, only_sure: bool) -> dict[ResourceRole, int]:
    """How many steps each role takes from `start`; going to a junior takes none."""
    held = dict.fromkeys(found.table.includes(start), 0)
    for count in range(1, len(ROLES) + 1):
        for role in [role for role, steps in held.items() if steps == count - 1]:
            for step in found.steps(role):
                if step.sure or not only_sure:
                    for junior in found.table.includes(step.end):
                        held.setdefault(junior, count)
    return {role: steps for role, steps in held.items() if steps}


def check(found: Escalation, closure: Closure) -> None:
    """Holds a closure to the naive search, its paths to their steps, its counts to their roles."""
    start = closure.role
    for only_sure, paths in ((True, closure.sure), (False, closure.possible)):
        expected = naive(found, start, only_sure=only_sure)
        assert {role: taken(path) for role, path in paths.items()} == expected
        for role, path in paths.items():
            held = start
            for step in path:
                assert step.start is held
                known = step in found.steps(held) or step.end in found.table.includes(held)
                assert known
                assert step.sure or not only_sure
                held = step.end
            assert held is role
    counts = {
        only: len(set().union(*(permissions_of(found.table, role) for role in [start, *paths])))
        for only, paths in (("before", ()), ("sure", closure.sure), ("all", closure.possible))
    }
    assert (closure.before, closure.surely, closure.possibly) == tuple(counts.values())


def taken(path: tuple[Step, ...]) -> int:
    """How many steps of a path hand out a role."""
    return sum(step.permission is not None for step in path)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.short)
def test_closures_of_the_shipped_policy_are_exact_and_shortest(role: ResourceRole) -> None:
    """A role leads to exactly what a naive search finds, by as few steps."""
    check(SHIPPED, SHIPPED.closure(role))


@examples(15)
@given(valid_rows())
def test_closures_of_any_policy_are_exact_and_shortest(rows: Rows) -> None:
    """The same for random policies, whose strong permissions are mostly not known here."""
    found = Escalation(DecisionTable(Policy(rows)))
    for role in {grant.role for grant in rows.grants}:
        check(found, found.closure(role))


@examples(15)
@given(valid_rows())
def test_a_grant_more_never_leads_to_less(rows: Rows) -> None:
    """With one grant fewer, no role leads anywhere that it does not lead with it."""
    fewer = unvalidated(rows._replace(grants=rows.grants[1:]))
    before, after = Escalation(DecisionTable(fewer)), Escalation(DecisionTable(Policy(rows)))
    for role in ROLES:
        held = after.table.includes(role)
        for paths, others in (
            (before.closure(role).sure, after.closure(role).sure),
            (before.closure(role).possible, after.closure(role).possible),
        ):
            assert paths.keys() <= others.keys() | set(held)


def policy_with(type: ResourceType, action: Action, *derived: DerivedRole) -> Escalation:
    """A policy in which users of projects have one permission of level grant, and no other has."""
    rows = small_rows(["project_user project get any", "project_editor project update any"])
    grant = Grant(R.PROJECT_USER, type, action, Reach.ANY, rationale=WHY)
    return Escalation(
        DecisionTable(
            unvalidated(
                rows._replace(
                    catalogue=(*rows.catalogue, CatalogueRow(type, action, Level.GRANT)),
                    grants=(*rows.grants, grant),
                    derived_roles=derived,
                )
            )
        )
    )


ORGANIZATION = ResourceType.ORGANIZATION
MEMBER = DerivedRole(Relation.MEMBER, ORGANIZATION, R.ORG_MEMBER)
ADMIN = DerivedRole(Relation.ADMIN, ORGANIZATION, R.ORG_ADMIN)
ACCOUNT = ResourceType.SERVICE_ACCOUNT
SELF = DerivedRole(Relation.SELF, ACCOUNT, R.SERVICE_ACCOUNT_IDENTITY)

CASES = {
    "share": (policy_with(ResourceType.PROJECT, Action.GRANT), True, len(ROLES) - 1),
    "share elsewhere": (policy_with(ResourceType.RUNNER, Action.GRANT), True, 0),
    "assign": (policy_with(ResourceType.ROLE_ASSIGNMENT, Action.CREATE), True, len(ROLES) - 1),
    "join": (policy_with(ResourceType.GROUP, Action.CREATE_MEMBERSHIP), False, len(ROLES) - 1),
    "set role": (policy_with(ORGANIZATION, Action.SET_ROLE, MEMBER, ADMIN), True, 2),
    "invite": (policy_with(ORGANIZATION, Action.CREATE_INVITE, MEMBER, ADMIN), True, 1),
    "act as": (policy_with(ACCOUNT, Action.CREATE_ACCESS_TOKEN, SELF), True, 1),
    "unknown": (policy_with(ResourceType.COUPON, Action.GRANT), False, len(ROLES) - 1),
    "harmless": (policy_with(ResourceType.GROUP, Action.DELETE_MEMBERSHIP), True, 0),
}


@pytest.mark.parametrize("case", CASES)
def test_each_way_gives_what_it_says(case: str) -> None:
    """A role with one such permission leads to so many others, surely or possibly."""
    found, sure, count = CASES[case]
    closure = found.closure(R.PROJECT_USER)
    assert len(closure.sure if sure else closure.possible) == count
    if not sure:
        assert not closure.sure
    assert found.closure(R.PROJECT_EDITOR).possible == {}


def test_paths_name_every_step() -> None:
    """The way of a groups administrator to everything is by joining a group that has it."""
    closure = SHIPPED.closure(R.ORG_GROUPS_ADMIN)
    (step,) = closure.possible[R.ORG_ADMIN]
    assert R.ORG_ADMIN not in closure.sure
    assert step.way is Way.JOIN
    assert str(step) == (
        "org_groups_admin may create_membership group, which adds a member to a group, "
        "and so gives what the group holds: org_admin, if that holds it"
    )
    member = closure.possible[R.USER_ADMIN]
    assert [each.way for each in member] == [Way.JOIN, Way.INCLUDE]
    assert str(member[-1]) == "org_admin includes user_admin"


def test_roles_that_hand_out_nothing_lead_nowhere() -> None:
    """A viewer, a member and an audit log reader stay what they are."""
    for role in (R.PROJECT_ADMIN, R.ORG_MEMBER, R.ORG_AUDIT_LOG_READER, R.WORKFLOW_VIEWER):
        closure = SHIPPED.closure(role)
        assert closure.possible == closure.sure == {}
        assert closure.before == closure.surely == closure.possibly


def test_a_reach_of_own_leads_as_well() -> None:
    """Handing out roles on own resources alone is handing them out."""
    table = DecisionTable(small_policy(["project_user project grant own"]))
    rows = table.policy.rows
    strong = tuple(
        row._replace(level=Level.GRANT) if row.action is Action.GRANT else row
        for row in rows.catalogue
    )
    found = Escalation(DecisionTable(unvalidated(rows._replace(catalogue=strong))))
    assert len(found.closure(R.PROJECT_USER).sure) == len(ROLES) - 1
