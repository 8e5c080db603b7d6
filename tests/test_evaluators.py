"""Three evaluators, one interface: each scenario, and each cell, asked of all of them."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from rbac.decision import Reason
from rbac.enforcer import Enforcer
from rbac.policy import Policy
from rbac.rows import Rows
from rbac.semantics import Definition, readable, reason
from rbac.table import DecisionTable
from rbac.terms import Evaluator, Question
from rbac.verification import cells
from rbac.vocabulary import Action, ErrorCode, Principal, ResourceRole, ResourceType
from tests.building import small_policy
from tests.strategies import valid_rows

EVALUATORS: dict[str, Callable[[Policy], Evaluator]] = {
    "definition": Definition,
    "table": DecisionTable,
    "casbin": Enforcer,
}
CORPUS = sorted((Path(__file__).parent / "corpus" / "decisions").glob("*.toml"))
SCENARIOS = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in CORPUS}


def policy_of(scenario: dict[str, Any]) -> Policy:
    """The small policy that a scenario describes."""
    return small_policy(
        scenario["grants"],
        seniority=scenario.get("seniority", ()),
        eligible=scenario.get("eligible", ()),
    )


def question(text: str) -> Question:
    """A question from ``principal role type action``, and ``own`` where it is meant."""
    principal, role, type, action, *own = text.split()
    return Question(
        Principal.parse(principal),
        ResourceRole.parse(role),
        ResourceType.parse(type),
        Action.parse(action),
        own == ["own"],
    )


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_scenarios_are_decided_as_written(name: str, evaluator: str) -> None:
    """Every evaluator gives the expected answer to every question of every scenario."""
    scenario = SCENARIOS[name]
    assert scenario["idea"].endswith(".")
    decide = EVALUATORS[evaluator](policy_of(scenario))
    for text in scenario["allowed"]:
        assert decide.allows(question(text)), text
    for text in scenario["denied"]:
        assert not decide.allows(question(text.partition(":")[0])), text


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_are_denied_for_the_reason_written(name: str) -> None:
    """The table and the definition give the same expected reason for every denial."""
    policy = policy_of(SCENARIOS[name])
    table = DecisionTable(policy)
    for text in SCENARIOS[name]["denied"]:
        asked, _, why = text.partition(": ")
        assert table.decide(question(asked)).reason.short == why
        assert reason(policy, question(asked)).short == why


def test_reasons_and_codes_are_the_definitions_on_every_type() -> None:
    """For every role and permission the table's reason and code are the definition's."""
    policy = Policy.shipped()
    table = DecisionTable(policy)
    for asked in list(cells(policy))[::97]:
        decision = table.decide(asked)
        assert decision.reason is reason(policy, asked)
        expected = ErrorCode.PERMISSION_DENIED if readable(policy, asked) else ErrorCode.NOT_FOUND
        assert decision.error_code is (None if decision.allowed else expected)


def test_questions_without_an_action_follow_the_definition() -> None:
    """Whether a role may act on a type at all, and why not, is what the definition says."""
    policy = Policy.shipped()
    table = DecisionTable(policy)
    for asked in list(cells(policy))[::211]:
        whole = asked._replace(action=None)
        assert table.decide(whole).reason is reason(policy, whole)


def test_the_determining_grant_decides_the_cell() -> None:
    """The grant a decision names is in the policy, reached by seniority, and of that cell."""
    policy = Policy.shipped()
    table = DecisionTable(policy)
    grants = set(policy.rows.grants)
    pairs = {(row.senior, row.junior) for row in policy.rows.seniority}
    allowed = [(asked, decision) for asked in cells(policy) if (decision := table.decide(asked))]
    for asked, decision in allowed:
        grant = decision.grant
        assert grant in grants
        assert grant is not None
        assert (grant.type, grant.action) == (asked.type, asked.action)
        assert decision.through[0] is asked.role
        assert decision.through[-1] is grant.role
        steps = zip(decision.through, decision.through[1:], strict=False)
        assert all(step in pairs for step in steps)


@settings(max_examples=25, deadline=None)
@given(valid_rows())
def test_evaluators_agree_on_every_cell_of_any_policy(rows: Rows) -> None:
    """On random valid policies the three evaluators give one answer to every cell."""
    policy = Policy(rows)
    table, definition, enforcer = DecisionTable(policy), Definition(policy), Enforcer(policy)
    roles = {grant.role for grant in rows.grants} | {row.senior for row in rows.seniority}
    for asked in cells(policy):
        if asked.role in roles and asked.principal is not Principal.ACCOUNT:
            answer = table.allows(asked)
            assert answer is definition.allows(asked)
            assert answer is enforcer.allows(asked)


def test_a_permission_that_does_not_exist_is_never_kept() -> None:
    """What the table holds is bounded by the catalogue, whatever it is asked."""
    table = DecisionTable(Policy.shipped())
    for action in Action:
        for type in ResourceType:
            table.decide(Question(Principal.USER, ResourceRole.ORG_ADMIN, type, action))
    kept = table.plain[Principal.USER][ResourceRole.ORG_ADMIN]
    held = {(type, action) for type, by_action in kept.items() for action in by_action}
    assert held == {(row.type, row.action) for row in table.policy.rows.catalogue}
    assert all(
        decision.reason is not Reason.NO_SUCH_PERMISSION
        for by_action in kept.values()
        for decision in by_action.values()
    )
