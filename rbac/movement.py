"""What a change of a directory moves: to whom something is given or taken, what, and where.

Knows the subjects and resources that each kind of change concerns, and the roles somebody
would be given after it, without making it. It must not know what any role permits, nor who
may change what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.access import Access
from rbac.administration import (
    AddMember,
    Assign,
    Change,
    CreateGroup,
    DeleteGroup,
    RemoveMember,
    SetOrganizationRole,
    Share,
    Unassign,
)
from rbac.entries import BITS, NO_ASSIGNMENTS, ResourceEntry, SubjectEntry
from rbac.rows import Relation
from rbac.terms import Resource, Subject
from rbac.vocabulary import ResourceType

Pair = tuple[SubjectEntry, SubjectEntry]
"""A subject as it is, and as it would be; the same entry where its record and groups stay."""

Given = tuple[int, int]
"""The roles given before, and after."""


class Movement:
    """What one change moves in the directory of `access`.

    `scopes` are the resources on which something is given or taken, `bits` the roles that
    may be. Building it takes as long as the group has assignments; raises nothing: what is
    not known is not moved.
    """

    __slots__ = ("_besides", "_given", "_tables", "access", "bits", "change", "scopes")

    def __init__(self, access: Access, change: Change) -> None:
        self.access = access
        self.change = change
        self._tables = access.directory.tables
        self._besides: dict[ResourceEntry, int] = {}
        self._given: dict[tuple[SubjectEntry, ResourceEntry], Given] = {}
        self.scopes: tuple[ResourceEntry, ...] = ()
        self.bits = 0
        if isinstance(change, Assign | Share):
            self._on(change.resource, BITS[change.role])
            self._besides = dict.fromkeys(self.scopes, self.bits)
        elif isinstance(change, Unassign):
            assignment = change.assignment
            self._on(assignment.resource, BITS[assignment.role])
            self._besides = self._given_to(assignment.group, without=assignment.id)
        elif isinstance(change, SetOrganizationRole):
            self._standing(change.subject)
        elif not isinstance(change, CreateGroup):
            self._by_group(change.group)

    def _on(self, resource: Resource, bits: int) -> None:
        entry = self.access.directory.resource(resource)
        if entry is not None:
            self.scopes, self.bits = (entry,), bits

    def _by_group(self, group: str) -> None:
        given = self._given_to(group)
        self.scopes = tuple(given)
        for bits in given.values():
            self.bits |= bits

    def _given_to(self, group: str, without: str | None = None) -> dict[ResourceEntry, int]:
        """The roles that a group has on each resource, one assignment left out."""
        found: dict[ResourceEntry, int] = {}
        for entry in self._tables.holds.get(group, ()):
            groups, bits, ids = self._tables.assigned[entry]
            for each, bit, id in zip(groups, bits, ids, strict=True):
                if each == group and id != without:
                    found[entry] = found.get(entry, 0) | bit
        return found

    def _standing(self, subject: Subject) -> None:
        who = self.access.directory.subject(subject)
        if who is None or who.organization is None:
            return
        for _, bit, relation in self.access.rules[who.principal].get(_ORGANIZATION, ()):
            if relation in (Relation.MEMBER, Relation.ADMIN):
                self.bits |= bit
        self.scopes = (self._tables.resources[_ORGANIZATION][who.organization],)

    def concerned(self) -> Iterator[Pair]:
        """Every subject whose access may differ; the subject of a share among them."""
        change = self.change
        if isinstance(change, Assign):
            yield from ((who, who) for who in self._members(change.group))
        elif isinstance(change, Unassign):
            group = change.assignment.group
            yield from ((who, _outside(who, group)) for who in self._members(group))
        elif isinstance(change, DeleteGroup):
            yield from ((who, _outside(who, change.group)) for who in self._members(change.group))
        elif not isinstance(change, CreateGroup):
            who = self.access.directory.subject(change.subject)
            if who is not None:
                yield who, self._then(who)

    def _members(self, group: str) -> Iterable[SubjectEntry]:
        subjects = self._tables.subjects
        members = self._tables.members.get(group, ())
        return (subjects[each.principal][each.id] for each in members)

    def _then(self, who: SubjectEntry) -> SubjectEntry:
        """The one subject of a change as it would be."""
        change = self.change
        if isinstance(change, AddMember):
            return SubjectEntry(who.record, {**who.groups, change.group: ""})
        if isinstance(change, RemoveMember):
            return _outside(who, change.group)
        if isinstance(change, SetOrganizationRole):
            return SubjectEntry(who.record._replace(role=change.role), who.groups)
        return who

    def given(self, pair: Pair, about: ResourceEntry) -> Given:
        """Every role given on a resource or what contains it, before and after; kept."""
        found = self._given.get((pair[0], about))
        if found is None:
            who, then = pair
            before = self.access.given(who, about)
            after = before if then is who else self._afresh(then, about)
            found = self._given[who, about] = before, after | self._more(about)
        return found

    def assigned(self, pair: Pair, about: ResourceEntry) -> Given:
        """Every role that assignments give there, relations aside."""
        who, then = pair
        before = self._assigned(who, about)
        after = before if then is who else self._assigned(then, about)
        return before, after | self._more(about)

    def _afresh(self, then: SubjectEntry, about: ResourceEntry) -> int:
        bits = 0
        for scope in (about, *about.above):
            bits |= self.access.given_on(then, scope)
        return bits

    def _more(self, about: ResourceEntry) -> int:
        """What all of them are given besides."""
        bits = self._besides.get(about, 0)
        for scope in about.above:
            bits |= self._besides.get(scope, 0)
        return bits

    def _assigned(self, who: SubjectEntry, about: ResourceEntry) -> int:
        bits = 0
        for scope in (about, *about.above):
            groups, given, _ = self._tables.assigned.get(scope, NO_ASSIGNMENTS)
            for group, bit in zip(groups, given, strict=True):
                if group in who.groups:
                    bits |= bit
        return bits


_ORGANIZATION = ResourceType.ORGANIZATION


def _outside(who: SubjectEntry, group: str) -> SubjectEntry:
    """A subject as it would be outside a group."""
    if group not in who.groups:
        return who
    return SubjectEntry(who.record, {each: id for each, id in who.groups.items() if each != group})
