"""Violations: every witness of a broken constraint and no other, against the definition."""

import pytest
from hypothesis import given

from rbac.access import Access
from rbac.constraint_rows import Cardinality, Prerequisite, Scoped, StaticSeparation
from rbac.constraints import Constraints
from rbac.directory import Directory
from rbac.errors import PolicyError
from rbac.policy import Policy
from rbac.records import Assignment, Records, ResourceRecord
from rbac.rows import Permission
from rbac.semantics import includes, scopes, thing
from rbac.table import DecisionTable
from rbac.terms import Resource, Subject
from rbac.violations import Violation, violations
from rbac.vocabulary import Principal, ResourceRole, ResourceType
from tests.constraint_definition import (
    Broken,
    assigned,
    authorized,
    broken,
    constraints_of,
    has,
    unchecked,
)
from tests.organization import (
    ACME,
    ADMIN,
    DIRECTORY,
    EDITOR,
    EDITORS,
    OWNER,
    RECORDS,
    ROBOT,
    RUNNER,
    WEB,
    uuid,
)
from tests.strategies import PRINCIPALS, examples
from tests.worlds import EVERY, World, worlds

R, T = ResourceRole, ResourceType


def access_to(directory: Directory, policy: Policy | None = None) -> Access:
    """Access without guards, which take nothing away from what is held."""
    return Access(DecisionTable(policy or directory.policy), directory, ())


def EVERY_THING(records: Records) -> list[Resource]:  # noqa: N802
    """Every resource of a world that is there."""
    return [each for each in EVERY if thing(records, each) is not None]


def covered(records: Records, found: list[Violation]) -> set[Broken]:
    """What violations say is broken, on each scope that they are about."""
    said: set[Broken] = set()
    for each in found:
        constraint, what = each.constraint, ""
        if isinstance(constraint, Cardinality):
            most = constraint.at_most
            what = "many" if most is not None and len(each.holders) > most else "few"
        for resource in EVERY_THING(records):
            about = thing(records, resource)
            assert about is not None
            around = [scope.resource for scope in scopes(records, about)]
            if resource.type is constraint.scope and each.on in around:
                said.add((constraint.name, what, each.subject, resource))
    return said


@examples(8)
@given(worlds())
def test_violations_are_what_the_definition_says(world: World) -> None:
    """Every subject on every scope that breaks a constraint is found, once, and no other is."""
    access, records = access_to(world.directory, world.policy), world.directory.records
    for constraint in constraints_of(world):
        found = list(violations(access, unchecked(world.policy, constraint)))
        assert covered(records, found) == set(broken(world.policy, records, constraint, EVERY))
        assert len({(each.on, each.subject) for each in found}) == len(found)
        for each in found:
            check_witness(world, records, each)


def check_witness(world: World, records: Records, violation: Violation) -> None:
    """A witness is reported at the highest place, and holds what it is said to hold."""
    constraint, policy = violation.constraint, world.policy
    about = thing(records, violation.on)
    assert about is not None
    if isinstance(constraint, Cardinality):
        holders = {
            each.subject
            for each in records.subjects
            if each.subject.principal in (constraint.principals or PRINCIPALS)
            and constraint.role in authorized(policy, records, each, about)
        }
        assert set(violation.holders) == holders
        assert len(violation.holders) == len(holders)
        return
    who = next(each for each in records.subjects if each.subject == violation.subject)
    as_assigned = isinstance(constraint, StaticSeparation) and constraint.assigned
    holding = assigned if as_assigned else authorized
    held = holding(policy, records, who, about)
    assert all(has(policy, held, each) for each in violation.has)
    assert not held.intersection(violation.lacks)
    by = {
        each
        for hold in violation.holds
        for each in ResourceRole
        if (hold.role is each if as_assigned else includes(policy, hold.role, each))
    }
    assert all(has(policy, by, each) for each in violation.has)
    if isinstance(constraint, Prerequisite):
        assert violation.has == (constraint.role,)
        assert violation.lacks == tuple(each for each in constraint.requires if each not in held)
        return
    counted: tuple[ResourceRole | Permission, ...]
    counted = (*constraint.roles, *constraint.permissions)
    assert violation.has == tuple(each for each in counted if has(policy, held, each))
    assert len(violation.has) > constraint.at_most
    for scope in list(scopes(records, about))[1:]:
        above = holding(policy, records, who, scope)
        assert sum(has(policy, above, each) for each in counted) <= constraint.at_most


APART = StaticSeparation("apart", "because", 1, T.PROJECT, (R.PROJECT_EDITOR, R.ORG_GROUPS_ADMIN))


def given_to(group: str, on: Resource, role: ResourceRole, number: int = 90) -> Assignment:
    """One more assignment."""
    return Assignment(uuid(number), group, on, role)


def test_a_violation_reads_as_a_sentence() -> None:
    """It names the constraint, the subject, what it has too much of, where, and by what."""
    more = DIRECTORY.changed(add=[given_to(EDITORS, ACME, R.ORG_GROUPS_ADMIN)])
    every = violations(access_to(more), Constraints([APART]))
    found = [each for each in every if each.subject != ADMIN]
    assert [each.subject for each in found] == [EDITOR, Subject(Principal.USER, uuid(14))]
    assert str(found[0]) == (
        f"apart: {EDITOR} has project_editor and org_groups_admin on {WEB}, "
        "at most 1 of them may be"
    )
    assert [str(hold) for hold in found[0].holds] == [
        f"project_editor on {WEB}, given to group {EDITORS}",
        f"org_groups_admin on {ACME}, given to group {EDITORS}",
    ]
    assert found[0].as_dict() == {
        "constraint": "apart",
        "reason": "because",
        "on": str(WEB),
        "subject": str(EDITOR),
        "sentence": found[0].sentence,
        "has": ["project_editor", "org_groups_admin"],
        "lacks": [],
        "holds": [hold.as_dict() for hold in found[0].holds],
        "holders": [],
    }


@pytest.mark.parametrize(
    ("constraint", "sentence"),
    [
        (
            Cardinality("c", "", R.ORG_ADMIN, T.ORGANIZATION, 2),
            f"c: 1 holds org_admin on {ACME}, at least 2 must",
        ),
        (
            Cardinality("c", "", R.ORG_MEMBER, T.ORGANIZATION, 0, 2),
            f"c: 5 hold org_member on {ACME}, at most 2 may",
        ),
        (
            Prerequisite("p", "", R.PROJECT_USER, (R.ORG_MEMBER,), T.PROJECT),
            f"p: {ROBOT} has project_user on {WEB} without org_member",
        ),
    ],
)
def test_each_kind_reads_as_a_sentence(constraint: Scoped, sentence: str) -> None:
    """A number is told with its limit, a prerequisite with what is missing."""
    (found,) = violations(access_to(DIRECTORY), Constraints([constraint]))
    assert str(found) == sentence


def test_what_is_broken_on_a_container_is_reported_there_once() -> None:
    """An administrator of the organization has both roles there, not once on each project."""
    pair = StaticSeparation("s", "", 1, T.PROJECT, (R.PROJECT_ADMIN, R.GROUP_ADMIN))
    found = list(violations(access_to(DIRECTORY), Constraints([pair])))
    assert [(each.subject, each.on) for each in found] == [(ADMIN, ACME)]


def test_what_comes_together_only_within_two_containers_is_found_there() -> None:
    """A token lies within its runner and its user: the owner of one who is the other has both."""
    token = Resource(T.HOST_AUTHENTICATION_TOKEN, uuid(37))
    runner = DIRECTORY.tables.resources[T.RUNNER][RUNNER.id].record
    theirs = Resource(T.USER, OWNER.id)
    records = [runner._replace(owner=OWNER), ResourceRecord(token, (RUNNER, theirs))]
    both = Directory(
        RECORDS._replace(
            resources=[each for each in RECORDS.resources if each.resource != RUNNER] + records
        )
    )
    pair = StaticSeparation("s", "", 1, token.type, (R.RUNNER_ADMIN, R.USER_IDENTITY))
    found = list(violations(access_to(both), Constraints([pair])))
    assert [(each.subject, each.on) for each in found] == [(OWNER, token)]


def test_constraints_that_make_no_sense_under_another_policy_are_refused() -> None:
    """A policy in which one role includes the other refuses the constraint, loudly."""
    rows = Policy.shipped().rows
    closer = rows.seniority[0]._replace(senior=R.ORG_GROUPS_ADMIN, junior=R.PROJECT_EDITOR)
    policy = Policy(rows._replace(seniority=(*rows.seniority, closer)))
    with pytest.raises(PolicyError, match="nobody could hold org_groups_admin"):
        list(violations(access_to(DIRECTORY.under(policy)), Constraints([APART])))
