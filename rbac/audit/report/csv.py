"""Tables of the report as CSV, for spreadsheets and for tools.

Knows the columns of each table. It must not know what a table is read for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from rbac.audit.formats.fields import write
from rbac.audit.report.data import Report
from rbac.audit.report.phrases import evidence, given_by, names, place, reason
from rbac.errors import RequestError

Line = tuple[object, ...]


def written(report: Report, table: str) -> str:
    """One of `TABLES`, with a line of headings; each line has as many values.

    Raises `RequestError` for a table of what the report has not: an empty one would say
    that there is nothing.
    """
    columns, lines = TABLES[table]
    if table in _NEEDS and _NEEDS[table][0](report) is None:
        raise RequestError(f"there are no {table} to list: {_NEEDS[table][1]}")
    text = io.StringIO()
    write(text, columns, lines(report))
    return text.getvalue()


def _cells(report: Report) -> Iterator[Line]:
    for line in report.roles:
        for cell in line.cells:
            yield (
                line.role.short,
                cell.permission.type.short,
                cell.permission.action.short,
                cell.level.short,
                cell.reach.short,
                names(line.principals),
                names(cell.through[1:]),
                str(cell.grant.place),
                evidence(cell.grant),
                reason(cell.grant),
            )


def _grants(report: Report) -> Iterator[Line]:
    for grant in report.rows.grants:
        permission = (grant.type.short, grant.action.short, grant.reach.short)
        yield grant.role.short, *permission, evidence(grant), reason(grant), str(grant.place)


def _invariants(report: Report) -> Iterator[Line]:
    for proof in report.proofs or ():
        verdict = "proved" if proof.holds else "refuted"
        against = "; ".join(proof.against)
        yield proof.name, verdict, proof.says, proof.because, proof.looked, against, proof.place


def _changes(report: Report) -> Iterator[Line]:
    changes = report.changes
    if changes is None:
        return
    for sign, blocks in (("gained", changes.more), ("lost", changes.less)):
        for block in blocks:
            own = "any" if len(block.owns) > 1 else "own only" if block.owns[0] else "not own"
            yield sign, *map(names, block[:4]), own, block.size, ""
    for shift in changes.shifts:
        yield shift.direction.value, "", "", "", "", "", "", f"{shift.kind} {shift.change}"


def _findings(report: Report) -> Iterator[Line]:
    accepted = {each.finding: each.reason for each in report.audit.accepted}
    for finding in (*report.audit.findings, *accepted):
        yield (
            finding.rule.id,
            finding.severity.short,
            finding.message,
            "; ".join(finding.evidence),
            finding.remedy,
            place(finding),
            accepted.get(finding, ""),
        )


def _turnover(report: Report) -> Iterator[Line]:
    turnover = report.turnover
    if turnover is None:
        return
    for sign, gain in (("gained", turnover.gained), ("lost", turnover.lost)):
        for share in gain.shares:
            for permission, count in share.permissions:
                yield sign, str(share.subject), str(permission), count


def _holders(report: Report) -> Iterator[Line]:
    for person in (report.holding.people or ()) if report.holding else ():
        for held in person.held:
            hold = held.hold
            relation = hold.relation.short if hold.relation else ""
            group = hold.assignment.group if hold.assignment else ""
            yield (
                str(person.subject),
                person.status.short,
                hold.role.short,
                str(hold.on),
                given_by(relation, group),
                "yes" if held.eligible else "no",
            )


def _permitted(report: Report) -> Iterator[Line]:
    for answer in (report.holding.answers or ()) if report.holding else ():
        path = answer.path
        given = given_by(path.relation, path.group)
        for resource in answer.resources:
            on = str(answer.on or resource)
            for subject in answer.subjects:
                yield (
                    str(subject),
                    answer.permission.action.short,
                    str(resource),
                    path.given.short,
                    on,
                    given,
                    str(path.grant.place),
                )


def _people(report: Report) -> object:
    return report.holding.people if report.holding else None


def _answers(report: Report) -> object:
    return report.holding.answers if report.holding else None


_NEEDS: dict[str, tuple[Callable[[Report], object], str]] = {
    "invariants": (lambda report: report.proofs, "the policy folder has no invariants.toml"),
    "changes": (lambda report: report.changes, "name an older policy with --since"),
    "turnover": (
        lambda report: report.turnover,
        "name a --directory, and --since or --since-directory",
    ),
    "holders": (
        _people,
        "name a --directory; of a large one, `rbac list subject` lists one",
    ),
    "permitted": (
        _answers,
        "name a --directory; of a large one, `rbac who-can` lists some",
    ),
}
"""What a table cannot be without, and how it is come by."""

TABLES: dict[str, tuple[tuple[str, ...], Callable[[Report], Iterator[Line]]]] = {
    "cells": (
        (
            *("role", "type", "action", "level", "reach", "principals", "through"),
            *("grant", "evidence", "why"),
        ),
        _cells,
    ),
    "grants": (("role", "type", "action", "reach", "evidence", "why", "place"), _grants),
    "invariants": (
        ("name", "verdict", "says", "because", "looked at", "against", "place"),
        _invariants,
    ),
    "changes": (
        ("change", "principals", "roles", "types", "actions", "reach", "cells", "other"),
        _changes,
    ),
    "findings": (
        ("rule", "severity", "message", "evidence", "remedy", "place", "accepted because"),
        _findings,
    ),
    "turnover": (("change", "subject", "permission", "resources"), _turnover),
    "holders": (("subject", "status", "role", "on", "given by", "eligible"), _holders),
    "permitted": (
        ("subject", "action", "resource", "role", "held on", "given by", "grant"),
        _permitted,
    ),
}
"""Each table: its columns, and how its lines are found in a report."""
