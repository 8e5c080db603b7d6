"""What records must be to be a directory: taken in one by one, each fault named.

Knows the rules that hold between records, and those of a policy about them: known groups
and resources, containers of a permitted type, one organization, roles where they may be
assigned. It must not know files, nor decide anything.

A record that breaks a rule is left out, and so is whatever needs it; what is left is
sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.entries import (
    BITS,
    CROWD,
    Block,
    ResourceEntry,
    SubjectEntry,
    Tables,
    containers,
    merged,
)
from rbac.errors import RequestError, quoted
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.policy import Policy
from rbac.records import (
    ITSELF,
    REFERENCED,
    SINGLETONS,
    TENANTS,
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Resource, Subject, canonical_id, with_article
from rbac.vocabulary import ResourceRole, ResourceType

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[int, int], None]
    """Is told how many records are taken in, of how many."""


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
        self.rules = _Rules(policy)

    def take(self, records: Records, progress: Progress | None = None) -> None:
        """Takes in all `records`, each table after those it refers to."""
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
        for single, container in SINGLETONS.items():
            if container is entry.type:
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
        if (record.organization is None) is (principal in TENANTS):
            needs = "needs" if principal in TENANTS else "has no"
            raise RequestError(f"{with_article(principal.short)} {needs} organization")
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
        waiting: dict[Resource, tuple[int, ResourceRecord]] = {}
        for number, record in enumerate(records):
            if record.resource in waiting or self._has_record(record.resource):
                message = f"a second resource {quoted(str(record.resource))}; remove one"
                self.faults.append(Fault("resources", number, message))
            else:
                waiting[record.resource] = number, record
        taken: list[tuple[int, ResourceEntry]] = []
        while waiting:
            self._resource(next(iter(waiting)), waiting, taken)
        self._check_references(taken)

    def _has_record(self, resource: Resource) -> bool:
        found = self.tables.resources[resource.type].get(resource.id)
        return found is not None and not found.implied

    def _resource(
        self,
        resource: Resource,
        waiting: dict[Resource, tuple[int, ResourceRecord]],
        taken: list[tuple[int, ResourceEntry]],
    ) -> None:
        """Takes in one resource, its containers first; types that contain each other end it."""
        number, record = waiting.pop(resource)
        try:
            self.rules.parents(record)
            for parent in record.parents:
                if parent in waiting:
                    self._resource(parent, waiting, taken)
            entry = self._entry(record)
        except RequestError as error:
            self.faults.append(Fault("resources", number, str(error)))
            return
        taken.append((number, entry))
        self._place(entry)

    def _entry(self, record: ResourceRecord) -> ResourceEntry:
        type, id = record.resource.type, record.resource.id
        implied = self.tables.resources[type].get(id)
        parents = tuple(self._known(parent, "container") for parent in record.parents)
        entry = ResourceEntry(type, id, parents, self._shared(parents), record=record)
        organizations = {each.id for each in entry.above if each.type is ResourceType.ORGANIZATION}
        if len(organizations) > 1:
            raise RequestError(f"lies within {len(organizations)} organizations")
        if implied is not None and entry.organization != implied.organization:
            raise RequestError("lies within another organization than its subject or group")
        return entry

    def _shared(self, parents: tuple[ResourceEntry, ...]) -> tuple[ResourceEntry, ...]:
        """All that contains what lies within `parents`: one tuple for all their resources."""
        return self.rules.shared.setdefault(parents, containers(parents))

    def _known(self, resource: Resource, what: str) -> ResourceEntry:
        found = self.tables.resources[resource.type].get(resource.id)
        if found is None:
            raise RequestError(f"unknown {what} {quoted(str(resource))}")
        return found

    def _check_references(self, taken: Iterable[tuple[int, ResourceEntry]]) -> None:
        """Takes out of each resource the names of what is not there; they could only give."""
        for number, entry in taken:
            if not entry.references:
                continue
            faults = list(self.rules.references(entry, self.tables))
            self.faults += [Fault("resources", number, message) for _, message in faults]
            if faults:
                wrong = {reference for reference, _ in faults}
                kept = tuple(each for each in entry.references if each not in wrong)
                object.__setattr__(entry, "references", kept)  # nobody has seen it yet

    def _memberships(self, records: Iterable[Membership]) -> None:
        seen: set[str] = set()
        joined: dict[str, dict[Subject, str]] = {}
        joining: dict[SubjectEntry, dict[str, str]] = {}
        for number, record in enumerate(records):
            try:
                who = self._member(record, seen)
            except RequestError as error:
                self.faults.append(Fault("memberships", number, str(error)))
                continue
            id, group, subject = record
            seen.add(id)
            joining.setdefault(who, {}).setdefault(group, id)
            joined.setdefault(group, {}).setdefault(subject, id)
        for who, groups in joining.items():
            entry = SubjectEntry(who.record, groups | who.groups)
            self.tables.subjects[who.principal][who.id] = entry
        for group, members in joined.items():
            self.tables.members[group] = members | self.tables.members.get(group, {})

    def _member(self, record: Membership, seen: set[str]) -> SubjectEntry:
        """The subject that a membership names, if it may be one."""
        id, group_id, subject = record
        group = self.tables.groups.get(group_id)
        who = self.tables.subjects[subject.principal].get(subject.id)
        if group is None:
            raise RequestError(f"unknown group {quoted(group_id)}")
        if who is None:
            raise RequestError(f"unknown subject {quoted(str(subject))}")
        if id in seen:
            raise RequestError(f"a second membership {quoted(id)}; remove one")
        if who.principal not in self.rules.may_join:
            noun = with_article(who.principal.short)
            raise RequestError(f"{noun} may hold no role that a group is given")
        if who.organization != group.organization:
            raise RequestError(f"{subject} belongs to another organization than the group")
        return who

    def _assignments(self, records: Iterable[Assignment], progress: Progress | None) -> None:
        """Takes in assignments; a microsecond or two each."""
        rules, tables = self.rules, self.tables
        seen: set[str] = set()
        giving: dict[ResourceEntry, list[str | int]] = {}
        derived: dict[ResourceEntry, list[Assignment]] = {}
        direct = ResourceRole.UNSPECIFIED
        for number, record in enumerate(records):
            id, group_id, resource, role, origin = record
            group = tables.groups.get(group_id)
            entry = tables.resources[resource.type].get(resource.id)
            if (
                group is None
                or entry is None
                or (rules.assignable if origin is direct else rules.held_on).get(role)
                is not entry.type
                or entry.organization != group.organization
                or id in seen
            ):
                message = self._assignment_fault(record, seen)
                self.faults.append(Fault("assignments", number, message))
                continue
            seen.add(id)
            if origin is direct:
                giving.setdefault(entry, []).extend((group_id, BITS[role], id))
            else:
                derived.setdefault(entry, []).append(record)
            if progress is not None and not number % 10_000:
                progress(number, 0)
        self._settle(giving, derived)

    def _assignment_fault(self, record: Assignment, seen: set[str]) -> str:
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
        return f"{resource} belongs to another organization than the group"

    def _settle(
        self,
        giving: dict[ResourceEntry, list[str | int]],
        derived: dict[ResourceEntry, list[Assignment]],
    ) -> None:
        """Puts new assignments behind those that are there."""
        tables = self.tables
        holds: dict[str, dict[ResourceEntry, None]] = {}
        for entry, flat in giving.items():
            self.put(entry, merged(tables.assigned.get(entry, ()), flat))
            for group in flat[::3]:
                holds.setdefault(str(group), {})[entry] = None
        for group_id, entries in holds.items():
            tables.holds[group_id] = tables.holds.get(group_id, {}) | entries
        for entry, records in derived.items():
            tables.derived[entry] = (*tables.derived.get(entry, ()), *records)

    def put(self, entry: ResourceEntry, block: Block) -> None:
        """Makes `block` the assignments on `entry`."""
        self.tables.crowds.pop(entry, None)
        if not block:
            self.tables.assigned.pop(entry, None)
            return
        self.tables.assigned[entry] = block
        count = len(block) // 3
        if count > CROWD:
            crowd: dict[str, int] = {}
            for group, bit in zip(block[:count], block[count : 2 * count], strict=True):
                crowd[str(group)] = crowd.get(str(group), 0) | int(bit)
            self.tables.crowds[entry] = crowd


class _Rules:
    """What a policy says about records, by what is asked of it."""

    def __init__(self, policy: Policy) -> None:
        rows = policy.rows
        self.held_on = {row.role: row.assigned_on for row in rows.roles}
        self.assignable = {row.role: row.assigned_on for row in rows.roles if row.assignable}
        self.may_join = {row.principal for row in rows.eligibility if row.role in self.assignable}
        self.parents_of: dict[ResourceType, set[ResourceType]] = {}
        for row in rows.containment:
            self.parents_of.setdefault(row.child, set()).add(row.parent)
        self.shared: dict[tuple[ResourceEntry, ...], tuple[ResourceEntry, ...]] = {}

    def parents(self, record: ResourceRecord) -> None:
        """Raises `RequestError` unless the containers of `record` are of permitted types."""
        type = record.resource.type
        if type is ResourceType.ORGANIZATION:
            raise RequestError("an organization has a record of its own, among organizations")
        permitted = self.parents_of.get(type, set())
        for parent in record.parents:
            if parent.type not in permitted:
                child, container = with_article(type.short), with_article(parent.type.short)
                raise RequestError(f"{child} does not lie within {container}")
        if len(set(record.parents)) != len(record.parents):
            raise RequestError("names a container twice")
        if permitted and not record.parents:
            kinds = " or ".join(sorted(parent.short for parent in permitted))
            raise RequestError(f"{with_article(type.short)} needs a container: {kinds}")

    def references(self, entry: ResourceEntry, tables: Tables) -> Iterator[tuple[Resource, str]]:
        """Every resource that `entry` names and should not, with the reason."""
        types = [reference.type for reference in entry.references]
        for reference in entry.references:
            kind = reference.type
            if kind not in REFERENCED:
                yield reference, f"{with_article(kind.short)} is contained or not, never named"
            elif types.count(kind) > 1:
                yield reference, f"names two resources of type {kind.short}"
            elif reference.id not in tables.resources[kind]:
                yield reference, f"unknown reference {quoted(str(reference))}"


def _organization(parents: tuple[ResourceEntry, ...]) -> str | None:
    return parents[0].organization if parents else None
