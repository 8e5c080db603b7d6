"""How a role reaches the subjects of a set: by which group, or by which relation.

Knows where roles that permit something are given on a resource and around it. It must not
decide: whoever is in a set was allowed already, or is no longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.abilities import Abilities
from rbac.audit.numbers import Numbers
from rbac.audit.sides import Piece
from rbac.crowds import as_set
from rbac.entries import NO_ASSIGNMENTS, ResourceEntry
from rbac.light import NamedTuple
from rbac.tenants import Tenants
from rbac.vocabulary import Action, Principal, ResourceType

_KEPT = 2_000
"""How many containers are remembered at a time."""


class Way(NamedTuple):
    """A role, by its bit, and what gives it: ``group:id``, or the name of a relation."""

    role: int
    by: str


class Given(NamedTuple):
    """A way in which a role is given on one resource itself, and to whom, by kind."""

    way: Way
    sets: dict[Principal, int]


class Ways:
    """Finds the ways in one directory by which sets of subjects have what they have."""

    __slots__ = ("_abilities", "_kept", "_numbers", "_permitting", "_tenants")

    def __init__(self, tenants: Tenants, numbers: Numbers) -> None:
        self._tenants, self._numbers = tenants, numbers
        self._abilities = Abilities(tenants.access.table)
        self._kept: dict[ResourceEntry, list[Given]] = {}
        self._permitting: dict[
            tuple[Principal, ResourceType, bool, tuple[Action, ...]],
            dict[int, tuple[Action, ...]],
        ] = {}

    def of(
        self, piece: Piece, about: ResourceEntry
    ) -> Iterator[tuple[Way, tuple[Action, ...], int]]:
        """Each way by which some of a piece have some of its actions, and who has."""
        permitting = self._roles(piece, about.type)
        for scope in (about, *about.above):
            for way, sets in self._on(scope, scope is not about):
                actions = permitting.get(way.role)
                if actions:
                    members = sets.get(piece.principal, 0) & piece.members
                    if members:
                        yield way, actions, members

    def _roles(self, piece: Piece, type: ResourceType) -> dict[int, tuple[Action, ...]]:
        """The roles that permit some of the actions, and which."""
        key = piece.principal, type, piece.own, piece.actions
        found = self._permitting.get(key)
        if found is None:
            by_role: dict[int, tuple[Action, ...]] = {}
            for action in piece.actions:
                ability = self._abilities.of(piece.principal, None, type, action)
                bits = ability.own if piece.own else ability.any
                while bits:
                    role = bits & -bits
                    by_role[role] = (*by_role.get(role, ()), action)
                    bits ^= role
            found = self._permitting[key] = by_role
        return found

    def _on(self, scope: ResourceEntry, keep: bool) -> list[Given]:
        found = self._kept.get(scope)
        if found is None:
            found = list(self._given(scope))
            if keep:
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[scope] = found
        return found

    def _given(self, scope: ResourceEntry) -> Iterator[Given]:
        """Every way in which a role is given on a resource itself."""
        access = self._tenants.access
        groups, bits, _ = access.directory.tables.assigned.get(scope, NO_ASSIGNMENTS)
        for group, bit in zip(groups, bits, strict=True):
            yield Given(Way(bit, f"group:{group}"), self._tenants.members(group))
        for principal, by_type in access.rules.items():
            for relates, bit, relation in by_type.get(scope.type, ()):
                numbers = [
                    self._numbers.place(who)
                    for who in access.related.candidates(relation, principal, scope)
                    if relates(access.directory, who, scope)
                ]
                if numbers:
                    yield Given(Way(bit, relation.short), {principal: as_set(numbers)})
