"""The help of every command: what it shows as an example is run as it stands."""

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rbac.cli import COMMANDS, main
from rbac.policy import shipped_folder
from tests.building import small_policy

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "organization"
LOG = ROOT / "examples" / "decision-log.jsonl"
VOCABULARY = ROOT / "examples" / "vocabularies" / "gitpod-sdk-1.2.0.json"


def help_of(*words: str) -> str:
    """What --help prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit) as done:
        main([*words, "--help"])
    assert not done.value.code
    return out.getvalue()


HELP = {"rbac": help_of(), **{f"rbac {name}": help_of(name) for name in COMMANDS}}
EXAMPLES = {
    name: re.findall(r"^  ((?:echo .* \| )?rbac (?:.*\\\n)*.*)$", text, re.MULTILINE)
    for name, text in HELP.items()
}


@pytest.mark.parametrize("command", HELP)
def test_help_shows_an_example(command: str) -> None:
    """The help of every command, and of the program, shows how it is used."""
    assert EXAMPLES[command]
    assert any(command in example for example in EXAMPLES[command])


_ABOUT_SAMPLE = ("SNAPSHOT", "rbac prove", "rbac replay", "rbac report", "rbac test")
"""What is in the examples that need the shipped policy."""


def _words(example: str) -> dict[str, str]:
    """What the words in capitals of an example stand for; the longest first."""
    about_sample = any(word in example for word in _ABOUT_SAMPLE)
    file = "examples/constraints.toml" if "constraints" in example else "policies/invariants.toml"
    folder = shipped_folder() if about_sample else "fresh" if "export" in example else "policy"
    return {
        "-directory DIR": f"-directory {SAMPLE}",
        "main:DIR": "main:policy",
        "OTHER-DIR": shipped_folder() if "SNAPSHOT" in example else "other",
        "VOCABULARY": str(VOCABULARY),
        "SNAPSHOT": str(SAMPLE),
        "LATER": str(SAMPLE),
        "FILE": str(ROOT / file),
        "LOG": str(LOG),
        "OUT": "fresh",
        "DIR": str(SAMPLE) if "rbac directory" in example else folder,
    }


def _commit(folder: Path) -> None:
    """Makes the folder a repository whose main branch holds what is in it."""
    author = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "policies")):
        subprocess.run(["git", *author, *words], cwd=folder, check=True)


@pytest.mark.parametrize("example", [each for some in EXAMPLES.values() for each in some])
def test_examples_work(example: str, tmp_path: Path) -> None:
    """Typed into a shell, an example is answered: allowed, denied, or on own resources only.

    DIR is the folder of a small policy, or of the shipped one where the sample directory,
    its log or the shipped invariants are asked about; for an export it is a folder that is
    not there yet, as OUT is.
    """
    policy = tmp_path / "policy"
    small_policy(["project_user project get any"]).write(policy)
    small_policy(["project_user project update any"]).write(tmp_path / "other")
    _commit(tmp_path)
    command = example
    for word, meaning in _words(example).items():
        command = re.sub(rf"(?<![A-Z]){word}\b", meaning, command)
    launcher = tmp_path / "rbac"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rbac "$@"\n')
    launcher.chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "RBAC_POLICIES": str(policy) if "verify" in example else shipped_folder(),
    }
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env=env, check=False, cwd=tmp_path
    )
    assert done.returncode in (0, 1, 4), done.stderr
    assert not done.stderr
