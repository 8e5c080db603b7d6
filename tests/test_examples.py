"""The sample organization: made up the same way each time, valid, and flawed as it says."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.make_decision_log import main as make_log
from examples.make_organization import ORGANIZATION, main, records
from rbac import Authorizer, Principal, Reason, Resource, ResourceRole, Subject
from rbac.administration import (
    AddMember,
    Assign,
    Change,
    CreateGroup,
    DeleteGroup,
    RemoveMember,
    SetOrganizationRole,
    Share,
    assignments_of,
    changed,
)
from rbac.cli.words import resource, subject
from rbac.directory import Directory
from rbac.granting import Granting
from rbac.granting_rules import administrators
from rbac.vocabulary import OrganizationRole, UserStatus

EXAMPLES = Path(__file__).parents[1] / "examples"
SAMPLE = Directory.load(EXAMPLES / "organization")
AUTHORIZER = Authorizer(directory=SAMPLE)
FLAWS = {
    flaw["idea"]: flaw
    for flaw in tomllib.loads((EXAMPLES / "organization-flaws.toml").read_text())["flaw"]
}


def test_it_is_made_the_same_each_time(tmp_path: Path) -> None:
    """Making it again gives the committed files, byte by byte."""
    main(str(tmp_path / "again"))
    made = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    kept = {path.name: path.read_bytes() for path in (EXAMPLES / "organization").iterdir()}
    assert made == kept
    assert Directory(records()) == SAMPLE


def test_the_log_is_made_the_same_each_time(tmp_path: Path) -> None:
    """Making the log again gives the committed file, byte by byte."""
    make_log(str(tmp_path / "log"))
    assert (tmp_path / "log").read_bytes() == (EXAMPLES / "decision-log.jsonl").read_bytes()


def flaw(idea: str) -> Any:
    """A flaw by its idea."""
    return FLAWS.pop(idea)


def test_every_listed_flaw_is_there() -> None:
    """Each flaw on the list is in the directory, and each on it is looked for here."""
    suspended = flaw("a suspended person is still in a group")
    who = SAMPLE.subject(subject(suspended["subject"]))
    assert who
    assert who.status is UserStatus.SUSPENDED
    assert suspended["group"] in who.groups
    assert not SAMPLE.members(flaw("a group without members")["group"])
    implied = flaw("an assignment that another of the same group on the same project implies")
    about = SAMPLE.resource(resource(implied["resource"]))
    assert about
    roles = {
        each.role.short for each in SAMPLE.assignments(about) if each.group == implied["group"]
    }
    assert {implied["role"], implied["implied_by"]} <= roles
    both = flaw("two people who both write and approve")
    members = [{str(each.subject) for each in SAMPLE.members(id)} for id in both["groups"]]
    assert set.intersection(*members) == set(both["subjects"])
    stale = flaw("a derived assignment that outlived the organization role it came from")
    thing = SAMPLE.resource(resource(stale["resource"]))
    assert thing
    assert [each.group for each in SAMPLE.derived_assignments(thing)] == [stale["group"]]
    assert not any(
        each.role is ResourceRole.ORG_RUNNERS_ADMIN
        for each in assignments_of(SAMPLE, stale["group"])
    )
    admins = {str(who.subject) for who in administrators(AUTHORIZER.access, ORGANIZATION.id)}
    assert admins == set(flaw("three people administer the organization")["subjects"])
    robots = flaw("service accounts administer the organization")["subjects"]
    for name in robots:
        assert AUTHORIZER.check(subject(name), ResourceRole.ORG_ADMIN, ORGANIZATION)
    assert not FLAWS


def test_a_groups_admin_cannot_become_an_administrator() -> None:
    """Whoever administers groups is told, on each way up, what keeps it from going there."""
    member = Subject(Principal.USER, "00000002-0000-4000-8000-000000000006")
    granting = Granting(AUTHORIZER)
    robots, office = (f"00000007-0000-4000-8000-{number:012d}" for number in (9, 3))
    assert granting.may_create_group(member, ORGANIZATION.id)
    ways: dict[Change, str | None] = {
        AddMember(member, robots): f"role_beyond_the_actor: org_admin on {ORGANIZATION}",
        Assign(ResourceRole.ORG_ADMIN, office, ORGANIZATION): None,
        Assign(ResourceRole.GROUP_ADMIN, office, _group(robots)): None,
        SetOrganizationRole(member, OrganizationRole.ADMIN): None,
    }
    for way, rule in ways.items():
        decision = granting.may(member, way)
        assert not decision
        assert decision.guard == rule
        if rule is None:
            assert decision.reason is Reason.NO_GRANT


PERSON = Subject(Principal.USER, "00000002-0000-4000-8000-000000000006")
"""Who administers groups, and nothing else."""


def ways(directory: Directory) -> Iterator[Change]:
    """Every change by which that person might come to administer the organization."""
    includes = AUTHORIZER.access.table.includes
    roles = [each for each in ResourceRole if ResourceRole.ORG_ADMIN in includes(each)]
    yield SetOrganizationRole(PERSON, OrganizationRole.ADMIN)
    yield from (Share(role, PERSON, ORGANIZATION) for role in roles)
    for group in directory.tables.groups:
        yield AddMember(PERSON, group)
        yield from (Assign(role, group, ORGANIZATION) for role in roles)
        yield Assign(ResourceRole.GROUP_ADMIN, group, _group(group))


def steps(directory: Directory) -> Iterator[Change]:
    """Everything that somebody who administers groups can do to groups and members."""
    yield CreateGroup(ORGANIZATION.id)
    for group in directory.tables.groups:
        yield DeleteGroup(group)
        yield from (RemoveMember(each.subject, group) for each in directory.members(group))
        for number in (1, 6, 7):
            yield AddMember(subject(f"user:00000002-0000-4000-8000-{number:012d}"), group)


def test_no_route_makes_a_groups_admin_an_administrator() -> None:
    """Whatever it does first, every way up is refused and the refusal says why."""
    allowed = [step for step in steps(SAMPLE) if Granting(AUTHORIZER).may(PERSON, step)]
    assert {type(step) for step in allowed} == {CreateGroup, DeleteGroup, RemoveMember, AddMember}
    for directory in (SAMPLE, *(changed(SAMPLE, step) for step in allowed)):
        granting = Granting(Authorizer(directory=directory))
        for way in ways(directory):
            decision = granting.may(PERSON, way)
            if decision:
                after = Authorizer(directory=changed(directory, way))
                assert not after.check(PERSON, ResourceRole.ORG_ADMIN, ORGANIZATION)
            else:
                assert decision.guard or decision.reason in (Reason.NO_GRANT, Reason.NOT_HELD)


def _group(id: str) -> Resource:
    return resource(f"group:{id}")


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "organization-flaws.toml",
        "constraints.toml",
        "make_organization.py",
        "make_decision_log.py",
    ],
)
def test_it_says_that_it_is_made_up(name: str) -> None:
    """Nobody takes the sample for real data."""
    assert "made" in (EXAMPLES / name).read_text()
