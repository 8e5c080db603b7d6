"""``rbac prove``: what it prints of statements that hold, and of those that do not."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rbac.policy import Policy, shipped_folder
from tests.policies.test_invariants import INVARIANTS, MUTATIONS, mutated


def broken(tmp_path: Path, *names: str) -> str:
    """A copy of the shipped policy that some invariants refute."""
    folder = tmp_path / "policy"
    shutil.copytree(shipped_folder(), folder)
    for name in names:
        mutated(folder, MUTATIONS[name])
    return str(folder)


def test_the_shipped_policy_is_proved(rbac: Any) -> None:
    """Every statement has a line with how much it ruled on, under the total and the digest."""
    result = rbac("prove")
    assert result.code == 0
    first, *others = result.out.splitlines()
    number = len(INVARIANTS)
    assert first == (f"proved: {number} of {number} invariants hold; the policy has 262,788 cells")
    assert [line.split()[-1] for line in others] == [*INVARIANTS, Policy.shipped().digest]


def test_a_refuted_statement_is_shown_with_everything_against_it(rbac: Any, tmp_path: Path) -> None:
    """It says what, why, where, how many cells, in blocks, each with a grant it rests on."""
    folder = broken(tmp_path, "viewers_change_nothing")
    result = rbac("prove", folder)
    assert result.code == 1
    text = result.out
    assert text.startswith("refuted: viewers_change_nothing\n  A role that is named a viewer")
    assert f"({folder}/invariants.toml:" in text
    assert "2 cells of 33,696 against it:" in text
    assert (
        "user, service_account as workflow_viewer: cancel on workflow_execution, own only" in text
    )
    assert "\n      as in allowed: workflow_viewer may cancel workflow_execution" in text
    number = len(INVARIANTS)
    assert f"not proved: {number - 1} of {number} invariants hold" in text


def test_rows_against_a_statement_are_shown_with_their_place(rbac: Any, tmp_path: Path) -> None:
    """A statement about rows is refuted by rows, by file and line."""
    folder = broken(tmp_path, "environments_lie_in_their_organization_alone")
    out = rbac("prove", folder).out
    assert "1 row of 49 possible against it:\n    environment, project (containment.csv:" in out


def test_json_has_what_the_text_has(rbac: Any, tmp_path: Path) -> None:
    """Each statement with its verdict, its count and all its counterexamples."""
    names = ("viewers_change_nothing", "runner_managers_and_accounts_hold_nothing")
    result = rbac("prove", broken(tmp_path, *names), "--format", "json")
    data = json.loads(result.out)
    assert (result.code, data["holds"], data["cells"]) == (1, False, 262788)
    refuted = {each["name"]: each for each in data["invariants"] if not each["holds"]}
    assert refuted.keys() == set(names)
    viewers, managers = (refuted[name] for name in names)
    assert (viewers["against"], viewers["looked"]) == (2, 33696)
    assert viewers["blocks"][0]["roles"] == ["workflow_viewer"]
    assert viewers["blocks"][0]["as_in"].startswith("allowed: workflow_viewer")
    assert [row["row"] for row in managers["rows"]] == ["runner_manager, runner_user"]
    assert json.loads(rbac("prove", "--format", "json").out)["holds"] is True


def test_other_statements_may_be_proved_of_a_policy(rbac: Any, tmp_path: Path) -> None:
    """--invariants names the file; one that is not well said exits 3 and proves nothing."""
    file = tmp_path / "mine.toml"
    file.write_text(
        '[[invariant]]\nname = "mine"\nsays = "s"\nbecause = "b"\n'
        'never.roles = ["org_admin"]\n\n# end\n'
    )
    result = rbac("prove", "--invariants", str(file))
    assert result.code == 1
    assert "refuted: mine" in result.out
    file.write_text(file.read_text().replace("org_admin", "org_admn"))
    result = rbac("prove", "--invariants", str(file))
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith(f'{file}:5: no role is "org_admn"')


def test_a_policy_without_statements_is_not_proved(rbac: Any, tmp_path: Path) -> None:
    """No file is a problem, and no proof of nothing."""
    Policy.shipped().write(tmp_path / "bare")
    result = rbac("prove", str(tmp_path / "bare"))
    assert (result.code, result.out) == (3, "")
    assert "invariants.toml: cannot be read" in result.err


@pytest.mark.parametrize("words", [("validate",), ("fmt", "--check"), ("check",)])
def test_a_policy_may_carry_what_belongs_beside_it(
    rbac: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Invariants, constraints, a baseline, tests and a README are part of no table."""
    folder = Path(broken(tmp_path))
    (folder / "tests").mkdir(exist_ok=True)
    for name in ("invariants.toml", "constraints.toml", "baseline.toml", "README.md", "tests/x"):
        (folder / name).write_text("anything at all")
    question = ("user", "project_user", "project", "get", "--policies")
    asked = (*words, *question, str(folder)) if words == ("check",) else (*words, str(folder))
    assert rbac(*asked, "--quiet").code == 0


def test_quiet_only_exits(rbac: Any, tmp_path: Path) -> None:
    """With --quiet nothing is printed, and the exit code is the same."""
    assert (rbac("prove", "--quiet").code, rbac("prove", "--quiet").out) == (0, "")
    folder = broken(tmp_path, "viewers_change_nothing")
    result = rbac("prove", folder, "--quiet")
    assert (result.code, result.out) == (1, "")
