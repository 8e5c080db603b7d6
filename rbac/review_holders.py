"""The review functions of NIST RBAC (INCITS 359) about users, and about separation of duty.

Knows how to list who has a role and what roles somebody has, *assigned* (given as such) or
*authorized* (given it or a senior), anywhere or on one resource. It must not decide: what
is given is the word of access, what a role permits that of the table.

The standard has no scopes. Here a role is had on a resource if it is given there or on
what contains it, and anywhere if on any resource; only who may hold it has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rbac.access import Access
from rbac.constraint_rows import DynamicSeparation, StaticSeparation
from rbac.constraints import Constraints
from rbac.entries import BITS, ResourceEntry, SubjectEntry, roles_in
from rbac.errors import RequestError, UnknownName, quoted
from rbac.holders import Holders
from rbac.review import permissions_of
from rbac.rows import Permission, Reach
from rbac.terms import Resource, Subject
from rbac.vocabulary import ResourceRole


def assigned_users(
    access: Access, role: ResourceRole, on: Resource | None = None
) -> frozenset[Subject]:
    """Every subject that is given `role` as such (AssignedUsers); not by a senior.

    Linear in the directory without `on`. Raises `RequestError` for an unknown resource.
    """
    return _users(access, BITS[role], on)


def authorized_users(
    access: Access, role: ResourceRole, on: Resource | None = None
) -> frozenset[Subject]:
    """Every subject that is given `role` or a senior of it (AuthorizedUsers)."""
    table = access.table
    return _users(
        access, sum(BITS[each] for each in table.roles if role in table.includes(each)), on
    )


def assigned_roles(
    access: Access, subject: Subject, on: Resource | None = None
) -> frozenset[ResourceRole]:
    """Every role that `subject` is given as such (AssignedRoles).

    Linear in the resources without `on`. Raises `RequestError` for an unknown subject or
    resource.
    """
    who, bits = _subject(access, subject), 0
    for about in access.directory.resources() if on is None else [_resource(access, on)]:
        bits |= access.given(who, about)
    eligible = access.table.eligible
    return frozenset(role for role in roles_in(bits) if eligible(who.principal, role))


def authorized_roles(
    access: Access, subject: Subject, on: Resource | None = None
) -> frozenset[ResourceRole]:
    """Every role that `subject` is given, and every junior of one (AuthorizedRoles)."""
    assigned = assigned_roles(access, subject, on)
    return frozenset(each for role in assigned for each in access.table.includes(role))


def user_permissions(
    access: Access, subject: Subject, on: Resource | None = None
) -> Mapping[Permission, Reach]:
    """All that the roles of `subject` permit (UserPermissions), with the widest reach.

    Requirements and guards, which the standard does not know, may still take it away.
    """
    return permissions_by(access, authorized_roles(access, subject, on))


def permissions_by(access: Access, roles: Iterable[ResourceRole]) -> Mapping[Permission, Reach]:
    """All that `roles` permit together (SessionPermissions, of a session's active roles)."""
    found: dict[Permission, Reach] = {}
    for role in roles:
        for permission, reach in permissions_of(access.table, role).items():
            if found.get(permission) is not Reach.ANY:
                found[permission] = reach
    return found


def ssd_role_sets(constraints: Constraints, role: ResourceRole | None = None) -> tuple[str, ...]:
    """The name of every static separation of roles, or of those with `role` (SsdRoleSets).

    Separations of permissions are not among them: the standard has none.
    """
    return tuple(each.name for each in _static(constraints) if role in (None, *each.roles))


def ssd_role_set_roles(constraints: Constraints, name: str) -> frozenset[ResourceRole]:
    """The roles of a static separation (SsdRoleSetRoles); raises `UnknownName`."""
    return frozenset(_named(name, _static(constraints)).roles)


def ssd_role_set_cardinality(constraints: Constraints, name: str) -> int:
    """How many of the roles nobody may have (SsdRoleSetCardinality): one over ``at_most``."""
    return _named(name, _static(constraints)).at_most + 1


def dsd_role_sets(constraints: Constraints, role: ResourceRole | None = None) -> tuple[str, ...]:
    """The name of every dynamic separation, or of those with `role` (DsdRoleSets)."""
    return tuple(each.name for each in constraints.dynamic if role in (None, *each.roles))


def dsd_role_set_roles(constraints: Constraints, name: str) -> frozenset[ResourceRole]:
    """The roles of a dynamic separation (DsdRoleSetRoles); raises `UnknownName`."""
    return frozenset(_named(name, constraints.dynamic).roles)


def dsd_role_set_cardinality(constraints: Constraints, name: str) -> int:
    """How many of the roles no session may have active (DsdRoleSetCardinality)."""
    return _named(name, constraints.dynamic).at_most + 1


def _static(constraints: Constraints) -> tuple[StaticSeparation, ...]:
    found = (each for each in constraints if isinstance(each, StaticSeparation))
    return tuple(each for each in found if each.roles)


def _named(
    name: str, separations: tuple[StaticSeparation, ...] | tuple[DynamicSeparation, ...]
) -> StaticSeparation | DynamicSeparation:
    for each in separations:
        if each.name == name:
            return each
    raise UnknownName("role set", name, [each.name for each in separations])


def _users(access: Access, bits: int, on: Resource | None) -> frozenset[Subject]:
    holders = Holders(access)
    return frozenset(
        who.subject
        for scope in _scopes(access, on)
        for _, found in holders.on(scope, bits)
        for who in found
    )


def _scopes(access: Access, on: Resource | None) -> Iterator[ResourceEntry]:
    if on is None:
        yield from access.directory.resources()
        return
    about = _resource(access, on)
    yield from (about, *about.above)


def _subject(access: Access, subject: Subject) -> SubjectEntry:
    who = access.directory.subject(subject)
    if who is None:
        raise RequestError(f"unknown subject {quoted(str(subject))}")
    return who


def _resource(access: Access, resource: Resource) -> ResourceEntry:
    about = access.directory.resource(resource)
    if about is None:
        raise RequestError(f"unknown resource {quoted(str(resource))}")
    return about
