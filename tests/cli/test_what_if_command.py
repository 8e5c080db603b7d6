"""``rbac what-if``: who gains and loses, what is broken and mended, and a new snapshot."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rbac.directory import Directory
from tests.organization import DIRECTORY, EDITOR, EDITORS, RECORDS

SAMPLE = Path(__file__).parents[2] / "examples" / "organization"
WRITERS, APPROVERS, ADMINS = (
    f"00000007-0000-4000-8000-00000000000{number}" for number in (6, 7, 9)
)
MANAGER = "user:00000002-0000-4000-8000-000000000006"
WRITER, BOTH = (f"user:00000002-0000-4000-8000-0000000000{number}" for number in (20, 22))
PROJECT = "project:00000005-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is about the sample organization."""
    monkeypatch.setenv("RBAC_DIRECTORY", str(SAMPLE))


def test_what_would_be_broken_is_shown_with_how_it_would_come_to_be(rbac: Any) -> None:
    """A writer who is made an approver would break the separation, by both groups; exit 1."""
    result = rbac("what-if", "add-member", WRITER, APPROVERS)
    assert result.code == 1
    lines = result.out.splitlines()
    both = f"is assigned project_editor and project_admin on {PROJECT}, at most 1 of them may be"
    at = lines.index(
        next(line for line in lines if line.startswith("it would break writers_do_not_approve: "))
    )
    assert lines[at + 1 :] == [
        f"  {WRITER} {both}",
        f"    project_editor on {PROJECT}, given to group {WRITERS}",
        f"    project_admin on {PROJECT}, given to group {APPROVERS}",
    ]
    assert "    + grant project on 1 resource" in lines
    assert (
        f"  {WRITER} would grant project on 1 resource, "
        "which gives any role that is assigned on such a resource"
    ) in lines


def test_what_would_be_mended_is_shown_too(rbac: Any) -> None:
    """Whoever both writes and approves leaves the approvers: nothing is broken; exit 0."""
    result = rbac("what-if", "remove-member", BOTH, APPROVERS, "--format", "json")
    assert result.code == 0
    told = json.loads(result.out)
    assert told["broken"] == []
    (mended,) = told["mended"]
    assert (mended["constraint"], mended["subject"]) == ("writers_do_not_approve", BOTH)
    (effect,) = told["effects"]
    assert (effect["subject"], effect["gained"]) == (BOTH, {})
    assert effect["lost"]["grant project"] == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_manager_is_told_why_it_may_not(rbac: Any, form: str) -> None:
    """With --as, the rule that keeps somebody from the change is named, and it exits 1."""
    words = ("what-if", "add-member", MANAGER, ADMINS, "--as", MANAGER, "--format", form)
    result = rbac(*words)
    assert result.code == 1
    assert "role_beyond_the_actor: org_admin" in result.out


def test_a_directory_without_constraints_is_said_to_have_none(rbac: Any, tmp_path: Path) -> None:
    """Nobody takes silence for a constraint that is kept."""
    Directory.load(SAMPLE).write(tmp_path / "alone")
    words = ("what-if", "add-member", WRITER, APPROVERS, "--directory", str(tmp_path / "alone"))
    result = rbac(*words)
    assert result.code == 0
    assert result.out.splitlines()[-1] == "there are no constraints to hold it to"


def test_a_change_that_is_applied_is_another_folder(rbac: Any, tmp_path: Path) -> None:
    """The new snapshot is the old one changed, in a folder of its own; the old one stays."""
    before = {path.name: path.read_bytes() for path in SAMPLE.iterdir()}
    out = tmp_path / "new"
    result = rbac("what-if", "remove-member", BOTH, APPROVERS, "--apply", str(out))
    assert result.code == 0
    assert result.out.splitlines()[-1] == f"written to {out}"
    old, new = Directory.load(SAMPLE), Directory.load(out)
    gone = [each for each in old.members(APPROVERS) if str(each.subject) == BOTH]
    assert new == old.changed(remove=gone)
    assert {path.name: path.read_bytes() for path in SAMPLE.iterdir()} == before


@pytest.mark.parametrize(
    "words",
    [
        ("add-member", WRITER, APPROVERS),
        ("add-member", MANAGER, WRITERS, "--as", MANAGER),
    ],
)
def test_what_is_refused_is_not_written(rbac: Any, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Neither a change that would break a constraint, nor one that its actor may not make."""
    out = tmp_path / "new"
    assert rbac("what-if", *words, "--apply", str(out)).code == 1
    assert not out.exists()


def test_nothing_is_written_over(rbac: Any, tmp_path: Path) -> None:
    """A folder with anything in it is left as it is: wrong usage."""
    (tmp_path / "mine").write_text("kept")
    result = rbac("what-if", "remove-member", BOTH, APPROVERS, "--apply", str(tmp_path))
    assert result.code == 2
    assert "exists already" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_whenever_it_is_killed_the_new_folder_is_whole_or_absent(tmp_path: Path) -> None:
    """Killed at any step of applying a change: never half a folder, and the old one untouched."""
    DIRECTORY.write(tmp_path / "old")
    words = ("what-if", "remove-member", str(EDITOR), EDITORS)
    done = subprocess.run(
        [sys.executable, "-m", "tests.cli.killed", str(tmp_path), *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    runs = [line.split() for line in done.stdout.splitlines()]
    after = DIRECTORY.changed(remove=[RECORDS.memberships[0]]).digest
    assert [ending for _, ending, _ in runs] == ["killed"] * (len(runs) - 1) + ["done"]
    assert {found for _, _, found in runs} == {"absent", after}
    assert runs[-1][2] == after
    assert len(runs) > len(RECORDS.resources) + 3 * 6
