"""How a role reaches the subjects of a set: by which group, or by which relation.

Knows where roles that permit something are given on a resource and around it. It must not
decide: whoever is in a set was allowed already, or is no longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


class Found(NamedTuple):
    """Those of a piece who have some of its actions by one way."""

    way: Way
    principal: Principal
    actions: tuple[Action, ...]
    members: int


_Given = tuple[Way, dict[Principal, int]]
"""A way in which a role is given on a resource itself, and to whom, by kind."""

_Permitting = dict[int, tuple[Action, ...]]
"""The roles that permit some actions, by their bits, and which."""


class Ways:
    """Finds the ways in one directory by which sets of subjects have what they have."""

    __slots__ = ("_abilities", "_kept", "_numbers", "_permitting", "_tenants")

    def __init__(self, tenants: Tenants, numbers: Numbers) -> None:
        self._tenants, self._numbers = tenants, numbers
        self._abilities = Abilities(tenants.access.table)
        self._kept: dict[ResourceEntry, list[_Given]] = {}
        self._permitting: dict[tuple[Principal, ResourceType, bool, object], _Permitting] = {}

    def of(self, pieces: Iterable[Piece], about: ResourceEntry) -> Iterator[Found]:
        """Each way by which some of a piece have some of its actions on a resource."""
        asked = [(piece, self._roles(piece, about.type)) for piece in pieces]
        roles = sum({role for _, permitting in asked for role in permitting})
        for given in (self._given(about, roles), *map(self._on, about.above)):
            for way, sets in given:
                if not way.role & roles:
                    continue
                for piece, permitting in asked:
                    actions = permitting.get(way.role)
                    if actions:
                        members = sets.get(piece.principal, 0) & piece.members
                        if members:
                            yield Found(way, piece.principal, actions, members)

    def _roles(self, piece: Piece, type: ResourceType) -> _Permitting:
        key = piece.principal, type, piece.own, piece.actions
        found = self._permitting.get(key)
        if found is None:
            found = self._permitting[key] = {}
            for action in piece.actions:
                ability = self._abilities.of(piece.principal, None, type, action)
                bits = ability.own if piece.own else ability.any
                while bits:
                    role = bits & -bits
                    found[role] = (*found.get(role, ()), action)
                    bits ^= role
        return found

    def _on(self, container: ResourceEntry) -> list[_Given]:
        """Every way in which a role that may matter is given on a container; kept for a while."""
        found = self._kept.get(container)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[container] = list(self._given(container, self._tenants.wanted))
        return found

    def _given(self, scope: ResourceEntry, wanted: int) -> Iterator[_Given]:
        """Every way in which one of the roles `wanted` is given on a resource itself."""
        access = self._tenants.access
        groups, bits, _ = access.directory.tables.assigned.get(scope, NO_ASSIGNMENTS)
        for group, bit in zip(groups, bits, strict=True):
            if bit & wanted:
                yield Way(bit, f"group:{group}"), self._tenants.members(group)
        related: dict[Way, dict[Principal, list[int]]] = {}
        for who, bit, relation in access.related.by_relation(scope, wanted):
            kinds = related.setdefault(Way(bit, relation.short), {})
            kinds.setdefault(who.principal, []).append(self._numbers.place(who))
        for way, kinds in related.items():
            yield way, {kind: as_set(numbers) for kind, numbers in kinds.items()}
