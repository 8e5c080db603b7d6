"""What records must be to be a directory: taken in one by one, each fault named.

Knows the rules that hold between records, and those of a policy about them: known groups
and resources, containers of a permitted type, one organization, roles where they may be
assigned. It must not know files, nor decide anything.

A record that breaks a rule is left out, and so is whatever needs it; what is left is
sound.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from rbac.collector import uncollected
from rbac.entries import (
    BITS,
    CROWD,
    Block,
    ResourceEntry,
    SubjectEntry,
    Tables,
    containers,
)
from rbac.errors import RequestError, quoted
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.policy import Policy
from rbac.record_rules import RecordRules
from rbac.records import (
    ITSELF,
    SINGLETONS,
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import (
    Resource,
    Subject,
    all_canonical,
    canonical_id,
    is_canonical,
    with_article,
)
from rbac.vocabulary import ResourceRole, ResourceType

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Progress = Callable[[int, int], None]
    """Is told how many records are taken in, of how many."""

    _Waiting = dict[ResourceType, dict[str, tuple[int, ResourceRecord]]]
    """Resources that are not taken in yet, each with its number."""

    _Giving = dict[ResourceEntry, list[Any]]
    """New assignments by resource: group, bit of the role, id, group, bit of the role, id."""


# Looking a member up on its enum costs more than comparing with it.
_ORGANIZATION = ResourceType.ORGANIZATION

_SINGLE: dict[ResourceType, tuple[ResourceType, ...]] = {
    container: tuple(each for each, within in SINGLETONS.items() if within is container)
    for container in SINGLETONS.values()
}
"""What each container has exactly one of, by its type."""


class Fault(NamedTuple):
    """A record that was left out: its table, its number there from 0, and why."""

    table: str
    number: int
    message: str


class Intake:
    """Takes records into `tables`, which it owns; `faults` collects what was left out."""

    def __init__(self, policy: Policy, tables: Tables) -> None:
        self.tables = tables
        self.faults: list[Fault] = []
        self.rules = RecordRules(policy)

    def take(self, records: Records, progress: Progress | None = None) -> None:
        """Takes in all `records`, each table after those it refers to."""
        with uncollected:
            self._tables(records, progress)

    def _tables(self, records: Records, progress: Progress | None) -> None:
        for number, organization in enumerate(records.organizations):
            self._try("organizations", number, self._organization, organization)
        for number, subject in enumerate(records.subjects):
            self._try("subjects", number, self._subject, subject)
        for number, group in enumerate(records.groups):
            self._try("groups", number, self._group, group)
        self._resources(records.resources)
        self._memberships(records.memberships)
        self._assignments(records.assignments, progress)

    def _try(self, table: str, number: int, take: Callable[[Record], None], record: Record) -> None:
        try:
            take(record)
        except RequestError as error:
            self.faults.append(Fault(table, number, str(error)))

    def _organization(self, record: Record) -> None:
        assert isinstance(record, Organization)
        id = canonical_id(record.id)
        if id in self.tables.organizations:
            raise RequestError(f"a second organization {quoted(id)}; remove one")
        self.tables.organizations[id] = record
        self._imply(ResourceType.ORGANIZATION, id, ())

    def _imply(self, type: ResourceType, id: str, parents: tuple[ResourceEntry, ...]) -> None:
        """A resource that needs no record, unless it has one that is there already."""
        known = self.tables.resources[type].get(id)
        if known is None:
            self._place(ResourceEntry(type, id, parents, self._shared(parents)))
        elif known.organization != _organization(parents):
            raise RequestError("its resource lies within another organization")

    def _place(self, entry: ResourceEntry) -> None:
        """Puts a resource where it is found, and with it what it has exactly one of."""
        self.tables.resources[entry.type][entry.id] = entry
        for single in _SINGLE.get(entry.type, ()):
            only = ResourceEntry(single, entry.id, (entry,), (entry, *entry.above))
            self.tables.resources[single][entry.id] = only

    def _within(self, organization: str) -> tuple[ResourceEntry, ...]:
        found = self.tables.resources[ResourceType.ORGANIZATION].get(organization)
        if found is None:
            raise RequestError(f"unknown organization {quoted(organization)}")
        return (found,)

    def _subject(self, record: Record) -> None:
        assert isinstance(record, SubjectRecord)
        principal, id = record.subject.principal, record.subject.id
        if id in self.tables.subjects[principal]:
            raise RequestError(f"a second subject {quoted(str(record.subject))}; remove one")
        parents: tuple[ResourceEntry, ...] = ()
        if record.organization is not None:
            parents = self._within(record.organization)
        self.rules.standing(record)
        self.tables.subjects[principal][id] = SubjectEntry(record, {})
        if principal in ITSELF:
            self._imply(ITSELF[principal], id, parents)

    def _group(self, record: Record) -> None:
        assert isinstance(record, Group)
        id = canonical_id(record.id)
        if id in self.tables.groups:
            raise RequestError(f"a second group {quoted(id)}; remove one")
        self._imply(ResourceType.GROUP, id, self._within(record.organization))
        self.tables.groups[id] = record

    def _resources(self, records: Iterable[ResourceRecord]) -> None:
        """Takes in resources in any order: containers are taken in before what they hold."""
        waiting: _Waiting = {type: {} for type in ResourceType}
        for number, record in enumerate(records):
            type, id = record.resource.type, record.resource.id
            known = self.tables.resources[type].get(id)
            if id in waiting[type] or (known is not None and not known.implied):
                message = f"a second resource {quoted(str(record.resource))}; remove one"
                self.faults.append(Fault("resources", number, message))
            else:
                waiting[type][id] = number, record
        naming: list[tuple[int, ResourceEntry]] = []
        for of_type in waiting.values():
            for id in list(of_type):
                if id in of_type:
                    self._resource(*of_type.pop(id), waiting, naming)
        self._check_references(naming)

    def _resource(
        self,
        number: int,
        record: ResourceRecord,
        waiting: _Waiting,
        naming: list[tuple[int, ResourceEntry]],
    ) -> None:
        """Takes in one resource, its containers first; types that contain each other end it."""
        try:
            self.rules.parents(record)
            for parent in record.parents:
                first = waiting[parent.type].pop(parent.id, None)
                if first is not None:
                    self._resource(*first, waiting, naming)
            entry = self._entry(record)
        except RequestError as error:
            self.faults.append(Fault("resources", number, str(error)))
            return
        if entry.references:
            naming.append((number, entry))
        self._place(entry)

    def _entry(self, record: ResourceRecord) -> ResourceEntry:
        type, id = record.resource.type, record.resource.id
        parents = tuple([self._known(parent, "container") for parent in record.parents])
        entry = ResourceEntry(type, id, parents, self._shared(parents), record=record)
        implied = self.tables.resources[type].get(id)
        if implied is not None and entry.organization != implied.organization:
            raise RequestError("lies within another organization than its subject or group")
        return entry

    def _shared(self, parents: tuple[ResourceEntry, ...]) -> tuple[ResourceEntry, ...]:
        """All that contains what lies within `parents`: one tuple for all their resources."""
        above = self.rules.shared.get(parents)
        if above is None:
            above = containers(parents)
            organizations = sum(each.type is _ORGANIZATION for each in above)
            if organizations > 1:
                raise RequestError(f"lies within {organizations} organizations")
            self.rules.shared[parents] = above
        return above

    def _known(self, resource: Resource, what: str) -> ResourceEntry:
        found = self.tables.resources[resource.type].get(resource.id)
        if found is None:
            raise RequestError(f"unknown {what} {quoted(str(resource))}")
        return found

    def _check_references(self, naming: Iterable[tuple[int, ResourceEntry]]) -> None:
        """Takes out of each resource the names of what is not there; they could only give."""
        for number, entry in naming:
            faults = self.rules.references(entry, self.tables)
            if faults:
                self.faults += [Fault("resources", number, message) for _, message in faults]
                wrong = {reference for reference, _ in faults}
                kept = tuple(each for each in entry.references if each not in wrong)
                object.__setattr__(entry, "references", kept)  # nobody has seen it yet

    def _memberships(self, records: Sequence[Membership]) -> None:
        subjects, groups = self.tables.subjects, self.tables.groups
        joined: dict[str, dict[Subject, str]] = {}
        joining: dict[SubjectEntry, dict[str, str]] = {}
        seen: set[str] | None = None if _sound_ids(records) else set()
        for number, record in enumerate(records):
            id, group_id, subject = record
            group = groups.get(group_id)
            who = subjects[subject.principal].get(subject.id)
            joins = None if who is None else joining.get(who)
            if (
                group is None
                or who is None
                or who.principal not in self.rules.may_join
                or who.organization != group.organization
                or group_id in who.groups
                or (joins is not None and group_id in joins)
                or (seen is not None and _is_unsound(id, seen))
            ):
                message = self._membership_fault(record, seen or ())
                self.faults.append(Fault("memberships", number, message))
                continue
            if joins is None:
                joins = joining[who] = {}
            joins[group.id] = id  # one string a group, not one a record
            members = joined.get(group_id)
            if members is None:
                members = joined[group.id] = {}
            members[subject] = id
        for who, more in joining.items():
            entry = SubjectEntry(who.record, more | who.groups)
            subjects[who.principal][who.id] = entry
        for group_id, members in joined.items():
            self.tables.members[group_id] = members | self.tables.members.get(group_id, {})

    def _membership_fault(self, record: Membership, seen: Container[str]) -> str:
        """Which rule a membership breaks."""
        id, group_id, subject = record
        group = self.tables.groups.get(group_id)
        who = self.tables.subjects[subject.principal].get(subject.id)
        if group is None:
            return f"unknown group {quoted(group_id)}"
        if who is None:
            return f"unknown subject {quoted(str(subject))}"
        if not is_canonical(id):
            return f"id {quoted(id)} is not a canonical lower-case UUID"
        if who.principal not in self.rules.may_join:
            return f"{with_article(who.principal.short)} may hold no role that a group is given"
        if who.organization != group.organization:
            return f"{subject} belongs to another organization than the group"
        if id in seen:
            return f"a second membership {quoted(id)}; remove one"
        return f"{subject} is in the group already"

    def _assignments(self, records: Sequence[Assignment], progress: Progress | None) -> None:
        """Takes in assignments; a microsecond or two each."""
        groups, resources = self.tables.groups, self.tables.resources
        assignable, held_on = self.rules.assignable, self.rules.held_on
        seen: set[str] | None = None if _sound_ids(records) else set()
        giving: _Giving = {}
        derived: dict[ResourceEntry, list[Assignment]] = {}
        direct = ResourceRole.UNSPECIFIED
        for number, record in enumerate(records):
            id, group_id, resource, role, origin = record
            group = groups.get(group_id)
            entry = resources[resource.type].get(resource.id)
            if (
                group is None
                or entry is None
                or (assignable if origin is direct else held_on).get(role) is not entry.type
                or entry.organization != group.organization
                or (seen is not None and _is_unsound(id, seen))
            ):
                message = self._assignment_fault(record, seen or ())
                self.faults.append(Fault("assignments", number, message))
                continue
            if origin is direct:
                flat = giving.get(entry)
                if flat is None:
                    flat = giving[entry] = []
                flat += (group.id, BITS[role], id)  # one string a group, not one a record
            else:
                derived.setdefault(entry, []).append(record)
            if progress is not None and not number % 10_000:
                progress(number, 0)
        self._settle(giving, derived)

    def _assignment_fault(self, record: Assignment, seen: Container[str]) -> str:
        """Which rule an assignment breaks."""
        id, group_id, resource, role, origin = record
        group = self.tables.groups.get(group_id)
        entry = self.tables.resources[resource.type].get(resource.id)
        on = self.rules.held_on.get(role)
        if group is None:
            return f"unknown group {quoted(group_id)}"
        if entry is None:
            return f"unknown resource {quoted(str(resource))}"
        if on is None:
            return f"the role {role.short} is held on no resource"
        if on is not resource.type:
            return f"{role.short} is held on {on.short} resources, not on {resource.type.short}"
        if origin is ResourceRole.UNSPECIFIED and role not in self.rules.assignable:
            return f"{role.short} is never assigned; only the system gives it"
        if id in seen:
            return f"a second assignment {quoted(id)}; remove one"
        if not is_canonical(id):
            return f"id {quoted(id)} is not a canonical lower-case UUID"
        return f"{resource} belongs to another organization than the group"

    def _settle(self, giving: _Giving, derived: dict[ResourceEntry, list[Assignment]]) -> None:
        """Puts new assignments behind those that are there."""
        tables = self.tables
        holds: dict[str, dict[ResourceEntry, None]] = {}
        for entry, flat in giving.items():
            groups, bits, ids = tuple(flat[::3]), tuple(flat[1::3]), tuple(flat[2::3])
            for group in groups:
                if group in holds:
                    holds[group][entry] = None
                else:
                    holds[group] = {entry: None}
            if (there := tables.assigned.get(entry)) is not None:
                groups, bits, ids = there[0] + groups, there[1] + bits, there[2] + ids
            self.put(entry, (groups, bits, ids))
        for group_id, entries in holds.items():
            tables.holds[group_id] = tables.holds.get(group_id, {}) | entries
        for entry, records in derived.items():
            tables.derived[entry] = (*tables.derived.get(entry, ()), *records)

    def put(self, entry: ResourceEntry, block: Block) -> None:
        """Makes `block` the assignments on `entry`."""
        groups, bits, ids = block
        self.tables.crowds.pop(entry, None)
        if not groups:
            self.tables.assigned.pop(entry, None)
            return
        # Few roles are given in few orders: most resources share theirs.
        bits = self.rules.patterns.setdefault(bits, bits)
        self.tables.assigned[entry] = groups, bits, ids
        if len(groups) > CROWD:
            crowd: dict[str, int] = {}
            for group, bit in zip(groups, bits, strict=True):
                crowd[group] = crowd.get(group, 0) | bit
            self.tables.crowds[entry] = crowd


def _sound_ids(records: Sequence[Membership | Assignment]) -> bool:
    """Whether every id is canonical and no other's: then none needs to be looked at by itself."""
    ids = [record[0] for record in records]
    return len(set(ids)) == len(ids) and all_canonical(ids)


def _is_unsound(id: str, seen: set[str]) -> bool:
    """Whether an id is another's already, or none at all; if not, it is remembered."""
    if id in seen or not is_canonical(id):
        return True
    seen.add(id)
    return False


def _organization(parents: tuple[ResourceEntry, ...]) -> str | None:
    return parents[0].organization if parents else None
