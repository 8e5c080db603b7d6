"""Writes records as a directory folder, in canonical order.

Knows how each record is written, so that reading it gives an equal one. It must not know
whether the records are a directory.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction

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
from rbac.snapshots.files import JSON_LINES, TABLES
from rbac.snapshots.lines import Object
from rbac.snapshots.reader import read
from rbac.snapshots.shapes import NANO, SECOND
from rbac.terms import Resource, Subject
from rbac.whole import put, whole_folder


def write(records: Records, folder: str) -> None:
    """Writes `records` as the directory folder `folder`, whole or not at all.

    The folder appears in one rename when every file is on disk and can be read back.
    Raises `FileExistsError` if something that is not an empty folder is there already,
    `ValueError` for records that cannot be written, as with an id that is none.
    """
    with whole_folder(folder) as building:
        for table, name in TABLES.items():
            put(os.path.join(building, name + JSON_LINES), lines(getattr(records, table)))
        if problems := read(building).problems:
            message = problems[0].message
            raise ValueError(f"these records cannot be written: {message}")


def lines(records: Iterable[Record]) -> Iterator[str]:
    """The line of each record, sorted by what it is about."""
    for record in sorted(records, key=lambda record: str(record[0])):
        said = {name: value for name, value in _object(record).items() if value is not None}
        yield json.dumps(said, separators=(",", ":")) + "\n"


def _object(record: Record) -> Object:
    """The members of a record; None where it is absent."""
    if isinstance(record, Assignment):
        return _assignment(record)
    if isinstance(record, Membership):
        id, group, subject = record
        return {"id": id, "groupId": group, "subject": _subject(subject)}
    if isinstance(record, Group):
        return _group(record)
    if isinstance(record, ResourceRecord):
        return _resource_record(record)
    if isinstance(record, SubjectRecord):
        return _subject_record(record)
    return _organization(record)


def _assignment(record: Assignment) -> Object:
    direct = record.derived_from.name == "UNSPECIFIED"
    return {
        "id": record.id,
        "groupId": record.group,
        "resourceId": record.resource.id,
        "resourceType": record.resource.type.value,
        "resourceRole": record.role.value,
        "derivedFromOrgRole": None if direct else record.derived_from.value,
    }


def _group(record: Group) -> Object:
    return {
        "id": record.id,
        "organizationId": record.organization,
        "directShare": record.direct_share or None,
        "systemManaged": record.system_managed or None,
    }


def _organization(record: Organization) -> Object:
    lets = {
        "membersCreateProjects": record.members_create_projects,
        "membersRequireProjects": record.members_require_projects,
    }
    known = {name: value for name, value in lets.items() if value is not None}
    tier = None if record.tier.name == "UNSPECIFIED" else record.tier.value
    return {"id": record.id, "tier": tier, "policies": known or None}


def _subject_record(record: SubjectRecord) -> Object:
    names = {"status": record.status, "organizationRole": record.role}
    until = record.valid_until
    return {
        **_subject(record.subject),
        "organizationId": record.organization,
        **{key: None if name.name == "UNSPECIFIED" else name.value for key, name in names.items()},
        "validUntil": None if until is None else timestamp(until),
    }


def _resource_record(record: ResourceRecord) -> Object:
    people = {"creator": record.creator, "owner": record.owner, "executor": record.executor}
    references = {each.type.short: each.id for each in sorted(record.references, key=str)}
    if len(references) != len(record.references):
        raise ValueError(f"{record.resource} names two resources of one type")
    return {
        **_resource(record.resource),
        "parents": [*map(_resource, sorted(record.parents, key=str))] or None,
        **{name: None if who is None else _subject(who) for name, who in people.items()},
        "references": references or None,
    }


def _subject(subject: Subject) -> dict[str, str]:
    return {"id": subject.id, "principal": subject.principal.value}


def _resource(resource: Resource) -> dict[str, str]:
    return {"type": resource.type.value, "id": resource.id}


def timestamp(seconds: float) -> str:
    """The shortest RFC 3339 timestamp of an instant; raises `ValueError` if it has none."""
    try:
        nanos = round(Fraction(seconds) * NANO)
        whole, rest = divmod(nanos, NANO)
        moment = datetime(1970, 1, 1) + whole * SECOND
    except OverflowError:
        raise ValueError(f"{seconds!r} is in no year that can be written") from None
    if nanos / NANO != seconds:
        raise ValueError(f"{seconds!r} seconds cannot be written in whole nanoseconds")
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    return f"{moment.isoformat()}{fraction}Z"
