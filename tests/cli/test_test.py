"""``rbac test``: what it prints of tests that pass, fail or are skipped, and how it exits."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rbac.policy import Policy, shipped_folder
from rbac.table import DecisionTable
from rbac.testing.reader import read
from tests.building import small_policy
from tests.junit import parsed
from tests.testing.helping import put

RIGHT = """
- name: a user of a project reads it
  principals: [user, service_account]
  roles: [project_user]
  types: [project]
  allowed: [get]
"""
WRONG = """
- name: an editor also deletes it
  principals: [user]
  roles: [project_editor]
  types: [project]
  allowed: [get, update]
"""
LATER = """
- name: the admin shares it | <soon>
  skip: waits for J3
  principals: [user]
  roles: [project_admin]
  types: [project]
  allowed: nothing
"""
AMISS = ("--suggest-tests", "no/such/more.yaml")
ONE = "passed: 1 of 1 test passed; 12 answers"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands beside the policy, as a person would."""
    monkeypatch.chdir(tmp_path)


def policy(*tests: str) -> Policy:
    """A small policy with these tests beside it, in the folder ``policy``."""
    found = small_policy(
        [
            *("project_user project get any", "project_editor project update own"),
            "project_admin project delete any",
        ],
        seniority=["project_editor project_user"],
        eligible=["user project_user", "service_account project_user", "user project_editor"],
    )
    found.write("policy")
    Path("policy/tests").mkdir()
    if tests:
        text = "tests:\n" + "".join(tests).replace("\n\n", "\n").replace("\n", "\n  ")
        put(Path("policy/tests"), text, "projects.yaml")
    return found


def test_tests_that_pass_are_counted(rbac: Any) -> None:
    """One line with the verdict, one with the digest of the policy they are about."""
    found = policy(RIGHT)
    result = rbac("test", "policy")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"passed: 1 of 1 test passed; 12 answers\n  digest {found.digest}\n"


def test_a_failure_is_shown_with_its_place_its_cells_and_the_grant(rbac: Any) -> None:
    """What was expected, of how many cells, the decision, and what was skipped and why."""
    found = policy(RIGHT, WRONG, LATER)
    result = rbac("test", "policy")
    assert (result.code, result.err) == (1, "")
    assert result.out == (
        "failed: policy/tests/projects.yaml:8: an editor also deletes it\n"
        "  expected allowed: user as project_editor: update on project, other than own  (1 cell)\n"
        "    denied: project_editor may update project only where it is the subject's own, by "
        "grants/project.csv:8\n"
        "skipped: policy/tests/projects.yaml:13: the admin shares it | <soon>: waits for J3\n"
        "failed: 1 of 3 tests passed, 1 failed, 1 skipped; 18 answers\n"
        f"  digest {found.digest}\n"
    )


def test_json_has_what_the_text_has(rbac: Any) -> None:
    """Each test with its result, and each unexpected answer with the whole decision."""
    found = policy(RIGHT, WRONG, LATER)
    result = rbac("test", "policy", "--format", "json")
    data = json.loads(result.out)
    assert (result.code, data["passed"], data["ran"], data["failed"]) == (1, False, 2, 1)
    assert (data["skipped"], data["answers"], data["digest"]) == (1, 18, found.digest)
    assert (data["coverage"], data["mutants"], data["addition"]) == (None, None, None)
    assert [each["result"] for each in data["tests"]] == ["passed", "failed", "skipped"]
    wrong = data["tests"][1]["wrong"][0]
    assert (wrong["expected"], wrong["answers"], wrong["line"]) == ("allowed", 1, 8)
    assert wrong["asked"]["roles"] == ["project_editor"]
    assert wrong["decision"]["grant"]["line"] == 8
    assert data["tests"][2]["skip"] == "waits for J3"


def test_junit_is_valid_and_says_the_same(rbac: Any) -> None:
    """A suite for each file, a case for each test, and one for each gate."""
    policy(RIGHT, WRONG, LATER)
    result = rbac("test", "policy", "--format", "junit", "--threshold", "100")
    assert result.code == 1
    root = parsed(result.out)
    assert [suite.get("name") for suite in root] == ["policy/tests/projects.yaml", "gates"]
    tests, gates = root
    assert [[child.tag for child in case] for case in tests] == [[], ["failure"], ["skipped"]]
    assert [case.get("line") for case in tests] == ["3", "8", "13"]
    failure = tests[1][0]
    assert failure.get("message") == "1 answer not as expected"
    assert "by grants/project.csv:8" in (failure.text or "")
    assert [case.get("name") for case in gates] == [
        "some test ran",
        "100 % of the grants asserted",
    ]
    assert [len(case) for case in gates] == [0, 1]


def test_github_annotates_the_lines(rbac: Any) -> None:
    """An error at each failed test, a notice at each skipped one, on one line each."""
    policy(RIGHT, WRONG, LATER)
    result = rbac("test", "policy", "--format", "github", "--threshold-cells", "50")
    assert result.code == 1
    error, notice, gate = result.out.splitlines()
    assert error.startswith(
        "::error file=policy/tests/projects.yaml,line=8::an editor also deletes it%0A"
        "expected allowed: user as project_editor"
    )
    assert notice == (
        "::notice file=policy/tests/projects.yaml,line=13::"
        "the admin shares it | <soon>: skipped: waits for J3"
    )
    assert gate.startswith("::error::") and "50 %25 of the allowed cells" in gate  # noqa: PT018


def test_markdown_is_a_table_of_what_needs_a_look(rbac: Any) -> None:
    """Failed and skipped tests, a row each, with nothing that breaks the table."""
    found = policy(RIGHT, WRONG, LATER)
    lines = rbac("test", "policy", "--format", "markdown").out.splitlines()
    assert lines[0] == "**1 of 3 tests passed, 1 failed, 1 skipped; 18 answers**"
    assert lines[2:4] == ["| test | where | result | why |", "| --- | --- | --- | --- |"]
    assert lines[4].startswith("| an editor also deletes it | policy/tests/projects.yaml:8 | ")
    assert lines[5] == (
        "| the admin shares it &#124; &#60;soon&#62; | policy/tests/projects.yaml:13 | skipped "
        "| waits for J3 |"
    )
    assert lines[-1] == f"- digest {found.digest}"
    Path("policy/tests/projects.yaml").unlink()
    put(Path("policy/tests"), f"tests:{RIGHT}", "projects.yaml")
    lines = rbac("test", "policy", "--format", "markdown").out.splitlines()
    assert lines == ["**1 of 1 test passed; 12 answers**", "", f"- digest {found.digest}"]


@pytest.mark.parametrize("tests", [(), (LATER,)])
@pytest.mark.parametrize("form", ["text", "json", "junit", "github", "markdown"])
def test_no_test_that_ran_is_a_failure(rbac: Any, tests: tuple[str, ...], form: str) -> None:
    """Nothing there, and nothing but skipped tests, is never a success, in any format."""
    policy(*tests)
    result = rbac("test", "policy", "--format", form)
    assert (result.code, result.err) == (1, "")
    if form == "junit":
        assert parsed(result.out).get("failures") == "1"
    else:
        assert "no test ran" in result.out or form == "json"


def test_a_filter_that_matches_nothing_is_a_failure(rbac: Any) -> None:
    """Only tests whose name has the words are run; if there are none, that shows nothing."""
    policy(RIGHT, WRONG)
    result = rbac("test", "policy", "--filter", "reads")
    assert (result.code, result.out.splitlines()[0]) == (
        0,
        "passed: 1 of 1 test passed; 12 answers",
    )
    result = rbac("test", "policy", "--filter", "raeds")
    assert (result.code, result.out.splitlines()[1]) == (
        1,
        "  no test ran, which shows nothing",
    )


def test_it_stops_at_the_first_failure_if_asked(rbac: Any) -> None:
    """With --fail-fast what comes after a failure is not run."""
    policy(WRONG, RIGHT)
    assert "0 of 1 test passed, 1 failed" in rbac("test", "policy", "--fail-fast").out


def test_other_tests_may_be_named(rbac: Any) -> None:
    """--tests takes files and folders, each once; one that is not there is no test."""
    policy(WRONG)
    put(Path(), f"tests:{RIGHT}", "mine.yaml")
    result = rbac("test", "policy", "--tests", "mine.yaml", "mine.yaml")
    assert (result.code, result.out.splitlines()[0]) == (
        0,
        "passed: 1 of 1 test passed; 12 answers",
    )
    both = rbac("test", "policy", "--tests", "mine.yaml", "policy/tests")
    assert "1 of 2 tests passed" in both.out
    gone = rbac("test", "policy", "--tests", "mine.yml")
    assert (gone.code, gone.out, gone.err) == (3, "", "mine.yml: there are no tests here\n")


def test_coverage_counts_grants_and_cells(rbac: Any) -> None:
    """The exact shares, and by name the grants that nothing asserts."""
    policy(RIGHT)
    lines = rbac("test", "policy", "--coverage").out.splitlines()
    assert lines[1:-1] == [
        "  grants         1 of 3 (33.3 %) with an asserted cell",
        "  allowed cells  4 of 9 (44.4 %) asserted",
        "  every cell     12 of 2,196 (0.5 %) asserted",
        "  grants without an asserted cell:",
        "    p, project_admin, project, delete, any  (grants/project.csv:2)",
        "    p, project_editor, project, update, own  (grants/project.csv:8)",
    ]
    data = json.loads(rbac("test", "policy", "--coverage", "--format", "json").out)["coverage"]
    assert data["grants"] == {"part": 1, "whole": 3, "percent": 33.33}
    assert {each["grant"][0]: each["part"] for each in data["by_grant"]} == {
        "project_user": 4,
        "project_editor": 0,
        "project_admin": 0,
    }


@pytest.mark.parametrize(
    ("gate", "value", "code"),
    [
        ("--threshold", "33.3", 0),
        ("--threshold", "33.34", 1),
        ("--threshold", "0", 0),
        ("--threshold-cells", "44.4", 0),
        ("--threshold-cells", "44.5", 1),
        ("--threshold", "101", 2),
        ("--threshold", "most", 2),
        ("--threshold", "1/0", 2),
        ("--threshold", "1e2", 2),
        ("--threshold-cells", "-1", 2),
    ],
)
def test_a_threshold_is_a_gate(rbac: Any, gate: str, value: str, code: int) -> None:
    """Below it the run fails though every test passes; compared exactly, without rounding."""
    policy(RIGHT)
    assert rbac("test", "policy", gate, value, "--quiet").code == code


def test_mutants_are_counted_and_named(rbac: Any) -> None:
    """How many flips there are of each kind, how many no test would notice, and which."""
    policy(RIGHT)
    lines = rbac("test", "policy", "--mutants").out.splitlines()
    assert lines[1].endswith("survive")
    assert "    removed      2 of 3" in lines
    assert "    removed: p, project_admin, project, delete, any  (grants/project.csv:2)" in lines
    assert lines[-2].endswith("more, which --format json lists")
    data = json.loads(rbac("test", "policy", "--mutants", "--format", "json").out)["mutants"]
    assert len(data["survivors"]) == sum(each["survive"] for each in data["counts"].values())
    assert data["counts"]["removed"] == {"total": 3, "survive": 2}
    assert {
        key: value
        for each in data["survivors"]
        if each["flip"] == "widened"
        for key, value in each.items()
        if key != "grant"
    } == {"flip": "widened", "place": "grants/project.csv:8"}


def test_where_tests_fail_no_mutant_is_looked_for(rbac: Any) -> None:
    """A test that fails would notice everything; it says so, and writes nothing."""
    policy(WRONG)
    result = rbac("test", "policy", "--mutants", "--suggest-tests", "more.yaml")
    assert result.code == 1
    assert "  mutants are looked for once every test passes" in result.out.splitlines()
    assert not Path("more.yaml").exists()


def test_suggested_tests_leave_no_mutant(rbac: Any) -> None:
    """The file that is written passes, kills every survivor, and is never written over another."""
    found = policy(RIGHT)
    result = rbac("test", "policy", "--suggest-tests", "policy/tests/more.yaml")
    assert result.code == 0
    assert "  written to policy/tests/more.yaml: " in result.out
    assert read(["policy/tests/more.yaml"], DecisionTable(found))
    again = rbac("test", "policy", "--mutants", "--threshold", "100", "--format", "json")
    assert (again.code, json.loads(again.out)["mutants"]["survivors"]) == (0, [])
    refused = rbac("test", "policy", "--suggest-tests", "policy/tests/more.yaml")
    assert (refused.code, refused.out) == (2, "")
    assert "is there already; name a new file" in refused.err
    nowhere = rbac("test", "policy", "--tests", "policy/tests/projects.yaml", *AMISS)
    assert (nowhere.code, nowhere.out) == (2, "")
    assert nowhere.err == "rbac: no/such/more.yaml cannot be written: No such file or directory\n"
    nothing = rbac("test", "policy", "--suggest-tests", "none.yaml")
    assert "  no additional test is needed" in nothing.out.splitlines()
    assert not Path("none.yaml").exists()


def test_what_is_not_well_written_is_refused_and_nothing_runs(rbac: Any) -> None:
    """Every problem of every file, by line; exit code 3, nothing on standard output."""
    policy(RIGHT.replace("get", "gett").replace("user,", "usr,"))
    put(Path("policy/tests"), f"tests:{RIGHT}", "sound.yaml")
    result = rbac("test", "policy", "--format", "json")
    assert (result.code, result.out) == (3, "")
    meant = 'did you mean "get" or "get_terms"?'
    assert result.err.splitlines() == [
        'policy/tests/projects.yaml:4:18: no principal is "usr"; did you mean "user"?',
        'policy/tests/projects.yaml:7:15: unknown action "gett"; ' + meant,
    ]


def test_quiet_only_exits(rbac: Any) -> None:
    """With --quiet nothing is printed, and the exit code is the same."""
    policy(RIGHT, WRONG)
    assert rbac("test", "policy", "--quiet").code == 1
    result = rbac("test", "policy", "--filter", "reads", "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_the_verdict_is_coloured_where_that_is_wanted(rbac: Any) -> None:
    """Red for what failed, green for a run that passed."""
    policy(RIGHT, WRONG)
    assert "\x1b[31mfailed: " in rbac("test", "policy", "--color", "always").out
    passed = rbac("test", "policy", "--filter", "reads", "--color", "always").out
    assert passed.startswith("\x1b[32mpassed: ")


def test_the_shipped_policy_passes_its_own(rbac: Any) -> None:
    """Without arguments, the shipped tests are run, and each grant is asserted."""
    result = rbac("test", "--threshold", "100", "--threshold-cells", "100")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("passed: ")


def test_a_copy_of_the_shipped_policy_carries_its_tests(
    rbac: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are shown from where one stands, and found from anywhere."""
    shutil.copytree(shipped_folder(), tmp_path / "copy")
    grants = tmp_path / "copy" / "grants" / "project.csv"
    text = grants.read_text(encoding="utf-8")
    grants.write_text(text.replace("p, project_user, project, use, any\n", ""), encoding="utf-8")
    result = rbac("test", "copy")
    assert result.code == 1
    first = result.out.splitlines()[0]
    assert first.startswith("failed: copy/tests/")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    first = rbac("test", str(tmp_path / "copy")).out.splitlines()[0]
    assert first.startswith(f"failed: {tmp_path}/copy/tests/")
