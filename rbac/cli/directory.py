"""Read a directory folder strictly, count what it holds, or show one thing of it.

  rbac directory validate DIR
  rbac directory stats DIR --format json
  rbac directory show user:00000002-0000-4000-8000-000000000022 DIR

A thing is a subject, a group or a resource: user:UUID, group:UUID, project:UUID. Without
DIR it is the folder in $RBAC_DIRECTORY. Exits 0; 2 for a thing that is not there; 3 if the
folder is no directory, with every problem by file and line.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from rbac.cli import ALLOWED, INVALID
from rbac.cli.options import (
    add_output,
    add_policies,
    directory_folder,
    policy,
    print_json,
    say,
)
from rbac.cli.progress import loading
from rbac.directory import Directory, read
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.errors import RequestError, UnknownName, quoted
from rbac.terms import Resource, Subject
from rbac.vocabulary import Name, OrganizationRole, Principal, ResourceType

Value = object
"""What is shown: a text, a number, a list or a mapping of such."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("ask", choices=("validate", "stats", "show"))
    parser.add_argument("words", metavar="[THING] [DIR]", nargs="*", help="THING is for show")
    add_policies(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Reads the folder and prints what was asked for; problems go to standard error."""
    thing, folder = _words(options.ask, options.words)
    with loading(options.quiet) as progress:
        if options.ask == "validate" and options.format == "json" and not options.quiet:
            directory, problems = read(folder, policy=policy(options.policies), progress=progress)
        else:
            problems = ()
            directory = Directory.load(folder, policy=policy(options.policies), progress=progress)
    if problems:
        listed = [problem._asdict() for problem in problems]
        print_json({"valid": False, "folder": folder, "problems": listed})
        return INVALID
    found = {
        "validate": lambda: {"valid": True, "folder": folder, **_summary(directory)},
        "stats": lambda: _stats(directory),
        "show": lambda: show(directory, thing),
    }[options.ask]()
    if options.quiet:
        return ALLOWED
    if options.format == "json":
        print_json(found)
    else:
        say(*_lines(found))
    return ALLOWED


def _words(ask: str, words: list[str]) -> tuple[str, str]:
    """The thing, empty but for ``show``, and the folder."""
    left = list(words)
    if ask == "show" and not left:
        raise RequestError("show what? name a subject, a group or a resource, as user:UUID")
    thing = left.pop(0) if ask == "show" else ""
    folder = directory_folder(left.pop(0) if left else None)
    if left:
        raise RequestError(f"one word too many: {quoted(left[0])}")
    if folder is None:
        raise RequestError("no directory: name its folder, or set RBAC_DIRECTORY")
    return thing, folder


def _summary(directory: Directory) -> dict[str, Value]:
    records = {name: len(table) for name, table in directory.records._asdict().items()}
    return {"records": records, "digest": directory.digest}


def _stats(directory: Directory) -> dict[str, Value]:
    """How many there are of everything."""
    records = directory.records
    given = [each for each in records.assignments if each.derived_from.name == "UNSPECIFIED"]
    admins = [each for each in records.subjects if each.role is OrganizationRole.ADMIN]
    sizes = (len(directory.tables.members.get(group.id, ())) for group in records.groups)
    return {
        **_summary(directory),
        "principals": _count(each.subject.principal for each in records.subjects),
        "statuses": _count(each.status for each in records.subjects),
        "organization_admins": len(admins),
        "types": _count(each.resource.type for each in records.resources),
        "groups_by_size": dict(Counter(map(_size, sorted(sizes)))),
        "roles": _count(each.role for each in given),
        "derived_assignments": len(records.assignments) - len(given),
    }


def _count(names: Iterable[Name]) -> dict[str, int]:
    """How often each name occurs, the most frequent first."""
    counts = Counter(name.short for name in names)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _size(members: int) -> str:
    for most, label in ((0, "0"), (1, "1"), (9, "2-9"), (99, "10-99")):
        if members <= most:
            return label
    return "100+"


def show(directory: Directory, thing: str) -> dict[str, Value]:
    """All that is said of one thing: as a subject, as a group, as a resource."""
    kind, colon, id = thing.partition(":")
    if not colon:
        raise RequestError(f"{quoted(thing)} names nothing: say what it is, as user:UUID")
    principal, type = _principal(kind), _type(kind)
    if principal is None and type is None:
        raise UnknownName(
            "kind of thing", kind, [each.short for each in (*Principal, *ResourceType)]
        )
    who = directory.subject(Subject(principal, id)) if principal else None
    what = directory.resource(Resource(type, id)) if type else None
    if who is None and what is None:
        raise RequestError(f"the directory has no {quoted(thing)}")
    found: dict[str, Value] = {"thing": thing}
    if who is not None:
        found["subject"] = _subject(who)
    if what is not None and type is ResourceType.GROUP and id in directory.tables.groups:
        found["group"] = _group(directory, id)
    if what is not None:
        found["resource"] = _resource(directory, what)
    return found


def _principal(text: str) -> Principal | None:
    try:
        return Principal.parse(text)
    except UnknownName:
        return None


def _type(text: str) -> ResourceType | None:
    try:
        return ResourceType.parse(text)
    except UnknownName:
        return None


def _subject(who: SubjectEntry) -> dict[str, Value]:
    return {
        "organization": who.organization,
        "status": who.status.short,
        "organization_role": who.role.short,
        "valid_until": who.valid_until,
        "memberships": [{"id": each.id, "group": each.group} for each in who.memberships],
    }


def _group(directory: Directory, id: str) -> dict[str, Value]:
    record = directory.tables.groups[id]
    holds = [
        {"id": each.id, "role": each.role.short, "resource": str(each.resource)}
        for entry in directory.tables.holds.get(id, ())
        for each in directory.assignments(entry)
        if each.group == id
    ]
    return {
        "organization": record.organization,
        "direct_share": record.direct_share,
        "system_managed": record.system_managed,
        "members": sorted(str(each.subject) for each in directory.members(id)),
        "assignments": sorted(holds, key=str),
    }


def _resource(directory: Directory, entry: ResourceEntry) -> dict[str, Value]:
    people = {"creator": entry.creator, "owner": entry.owner, "executor": entry.executor}
    assignments = (*directory.assignments(entry), *directory.derived_assignments(entry))
    return {
        "organization": entry.organization,
        "has_record": not entry.implied,
        "parents": [str(each.resource) for each in entry.parents],
        "within": [str(each.resource) for each in entry.above],
        **{name: str(who) if who else None for name, who in people.items()},
        "references": [str(each) for each in entry.references],
        "assignments": [
            {
                "id": each.id,
                "group": each.group,
                "role": each.role.short,
                "derived_from": None
                if each.derived_from.name == "UNSPECIFIED"
                else each.derived_from.short,
            }
            for each in assignments
        ],
    }


def _lines(found: Mapping[str, Value], indent: str = "") -> Iterator[str]:
    """What was found, a name and a value a line; what is within another is indented."""
    width = max(map(len, found), default=0)
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}{'' if value else '  none'}"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list):
            yield f"{indent}{name:{width}}  {len(value):,}"
            for each in value:
                yield f"{indent}  {_line(each)}"
        else:
            shown = f"{value:,}" if type(value) is int else _word(value)
            yield f"{indent}{name:{width}}  {shown}"


def _line(value: Value) -> str:
    if isinstance(value, Mapping):
        return "  ".join(f"{name} {_word(each)}" for name, each in value.items() if each)
    return str(value)


def _word(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
