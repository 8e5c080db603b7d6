"""``rbac escalation`` with a directory: the table, paths, refused routes and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

SAMPLE = ("--directory", str(Path(__file__).parents[2] / "examples" / "organization"))
RUNNERS = "user:00000002-0000-4000-8000-000000000004"
GROUPS = "user:00000002-0000-4000-8000-000000000006"
OWNER = "user:00000002-0000-4000-8000-000000000012"
BOX = "environment:00000006-0000-4000-8000-000000000002"
ADMIN = "user:00000002-0000-4000-8000-000000000001"
ORGANIZATION = "organization:00000001-0000-4000-8000-000000000001"


def test_without_a_subject_everybody_who_comes_to_more_has_a_row(rbac: Any) -> None:
    """The most first; who comes to nothing is left out."""
    result = rbac("escalation", *SAMPLE)
    assert result.code == 0
    assert result.out.startswith("25 subjects that can come to more")
    assert RUNNERS in result.out
    assert GROUPS not in result.out


def test_a_subject_is_shown_with_all_that_it_comes_to(rbac: Any) -> None:
    """Each thing stands with its steps; the numbers are those before and in the end."""
    result = rbac("escalation", OWNER, *SAMPLE)
    assert (result.code, result.out.splitlines()[:2]) == (
        0,
        [f"{OWNER}: 462 permissions, 465 in the end", f"└── acting as {BOX}"],
    )
    (data,) = json.loads(rbac("escalation", OWNER, *SAMPLE, "--format", "json").out)
    assert data["permissions"] == {"before": 462, "after": 465}
    assert data["acts_as"] == [BOX]
    (step,) = data["comes_to"][0]["steps"]
    assert (step["actor"], step["permission"], step["on"], step["whom"]) == (
        OWNER,
        "create_access_token environment",
        BOX,
        BOX,
    )


def test_a_way_to_a_subject_or_a_role_exits_1(rbac: Any) -> None:
    """A path with a step is a way; what somebody has as it is takes none."""
    way = rbac("escalation", OWNER, BOX, *SAMPLE)
    assert way.code == 1
    assert f"acting as {BOX}" in way.out
    identity = rbac("escalation", OWNER, "environment_identity", *SAMPLE)
    assert identity.code == 1
    assert f"environment_identity on {BOX}" in identity.out
    held = rbac("escalation", ADMIN, "org_admin", *SAMPLE)
    assert held.code == 0
    assert f"org_admin on {ORGANIZATION}, as it is" in held.out


def test_every_refused_route_is_named_with_what_refuses_it(rbac: Any) -> None:
    """Nobody who administers groups comes to administer the organization (J1)."""
    result = rbac("escalation", "org_groups_admin", "org_admin", *SAMPLE)
    assert result.code == 0
    assert result.out.count("does not come to org_admin") == 2
    assert result.out.count("join group:00000007-0000-4000-8000-000000000009, which holds") == 2
    assert f"refused, role_beyond_the_actor: org_admin on {ORGANIZATION}\n" in result.out
    data = json.loads(rbac("escalation", GROUPS, "org_admin", *SAMPLE, "--format", "json").out)
    assert data[0]["comes_to"] == []
    assert len(data[0]["refused"]) == 5
    nobody = rbac("escalation", GROUPS, ADMIN, *SAMPLE)
    assert nobody.code == 0
    assert f"act as {ADMIN}\n    └── refused, no credential acts as it" in nobody.out


def test_a_role_that_nobody_is_given_leads_nowhere(rbac: Any) -> None:
    """That is said, and is no way."""
    result = rbac("escalation", "session_admin", "org_admin", *SAMPLE)
    assert (result.code, result.out) == (0, "nobody is given that role\n")


@pytest.mark.parametrize(
    "words", [("user:00000002-0000-4000-8000-000000000999",), ("nobody",), (OWNER, "nobody")]
)
def test_who_is_not_known_is_an_error(rbac: Any, words: tuple[str, ...]) -> None:
    """A subject that is not there, and a role that does not exist, are refused."""
    assert rbac("escalation", *words, *SAMPLE).code == 2
    assert rbac("escalation", *words, *SAMPLE, "--quiet").out == ""
