"""A report as Markdown, for a pull request or a wiki: a table for each rule.

Knows what is told of a finding. It must not know any rule.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from rbac.audit.findings import Accepted, Finding, Report, Severity
from rbac.audit.formats.markup import table, text


def markdown(report: Report) -> str:
    """The counts, a section for each rule that found something, and what is accepted."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    counts = report.counts()
    yield "# Audit"
    yield ""
    yield f"| {' | '.join(severity.short for severity in Severity)} | accepted |"
    yield "| ---: | ---: | ---: | ---: |"
    yield f"| {' | '.join(f'{count:,}' for count in counts.values())} | {len(report.accepted):,} |"
    for (severity, rule), found in itertools.groupby(
        report.findings, lambda each: (each.severity, each.rule)
    ):
        yield ""
        yield f"## {severity.short}: {rule.id}, {text(rule.title)}"
        yield ""
        yield text(rule.says)
        yield ""
        yield from table(("where", "what", "evidence"), map(_row, found))
        yield ""
        yield text(rule.remedy)
    if report.accepted:
        yield ""
        yield "## accepted"
        yield ""
        yield from table(("rule", "what", "reason", "until"), map(_accepted, report.accepted))


def _row(finding: Finding) -> tuple[str, ...]:
    evidence = "<br>".join(map(text, finding.evidence))
    place = text(str(finding.place)) if finding.place else ""
    return place, text(finding.message), evidence


def _accepted(each: Accepted) -> tuple[str, ...]:
    until = each.expires.isoformat() if each.expires else ""
    finding = each.finding
    return finding.rule.id, text(finding.message), text(each.reason), until
