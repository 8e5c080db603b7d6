"""Giving: which roles the records of a directory give a subject on a resource.

Knows assignments, relations and containers. It must not know what any role permits, nor
what takes access away.

Sets of roles are sums of bits (`rbac.entries.BITS`), so that the roles a subject is given
and the roles that permit something meet in one operation.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.decision import Hold
from rbac.directory import Directory
from rbac.entries import (
    CROWD,
    NO_ASSIGNMENTS,
    NOTHING_KEPT,
    ROLES,
    ResourceEntry,
    SubjectEntry,
)
from rbac.inverse import Inverse
from rbac.records import Assignment
from rbac.related import Related
from rbac.relations import relations
from rbac.table import DecisionTable
from rbac.vocabulary import ResourceType

# Looking a member up on its enum costs more than comparing with it.
_ORGANIZATION = ResourceType.ORGANIZATION


class Giving:
    """Who is given what by one directory; of what it finds it keeps a number a subject.

    `rules` are the relations of the policy, by principal and type, and the roles they give.
    `related` and `inverse` read the directory backwards, for those who ask about many.
    """

    __slots__ = (
        "_assigned",
        "_crowds",
        "_mark",
        "_resources",
        "_subjects",
        "_sums",
        "directory",
        "inverse",
        "related",
        "rules",
    )

    def __init__(self, table: DecisionTable, directory: Directory) -> None:
        self.directory = directory
        self.rules = relations(table.policy.rows.derived_roles, table.eligible)
        self.related = Related(directory, self.rules)
        self.inverse = Inverse(directory)
        self._subjects = directory.tables.subjects
        self._resources = directory.tables.resources
        self._assigned = directory.tables.assigned
        self._crowds = directory.tables.crowds
        self._mark = object()
        self._sums: dict[int, tuple[object, int]] = {}

    def given(self, who: SubjectEntry, about: ResourceEntry, enough: int = 0) -> int:
        """Every role given on a resource or what contains it, eligible for it or not.

        Once one of the roles `enough` is among them, others may be left out.
        """
        home, bits = who.organization, 0
        if home is not None and about.organization == home:
            mark, bits = who.kept
            if mark is not self._mark:
                bits = self._at_home(who, home)
            if bits & enough:
                return bits
        if about.id:
            bits |= self._on(who, about, enough)
            if bits & enough:
                return bits
        for container in about.above:
            if container.type is not _ORGANIZATION or container.id != home:
                bits |= self._on(who, container)
        return bits

    def _at_home(self, who: SubjectEntry, home: str) -> int:
        """Every role given on the subject's own organization; kept with the subject.

        Directories share subjects, so that another access may keep its own there instead:
        each knows what it kept by its mark. Nothing more than that is read to answer most
        questions, and far apart in memory each thing that is read takes as long as ten lines.
        """
        bits = self._on(who, self._resources[_ORGANIZATION][home])
        # Most subjects have the same few sums, which are then found in the cache.
        kept = self._sums.setdefault(bits, (self._mark, bits))
        object.__setattr__(who, "kept", kept)
        return bits

    def _forget(self, who: SubjectEntry) -> None:
        """What is kept with a subject is worked out anew."""
        object.__setattr__(who, "kept", NOTHING_KEPT)

    def _on(self, who: SubjectEntry, scope: ResourceEntry, enough: int = 0) -> int:
        """Every role given on a resource itself, by assignments and relations, as `given`."""
        bits = 0
        block = self._assigned.get(scope)
        if block is not None:
            groups = who.groups
            names, given, _ = block
            if len(names) > CROWD:
                crowd = self._crowds[scope]
                for group in groups.keys() & crowd.keys():
                    bits |= crowd[group]
            else:
                number = 0
                for group in names:
                    if group in groups:
                        bits |= given[number]
                    number += 1  # noqa: SIM113 - enumerate takes longer to set up than few take
            if bits & enough:
                return bits
        for relates, bit, _ in self.rules[who.principal].get(scope.type, ()):
            if relates(self.directory, who, scope):
                bits |= bit
        return bits

    def given_on(self, who: SubjectEntry, scope: ResourceEntry) -> int:
        """Every role given on a resource itself; `who` need not be in the directory."""
        return self._on(who, scope)

    def holds(self, who: SubjectEntry, about: ResourceEntry) -> Iterator[Hold]:
        """How each role is given, on the resource itself first, eligible for it or not."""
        for scope in (about, *about.above) if about.id else about.above:
            yield from self.holds_on(who, scope)

    def holds_on(self, who: SubjectEntry, scope: ResourceEntry) -> Iterator[Hold]:
        """How each role is given on a resource itself; relations first, then by group."""
        for relates, bit, relation in self.rules[who.principal].get(scope.type, ()):
            if relates(self.directory, who, scope):
                yield Hold(ROLES[bit], scope.resource, None, relation)
        groups, bits, ids = self._assigned.get(scope, NO_ASSIGNMENTS)
        mine = [each for each in zip(groups, ids, bits, strict=True) if each[0] in who.groups]
        if mine:
            on = scope.resource
            for group, id, bit in sorted(mine):
                yield Hold(ROLES[bit], on, Assignment(id, group, on, ROLES[bit]))
