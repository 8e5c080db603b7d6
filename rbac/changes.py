"""What becomes of a directory's tables when records go and others come.

Knows which records hang on which, and what can be shared. It must not know what a record
gives anybody, nor who may change what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from rbac.entries import NO_ASSIGNMENTS, ResourceEntry, SubjectEntry, Tables, assignments_on
from rbac.errors import RequestError, quoted
from rbac.intake import Fault, Intake
from rbac.light import TYPE_CHECKING
from rbac.policy import Policy
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Subject
from rbac.vocabulary import ResourceRole, ResourceType

if TYPE_CHECKING:
    from typing import TypeVar

    _E = TypeVar("_E", SubjectEntry, ResourceEntry)
    _P = TypeVar("_P")

_TABLES = {
    Organization: "organizations",
    SubjectRecord: "subjects",
    Group: "groups",
    ResourceRecord: "resources",
    Membership: "memberships",
    Assignment: "assignments",
}


def changed(
    policy: Policy,
    tables: Tables,
    everything: Callable[[], Records],
    add: Sequence[Record],
    remove: Sequence[Record],
) -> tuple[Tables, list[Fault]]:
    """The tables without `remove` and then with `add`, and the faults of what was added.

    `everything` gives all records, for the changes that share nothing. Raises `TypeError`
    for anything but a record, `RequestError` for one to remove that is not there.
    """
    for record in (*add, *remove):
        if type(record) not in _TABLES:
            raise TypeError(f"a directory has no {type(record).__name__}")
    _each_once(remove)
    standings = [record for record in add if isinstance(record, SubjectRecord)]
    standing = {record.subject: record for record in standings}
    # Of two records of one subject neither may win in silence: built anew, they are refused.
    if (
        len(standing) != len(standings)
        or not all(_shares(record, standing) for record in remove)
        or any(
            isinstance(record, ResourceRecord)
            and record.resource.id in tables.resources[record.resource.type]
            for record in add
        )
    ):
        return _rebuilt(policy, everything(), add, remove)
    intake = Intake(policy, tables.copy())
    for record in remove:
        _take_out(intake, record, standing)
    replaced = {record.subject for record in remove if isinstance(record, SubjectRecord)}
    intake.faults += _unsound(intake, standings, replaced)
    coming = records_of([record for record in add if record[0] not in replaced])
    faults = _second_ids(intake.tables, coming)
    intake.take(coming)
    return intake.tables, [*faults, *intake.faults]


def records_of(records: Iterable[Record]) -> Records:
    """The records by table, each in its order."""
    found: dict[str, list[Record]] = {name: [] for name in Records._fields}
    for record in records:
        found[_TABLES[type(record)]].append(record)
    return Records(**found)  # type: ignore[arg-type]


def _shares(record: Record, standing: dict[Subject, SubjectRecord]) -> bool:
    """Whether taking `record` out leaves every other entry as it is."""
    if isinstance(record, Membership):
        return True
    if isinstance(record, Assignment):
        return record.derived_from is ResourceRole.UNSPECIFIED
    if not isinstance(record, SubjectRecord):
        return False
    again = standing.get(record.subject)
    return again is not None and again.organization == record.organization


def _take_out(intake: Intake, record: Record, standing: dict[Subject, SubjectRecord]) -> None:
    if isinstance(record, Membership):
        _membership(intake.tables, record)
    elif isinstance(record, Assignment):
        _assignment(intake, record)
    else:
        assert isinstance(record, SubjectRecord), "others are rebuilt"
        who = _found(
            intake.tables.subjects[record.subject.principal].get(record.subject.id), record
        )
        if who.record != record:
            raise _missing(record)
        entry = SubjectEntry(standing[record.subject], who.groups)
        intake.tables.subjects[who.principal][who.id] = entry


def _unsound(
    intake: Intake, standings: Sequence[SubjectRecord], replaced: set[Subject]
) -> Iterator[Fault]:
    """What is wrong with the records that take the place of others, which are not taken in."""
    for number, record in enumerate(standings):
        try:
            if record.subject in replaced:
                intake.rules.standing(record)
        except RequestError as error:
            yield Fault("subjects", number, str(error))


def _membership(tables: Tables, record: Membership) -> None:
    id, group, subject = record
    who = _found(tables.subjects[subject.principal].get(subject.id), record)
    if who.groups.get(group) != id:
        raise _missing(record)
    left = {each: joined for each, joined in who.groups.items() if each != group}
    tables.subjects[who.principal][who.id] = SubjectEntry(who.record, left)
    members = tables.members[group]
    tables.members[group] = {each: joined for each, joined in members.items() if each != subject}


def _assignment(intake: Intake, record: Assignment) -> None:
    tables = intake.tables
    entry = _found(tables.resources[record.resource.type].get(record.resource.id), record)
    block = tables.assigned.get(entry, NO_ASSIGNMENTS)
    assignments = assignments_on(entry, block)
    if record not in assignments:
        raise _missing(record)
    gone = assignments.index(record)
    groups, bits, ids = block
    intake.put(entry, (_without(groups, gone), _without(bits, gone), _without(ids, gone)))
    if all(each.group != record.group for each in assignments if each != record):
        holds = tables.holds[record.group]
        tables.holds[record.group] = {each: None for each in holds if each is not entry}


def _without(parts: tuple[_P, ...], gone: int) -> tuple[_P, ...]:
    return parts[:gone] + parts[gone + 1 :]


def _rebuilt(
    policy: Policy, records: Records, add: Sequence[Record], remove: Sequence[Record]
) -> tuple[Tables, list[Fault]]:
    """Tables that share nothing; with a group or a subject goes what hangs on it."""
    present = {_told(record) for table in records for record in table}
    going = {_told(record) for record in remove}
    for record in remove:
        if _told(record) not in present:
            raise _missing(record)
    groups = {each.id for each in going if isinstance(each, Group)}
    groups -= {each.id for each in add if isinstance(each, Group)}
    subjects = {each.subject for each in going if isinstance(each, SubjectRecord)}
    subjects -= {each.subject for each in add if isinstance(each, SubjectRecord)}

    def stays(record: Record) -> bool:
        hangs = isinstance(record, Membership | Assignment) and record.group in groups
        gone = isinstance(record, Membership) and record.subject in subjects
        on_group = isinstance(record, Assignment) and (
            record.resource.type is ResourceType.GROUP and record.resource.id in groups
        )
        return not (_told(record) in going or hangs or gone or on_group)

    kept = (list(filter(stays, table)) for table in records)
    coming = records_of(add)
    intake = Intake(policy, Tables())
    intake.take(Records(*([*old, *new] for old, new in zip(kept, coming, strict=True))))  # type: ignore[arg-type]
    return intake.tables, intake.faults


def _each_once(remove: Sequence[Record]) -> None:
    """Raises `RequestError` for a record that is taken out again: it is not there any more."""
    gone = set()
    for record in map(_told, remove):
        if record in gone:
            raise _missing(record)
        gone.add(record)


def _told(record: Record) -> Record:
    """The record as it is compared: in whatever order its containers and references stand."""
    if not isinstance(record, ResourceRecord):
        return record
    parents, references = sorted(record.parents, key=str), sorted(record.references, key=str)
    return record._replace(parents=tuple(parents), references=tuple(references))


def _second_ids(tables: Tables, coming: Records) -> list[Fault]:
    """Assignments and memberships to add whose id is another's already."""
    return [
        *_taken("memberships", "membership", coming.memberships, _membership_ids(tables)),
        *_taken("assignments", "assignment", coming.assignments, _assignment_ids(tables)),
    ]


def _taken(
    table: str, what: str, coming: Sequence[Membership | Assignment], ids: Iterator[str]
) -> Iterator[Fault]:
    if not coming:
        return
    taken = {each.id for each in coming}.intersection(ids)
    for number, each in enumerate(coming):
        if each.id in taken:
            yield Fault(table, number, f"a second {what} {quoted(each.id)}; remove one")


def _membership_ids(tables: Tables) -> Iterator[str]:
    return chain.from_iterable(members.values() for members in tables.members.values())


def _assignment_ids(tables: Tables) -> Iterator[str]:
    derived = (each.id for records in tables.derived.values() for each in records)
    return chain(chain.from_iterable(ids for _, _, ids in tables.assigned.values()), derived)


def _found(entry: _E | None, record: Record) -> _E:
    if entry is None:
        raise _missing(record)
    return entry


def _missing(record: Record) -> RequestError:
    return RequestError(f"there is no such record to remove: {quoted(str(record))}")
