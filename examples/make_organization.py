"""A made-up organization, written as the files of a directory.

Run as `python -m examples.make_organization`.

Knows who is in it and what is deliberately wrong with it. It must not use anything that
differs from one run to the next: the files are committed, and a test makes them again.

Every id says what it is of: ``20000000-0000-4000-8000-000000000001`` is person-01.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rbac.records import (
    ITSELF,
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
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

SEED = 7
PEOPLE, TEAMS, RUNNERS, PROJECTS, ENVIRONMENTS = 60, 6, 4, 12, 24
R, T = ResourceRole, ResourceType

# Whoever has the same number is the same: an environment is a subject and a resource.
KINDS = {
    T.ORGANIZATION: "1",
    T.USER: "2",
    T.SERVICE_ACCOUNT: "3",
    T.RUNNER: "4",
    T.ENVIRONMENT: "5",
    T.PROJECT: "6",
    T.GROUP: "7",
    T.TASK: "a0",
    T.SERVICE: "a1",
    T.WORKFLOW: "b0",
    T.WORKFLOW_EXECUTION: "b1",
    T.WORKFLOW_EXECUTION_ACTION: "b2",
    T.SECRET: "c0",
    T.USER_SECRET: "c1",
    T.ORGANIZATION_SECRET: "c2",
    T.SERVICE_ACCOUNT_SECRET: "c3",
    T.WEBHOOK: "d0",
    T.AGENT: "d1",
    T.AGENT_EXECUTION: "d2",
}
MEMBERSHIP, ASSIGNMENT = "8", "9"


def id_of(kind: str, number: int) -> str:
    """The id of the thing of a kind with a number."""
    return f"{kind:0<8}-0000-4000-8000-{number:012d}"


def thing(type: ResourceType, number: int) -> Resource:
    """The resource of a type with a number."""
    return Resource(type, id_of(KINDS[type], number))


def subject(principal: Principal, number: int) -> Subject:
    """The subject of a kind with a number."""
    return Subject(principal, thing(ITSELF[principal], number).id)


def person(number: int) -> Subject:
    """The person with a number."""
    return subject(Principal.USER, number)


def group(number: int) -> str:
    """The id of the group with a number."""
    return thing(T.GROUP, number).id


HOME = thing(T.ORGANIZATION, 1)
DEPLOYER, REPORTER, EXPIRED = (subject(Principal.SERVICE_ACCOUNT, n) for n in (1, 2, 3))
MEMBERS, ORG_ADMINS, RUNNERS_ADMINS, PROJECTS_ADMINS, GROUPS_ADMINS, AUDITORS = range(1, 7)
WRITERS, APPROVERS, AUTOMATION, EMPTY, SHARE_1, SHARE_2 = range(7, 13)
TEAM = 20
NAMES_OF_GROUPS = {
    MEMBERS: "org-members",
    ORG_ADMINS: "org-admins",
    RUNNERS_ADMINS: "runners-admins",
    PROJECTS_ADMINS: "projects-admins",
    GROUPS_ADMINS: "groups-admins",
    AUDITORS: "auditors",
    WRITERS: "release-writers",
    APPROVERS: "release-approvers",
    AUTOMATION: "automation",
    EMPTY: "former-contractors",
    SHARE_1: "share-with-person-30",
    SHARE_2: "share-with-person-31",
} | {TEAM + team: f"team-{team}" for team in range(1, TEAMS + 1)}
"""Groups by number; teams follow from `TEAM`."""

SUSPENDED, LEFT = 17, 18
ADMINS = (1, 2, 3)


class Made(NamedTuple):
    """The records, and the names that the API shows and decisions never look at."""

    records: Records
    names: dict[str, str]


def make() -> Made:
    """The whole organization; the same every time."""
    chance = random.Random(SEED)
    names = dict(_names())
    resources = [*_places(chance), *_work(chance), *_secrets(chance)]
    names |= {
        record.resource.id: f"{record.resource.type.short.replace('_', '-')}-"
        f"{int(record.resource.id[-12:]):02d}"
        for record in resources
    }
    records = Records(
        organizations=[Organization(HOME.id, OrganizationTier.ENTERPRISE, True, False)],
        subjects=list(_subjects()),
        groups=[
            Group(group(number), HOME.id, number in (SHARE_1, SHARE_2), number == MEMBERS)
            for number in NAMES_OF_GROUPS
        ],
        resources=resources,
        memberships=[
            Membership(id_of(MEMBERSHIP, number), group(where), who)
            for number, (where, who) in enumerate(_memberships(chance), 1)
        ],
        assignments=[
            given._replace(id=id_of(ASSIGNMENT, number))
            for number, given in enumerate(_assignments(), 1)
        ],
    )
    return Made(records, names)


def _names() -> Iterator[tuple[str, str]]:
    yield HOME.id, "example-organization"
    for number in range(1, PEOPLE + 1):
        yield person(number).id, f"person-{number:02d}"
    for who, name in ((DEPLOYER, "deployer"), (REPORTER, "reporter"), (EXPIRED, "old-importer")):
        yield who.id, name
    for number, name in NAMES_OF_GROUPS.items():
        yield group(number), name


def _subjects() -> Iterator[SubjectRecord]:
    for number in range(1, PEOPLE + 1):
        role = OrganizationRole.ADMIN if number in ADMINS else OrganizationRole.MEMBER
        status = {SUSPENDED: UserStatus.SUSPENDED, LEFT: UserStatus.LEFT}.get(
            number, UserStatus.ACTIVE
        )
        yield SubjectRecord(person(number), HOME.id, status, role)
    active, ended = UserStatus.ACTIVE, datetime(2025, 1, 1, tzinfo=UTC).timestamp()
    yield SubjectRecord(DEPLOYER, HOME.id, active, OrganizationRole.MEMBER)
    yield SubjectRecord(REPORTER, HOME.id, active, OrganizationRole.MEMBER)
    yield SubjectRecord(EXPIRED, HOME.id, active, OrganizationRole.MEMBER, ended)
    for number in range(1, RUNNERS + 1):
        yield SubjectRecord(subject(Principal.RUNNER, number), HOME.id)
    for number in range(1, ENVIRONMENTS + 1):
        yield SubjectRecord(subject(Principal.ENVIRONMENT, number), HOME.id)


def _places(chance: random.Random) -> Iterator[ResourceRecord]:
    """Runners, projects and environments, each where the one before it is."""
    for number in range(1, RUNNERS + 1):
        yield ResourceRecord(thing(T.RUNNER, number), (HOME,), person(1), person(number))
    for number in range(1, PROJECTS + 1):
        who = person(chance.randint(4, PEOPLE))
        runner = thing(T.RUNNER, 1 + number % RUNNERS)
        yield ResourceRecord(thing(T.PROJECT, number), (HOME,), who, who, references=(runner,))
    for number in range(1, ENVIRONMENTS + 1):
        who, project = person(2 * number + 5), 1 + number % PROJECTS
        named = (thing(T.PROJECT, project), thing(T.RUNNER, 1 + project % RUNNERS))
        yield ResourceRecord(thing(T.ENVIRONMENT, number), (HOME,), who, who, references=named)


def _work(chance: random.Random) -> Iterator[ResourceRecord]:
    """What runs: tasks and services, workflows with executions and actions, agents."""
    for number in range(1, ENVIRONMENTS + 1):
        within = (thing(T.ENVIRONMENT, number),)
        yield ResourceRecord(thing(T.TASK, number), within, person(2 * number + 5))
        if number % 2:
            yield ResourceRecord(thing(T.SERVICE, number), within, person(2 * number + 5))
    for number in range(1, 5):
        who, workflow = person(10 + number), thing(T.WORKFLOW, number)
        execution = thing(T.WORKFLOW_EXECUTION, number)
        action = thing(T.WORKFLOW_EXECUTION_ACTION, number)
        starter = person(chance.randint(20, PEOPLE))
        yield ResourceRecord(workflow, (HOME,), who, who)
        yield ResourceRecord(execution, (workflow,), starter, executor=DEPLOYER)
        yield ResourceRecord(action, (execution,))
    for number in range(1, 4):
        agent, run = thing(T.AGENT, number), thing(T.AGENT_EXECUTION, number)
        who, named = person(20 + number), (thing(T.ENVIRONMENT, number), thing(T.RUNNER, 1))
        yield ResourceRecord(agent, (HOME,), person(1))
        yield ResourceRecord(run, (HOME, agent), who, who, references=named)


def _secrets(chance: random.Random) -> Iterator[ResourceRecord]:
    """Secrets of all four kinds, and webhooks."""
    for number in range(1, PROJECTS + 1):
        yield ResourceRecord(
            thing(T.SECRET, number), (thing(T.PROJECT, number),), person(chance.randint(4, 40))
        )
    for number in range(7, 13):
        yield ResourceRecord(thing(T.USER_SECRET, number), (thing(T.USER, number),), person(number))
    yield ResourceRecord(thing(T.ORGANIZATION_SECRET, 1), (HOME,), person(1))
    yield ResourceRecord(
        thing(T.SERVICE_ACCOUNT_SECRET, 1), (thing(T.SERVICE_ACCOUNT, 1),), person(2)
    )
    for number in range(1, 3):
        yield ResourceRecord(thing(T.WEBHOOK, number), (HOME,), person(3), person(3))


def _memberships(chance: random.Random) -> Iterator[tuple[int, Subject]]:
    for number in range(1, PEOPLE + 1):
        if number != LEFT:
            yield MEMBERS, person(number)
    yield ORG_ADMINS, DEPLOYER
    yield RUNNERS_ADMINS, person(4)
    yield PROJECTS_ADMINS, person(5)
    yield GROUPS_ADMINS, person(6)
    yield AUDITORS, person(19)
    for number in (25, 26, 27, 28):
        yield WRITERS, person(number)
    for number in (27, 28, 29):
        yield APPROVERS, person(number)
    yield AUTOMATION, REPORTER
    yield AUTOMATION, EXPIRED
    yield SHARE_1, person(30)
    yield SHARE_2, person(31)
    for team in range(1, TEAMS + 1):
        members = {team + 10, *chance.sample(range(4, PEOPLE + 1), 8)} - {LEFT}
        if team == TEAMS:
            members |= {SUSPENDED}
        yield from ((TEAM + team, person(number)) for number in sorted(members - _kept_out(team)))


def _kept_out(team: int) -> set[int]:
    """Whoever is suspended is in one team only, so that it is one finding."""
    return set() if team == TEAMS else {SUSPENDED}


def _given(
    number: int,
    resource: Resource,
    role: ResourceRole,
    derived_from: ResourceRole = ResourceRole.UNSPECIFIED,
) -> Assignment:
    """An assignment that is numbered later."""
    return Assignment("", group(number), resource, role, derived_from)


def _assignments() -> Iterator[Assignment]:
    yield _given(ORG_ADMINS, HOME, R.ORG_ADMIN)
    yield _given(RUNNERS_ADMINS, HOME, R.ORG_RUNNERS_ADMIN)
    yield _given(PROJECTS_ADMINS, HOME, R.ORG_PROJECTS_ADMIN)
    yield _given(GROUPS_ADMINS, HOME, R.ORG_GROUPS_ADMIN)
    yield _given(AUDITORS, HOME, R.ORG_AUDIT_LOG_READER)
    for number in (1, 2):
        yield _given(MEMBERS, thing(T.RUNNER, number), R.RUNNER_USER)
    for team in range(1, TEAMS + 1):
        for project in (2 * team - 1, 2 * team):
            yield _given(TEAM + team, thing(T.PROJECT, project), R.PROJECT_EDITOR)
        yield _given(TEAM + team, thing(T.RUNNER, 1 + team % RUNNERS), R.RUNNER_USER)
    yield _given(WRITERS, thing(T.PROJECT, 1), R.PROJECT_EDITOR)
    yield _given(APPROVERS, thing(T.WORKFLOW, 1), R.WORKFLOW_EXECUTOR)
    yield _given(AUTOMATION, thing(T.WORKFLOW, 2), R.WORKFLOW_EXECUTOR)
    yield _given(SHARE_1, thing(T.ENVIRONMENT, 1), R.ENVIRONMENT_USER)
    yield _given(SHARE_2, thing(T.PROJECT, 3), R.PROJECT_USER)
    yield _given(EMPTY, thing(T.PROJECT, 4), R.PROJECT_ADMIN)
    yield _given(
        PROJECTS_ADMINS, thing(T.PROJECT, 5), R.PROJECT_USER
    )  # implied by its role on HOME
    yield _given(SHARE_2, thing(T.PROJECT, 6), R.PROJECT_ADMIN, R.ORG_PROJECTS_ADMIN)  # stale


def objects(record: Record, names: dict[str, str]) -> dict[str, object]:
    """A record as the object of a line; what is absent or the zero value is left out."""
    match record:
        case Organization(id, tier, creates, requires):
            policies = {"membersCreateProjects": creates, "membersRequireProjects": requires}
            return _kept(id=id, name=names[id], tier=tier.value, policies=_kept(**policies))
        case SubjectRecord(who, organization, status, role, until):
            return _kept(
                id=who.id,
                principal=who.principal.value,
                organizationId=organization,
                status=_value(status),
                organizationRole=_value(role),
                validUntil=until and f"{datetime.fromtimestamp(until, UTC):%Y-%m-%dT%H:%M:%SZ}",
                name=names.get(who.id),
            )
        case Group(id, organization, shared, managed):
            marks = {"directShare": shared or None, "systemManaged": managed or None}
            return _kept(id=id, organizationId=organization, name=names[id], **marks)
        case Membership(id, group_id, who):
            return {"id": id, "groupId": group_id, "subject": _subject(who)}
        case Assignment():
            return _assignment(record)
        case ResourceRecord():
            return _resource(record, names)


def _assignment(record: Assignment) -> dict[str, object]:
    return _kept(
        id=record.id,
        groupId=record.group,
        resourceId=record.resource.id,
        resourceType=record.resource.type.value,
        resourceRole=record.role.value,
        derivedFromOrgRole=_value(record.derived_from),
        organizationId=HOME.id,
    )


def _resource(record: ResourceRecord, names: dict[str, str]) -> dict[str, object]:
    return _kept(
        type=record.resource.type.value,
        id=record.resource.id,
        name=names[record.resource.id],
        parents=[{"type": each.type.value, "id": each.id} for each in record.parents],
        creator=record.creator and _subject(record.creator),
        owner=record.owner and _subject(record.owner),
        executor=record.executor and _subject(record.executor),
        references={each.type.short: each.id for each in record.references} or None,
    )


def _subject(who: Subject) -> dict[str, str]:
    return {"id": who.id, "principal": who.principal.value}


def _value(name: UserStatus | OrganizationRole | ResourceRole) -> str | None:
    return None if name.name == "UNSPECIFIED" else name.value


def _kept(**members: object) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


FILES = {
    "organizations.jsonl": "organizations",
    "subjects.jsonl": "subjects",
    "groups.jsonl": "groups",
    "memberships.jsonl": "memberships",
    "role_assignments.jsonl": "assignments",
    "resources.jsonl": "resources",
}


def texts(made: Made) -> dict[str, str]:
    """What each file says, one object a line."""

    def lines(records: Iterable[Record]) -> str:
        return "".join(f"{json.dumps(objects(each, made.names))}\n" for each in records)

    return {file: lines(getattr(made.records, table)) for file, table in FILES.items()}


def main(folder: Path) -> None:
    """Writes the files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts(make()).items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "organization")
