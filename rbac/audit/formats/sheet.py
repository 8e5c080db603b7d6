"""A report as comma-separated values, safe to open in a spreadsheet.

Knows the columns. It must not know any rule.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from rbac.audit.findings import Finding, Report
from rbac.audit.formats.fields import write

COLUMNS = (
    *("severity", "rule", "title", "message", "file", "line", "what", "evidence", "remedy"),
    *("page", "fingerprint", "accepted", "expires"),
)


def sheet(report: Report) -> str:
    """A row for each finding, the accepted ones last with their reason and date."""
    stream = io.StringIO()
    write(stream, COLUMNS, _rows(report))
    return stream.getvalue()


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for finding in report.findings:
        yield (*_cells(finding), "", "")
    for each in report.accepted:
        yield (
            *_cells(each.finding),
            each.reason,
            each.expires.isoformat() if each.expires else "",
        )


def _cells(finding: Finding) -> tuple[str, ...]:
    place = finding.place
    return (
        finding.severity.short,
        finding.rule.id,
        finding.rule.title,
        finding.message,
        place.file if place else "",
        str(place.line) if place and place.line else "",
        finding.what,
        "; ".join(finding.evidence),
        finding.remedy,
        finding.rule.page,
        # As digits alone, or with one "e" among them, it would be read as a number.
        f"sha256:{finding.fingerprint}",
    )
