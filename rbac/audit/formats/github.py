"""A report as workflow commands of GitHub Actions: an annotation for each open finding.

Knows the commands and how they escape text. It must not know any rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.audit.findings import Finding, Report, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github(report: Report) -> str:
    """One command a line; accepted findings are not annotated."""
    return "".join(f"{line}\n" for line in map(_command, report.findings))


def _command(finding: Finding) -> str:
    properties = ",".join(f"{name}={_property(value)}" for name, value in _properties(finding))
    text = "\n".join((finding.message, *finding.evidence, finding.remedy))
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(text)}"


def _properties(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.place is not None:
        yield "file", finding.place.file
        if finding.place.line:
            yield "line", str(finding.place.line)
    yield "title", f"{finding.rule.id} {finding.rule.title}"


def _data(text: str) -> str:
    """Text after the second pair of colons."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Text between commas."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
