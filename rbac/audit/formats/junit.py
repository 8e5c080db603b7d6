"""JUnit XML: the report format that every CI system reads.

Knows suites of cases, what became of each, and how both are written. It must not know
what is being tested.

The elements and attributes are those that Ant began and Jenkins, GitLab, GitHub and
pytest share. Any text can be in a report: what XML has no way to say, control characters
and lone surrogates, is written as an escape.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from rbac.light import NamedTuple

PASSED, FAILED, ERROR, SKIPPED = OUTCOMES = ("passed", "failure", "error", "skipped")


class Case(NamedTuple):
    """One case and its outcome, one of `OUTCOMES`; `message` and `details` say why."""

    name: str
    outcome: str = PASSED
    message: str = ""
    details: str = ""
    seconds: float = 0.0
    file: str = ""
    line: int = 0


class Suite(NamedTuple):
    """Cases under one name, in their order."""

    name: str
    cases: Sequence[Case] = ()

    def count(self, outcome: str) -> int:
        """How many of its cases had that outcome."""
        return sum(1 for case in self.cases if case.outcome == outcome)

    @property
    def seconds(self) -> float:
        """How long its cases took together."""
        return sum(case.seconds for case in self.cases)


def write(name: str, suites: Sequence[Suite]) -> str:
    """The report on `suites`, as a whole document that ends with a newline."""
    root = ET.Element("testsuites", _attributes(name, suites))
    for suite in suites:
        counts = _attributes(suite.name, [suite])
        counts["skipped"] = str(suite.count(SKIPPED))
        element = ET.SubElement(root, "testsuite", counts)
        for case in suite.cases:
            element.append(_case(suite, case))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _attributes(name: str, suites: Sequence[Suite]) -> dict[str, str]:
    return {
        "name": _sayable(name),
        "tests": str(sum(len(suite.cases) for suite in suites)),
        "failures": str(sum(suite.count(FAILED) for suite in suites)),
        "errors": str(sum(suite.count(ERROR) for suite in suites)),
        "time": _seconds(sum(suite.seconds for suite in suites)),
    }


def _case(suite: Suite, case: Case) -> ET.Element:
    attributes = {"name": _sayable(case.name), "classname": _sayable(suite.name)}
    if case.file:
        attributes["file"] = _sayable(case.file)
    if case.line:
        attributes["line"] = str(case.line)
    attributes["time"] = _seconds(case.seconds)
    element = ET.Element("testcase", attributes)
    if case.outcome != PASSED:
        why = ET.SubElement(element, case.outcome, {"message": _sayable(case.message)})
        why.text = _sayable(case.details) or None
    return element


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may contain, not even as a reference."""


def _sayable(text: str) -> str:
    """`text`, with an escape for each character that XML cannot say."""
    return _UNSAYABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
