"""The review functions of NIST RBAC, against their set definitions, on every argument."""

from rbac import review
from rbac.policy import Policy
from rbac.rows import Permission, Reach
from rbac.semantics import eligible, includes, permits
from rbac.table import DecisionTable
from rbac.vocabulary import ResourceType
from tests.building import PRINCIPALS, ROLES

POLICY = Policy.shipped()
TABLE = DecisionTable(POLICY)
PERMISSIONS = [Permission(row.action, row.type) for row in POLICY.rows.catalogue]


def test_permissions_of_a_role_are_those_the_definition_permits() -> None:
    """RolePermissions lists exactly what the role permits, with its reach, and no more."""
    for role in ROLES:
        listed = review.permissions_of(TABLE, role)
        assert listed.keys() <= set(PERMISSIONS)
        for permission in PERMISSIONS:
            anywhere = permits(POLICY, role, *permission, False)
            own = permits(POLICY, role, *permission, True)
            expected = Reach.ANY if anywhere else Reach.OWN if own else None
            assert listed.get(permission) is expected


def test_roles_of_a_permission_mirror_permissions_of_a_role() -> None:
    """A role is listed for a permission exactly when the permission is listed for the role."""
    forward = {
        (role, permission, reach)
        for role in ROLES
        for permission, reach in review.permissions_of(TABLE, role).items()
    }
    backward = {
        (role, permission, reach)
        for permission in PERMISSIONS
        for role, reach in review.roles_with(TABLE, permission).items()
    }
    assert forward == backward


def test_actions_on_a_type_are_the_permissions_on_it() -> None:
    """An action is in RoleOperationsOnObject iff its permission is in RolePermissions."""
    for role in ROLES:
        permissions = review.permissions_of(TABLE, role)
        for type in ResourceType:
            actions = review.actions_of(TABLE, role, type)
            assert {(Permission(action, type), reach) for action, reach in actions.items()} == {
                (permission, reach)
                for permission, reach in permissions.items()
                if permission.type is type
            }


def test_seniors_and_juniors_are_the_definitions_and_mirror_each_other() -> None:
    """A role is a junior of another exactly when that one includes it."""
    for senior in ROLES:
        for junior in ROLES:
            related = senior is not junior and includes(POLICY, senior, junior)
            assert (junior in review.juniors_of(TABLE, senior)) is related
            assert (senior in review.seniors_of(TABLE, junior)) is related


def test_roles_open_to_a_principal_are_those_it_is_eligible_for() -> None:
    """A role is open to a principal exactly when the policy says it may hold it."""
    for principal in PRINCIPALS:
        roles = review.roles_open_to(TABLE, principal)
        assert roles == {role for role in ROLES if eligible(POLICY, principal, role)}
