"""Makes the sample directory: a made-up organization, the same one each time.

    python -m examples.make_organization FOLDER

Nobody in it exists. An id says what it is of: ``00000002-...-000000000007`` is person 7;
`KINDS` has the numbers. A few flaws are put in on purpose, for audits to find; they are
listed in ``organization-flaws.toml``.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

from rbac.directory import Directory
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Resource, Subject
from rbac.vocabulary import (
    OrganizationRole,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

SEED = 20_261_124
KINDS = {
    "organization": 1,
    "user": 2,
    "service_account": 3,
    "runner": 4,
    "project": 5,
    "environment": 6,
    "group": 7,
    "workflow": 8,
    "workflow_execution": 9,
    "workflow_execution_action": 10,
    "task": 11,
    "service": 12,
    "secret": 13,
    "user_secret": 14,
    "organization_secret": 15,
    "service_account_secret": 16,
    "webhook": 17,
    "agent": 18,
    "membership": 19,
    "assignment": 20,
    "environment_class": 21,
}
"""What the first part of an id says."""

T, R = ResourceType, ResourceRole
PEOPLE, ROBOTS, RUNNERS, PROJECTS, ENVIRONMENTS, WORKFLOWS = 60, 4, 3, 9, 24, 6
ADMINS = (1, 2, 3)
SUSPENDED, LEFT, EXPIRED = 41, 42, 4
GROUPS = {
    "everybody": 1,
    "platform": 2,
    "groups-office": 3,
    "auditors": 4,
    "automation": 5,
    "writers": 6,
    "approvers": 7,
    "empty": 8,
    "robots": 9,
    **{f"team-{number}": 10 + number for number in range(1, PROJECTS + 1)},
}
"""What the number of a group says."""


def uuid(kind: str, number: int) -> str:
    """The id of the thing of a kind with a number."""
    return f"{KINDS[kind]:08x}-0000-4000-8000-{number:012d}"


def person(number: int) -> Subject:
    """The person with a number."""
    return Subject(Principal.USER, uuid("user", number))


def robot(number: int) -> Subject:
    """The service account with a number."""
    return Subject(Principal.SERVICE_ACCOUNT, uuid("service_account", number))


def thing(type: ResourceType, number: int) -> Resource:
    """The resource of a type with a number."""
    return Resource(type, uuid(type.short, number))


def group(name: str) -> str:
    """The id of the group with a name."""
    return uuid("group", GROUPS[name])


ORGANIZATION = thing(T.ORGANIZATION, 1)


def records() -> Records:
    """The records of the organization."""
    chance = random.Random(SEED)
    return Records(
        organizations=[Organization(ORGANIZATION.id, OrganizationTier.ENTERPRISE, False, True)],
        subjects=list(_subjects()),
        groups=[
            Group(uuid("group", number), ORGANIZATION.id, system_managed=name == "everybody")
            for name, number in GROUPS.items()
        ]
        + [Group(uuid("group", 90), ORGANIZATION.id, direct_share=True)],
        resources=list(_resources(chance)),
        memberships=list(_numbered(_memberships(chance))),
        assignments=[
            Assignment(uuid("assignment", number), *row)
            for number, row in enumerate(_assignments(), 1)
        ],
    )


def _subjects() -> Iterator[SubjectRecord]:
    for number in range(1, PEOPLE + 1):
        status = {SUSPENDED: UserStatus.SUSPENDED, LEFT: UserStatus.LEFT}.get(
            number, UserStatus.ACTIVE
        )
        role = OrganizationRole.ADMIN if number in ADMINS else OrganizationRole.MEMBER
        yield SubjectRecord(person(number), ORGANIZATION.id, status, role)
    for number in range(1, ROBOTS + 1):
        ends = 1_767_225_600.0 if number == EXPIRED else None  # the beginning of 2026
        yield SubjectRecord(robot(number), ORGANIZATION.id, valid_until=ends)
    for number in range(1, RUNNERS + 1):
        yield SubjectRecord(Subject(Principal.RUNNER, uuid("runner", number)), ORGANIZATION.id)
    for number in range(1, ENVIRONMENTS + 1):
        environment = Subject(Principal.ENVIRONMENT, uuid("environment", number))
        yield SubjectRecord(environment, ORGANIZATION.id)


def _resources(chance: random.Random) -> Iterator[ResourceRecord]:
    for number in range(1, RUNNERS + 1):
        yield ResourceRecord(thing(T.RUNNER, number), (ORGANIZATION,), owner=person(4))
        yield ResourceRecord(thing(T.ENVIRONMENT_CLASS, number), (thing(T.RUNNER, number),))
    for number in range(1, PROJECTS + 1):
        project, runner = thing(T.PROJECT, number), thing(T.RUNNER, number % RUNNERS + 1)
        owner = person(10 + number)
        yield ResourceRecord(project, (ORGANIZATION,), owner, owner, references=(runner,))
        yield ResourceRecord(thing(T.SECRET, number), (project,))
    for number in range(1, ENVIRONMENTS + 1):
        yield from _environment(number, chance)
    for number in range(1, WORKFLOWS + 1):
        yield from _workflow(number)
    yield ResourceRecord(thing(T.ORGANIZATION_SECRET, 1), (ORGANIZATION,))
    yield ResourceRecord(thing(T.USER_SECRET, 1), (Resource(T.USER, person(20).id),))
    yield ResourceRecord(
        thing(T.SERVICE_ACCOUNT_SECRET, 1), (Resource(T.SERVICE_ACCOUNT, robot(1).id),)
    )
    yield ResourceRecord(thing(T.WEBHOOK, 1), (ORGANIZATION,), person(1), person(1))
    yield ResourceRecord(thing(T.AGENT, 1), (ORGANIZATION,))


def _environment(number: int, chance: random.Random) -> Iterator[ResourceRecord]:
    environment, project = thing(T.ENVIRONMENT, number), chance.randint(1, PROJECTS)
    creator = robot(1) if number == ENVIRONMENTS else person(chance.randint(10, PEOPLE))
    names = (thing(T.PROJECT, project), thing(T.RUNNER, project % RUNNERS + 1))
    yield ResourceRecord(environment, (ORGANIZATION,), creator, creator, references=names)
    yield ResourceRecord(thing(T.TASK, number), (environment,))
    yield ResourceRecord(thing(T.SERVICE, number), (environment,))


def _workflow(number: int) -> Iterator[ResourceRecord]:
    workflow, owner = thing(T.WORKFLOW, number), person(30 + number)
    execution = thing(T.WORKFLOW_EXECUTION, number)
    yield ResourceRecord(workflow, (ORGANIZATION,), owner, owner)
    yield ResourceRecord(execution, (workflow,), executor=person(40 + number))
    yield ResourceRecord(thing(T.WORKFLOW_EXECUTION_ACTION, number), (execution,))


def _memberships(chance: random.Random) -> Iterator[tuple[str, Subject]]:
    for number in range(1, PEOPLE + 1):
        if number != LEFT:
            yield group("everybody"), person(number)
    for name, members in {
        "platform": (4, 5),
        "groups-office": (6, 7),
        "auditors": (8,),
        "automation": (9, 31),
        "writers": (20, 21, 22, 23),
        "approvers": (22, 23, 24),
    }.items():
        for number in members:
            yield group(name), person(number)
    for team in range(1, PROJECTS + 1):
        for number in sorted(chance.sample(range(10, PEOPLE + 1), 6)):
            if number not in (SUSPENDED, LEFT):
                yield group(f"team-{team}"), person(number)
    yield group("team-1"), person(SUSPENDED)
    for number in (1, 2):
        yield group("robots"), robot(number)
    yield uuid("group", 90), person(50)


def _numbered(pairs: Iterator[tuple[str, Subject]]) -> Iterator[Membership]:
    for number, pair in enumerate(pairs, 1):
        yield Membership(uuid("membership", number), *pair)


def _assignments() -> Iterator[tuple[str, Resource, ResourceRole, ResourceRole]]:
    plain = R.UNSPECIFIED
    yield group("platform"), ORGANIZATION, R.ORG_RUNNERS_ADMIN, plain
    yield group("groups-office"), ORGANIZATION, R.ORG_GROUPS_ADMIN, plain
    yield group("auditors"), ORGANIZATION, R.ORG_AUDIT_LOG_READER, plain
    yield group("automation"), ORGANIZATION, R.ORG_AUTOMATIONS_ADMIN, plain
    yield group("robots"), ORGANIZATION, R.ORG_ADMIN, plain
    for number in range(1, RUNNERS + 1):
        yield group("everybody"), thing(T.RUNNER, number), R.RUNNER_USER, plain
    for number in range(1, PROJECTS + 1):
        yield group(f"team-{number}"), thing(T.PROJECT, number), R.PROJECT_EDITOR, plain
    yield group("team-2"), thing(T.PROJECT, 2), R.PROJECT_USER, plain
    yield group("writers"), thing(T.PROJECT, 1), R.PROJECT_EDITOR, plain
    yield group("approvers"), thing(T.PROJECT, 1), R.PROJECT_ADMIN, plain
    for number in range(1, WORKFLOWS + 1):
        yield group("everybody"), thing(T.WORKFLOW, number), R.WORKFLOW_EXECUTOR, plain
    yield uuid("group", 90), thing(T.PROJECT, 3), R.PROJECT_USER, plain
    yield group("team-4"), thing(T.RUNNER, 1), R.RUNNER_ADMIN, R.ORG_RUNNERS_ADMIN


def main(folder: str) -> None:
    """Writes the directory to `folder`, which must be free or empty."""
    Directory(records()).write(folder)


if __name__ == "__main__":
    main(sys.argv[1])
