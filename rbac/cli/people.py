"""What `rbac diff` says with a directory: who gains and loses what, and by which role.

Knows how it reads for people, and as JSON and CSV. It must not know how it was found out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice

from rbac.access import Access
from rbac.audit.formats.fields import write
from rbac.audit.formats.markup import changes_block
from rbac.audit.people import Gains, People, Sum, Through, Triple, people, triples
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import GREEN, RED, colored, print_json, say
from rbac.cli.phrases import counted
from rbac.cli.progress import loading
from rbac.directory import Directory
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, inactive_subject
from rbac.policy import Policy
from rbac.rows import Permission
from rbac.table import DecisionTable


def compare(old: Policy, new: Policy, options: argparse.Namespace, budget: int | None) -> int:
    """Prints who gains and loses what by two policies, on one directory or two; the exit code."""
    before, after = _accesses(old, new, options)
    if options.format == "csv" and not options.quiet:
        gained, lost = _write_csv(triples(before, after))
        return _code(gained, lost, budget)
    found = people(before, after)
    gained, lost = found.gained.total.triples, found.lost.total.triples
    passed = None if budget is None else gained <= budget
    if options.format == "json" and not options.quiet:
        digests = {"old": old.digest, "new": new.digest, "directories": options.directory}
        print_json({**digests, **_as_dict(found), "passed": passed})
    elif not options.quiet:
        _print(list(_lines(found, options.limit, passed)), options)
    return _code(gained, lost, budget)


def _code(gained: int, lost: int, budget: int | None) -> int:
    """What a gate says, or else whether anything differs."""
    good = not (gained or lost) if budget is None else gained <= budget
    return ALLOWED if good else DENIED


def _accesses(old: Policy, new: Policy, options: argparse.Namespace) -> tuple[Access, Access]:
    """Both sides, with guards whose clock stands still: time changes nobody's access between."""
    now = time.time()
    guards = inactive_subject(lambda: now), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL
    first, last = options.directory[0], options.directory[-1]
    before = _directory(first, old, options)
    after = before if first is last else _directory(last, new, options)
    sides = ((old, before), (new, after.under(new)))
    one, other = (Access(DecisionTable(each), directory, guards) for each, directory in sides)
    return one, other


def _directory(folder: str, policy: Policy, options: argparse.Namespace) -> Directory:
    with loading(options.quiet) as progress:
        return Directory.load(folder, policy=policy, progress=progress)


def _as_dict(found: People) -> dict[str, object]:
    """All of it as plain JSON values; nothing is left out."""
    return {"gained": _side(found.gained), "lost": _side(found.lost)}


def _side(gains: Gains) -> dict[str, object]:
    return {
        **gains.total._asdict(),
        "permissions": [
            {"permission": str(each), **sum._asdict()} for each, sum in gains.permissions.items()
        ],
        "through": [_through(each) for each in gains.through],
        "who": [
            {"subject": str(who), "triples": count, "permissions": _named(gains.of(who))}
            for who, count in gains.subjects
        ],
    }


def _through(row: Through) -> dict[str, object]:
    return {
        "role": row.role.short,
        "by": row.by,
        "type": row.type.short,
        "actions": [action.short for action in row.actions],
        **row.sum._asdict(),
    }


def _named(permissions: dict[Permission, int]) -> dict[str, int]:
    return {str(each): count for each, count in permissions.items()}


def _write_csv(listed: Iterable[tuple[bool, Triple]]) -> tuple[int, int]:
    """Every (subject, action, resource), one a line, as it is found; how many of each."""
    counts = [0, 0]

    def rows() -> Iterator[tuple[object, ...]]:
        for gained, (subject, action, resource) in listed:
            counts[not gained] += 1
            yield "gained" if gained else "lost", subject, action.short, resource

    write(sys.stdout, ("change", "subject", "action", "resource"), rows())
    gains, losses = counts
    return gains, losses


def _print(lines: list[tuple[str, str]], options: argparse.Namespace) -> None:
    if options.format == "markdown":
        gist, *others = (line for line, _ in lines)
        say(f"**{gist}**", "", *(changes_block(others) if others else ()))
        return
    paint = colored(options.color)
    for line, color in lines:
        say(line, color=color if paint else "")


def _lines(found: People, limit: int, passed: bool | None) -> Iterator[tuple[str, str]]:
    """What is gained, then what is lost, the largest first, `limit` lines of each kind."""
    gained, lost = found.gained.total, found.lost.total
    yield f"{_gist(gained, 'gain')}; {_gist(lost, 'lose')}", ""
    for name, sign, gains, color in (
        ("gained", "+", found.gained, GREEN),
        ("lost", "-", found.lost, RED),
    ):
        for title, count, lines in _lists(name, gains):
            yield title, ""
            yield from ((f"  {sign} {line}", color) for line in islice(lines, limit))
            if count > limit:
                yield f"    and {count - limit:,} more; --limit {count} shows them", ""
    if passed is not None:
        yield "gate: passed" if passed else "gate: not passed", ""


def _gist(sum: Sum, verb: str) -> str:
    """How many gain, or lose, how much."""
    if not sum.triples:
        return f"nobody {verb}s anything"
    who, where = counted(sum.subjects, "subject"), counted(sum.resources, "resource")
    much = counted(sum.triples, "permission")
    return f"{who} {verb}{'s' if sum.subjects == 1 else ''} {much} on {where}"


def _lists(name: str, gains: Gains) -> Iterator[tuple[str, int, Iterable[str]]]:
    """Each list of a side: its title, how long it is, and its lines."""
    permissions, through, subjects = gains.permissions, gains.through, gains.subjects
    if permissions:
        lines = (f"{each}: {_sum(sum)}" for each, sum in permissions.items())
        yield f"{name}, by permission:", len(permissions), lines
        yield f"{name}, by the role behind it:", len(through), map(_line, through)
        lines = (f"{who}: {count:,} ({_most(gains.of(who))})" for who, count in subjects)
        yield f"{name}, by subject:", len(subjects), lines


def _sum(sum: Sum) -> str:
    subjects, resources = counted(sum.subjects, "subject"), counted(sum.resources, "resource")
    return f"{sum.triples:,} ({subjects}, {resources})"


def _line(row: Through) -> str:
    actions = ", ".join(action.short for action in row.actions)
    by = f"of {row.by}" if ":" in row.by else f"as {row.by}"
    return f"{row.role.short} {by}: {actions} {row.type.short}: {_sum(row.sum)}"


def _most(permissions: dict[Permission, int]) -> str:
    """What one subject gains or loses, the first few permissions by name."""
    named = [f"{each} on {count:,}" for each, count in permissions.items()]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more


_NAMED = 3
"""How many permissions of a subject are named in text."""
