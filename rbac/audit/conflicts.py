"""Toxic sets of roles: what one subject must not hold together, by a ``together`` invariant.

Knows which role has something of each side of an invariant, and combines roles. It must
not decide a cell, nor know who holds what: that a set is toxic is said of any subject.

A set is listed if one kind of subject may hold all its roles, they have something of each
side between them, and no fewer of them do. Roles that the invariant is not said of are in
none.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from rbac.audit.invariants import TOGETHER, Invariant, Space, conflicting
from rbac.light import NamedTuple
from rbac.vocabulary import Principal, ResourceRole

LARGEST = 3
"""How many roles a set has at most."""


class Toxic(NamedTuple):
    """Roles that one subject must not hold together, and the invariant that says so."""

    invariant: Invariant
    roles: tuple[ResourceRole, ...]
    principals: tuple[Principal, ...]

    def as_dict(self) -> dict[str, object]:
        """The set as plain JSON values."""
        return {
            "invariant": self.invariant.name,
            "roles": [role.short for role in self.roles],
            "principals": [principal.short for principal in self.principals],
        }


def toxic(space: Space, invariants: Iterable[Invariant]) -> tuple[Toxic, ...]:
    """Every smallest toxic set of up to three roles, by invariant; single roles among them."""
    return tuple(
        found
        for invariant in invariants
        if invariant.form == TOGETHER
        for found in _sets(space, invariant)
    )


Sides = dict[ResourceRole, int]
"""For each role, which sides of an invariant it has something of, as bits."""


def _sets(space: Space, invariant: Invariant) -> Iterator[Toxic]:
    sides = _sides(space, invariant)
    all_of_them = (1 << sum(1 for _ in conflicting(invariant))) - 1
    holders: dict[tuple[ResourceRole, ...], list[Principal]] = {}
    for principal, held in sides.items():
        for size in range(1, LARGEST + 1):
            for roles in itertools.combinations(held, size):
                if _exactly(held, roles, all_of_them):
                    holders.setdefault(roles, []).append(principal)
    for roles, principals in holders.items():
        yield Toxic(invariant, roles, tuple(principals))


def _exactly(held: Sides, roles: tuple[ResourceRole, ...], wanted: int) -> bool:
    """Whether these roles have all sides between them, and none of them could be missing."""
    if _union(held, roles) != wanted:
        return False
    return not any(
        _union(held, [other for other in roles if other is not role]) == wanted for role in roles
    )


def _union(held: Sides, roles: Iterable[ResourceRole]) -> int:
    found = 0
    for role in roles:
        found |= held[role]
    return found


def _sides(space: Space, invariant: Invariant) -> dict[Principal, Sides]:
    """For each principal, the roles it may hold with something of a side."""
    scope = space.box(invariant.selections.get("on", {})).of(space.allowed)
    if "except" in invariant.selections:
        scope -= space.box(invariant.selections["except"]).of(space.allowed)
    masks = [space.box(names).mask for names in conflicting(invariant)]
    found: dict[Principal, Sides] = {}
    for line, bits in scope.masks.items():
        has = sum(1 << side for side, mask in enumerate(masks) if bits & mask)
        if has:
            roles = found.setdefault(line.principal, {})
            roles[line.role] = roles.get(line.role, 0) | has
    return found
