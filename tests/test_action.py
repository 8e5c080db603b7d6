"""The GitHub Action and the hooks: every command in them is run on a change of a policy."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from rbac.cli import COMMANDS
from rbac.policy import shipped_folder
from tests.cli.test_diff import git, widen

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
GUIDE = (ROOT / "docs" / "ci.md").read_text()
WORKFLOW, CONFIG = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL))
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> Path:
    """The shipped policy on `main`; on a branch, one grant more."""
    folder = tmp_path / "repository"
    shutil.copytree(shipped_folder(), folder / "policies")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "a policy")):
        git(folder, *words)
    git(folder, "checkout", "-qb", "change")
    return folder


def environment(folder: Path) -> dict[str, str]:
    """What a job has: this Python, git, and `rbac` where it was installed."""
    packages = [path for path in sys.path if path.endswith("site-packages")]
    installed = folder / "installed"
    return {
        "PATH": os.pathsep.join(
            map(str, (folder, installed / "bin", Path(sys.executable).parent, os.environ["PATH"]))
        ),
        "PYTHONPATH": os.pathsep.join(map(str, (installed, *packages, ROOT))),
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PIP_TARGET": str(installed),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "false",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(folder / "action"),
        "GITHUB_STEP_SUMMARY": str(folder / "page.md"),
        "RUNNER_TEMP": str(folder),
    }


GH = f"""\
#!{sys.executable}
import json, os, sys
words = sys.argv[1:]
path = os.environ["HOME"] + "/comments.json"
comments = json.load(open(path)) if os.path.exists(path) else {{}}
if "--jq" in words:
    print(*comments, sep="\\n")
else:
    place = next(word for word in words if word.startswith("repos/"))
    id = place.rpartition("/")[2] if "PATCH" in words else str(len(comments) + 7)
    text = open(words[words.index("--field") + 1].removeprefix("body=@")).read()
    comments[id] = [place, text]
    json.dump(comments, open(path, "w"))
"""
"""Stands in for GitHub's command line: it keeps comments, and lists the ids of all of them."""


def run_steps(
    repository: Path, inputs: dict[str, str], *, install: bool = True
) -> list[subprocess.CompletedProcess[str]]:
    """Runs each command of the action, as a job on a pull request does.

    Without `install`, the first is left out.
    """
    folder = repository.parent
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    given = {name: each.get("default", "") for name, each in ACTION["inputs"].items()} | inputs
    known = {
        **{f"inputs.{name}": value for name, value in given.items()},
        "github.repository": "acme/policies",
        "github.event.pull_request.number": "12",
        "github.event.pull_request.base.sha": "main",
        "github.token": "a token",
    }

    def meant(text: str) -> str:
        while EXPRESSION.search(text):
            text = EXPRESSION.sub(lambda found: known[found[1]], text)
        return text

    results = []
    for step in ACTION["runs"]["steps"]:
        if "run" in step and (install or step["name"] != "Install rbac"):
            own = {name: meant(value) for name, value in step.get("env", {}).items()}
            shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
            done = subprocess.run(
                [*shell, step["run"]],
                capture_output=True,
                text=True,
                check=False,
                cwd=repository,
                env=environment(folder) | own,
            )
            results.append(done)
    return results


def checkout(folder: Path) -> None:
    """The action as GitHub checks it out, but for what nothing is built from."""
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests", "benchmarks", "build", "dist")
    shutil.copytree(ROOT, folder / "action", ignore=ignored)


def launcher(folder: Path) -> dict[str, str]:
    """An environment in which `rbac` is that of the checkout."""
    (folder / "rbac").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rbac "$@"\n')
    (folder / "rbac").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def test_a_pull_request_is_shown_what_it_changes(repository: Path) -> None:
    """The action installs itself, fails, and shows the changed cells on the page and in a comment.

    The next run replaces the comment.
    """
    folder = repository.parent
    checkout(folder)
    widen(repository / "policies")
    inputs = {"without": "test prove"}
    install, gates, page, comment = run_steps(repository, inputs)
    assert install.returncode == 0, install.stderr
    assert gates.returncode == 1, gates.stderr
    assert "::warning file=policies/grants/agent_execution.csv,line=" in gates.stdout
    assert (page.returncode, comment.returncode, comment.stderr) == (0, 0, "")
    cells = "\n+ user, service_account as agent_execution_admin: start on agent_execution, any"
    shown = (folder / "page.md").read_text()
    assert cells in shown
    assert "| **failed** | diff --no-new-access |" in shown
    (place, text), *others = json.loads((folder / "comments.json").read_text()).values()
    assert (place, text, others) == ("repos/acme/policies/issues/12/comments", shown, [])
    git(repository, "checkout", "--", ".")
    gates, _, comment = run_steps(repository, inputs, install=False)
    assert (gates.returncode, comment.returncode) == (0, 0), gates.stdout
    ((place, text),) = json.loads((folder / "comments.json").read_text()).values()
    assert place == "repos/acme/policies/issues/comments/7"
    assert "every gate passed" in text


def test_inputs_are_words_whatever_is_in_them(repository: Path) -> None:
    """No input is pasted into a command: what a pull request names cannot be run."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    folder = repository.parent
    launcher(folder)
    wicked = f"$(touch {folder}/owned); touch {folder}/owned"
    inputs = dict.fromkeys(("policies", "base", "directory", "budget", "without"), wicked)
    gates, page, comment = run_steps(repository, inputs, install=False)
    assert gates.returncode != 0
    assert not (folder / "owned").exists()
    assert (page.returncode, comment.returncode) == (0, 0)


def run_hook(hook: dict[str, Any], folder: Path) -> int:
    """How a hook exits in a repository."""
    words = [*shlex.split(hook["entry"]), *hook["args"]]
    env = launcher(folder.parent)
    return subprocess.run(words, check=False, capture_output=True, cwd=folder, env=env).returncode


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_hooks_are_commands_on_a_folder(hook: dict[str, Any]) -> None:
    """Each runs a command once, on the folder whose files it looks at."""
    program, command, *options = shlex.split(hook["entry"])
    assert program == "rbac"
    assert command in COMMANDS
    assert all(option.startswith("--") for option in options)
    assert hook["files"] == f"^{hook['args'][0]}/"
    assert (hook["pass_filenames"], hook["language"]) == (False, "python")


BREAKING = {
    "rbac-validate": ("project_editor, project, update", "project_editor, projekt, update"),
    "rbac-fmt": ("p, project_editor, project, update", "p,  project_editor, project, update"),
    "rbac-prove": ("project_editor, project, delete", "project_editor, project, grant"),
    "rbac-test": (
        "p, project_editor, project, delete, any",
        "p, project_user, project, delete, any",
    ),
}
"""For each hook a change of one row that it does not let through."""


@pytest.mark.parametrize("id", BREAKING)
def test_a_hook_lets_through_what_is_well_and_nothing_else(id: str, repository: Path) -> None:
    """Each exits 0 on the shipped policy, and not on one that it is there to stop."""
    (hook,) = (each for each in HOOKS if each["id"] == id)
    assert run_hook(hook, repository) == 0
    file = repository / "policies" / "grants" / "project.csv"
    text = file.read_text()
    assert BREAKING[id][0] in text
    file.write_text(text.replace(*BREAKING[id], 1))
    assert run_hook(hook, repository) in (1, 3)


def test_the_guide_names_what_there_is() -> None:
    """Each input, its default and each hook is in the guide, and the examples use no others."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (?!the folder|its)", GUIDE, re.MULTILINE)
    assert set(ACTION["inputs"]) <= set(rows)
    (job,) = WORKFLOW["jobs"].values()
    fetch, use = job["steps"]
    assert fetch["uses"].startswith("actions/checkout@")
    assert set(use["with"]) <= set(ACTION["inputs"])
    (repository,) = CONFIG["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in HOOKS]


def test_the_source_distribution_has_the_action() -> None:
    """What is published can be used as an action and as hooks."""
    text = (ROOT / "pyproject.toml").read_text()
    assert '"/action.yml", "/.pre-commit-hooks.yaml"' in text
