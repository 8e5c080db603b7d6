"""The shipped policy says what the evidence says, no less and no more."""

import pytest

from rbac.policy import Policy
from rbac.review import permissions_of
from rbac.rows import CredentialKind, Permission, Reach, Relation
from rbac.table import DecisionTable
from rbac.vocabulary import Action, ResourceRole, ResourceType
from tests.data import read

FACTS = read("evidence")
TYPED = [fact for fact in FACTS if not fact["type"].startswith("@")]
TABLE = DecisionTable(Policy.shipped())


def reach(fact: dict[str, str]) -> Reach | None:
    """How far the fact's role has its permission, by the table."""
    permission = Permission(Action.parse(fact["action"]), ResourceType.parse(fact["type"]))
    return TABLE.reach(ResourceRole.parse(fact["role"]), permission)


def expected(fact: dict[str, str]) -> Reach | None:
    """How far the evidence says it has it; a token's own subject is its owner."""
    if fact["verdict"] == "deny":
        return None
    return Reach.OWN if fact["expressed_by"] in ("own", "relation owner") else Reach.ANY


@pytest.mark.parametrize("mark", ["stated", "implied", "open"])
def test_every_fact_holds(mark: str) -> None:
    """What a source states, implies or leaves open is decided as the evidence says."""
    wrong = [
        (fact, reach(fact))
        for fact in TYPED
        if fact["mark"] == mark and reach(fact) is not expected(fact)
    ]
    assert not wrong


def test_no_cell_is_allowed_without_evidence() -> None:
    """A role permits what evidence about it says, or what a reviewed junior brings."""
    backed = {
        (fact["role"], fact["type"], fact["action"]) for fact in TYPED if fact["verdict"] == "allow"
    }
    reviewed = {(row["role"], row["type"], row["action"]): row for row in read("inherited")}
    permitted = {
        (role.short, permission.type.short, permission.action.short): held
        for role in ResourceRole
        for permission, held in permissions_of(TABLE, role).items()
    }
    assert permitted.keys() - backed == reviewed.keys()
    for cell, row in reviewed.items():
        assert permitted[cell].short == row["reach"]
        assert (row["junior"], *cell[1:]) in backed


def test_every_grant_cites_the_evidence_it_rests_on() -> None:
    """The mark and the source keys above a grant are those of the evidence about it."""
    facts = {(fact["role"], fact["type"], fact["action"]): fact for fact in TYPED}
    for grant in TABLE.policy.rows.grants:
        fact = facts[grant.role.short, grant.type.short, grant.action.short]
        assert grant.rationale is not None
        assert grant.rationale.mark.short == fact["mark"], grant
        assert list(grant.rationale.keys) == fact["keys"].split(), grant


def test_conditions_of_the_evidence_are_rows_of_the_policy() -> None:
    """What a fact needs besides the role is a requirement or a relation in the policy."""
    rows = TABLE.policy.rows
    impersonated = {
        (row.type.short, row.action.short)
        for row in rows.requirements
        if row.need is CredentialKind.IMPERSONATED
    }
    consumed = {
        (row.type.short, row.role.short)
        for row in rows.derived_roles
        if row.relation is Relation.CONSUMER
    }
    for fact in TYPED:
        if fact["expressed_by"] == "requirement credential impersonated":
            assert (fact["type"], fact["action"]) in impersonated
        if fact["expressed_by"] == "relation consumer":
            assert (fact["type"], fact["role"]) in consumed


def test_facts_that_no_row_can_express_are_listed() -> None:
    """Facts about things without a resource type, and conditions, each have their reason."""
    listed = {(row["role"], row["type"]) for row in read("conditions")}
    untyped = {(fact["role"], fact["type"]) for fact in FACTS if fact["type"].startswith("@")}
    guarded = {
        (fact["role"], fact["type"]) for fact in TYPED if fact["expressed_by"].startswith("guard")
    }
    assert untyped | guarded <= listed
    assert {kind for _, kind in untyped} == {"@team", "@session"}
    assert all(row["condition"] and row["expressed_by"] for row in read("conditions"))
