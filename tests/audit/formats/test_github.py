"""Workflow commands: one line for each open finding, that reads back as what was found."""

import re

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.findings import Finding
from rbac.audit.formats.github import github
from rbac.errors import printable
from rbac.rows import Place
from tests.audit.formats.reports import EMPTY, FINDINGS, HOSTILE, REPORT, RULE

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner reads it."""
    match = COMMAND.fullmatch(line)
    assert match, line
    given = dict(pair.split("=", 1) for pair in match[2].split(","))
    return match[1], {name: back(value) for name, value in given.items()}, back(match[3])


def back(text: str) -> str:
    """Text as it was before it was escaped."""
    for char, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, char)
    return text


def shown(text: str) -> str:
    """Text as a log shows it: lines, and an escape for each character that is not seen."""
    return "\n".join(map(printable, text.split("\n")))


def test_each_open_finding_is_one_line() -> None:
    """With its level, file, line and title; what is accepted is not annotated."""
    lines = github(REPORT).splitlines()
    assert len(lines) == len(FINDINGS)
    for line, finding in zip(lines, FINDINGS, strict=True):
        level, properties, text = read(line)
        place = finding.place
        assert level == LEVELS[finding.severity.short]
        assert properties["title"] == f"{finding.rule.id} {finding.rule.title}"
        assert properties.get("file") == (shown(place.file) if place else None)
        assert properties.get("line") == (str(place.line) if place and place.line else None)
        assert text == shown("\n".join((finding.message, *finding.evidence, finding.remedy)))


def test_nothing_found_is_no_line() -> None:
    """An empty report prints nothing."""
    assert github(EMPTY) == ""


@given(st.sampled_from(HOSTILE) | st.text())
def test_no_text_opens_a_command_of_its_own(text: str) -> None:
    """Line ends, percent signs and colons of a text stay text."""
    finding: Finding = RULE.found(text, Place(text or "x", 1), (text,))
    written = github(REPORT._replace(findings=(finding,)))
    assert written.count("\n") == 1
    assert written.removesuffix("\n").isprintable()
    assert read(written.removesuffix("\n"))[2].startswith(shown(text))
