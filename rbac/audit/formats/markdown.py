"""A report as Markdown, for a pull request or a wiki: a table for each rule.

Knows Markdown and what must be escaped in it. It must not know any rule.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from rbac.audit.findings import Accepted, Finding, Report, Severity
from rbac.errors import printable


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
        yield "| where | what | evidence |"
        yield "| --- | --- | --- |"
        yield from map(_row, found)
        yield ""
        yield text(rule.remedy)
    if report.accepted:
        yield ""
        yield "## accepted"
        yield ""
        yield "| rule | what | reason | until |"
        yield "| --- | --- | --- | --- |"
        yield from map(_accepted, report.accepted)


def _row(finding: Finding) -> str:
    evidence = "<br>".join(map(text, finding.evidence))
    place = text(str(finding.place)) if finding.place else ""
    return f"| {place} | {text(finding.message)} | {evidence} |"


def _accepted(each: Accepted) -> str:
    until = each.expires.isoformat() if each.expires else ""
    message = text(each.finding.message)
    return f"| {each.finding.rule.id} | {message} | {text(each.reason)} | {until} |"


def text(plain: str) -> str:
    """Plain text on one line, with nothing that Markdown would take for its own."""
    shown = printable(plain).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|~#>])", r"\\\1", shown)
