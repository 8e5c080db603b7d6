"""The command line, as a person, a script and a pipe use it."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rbac.cli import COMMANDS
from rbac.policy import Policy, shipped_folder

EDITOR = ("user", "project_editor", "project")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((*EDITOR, "update"), 0),
        ((*EDITOR, "grant"), 1),
        (("runner", "project_editor", "project", "update"), 1),
        ((*EDITOR, "signup"), 1),
        (("user", "workflow_executor", "workflow_execution", "get"), 4),
        (("user", "workflow_executor", "workflow_execution", "get", "--own"), 0),
        (EDITOR, 0),
        (("user", "project_editor", "billing"), 1),
        (("user", "project_editr", "project", "update"), 2),
        (("user", "project_editor", "unspecified"), 2),
        (("user", "project_editor"), 2),
        ((), 2),
        ((*EDITOR, "update", "--bogus"), 2),
        ((*EDITOR, "update", "--policies", "no/such/folder"), 3),
        (("user:3f1b6c1e-0000-4000-8000-0123456789ab", "project_editor", "project"), 2),
        (
            (
                "user:3f1b6c1e-0000-4000-8000-0123456789ab",
                "project_editor",
                "project:3f1b6c1e-0000-4000-8000-0123456789ab",
            ),
            2,
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_check_exits_with_the_documented_code(rbac: Any, words: tuple[str, ...], code: int) -> None:
    """0 allowed, 1 denied, 2 usage or a question that cannot be asked, 3 no policy, 4 own only."""
    result = rbac("check", *words)
    assert result.code == code
    assert bool(result.out) is (code in (0, 1, 4))
    assert bool(result.err) is (code in (2, 3))


def test_check_takes_every_spelling_of_a_name(rbac: Any) -> None:
    """Names are accepted with or without their prefix, in any ASCII case."""
    plain = rbac("check", *EDITOR, "update")
    wire = ("PRINCIPAL_USER", "Resource_Role_Project_Editor", "RESOURCE_TYPE_PROJECT", "UPDATE")
    assert rbac("check", *wire).out == plain.out


UPDATE = "gitpod.v1.ProjectService/UpdateProject"
SECRET = "gitpod.v1.SecretService/CreateSecret"  # noqa: S105 - a method


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("user", "project_editor", "--method", UPDATE), 0),
        (("user", "project_user", "--method", UPDATE), 1),
        (("user", "project_editor", "project", "--method", UPDATE), 0),
        (("user", "project_editor", "secret", "--method", SECRET), 0),
        (("user", "project_editor", "--method", SECRET), 2),
        (("user", "project_editor", "--method", "UpdateProject"), 2),
        (("user", "project_editor", "secret", "--method", UPDATE), 2),
        (("user", "project_editor", "project", "update", "--method", UPDATE), 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_method_stands_for_its_permission(rbac: Any, words: tuple[str, ...], code: int) -> None:
    """--method asks for the permission a method needs; what is unclear exits 2."""
    for command in ("check", "explain"):
        assert rbac(command, *words).code == code
    if code == 0:
        assert "project_editor may" in rbac("check", *words).out


def test_check_says_why(rbac: Any) -> None:
    """An allow names the grant and the reason it was given; a denial its reason."""
    allowed = rbac("check", *EDITOR, "update").out
    assert allowed.startswith("allowed: project_editor may update project, by grants/project.csv:")
    assert "(stated: DOC_GROUPS_MATRIX)" in allowed
    denied = rbac("check", *EDITOR, "grant").out
    assert denied == 'denied: project_editor has no grant for "grant project"\n  reason: no_grant\n'
    needed = rbac("check", *EDITOR, "use").out
    assert "an instance must also meet: runner use" in needed


def test_check_prints_the_decision_as_json(rbac: Any) -> None:
    """Machines get every fact of the decision."""
    data = json.loads(rbac("check", *EDITOR, "update", "--format", "json").out)
    assert data["allowed"] is True
    assert data["grant"]["file"] == "grants/project.csv"
    assert data["policy_digest"] == Policy.shipped().digest


def test_quiet_only_exits(rbac: Any) -> None:
    """With --quiet a command prints nothing on standard output and exits the same."""
    assert rbac("check", *EDITOR, "grant", "--quiet").code == 1
    for words in (
        ("check", *EDITOR, "update"),
        ("list", "role", "org_admin"),
        ("validate",),
        ("version",),
    ):
        result = rbac(*words, "--quiet")
        assert (result.code, result.out) == (0, "")


def test_colour_is_for_terminals_and_when_asked(rbac: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets no colour; --color always gives it, NO_COLOR and never take it."""
    question = ("check", *EDITOR, "update")
    assert "\x1b" not in rbac(*question).out
    assert rbac(*question, "--color", "always").out.startswith("\x1b[32mallowed")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\x1b" in rbac(*question).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in rbac(*question).out


def batch(lines: bytes) -> tuple[int, list[dict[str, Any]]]:
    """Sends `lines` to a batch in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "rbac", "check", "-"],
        input=lines,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert not done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_batch_answers_every_line_in_order() -> None:
    """Requests on standard input are answered one a line, denied ones too, and exit 0."""
    requests = [
        {"subject": "user", "role": "project_editor", "resource": "project", "action": action}
        for action in ("update", "grant", "update")
    ]
    requests.append({"subject": "user", "role": "project_user", "resource": "project"})
    code, answers = batch(b"".join(json.dumps(each).encode() + b"\n" for each in requests))
    assert code == 0
    assert [answer["allowed"] for answer in answers] == [True, False, True, True]
    assert [answer["action"] for answer in answers] == ["update", "grant", "update", None]


GOOD = b'{"subject": "user", "role": "project_user", "resource": "project"}'

BAD_LINES = [
    b"not json",
    b"",
    b"[]",
    b'"user"',
    b"\xff\xfe",
    GOOD.decode().encode("utf-16-be"),
    b'{"subject": "user", "role": "project_editor"}',
    b'{"subject": "user", "role": "project_editr", "resource": "project"}',
    b'{"subject": "user", "role": "project_editor", "resource": "project", "own": "false"}',
    b'{"subject": "user", "role": "project_editor", "resource": "project", "own": 1}',
    b'{"subject": "user", "role": "project_editor", "resource": "project", "acton": "get"}',
    b'{"subject": "user", "role": "project_user", "role": "org_admin", "resource": "project"}',
    b'{"subject": null, "role": "project_editor", "resource": "project"}',
    b'{"subject": "user:x", "role": "project_editor", "resource": "project"}',
    b"[" * 100_000,
]


def test_a_bad_line_is_answered_with_its_error_and_the_rest_go_on() -> None:
    """Each line has its answer in its place; one that cannot be asked makes the exit code 3."""
    code, answers = batch(b"\n".join([*BAD_LINES, GOOD]) + b"\n")
    assert code == 3
    assert len(answers) == len(BAD_LINES) + 1
    assert answers[-1]["allowed"] is True
    for number, answer in enumerate(answers[:-1], 1):
        assert answer["line"] == number
        assert answer["error"]
        assert "allowed" not in answer


def test_another_policy_is_asked_by_option_or_environment(
    rbac: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--policies and RBAC_POLICIES choose the folder; one that is no policy is never skipped."""
    Policy.shipped().write(tmp_path / "mine")
    assert rbac("check", *EDITOR, "update", "--policies", str(tmp_path / "mine")).code == 0
    monkeypatch.setenv("RBAC_POLICIES", str(tmp_path / "none"))
    missing = rbac("check", *EDITOR, "update")
    assert missing.code == 3
    assert str(tmp_path / "none") in missing.err
    assert rbac("validate").code == 3
    assert rbac("validate", str(tmp_path / "mine")).code == 0


@pytest.mark.parametrize("what", ["role", "type", "principal"])
@pytest.mark.parametrize("name", [None, "project_user", "project", "user"])
def test_lists_say_the_same_in_every_format(rbac: Any, what: str, name: str | None) -> None:
    """The rows of a list are the same as text, JSON, CSV and Markdown."""
    if name not in (None, {"role": "project_user", "type": "project", "principal": "user"}[what]):
        return
    words = ["list", what, *([name] if name else [])]
    rows = json.loads(rbac(*words, "--format", "json").out)["rows"]
    assert rows
    table = list(csv.DictReader(io.StringIO(rbac(*words, "--format", "csv").out)))
    assert table == rows
    text, markdown = rbac(*words).out, rbac(*words, "--format", "markdown").out
    for row in rows:
        assert all(cell in text for cell in row.values())
        assert f"| {' | '.join(row.values())} |" in markdown


def test_an_unknown_name_in_a_list_is_a_usage_error(rbac: Any) -> None:
    """A list of something that does not exist exits 2 and offers the nearest names."""
    result = rbac("list", "role", "project_editr")
    assert result.code == 2
    assert 'did you mean "project_editor"' in result.err


def test_validate_says_what_a_policy_holds(rbac: Any) -> None:
    """A valid policy is summed up: how many rows of each kind, and its digest."""
    result = rbac("validate", "--format", "json")
    data = json.loads(result.out)
    assert data["valid"] is True
    assert data["rows"]["grants"] == len(Policy.shipped().rows.grants)
    assert data["digest"] == Policy.shipped().digest
    assert f"digest {data['digest']}" in rbac("validate").out


def test_validate_names_every_problem_on_standard_error(rbac: Any, tmp_path: Path) -> None:
    """An invalid policy exits 3 with a line for each problem, and JSON has the same ones."""
    folder = tmp_path / "policy"
    Policy.shipped().write(folder)
    file = folder / "grants" / "project.csv"
    broken = file.read_text().replace("project_user, project, get", "project_usr, project, gte")
    file.write_text(broken)
    result = rbac("validate", str(folder))
    assert (result.code, result.out) == (3, "")
    assert len(result.err.splitlines()) == 2
    assert "project.csv:" in result.err
    data = json.loads(rbac("validate", str(folder), "--format", "json").out)
    assert [problem["line"] for problem in data["problems"]] == [
        int(line.removeprefix(str(file)).split(":")[1]) for line in result.err.splitlines()
    ]


def test_nothing_printed_carries_a_control_character(rbac: Any, tmp_path: Path) -> None:
    """Names from files and arguments are escaped before a terminal sees them."""
    folder = tmp_path / "a\x1b[31mb"
    folder.mkdir()
    for words in (("check", "us\x1b[2Jer", "x", "y"), ("validate", str(folder))):
        result = rbac(*words)
        assert result.code in (2, 3)
        assert "\x1b" not in result.out + result.err
        assert "\\x1b" in result.err


def test_verify_proves_a_policy_and_says_how_much(rbac: Any, tmp_path: Path) -> None:
    """A proof prints cells, sample, grants, digest and time, and exits 0."""
    from tests.building import small_policy
    from tests.test_verification import written

    folder = written(small_policy(["project_user project get any"]), tmp_path)
    text = rbac("verify", str(folder))
    assert text.code == 0
    assert text.out.startswith("proved: the table, the definition and Casbin agree on every cell")
    data = json.loads(rbac("verify", str(folder), "--format", "json").out)
    assert data["holds"] is True
    assert data["cells"] == 6 * 61 * 2 * 2


def test_verify_exits_1_with_the_cells_that_differ(
    rbac: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disagreement is printed cell by cell, as text and as JSON, and exits 1."""
    from rbac.cli import verify as command
    from rbac.terms import Question
    from rbac.verification import Disagreement, Proof
    from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

    cell = Question(
        Principal.USER, ResourceRole.ORG_ADMIN, ResourceType.GROUP, Action.GET, own=True
    )
    proof = Proof(1, 1, 0, (Disagreement(cell, True, True, False),))
    monkeypatch.setattr(command, "verify", lambda *_, **__: proof)
    result = rbac("verify")
    assert result.code == 1
    assert "user org_admin group get --own: table True, definition True, casbin False" in result.out
    data = json.loads(rbac("verify", "--format", "json").out)
    assert data["disagreements"][0]["casbin"] is False


def test_version_names_what_answers_rest_on(rbac: Any) -> None:
    """The version of the library, of Casbin and Python, and the digest of the policy."""
    data = json.loads(rbac("version", "--format", "json").out)
    assert data["policy"] == Policy.shipped().digest
    assert set(data) == {"rbac", "policy", "python", "casbin"}
    assert data["policy"] in rbac("version").out


def test_the_top_help_lists_every_command(rbac: Any) -> None:
    """Without a command, and with --help, every command is listed with what it answers."""
    for words in ((), ("--help",)):
        result = rbac(*words)
        assert result.code == 0
        for command, summary in COMMANDS.items():
            assert command in result.out
            assert summary in result.out
    assert rbac("chekc").code == 2


def test_a_reader_that_goes_away_ends_the_program_quietly() -> None:
    """A closed pipe is no traceback, and no success."""
    command = f"{sys.executable} -m rbac list role org_admin --format csv | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(shipped_folder()).parent)},
    )
    assert done.stdout == b"type,action,level,reach,granted to,by\n"
    assert b"Traceback" not in done.stderr
