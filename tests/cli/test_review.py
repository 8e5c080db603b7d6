"""``rbac review``: listing, counting, files, and what it refuses to do."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.organization import ACME, DIRECTORY, EDITOR, EDITORS, WEB

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="folder", autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory folder, named by the environment."""
    DIRECTORY.write(tmp_path / "directory")
    monkeypatch.setenv("RBAC_DIRECTORY", str(tmp_path / "directory"))
    return tmp_path


def test_a_row_says_who_may_do_what_and_why(rbac: Any) -> None:
    """A sentence names subject, action, resource, role, group and the grant's place."""
    result = rbac("review", "--subject", str(EDITOR), "--action", "update", "--type", "project")
    assert result.code == 0
    assert result.out == (
        f"{WEB}: {EDITOR} may update, holding project_editor on {WEB}, "
        f"given to group {EDITORS}, by grants/project.csv:{_line(result.out)}\n"
    )


def _line(out: str) -> str:
    return out.rstrip().rpartition(":")[2]


def test_a_file_has_what_is_listed(rbac: Any, folder: Path) -> None:
    """The ending of a file says its format, which is that of the listing."""
    listed = rbac("review", "--format", "csv").out
    for name in ("review.csv", "review.jsonl", "review.parquet"):
        result = rbac("review", "--output", str(folder / name))
        assert (result.code, result.err) == (0, "")
        assert result.out == f"{listed.count(chr(10)) - 1:,} rows in {folder / name}\n"
    assert (folder / "review.csv").read_bytes() == listed.encode()
    assert (folder / "review.parquet").read_bytes()[:4] == b"PAR1"
    lines = (folder / "review.jsonl").read_text().splitlines()
    assert len(lines) == listed.count("\n") - 1
    assert rbac("review", "--output", str(folder / "review.csv"), "--quiet").out == ""
    assert rbac("review", "--quiet").out == ""


def test_counts_add_up_to_the_listing(rbac: Any) -> None:
    """The count is the number of lines, in each format, and each breakdown adds up to it."""
    lines = rbac("review").out.count("\n")
    assert rbac("review", "--count").out == f"{lines:,} rows\n"
    assert rbac("review", "--count", "--format", "csv").out == f"rows\n{lines}\n"
    assert json.loads(rbac("review", "--count", "--format", "jsonl").out) == {"rows": lines}
    assert rbac("review", "--count", "--quiet").out == ""
    for by in ("type", "role", "subject"):
        text = rbac("review", "--by", by).out.splitlines()
        table = list(csv.reader(rbac("review", "--by", by, "--format", "csv").out.splitlines()))
        objects = rbac("review", "--by", by, "--format", "jsonl").out.splitlines()
        assert table[0] == [by, "rows"]
        assert sum(int(rows) for _, rows in table[1:]) == lines
        assert [list(json.loads(each).values()) for each in objects] == [
            [name, int(rows)] for name, rows in table[1:]
        ]
        assert [line.split() for line in text[1:]] == [
            [name, f"{int(rows):,}"] for name, rows in table[1:]
        ]
        sizes = [int(rows) for _, rows in table[1:]]
        assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--subject", "user:00000063-0000-4000-8000-000000000000"), "the directory has no"),
        (("--organization", "nowhere"), 'the directory has no organization "nowhere"'),
        (("--type", "projekt"), 'unknown resource type "projekt"'),
        (("--action", "updaet"), 'unknown action "updaet"'),
        (("--level", "reed"), 'unknown level "reed"'),
        (("--type", "project", "--action", "get_value"), "there is no permission"),
        (("--format", "parquet"), "--output FILE.parquet"),
        (("--count", "--format", "parquet"), "a count is printed"),
        (("--count", "--output", "count.csv"), "a count is printed"),
        (("--count", "--sign-off"), "a count is printed"),
        (("--sign-off",), "sentences have no columns"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_reviewed_is_refused(rbac: Any, words: tuple[str, ...], said: str) -> None:
    """What is not there, or cannot be done, exits 2 with one line, and nothing is listed."""
    result = rbac("review", *words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert result.err.count("\n") == 1


def test_a_review_takes_a_directory(rbac: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a directory there is nobody to list."""
    monkeypatch.delenv("RBAC_DIRECTORY")
    result = rbac("review")
    assert (result.code, result.out) == (2, "")
    assert "takes a directory" in result.err


def test_a_file_that_cannot_be_written_is_an_error(rbac: Any, folder: Path) -> None:
    """A path where no file can be is named, and the exit code says that nothing was written."""
    for path, said in ((folder / "nowhere" / "review.csv", "No such"), (folder, "a directory")):
        result = rbac("review", "--output", str(path))
        assert (result.code, result.out) == (2, "")
        assert str(path) in result.err
        assert said in result.err


def test_one_organization_is_all_of_a_directory_that_has_no_other(rbac: Any) -> None:
    """A review of the only organization has all that lies in one."""
    whole = rbac("review", "--format", "csv").out.splitlines()
    own = rbac("review", "--format", "csv", "--organization", ACME.id).out.splitlines()
    assert set(whole) >= set(own)
    assert {line for line in whole if line.startswith(ACME.id)} == set(own[1:])


def test_whoever_waits_sees_how_far_it_is(
    rbac: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal there is a bar, on standard error, and the file is as it would be."""
    rbac("review", "--output", str(folder / "quiet.csv"))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    result = rbac("review", "--output", str(folder / "seen.csv"))
    assert "resources" in result.err
    assert "rows in" in result.out
    assert (folder / "seen.csv").read_bytes() == (folder / "quiet.csv").read_bytes()
    assert rbac("review", "--by", "role", "--quiet").err == ""


SAMPLE = str(ROOT / "examples" / "organization")
REVIEW = (sys.executable, "-m", "rbac", "review", "--directory", SAMPLE)


def test_a_reader_who_has_seen_enough_is_not_complained_to() -> None:
    """Cut by `head`, a long listing ends without a word."""
    command = " ".join((*REVIEW, "--format", "csv")) + " | head -2"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert (len(done.stdout.splitlines()), done.stderr) == (2, "")


def test_a_killed_review_leaves_no_file_of_its_name(folder: Path) -> None:
    """Killed while it writes, even without notice, it leaves nothing that looks whole."""
    path = folder / "review.csv"
    code = (
        "import os, signal\n"
        "from rbac.audit import access_files as files\n"
        "from rbac.cli import main\n"
        "rows, seen = files.csv_field, []\n"
        "def row(*words):\n"
        "    seen.append(words)\n"
        "    if len(seen) > 200: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return rows(*words)\n"
        "files.csv_field = row\n"
        f"main(['review', '--directory', {SAMPLE!r}, '--output', {str(path)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, env=dict(os.environ))
    assert done.returncode == -signal.SIGKILL
    assert not path.exists()
