"""``rbac drift``: what it prints of new and vanished names, and its exit codes."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from rbac.audit.vocabularies import ours
from rbac.policy import Policy

PUBLISHED = Path(__file__).parents[2] / "examples" / "vocabularies" / "gitpod-sdk-0.12.0.json"
CELLS = 6 * 6 * len(Policy.shipped().rows.catalogue) * 2


def test_new_names_are_listed_with_what_is_left_to_decide(rbac: Any) -> None:
    """Every new name, the cells that it brings, and what a new type waits for."""
    result = rbac("drift", str(PUBLISHED))
    assert (result.code, result.err) == (1, "")
    assert "appeared: 6 roles, 3 resource types\n  + role org_environments_reader\n" in result.out
    assert "vanished: nothing\n" in result.out
    assert f"{CELLS:,} cells to decide, in 6 blocks:\n" in result.out
    assert "3 resource types without a permission so far: each action on one brings" in result.out
    data = json.loads(rbac("drift", str(PUBLISHED), "--format", "json").out)
    assert data["cells"] == sum(block["cells"] for block in data["blocks"]) == CELLS
    assert data["errors"] == []
    rows = list(csv.DictReader(io.StringIO(rbac("drift", str(PUBLISHED), "--format", "csv").out)))
    assert len({tuple(row.values()) for row in rows}) == len(rows) == CELLS


def test_what_vanished_is_an_error_where_the_policy_uses_it(rbac: Any, tmp_path: Path) -> None:
    """Each row that uses it is shown with its place; what none uses is only listed."""
    mine = ours()
    lists = {
        "roles": [role for role in mine.roles if role != "webhook_viewer"],
        "resource_types": list(mine.resource_types),
        "principals": list(mine.principals),
    }
    (tmp_path / "names.json").write_text(json.dumps(lists))
    result = rbac("drift", str(tmp_path / "names.json"))
    assert result.code == 1
    assert "vanished: 1 role\n  - role webhook_viewer\n" in result.out
    assert "error: role webhook_viewer vanished, but is used by" in result.out
    assert "  p, webhook_viewer, webhook, get, any  (grants/webhook.csv:" in result.out
    assert "to decide" not in result.out


def test_the_same_names_are_no_drift(rbac: Any) -> None:
    """The installed client, of our own generation, exits 0."""
    result = rbac("drift", "--sdk")
    assert result.code == 0
    assert result.out.endswith("no drift: the same names\n")
    assert rbac("drift", "--sdk", "--quiet").out == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        ((str(PUBLISHED), "--sdk"), 2),
        (("no-such-file",), 3),
        (("--sdk", "no-such-folder"), 3),
    ],
)
def test_what_cannot_be_compared_is_refused(rbac: Any, words: tuple[str, ...], code: int) -> None:
    """Neither or both is usage; a file or folder without names is refused as a whole."""
    result = rbac("drift", *words)
    assert (result.code, result.out) == (code, "")
    assert result.err
