"""What can be used at all: where roles are given, and which grants count there."""

import pytest

from rbac.audit.exercise import Exercise, Given
from rbac.policy import Policy, unvalidated
from rbac.rows import Containment, DerivedRole, Permission, Relation, Requirement
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.building import small_rows

T, R, P = ResourceType, ResourceRole, Principal
EDITS = "project_editor project update any"
ROWS = small_rows(
    [EDITS, "project_editor project create any", "project_editor secret get any"],
    eligible=["user project_editor", "runner runner_identity", "service_account runner_user"],
)
"""Every role is assigned on projects; a secret lies in none yet."""


def used(policy: Policy) -> set[Action]:
    """What some grant of a policy lets somebody do."""
    exercise = Exercise(DecisionTable(policy))
    return {grant.action for grant in policy.rows.grants if any(exercise.through(grant))}


def test_what_is_not_there_yet_takes_a_role_on_what_contains_it() -> None:
    """Nobody has a role on a project before it is made; one on its organization does."""
    assert used(unvalidated(ROWS)) == {Action.UPDATE}
    above = ROWS._replace(containment=(Containment(T.PROJECT, T.ORGANIZATION),))
    roles = tuple(
        row._replace(assigned_on=T.ORGANIZATION) if row.role is R.PROJECT_EDITOR else row
        for row in above.roles
    )
    assert used(unvalidated(above._replace(roles=roles))) == {Action.UPDATE, Action.CREATE}


def test_a_role_reaches_what_lies_within_what_it_is_held_on() -> None:
    """At any distance, and nothing else."""
    between = (Containment(T.SECRET, T.PREBUILD), Containment(T.PREBUILD, T.PROJECT))
    assert used(unvalidated(ROWS._replace(containment=between[:1]))) == {Action.UPDATE}
    assert used(unvalidated(ROWS._replace(containment=between))) == {Action.UPDATE, Action.GET}


@pytest.mark.parametrize(("only", "reaches"), [(P.USER, True), (P.RUNNER, False)])
def test_a_requirement_may_leave_nobody(only: Principal, reaches: bool) -> None:
    """Where only a principal may that cannot hold the role, the grant is out of reach."""
    needs = (Requirement(T.PROJECT, Action.UPDATE, only),)
    assert (Action.UPDATE in used(unvalidated(ROWS._replace(requirements=needs)))) is reaches


def test_a_second_permission_is_asked_of_what_is_there() -> None:
    """What a requirement takes counts on any resource, and without requirements of its own."""
    create = Permission(Action.CREATE, T.PROJECT)
    asking = Requirement(T.PROJECT, Action.UPDATE, create)
    for needs in ((asking,), (asking, Requirement(T.PROJECT, Action.CREATE, P.RUNNER))):
        rows = ROWS._replace(requirements=needs)
        assert used(unvalidated(rows)) == {Action.UPDATE, Action.CREATE}


def given(role: ResourceRole, *derived: DerivedRole, assignable: bool = False) -> set[Given]:
    """How a role is given where relations are these."""
    roles = tuple(row._replace(assignable=assignable) for row in ROWS.roles)
    rows = ROWS._replace(roles=roles, derived_roles=derived)
    return set(Exercise(DecisionTable(unvalidated(rows))).holders(role))


@pytest.mark.parametrize(
    ("relation", "type", "role", "holds"),
    [
        (Relation.SELF, T.RUNNER, R.RUNNER_IDENTITY, True),
        (Relation.SELF, T.USER, R.RUNNER_IDENTITY, False),
        (Relation.RUNNER, T.ENVIRONMENT, R.RUNNER_IDENTITY, True),
        (Relation.RUNNER, T.ENVIRONMENT, R.PROJECT_EDITOR, False),
        (Relation.CONSUMER, T.SECRET, R.RUNNER_IDENTITY, False),
        (Relation.OWNER, T.PROJECT, R.PROJECT_EDITOR, True),
        (Relation.MEMBER, T.ORGANIZATION, R.PROJECT_EDITOR, True),
    ],
)
def test_a_relation_gives_a_role_to_whom_it_can_hold_of(
    relation: Relation, type: ResourceType, role: ResourceRole, holds: bool
) -> None:
    """A subject must be able to stand in it, and be eligible for the role."""
    assert bool(given(role, DerivedRole(relation, type, role))) is holds
    assert not given(role)


def test_people_assign_to_whom_a_group_can_hold() -> None:
    """Every kind of member that is eligible, on the type that the role is held on."""
    assert given(R.PROJECT_EDITOR, assignable=True) == {Given(R.PROJECT_EDITOR, P.USER, T.PROJECT)}
    assert given(R.RUNNER_USER, assignable=True) == {
        Given(R.RUNNER_USER, P.SERVICE_ACCOUNT, T.PROJECT)
    }
