"""``rbac constraints``: what a directory breaks, as a table, as JSON, and as an exit code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rbac.cli import main
from rbac.policy import shipped_folder
from tests.organization import ACME, ADMIN, DIRECTORY, ROBOT, WEB

GUIDE = Path(__file__).parents[2] / "docs" / "constraints.md"
BROKEN = """\
[[constraint]]
name = "members_use_projects"
kind = "prerequisite"
reason = "projects are for members"
role = "project_user"
requires = ["org_member"]
scope = "project"
# end
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small directory, in a place of its own."""
    place = tmp_path_factory.mktemp("place") / "directory"
    DIRECTORY.write(place)
    monkeypatch.setenv("RBAC_DIRECTORY", str(place))
    return place


def written(tmp_path: Path, text: str) -> str:
    """A file of constraints."""
    path = tmp_path / "constraints.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def rbac(*words: str) -> int:
    """The exit code of the command on the small directory."""
    return main(["constraints", *words])


def test_violations_are_a_table_and_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each row names constraint, scope, subject, what is wrong, and by what."""
    assert rbac("--constraints", written(tmp_path, BROKEN), "--format", "csv") == 1
    header, row = capsys.readouterr().out.splitlines()
    assert header == "constraint,on,subject,what is wrong,by"
    assert row.startswith(f"members_use_projects,{WEB},{ROBOT},{ROBOT} has project_user on ")
    assert "given to group" in row


def test_json_has_every_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program reads the same, with each hold as an object."""
    assert rbac("--constraints", written(tmp_path, BROKEN), "--format", "json") == 1
    read: Any = json.loads(capsys.readouterr().out)
    assert read["title"] == "1 violation of 1 constraint"
    (found,) = read["violations"]
    assert (found["on"], found["subject"], found["lacks"]) == (str(WEB), str(ROBOT), ["org_member"])
    assert [hold["role"] for hold in found["holds"]] == ["project_user"]


def test_nothing_broken_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Users alone are members: the constraint about them is kept."""
    users = BROKEN.replace("# end", 'principals = ["user"]\n# end')
    assert rbac("--constraints", written(tmp_path, users), "--quiet") == 0
    assert rbac("--constraints", written(tmp_path, BROKEN), "--quiet") == 1
    assert capsys.readouterr().out == ""


def test_malformed_constraints_exit_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The problem is on standard error, by file and line, and nothing is answered."""
    file = written(tmp_path, BROKEN.replace("project_user", "project_usr"))
    assert rbac("--constraints", file) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f'{file}:5: unknown role "project_usr"')
    assert rbac("--constraints", str(tmp_path / "missing.toml")) == 3


def test_people_read_how_it_came_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Below each constraint stands who breaks it, and below that by what; or that it is kept."""
    kept = BROKEN.replace("members_use", "users_use").replace("# end", 'principals = ["user"]')
    assert rbac("--constraints", written(tmp_path, f"{kept}\n{BROKEN}")) == 1
    title, good, bad, who, hold = capsys.readouterr().out.splitlines()
    assert title == "1 violation of 2 constraints"
    assert good == "users_use_projects: kept"
    assert bad == "members_use_projects: projects are for members"
    assert who == f"  {ROBOT} has project_user on {WEB} without org_member"
    assert hold.startswith(f"    project_user on {WEB}, given to group ")


SAMPLE = Path(__file__).parents[2] / "examples" / "organization"


def test_an_auditor_sees_who_both_writes_and_approves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of the sample organization: persons 22 and 23, each by the two groups that they are in."""
    assert main(["constraints", "--directory", str(SAMPLE), "--format", "json"]) == 1
    found = [
        each
        for each in json.loads(capsys.readouterr().out)["violations"]
        if each["constraint"] == "writers_do_not_approve"
    ]
    people = [f"user:00000002-0000-4000-8000-0000000000{number}" for number in (22, 23)]
    assert [each["subject"] for each in found] == people
    for each in found:
        assert [(hold["role"], hold["group"][-1]) for hold in each["holds"]] == [
            ("project_editor", "6"),
            ("project_admin", "7"),
        ]


def test_constraints_beside_the_directory_come_before_those_of_the_policy(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a file named, the one next to the folder is read; malformed, it is refused."""
    (folder.parent / "constraints.toml").write_text(BROKEN, encoding="utf-8")
    assert rbac("--quiet") == 1
    (folder.parent / "constraints.toml").write_text("# end\n", encoding="utf-8")
    assert rbac() == 3
    assert "constraints.toml" in capsys.readouterr().err


def test_without_any_constraints_there_is_nothing_to_ask(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where none lie, that is a wrong command line, not a clean directory."""
    assert rbac() == 2
    assert "--constraints" in capsys.readouterr().err


def test_without_a_directory_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Constraints alone cannot be broken; the command line is wrong."""
    monkeypatch.delenv("RBAC_DIRECTORY")
    assert main(["constraints", "--constraints", written(tmp_path, BROKEN)]) == 2


def test_the_constraints_of_a_policy_folder_are_the_default(tmp_path: Path) -> None:
    """``constraints.toml`` beside the policy is read unless another is named."""
    folder = tmp_path / "policies"
    folder.mkdir()
    for path in Path(shipped_folder()).rglob("*"):
        copy = folder / path.relative_to(shipped_folder())
        copy.mkdir() if path.is_dir() else copy.write_bytes(path.read_bytes())
    assert rbac("--policies", str(folder), "--quiet") == 2
    written(folder, BROKEN)
    assert rbac("--policies", str(folder), "--quiet") == 1


def test_the_guides_example_finds_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the small organization, with one administrator, the guide's output is what is printed."""
    text = GUIDE.read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert rbac("--constraints", written(tmp_path, example), "--format", "json") == 1
    (found,) = json.loads(capsys.readouterr().out)["violations"]
    assert (found["constraint"], found["on"]) == ("somebody_administers", str(ACME))
    assert found["holders"] == [str(ADMIN)]
