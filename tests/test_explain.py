"""Explanations: they name what decides, and every change they propose really allows."""

import itertools
from typing import Any

import pytest

import rbac
from rbac import (
    Action,
    Authorizer,
    Explanation,
    Policy,
    Principal,
    Question,
    Reason,
    RequestError,
    ResourceRole,
    ResourceType,
)
from rbac.explain import Change
from rbac.rows import Grant, Reach, Rows
from rbac.semantics import includes
from rbac.table import DecisionTable
from rbac.verification import cells
from tests.building import PRINCIPALS, ROLES, small_policy, small_rows

POLICY = Policy.shipped()
TABLE = DecisionTable(POLICY)
GRANTS = set(POLICY.rows.grants)
INCLUDED = {
    (senior, junior) for senior in ROLES for junior in ROLES if includes(POLICY, senior, junior)
}
OPEN = {(row.principal, row.role) for row in POLICY.rows.eligibility}
PERMISSIONS = {(row.type, row.action) for row in POLICY.rows.catalogue}


def after(change: Change) -> bool:
    """Whether the changed question is allowed once the change's grant is in the policy."""
    question = change.question
    if change.grant is None:
        return TABLE.allows(question)
    grant = change.grant
    return (
        (question.principal, question.role) in OPEN
        and (question.role, grant.role) in INCLUDED
        and (grant.type, grant.action) == (question.type, question.action)
        and (grant.type, grant.action) in PERMISSIONS
        and (grant.reach is Reach.ANY or question.own)
    )


def differences(asked: Question, change: Change) -> set[str]:
    """What of the question and of the policy a change changes."""
    then = change.question
    parts = {
        "principal": then.principal is not asked.principal,
        "role": then.role is not asked.role,
        "own": then.own is not asked.own,
        "grant": change.grant is not None,
    }
    assert (then.type, then.action) == (asked.type, asked.action)
    return {part for part, changed in parts.items() if changed}


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda principal: principal.short)
def test_every_cell_is_explained_truly(principal: Principal) -> None:
    """On every cell the outcome is the decision's, grants decide it, and changes allow it."""
    for asked in cells(POLICY):
        if asked.principal is not principal:
            continue
        found = Explanation(TABLE, asked)
        assert found.decision == TABLE.decide(asked) or found.decision is TABLE.decide(asked)
        assert bool(found.bases) is found.decision.allowed
        assert not (found.bases and found.changes)
        for basis in found.bases:
            assert basis.grant in GRANTS
            assert (basis.grant.type, basis.grant.action) == (asked.type, asked.action)
            assert basis.grant.reach is Reach.ANY or asked.own
            assert (asked.role, basis.grant.role) in INCLUDED
        for change in found.changes:
            assert after(change)
            assert differences(asked, change) == set(change.parts)
        if not found.decision.allowed and not found.changes:
            assert found.decision.reason is Reason.NO_SUCH_PERMISSION or found.further


def brute(rows: Rows, asked: Question) -> dict[int, set[tuple[Any, ...]]]:
    """Every smallest set of changes by size, found by trying all of them on the policy."""
    policy = Policy(rows)
    table = DecisionTable(policy)
    assert asked.action is not None
    found: dict[int, set[tuple[Any, ...]]] = {}
    worked: list[dict[str, Any]] = []
    ways: dict[str, list[Any]] = {
        "principal": [each for each in PRINCIPALS if each is not asked.principal],
        "role": [each for each in ROLES if each is not asked.role],
        "own": [] if asked.own else [True],
        "grant": [True],
    }
    for size in (1, 2, 3, 4):
        for parts in itertools.combinations(ways, size):
            for values in itertools.product(*(ways[part] for part in parts)):
                chosen = dict(zip(parts, values, strict=True))
                if any(part.items() <= chosen.items() for part in worked):
                    continue
                replaced = {part: value for part, value in chosen.items() if part != "grant"}
                then = asked._replace(**replaced)
                if "grant" in chosen:
                    allowed = table.eligible(then.principal, then.role)
                else:
                    allowed = table.allows(then)
                if allowed:
                    worked.append(chosen)
                    found.setdefault(size, set()).add((then, "grant" in chosen))
    return found


SMALL = small_rows(
    [
        "project_user project get any",
        "workflow_executor workflow get own",
        "project_editor project update any",
        "runner_identity runner signup any",
    ],
    seniority=["project_editor project_user"],
    eligible=[
        "runner runner_identity",
        "service_account project_editor",
        "user project_editor",
        "service_account project_user",
        "user project_user",
    ],
)


@pytest.mark.parametrize("role", ["project_user", "project_editor", "runner_identity"])
@pytest.mark.parametrize("principal", ["user", "runner", "account"])
@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("permission", ["workflow get", "project update", "runner signup"])
def test_changes_are_all_there_are(role: str, principal: str, own: bool, permission: str) -> None:
    """Single changes, else pairs, are exactly those that trying everything finds; rest counted."""
    type, action = permission.split()
    asked = Question(
        Principal.parse(principal),
        ResourceRole.parse(role),
        ResourceType.parse(type),
        Action.parse(action),
        own,
    )
    found = Explanation(DecisionTable(Policy(SMALL)), asked)
    if found.decision.allowed:
        return
    expected = brute(SMALL, asked)
    smallest = 1 if 1 in expected else 2
    listed = {(change.question, change.grant is not None) for change in found.changes}
    assert listed == expected.get(smallest, set())
    assert found.further == {size: len(ways) for size, ways in expected.items() if size > smallest}


def opened(rows: Rows, grant: Grant) -> int:
    """How many cells of a policy become allowed when a grant is added to its rows."""
    before, then = (
        DecisionTable(Policy(rows)),
        DecisionTable(Policy(rows._replace(grants=(*rows.grants, grant)))),
    )
    return sum(then.allows(cell) and not before.allows(cell) for cell in cells(then.policy))


def test_what_a_grant_would_open_is_counted_over_all_cells() -> None:
    """A grant opens the cells of its role and its seniors, for every principal, counted exactly."""
    rows = small_rows(
        ["project_user project get any", "project_admin project grant any"],
        seniority=["project_admin project_editor", "project_editor project_user"],
        eligible=["user project_user", "service_account project_user", "user project_editor"],
    )
    table = DecisionTable(Policy(rows))
    for own in (False, True):
        asked = Question(
            Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.UPDATE, own
        )
        found = Explanation(table, asked)
        change = next(change for change in found.changes if change.grant)
        assert change.grant is not None
        assert change.grant.reach is (Reach.OWN if own else Reach.ANY)
        assert found.opens(change) == opened(rows, change.grant) - 1


def test_what_another_role_would_open_is_counted() -> None:
    """Another role opens what it permits beyond the one asked about, the asked cell aside."""
    policy = small_policy(
        [
            "project_user project get any",
            "project_editor project update any",
            "project_editor project delete own",
        ],
        seniority=["project_editor project_user"],
    )
    asked = Question(Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.UPDATE)
    found = Explanation(DecisionTable(policy), asked)
    change = next(change for change in found.changes if change.parts == ("role",))
    assert change.question.role is ResourceRole.PROJECT_EDITOR
    assert found.opens(change) == 2


def test_explaining_takes_what_checking_takes() -> None:
    """The same arguments, the same decision, and the same refusals of wrong ones."""
    asked = (Principal.USER, ResourceRole.PROJECT_EDITOR, ResourceType.PROJECT, Action.GRANT)
    assert rbac.explain(*asked).decision is rbac.check(*asked)
    assert Authorizer(POLICY).explain(*asked[:3]).decision.allowed
    with pytest.raises(TypeError, match="role"):
        rbac.explain(Principal.USER, "project_editor", *asked[2:])  # type: ignore[call-overload]
    with pytest.raises(RequestError, match="UNSPECIFIED"):
        rbac.explain(Principal.UNSPECIFIED, *asked[1:])


def test_an_explanation_as_data_has_everything() -> None:
    """The plain form has the decision, the grants with their paths, and the changes."""
    use = next(
        grant
        for grant in GRANTS
        if grant.role is ResourceRole.PROJECT_USER and grant.action is Action.USE
    )
    allowed = rbac.explain(
        Principal.USER, ResourceRole.PROJECT_ADMIN, ResourceType.PROJECT, Action.USE
    ).as_dict()
    assert allowed["bases"] == [
        {
            "grant": ["project_user", "project", "use", "any"],
            "place": str(use.place),
            "rationale": "stated TF_PROJECTROLE DOC_SHARING: a user of a project makes "
            "environments from it, on a runner it may use",
            "through": ["project_admin", "project_editor", "project_user"],
        }
    ]
    denied = rbac.explain(
        Principal.USER, ResourceRole.PROJECT_EDITOR, ResourceType.PROJECT, Action.GRANT
    ).as_dict()
    changes: Any = denied["changes"]
    assert {"grant": ["project_editor", "project", "grant", "any"], "opens": 3} in changes
