"""The directory read backwards: what lies within a resource, is somebody's, or names it.

Knows the resources of one directory by what they refer to. It must not know what any of it
gives. Worked out in one pass when it is first needed: a second for a million resources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rbac.directory import Directory
from rbac.entries import ResourceEntry
from rbac.records import ITSELF, SINGLETONS
from rbac.vocabulary import ResourceType

_Listed = dict[str, list[ResourceEntry]]


class Inverse:
    """The resources of one directory by what they lie within, whose they are, whom they name."""

    __slots__ = ("_children", "_directory", "_naming", "_owned", "_reaching")

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._children: dict[ResourceEntry, list[ResourceEntry]] | None = None
        self._owned: _Listed = {}
        self._naming: _Listed = {}
        self._reaching: dict[ResourceType, frozenset[ResourceType]] = {}

    def within(self, container: ResourceEntry, type: ResourceType) -> Iterator[ResourceEntry]:
        """Every resource of a type that lies within another, at any depth; some perhaps twice."""
        if container.type is ResourceType.ORGANIZATION:
            every = self._directory.tables.resources[type].values()
            yield from (each for each in every if each.organization == container.id)
            return
        reaching = self.reaching(type)
        for child in self._inside().get(container, ()):
            if child.type is type:
                yield child
            if child.type in reaching:
                yield from self.within(child, type)

    def owned(self, id: str) -> Collection[ResourceEntry]:
        """What belongs to any subject with an id."""
        self._inside()
        return self._owned.get(id, ())

    def naming(self, id: str) -> Collection[ResourceEntry]:
        """What names any resource with an id."""
        self._inside()
        return self._naming.get(id, ())

    def reaching(self, type: ResourceType) -> frozenset[ResourceType]:
        """The types of what may contain resources of a type, at any distance."""
        found = self._reaching.get(type)
        if found is None:
            found = self._reaching[type] = _above(self._parents(), type)
        return found

    def _parents(self) -> dict[ResourceType, set[ResourceType]]:
        rows = self._directory.policy.rows.containment
        within = {row.child: {ResourceType.ORGANIZATION} for row in rows}
        for row in rows:
            within[row.child].add(row.parent)
        for single, container in SINGLETONS.items():
            within.setdefault(single, set()).add(container)
        for implied in (ResourceType.GROUP, *ITSELF.values()):
            within.setdefault(implied, set()).add(ResourceType.ORGANIZATION)
        return within

    def _inside(self) -> dict[ResourceEntry, list[ResourceEntry]]:
        """What lies directly within each resource, organizations left out."""
        if self._children is not None:
            return self._children
        children: dict[ResourceEntry, list[ResourceEntry]] = {}
        owned: _Listed = {}
        naming: _Listed = {}
        for entry in self._directory.resources():
            for parent in entry.parents:
                if parent.type is not ResourceType.ORGANIZATION:
                    children.setdefault(parent, []).append(entry)
            if entry.owner is not None:
                owned.setdefault(entry.owner.id, []).append(entry)
            for reference in entry.references:
                naming.setdefault(reference.id, []).append(entry)
        self._owned, self._naming, self._children = owned, naming, children
        return children


def _above(
    within: dict[ResourceType, set[ResourceType]], type: ResourceType
) -> frozenset[ResourceType]:
    found: set[ResourceType] = set()
    waiting = [type]
    while waiting:
        for parent in within.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return frozenset(found)
