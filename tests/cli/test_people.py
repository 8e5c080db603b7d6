"""``rbac diff`` with a directory: who gains and loses what, its gates, its formats."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rbac.policy import shipped_folder

SAMPLE = str(Path(__file__).parents[2] / "examples" / "organization")
DELETES = "p, project_editor, project, delete, any\n"
ANYBODY = "user:00000002-0000-4000-8000-000000000022"
TEAM = "00000007-0000-4000-8000-000000000007"


@pytest.fixture(name="narrow")
def _narrow(tmp_path: Path) -> str:
    """The shipped policy with one row less: who edits a project may not delete it."""
    folder = tmp_path / "narrow"
    shutil.copytree(shipped_folder(), folder)
    file = folder / "grants" / "project.csv"
    text = file.read_text()
    assert DELETES in text
    file.write_text(text.replace(DELETES, ""))
    return str(folder)


@pytest.fixture(name="later")
def _later(tmp_path: Path, rbac: Any) -> str:
    """The sample organization after somebody left a team."""
    folder = str(tmp_path / "later")
    words = ("what-if", "remove-member", ANYBODY, TEAM, "--directory", SAMPLE)
    assert rbac(*words, "--apply", folder, "--quiet").code == 0
    return folder


def test_two_policies_on_a_directory_say_who_loses_what(rbac: Any, narrow: str) -> None:
    """One row less: everybody who loses by it, by permission, role and subject."""
    result = rbac("diff", shipped_folder(), narrow, "--directory", SAMPLE, "--limit", "1")
    assert result.code == 1
    first, *others = result.out.splitlines()
    assert first == "nobody gains anything; 39 subjects lose 106 permissions on 9 resources"
    assert others[:2] == [
        "lost, by permission:",
        "  - delete project: 106 (39 subjects, 9 resources)",
    ]
    assert "  - org_admin as admin: delete project: 27 (3 subjects, 9 resources)" in others
    assert others[-1] == "    and 38 more; --limit 39 shows them"


def test_the_way_back_gives_it_back(rbac: Any, narrow: str) -> None:
    """The same two policies the other way round give what was taken."""
    out = rbac("diff", narrow, shipped_folder(), "--directory", SAMPLE).out
    assert out.startswith("39 subjects gain 106 permissions on 9 resources; nobody loses anything")
    assert "  + org_admin as admin: delete project: 27 (3 subjects, 9 resources)\n" in out


def test_a_role_that_nobody_holds_changes_nothing_for_anybody(rbac: Any, tmp_path: Path) -> None:
    """Where cells are gained that nobody of the directory has, nobody gains anything."""
    folder = tmp_path / "wider"
    shutil.copytree(shipped_folder(), folder)
    file = folder / "grants" / "agent_execution.csv"
    beside = "p, agent_execution_admin, agent_execution, grant, any\n"
    file.write_text(file.read_text().replace(beside, beside + beside.replace("grant", "start")))
    policies = shipped_folder(), str(folder)
    assert rbac("diff", *policies, "--no-new-access").code == 1
    result = rbac("diff", *policies, "--directory", SAMPLE, "--no-new-access")
    assert (result.code, result.out) == (
        0,
        "nobody gains anything; nobody loses anything\ngate: passed\n",
    )


def test_two_directories_say_what_changed_for_whom(rbac: Any, later: str) -> None:
    """By one policy, the shipped one unless another is named."""
    result = rbac("diff", "--directory", SAMPLE, "--directory", later)
    assert result.code == 1
    assert result.out.startswith(
        "nobody gains anything; 1 subject loses 5 permissions on 1 resource\n"
    )
    assert f"  - {ANYBODY}: 5 (create_policy project on 1, " in result.out
    same = rbac("diff", "--directory", SAMPLE, "--directory", SAMPLE)
    assert (same.code, same.out) == (0, "nobody gains anything; nobody loses anything\n")


def test_policies_and_directories_may_both_change(rbac: Any, narrow: str, later: str) -> None:
    """What two policies and two directories change together is more than either alone."""
    directories = ("--directory", SAMPLE, "--directory", later)
    both = json.loads(rbac("diff", shipped_folder(), narrow, *directories, "--format", "json").out)
    assert both["directories"] == [SAMPLE, later]
    assert both["lost"]["triples"] == 111
    assert both["gained"]["triples"] == 0


def test_json_and_csv_have_all_of_it(rbac: Any, narrow: str) -> None:
    """JSON has every sum, way and subject; CSV every single permission of a subject."""
    words = ("diff", shipped_folder(), narrow, "--directory", SAMPLE, "--format")
    lost = json.loads(rbac(*words, "json").out)["lost"]
    assert (lost["triples"], lost["subjects"], lost["resources"]) == (106, 39, 9)
    assert len(lost["who"]) == 39
    assert sum(each["triples"] for each in lost["who"]) == 106
    assert lost["permissions"][0]["permission"] == "delete project"
    assert {each["by"] for each in lost["through"]} >= {"admin", "owner"}
    rows = list(csv.DictReader(rbac(*words, "csv").out.splitlines()))
    assert len(rows) == 106
    assert {(row["change"], row["action"]) for row in rows} == {("lost", "delete")}
    assert {row["subject"] for row in rows} == {each["subject"] for each in lost["who"]}


@pytest.mark.parametrize(
    ("gate", "code"),
    [(("--no-new-access",), 1), (("--budget", "+105"), 1), (("--budget", "+106"), 0)],
)
def test_a_gate_counts_what_is_gained(
    rbac: Any, narrow: str, gate: tuple[str, ...], code: int
) -> None:
    """More than the budget does not pass, in any format; losses alone always do."""
    words = ("--directory", SAMPLE, *gate)
    result = rbac("diff", narrow, shipped_folder(), *words)
    assert result.code == code
    assert result.out.endswith("gate: not passed\n" if code else "gate: passed\n")
    for form in ("json", "csv"):
        assert rbac("diff", narrow, shipped_folder(), *words, "--format", form).code == code
    assert rbac("diff", shipped_folder(), narrow, *words, "--quiet").code == 0


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--directory", SAMPLE),
        ("--directory", SAMPLE, "--directory", SAMPLE, "--directory", SAMPLE),
        (shipped_folder(), shipped_folder(), "--format", "csv"),
    ],
)
def test_there_must_be_two_things_to_compare(rbac: Any, words: tuple[str, ...]) -> None:
    """One policy or directory too few, or too many, and CSV without any are no question."""
    assert rbac("diff", *words).code == 2


def test_a_directory_that_a_policy_refuses_is_no_answer(rbac: Any, tmp_path: Path) -> None:
    """Where a role is no longer assigned, the records that assign it are problems."""
    folder = tmp_path / "strict"
    shutil.copytree(shipped_folder(), folder)
    file = folder / "roles.csv"
    text = file.read_text()
    assert "project_editor, project, yes" in text
    file.write_text(text.replace("project_editor, project, yes", "project_editor, project, system"))
    result = rbac("diff", shipped_folder(), str(folder), "--directory", SAMPLE)
    assert result.code == 3
    assert "project_editor is never assigned" in result.err
