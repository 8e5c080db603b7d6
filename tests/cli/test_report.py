"""``rbac report``: what it writes where, and the command that makes it again."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from rbac.cli.report import FORMATS
from rbac.directory import Directory
from rbac.policy import Policy, shipped_folder
from rbac.records import Organization, Records
from tests.building import small_policy
from tests.cli.test_help import SAMPLE
from tests.organization import uuid


@pytest.fixture(name="policy")
def _policy(tmp_path: Path) -> str:
    """A small policy in a folder of its own."""
    folder = tmp_path / "policy"
    small_policy(["project_user project get any", "project_user project update any"]).write(folder)
    return str(folder)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_inputs_give_the_same_bytes(
    rbac: Any, form: str, policy: str, tmp_path: Path
) -> None:
    """Written to two files and to standard output, a report is the same."""
    words = ("report", policy, "--format", form)
    files = [tmp_path / name for name in ("one", "other")]
    for file in files:
        done = rbac(*words, "--output", str(file))
        assert (done.code, done.out.split(":")[0], done.err) == (0, str(file), "")
    one, other = (file.read_text() for file in files)
    assert one == other == rbac(*words).out


def test_the_command_on_the_page_makes_the_same_page(
    rbac: Any, policy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings of the environment are spelled out in it, and odd words are quoted."""
    monkeypatch.setenv("RBAC_POLICIES", policy)
    monkeypatch.setenv("RBAC_DIRECTORY", str(tmp_path / "directory"))
    records = Records(organizations=[Organization(uuid(1))])
    Directory(records, policy=Policy.load(policy)).write(tmp_path / "directory")
    first = rbac("report", "--format", "json", "--title", "it's ours", "--date", "2027-01-31")
    command = json.loads(first.out)["command"]
    monkeypatch.delenv("RBAC_POLICIES")
    monkeypatch.delenv("RBAC_DIRECTORY")
    program, *words = shlex.split(command)
    assert program == "rbac"
    assert rbac(*words).out == first.out


def test_what_changed_since_an_older_policy(rbac: Any, policy: str, tmp_path: Path) -> None:
    """With --since, the report has the difference, as `rbac diff` shows it."""
    old = tmp_path / "old"
    small_policy(["project_user project get any"]).write(old)
    report = json.loads(rbac("report", policy, "--since", str(old), "--format", "json").out)
    found = json.loads(rbac("diff", str(old), policy, "--format", "json").out)
    for key in ("verdict", "old", "gained", "lost", "others", "rows"):
        blocks = {"minimal", "least"}
        said = report["changes"][key]
        expected = found[key]
        if isinstance(expected, dict):
            expected = {name: value for name, value in expected.items() if name not in blocks}
        assert said == expected


def test_who_gained_and_lost_what_since_an_older_directory(rbac: Any, tmp_path: Path) -> None:
    """With --since-directory, the report has what `rbac diff` finds between the two."""
    older = str(tmp_path / "older")
    member = "user:00000002-0000-4000-8000-000000000020"
    group = "00000007-0000-4000-8000-000000000006"
    change = ("what-if", "remove-member", member, group, "--apply", older, "--quiet")
    assert rbac(*change, "--directory", str(SAMPLE)).code == 0
    newer = ("--directory", str(SAMPLE), "--format", "json")
    turnover = json.loads(rbac("report", *newer, "--since-directory", older).out)["turnover"]
    found = json.loads(rbac("diff", "--directory", older, *newer).out)
    assert turnover["since"] == older
    assert found["gained"]["triples"] > 0
    for side in ("gained", "lost"):
        said, expected = turnover[side], found[side]
        assert said["most"] == [
            {key: each[key] for key in ("subject", "triples", "permissions")}
            for each in expected["who"]
        ]
        for key in ("triples", "subjects", "resources", "permissions", "through"):
            assert said[key] == expected[key]


def test_findings_are_those_of_the_audit_placed_within_their_folders(
    rbac: Any, tmp_path: Path
) -> None:
    """A report has each finding of `rbac audit`; its places are the same wherever folders are."""
    shutil.copytree(SAMPLE, tmp_path / "copy")
    words = ("--date", "2027-01-31", "--format", "json")
    found = json.loads(rbac("audit", "--directory", str(tmp_path / "copy"), *words).out)
    report = json.loads(rbac("report", "--directory", str(tmp_path / "copy"), *words).out)
    assert report["findings"]
    for key in ("findings", "accepted"):
        assert [each["fingerprint"] for each in report[key]] == [
            each["fingerprint"] for each in found[key]
        ]
        for said, expected in zip(report[key], found[key], strict=True):
            assert said["line"] == expected["line"]
            assert (expected["file"] or "").endswith(said["file"] or "")
            assert not str(said["file"]).startswith("/")
    assert report["date"] == "2027-01-31"


def test_what_expires_is_judged_by_the_day_that_is_given(rbac: Any, tmp_path: Path) -> None:
    """A service account that is valid until a day may act on it and no longer after it."""
    shutil.copytree(SAMPLE, tmp_path / "copy")
    file = tmp_path / "copy" / "subjects.jsonl"
    first = next(line for line in file.read_text().splitlines() if "SERVICE_ACCOUNT" in line)
    ending = first.removesuffix("}") + ',"validUntil":"2027-06-30T00:00:00Z"}'
    file.write_text(file.read_text().replace(first, ending))
    id = json.loads(first)["id"]

    def permitted(day: str) -> int:
        words = ("--directory", str(tmp_path / "copy"), "--date", day, "--format", "csv")
        lines = str(rbac("report", *words, "--table", "permitted").out).splitlines()
        return sum(line.startswith(f"service_account:{id},") for line in lines)

    assert permitted("2027-06-29") > 0
    assert permitted("2027-07-01") == 0


def test_the_shipped_invariants_are_proved(rbac: Any) -> None:
    """Without a folder, the shipped policy is held to the invariants beside it."""
    report = json.loads(rbac("report", "--format", "json").out)
    assert report["policy"] == Policy.shipped().digest
    assert len(report["invariants"]) > 40
    assert all(each["holds"] for each in report["invariants"])


def test_without_invariants_nothing_is_said_to_be_proved(rbac: Any, policy: str) -> None:
    """A policy folder that has no file of them gives a report that says so."""
    assert json.loads(rbac("report", policy, "--format", "json").out)["invariants"] is None
    assert "no invariants.toml" in rbac("report", policy).out
    assert "no invariants.toml" in rbac("report", policy, "--format", "markdown").out


def test_an_invariant_that_is_not_well_said_stops_the_report(
    rbac: Any, policy: str, tmp_path: Path
) -> None:
    """Nothing is written where a statement cannot be read."""
    shutil.copytree(policy, tmp_path / "bad")
    (tmp_path / "bad" / "invariants.toml").write_text("[[invariant]]\nname = 1\n# end\n")
    done = rbac("report", str(tmp_path / "bad"), "--output", str(tmp_path / "out"))
    assert done.code == 3
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--table", "grants"), 2),
        (("--format", "odd"), 2),
        (("--output", "nowhere/at/all"), 2),
        (("--since", "nowhere"), 3),
        (("--directory", "nowhere"), 3),
        (("nowhere",), 3),
        (("--since-directory", "nowhere"), 2),
        (("--format", "csv", "--table", "changes"), 2),
        (("--format", "csv", "--table", "turnover"), 2),
        (("--format", "csv", "--table", "holders"), 2),
        (("--date", "yesterday"), 2),
    ],
)
def test_what_cannot_be_written_is_refused(rbac: Any, words: tuple[str, ...], code: int) -> None:
    """A table without CSV, an unknown format, a place or an input that is not there."""
    done = rbac("report", *words)
    assert (done.code, done.out) == (code, "")
    assert done.err


def test_each_table_is_written_as_csv(rbac: Any, policy: str) -> None:
    """--table chooses one; cells are the default."""
    heads = [
        rbac("report", policy, "--format", "csv", *words).out.partition("\n")[0]
        for words in ((), ("--table", "cells"), ("--table", "grants"))
    ]
    assert heads[0] == heads[1] != heads[2]


def test_a_quiet_report_only_writes_its_file(rbac: Any, policy: str, tmp_path: Path) -> None:
    """--quiet says nothing about the file; the shipped policy's folder is never written to."""
    done = rbac("report", policy, "--quiet", "--output", str(tmp_path / "out"))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "out").read_text().startswith("<!doctype html>")
    assert shipped_folder() != policy
