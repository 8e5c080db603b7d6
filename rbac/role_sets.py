"""Role sets: separation of duty by name, reviewed and administered (NIST RBAC, INCITS 359).

Knows the standard's functions on sets of roles that nobody may hold, or have active,
together. It must not count anything itself: whether a directory keeps a set is asked.

The standard's cardinality is how many of a set are too many: one over ``at_most``. A command
gives other constraints and changes none; one on static sets is valid only if the directory
keeps the set as it would be. Separations of permissions are no role sets.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.access import Access
from rbac.constraint_rows import Constraint, DynamicSeparation, StaticSeparation
from rbac.constraints import Constraints
from rbac.errors import RequestError, UnknownName, quoted
from rbac.light import TYPE_CHECKING
from rbac.terms import specified
from rbac.violations import violations
from rbac.vocabulary import ResourceRole, ResourceType

if TYPE_CHECKING:
    from typing import TypeVar

    _S = TypeVar("_S", StaticSeparation, DynamicSeparation)


def ssd_role_sets(constraints: Constraints, role: ResourceRole | None = None) -> tuple[str, ...]:
    """The name of every static separation of roles, or of those with `role` (SsdRoleSets)."""
    return tuple(each.name for each in _static(constraints) if role in (None, *each.roles))


def ssd_role_set_roles(constraints: Constraints, name: str) -> frozenset[ResourceRole]:
    """The roles of a static separation (SsdRoleSetRoles); raises `UnknownName`."""
    return frozenset(_named(name, _static(constraints)).roles)


def ssd_role_set_cardinality(constraints: Constraints, name: str) -> int:
    """How many of the roles nobody may have (SsdRoleSetCardinality); raises `UnknownName`."""
    return _named(name, _static(constraints)).at_most + 1


def create_ssd_set(
    access: Access,
    constraints: Constraints,
    name: str,
    roles: Iterable[ResourceRole],
    cardinality: int,
    *,
    scope: ResourceType = ResourceType.ORGANIZATION,
    reason: str = "",
) -> Constraints:
    """The constraints with one more static set (CreateSsdSet).

    Raises `PolicyError` unless the name is free and the set makes sense under the policy,
    `RequestError` if somebody has `cardinality` of the roles now.
    """
    some = tuple(specified("role", role, ResourceRole) for role in roles)
    made = StaticSeparation(name, reason, cardinality - 1, scope, some)
    return _kept(access, Constraints((*constraints.all, made), constraints.policy), name)


def delete_ssd_set(constraints: Constraints, name: str) -> Constraints:
    """The constraints without a static set (DeleteSsdSet); raises `UnknownName`."""
    return _without(constraints, _named(name, _static(constraints)))


def add_ssd_role_member(
    access: Access, constraints: Constraints, name: str, role: ResourceRole
) -> Constraints:
    """The constraints with one more role in a static set (AddSsdRoleMember).

    Raises `UnknownName` without the set, `RequestError` if the role is in it already or
    somebody then has too many of the roles, `PolicyError` if the set would make no sense.
    """
    found = _named(name, _static(constraints))
    return _kept(access, _replaced(constraints, found, _more(found, role)), name)


def delete_ssd_role_member(constraints: Constraints, name: str, role: ResourceRole) -> Constraints:
    """The constraints with one role fewer in a static set (DeleteSsdRoleMember).

    Raises `UnknownName` without the set, `RequestError` if the role is not in it,
    `PolicyError` if no more roles would be left than the cardinality less one.
    """
    found = _named(name, _static(constraints))
    return _replaced(constraints, found, _fewer(found, role))


def set_ssd_set_cardinality(
    access: Access, constraints: Constraints, name: str, cardinality: int
) -> Constraints:
    """The constraints with another cardinality of a static set (SetSsdSetCardinality).

    Raises `UnknownName` without the set, `PolicyError` unless it is from 2 to the number of
    roles, `RequestError` if somebody has so many of them now.
    """
    found = _named(name, _static(constraints))
    other = found._replace(at_most=cardinality - 1)
    return _kept(access, _replaced(constraints, found, other), name)


def dsd_role_sets(constraints: Constraints, role: ResourceRole | None = None) -> tuple[str, ...]:
    """The name of every dynamic separation, or of those with `role` (DsdRoleSets)."""
    return tuple(each.name for each in constraints.dynamic if role in (None, *each.roles))


def dsd_role_set_roles(constraints: Constraints, name: str) -> frozenset[ResourceRole]:
    """The roles of a dynamic separation (DsdRoleSetRoles); raises `UnknownName`."""
    return frozenset(_named(name, constraints.dynamic).roles)


def dsd_role_set_cardinality(constraints: Constraints, name: str) -> int:
    """How many of the roles no session may have active (DsdRoleSetCardinality)."""
    return _named(name, constraints.dynamic).at_most + 1


def create_dsd_set(
    constraints: Constraints,
    name: str,
    roles: Iterable[ResourceRole],
    cardinality: int,
    *,
    reason: str = "",
) -> Constraints:
    """The constraints with one more dynamic set (CreateDsdSet); `PolicyError` as for static ones.

    Sessions that are open keep the constraints that they were made with.
    """
    some = tuple(specified("role", role, ResourceRole) for role in roles)
    made = DynamicSeparation(name, reason, cardinality - 1, some)
    return Constraints((*constraints.all, made), constraints.policy)


def delete_dsd_set(constraints: Constraints, name: str) -> Constraints:
    """The constraints without a dynamic set (DeleteDsdSet); raises `UnknownName`."""
    return _without(constraints, _named(name, constraints.dynamic))


def add_dsd_role_member(constraints: Constraints, name: str, role: ResourceRole) -> Constraints:
    """The constraints with one more role in a dynamic set (AddDsdRoleMember)."""
    found = _named(name, constraints.dynamic)
    return _replaced(constraints, found, _more(found, role))


def delete_dsd_role_member(constraints: Constraints, name: str, role: ResourceRole) -> Constraints:
    """The constraints with one role fewer in a dynamic set (DeleteDsdRoleMember)."""
    found = _named(name, constraints.dynamic)
    return _replaced(constraints, found, _fewer(found, role))


def set_dsd_set_cardinality(constraints: Constraints, name: str, cardinality: int) -> Constraints:
    """The constraints with another cardinality of a dynamic set (SetDsdSetCardinality)."""
    found = _named(name, constraints.dynamic)
    return _replaced(constraints, found, found._replace(at_most=cardinality - 1))


def _static(constraints: Constraints) -> tuple[StaticSeparation, ...]:
    found = (each for each in constraints if isinstance(each, StaticSeparation))
    return tuple(each for each in found if each.roles)


def _named(name: str, separations: tuple[_S, ...]) -> _S:
    for each in separations:
        if each.name == name:
            return each
    raise UnknownName("role set", name, [each.name for each in separations])


def _more(found: _S, role: ResourceRole) -> _S:
    if specified("role", role, ResourceRole) in found.roles:
        raise RequestError(f"{role.short} is in {quoted(found.name)} already")
    return found._replace(roles=(*found.roles, role))


def _fewer(found: _S, role: ResourceRole) -> _S:
    if specified("role", role, ResourceRole) not in found.roles:
        raise RequestError(f"{role.short} is not in {quoted(found.name)}")
    return found._replace(roles=tuple(each for each in found.roles if each is not role))


def _replaced(constraints: Constraints, found: Constraint, by: Constraint) -> Constraints:
    every = (by if each is found else each for each in constraints)
    return Constraints(every, constraints.policy)


def _without(constraints: Constraints, found: Constraint) -> Constraints:
    return Constraints((each for each in constraints if each is not found), constraints.policy)


def _kept(access: Access, constraints: Constraints, name: str) -> Constraints:
    """The constraints, if the directory keeps the one of that name."""
    one = Constraints((constraints.named(name),), constraints.policy)
    for violation in violations(access, one):
        raise RequestError(f"nobody may break it now: {violation}")
    return constraints
