"""From records to a directory folder, in canonical order, whole or not at all.

Knows how each record is written as the API writes it. It must not know the rules that hold
between records.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator

from rbac.errors import RequestError, quoted
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.snapshots.files import JSON_LINES, TABLES
from rbac.snapshots.shapes import timestamp
from rbac.terms import Resource, Subject
from rbac.vocabulary import Name, ResourceRole


def write(records: Records, path: str | os.PathLike[str]) -> None:
    """Writes `records` to the folder `path`, which must be free or empty.

    They are written beside it, brought to the disk, and put in its place in one step: an
    interrupted write leaves at most a folder whose name says that it is not finished. Raises
    `FileExistsError` for a folder that holds anything, `RequestError` for what cannot be
    written.
    """
    target = os.path.abspath(os.fspath(path))
    if os.path.lexists(target) and (not os.path.isdir(target) or os.listdir(target)):
        raise FileExistsError(f"{quoted(target)} is there already and is not an empty folder")
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    name = f".{os.path.basename(target)}.unfinished-{secrets.token_hex(4)}"
    unfinished = os.path.join(parent, name)
    os.mkdir(unfinished)
    try:
        for table, name in TABLES.items():
            lines = _LINES[table](records)
            _write_file(os.path.join(unfinished, name + JSON_LINES), sorted(lines))
        _bring_to_disk(unfinished)
        os.rename(unfinished, target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    _bring_to_disk(parent)


def _write_file(path: str, lines: Iterable[str]) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())


def _bring_to_disk(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _json(**members: object) -> str:
    """An object on one line, without the members that say nothing."""
    said = {name: value for name, value in members.items() if value not in (None, False, {}, [])}
    return json.dumps(said, separators=(",", ":"))


def _name(name: Name) -> str | None:
    return None if name.name == "UNSPECIFIED" else str(name.value)


def _subject(subject: Subject | None) -> object:
    return None if subject is None else {"id": subject.id, "principal": subject.principal.value}


def _resource(resource: Resource) -> object:
    return {"type": resource.type.value, "id": resource.id}


def _organization(each: Organization) -> str:
    lets = {
        "membersCreateProjects": each.members_create_projects,
        "membersRequireProjects": each.members_require_projects,
    }
    known = {name: value for name, value in lets.items() if value is not None}
    return _json(id=each.id, tier=_name(each.tier), policies=known)


def _subject_record(each: SubjectRecord) -> str:
    return _json(
        id=each.subject.id,
        principal=each.subject.principal.value,
        organizationId=each.organization,
        status=_name(each.status),
        organizationRole=_name(each.role),
        validUntil=_valid_until(each),
    )


def _valid_until(each: SubjectRecord) -> str | None:
    if each.valid_until is None:
        return None
    try:
        return timestamp(each.valid_until)
    except (ValueError, OverflowError):
        raise RequestError(f"{each.subject}: {each.valid_until} is no instant") from None


def _group(each: Group) -> str:
    return _json(
        id=each.id,
        organizationId=each.organization,
        directShare=each.direct_share,
        systemManaged=each.system_managed,
    )


def _resource_record(each: ResourceRecord) -> str:
    return _json(
        type=each.resource.type.value,
        id=each.resource.id,
        parents=[_resource(parent) for parent in sorted(each.parents, key=str)],
        creator=_subject(each.creator),
        owner=_subject(each.owner),
        executor=_subject(each.executor),
        references={reference.type.short: reference.id for reference in each.references},
    )


def _membership(each: Membership) -> str:
    return _json(id=each.id, groupId=each.group, subject=_subject(each.subject))


def _assignment(each: Assignment) -> str:
    derived = each.derived_from is not ResourceRole.UNSPECIFIED
    return _json(
        id=each.id,
        groupId=each.group,
        resourceId=each.resource.id,
        resourceType=each.resource.type.value,
        resourceRole=each.role.value,
        derivedFromOrgRole=each.derived_from.value if derived else None,
    )


_LINES: dict[str, Callable[[Records], Iterator[str]]] = {
    "organizations": lambda records: map(_organization, records.organizations),
    "subjects": lambda records: map(_subject_record, records.subjects),
    "groups": lambda records: map(_group, records.groups),
    "resources": lambda records: map(_resource_record, records.resources),
    "memberships": lambda records: map(_membership, records.memberships),
    "assignments": lambda records: map(_assignment, records.assignments),
}
