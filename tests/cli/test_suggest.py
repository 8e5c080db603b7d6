"""``rbac suggest``: the roles it lists, and what it refuses."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rbac import Action, Authorizer, Directory
from rbac.audit.decision_log import as_line
from tests.organization import DIRECTORY, EDITOR, ROBOT, WEB


def test_choices_are_listed_with_what_they_give_away(rbac: Any) -> None:
    """The narrowest first, each with its permissions beyond, by type."""
    result = rbac("suggest", "webhook:update", "webhook:get")
    assert result.code == 0
    assert result.out.startswith("1 role, in 2 ways:\n  webhook_admin, and 6 permissions beyond\n")
    assert "    webhook: delete, get_secret, grant, list, list_workflows, rotate_secret\n" in (
        result.out
    )
    data = json.loads(rbac("suggest", "webhook:update", "--format", "json").out)
    assert data["choices"][0]["roles"] == ["webhook_admin"]
    assert data["choices"][0]["beyond"][0] == {
        "type": "webhook",
        "action": "delete",
        "reach": "any",
    }


def test_several_roles_are_suggested_where_one_will_not_do(rbac: Any) -> None:
    """Roles that only together permit all are joined; --assignable leaves system roles out."""
    out = rbac("suggest", "environment:update", "webhook:update", "--assignable").out
    assert out.startswith("2 roles, in 2 ways:\n  environment_admin + webhook_admin, and ")


def test_own_resources_may_be_enough(rbac: Any) -> None:
    """A want of own resources is met by a narrower role than one of any."""
    own = rbac("suggest", "workflow_execution:get:own").out
    any_ = rbac("suggest", "workflow_execution:get:any").out
    assert "workflow_executor, and" in own
    assert "workflow_executor, and" not in any_


def test_what_no_role_permits_is_named(rbac: Any) -> None:
    """Without a role for it the answer says which, and exits 1."""
    result = rbac("suggest", "project:get", "coupon:create")
    assert result.code == 1
    assert result.out == "no role that a user may hold permits:\n  create coupon\n"
    data = json.loads(rbac("suggest", "coupon:create", "--format", "json").out)
    assert data == {"choices": [], "missing": ["create coupon"]}
    assert rbac("suggest", "coupon:create", "--quiet").out == ""


@pytest.mark.parametrize(
    "text",
    [
        "project",
        "project:",
        ":get",
        "project:get:all",
        "project:get:own:x",
        "project:signup",
        "a:b",
    ],
)
def test_what_is_no_permission_is_a_usage_error(rbac: Any, text: str) -> None:
    """A permission is a type and an action that the catalogue has, and nothing else."""
    result = rbac("suggest", text)
    assert (result.code, result.out) == (2, "")
    assert rbac("suggest").code == 2
    assert rbac("suggest", "project:get", "--principal", "nobody").code == 2


EXAMPLES = Path(__file__).parents[2] / "examples"
FROM_LOG = (
    *("suggest", "--log", str(EXAMPLES / "decision-log.jsonl")),
    *("--directory", str(EXAMPLES / "organization")),
)
SOMEBODY = "user:00000002-0000-4000-8000-000000000023"


def test_a_log_shows_what_every_holder_never_used(rbac: Any) -> None:
    """The period and its decisions first, then every holder, counted alike in each form."""
    result = rbac(*FROM_LOG)
    assert (result.code, result.err) == (1, "")
    assert result.out.startswith("360 decisions, from 2026-11-02T08:06:40Z to 2026-11-20T17:51")
    assert "  321 allowed, 34 denied, 5 about kinds\n" in result.out
    data = json.loads(rbac(*FROM_LOG, "--format", "json").out)
    assert data["allowed"] == sum(holder["allowed"] for holder in data["holders"]) == 321
    rows = list(csv.DictReader(io.StringIO(rbac(*FROM_LOG, "--format", "csv").out)))
    assert len(rows) == len(data["holders"])
    unused = [int(row["unused"]) for row in rows]
    assert unused == [len(holder["never_used"]) for holder in data["holders"]]
    assert unused == sorted(unused, reverse=True)
    for row, holder in zip(rows, data["holders"], strict=True):
        assert row["subject"] == holder["subject"]
        assert int(row["permissions"]) == len(holder["used"]) + len(holder["never_used"])
        never = [role for role in holder["roles"] if not role["used"]]
        assert int(row["never used"]) == len(never)
        assert all(role["would_do"] == [] for role in never)
        assert row["subject"] in result.out or "more, of which less is unused" in result.out


def test_a_log_shows_one_subject_in_full(rbac: Any) -> None:
    """What one subject used of each role, and the smaller role that would do."""
    result = rbac(*FROM_LOG, "--subject", SOMEBODY)
    assert result.code == 1
    assert f"{SOMEBODY}: 13 assigned roles, 11 never used\n" in result.out
    assert "    would do: project_user\n" in result.out
    (holder,) = json.loads(rbac(*FROM_LOG, "--subject", SOMEBODY, "--format", "json").out)[
        "holders"
    ]
    (editor,) = [role for role in holder["roles"] if role["would_do"] == ["project_user"]]
    assert (editor["role"], editor["used"]) == ("project_editor", ["list project"])
    out = rbac(*FROM_LOG, "--subject", SOMEBODY, "--format", "csv").out
    assert len(out.splitlines()) == 1 + len(holder["roles"])


def test_a_log_shows_what_no_member_used_of_an_assignment(rbac: Any) -> None:
    """Every assignment that gives a role is there, with how many members used it."""
    data = json.loads(rbac(*FROM_LOG, "--by", "assignment", "--format", "json").out)
    directory = Directory.load(EXAMPLES / "organization")
    ids = {
        each.id for each in directory.records.assignments if each.derived_from.name == "UNSPECIFIED"
    }
    assert {each["assignment"] for each in data["assignments"]} == ids
    for each in data["assignments"]:
        assert bool(each["users"]) is bool(each["used"])
        assert each["users"] <= each["members"]
    out = rbac(*FROM_LOG, "--by", "assignment", "--format", "markdown").out
    assert "| role | on | group | members that used it | permissions used | would do |" in out
    assert "| 0 of 1 | 0 of 2 | none: never used |" in out


def test_where_everything_was_used_there_is_nothing_to_say(rbac: Any, tmp_path: Path) -> None:
    """Exit 0 if every role was used and nothing smaller would do."""
    decision = Authorizer(directory=DIRECTORY).authorize(ROBOT, Action.GET, WEB)
    DIRECTORY.write(tmp_path / "directory")
    (tmp_path / "log").write_text(as_line(decision, datetime(2026, 11, 24, tzinfo=UTC)))
    words = ("suggest", "--log", str(tmp_path / "log"), "--directory", str(tmp_path / "directory"))
    assert rbac(*words, "--subject", str(ROBOT), "--quiet").code == 0
    assert rbac(*words, "--subject", str(EDITOR), "--quiet").code == 1


def test_a_log_with_a_bad_line_has_no_answer(rbac: Any, tmp_path: Path) -> None:
    """As everywhere: named, exit 3; with --partial an answer about the rest, and exit 3."""
    log = (EXAMPLES / "decision-log.jsonl").read_text()
    (tmp_path / "log").write_text(f"{log}{{}}\n")
    words = ("suggest", "--log", str(tmp_path / "log"), *FROM_LOG[3:])
    result = rbac(*words)
    assert (result.code, result.out) == (3, "")
    assert ":361: has no time" in result.err
    result = rbac(*words, "--partial")
    assert result.code == 3
    assert result.out.startswith("not answered for: 1 line that cannot be read\n360 decisions")


@pytest.mark.parametrize(
    "words",
    [
        (*FROM_LOG, "project:get"),
        (*FROM_LOG, "--subject", SOMEBODY, "--by", "assignment"),
        (*FROM_LOG, "--subject", "user:00000002-0000-4000-8000-000000000099"),
        FROM_LOG[:3],
        ("suggest", "project:get", "--format", "csv"),
    ],
    ids=["both", "by", "unknown", "no directory", "form"],
)
def test_what_a_log_cannot_be_asked_is_a_usage_error(
    rbac: Any, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions beside a log, a subject by assignment, a stranger, no directory: exit 2."""
    monkeypatch.delenv("RBAC_DIRECTORY", raising=False)
    result = rbac(*words)
    assert (result.code, result.out) == (2, "")
    assert result.err
