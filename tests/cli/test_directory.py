"""``rbac directory``: what it finds wrong, what it counts, what it shows."""

import json
from pathlib import Path
from typing import Any

import pytest

from rbac.cli import main
from tests.malformed_directories import directory_folder
from tests.organization import (
    ACME,
    BOX,
    DIRECTORY,
    EDITOR,
    EDITORS,
    MEMBER,
    RECORDS,
    RUNNER,
    WEB,
    uuid,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a small directory."""
    return directory_folder(tmp_path)


def asked(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    """What a command prints as JSON, after exit code 0."""
    assert main(["directory", *map(str, words), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_directory_is_valid(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Validating says how many records there are, and the digest."""
    counts = {name: len(table) for name, table in RECORDS._asdict().items()}
    said = {"valid": True, "folder": str(folder), "records": counts, "digest": DIRECTORY.digest}
    assert asked(capsys, "validate", folder) == said
    assert main(["directory", "validate", str(folder)]) == 0
    out = capsys.readouterr().out
    assert DIRECTORY.digest in out
    assert "memberships    3" in out


def test_every_problem_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid directory exits 3, with its problems on standard error, or as JSON."""
    (folder / "groups.jsonl").write_text("{}\n[]\n")
    assert main(["directory", "validate", str(folder)]) == 3
    out, err = capsys.readouterr()
    assert not out
    assert f"{folder}/groups.jsonl:1: has no id" in err.splitlines()
    for ask in (["stats"], ["show", str(EDITOR)]):
        assert main(["directory", *ask, str(folder)]) == 3
        assert capsys.readouterr().err == err
    assert main(["directory", "validate", str(folder), "--format", "json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert not said["valid"]
    assert [each["line"] for each in said["problems"]] == [1, 1, 2]
    assert main(["directory", "validate", str(folder), "--quiet", "--format", "json"]) == 3
    assert not capsys.readouterr().out


def test_everything_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Statistics say how many there are of each kind."""
    stats = asked(capsys, "stats", folder)
    assert stats["principals"] == {"user": 5, "environment": 1, "runner": 1, "service_account": 1}
    assert stats["statuses"] == {"active": 4, "unspecified": 3, "suspended": 1}
    assert stats["organization_admins"] == 1
    assert stats["types"]["project"] == 2
    assert stats["groups_by_size"] == {"1": 1, "2-9": 1}
    assert sum(stats["roles"].values()) + stats["derived_assignments"] == len(RECORDS.assignments)
    assert stats["derived_assignments"] == 1


def test_a_subject_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A user is shown as a subject and as a resource that needs no record."""
    shown = asked(capsys, "show", EDITOR, folder)
    assert shown["subject"] == {
        "organization": ACME.id,
        "status": "active",
        "organization_role": "member",
        "valid_until": None,
        "memberships": [{"id": uuid(40), "group": EDITORS}],
    }
    assert not shown["resource"]["has_record"]
    assert shown["resource"]["within"] == [str(ACME)]


def test_a_group_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A group is shown with its members and with what it was given, derived roles left out."""
    shown = asked(capsys, "show", f"group:{EDITORS}", folder)["group"]
    assert shown["members"] == [str(EDITOR), f"user:{uuid(14)}"]
    assert [each["id"] for each in shown["assignments"]] == [uuid(50), uuid(52)]


def test_a_resource_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A resource is shown with what contains it, whose it is, and every assignment on it."""
    shown = asked(capsys, "show", BOX, folder)["resource"]
    assert shown["parents"] == shown["within"] == [str(ACME)]
    assert shown["owner"] == shown["creator"] == str(MEMBER)
    assert shown["references"] == [str(WEB), str(RUNNER)]
    docs = asked(capsys, "show", f"project:{uuid(31)}", folder)["resource"]["assignments"]
    assert [each["derived_from"] for each in docs] == ["org_admin"]
    assert main(["directory", "show", str(WEB), str(folder)]) == 0
    assert f"id {uuid(50)}  group {EDITORS}  role project_editor" in capsys.readouterr().out


def test_the_folder_may_come_from_the_environment(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a folder it is the one in RBAC_DIRECTORY, and without that there is none."""
    monkeypatch.setenv("RBAC_DIRECTORY", str(folder))
    assert asked(capsys, "stats")["digest"] == DIRECTORY.digest
    monkeypatch.delenv("RBAC_DIRECTORY")
    assert main(["directory", "stats"]) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show"], "show what?"),
        (["show", "editor"], "names nothing"),
        (["show", f"usr:{uuid(1)}"], 'did you mean "user"'),
        (["show", "user:1"], "not a canonical"),
        (["show", f"user:{uuid(99)}"], "the directory has no"),
        (["show", f"unspecified:{uuid(99)}"], "UNSPECIFIED"),
        (["stats", "a", "b"], "one word too many"),
    ],
)
def test_what_cannot_be_asked_is_usage(
    words: list[str],
    says: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thing that is not there, or none at all, exits 2 and says so."""
    monkeypatch.setenv("RBAC_DIRECTORY", str(folder))
    assert main(["directory", *words]) == 2
    assert says in capsys.readouterr().err
