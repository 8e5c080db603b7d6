"""A report as workflow commands of GitHub Actions: an annotation for each open finding.

Knows what a command tells of a finding. It must not know any rule.
"""

from __future__ import annotations

from rbac.audit.findings import Finding, Report, Severity
from rbac.audit.formats.commands import ERROR, NOTICE, WARNING, command

_KINDS = {Severity.ERROR: ERROR, Severity.WARNING: WARNING, Severity.NOTE: NOTICE}


def github(report: Report) -> str:
    """One command a line; accepted findings are not annotated."""
    return "".join(f"{line}\n" for line in map(_command, report.findings))


def _command(finding: Finding) -> str:
    return command(
        _KINDS[finding.severity],
        "\n".join((finding.message, *finding.evidence, finding.remedy)),
        file=finding.place.file if finding.place else "",
        line=finding.place.line if finding.place else 0,
        title=f"{finding.rule.id} {finding.rule.title}",
    )
