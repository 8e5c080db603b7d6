"""``rbac audit``: what it finds, how it exits, and what it prints in each format."""

import argparse
import csv
import io
import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rbac.audit.auditing import rules
from rbac.cli.audit_report import show
from rbac.policy import Policy, shipped_folder
from tests.audit.formats.reports import EMPTY
from tests.finding_examples import Edit, apply, folders
from tests.junit import parsed

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "examples" / "organization")
DAY = ("--date", "2026-11-24")


def flawed(tmp_path: Path) -> str:
    """The shipped policy, its baseline included, with a viewer that changes something."""
    folder = tmp_path / "policy"
    shutil.copytree(shipped_folder(), folder)
    row = "# open name: made up\np, workflow_viewer, workflow_execution, cancel, own"
    apply(Edit("policy/grants/workflow.csv", f"\n{row}"), tmp_path)
    return str(folder)


def test_the_shipped_policy_has_nothing_that_is_not_a_note(rbac: Any) -> None:
    """What is worse is accepted by its baseline, each with a reason that names no date."""
    result = rbac("audit", *DAY)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("0 errors, 0 warnings, ")
    data = json.loads(rbac("audit", *DAY, "--format", "json").out)
    assert data["policy"] == Policy.shipped().digest
    assert data["directory"] is None
    assert {each["severity"] for each in data["findings"]} == {"note"}
    assert len(data["accepted"]) == data["counts"]["accepted"] > 0
    assert all(each["accepted"]["expires"] is None for each in data["accepted"])


def test_the_shipped_roles_that_are_one_grant_apart_are_these(rbac: Any) -> None:
    """A role that would only include another with one grant more is not near it."""
    found = json.loads(rbac("audit", *DAY, "--format", "json").out)["findings"]
    assert [each["what"] for each in found if each["rule"] == "RBAC108"] == [
        "runner_admin org_runners_admin",
        "environment_service_viewer environment_service_env",
        "environment_task_viewer environment_task_env",
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 1),
        (("--fail-on", "error"), 1),
        (("--fail-on", "never"), 0),
        (("--fail-on", "note"), 1),
    ],
)
def test_a_finding_at_the_gate_or_above_fails(
    rbac: Any, tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    """An error fails at every gate but ``never``, and quietly too."""
    result = rbac("audit", flawed(tmp_path), *DAY, "--quiet", *words)
    assert (result.code, result.out, result.err) == (code, "", "")


def test_a_gate_lets_pass_what_is_below_it(rbac: Any) -> None:
    """The shipped policy's notes fail at ``note`` alone."""
    codes = {
        gate: rbac("audit", *DAY, "--quiet", "--fail-on", gate).code
        for gate in ("error", "warning", "note", "never")
    }
    assert codes == {"error": 0, "warning": 0, "note": 1, "never": 0}


def test_text_shows_each_finding_with_place_evidence_and_remedy(rbac: Any, tmp_path: Path) -> None:
    """A table of what there is, then a tree for each rule; lines are whole on a pipe."""
    folder = flawed(tmp_path)
    lines = [line.rstrip() for line in rbac("audit", folder, *DAY).out.splitlines()]
    assert lines[0].startswith("1 error, 0 warnings, ")
    words = ["RBAC109", "error", "a", "viewer", "that", "changes", "something", "1", "0"]
    assert [line.split() for line in lines].index(words) == 4
    start = lines.index("error RBAC109 a viewer that changes something: 1")
    row = "p, workflow_viewer, workflow_execution, cancel, own"
    number = Path(folder, "grants", "workflow.csv").read_text().splitlines().index(row) + 1
    place = f"{folder}/grants/workflow.csv:{number}"
    assert lines[start + 1 : start + 4] == [
        f"├── {place}: workflow_viewer may cancel workflow_execution, which is of level write",
        f"│   └── by {row} (grants/workflow.csv:{number})",
        "└── to mend: Move the grant to a role whose name says what it does.",
    ]


def test_nothing_found_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """No table without a row, and no tree."""
    show(EMPTY, argparse.Namespace(format="text", limit=20, color="never"))
    assert capsys.readouterr().out == "0 errors, 0 warnings, 0 notes; 0 findings accepted\n"


def test_text_is_cut_short_and_says_so(rbac: Any) -> None:
    """``--limit`` is for each rule; nothing is left out in silence."""
    some = rbac("audit", *DAY, "--limit", "2").out
    every = rbac("audit", *DAY, "--limit", "0").out
    assert "├── and 13 more; --limit 0 shows all" in some
    assert "--limit 0 shows all" not in every
    assert len(every) > len(some)


def test_the_sample_directory_shows_each_of_its_flaws(rbac: Any) -> None:
    """Every planted flaw that a rule covers is found, by ids alone."""
    result = rbac("audit", "--directory", SAMPLE, *DAY, "--format", "json")
    assert result.code == 1
    found = json.loads(result.out)["findings"]
    whats = {each["rule"]: set[str]() for each in found}
    for each in found:
        whats[each["rule"]].add(each["what"])
    flaws = tomllib.loads((ROOT / "examples" / "organization-flaws.toml").read_text())["flaw"]
    by_idea = {flaw["idea"]: flaw for flaw in flaws}
    suspended = by_idea["a suspended person is still in a group"]
    assert f"{suspended['subject']} {suspended['group']}" in whats["RBAC303"]
    assert whats["RBAC302"] == {by_idea["a group without members"]["group"]}
    implied = by_idea["an assignment that another of the same group on the same project implies"]
    (what,) = whats["RBAC301"]
    assert what.startswith(f"{implied['group']} {implied['role']} {implied['resource']} ")
    stale = by_idea["a derived assignment that outlived the organization role it came from"]
    start = f"{stale['group']} {stale['role']} {stale['resource']} {stale['derived_from']} "
    assert [each for each in whats["RBAC307"] if each.startswith(start)]
    administrators = [
        *by_idea["three people administer the organization"]["subjects"],
        *by_idea["service accounts administer the organization"]["subjects"],
    ]
    (listed,) = (each for each in found if each["rule"] == "RBAC305")
    assert {line.partition(",")[0] for line in listed["evidence"]} == set(administrators)
    assert "has 5 administrators: 3 users and 2 others" in listed["message"]
    machines = {what.split()[1] for what in whats["RBAC306"]}
    assert machines == set(by_idea["service accounts administer the organization"]["subjects"])
    for each in found:
        if each["rule"] >= "RBAC2":
            assert Path(each["file"]).parent == Path(SAMPLE)
            assert each["line"] > 0


@pytest.mark.parametrize("form", ["text", "json", "markdown", "csv", "sarif", "github", "junit"])
def test_every_format_has_every_open_finding(rbac: Any, tmp_path: Path, form: str) -> None:
    """Each is the same report; the exit code is that of the findings."""
    folder = flawed(tmp_path)
    result = rbac("audit", folder, *DAY, "--format", form, "--limit", "0")
    assert (result.code, result.err) == (1, "")
    data = json.loads(rbac("audit", folder, *DAY, "--format", "json").out)
    unescaped = result.out.replace("\\", "").replace("%2C", ",")
    for each in data["findings"]:
        assert each["message"] in unescaped


@pytest.mark.parametrize("least", ["error", "warning", "note", "never"])
def test_junit_fails_where_the_command_does(rbac: Any, tmp_path: Path, least: str) -> None:
    """The cases that failed are those that --fail-on calls failures."""
    words = ("audit", flawed(tmp_path), *DAY, "--fail-on", least, "--format")
    counts = json.loads(rbac(*words, "json").out)["counts"]
    result = rbac(*words, "junit")
    levels = ["error", "warning", "note"]
    failing = levels[: levels.index(least) + 1] if least in levels else []
    number = sum(counts[level] for level in failing)
    assert parsed(result.out).get("failures") == str(number)
    assert result.code == (1 if number else 0)


def test_csv_and_json_say_the_same(rbac: Any) -> None:
    """Row by row, finding by finding."""
    rows = list(csv.DictReader(io.StringIO(rbac("audit", *DAY, "--format", "csv").out)))
    data = json.loads(rbac("audit", *DAY, "--format", "json").out)
    assert [row["what"] for row in rows] == [
        each["what"] for each in (*data["findings"], *data["accepted"])
    ]


def test_what_is_malformed_is_named_and_nothing_else_is_said(rbac: Any, tmp_path: Path) -> None:
    """All of policy, baseline and directory, each by file and line; code 3 and no report."""
    parent = folders(tmp_path)
    apply(Edit("policy/baseline.toml", "x = 1"), parent)
    apply(Edit("directory/groups.jsonl", "no json"), parent)
    words = (str(parent / "policy"), "--directory", str(parent / "directory"))
    for form in ("text", "json", "sarif"):
        result = rbac("audit", *words, *DAY, "--format", form)
        assert (result.code, result.out) == (3, "")
        problems = [line.partition(": ")[0] for line in result.err.splitlines()]
        assert problems == [
            f"{parent}/directory/groups.jsonl:3:1",
            f"{parent}/policy/baseline.toml:1",
        ]


@pytest.mark.parametrize(
    "words",
    [
        ("--date", "tomorrow"),
        ("--fail-on", "sometimes"),
        ("--explain", "RBAC999"),
        ("--write-baseline",),
        ("--write-baseline", "--reason", " "),
        ("--format", "xml"),
        ("--limit", "-1"),
    ],
)
def test_what_cannot_be_asked_is_usage(rbac: Any, words: tuple[str, ...]) -> None:
    """An unknown word, rule or day, and acceptances without a reason: code 2."""
    result = rbac("audit", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err


def test_writing_a_baseline_makes_the_audit_pass(rbac: Any, tmp_path: Path) -> None:
    """Until its day is over; then what was accepted is back, and the entry with it."""
    folder = flawed(tmp_path)
    accept = ("--write-baseline", "--reason", "until the next release")
    result = rbac("audit", folder, *DAY, *accept)
    assert result.code == 0
    assert result.out.endswith(f"accepted in {folder}/baseline.toml until 2027-02-22\n")
    assert rbac("audit", folder, *DAY, "--fail-on", "note").code == 0
    assert rbac("audit", folder, "--date", "2027-02-22", "--fail-on", "note").code == 0
    late = rbac("audit", folder, "--date", "2027-02-23", "--format", "json")
    assert late.code == 1
    rules_found = {each["rule"] for each in json.loads(late.out)["findings"]}
    assert {"RBAC109", "RBAC401"} <= rules_found
    again = rbac("audit", folder, *DAY, *accept)
    assert again.out.startswith("0 findings accepted")


def test_a_baseline_may_be_elsewhere(rbac: Any, tmp_path: Path) -> None:
    """A file of one's own is used instead of the policy's, and must be there to be read."""
    folder, file = flawed(tmp_path), str(tmp_path / "own.toml")
    assert rbac("audit", folder, *DAY, "--baseline", file).code == 3
    words = ("audit", folder, *DAY, "--baseline", file)
    assert rbac(*words, "--write-baseline", "--reason", "made up").code == 0
    data = json.loads(rbac(*words, "--format", "json").out)
    assert data["findings"] == []
    assert {each["accepted"]["place"].partition(":")[0] for each in data["accepted"]} == {file}


def test_methods_without_a_permission_are_found(rbac: Any, tmp_path: Path) -> None:
    """Only of the methods that a list has; a list that has none is malformed."""
    known = next(row.methods[0] for row in Policy.shipped().rows.catalogue if row.methods)
    file = tmp_path / "methods.txt"
    file.write_text(f"# all there are\n\n{known}\nexample.v1.NewService/DoNew\n")
    data = json.loads(rbac("audit", *DAY, "--methods", str(file), "--format", "json").out)
    (found,) = (each for each in data["findings"] if each["rule"] == "RBAC112")
    assert found["what"] == "example.v1.NewService/DoNew"
    file.write_text("# none\n")
    assert rbac("audit", *DAY, "--methods", str(file)).code == 3
    file.write_text("DoNew\n")
    result = rbac("audit", *DAY, "--methods", str(file))
    assert result.err == f'{file}:1:1: "DoNew" is no method; write package.Service/Method\n'
    assert rbac("audit", *DAY, "--methods", str(tmp_path / "none.txt")).code == 3


def test_rules_are_listed_and_explained(rbac: Any) -> None:
    """In every format of tables; the page is the one of the documentation."""
    text = rbac("audit", "--list-rules")
    assert text.code == 0
    listed = json.loads(rbac("audit", "--list-rules", "--format", "json").out)
    assert [each["id"] for each in listed] == [rule.id for rule in rules()]
    assert all(each["id"] in text.out for each in listed)
    page = (ROOT / "docs" / "findings" / "RBAC101.md").read_text()
    for spelling in ("RBAC101", "rbac101"):
        assert rbac("audit", "--explain", spelling).out == page
