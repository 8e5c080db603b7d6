"""The report as Markdown, for a pull request: what changed and what is wrong first.

Knows what of a report fits into a comment. It must not know what a comment is answered
with. Texts from a policy or a directory are shown as they are: none of their letters marks
anything up, links to anything or calls anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rbac.audit.report.data import Audit, Changes, Holding, Proof, Report, Turnover
from rbac.audit.report.phrases import (
    UNPROVED,
    VERDICTS,
    by,
    counted,
    counts,
    owns,
    place,
    standing,
    strongest,
    summed,
    turned,
    way,
)
from rbac.errors import printable
from rbac.rows import Level
from rbac.vocabulary import Name, ResourceRole


def written(report: Report) -> str:
    """The report, in sections; all that is long is folded."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    about = report.heading
    yield f"# {plain(about.title)}"
    yield ""
    yield f"Policy {code(about.policy)}"
    if about.directory is not None:
        yield f"<br>Directory {code(about.directory)}"
    if about.date:
        yield f"<br>{plain(about.date)}"
    yield ""
    yield ", ".join(counted(number, noun) for noun, number in counts(report)) + "."
    if report.changes is not None:
        yield from _changes(report.changes)
    if report.turnover is not None:
        yield from _turnover(report.turnover)
    yield from _findings(report.audit)
    yield from _proofs(report.proofs)
    if report.holding is not None:
        yield from _administrators(report.holding)
    yield from _roles(report)
    yield ""
    yield f"Made by {code(about.command)}"


_MARKS = re.compile(r"[\\`*_\[\]~$]")
_ENTITIES = re.compile(r"[&<>|#@]|:(?=//)|(?<=www)\.")


def plain(text: object) -> str:
    """A text of which nothing is markup, and which links to nothing and calls nobody."""
    shown = _ENTITIES.sub(lambda match: f"&#{ord(match[0])};", printable(str(text)))
    return _MARKS.sub(lambda match: f"\\{match[0]}", shown)


def code(text: object) -> str:
    """A name, an id or a place, as code, whatever letters it has."""
    shown = printable(str(text))
    return f"<code>{plain(shown)}</code>" if "`" in shown or "|" in shown else f"`{shown}`"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table whose cells are markup already."""
    yield ""
    for row in (columns, ["---"] * len(columns), *rows):
        yield f"| {' | '.join(row)} |"


def folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines that are shown when they are asked for."""
    yield ""
    yield f"<details><summary>{plain(summary)}</summary>"
    yield from lines
    yield ""
    yield "</details>"


def _changes(changes: Changes) -> Iterator[str]:
    yield ""
    yield "## What changed"
    yield ""
    gained = f"**{changes.gained:,}** cells gained, **{changes.lost:,}** lost"
    yield f"{VERDICTS[changes.verdict]} Since {code(changes.since)}: {gained}."
    blocks = [("+", each) for each in changes.more] + [("-", each) for each in changes.less]
    if blocks:
        rows = [
            [
                f"**{sign}**",
                *map(_codes, block[:4]),
                owns(block),
                str(block.size),
            ]
            for sign, block in blocks
        ]
        yield from table(("", "principals", "roles", "types", "actions", "reach", "cells"), rows)
    if changes.causes:
        rows = [
            [code(each.text), code(each.row.place), str(len(each.alone)), str(len(each.needed))]
            for each in changes.causes
        ]
        yield from table(("row", "place", "explains alone", "is needed by"), rows)
    if changes.shifts:
        rows = [[each.kind, code(each.change), each.direction.value] for each in changes.shifts]
        yield from table(("what else", "change", "direction"), rows)


def _turnover(turnover: Turnover) -> Iterator[str]:
    yield ""
    yield "## Who gained and lost what"
    yield ""
    yield f"Since {code(turnover.since)}. {turned(turnover)}"
    rows = [
        [
            f"**{sign}**",
            plain(way(each)),
            _codes(each.actions),
            code(each.type.short),
            summed(each.sum),
        ]
        for sign, gain in (("+", turnover.gained), ("-", turnover.lost))
        for each in gain.ways[:MOST]
    ]
    if rows:
        yield from table(("", "role, given by", "actions", "on", "how much"), rows)
    left = len(turnover.gained.ways[MOST:]) + len(turnover.lost.ways[MOST:])
    if left:
        yield ""
        yield f"And {counted(left, 'line')} more, in the other formats."


def _codes(names: Iterable[Name]) -> str:
    return ", ".join(code(name.short) for name in names)


def _findings(audit: Audit) -> Iterator[str]:
    yield ""
    yield "## Findings"
    yield ""
    yield f"**{len(audit.findings)}** open, {len(audit.accepted):,} accepted."
    rows = [
        [code(each.rule.id), each.severity.short, plain(each.message), code(place(each))]
        for each in audit.findings[:MOST]
    ]
    if rows:
        yield from table(("rule", "severity", "what was found", "place"), rows)
    if audit.findings[MOST:]:
        yield ""
        yield f"And {counted(len(audit.findings[MOST:]), 'finding')} more, in the other formats."


MOST = 40
"""How many lines of a kind a comment has room for."""


def _proofs(proofs: tuple[Proof, ...] | None) -> Iterator[str]:
    yield ""
    yield "## Invariants"
    yield ""
    if proofs is None:
        yield UNPROVED
        return
    refuted = [proof for proof in proofs if not proof.holds]
    yield f"**{len(proofs) - len(refuted)}** of {counted(len(proofs), 'invariant')} proved."
    for proof in refuted:
        yield ""
        yield f"**Refuted: {plain(proof.name)}** ({code(proof.place)}). {plain(proof.says)}"
        yield ""
        yield from (f"- {plain(each)}" for each in proof.against)
    rows = [
        [code(proof.name), plain(proof.says), f"{proof.looked:,} {proof.noun}"]
        for proof in proofs
        if proof.holds
    ]
    yield from folded("What was proved", table(("invariant", "what it says", "looked at"), rows))


def _administrators(found: Holding) -> Iterator[str]:
    yield ""
    yield "## Organization administrators"
    rows = [
        [code(person.subject), plain(standing(person)), code(held.hold.on), plain(by(held))]
        for person in found.administrators
        for held in person.held
        if held.eligible and held.hold.role is ResourceRole.ORG_ADMIN
    ]
    yield from table(("subject", "standing", "administers", "given by"), rows)


def _roles(report: Report) -> Iterator[str]:
    levels = [each.short for each in Level]
    rows = []
    for line in report.roles:
        strength = strongest(line)
        if strength is not None:
            by_level = [str(sum(cell.level is each for cell in line.cells)) for each in Level]
            held_on = line.row.assigned_on.short if line.row.assigned_on else ""
            rows.append([code(line.role.short), held_on, *by_level, strength.short])
    columns = ("role", "held on", *levels, "strongest")
    yield from folded(f"What {len(rows)} roles permit, by level", table(columns, rows))
