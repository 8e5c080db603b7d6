"""The constraints of a directory, as frozen data: what must be true of who holds what.

Knows the shape of each kind of constraint. It must not know files, nor what a directory
holds. Names of kinds follow NIST RBAC (INCITS 359): static and dynamic separation of duty;
cardinality and prerequisites are its constraints of RBAC2.

Every role counts for whoever is *authorized* for it on a scope: who is given it, or a
senior of it, there or on what contains it. Where a constraint says so, a role counts only
for whoever is *assigned* it there: by an assignment, and as that very role.
"""

from __future__ import annotations

from rbac.light import NamedTuple
from rbac.rows import NOWHERE, Permission, Place
from rbac.vocabulary import Principal, ResourceRole, ResourceType


class StaticSeparation(NamedTuple):
    """Nobody has more than `at_most` of some roles, or of some permissions, on one scope.

    One of `roles` and `permissions` is empty. A permission counts with either reach.
    Without `principals`, every kind of subject counts. (NIST SSD) With `assigned`, roles
    count as they are assigned: a senior may then be kept apart from its junior.
    """

    name: str
    reason: str
    at_most: int
    scope: ResourceType
    roles: tuple[ResourceRole, ...] = ()
    permissions: tuple[Permission, ...] = ()
    principals: tuple[Principal, ...] = ()
    assigned: bool = False
    place: Place = NOWHERE


class DynamicSeparation(NamedTuple):
    """No session has more than `at_most` of `roles` active, juniors counted (NIST DSD)."""

    name: str
    reason: str
    at_most: int
    roles: tuple[ResourceRole, ...]
    place: Place = NOWHERE


class Cardinality(NamedTuple):
    """Each scope has at least, and at most, so many holders of a role; None: no limit.

    Whoever holds it counts, able to act or not.
    """

    name: str
    reason: str
    role: ResourceRole
    scope: ResourceType
    at_least: int = 0
    at_most: int | None = None
    principals: tuple[Principal, ...] = ()
    place: Place = NOWHERE


class Prerequisite(NamedTuple):
    """Whoever has `role` on a scope has every one of `requires` there as well."""

    name: str
    reason: str
    role: ResourceRole
    requires: tuple[ResourceRole, ...]
    scope: ResourceType
    principals: tuple[Principal, ...] = ()
    place: Place = NOWHERE


Constraint = StaticSeparation | DynamicSeparation | Cardinality | Prerequisite
Scoped = StaticSeparation | Cardinality | Prerequisite
"""The constraints on a directory; a dynamic one is on a session."""


def named(constraint: Constraint) -> tuple[ResourceRole, ...]:
    """Every role that a constraint names."""
    if isinstance(constraint, StaticSeparation | DynamicSeparation):
        return constraint.roles
    others = constraint.requires if isinstance(constraint, Prerequisite) else ()
    return (constraint.role, *others)
