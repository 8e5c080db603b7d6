"""``rbac escalation``: the table, the paths, and the exit codes."""

import json
from typing import Any


def test_without_a_role_every_role_that_leads_anywhere_has_a_row(rbac: Any) -> None:
    """Roles that lead nowhere are left out of the table, and in JSON they lead to nothing."""
    result = rbac("escalation")
    assert result.code == 0
    assert "org_groups_admin" in result.out
    assert "project_admin" not in result.out
    data = json.loads(rbac("escalation", "--format", "json").out)
    leads = {each["role"] for each in data if each["leads_to"]}
    assert len(data) == 61
    assert {"org_groups_admin", "service_account_admin"} <= leads
    assert "project_admin" not in leads


def test_a_role_is_shown_with_a_path_to_each_other(rbac: Any) -> None:
    """Each role stands with the steps that lead to it, sure or possible."""
    out = rbac("escalation", "service_account_admin").out
    assert out.startswith("service_account_admin: 12 permissions, surely 18, possibly ")
    assert "surely service_account_identity\n" in out
    assert "possibly org_admin\n" in out
    assert "may create_access_token service_account, which acts as" in out


def test_the_path_between_two_roles_is_an_answer(rbac: Any) -> None:
    """A way exits 1 and is shown alone; none exits 0 and says so."""
    result = rbac("escalation", "group_admin", "org_admin")
    assert result.code == 1
    assert result.out.count("possibly org_") == 1
    none = rbac("escalation", "project_admin", "org_admin")
    assert (none.code, none.out) == (0, "project_admin does not lead to org_admin\n")
    data = json.loads(rbac("escalation", "group_admin", "org_admin", "--format", "json").out)
    assert [step["from"] for step in data["leads_to"][0]["steps"]] == ["group_admin"]
    assert rbac("escalation", "group_admin", "org_admin", "--quiet").out == ""
    assert rbac("escalation", "group_admin", "nobody").code == 2
