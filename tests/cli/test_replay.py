"""``rbac replay``: what it prints in each form, its exit codes, and what it refuses."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from rbac import Authorizer, Directory, Policy
from rbac.audit.decision_log import LoggedDecision, read_line
from rbac.audit.replay import Outcome, Replay
from rbac.terms import InstanceQuestion
from tests.building import small_policy

EXAMPLES = Path(__file__).parents[2] / "examples"
LOG = EXAMPLES / "decision-log.jsonl"
SAMPLE = EXAMPLES / "organization"
LINES = LOG.read_bytes().splitlines(keepends=True)


@pytest.fixture(name="after", scope="module")
def _after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample directory when nobody may use runner 1 any more."""
    folder = tmp_path_factory.mktemp("directory") / "after"
    directory = Directory.load(SAMPLE)
    (going,) = (each for each in directory.records.assignments if each.id.endswith("06"))
    directory.changed(remove=[going]).write(folder)
    return folder


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RBAC_DIRECTORY", raising=False)


def differing(after: Path) -> list[tuple[int, LoggedDecision]]:
    """The lines of the sample log whose answer differs, each asked by itself."""
    authorizer = Replay(Policy.shipped(), Directory.load(after)).authorizer
    found = []
    for number, line in enumerate(LINES, 1):
        logged = read_line(line)
        question = logged.question
        if isinstance(question, InstanceQuestion) and question.subject is not None:
            now = authorizer.access.decide(*question)
            if now.allowed is not logged.allowed:
                found.append((number, logged))
    return found


def test_nothing_differs_where_nothing_changed(rbac: Any) -> None:
    """The sample log replayed on what decided it exits 0 and says so."""
    result = rbac("replay", str(LOG), "--directory", str(SAMPLE))
    assert (result.code, result.err) == (0, "")
    assert f"{len(LINES)} unchanged, 0 gained, 0 lost" in result.out
    assert "what differs" not in result.out


def test_what_differs_is_counted_and_shown_by_line(rbac: Any, after: Path) -> None:
    """Text counts all and shows the first lines; CSV and JSON list each one."""
    expected = differing(after)
    assert expected
    result = rbac("replay", str(LOG), "--directory", str(after))
    assert result.code == 1
    unchanged = len(LINES) - len(expected)
    assert f"{unchanged} unchanged, 0 gained, {len(expected)} lost" in result.out
    assert f"line {expected[0][0]}: denied: " in result.out
    result = rbac("replay", str(LOG), "--directory", str(after), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [int(row["line"]) for row in rows] == [number for number, _ in expected]
    assert {row["outcome"] for row in rows} == {"lost"}
    data = json.loads(rbac("replay", str(LOG), "--directory", str(after), "--format", "json").out)
    assert [change["line"] for change in data["changes"]] == [number for number, _ in expected]
    for change, (_, logged) in zip(data["changes"], expected, strict=True):
        assert change["request"] == logged.request
        assert change["was_by"] == (logged.grant.place if logged.grant else None)
        assert change["because"].startswith("denied: ")
    counts = dict.fromkeys(Outcome, 0)
    for row in data["by_role_and_action"]:
        for outcome in Outcome:
            counts[outcome] += row[outcome.short]
    assert counts[Outcome.LOST] == data["lost"] == len(expected)
    out = rbac("replay", str(LOG), "--directory", str(after), "--format", "markdown").out
    assert f"- {unchanged} unchanged, 0 gained, {len(expected)} lost" in out
    assert "| runner_user | list | runner |" in out


@pytest.mark.parametrize(("gate", "code"), [("gained", 0), ("lost", 1), ("any", 1)])
def test_a_gate_decides_alone(rbac: Any, after: Path, gate: str, code: int) -> None:
    """What is only lost fails a gate on losses, and on anything, and not one on gains."""
    words = ("replay", str(LOG), "--directory", str(after), "--quiet", "--fail-on", gate)
    result = rbac(*words)
    assert (result.code, result.out) == (code, "")


def test_another_policy_may_be_asked(rbac: Any, tmp_path: Path) -> None:
    """Kinds need no directory; the policy that decided them is named beside the one asked."""
    kinds = [line for line in LINES if b'"own"' in line]
    (tmp_path / "log").write_bytes(gzip.compress(b"".join(kinds)))
    small_policy(["project_user project update any"]).write(tmp_path / "policy")
    words = ("replay", str(tmp_path / "log"), "--policy", str(tmp_path / "policy"))
    result = rbac(*words)
    assert result.code == 1
    assert f"0 unchanged, 0 gained, {len(kinds)} lost" in result.out
    assert f"{Policy.shipped().digest[:19]}: {len(kinds)}" in result.out


def test_somebody_without_a_directory_is_a_usage_error(rbac: Any) -> None:
    """A caller's word for what is held is not taken: exit 2, and what to give."""
    result = rbac("replay", str(LOG))
    assert (result.code, result.out) == (2, "")
    assert "line 1 is about somebody: give the directory" in result.err


BAD = b'{"time": "yesterday"}\n'


def test_a_bad_line_is_named_and_nothing_is_answered(
    rbac: Any, after: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default there is no answer at all; with --partial there is, and still exit 3."""
    text = b"".join([*LINES[:100], BAD, *LINES[100:], LINES[0][:-1]])
    words = ("replay", "-", "--directory", str(after))
    for form in ("text", "json", "csv", "markdown"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
        result = rbac(*words, "--format", form)
        assert (result.code, result.out) == (3, "")
        assert '-:101: time: "yesterday" is not an RFC 3339 time' in result.err
        assert f"-:{len(LINES) + 2}: the file is cut" in result.err
        assert "2 lines of" in result.err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    result = rbac(*words, "--partial")
    assert result.code == 3
    assert result.out.startswith("not answered for: 2 lines that cannot be read\n")
    assert f"{len(LINES)} decisions" in result.out
    assert "-:101:" in result.err


@pytest.mark.parametrize("content", [b"", BAD, b"\x1f\x8b", b"# a policy\n"])
@pytest.mark.parametrize("partial", [(), ("--partial",)])
def test_what_is_no_log_is_refused(
    rbac: Any, tmp_path: Path, content: bytes, partial: tuple[str, ...]
) -> None:
    """A file without one decision is no log, whatever is asked for, and so is a missing one."""
    (tmp_path / "log").write_bytes(content)
    for name in ("log", "missing"):
        result = rbac("replay", str(tmp_path / name), "--directory", str(SAMPLE), *partial)
        assert (result.code, result.out) == (3, "")
        assert "holds no decision" in result.err


def test_a_log_that_was_changed_is_told(rbac: Any, tmp_path: Path) -> None:
    """An answer that the very same policy and directory would not give is pointed at."""
    denied = next(line for line in LINES if b'"not_held"' in line)
    forged = denied.replace(b'"not_held"', b'"granted"').replace(b"false", b"true")
    (tmp_path / "log").write_bytes(forged)
    result = rbac("replay", str(tmp_path / "log"), "--directory", str(SAMPLE))
    assert result.code == 1
    assert "1 differ though this very policy and directory decided them" in result.out


def test_the_sample_is_about_the_sample() -> None:
    """Every line was decided by the shipped policy, on the sample directory."""
    authorizer = Authorizer(directory=Directory.load(SAMPLE))
    for line in LINES:
        logged = read_line(line)
        assert logged.policy_digest == authorizer.policy.digest
        assert authorizer.directory
        assert logged.directory_revision in (None, authorizer.directory.revision)
