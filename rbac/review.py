"""The review functions of NIST RBAC (INCITS 359) that need no directory.

Knows how to list what the decision table holds: by role, by permission, by hierarchy. It
must not decide: each listing reads the same table that `check` does. Functions that are
asked for users need to know who holds what, and are not here.

The standard knows permissions without reach; a permission that holds on own resources
only is listed with `Reach.OWN`, so that no listing reads as more than it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from rbac.hierarchy import paths, successors
from rbac.rows import Permission, Reach
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType


def permissions_of(table: DecisionTable, role: ResourceRole) -> Mapping[Permission, Reach]:
    """All that `role` permits, inherited or not (RolePermissions), each with its reach."""
    return {
        Permission(action, type): Reach.ANY if cell.any else Reach.OWN
        for type, cells in table.holdings(role).items()
        for action, cell in cells.items()
    }


def roles_with(table: DecisionTable, permission: Permission) -> Mapping[ResourceRole, Reach]:
    """Every role that permits `permission`, inherited or not, each with its reach.

    The standard has no such function; Apache Fortress calls it authorizedPermissionRoles.
    """
    return table.roles_with(permission)


def actions_of(
    table: DecisionTable, role: ResourceRole, type: ResourceType
) -> Mapping[Action, Reach]:
    """What `role` may do to a resource of `type` (RoleOperationsOnObject), with reach."""
    cells = table.holdings(role).get(type, {})
    return {action: Reach.ANY if cell.any else Reach.OWN for action, cell in cells.items()}


def juniors_of(table: DecisionTable, role: ResourceRole) -> frozenset[ResourceRole]:
    """Every role that `role` includes, at any distance, itself not among them.

    The roles whose permissions RolePermissions of the hierarchical component adds.
    """
    pairs = ((row.senior, row.junior) for row in table.policy.rows.seniority)
    return frozenset(paths(successors(pairs), role)) - {role}


def seniors_of(table: DecisionTable, role: ResourceRole) -> frozenset[ResourceRole]:
    """Every role that includes `role`, at any distance, itself not among them.

    The roles whose holders AuthorizedUsers of the hierarchical component adds.
    """
    pairs = ((row.junior, row.senior) for row in table.policy.rows.seniority)
    return frozenset(paths(successors(pairs), role)) - {role}


def roles_open_to(table: DecisionTable, principal: Principal) -> frozenset[ResourceRole]:
    """Every role that a subject of kind `principal` may hold at all."""
    rows = table.policy.rows.eligibility
    return frozenset(row.role for row in rows if row.principal is principal)
