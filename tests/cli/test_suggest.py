"""``rbac suggest``: the roles it lists, and what it refuses."""

import json
from typing import Any

import pytest


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
