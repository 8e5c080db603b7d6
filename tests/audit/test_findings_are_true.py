"""Only what can be proved is found: findings against asking everybody about everything.

Each finding says that something makes no difference, or is so; here it is taken away, or
asked, in worlds made up at random.
"""

from collections.abc import Iterator

from hypothesis import given

from rbac.access import Access
from rbac.audit.auditing import directory_findings, policy_findings
from rbac.audit.exercise import CREATES, STARTS, Exercise
from rbac.audit.findings import Finding
from rbac.audit.policy_checks import names
from rbac.directory import Directory
from rbac.entries import BITS
from rbac.policy import Policy, unvalidated
from rbac.records import Records
from rbac.rows import Grant, Permission
from rbac.table import DecisionTable
from rbac.terms import NewResource, Resource, Subject
from rbac.vocabulary import Principal, ResourceRole, ResourceType, UserStatus
from tests.data import read
from tests.strategies import examples
from tests.worlds import EVERY, SUBJECTS, World, new_resources, worlds

Asked = tuple[Subject, Permission, Resource | NewResource]


def asked(policy: Policy, directory: Directory) -> Iterator[Asked]:
    """Everybody, each permission, everything there is; what makes something, of new ones alone."""
    new = list(new_resources(directory))
    for row in policy.rows.catalogue:
        makes = row.action in CREATES or (row.type, row.action) in STARTS
        about: list[Resource | NewResource] = [each for each in new if each.type is row.type]
        about += [] if makes else [each for each in EVERY if each.type is row.type]
        for resource in about:
            for subject in SUBJECTS:
                yield subject, Permission(row.action, row.type), resource


def allowed(policy: Policy, directory: Directory) -> set[Asked]:
    """All that anybody may do, guards apart."""
    access = Access(DecisionTable(policy), directory.under(policy), ())
    return {
        each
        for each in asked(policy, directory)
        if access.decide(each[0], None, each[2], each[1].action, None).allowed
    }


def without(policy: Policy, grant: Grant) -> Policy:
    """The policy without one grant."""
    rows = policy.rows
    kept = tuple(each for each in rows.grants if each is not grant)
    return unvalidated(rows._replace(grants=kept))


def by_rule(found: tuple[Finding, ...], rule: str) -> list[Finding]:
    """The findings of one rule."""
    return [each for each in found if each.rule.id == rule]


@examples(12)
@given(worlds())
def test_grants_found_to_decide_nothing_can_go(world: World) -> None:
    """Without one that others cover, or one out of reach, nobody may do less or more."""
    grants = {names(grant): grant for grant in world.policy.rows.grants}
    found = policy_findings(world.policy)
    spare = [*by_rule(found, "RBAC101"), *by_rule(found, "RBAC105")]
    before = allowed(world.policy, world.directory) if spare else set()
    for each in spare:
        assert allowed(without(world.policy, grants[each.subject]), world.directory) == before


@examples(10)
@given(worlds())
def test_what_nobody_can_hold_or_use_nobody_holds_or_uses(world: World) -> None:
    """Roles, types and permissions found idle are idle in every directory drawn."""
    found = policy_findings(world.policy)
    done = {(each.type.short, each.action.short) for _, each, _ in _may(world)}
    for finding in by_rule(found, "RBAC104"):
        assert finding.subject not in done
    idle_types = {finding.what for finding in by_rule(found, "RBAC103")}
    assert idle_types.isdisjoint(type for type, _ in done)
    access = Access(DecisionTable(world.policy), world.directory, ())
    for finding in by_rule(found, "RBAC102"):
        role = ResourceRole.parse(finding.what)
        for who in world.directory.subjects():
            held = access.holding(who, role)
            for about in world.directory.resources():
                assert not access.given(who, about) & held


def _may(world: World) -> set[Asked]:
    return allowed(world.policy, world.directory)


def test_the_shipped_grants_out_of_reach_are_the_reviewed_ones() -> None:
    """They are those that a reviewed list says nobody exercises, each with its reason."""
    policy = Policy.shipped()
    exercise = Exercise(DecisionTable(policy))
    unused = {names(grant)[:3] for grant in policy.rows.grants if not any(exercise.through(grant))}
    listed = {(row["role"], row["type"], row["action"]) for row in read("never_exercised")}
    assert unused == listed
    found = {each.subject[:3] for each in by_rule(policy_findings(policy), "RBAC105")}
    held = {row.role.short for row in policy.rows.roles if exercise.holders(row.role)}
    assert found == {each for each in listed if each[0] in held}


@examples(15)
@given(worlds())
def test_assignments_found_to_add_nothing_can_go(world: World) -> None:
    """Without one, everybody is given every role they were given, juniors counted."""
    found = by_rule(directory_findings(world.directory), "RBAC301")
    before = held(world.policy, world.directory) if found else {}
    for each in found:
        fewer = _without_assignment(world.directory.records, each.subject[-1])
        assert held(world.policy, Directory(fewer, policy=world.policy)) == before


@examples(15)
@given(worlds())
def test_direct_roles_found_beside_stronger_ones_can_go(world: World) -> None:
    """Without the direct one, the subject still has the role, by what the finding names."""
    shared = _all_shared(world)
    for each in by_rule(directory_findings(shared), "RBAC308"):
        fewer = _without_assignment(shared.records, each.subject[-1])
        after = held(world.policy, Directory(fewer, policy=world.policy))
        who, role, resource = each.subject[:3]
        assert BITS[ResourceRole.parse(role)] & after[who, resource]


def _all_shared(world: World) -> Directory:
    """The directory with each group a direct share."""
    records = world.directory.records
    groups = [group._replace(direct_share=True) for group in records.groups]
    return Directory(records._replace(groups=groups), policy=world.policy)


def _without_assignment(records: Records, id: str) -> Records:
    kept = [each for each in records.assignments if each.id != id]
    assert len(kept) == len(records.assignments) - 1
    return records._replace(assignments=kept)


def held(policy: Policy, directory: Directory) -> dict[tuple[str, str], int]:
    """Every role that each subject holds on each resource, juniors among them, as bits."""
    table = DecisionTable(policy)
    access = Access(table, directory, ())
    found = {}
    for who in directory.subjects():
        by = {role: access.holding(who, role) for role in table.roles}
        for about in directory.resources():
            given_there = access.given(who, about)
            bits = sum(BITS[role] for role, some in by.items() if some & given_there)
            found[str(who.subject), str(about.resource)] = bits
    return found


@examples(15)
@given(worlds())
def test_members_and_administrators_are_those_that_records_say(world: World) -> None:
    """Who is inactive in a group, which group is empty, who holds ``org_admin``, and how many."""
    directory = world.directory
    found = directory_findings(directory)
    inactive = {
        (str(membership.subject), membership.group)
        for who in directory.subjects()
        if who.status in (UserStatus.SUSPENDED, UserStatus.LEFT)
        for membership in who.memberships
    }
    assert {each.subject for each in by_rule(found, "RBAC303")} == inactive
    empty = {group.id for group in directory.records.groups if not directory.members(group.id)}
    assert {each.what for each in by_rule(found, "RBAC302")} == empty
    access = Access(DecisionTable(world.policy), directory, ())
    for organization in directory.records.organizations:
        about = directory.resource(Resource(ResourceType.ORGANIZATION, organization.id))
        assert about is not None
        expected = {
            str(who.subject)
            for who in directory.subjects()
            if access.given(who, about) & access.holding(who, ResourceRole.ORG_ADMIN)
        }
        _check_administrators(found, organization.id, expected)


def _check_administrators(found: tuple[Finding, ...], id: str, expected: set[str]) -> None:
    listed = [each for each in by_rule(found, "RBAC305") if each.what == id]
    assert bool(listed) is bool(expected)
    for each in listed:
        assert {line.partition(" ")[0].rstrip(",") for line in each.evidence} == expected
        assert f"has {len(expected)} administrator" in each.message
    nobody = [each for each in by_rule(found, "RBAC309") if each.what == id]
    assert bool(nobody) is not bool(expected)
    machines = {each.subject[1] for each in by_rule(found, "RBAC306") if each.subject[0] == id}
    user = Principal.USER.short
    assert machines == {each for each in expected if not each.startswith(f"{user}:")}
