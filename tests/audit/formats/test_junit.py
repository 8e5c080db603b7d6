"""JUnit reports: valid whatever is reported, with nothing lost that XML can say."""

import xml.etree.ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.formats.junit import ERROR, FAILED, OUTCOMES, PASSED, SKIPPED, Case, Suite, write
from tests.junit import parsed
from tests.strategies import examples

ANYTHING = st.text(st.characters(codec=None, exclude_categories=[]), max_size=8)
CASES = st.builds(
    Case,
    ANYTHING,
    st.sampled_from(OUTCOMES),
    ANYTHING,
    ANYTHING,
    st.floats(0, 1e6),
    ANYTHING,
    st.integers(0, 9),
)
SUITES = st.lists(st.builds(Suite, ANYTHING, st.lists(CASES, max_size=3)), max_size=3)


def test_a_report_has_every_case_with_its_outcome() -> None:
    """A whole report, as it is written."""
    cases = [
        Case("holds", seconds=0.25, file="a.yaml", line=3),
        Case("does not", FAILED, "1 of 2 wrong", "expected <a> & got <b>", file="a.yaml"),
        Case("cannot be run", ERROR, "broken"),
        Case("not now", SKIPPED, "waits for a decision"),
    ]
    assert write("policy", [Suite("a", cases)]) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="policy" tests="4" failures="1" errors="1" time="0.250">\n'
        '  <testsuite name="a" tests="4" failures="1" errors="1" time="0.250" skipped="1">\n'
        '    <testcase name="holds" classname="a" file="a.yaml" line="3" time="0.250" />\n'
        '    <testcase name="does not" classname="a" file="a.yaml" time="0.000">\n'
        '      <failure message="1 of 2 wrong">expected &lt;a&gt; &amp; got &lt;b&gt;</failure>\n'
        "    </testcase>\n"
        '    <testcase name="cannot be run" classname="a" time="0.000">\n'
        '      <error message="broken" />\n'
        "    </testcase>\n"
        '    <testcase name="not now" classname="a" time="0.000">\n'
        '      <skipped message="waits for a decision" />\n'
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


@examples(50)
@given(SUITES)
def test_every_report_is_valid(suites: list[Suite]) -> None:
    """Whatever names, messages and details contain, the report is valid by the schema."""
    root = parsed(write("any", suites))
    cases = [case for suite in suites for case in suite.cases]
    assert root.get("tests") == str(len(cases))
    for outcome, attribute in ((FAILED, "failures"), (ERROR, "errors")):
        assert root.get(attribute) == str(sum(case.outcome == outcome for case in cases))
    found = [[child.tag for child in case] for case in root.iter("testcase")]
    assert found == [[] if case.outcome == PASSED else [case.outcome] for case in cases]


def _in_xml(text: str) -> bool:
    """Whether the production Char of XML 1.0 has every character of `text`."""
    return all(
        char in "\t\n\r"
        or " " <= char < "\ud800"
        or "\ue000" <= char <= "\ufffd"
        or char > "\uffff"
        for char in text
    )


@examples(50)
@given(ANYTHING)
def test_what_xml_can_say_is_kept_and_the_rest_is_escaped(text: str) -> None:
    """Text comes back as it was; a character that XML has not comes back as an escape."""
    root = parsed(write("any", [Suite("s", [Case(text, FAILED, details=text)])]))
    case = next(root.iter("testcase"))
    assert case.get("name") == "".join(each if _in_xml(each) else _escape(each) for each in text)


def _escape(char: str) -> str:
    """A character as Python and JSON programmers write it."""
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('tests="1"', 'tests="-1"'),
        ('failures="0"', ""),
        ("testcase", "case"),
        ('time="0.000"', 'time="soon"'),
        ("<testsuite ", '<testsuite colour="red" '),
    ],
)
def test_the_schema_refuses_what_is_no_report(right: str, wrong: str) -> None:
    """The check can fail: a report that is changed in one place is refused."""
    report = write("any", [Suite("s", [Case("c")])])
    parsed(report)
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        parsed(report.replace(right, wrong))


def test_reports_are_read_by_the_standard_parser() -> None:
    """No suite at all is still a document."""
    assert ET.fromstring(write("none", [])).get("tests") == "0"  # noqa: S314 - our own
