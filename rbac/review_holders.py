"""The review functions of NIST RBAC (INCITS 359) about users, over a directory.

Knows how to list who has a role and what roles somebody has, *assigned* (given as such) or
*authorized* (given it or a senior), anywhere or on one resource. It must not decide: what
is given is the word of access, what a role permits that of the table.

The standard has no scopes. Here a role is had on a resource if it is given there or on
what contains it, and anywhere if on any resource; only who may hold it has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rbac.access import Access
from rbac.entries import BITS, ResourceEntry, SubjectEntry, roles_in
from rbac.errors import RequestError, quoted
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
