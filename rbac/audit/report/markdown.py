"""The report as Markdown, for a pull request: what changed and what is wrong first.

Knows what of a report fits into a comment. It must not know what a comment is answered
with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rbac.audit.formats.markup import code, folded, table, text
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
from rbac.rows import Level
from rbac.vocabulary import Name, ResourceRole


def written(report: Report) -> str:
    """The report, in sections; all that is long is folded."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    about = report.heading
    yield f"# {text(about.title)}"
    yield ""
    yield f"Policy {code(about.policy)}"
    if about.directory is not None:
        yield f"<br>Directory {code(about.directory)}"
    if about.date:
        yield f"<br>{text(about.date)}"
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


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield from table(columns, rows)


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
        yield from _table(("", "principals", "roles", "types", "actions", "reach", "cells"), rows)
    if changes.causes:
        rows = [
            [code(each.text), code(each.row.place), str(len(each.alone)), str(len(each.needed))]
            for each in changes.causes
        ]
        yield from _table(("row", "place", "explains alone", "is needed by"), rows)
    if changes.shifts:
        rows = [[each.kind, code(each.change), each.direction.value] for each in changes.shifts]
        yield from _table(("what else", "change", "direction"), rows)


def _turnover(turnover: Turnover) -> Iterator[str]:
    yield ""
    yield "## Who gained and lost what"
    yield ""
    yield f"Since {code(turnover.since)}. {turned(turnover)}"
    rows = [
        [
            f"**{sign}**",
            text(way(each)),
            _codes(each.actions),
            code(each.type.short),
            summed(each.sum),
        ]
        for sign, gain in (("+", turnover.gained), ("-", turnover.lost))
        for each in gain.ways[:MOST]
    ]
    if rows:
        yield from _table(("", "role, given by", "actions", "on", "how much"), rows)
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
        [code(each.rule.id), each.severity.short, text(each.message), code(place(each))]
        for each in audit.findings[:MOST]
    ]
    if rows:
        yield from _table(("rule", "severity", "what was found", "place"), rows)
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
        yield f"**Refuted: {text(proof.name)}** ({code(proof.place)}). {text(proof.says)}"
        yield ""
        yield from (f"- {text(each)}" for each in proof.against)
    rows = [
        [code(proof.name), text(proof.says), f"{proof.looked:,} {proof.noun}"]
        for proof in proofs
        if proof.holds
    ]
    yield from folded("What was proved", table(("invariant", "what it says", "looked at"), rows))


def _administrators(found: Holding) -> Iterator[str]:
    yield ""
    yield "## Organization administrators"
    rows = [
        [code(person.subject), text(standing(person)), code(held.hold.on), text(by(held))]
        for person in found.administrators
        for held in person.held
        if held.eligible and held.hold.role is ResourceRole.ORG_ADMIN
    ]
    yield from _table(("subject", "standing", "administers", "given by"), rows)


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
