"""The README and the guides: every block in them is what really happens."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = r"^```(\w+)\n(.*?)^```"
BLOCKS = re.findall(BLOCK, README, re.MULTILINE | re.DOTALL)
SETUP, TESTS = (text for kind, text in BLOCKS if kind == "sh")
GUIDES = [
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in (
        "policy",
        "directory",
        "constraints",
        "audit",
        "decision-log",
        "reports",
        "testing",
    )
]
SESSIONS = [
    session.partition("\n")
    for guide in ("", *GUIDES)
    for kind, text in (re.findall(BLOCK, guide, re.MULTILINE | re.DOTALL) if guide else BLOCKS)
    if kind == "console"
    for session in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
]
TIMED = re.compile(r"^ *time .*$", re.MULTILINE)


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    """There is no block that nothing runs."""
    assert {kind for kind, _ in BLOCKS} == {"sh", "console", "python"}


@pytest.mark.parametrize("session", SESSIONS, ids=[command for command, _, _ in SESSIONS])
def test_sessions_print_what_the_readme_shows(
    session: tuple[str, str, str], tmp_path: Path
) -> None:
    """Each command of a session, run in a shell, prints what stands below it, times aside."""
    command, _, shown = session
    launcher = tmp_path / "rbac"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rbac "$@"\n')
    launcher.chmod(0o755)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    env = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env=env, check=False, cwd=tmp_path
    )
    assert not done.stderr
    printed = re.sub(r" +$", "", done.stdout, flags=re.MULTILINE)
    assert TIMED.sub("", printed) == TIMED.sub("", shown)


def test_python_blocks_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Python block, run as a session in the checkout, gives what it shows."""
    monkeypatch.chdir(ROOT)
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    session = "\n".join(text for kind, text in BLOCKS if kind == "python")
    runner.run(parser.get_doctest(session, {}, "README", "README.md", 0))
    assert runner.summarize(verbose=False).attempted > 0
    assert runner.summarize(verbose=False).failed == 0


def test_python_blocks_of_the_guides_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each guide's Python blocks, run together in the checkout: what they assert holds.

    What is a session there gives what it shows.
    """
    monkeypatch.chdir(ROOT)
    parser = doctest.DocTestParser()
    for guide in GUIDES:
        blocks = re.findall(BLOCK, guide, re.MULTILINE | re.DOTALL)
        text = "\n".join(text for kind, text in blocks if kind == "python")
        if ">>>" in text:
            runner = doctest.DocTestRunner()
            runner.run(parser.get_doctest(text, {}, "guide", None, 0))
            assert runner.summarize(verbose=False).failed == 0
        else:
            exec(text, {})  # noqa: S102


def test_the_set_up_runs_the_main_job(tmp_path: Path) -> None:
    """The first command, in a copy of the project, installs it and asks it a question.

    The packages it needs are those of this environment, so that no network is used.
    """
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests"))
    packages = [path for path in sys.path if path.endswith("site-packages")]
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(packages),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "false",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    script = SETUP.replace("python3 -m venv", f"{sys.executable} -m venv")
    done = subprocess.run(
        ["sh", "-euc", script], capture_output=True, text=True, env=env, check=False, cwd=copy
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("allowed: project_editor may update project")


def test_continuous_integration_runs_the_readmes_commands() -> None:
    """The script takes both commands from the README, so neither can go stale."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert '"$(block 0)"' in script
    assert '"$(block 1)"' in script
    assert "pytest" in TESTS
