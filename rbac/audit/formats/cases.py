"""A report as JUnit, for CI systems: a suite for each rule, a case for each finding.

Knows what a case tells of a finding. It must not know any rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rbac.audit.findings import Accepted, Finding, Report, Rule
from rbac.audit.formats.junit import FAILED, SKIPPED, Case, Suite, write


def junit(report: Report, failing: Collection[Finding]) -> str:
    """What is `failing` failed; what else is open, or is accepted, is skipped and says why.

    A rule that was asked and found nothing is a suite of one case, which passed.
    """
    found: dict[Rule, list[Case]] = {rule: [] for rule in report.rules}
    for rule, case in _cases(report, frozenset(failing)):
        found.setdefault(rule, []).append(case)
    suites = [
        Suite(f"{rule.id} {rule.title}", cases or [Case("nothing found")])
        for rule, cases in found.items()
    ]
    return write("rbac audit", suites)


def _cases(report: Report, failing: Collection[Finding]) -> Iterator[tuple[Rule, Case]]:
    for finding in report.findings:
        outcome = FAILED if finding in failing else SKIPPED
        message = f"{finding.severity.short}: {finding.message}"
        details = "\n".join((*finding.evidence, finding.remedy, finding.rule.page))
        yield finding.rule, _case(finding, outcome, message, details)
    for each in report.accepted:
        yield each.finding.rule, _case(each.finding, SKIPPED, _accepted(each), "")


def _case(finding: Finding, outcome: str, message: str, details: str) -> Case:
    file, line = finding.place or ("", 0)
    return Case(finding.message, outcome, message, details, file=file, line=line)


def _accepted(each: Accepted) -> str:
    until = f" until {each.expires.isoformat()}" if each.expires else ""
    return f"accepted{until}: {each.reason}"
