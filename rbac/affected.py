"""A few subjects of one organization, before a change and after it, on many resources.

Knows how they are asked about as sets, and how many resources are alike to them. It must
not decide, nor know what the change is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.access import Access
from rbac.directory import Directory
from rbac.entries import ResourceEntry
from rbac.light import NamedTuple
from rbac.rows import Permission
from rbac.tenants import Tenants
from rbac.terms import Subject
from rbac.vocabulary import Action, Principal

Difference = tuple[bool, Subject, Permission, int]
"""Whether it is gained, by whom, what, and on how many resources."""

Sets = dict[tuple[Principal, Action], int]
"""The set of those who may do something."""


class _Moved(NamedTuple):
    """Who gains something on a resource, or loses it."""

    gains: bool
    permission: Permission
    principal: Principal
    members: int


class Affected:
    """Those `concerned`, of the organization `home`, by access before and after a change.

    Resources on which none of them is given anything, that lie in the same containers and
    name the same, are asked about once.
    """

    def __init__(
        self, access: Access, then: Access, home: str | None, concerned: set[Subject]
    ) -> None:
        self._after = then.directory.tables.resources
        self._before, self._then = (Tenants(each, home, only=concerned) for each in (access, then))
        self._ids = {each.id for each in concerned}
        self._machines = any(each.principal not in _GROUPED for each in concerned)
        self._given = {
            entry
            for directory in (access.directory, then.directory)
            for subject in concerned
            for group in _groups(directory, subject)
            for entry in access.directory.tables.holds.get(group, ())
        }
        self._subjects, same = (
            {
                crowd.principal: {number: who.subject for number, who in crowd.subjects.items()}
                for crowd in each.crowds
            }
            for each in (self._before, self._then)
        )
        assert self._subjects == same, "who may act at all does not change"

    def differences(self, reached: Iterable[ResourceEntry]) -> Iterator[Difference]:
        """What each of them gains and loses on the resources that are there after as well."""
        kept: dict[tuple[object, ...], tuple[_Moved, ...]] = {}
        counts: dict[_Moved, int] = {}
        for about in reached:
            key = () if self._apart(about) else (about.type, about.above, about.references)
            moved = kept.get(key) if key else None
            if moved is None:
                moved = tuple(self._moved(about))
                if key:
                    kept[key] = moved
            for each in moved:
                counts[each] = counts.get(each, 0) + 1
        for (gains, permission, principal, members), count in counts.items():
            for number, subject in self._subjects.get(principal, {}).items():
                if members >> number & 1:
                    yield gains, subject, permission, count

    def _apart(self, about: ResourceEntry) -> bool:
        """Whether somebody concerned is given something just there, or it is their own."""
        if about in self._given or about.id in self._ids or self._machines:
            return True
        for each in (about, *about.parents):
            for person in (each.owner, each.creator, each.executor):
                if person is not None and person.id in self._ids:
                    return True
        return False

    def _moved(self, about: ResourceEntry) -> Iterator[_Moved]:
        left = self._after[about.type].get(about.id)
        if left is None:  # what goes with the change is not counted
            return
        had, has = self._sets(self._before, about), self._sets(self._then, left)
        for key in had.keys() | has.keys():
            before, after = had.get(key, 0), has.get(key, 0)
            if before != after:
                principal, action = key
                permission = Permission(action, about.type)
                for gains, members in ((True, after & ~before), (False, before & ~after)):
                    if members:
                        yield _Moved(gains, permission, principal, members)

    def _sets(self, tenants: Tenants, about: ResourceEntry) -> Sets:
        found: Sets = {}
        for crowd, permits, members in tenants.sets(about):
            principal = crowd.principal
            for action in permits.plain:
                found[principal, action] = found.get((principal, action), 0) | members
            for action, requirements in permits.demanding:
                met = tenants.meeting(about, requirements, crowd, members)
                if met:
                    found[principal, action] = found.get((principal, action), 0) | met
        return found


_GROUPED = (Principal.USER, Principal.SERVICE_ACCOUNT)
"""The kinds of subjects that are related to nothing but themselves and what is theirs."""


def _groups(directory: Directory, subject: Subject) -> Iterator[str]:
    entry = directory.subject(subject)
    yield from entry.groups if entry is not None else ()
