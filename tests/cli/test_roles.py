"""``rbac roles`` and ``rbac blame``: lattices, toxic sets, and what grants are good for."""

import json
from pathlib import Path
from typing import Any

from rbac.policy import Policy
from tests.cli.test_prove import broken


def test_the_lattice_is_a_tree(rbac: Any) -> None:
    """Each inclusion stands under the role that includes, and says if seniority does not."""
    out = rbac("roles").out
    assert "│   │   ├── group_viewer and " in out
    assert "runner_managed_admin and 17 permissions more, though no seniority says so" in out
    assert "would" not in out
    assert out.endswith("0 toxic sets of up to three roles\n")


def test_near_misses_are_shown_when_asked_for(rbac: Any) -> None:
    """--near adds the roles that one grant more would make include or equal another."""
    out = rbac("roles", "--near").out
    assert (
        "runner_admin would equal org_runners_admin with: p, runner_admin, runner, create, any"
        in (out)
    )
    assert " would include " in out


def test_json_has_the_whole_lattice(rbac: Any) -> None:
    """Inclusions, duplicates, near misses and toxic sets, as plain values."""
    data = json.loads(rbac("roles", "--format", "json").out)
    assert set(data) == {"inclusions", "duplicates", "near", "toxic"}
    assert {"role": "agent_admin", "includes": "agent_executor", "said": True, "beyond": 3} in (
        data["inclusions"]
    )
    assert data["duplicates"] == []
    assert data["toxic"] == []
    assert json.loads(rbac("roles", "--toxic", "--format", "json").out) == {"toxic": []}


def test_toxic_sets_exit_1_when_asked_for(rbac: Any, tmp_path: Path) -> None:
    """With --toxic, a set that must stay apart is an answer of its own and exits 1."""
    assert rbac("roles", "--toxic").code == 0
    folder = broken(tmp_path, "role_assignments_are_changed_by_administrators")
    result = rbac("roles", folder, "--toxic")
    assert result.code == 1
    assert "org_groups_admin  (user, service_account; groups_are_made_apart_from_roles)" in (
        result.out
    )
    assert rbac("roles", folder).code == 0
    quiet = rbac("roles", folder, "--toxic", "--quiet")
    assert (quiet.code, quiet.out) == (1, "")


def test_a_policy_without_invariants_has_no_toxic_sets(rbac: Any, tmp_path: Path) -> None:
    """Statements are optional here: the lattice is of the policy alone."""
    Policy.shipped().write(tmp_path / "bare")
    assert rbac("roles", str(tmp_path / "bare")).out.endswith("0 toxic sets of up to three roles\n")


def test_blame_has_a_row_for_each_grant(rbac: Any) -> None:
    """Every grant with its place and its counts; --role and --spare choose some."""
    rows = json.loads(rbac("blame", "--format", "json").out)["rows"]
    assert len(rows) == len(Policy.shipped().rows.grants)
    assert all(int(row["needed"]) <= int(row["decides"]) <= int(row["allows"]) for row in rows)
    some = json.loads(rbac("blame", "--role", "project_user", "--format", "json").out)["rows"]
    assert some == [row for row in rows if row["grant"].startswith("project_user, ")]
    assert json.loads(rbac("blame", "--spare", "--format", "json").out)["rows"] == []
    assert rbac("blame", "--role", "project_usr").code == 2
    assert rbac("blame", "--quiet").out == ""
