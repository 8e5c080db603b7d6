"""``rbac ci``: each gate, what it says of a change, and what GitHub is told."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from rbac.cli import main
from rbac.cli.ci import MARK
from rbac.directory import Directory
from rbac.policy import Policy
from rbac.rows import Containment
from rbac.vocabulary import ResourceType
from tests.building import small_rows
from tests.cli.test_diff import git, replace
from tests.organization import EDITOR, RECORDS

INVARIANT = """\
[[invariant]]
name = "viewers_read"
says = "Whoever views a project changes nothing."
because = "it is handed out without a second thought"
never.roles = ["project_editor"]
never.actions = ["update"]

# end
"""
POLICY = ["project_user project get any", "project_editor project get any"]
"""Users and editors of a project read it; a grant of `update` is what changes."""

WIDER = "p, project_editor, project, update, any\n"


@pytest.fixture(name="repository")
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a small policy on `main`, and a branch to change it on."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("RBAC_DIRECTORY", raising=False)
    folder = tmp_path / "repository"
    within = Containment(ResourceType.PROJECT, ResourceType.ORGANIZATION)
    Policy(small_rows(POLICY)._replace(containment=(within,))).write(folder / "policies")
    assert main(["fmt", str(folder / "policies"), "--quiet"]) == 0
    (folder / "policies" / "invariants.toml").write_text(INVARIANT)
    (folder / "policies" / "tests").mkdir()
    (folder / "policies" / "tests" / "viewers.yaml").write_text(TESTS)
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "a policy")):
        git(folder, *words)
    git(folder, "checkout", "-qb", "change")
    monkeypatch.chdir(folder)
    return folder


TESTS = """\
tests:
  - name: an editor only reads
    principals: [user]
    roles: [project_editor]
    types: [project]
    allowed: [get]
# end
"""


def widen() -> int:
    """Lets editors update projects; gives the line of the grant."""
    file = Path("policies/grants/project.csv")
    beside = "p, project_editor, project, get, any\n"
    replace(file, beside, f"{beside}{WIDER}")
    return file.read_text().splitlines().index(WIDER.strip()) + 1


def test_a_policy_that_is_what_it_was_passes_every_gate(rbac: Any, repository: Path) -> None:
    """Each gate says that it passed, in the order in which they are asked."""
    result = rbac("ci", "--base", "main", "--summary", "summary.md")
    assert (result.code, result.err) == (0, ""), result.out
    asked = [line.split()[:3] for line in result.out.splitlines()]
    gates = ["validate", "fmt", "test", "prove", "diff"]
    assert asked == [["passed:", "rbac", gate] for gate in gates]
    lines = Path("summary.md").read_text().splitlines()
    assert lines[:2] == [MARK, "### Policy: every gate passed"]
    assert rbac("ci", "--base", "main", "--quiet").out == ""


def test_a_grant_more_is_seen_by_every_gate_that_is_about_it(rbac: Any, repository: Path) -> None:
    """The summary has the failing test, the refuted invariant and the changed cells."""
    line = widen()
    result = rbac("ci", "--base", "main", "--summary", "summary.md")
    assert result.code == 1
    text = Path("summary.md").read_text()
    failing = ["test", "prove", "diff --no-new-access"]
    for gate in failing:
        assert f"| **failed** | {gate} |" in text
    for gate in ("validate", "fmt --check"):
        assert f"| passed | {gate} |" in text
    assert "refuted: viewers_read" in text
    assert "\n+ user as project_editor: update on project, any  (2 cells)\n" in text
    assert f"(grants/project.csv:{line}; 2, 2)" in text
    assert "an editor only reads" in text
    assert "failed: rbac prove policies\n  refuted: viewers_read" in result.out


def test_github_is_told_at_which_lines(
    rbac: Any, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grant that gives access is annotated, and the invariant that it refutes."""
    line = widen()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    out = rbac("ci", "--base", "main").out
    given = "gives 2 cells by itself; 2 need it"
    assert f"\n::warning file=policies/grants/project.csv,line={line}::{given}\n" in out
    refuted = "refuted: Whoever views a project changes nothing."
    assert f"\n::error file=policies/invariants.toml,line=1::{refuted}\n" in out
    assert out.startswith("::stop-commands::")
    assert "\n::error file=policies/tests/viewers.yaml" in out


@pytest.mark.parametrize("folder", ["--help", "-h", "--quiet"])
def test_a_folder_named_as_an_option_passes_no_gate(
    rbac: Any, repository: Path, folder: str
) -> None:
    """What a gate takes for an option was not looked at, and is not let through."""
    assert rbac("ci", "--", folder).code == 1


def test_a_budget_lets_a_change_through_which_the_others_refuse(
    rbac: Any, repository: Path
) -> None:
    """What a change may give is said in cells; the other gates are still asked."""
    widen()
    without = ("--without", "prove", "--without", "test")
    assert rbac("ci", "--base", "main", "--budget", "+2", *without).code == 0
    assert rbac("ci", "--base", "main", "--budget", "+1", *without).code == 1
    assert rbac("ci", "--base", "main", "--budget", "+2").code == 1
    assert rbac("ci", *without).code == 0


def test_what_is_no_policy_is_asked_nothing_more(
    rbac: Any, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each problem is annotated at its line, and no other gate is asked."""
    file = Path("policies/grants/project.csv")
    replace(file, "project_editor, project, get", "project_editr, project, get")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = rbac("ci", "--base", "main", "--summary", "summary.md")
    assert result.code == 1
    assert "rbac prove" not in result.out
    assert "::error file=policies/grants/project.csv,line=" in result.out
    assert 'unknown role "project_editr"' in result.out
    assert "no other gate was asked" in Path("summary.md").read_text()


def test_a_gate_without_anything_to_ask_does_not_pass(rbac: Any, repository: Path) -> None:
    """Whoever takes the invariants away has to say so."""
    Path("policies/invariants.toml").unlink()
    assert rbac("ci", "--base", "main").code == 1
    assert rbac("ci", "--base", "main", "--without", "prove").code == 0


def test_what_is_not_in_canonical_form_is_shown(rbac: Any, repository: Path) -> None:
    """A row too many spaces are in fails, with the line as it should be."""
    replace(Path("policies/grants/project.csv"), "p, project_user,", "p,  project_user,")
    result = rbac("ci", "--summary", "summary.md")
    assert result.code == 1
    assert "failed: rbac fmt policies --check" in result.out
    text = Path("summary.md").read_text()
    assert "\n-p,  project_user, project, get, any\n" in text
    assert text.count("**failed**") == 1


def test_a_summary_that_cannot_be_written_is_an_error(rbac: Any, repository: Path) -> None:
    """The path is named, and nobody takes it for a gate that failed."""
    result = rbac("ci", "--summary", "nowhere/summary.md", "--quiet")
    assert (result.code, result.out) == (2, "")
    said = "rbac: nowhere/summary.md cannot be written: No such file or directory\n"
    assert result.err == said


@pytest.mark.parametrize("base", ["nowhere", "--help", ""])
def test_a_base_that_is_not_there_fails(rbac: Any, repository: Path, base: str) -> None:
    """Nothing that cannot be compared passes as unchanged; the hint says what is missing."""
    result = rbac("ci", f"--base={base}")
    assert result.code == 1
    assert "failed: rbac diff" in result.out
    assert "fetch the whole history" in result.out


def test_without_a_base_nothing_is_compared(rbac: Any, repository: Path) -> None:
    """On a branch of its own the policy is held to the gates that are about it alone."""
    result = rbac("ci", "policies")
    assert result.code == 0
    assert "diff" not in result.out


def test_a_folder_that_is_not_there_is_no_policy(rbac: Any, tmp_path: Path) -> None:
    """What is not there fails, with the reason."""
    result = rbac("ci", str(tmp_path / "nothing"))
    assert result.code == 1
    assert "failed: rbac validate" in result.out


def test_a_directory_names_the_people_concerned(rbac: Any, repository: Path) -> None:
    """Beside the cells the summary has who gains what; without an answer nothing passes."""
    directory, _ = Directory.sound(RECORDS, policy=Policy.load("policies"))
    directory.write("directory")
    widen()
    words = ("ci", "--base", "main", "--directory", "directory", "--budget", "+2")
    without = ("--without", "prove", "--without", "test")
    result = rbac(*words, *without, "--summary", "summary.md")
    assert "<summary>Who is concerned</summary>" in Path("summary.md").read_text()
    assert result.code == 0
    assert str(EDITOR) in Path("summary.md").read_text()
    assert str(EDITOR) in result.out
    shutil.rmtree("directory")
    assert rbac(*words, *without).code == 1
