"""Markdown: a section for each rule, and no text that Markdown would take for its own."""

from rbac.audit.formats.markdown import markdown
from tests.audit.formats.reports import EMPTY, FINDINGS, REPORT


def test_a_report_has_its_counts_its_findings_and_what_is_accepted() -> None:
    """A row of a table for each, in a section of its rule, the worst first."""
    lines = markdown(REPORT).splitlines()
    assert lines[4] == f"| 1 | {len(FINDINGS) - 1} | 0 | 2 |"
    sections = [line for line in lines if line.startswith("## ")]
    assert sections == [
        "## error: RBAC902, made up",
        "## warning: RBAC901, made up",
        "## accepted",
    ]
    assert "| policies/grants/a b.csv:7 | an error | seen<br>twice |" in lines
    assert "| RBAC901 | accepted | =reason | 2027-01-31 |" in lines
    assert len([line for line in lines if line.startswith("## ")]) == 3
    assert len(markdown(EMPTY).splitlines()) == 5
