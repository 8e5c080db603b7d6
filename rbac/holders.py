"""Who is given a role on a resource itself: access read the other way, for whole directories.

Knows how the subjects behind assignments and relations are found without asking everybody.
It must not decide: a relation holds where `rbac.relations` says so, and a role counts for
whoever is eligible for it.

Going from roles to subjects costs what there is to find; asking each subject about each
resource would cost their product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.access import Access
from rbac.entries import NO_ASSIGNMENTS, ROLES, ResourceEntry, SubjectEntry
from rbac.vocabulary import Principal

Found = Iterator[tuple[int, frozenset[SubjectEntry]]]


class Holders:
    """Finds the subjects that are given roles, in one directory; only `principals`, if given.

    With `assigned`, only what assignments give. Keeps the members of each group it has met.
    """

    def __init__(
        self, access: Access, principals: Iterable[Principal] = (), *, assigned: bool = False
    ) -> None:
        counted = frozenset(principals) or frozenset(Principal)
        eligible = access.table.eligible
        self._tables = access.directory.tables
        self._related = None if assigned else access.related
        self._open = {
            bit: frozenset(each for each in counted if eligible(each, role))
            for bit, role in ROLES.items()
        }
        self._members: dict[tuple[str, frozenset[Principal]], frozenset[SubjectEntry]] = {}

    def on(self, scope: ResourceEntry, wanted: int) -> Found:
        """The subjects given each of the `wanted` roles on a resource itself, bit by bit.

        A bit comes as often as there are groups that give its role, and once for relations.
        """
        groups, bits, _ = self._tables.assigned.get(scope, NO_ASSIGNMENTS)
        for group, bit in zip(groups, bits, strict=True):
            if bit & wanted:
                yield bit, self._group(group, bit)
        if self._related is not None:
            related: dict[int, set[SubjectEntry]] = {}
            for who, bit in self._related.to(scope, wanted):
                if who.principal in self._open[bit]:
                    related.setdefault(bit, set()).add(who)
            for bit, found in related.items():
                yield bit, frozenset(found)

    def _group(self, group: str, bit: int) -> frozenset[SubjectEntry]:
        """The members of a group that are eligible for a role."""
        key = group, self._open[bit]
        found = self._members.get(key)
        if found is None:
            subjects = self._tables.subjects
            found = self._members[key] = frozenset(
                subjects[each.principal][each.id]
                for each in self._tables.members.get(group, ())
                if each.principal in key[1]
            )
        return found
