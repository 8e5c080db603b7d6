"""The scopes that a change reaches: resources of one type, by what is given or taken around them.

Knows which scopes are alike to somebody, since nothing else is given there. It must not know
what is given, nor what is asked of the scopes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from rbac.administration import DeleteGroup
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.movement import Movement, Pair
from rbac.vocabulary import Principal, ResourceType

_GROUPED = (Principal.USER, Principal.SERVICE_ACCOUNT)
"""The kinds of subjects that are related to nothing but themselves and what they own."""


class Place:
    """A resource on which something is given or taken, and the scopes there.

    What tells scopes apart is worked out once, when somebody asks for it.
    """

    __slots__ = ("_by", "_inside", "root", "scopes")

    def __init__(self, root: ResourceEntry, scopes: Set[ResourceEntry]) -> None:
        self.root = root
        self.scopes = scopes
        self._by: dict[str, set[ResourceEntry]] | None = None
        self._inside: dict[ResourceEntry, set[ResourceEntry]] = {}

    def near(
        self, pair: Pair, holds: Mapping[str, Mapping[ResourceEntry, None]]
    ) -> Set[ResourceEntry]:
        """The scopes on which a subject may be given anything but what the root gives.

        `holds` are the resources on which each group has an assignment.
        """
        if pair[0].principal not in _GROUPED:
            return self.scopes
        found = set(self._theirs(pair[0]))
        for group in pair[0].groups.keys() | pair[1].groups.keys():
            for entry in holds.get(group, ()):
                found |= self._inside.get(entry, _NONE)
        return found

    def _theirs(self, who: SubjectEntry) -> Set[ResourceEntry]:
        """The scopes that are a subject's own or itself, or lie within such a resource."""
        if self._by is None:
            self._by = {}
            apart = {self.root, *self.root.above}
            for scope in self.scopes:
                for entry in (scope, *scope.above):
                    if entry not in apart:
                        self._inside.setdefault(entry, set()).add(scope)
                        self._by.setdefault(entry.id, set()).add(scope)
                        if entry.owner is not None:
                            self._by.setdefault(entry.owner.id, set()).add(scope)
        return self._by.get(who.id, _NONE)


_NONE: frozenset[ResourceEntry] = frozenset()


def places_of(movement: Movement, type: ResourceType) -> Iterator[Place]:
    """Where a movement reaches scopes of a type; each scope once.

    What a change deletes is no longer a scope.
    """
    change, directory = movement.change, movement.access.directory
    gone = change.group if isinstance(change, DeleteGroup) else None
    direct = {root: None for root in movement.scopes if root.type is type and root.id != gone}
    yield from (Place(root, {root}) for root in direct)
    reaching = movement.access.inverse.reaching(type)
    around = {root for root in movement.scopes if root.type in reaching}
    if not around:
        return
    within: dict[ResourceEntry, set[ResourceEntry]] = {}
    for scope in directory.tables.resources[type].values():
        if scope not in direct:
            for container in scope.above:
                if container in around:
                    within.setdefault(container, set()).add(scope)
                    break
    yield from (Place(root, scopes) for root, scopes in within.items())
