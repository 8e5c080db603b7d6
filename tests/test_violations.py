"""Violations: every witness of a broken constraint and no other, against the definition."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.access import Access
from rbac.constraint_changes import broken_by
from rbac.constraint_rows import Cardinality, Prerequisite, Scoped, StaticSeparation
from rbac.constraints import Constraints
from rbac.directory import Directory
from rbac.errors import DirectoryError, PolicyError, RequestError
from rbac.policy import Policy
from rbac.records import Assignment, Membership, Record, Records, ResourceRecord, SubjectRecord
from rbac.rows import Permission
from rbac.semantics import Thing, includes, permits, scopes, thing
from rbac.semantics import given as roles_given
from rbac.table import DecisionTable
from rbac.terms import Resource, Subject
from rbac.violations import Violation, violations
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType
from tests.organization import (
    ACME,
    ADMIN,
    DIRECTORY,
    DOCS,
    EDITOR,
    EDITORS,
    OWNER,
    READERS,
    RECORDS,
    ROBOT,
    RUNNER,
    WEB,
    uuid,
)
from tests.strategies import PRINCIPALS, examples
from tests.worlds import EVERY, GROUPS, SUBJECTS, WORLD_TYPES, World, worlds
from tests.worlds import uuid as world_uuid

R, T = ResourceRole, ResourceType
Broken = tuple[str, str, Subject | None, Resource]


def access_to(directory: Directory, policy: Policy | None = None) -> Access:
    """Access without guards, which take nothing away from what is held."""
    return Access(DecisionTable(policy or directory.policy), directory, ())


def authorized(
    policy: Policy, records: Records, who: SubjectRecord, about: Thing
) -> set[ResourceRole]:
    """The definition: all that is included in what is given on a scope or around it."""
    held = list(roles_given(policy, records, who, about))
    return {role for role in ResourceRole if any(includes(policy, each, role) for each in held)}


def has(policy: Policy, roles: set[ResourceRole], thing: ResourceRole | Permission) -> bool:
    """Whether authorized roles are, or permit, something; on own resources counts."""
    if isinstance(thing, ResourceRole):
        return thing in roles
    return any(permits(policy, role, *thing, True) for role in roles)


def broken(policy: Policy, records: Records, constraint: Scoped) -> Iterator[Broken]:
    """The definition of a violation: what is broken, by whom, on which scope itself."""
    every = [each for each in EVERY_THING(records) if each.type is constraint.scope]
    counted = [
        each
        for each in records.subjects
        if each.subject.principal in (constraint.principals or PRINCIPALS)
    ]
    for resource in every:
        about = thing(records, resource)
        assert about is not None
        roles = {each.subject: authorized(policy, records, each, about) for each in counted}
        if isinstance(constraint, Cardinality):
            count = sum(constraint.role in each for each in roles.values())
            if constraint.at_most is not None and count > constraint.at_most:
                yield constraint.name, "many", None, resource
            elif count < constraint.at_least:
                yield constraint.name, "few", None, resource
            continue
        for subject, held in roles.items():
            if isinstance(constraint, Prerequisite):
                wrong = constraint.role in held and not held.issuperset(constraint.requires)
            else:
                both: tuple[ResourceRole | Permission, ...]
                both = (*constraint.roles, *constraint.permissions)
                wrong = sum(has(policy, held, each) for each in both) > constraint.at_most
            if wrong:
                yield constraint.name, "", subject, resource


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


def constraints_of(world: World) -> list[Scoped]:
    """Constraints of every kind on the roles that matter in a world."""
    rows = world.policy.rows
    matter = {grant.role for grant in rows.grants}.union(*(row[:2] for row in rows.seniority))
    roles = sorted(matter, key=str)
    pairs = list(itertools.permutations(roles, 2))[:4]
    those = list(itertools.combinations([Permission(r.action, r.type) for r in rows.catalogue], 2))
    made: list[Scoped] = []
    for scope in (T.ORGANIZATION, T.PROJECT, T.ENVIRONMENT, T.TASK, T.SNAPSHOT, T.USER_SECRET):
        made += [StaticSeparation(f"s{scope}{n}", "", 1, scope, p) for n, p in enumerate(pairs)]
        made.append(StaticSeparation(f"t{scope}", "", 2, scope, tuple(roles)))
        made += [
            StaticSeparation(f"p{scope}{n}", "", 1, scope, permissions=pair)
            for n, pair in enumerate(those[:2])
        ]
        made += [
            Prerequisite(f"r{scope}{n}", "", pair[0], pair[1:], scope)
            for n, pair in enumerate(pairs)
        ]
        for n, role in enumerate(roles[:2]):
            made.append(Cardinality(f"c{scope}{n}", "", role, scope, 1, 1))
            made.append(Cardinality(f"m{scope}{n}", "", role, scope, 0, n % 2, (Principal.USER,)))
    return made


def unchecked(constraint: Scoped, policy: Policy) -> Constraints:
    """A constraint as it is: what is counted does not depend on whether it makes sense."""
    made = object.__new__(Constraints)
    object.__setattr__(made, "all", (constraint,))
    object.__setattr__(made, "policy", policy)
    return made


@examples(20)
@given(worlds())
def test_violations_are_what_the_definition_says(world: World) -> None:
    """Every subject on every scope that breaks a constraint is found, once, and no other is."""
    access, records = access_to(world.directory, world.policy), world.directory.records
    for constraint in constraints_of(world):
        found = list(violations(access, unchecked(constraint, world.policy)))
        assert covered(records, found) == set(broken(world.policy, records, constraint))
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
    held = authorized(policy, records, who, about)
    assert all(has(policy, held, each) for each in violation.has)
    assert not held.intersection(violation.lacks)
    by = {
        each
        for hold in violation.holds
        for each in ResourceRole
        if includes(policy, hold.role, each)
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
        above = authorized(policy, records, who, scope)
        assert sum(has(policy, above, each) for each in counted) <= constraint.at_most


@st.composite
def changes(draw: st.DrawFn, world: World) -> tuple[list[Record], list[Record]]:
    """Some records to remove from a directory, and some to add."""
    records = world.directory.records
    there: list[Record] = [*records.memberships, *records.assignments]
    if draw(st.booleans()):
        there += records.subjects
    remove = draw(st.lists(st.sampled_from(there), max_size=3, unique=True)) if there else []
    rows = [
        row for row in world.policy.rows.roles if row.assignable and row.assigned_on in WORLD_TYPES
    ]
    add: list[Record] = []
    if len(records.subjects) and draw(st.booleans()):
        one = draw(st.sampled_from(records.subjects))
        remove = [*(each for each in remove if each != one), one]
        add.append(one._replace(role=draw(st.sampled_from(OrganizationRole))))
    for number in range(draw(st.integers(0, 2))):
        group, subject = draw(st.sampled_from(GROUPS)), draw(st.sampled_from(SUBJECTS[:3]))
        add.append(Membership(world_uuid(15, number), group, subject))
        if rows:
            row = draw(st.sampled_from(rows))
            on = draw(st.sampled_from([each for each in EVERY if each.type is row.assigned_on]))
            add.append(Assignment(world_uuid(16, number), group, on, row.role))
    return add, remove


@examples(10)
@given(st.data())
def test_what_a_change_breaks_is_what_is_broken_after_and_was_not_before(
    data: st.DataObject,
) -> None:
    """A change is told of exactly the violations that are about a scope that was kept before."""
    world = data.draw(worlds())
    add, remove = data.draw(changes(world))
    try:
        changed = world.directory.changed(add=add, remove=remove)
    except (DirectoryError, RequestError):  # a change that is refused breaks nothing
        return
    before, after = (access_to(each, world.policy) for each in (world.directory, changed))
    old, new = world.directory.records, changed.records
    for constraint in constraints_of(world):
        by_it = broken_by(before, after, unchecked(constraint, world.policy))
        every = list(violations(after, unchecked(constraint, world.policy)))
        was = set(broken(world.policy, old, constraint))
        assert by_it == [each for each in every if covered(new, [each]) - was]


APART = StaticSeparation("apart", "because", 1, T.PROJECT, (R.PROJECT_EDITOR, R.ORG_GROUPS_ADMIN))


def given_to(group: str, on: Resource, role: ResourceRole, number: int = 90) -> Assignment:
    """One more assignment."""
    return Assignment(uuid(number), group, on, role)


def test_a_violation_reads_as_a_sentence() -> None:
    """It names the constraint, the subject, what it has too much of, where, and by what."""
    more = DIRECTORY.changed(add=[given_to(EDITORS, ACME, R.ORG_GROUPS_ADMIN)])
    found = broken_by(access_to(DIRECTORY), access_to(more), Constraints([APART]))
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
            f"c: 1 hold org_admin on {ACME}, at least 2 must",
        ),
        (
            Cardinality("c", "", R.ORG_MEMBER, T.ORGANIZATION, 0, 2),
            f"c: 5 hold org_member on {ACME}, at most 2 must",
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


def test_a_change_elsewhere_is_told_of_nothing_that_was_broken_before() -> None:
    """What is broken already is not the change's doing; its own part is."""
    first = DIRECTORY.changed(add=[given_to(EDITORS, ACME, R.ORG_GROUPS_ADMIN)])
    second = first.changed(add=[given_to(READERS, DOCS, R.PROJECT_USER, 91)])
    third = first.changed(add=[given_to(EDITORS, DOCS, R.PROJECT_EDITOR, 91)])
    constraints = Constraints([APART])
    assert broken_by(access_to(first), access_to(second), constraints) == []
    assert {each.on for each in broken_by(access_to(first), access_to(third), constraints)} == {
        DOCS
    }
    assert OWNER not in {each.subject for each in violations(access_to(third), constraints)}


def test_constraints_that_make_no_sense_under_another_policy_are_refused() -> None:
    """A policy in which one role includes the other refuses the constraint, loudly."""
    rows = Policy.shipped().rows
    closer = rows.seniority[0]._replace(senior=R.ORG_GROUPS_ADMIN, junior=R.PROJECT_EDITOR)
    policy = Policy(rows._replace(seniority=(*rows.seniority, closer)))
    with pytest.raises(PolicyError, match="nobody could hold org_groups_admin"):
        list(violations(access_to(DIRECTORY.under(policy)), Constraints([APART])))
