"""What the strict reader refuses, scenario by scenario, and what it does not mind."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest

from rbac.errors import PolicyError, Problem
from rbac.policy import Policy, read
from tests.notation.corpus import (
    Scenario,
    apply,
    scenarios,
    shipped_copy,
    shipped_files,
    write_files,
)
from tests.notation.naive import cells, read_rows

SCENARIOS = {scenario.name: scenario for scenario in scenarios()}
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())

ALLOWED = cells(read_rows(Policy.shipped().rows))


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Ends a test in which somebody waits for a pipe; no test here takes a second."""
    before = signal.signal(signal.SIGALRM, _wake)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _wake(number: int, frame: FrameType | None) -> NoReturn:
    raise AssertionError("the reader waits")


def refusal(folder: Path) -> tuple[Problem, ...]:
    """Every problem of the policy in `folder`, which must be refused."""
    with pytest.raises(PolicyError) as refused:
        Policy.load(folder)
    return refused.value.problems


def compare(scenario: Scenario, problems: tuple[Problem, ...], folder: Path) -> None:
    """Holds that `problems` are those of the scenario, each once, and no other."""
    missing = list(scenario.problems)
    surplus = []
    for problem in problems:
        found = [expected for expected in missing if expected.matches(problem, folder)]
        if found:
            missing.remove(found[0])
        else:
            surplus.append(problem)
    assert (missing, surplus) == ([], [])


@every_scenario
def test_every_problem_is_reported_and_nothing_else(scenario: Scenario, tmp_path: Path) -> None:
    """A malformed policy is refused with all that is wrong with it, each in its place."""
    folder = scenario.make(tmp_path)
    problems = refusal(folder)
    compare(scenario, problems, folder)
    assert list(problems) == sorted(problems)


@every_scenario
def test_what_is_sound_is_kept_for_audits_and_widens_nothing(
    scenario: Scenario, tmp_path: Path
) -> None:
    """An audit gets every problem, and rows that allow nothing the whole policy does not."""
    folder = scenario.make(tmp_path)
    rows, problems = read(folder, strict=False)
    assert problems == refusal(folder)
    assert cells(read_rows(rows)) <= ALLOWED


@every_scenario
def test_a_scenario_says_its_idea_in_one_sentence(scenario: Scenario) -> None:
    """The corpus is read by people first: one sentence, one file, at least one problem."""
    assert re.fullmatch(r"[A-Z][^.]+\.", scenario.idea)
    assert scenario.problems


def test_a_whole_policy_has_no_problem(tmp_path: Path) -> None:
    """The scenarios start from a policy that loads, in which an audit finds every row sound."""
    folder = shipped_copy(tmp_path)
    assert read(folder, strict=False) == (Policy.shipped().rows, ())
    assert Policy.load(folder) == Policy.shipped()


def test_defects_of_different_files_are_named_together(tmp_path: Path) -> None:
    """No file hides the defects of another."""
    folder = SCENARIOS["many_defects"].make(tmp_path)
    named = {os.path.relpath(problem.file, folder) for problem in refusal(folder)}
    assert named == {edit.file for edit in SCENARIOS["many_defects"].edits}
    assert len(named) == 10


def test_a_message_has_one_line_for_each_problem(tmp_path: Path) -> None:
    """What an author wrote is quoted, and never breaks the line or moves the cursor."""
    folder = SCENARIOS["many_defects"].make(tmp_path)
    write_files(folder, {"a\nb\x1b[2J\u202e.csv": b"", os.fsdecode(b"\xff.csv"): b""})
    with pytest.raises(PolicyError) as refused:
        Policy.load(folder)
    lines = str(refused.value).split("\n")
    assert len(lines) == len(refused.value.problems) == 12
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("name", [name for name in shipped_files() if "/" not in name])
def test_every_table_is_needed(name: str, tmp_path: Path) -> None:
    """A policy that lacks a file is refused for that alone."""
    folder = shipped_copy(tmp_path)
    (folder / name).unlink()
    message = "this file is missing; every policy has one"
    assert refusal(folder) == (Problem(os.path.join(folder, name), 0, 0, message),)


@pytest.mark.parametrize("name", shipped_files())
def test_line_ends_of_another_system_change_nothing(name: str, tmp_path: Path) -> None:
    """A carriage return before every line feed is a line's end too."""
    folder = shipped_copy(tmp_path)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data.replace(b"\n", b"\r\n"))
    assert Policy.load(folder) == Policy.shipped()


def test_spaces_between_fields_change_nothing(tmp_path: Path) -> None:
    """Fields may be set in columns, or without any space, and rows may be indented."""
    folder = shipped_copy(tmp_path)
    tight = (folder / "seniority.csv").read_bytes().replace(b", ", b",")
    (folder / "seniority.csv").write_bytes(tight)
    wide = (folder / "eligibility.csv").read_bytes().replace(b"\ng2, ", b"\n  g2  ,    ")
    (folder / "eligibility.csv").write_bytes(wide)
    assert Policy.load(folder) == Policy.shipped()


def test_known_files_that_are_not_read_change_nothing(tmp_path: Path) -> None:
    """A policy may carry its description, its tests and what it is audited by."""
    folder = shipped_copy(tmp_path)
    (folder / "tests").mkdir(exist_ok=True)
    names = ("README.md", "invariants.toml", "constraints.toml", "baseline.toml", "tests/a.toml")
    write_files(folder, dict.fromkeys(names, b"\xff\tp, org_member, project, delete, any"))
    assert Policy.load(folder) == Policy.shipped()


def test_a_link_within_the_policy_is_followed(tmp_path: Path) -> None:
    """The folder may be reached by a link, and its files may be links to one another."""
    folder = shipped_copy(tmp_path)
    (tmp_path / "link").symlink_to(folder)
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "seniority.csv").rename(folder / "tests" / "seniority.csv")
    (folder / "seniority.csv").symlink_to(folder / "tests" / "seniority.csv")
    assert Policy.load(tmp_path / "link") == Policy.shipped()


def test_a_policy_that_is_put_right_loads(tmp_path: Path) -> None:
    """A refusal leaves nothing behind: the same folder loads once it is mended."""
    scenario = SCENARIOS["an_unknown_role"]
    folder = scenario.make(tmp_path)
    refusal(folder)
    write_files(folder, shipped_files())
    assert Policy.load(folder) == Policy.shipped()
    apply(folder, scenario.edits[0])
    refusal(folder)


def test_problems_name_the_folder_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place can be pasted into an editor from where the question was asked."""
    SCENARIOS["an_unknown_role"].make(tmp_path)
    monkeypatch.chdir(tmp_path)
    (problem,) = refusal(Path("policy"))
    assert problem.file == "policy/grants/project.csv"
    assert str(problem).startswith(f"policy/grants/project.csv:{problem.line}:4: unknown role")
