"""``rbac diff``: what it prints, its gates, and policies read from git."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rbac.audit.revisions import load
from rbac.errors import PolicyError
from rbac.policy import Policy, shipped_folder

GRANT = "p, agent_execution_admin, agent_execution, start, any"


@pytest.fixture(name="old")
def _old(tmp_path: Path) -> Path:
    """The shipped policy in a folder of its own."""
    folder = tmp_path / "old"
    shutil.copytree(shipped_folder(), folder)
    return folder


@pytest.fixture(name="new")
def _new(tmp_path: Path) -> Path:
    """The shipped policy with one grant more, which opens four cells."""
    folder = tmp_path / "new"
    shutil.copytree(shipped_folder(), folder)
    widen(folder)
    return folder


def widen(folder: Path) -> None:
    """Lets the admin of one agent execution start others."""
    beside = "p, agent_execution_admin, agent_execution, grant, any\n"
    replace(folder / "grants" / "agent_execution.csv", beside, f"{beside}{GRANT}\n")


def replace(file: Path, old: str, new: str) -> None:
    """Replaces a text that a file has."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def git(folder: Path, *words: str) -> None:
    """Runs git in `folder`, by itself: no settings of the developer's."""
    settings = ["-c", "user.name=test", "-c", "user.email=test@example.invalid"]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *settings, *words], cwd=folder, env=env, check=True, capture_output=True)


@pytest.fixture(name="repository")
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository: the shipped policy on `main`, a wider one on `change`, main gone on."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-b", "main")
    shutil.copytree(shipped_folder(), folder / "policies")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "the shipped policy")
    git(folder, "checkout", "-b", "change")
    widen(folder / "policies")
    git(folder, "commit", "-a", "-m", "a wider one")
    git(folder, "checkout", "main")
    taken = "p, project_editor, project, delete, any\n"
    replace(folder / "policies" / "grants" / "project.csv", taken, "")
    git(folder, "commit", "-a", "-m", "a narrower one")
    monkeypatch.chdir(folder)
    return folder


def test_a_policy_does_not_differ_from_itself(rbac: Any, old: Path) -> None:
    """The same policy twice is the same access, and exits 0."""
    result = rbac("diff", str(old), shipped_folder())
    assert (result.code, result.out) == (0, "the same access: 0 cells gained, 0 lost\n")


def test_a_difference_names_cells_rows_and_exits_1(rbac: Any, old: Path, new: Path) -> None:
    """One grant more: its cells in one block, its row with its place, and exit code 1."""
    result = rbac("diff", str(old), str(new))
    assert result.code == 1
    first, *others = result.out.splitlines()
    assert first == "only more access: 4 cells gained, 0 lost"
    assert others[0] == "gained, in 1 block (the fewest there are):"
    who = "user, service_account as agent_execution_admin"
    assert others[1] == f"  + {who}: start on agent_execution, any  (4 cells)"
    assert others[3].startswith(f"  + {GRANT}  (grants/agent_execution.csv:")
    assert others[3].endswith("; 4, 4)")


def test_the_way_back_takes_away(rbac: Any, old: Path, new: Path) -> None:
    """The same two policies the other way round are only less access."""
    out = rbac("diff", str(new), str(old)).out
    assert out.startswith("only less access: 0 cells gained, 4 lost")
    assert f"  - {GRANT}" in out


def test_json_has_what_the_text_has(rbac: Any, old: Path, new: Path) -> None:
    """Verdict, digests, counts, blocks, rows and other changes, as plain values."""
    data = json.loads(rbac("diff", str(old), str(new), "--format", "json").out)
    assert data["verdict"] == "only more"
    assert data["old"] == Policy.shipped().digest != data["new"]
    assert data["gained"]["cells"] == 4
    assert data["gained"]["minimal"] is True
    assert data["gained"]["blocks"][0]["roles"] == ["agent_execution_admin"]
    assert data["lost"] == {"cells": 0, "blocks": [], "minimal": True, "least": 0}
    assert [row["row"] for row in data["rows"]] == [GRANT]
    assert data["others"] == []
    assert data["passed"] is None


GATES = [
    (("--no-new-access",), False, 1),
    (("--no-new-access",), True, 0),
    (("--budget", "+3"), False, 1),
    (("--budget", "+4"), False, 0),
    (("--budget", "0"), True, 0),
]


@pytest.mark.parametrize(("gate", "back", "code"), GATES)
def test_with_a_gate_only_the_gate_decides(
    rbac: Any, old: Path, new: Path, gate: tuple[str, ...], back: bool, code: int
) -> None:
    """Access that is only lost passes every gate; what is gained must be within the budget."""
    folders = (str(new), str(old)) if back else (str(old), str(new))
    result = rbac("diff", *folders, *gate)
    assert result.code == code
    assert f"gate: {'not passed' if code else 'passed'}" in result.out
    assert rbac("diff", *folders, *gate, "--quiet").code == code
    assert not rbac("diff", *folders, *gate, "--quiet").out


def test_access_that_has_no_count_passes_no_gate(rbac: Any, old: Path, tmp_path: Path) -> None:
    """A requirement less opens no cell and gives access all the same: no budget covers it."""
    loose = tmp_path / "loose"
    shutil.copytree(old, loose)
    replace(loose / "requirements.csv", "webhook, create, principal user\n", "")
    for gate in (["--no-new-access"], ["--budget", "+1000000"]):
        result = rbac("diff", str(old), str(loose), *gate)
        assert result.code == 1
        assert "access that has no count: requirement - webhook, create, principal user" in (
            result.out
        )
    assert rbac("diff", str(loose), str(old), "--no-new-access").code == 0


def test_the_other_policy_is_the_one_in_use(
    rbac: Any, old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one folder, it is compared with the shipped policy, or with $RBAC_POLICIES."""
    assert rbac("diff", str(old)).code == 0
    monkeypatch.setenv("RBAC_POLICIES", str(new))
    assert "4 cells gained" in rbac("diff", str(old)).out


def test_a_budget_is_a_number(rbac: Any, old: Path) -> None:
    """Anything else is a usage error."""
    for text in ("-3", "many", "+", "1.5"):
        assert rbac("diff", str(old), f"--budget={text}").code == 2
    assert rbac("diff", str(old), "--budget", "1", "--no-new-access").code == 2


def test_revisions_are_read_without_a_checkout(rbac: Any, repository: Path) -> None:
    """A revision is compared as git holds it, and the work tree stays as it was."""
    before = sorted((path, path.stat().st_mtime_ns) for path in repository.rglob("*.csv"))
    assert "4 cells gained, 0 lost" in rbac("diff", "main~1:policies", "change:policies").out
    assert rbac("diff", "main:policies", "policies").code == 0
    assert rbac("diff", "main:./policies", str(repository / "policies")).code == 0
    assert before == sorted((path, path.stat().st_mtime_ns) for path in repository.rglob("*.csv"))
    assert load("main~1:policies") == Policy.shipped()


def test_a_range_starts_where_both_sides_parted(rbac: Any, repository: Path) -> None:
    """Three dots compare with the merge base, two with the tip; the folder may be named."""
    three = rbac("diff", "main...change")
    assert three.out.startswith("only more access: 4 cells gained, 0 lost")
    two = rbac("diff", "main..change:policies")
    assert two.out.startswith("only more access: ")
    assert two.out != three.out
    assert rbac("diff", "main...").code == 0
    assert rbac("diff", "main~1..:policies").out.startswith("only less access")


def test_settings_of_a_repository_do_not_change_what_is_read(repository: Path) -> None:
    """Neither attributes that leave files out of archives nor line endings nor filters count."""
    attributes = "*.csv export-ignore text eol=crlf filter=none\n"
    (repository / ".gitattributes").write_text(attributes)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "attributes")
    assert load("HEAD~2:policies") == Policy.shipped()
    assert load("HEAD:policies") == Policy.load(repository / "policies")


REFUSED = ["nowhere:policies", "main:nowhere", "--help:policies", "main:policies/roles.csv", ":"]


@pytest.mark.parametrize("revision", [*REFUSED, "nowhere...main", "main...--all"])
def test_what_git_cannot_show_is_refused(rbac: Any, repository: Path, revision: str) -> None:
    """An unknown revision or folder, an option in disguise and a file exit 3 and say which."""
    words = ["diff", "--", revision] if "..." in revision else ["diff", "--", revision, "policies"]
    result = rbac(*words)
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith(f"{revision}: ")


def test_problems_in_a_revision_are_placed_in_it(rbac: Any, repository: Path) -> None:
    """An invalid policy exits 3; its problems name the revision, not a temporary folder."""
    replace(repository / "policies" / "roles.csv", "# end", "# fin")
    git(repository, "commit", "-a", "-m", "cut")
    result = rbac("diff", "main:policies", "change:policies")
    assert result.code == 3
    assert result.err.startswith("main:policies/roles.csv:")


def test_a_link_in_a_revision_is_refused(repository: Path) -> None:
    """What is not a plain file is never followed: it could lead anywhere."""
    (repository / "policies" / "a_link.toml").symlink_to("/etc/hostname")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "a link")
    with pytest.raises(PolicyError) as caught:
        load("main:policies")
    (problem,) = caught.value.problems
    assert str(problem) == "main:policies/a_link.toml: not a plain file"


def test_without_git_a_revision_is_refused(
    rbac: Any, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No git is a problem that is named, and no difference."""
    monkeypatch.setenv("PATH", str(repository / "empty"))
    result = rbac("diff", "main:policies", "policies")
    assert result.code == 3
    assert "git: No such file or directory" in result.err
