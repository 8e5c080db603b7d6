"""The command line about somebody: check, explain, who-can, list subject, what-if."""

import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from rbac import Directory
from rbac.cli import main
from rbac.vocabulary import Principal
from tests.organization import (
    DIRECTORY,
    EDITOR,
    EDITORS,
    MEMBER,
    OWNER,
    READERS,
    RECORDS,
    ROBOT,
    RUNNER,
    STRANGER,
    WEB,
    uuid,
)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory folder, named by the environment."""
    DIRECTORY.write(tmp_path / "directory")
    monkeypatch.delenv("RBAC_POLICIES", raising=False)
    monkeypatch.setenv("RBAC_DIRECTORY", str(tmp_path / "directory"))
    return tmp_path / "directory"


@pytest.fixture(name="rbac")
def _rbac(capsys: pytest.CaptureFixture[str], folder: Path) -> Any:
    """Runs a command line and gives its exit code, output and errors."""

    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as done:
            code = int(done.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((EDITOR, "project_editor", WEB, "update"), 0),
        ((EDITOR, "any", WEB, "update"), 0),
        ((EDITOR, "ANY", WEB), 0),
        ((EDITOR, "project_admin", WEB, "grant"), 1),
        ((EDITOR, "any", WEB, "update", "--read-only"), 1),
        ((STRANGER, "any", WEB, "update"), 1),
        ((EDITOR, "any", f"project:{uuid(99)}", "update"), 1),
        ((EDITOR, "any", "project", "update"), 2),
        (("user", "any", "project", "update"), 2),
        ((EDITOR, "any", WEB, "update", "--own"), 2),
        (("user", "project_user", "project", "get", "--read-only"), 2),
        (("user:me", "any", WEB, "update"), 2),
        ((EDITOR, "any", WEB, "update", "--directory", "no/such/folder"), 3),
        ((EDITOR, "any", WEB, "--method", "gitpod.v1.ProjectService/UpdateProject"), 0),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else str(value),
)
def test_check_exits_with_the_documented_code(
    rbac: Any, words: tuple[object, ...], code: int
) -> None:
    """0 allowed, 1 denied, 2 a question that cannot be asked, 3 no directory."""
    for command in ("check", "explain"):
        found, out, err = rbac(command, *words)
        assert found == code, err
        assert bool(out) is (code in (0, 1))
        assert bool(err) is (code in (2, 3))


def test_without_a_directory_nobody_is_asked_about(
    rbac: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question about somebody exits 2 where no directory is named."""
    monkeypatch.delenv("RBAC_DIRECTORY")
    for words in (
        ("check", EDITOR, "any", WEB, "update"),
        ("explain", EDITOR, "any", WEB, "update"),
        ("who-can", "update", WEB),
        ("list", "subject", EDITOR),
        ("what-if", "add-member", MEMBER, EDITORS),
    ):
        code, out, err = rbac(*words)
        assert (code, out) == (2, "")
        assert "directory" in err


def test_check_prints_the_decision(rbac: Any) -> None:
    """A person reads who holds what by what; a machine gets every fact."""
    _, out, _ = rbac("check", EDITOR, "any", WEB, "update")
    assert out.startswith(f"allowed: {EDITOR} may update {WEB}, holding project_editor on {WEB}")
    assert f"given to group {EDITORS}" in out
    _, out, _ = rbac("check", EDITOR, "any", WEB, "update", "--format", "json")
    data = json.loads(out)
    assert data["hold"]["group"] == EDITORS
    assert data["directory_revision"] == DIRECTORY.digest


def test_explain_shows_the_whole_path_or_every_change(rbac: Any) -> None:
    """An allow is followed from group to grant; a denial lists what would lift it."""
    _, out, _ = rbac("explain", OWNER, "any", WEB, "update")
    assert f"owner of {WEB}, which gives project_admin" in out
    assert "includes project_editor" in out
    _, out, _ = rbac("explain", MEMBER, "any", WEB, "update")
    assert f"join group {EDITORS}, which holds project_editor on {WEB}" in out
    assert "more permissions on" in out
    _, out, _ = rbac("explain", MEMBER, "any", WEB, "update", "--format", "json")
    data = json.loads(out)
    assert {change["kind"] for change in data["changes"]} >= {"join", "assign", "own", "grant"}


def test_a_batch_may_ask_about_somebody(rbac: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests about kinds and about somebody are answered in their order."""
    lines = [
        {"subject": str(EDITOR), "role": "any", "resource": str(WEB), "action": "update"},
        {"subject": "user", "role": "project_user", "resource": "project", "action": "get"},
        {
            "subject": str(EDITOR),
            "role": "any",
            "resource": str(WEB),
            "action": "update",
            "read_only": True,
        },
    ]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    code, out, _ = rbac("check", "-")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer["allowed"] for answer in answers] == [True, True, False]
    assert answers[2]["guard"] == "read_only_credential"


def test_who_can_lists_everybody_with_the_reason(rbac: Any) -> None:
    """Each subject that may, in order, with what it holds and by what; nobody exits 1."""
    code, out, _ = rbac("who-can", "update", WEB, "--format", "json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert [row["subject"] for row in rows] == sorted(row["subject"] for row in rows)
    assert {row["subject"]: row["given by"] for row in rows}[str(EDITOR)] == f"group {EDITORS}"
    code, out, _ = rbac("who-can", "update", WEB, "--read-only", "--quiet")
    assert (code, out) == (1, "")
    code, out, _ = rbac("who-can", "get", WEB, "--principal", "service_account", "--format", "csv")
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == [str(ROBOT)]
    assert rbac("who-can", "fly", WEB)[0] == 2


def test_list_subject_shows_every_hold(rbac: Any) -> None:
    """What somebody is given, where and by what; without a name, everybody."""
    code, out, _ = rbac("list", "subject", OWNER, "--format", "json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert {"role": "project_admin", "on": str(WEB), "given by": "owner"} in rows
    assert rbac("list", "subject", STRANGER)[0] == 2
    _, out, _ = rbac("list", "subject", "--format", "json")
    assert len(json.loads(out)["rows"]) == len(RECORDS.subjects)


def test_what_if_shows_who_gains_and_writes_nothing(rbac: Any, folder: Path) -> None:
    """Gains, losses and what opens more are shown; the directory stays as it was."""
    code, out, _ = rbac("what-if", "add-member", MEMBER, EDITORS)
    assert code == 0
    assert "1 subject would gain or lose access" in out
    assert "+ update project on 1 resource" in out
    code, out, _ = rbac("what-if", "assign", "project_admin", READERS, WEB, "--format", "json")
    data = json.loads(out)
    assert [effect["subject"] for effect in data["effects"]] == [str(ROBOT)]
    assert {row["permission"] for row in data["escalations"]} >= {"grant project"}
    code, out, _ = rbac("what-if", "unassign", RECORDS.assignments[0].id)
    assert "- update project on 1 resource" in out
    assert Directory.load(folder) == DIRECTORY


def test_what_if_says_whether_somebody_may(rbac: Any, folder: Path, tmp_path: Path) -> None:
    """With --as a change that may not be made exits 1 and is not written; else it is."""
    out_folder = tmp_path / "after"
    words = ("what-if", "assign", "project_user", READERS, WEB)
    code, out, _ = rbac(*words, "--as", MEMBER, "--apply", out_folder)
    assert code == 1
    assert out.startswith("denied: ")
    assert not out_folder.exists()
    change = ("what-if", "remove-member", EDITOR, EDITORS, "--apply", out_folder)
    assert rbac(*change)[0] == 0
    assert rbac(*change)[0] == 2  # it is there now, and is never written over
    assert Directory.load(out_folder) == DIRECTORY.changed(remove=[RECORDS.memberships[0]])
    assert Directory.load(folder) == DIRECTORY


@pytest.mark.parametrize(
    "words",
    [
        ("assign", "project_user", READERS),
        ("assign", "project_usr", READERS, WEB),
        ("assign", "project_user", uuid(99), WEB),
        ("unassign", uuid(99)),
        ("add-member", MEMBER, uuid(99)),
        ("add-member", "user", EDITORS),
        ("fly", MEMBER),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_what_cannot_be_changed_exits_2(rbac: Any, words: tuple[object, ...]) -> None:
    """A change that names what is not there, or too little, is a usage error."""
    code, out, err = rbac("what-if", *words)
    assert (code, out) == (2, "")
    assert err


def test_a_change_that_makes_no_directory_exits_3(rbac: Any) -> None:
    """A runner in a group is no directory, whoever asks."""
    runner = f"{Principal.RUNNER.short}:{RUNNER.id}"
    assert rbac("what-if", "add-member", runner, EDITORS)[0] == 3


def test_a_full_disk_is_named(rbac: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a snapshot cannot be written, the reason is said in one line and nothing is left."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "the disk")

    monkeypatch.setattr(os, "fsync", full)
    out_folder = tmp_path / "after"
    words = ("what-if", "remove-member", EDITOR, EDITORS, "--apply", out_folder, "--quiet")
    assert rbac(*words) == (5, "", "rbac: the disk: No space left on device\n")
    assert [each.name for each in tmp_path.iterdir()] == ["directory"]
