"""The shipped policy as a policy: complete, reachable, and without a surprise."""

from rbac.policy import Policy
from rbac.review import seniors_of
from rbac.rows import DerivedRole, Grant, Level, Permission, Reach, Relation
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.data import read

POLICY = Policy.shipped()
TABLE = DecisionTable(POLICY)
ROWS = POLICY.rows

CREATES = {
    Action.CREATE,
    Action.CREATE_BULK,
    Action.CREATE_FROM_ENVIRONMENT,
    Action.CREATE_FROM_PROJECT,
}
"""Actions on what does not exist yet: a role held on the resource itself does not help."""


def scopes(type: ResourceType) -> set[ResourceType]:
    """The type and every type that may contain it, at any distance."""
    found = {type}
    while True:
        parents = {row.parent for row in ROWS.containment if row.child in found} - found
        if not parents:
            return found
        found |= parents


def held_on(role: ResourceRole, type: ResourceType) -> set[ResourceType]:
    """Where somebody may come to hold `role`, of use on a resource of `type`."""
    row = next(row for row in ROWS.roles if row.role is role)
    given = {row.assigned_on} if row.assignable else set()
    return {on for on in given if on} | {
        row.type for row in ROWS.derived_roles if row.role is role and _helps(row, type)
    }


def _helps(row: DerivedRole, type: ResourceType) -> bool:
    return row.relation is not Relation.CONSUMER or row.type is type


def principals(role: ResourceRole) -> set[Principal]:
    """Who may hold `role` at all."""
    return {row.principal for row in ROWS.eligibility if row.role is role}


def exercised(grant: Grant) -> bool:
    """Whether some instance could ever come to use the grant."""
    where = scopes(grant.type)
    creates = grant.action in CREATES or (grant.type, grant.action) == (
        ResourceType.AGENT_EXECUTION,
        Action.START,
    )
    if creates:
        where.discard(grant.type)
    needed = {
        row.need
        for row in ROWS.requirements
        if (row.type, row.action) == (grant.type, grant.action) and isinstance(row.need, Principal)
    }
    return any(
        held_on(holder, grant.type) & where
        and {who for who in principals(holder) & principals(grant.role) if needed <= {who}}
        for holder in {grant.role} | seniors_of(TABLE, grant.role)
    )


def test_grants_that_no_instance_could_exercise_are_listed_with_their_reason() -> None:
    """Every grant can be used by somebody somewhere, but for a reviewed list."""
    listed = {
        (row["role"], row["type"], row["action"]): row["reason"] for row in read("never_exercised")
    }
    never = {
        (grant.role.short, grant.type.short, grant.action.short)
        for grant in ROWS.grants
        if not exercised(grant)
    }
    assert never == listed.keys()
    assert all(listed.values())


def test_catalogue_lists_every_action_and_no_other() -> None:
    """The closed enum of actions is exactly what the catalogue uses."""
    assert {row.action for row in ROWS.catalogue} == set(Action)


def test_catalogue_has_every_permission_that_evidence_uses() -> None:
    """No fact is about a permission that does not exist."""
    known = {(row.type.short, row.action.short) for row in ROWS.catalogue}
    used = {
        (fact["type"], fact["action"])
        for fact in read("evidence")
        if not fact["type"].startswith("@")
    }
    assert used <= known


def test_events_are_no_objects() -> None:
    """Nothing can be done to the two types that are events, nor be granted on them."""
    events = {ResourceType.ROLE_ASSIGNMENT_CHANGED, ResourceType.GROUP_MEMBERSHIP_CHANGED}
    assert not events & {row.type for row in ROWS.catalogue}


def test_every_role_family_is_complete() -> None:
    """Every role but those without a resource type permits something."""
    silent = {role for role in ResourceRole if not TABLE.holdings(role)}
    assert silent == {
        ResourceRole.UNSPECIFIED,
        ResourceRole.TEAM_ADMIN,
        ResourceRole.TEAM_VIEWER,
        ResourceRole.SESSION_ADMIN,
        ResourceRole.SESSION_USER,
    }


def test_secret_values_reach_environments_only() -> None:
    """No role that anybody but an environment may hold reads the value of a secret."""
    secrets = [type for type in ResourceType if type.short.endswith("secret")]
    readers = {
        role
        for role in ResourceRole
        for type in secrets
        if TABLE.reach(role, Permission(Action.GET_VALUE, type))
    }
    assert readers == {ResourceRole.ENVIRONMENT_IDENTITY}
    assert principals(ResourceRole.ENVIRONMENT_IDENTITY) == {Principal.ENVIRONMENT}


def test_viewers_only_read() -> None:
    """A role that is named a viewer or a reader has no permission above the level read."""
    levels = {Permission(row.action, row.type): row.level for row in ROWS.catalogue}
    for role in ResourceRole:
        if role.short.endswith(("_viewer", "_reader")):
            for type, cells in TABLE.holdings(role).items():
                assert {levels[Permission(action, type)] for action in cells} <= {Level.READ}


def test_nobody_creates_a_credential_for_somebody_else() -> None:
    """Storing a source control credential reaches own tokens only, whatever the role."""
    create = Permission(Action.CREATE, ResourceType.HOST_AUTHENTICATION_TOKEN)
    assert {TABLE.reach(role, create) for role in ResourceRole} == {None, Reach.OWN}
