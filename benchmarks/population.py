"""Organizations made up, to measure with: the records of a directory of any size.

Knows what organizations are like: a few large ones and many small, a group that everybody
is in and many teams, most resources shared with a few groups and some with hundreds. All
is drawn from one seed, so that every run measures the same directory.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from rbac import OrganizationRole, Principal, Resource, ResourceRole, ResourceType, Subject
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.vocabulary import UserStatus

P, T, R = Principal, ResourceType, ResourceRole

SHARED: dict[ResourceType, tuple[float, tuple[ResourceRole, ...]]] = {
    T.PROJECT: (0.05, (R.PROJECT_USER, R.PROJECT_EDITOR, R.PROJECT_ADMIN)),
    T.ENVIRONMENT: (0.07, (R.ENVIRONMENT_USER, R.ENVIRONMENT_VIEWER, R.ENVIRONMENT_ADMIN)),
    T.WORKFLOW: (0.05, (R.WORKFLOW_EXECUTOR, R.WORKFLOW_VIEWER, R.WORKFLOW_ADMIN)),
    T.AGENT_EXECUTION: (0.06, (R.AGENT_EXECUTION_VIEWER, R.AGENT_EXECUTION_USER)),
    T.WARM_POOL: (0.02, (R.WARMPOOL_VIEWER, R.WARMPOOL_ADMIN)),
    T.WEBHOOK: (0.01, (R.WEBHOOK_VIEWER, R.WEBHOOK_ADMIN)),
    T.RUNNER: (0.0005, (R.RUNNER_USER, R.RUNNER_ADMIN)),
    T.AGENT: (0.001, (R.AGENT_EXECUTOR, R.AGENT_VIEWER)),
}
"""What is shared with groups: how many there are an assignment, and in which roles."""

NESTED: dict[ResourceType, tuple[ResourceType, int]] = {
    T.TASK: (T.ENVIRONMENT, 2),
    T.TASK_EXECUTION: (T.TASK, 1),
    T.SECRET: (T.PROJECT, 1),
    T.PREBUILD: (T.PROJECT, 4),
    T.WORKFLOW_EXECUTION: (T.WORKFLOW, 2),
    T.WORKFLOW_EXECUTION_ACTION: (T.WORKFLOW_EXECUTION, 1),
    T.ENVIRONMENT_CLASS: (T.RUNNER, 1),
}
"""What lies within what, one in so many containers."""

UNSHARED: dict[ResourceType, float] = {
    T.SNAPSHOT: 0.005,
    T.INTEGRATION: 0.001,
    T.ORGANIZATION_SECRET: 0.0002,
    T.PROMPT: 0.001,
}
"""What only lies within its organization, and how many there are an assignment."""

ADMINISTERING = (R.ORG_PROJECTS_ADMIN, R.ORG_RUNNERS_ADMIN, R.ORG_GROUPS_ADMIN, R.ORG_ADMIN)
"""Roles that a team of each organization has on the organization."""

USERS, TEAMS, SHARES = 0.025, 0.015, 0.02
"""Users, teams, and hidden groups of one member behind a share, an assignment."""

JOINED = range(5, 31)
"""How many teams somebody is in."""

MANY = 1_000
"""How many teams one user in `WIDELY` is in."""
WIDELY = 2_000

CROWDED = 1_000
"""One shared resource in so many has hundreds of assignments."""


class Made(NamedTuple):
    """What was made of one organization so far."""

    id: str
    random: random.Random
    users: list[Subject]
    teams: list[str]
    shares: list[str]
    everybody: str
    things: dict[ResourceType, list[Resource]]

    def new_id(self) -> str:
        """Another canonical id."""
        return _id(self.random)


def population(assignments: int, seed: int = 2025) -> Records:
    """The records of organizations with `assignments` assignments together, always the same."""
    source = random.Random(seed)
    count = max(2, 3 + int(math.log2(assignments / 1_000)))
    weights = [1 / (number + 1) for number in range(count)]
    tables: list[list[tuple[object, ...]]] = [[] for _ in Records._fields]
    left = assignments
    for number, weight in enumerate(weights):
        size = left if number == count - 1 else int(assignments * weight / sum(weights))
        left -= size
        for table, made in zip(tables, _organization(source, size), strict=True):
            table += made
    return Records(*tables)  # type: ignore[arg-type]


def _organization(source: random.Random, size: int) -> Records:
    """One organization with `size` assignments."""
    made = Made(_id(source), source, [], [], [], _id(source), {})
    organization = Resource(T.ORGANIZATION, made.id)
    made.things[T.ORGANIZATION] = [organization]
    subjects = list(_people(made, size))
    groups = list(_groups(made, size))
    memberships = list(_memberships(made))
    resources = list(_resources(made, size))
    subjects += _machines(made)
    assigned = list(_assignments(made, size))
    return Records([Organization(made.id)], subjects, groups, resources, memberships, assigned)


def _people(made: Made, size: int) -> Iterator[SubjectRecord]:
    """Users and a service account for every twenty of them; some are not active."""
    for number in range(_some(size * USERS) + 6):
        kind = P.SERVICE_ACCOUNT if number % 20 == 19 else P.USER
        subject = Subject(kind, made.new_id())
        made.users.append(subject)
        active = UserStatus.SUSPENDED if number % 40 == 7 else UserStatus.ACTIVE
        role = OrganizationRole.ADMIN if number % 50 == 3 else OrganizationRole.MEMBER
        if kind is P.SERVICE_ACCOUNT:
            role = OrganizationRole.UNSPECIFIED
        yield SubjectRecord(subject, made.id, active, role)


def _groups(made: Made, size: int) -> Iterator[Group]:
    yield Group(made.everybody, made.id, system_managed=True)
    for _ in range(_some(size * TEAMS) + 3):
        made.teams.append(made.new_id())
        yield Group(made.teams[-1], made.id)
    for _ in range(_some(size * SHARES)):
        made.shares.append(made.new_id())
        yield Group(made.shares[-1], made.id, direct_share=True)


def _memberships(made: Made) -> Iterator[Membership]:
    """Everybody in the group of everybody and in teams, of which some are much larger."""
    for number, subject in enumerate(made.users):
        yield Membership(made.new_id(), made.everybody, subject)
        count = MANY if number % WIDELY == 1 else made.random.choice(JOINED)
        for team in _sample(made.random, made.teams, count):
            yield Membership(made.new_id(), team, subject)
    for group in made.shares:
        yield Membership(made.new_id(), group, made.random.choice(made.users))


def _sample(source: random.Random, teams: Sequence[str], count: int) -> list[str]:
    """Some teams, each once; the first ones are drawn far more often."""
    if count >= len(teams) // 2:
        return source.sample(teams, min(count, len(teams)))
    drawn = (teams[int(len(teams) * source.random() ** 2)] for _ in range(2 * count))
    return list(dict.fromkeys(islice(drawn, count)))


def _resources(made: Made, size: int) -> Iterator[ResourceRecord]:
    """Whatever lies within the organization, and what lies within that, three deep."""
    organization = made.things[T.ORGANIZATION][0]
    kinds = {type: ratio for type, (ratio, _) in SHARED.items()} | UNSHARED
    for type in (T.RUNNER, T.PROJECT, *(kind for kind in kinds if kind not in _NAMED)):
        for _ in range(_some(size * kinds[type]) + 1):
            within = made.random.choice(made.things[T.PROJECT]) if type in _OF_PROJECTS else None
            yield _resource(made, type, within or organization)
    for type, (container, every) in NESTED.items():
        for within in list(made.things[container])[::every]:
            yield _resource(made, type, within)


_NAMED = (T.RUNNER, T.PROJECT)
_OF_PROJECTS = {T.WARM_POOL, T.SNAPSHOT}


def _resource(made: Made, type: ResourceType, within: Resource) -> ResourceRecord:
    resource = Resource(type, made.new_id())
    made.things.setdefault(type, []).append(resource)
    creator = made.random.choice(made.users)
    owner = creator if made.random.random() < 0.95 else made.random.choice(made.users)
    executor = owner if type in (T.WORKFLOW, T.WORKFLOW_EXECUTION) else None
    named = [kind for kind in _NAMES.get(type, ()) if made.random.random() < 0.9]
    references = tuple(made.random.choice(made.things[kind]) for kind in named)
    return ResourceRecord(resource, (within,), creator, owner, executor, references)


_NAMES: dict[ResourceType, tuple[ResourceType, ...]] = {
    T.PROJECT: (T.RUNNER,),
    T.ENVIRONMENT: (T.RUNNER, T.PROJECT),
    T.AGENT_EXECUTION: (T.ENVIRONMENT,),
    T.WARM_POOL: (T.RUNNER,),
    T.SNAPSHOT: (T.RUNNER,),
}


def _machines(made: Made) -> Iterator[SubjectRecord]:
    """Environments and runners act as well."""
    for type, kind in ((T.RUNNER, P.RUNNER), (T.ENVIRONMENT, P.ENVIRONMENT)):
        for resource in made.things[type]:
            yield SubjectRecord(Subject(kind, resource.id), made.id)


def _assignments(made: Made, size: int) -> Iterator[Assignment]:
    """`size` assignments: 1 to 6 on each shared resource, hundreds on some, the rest anywhere."""
    yield from islice(_shared(made), size)


def _shared(made: Made) -> Iterator[Assignment]:
    source, organization = made.random, made.things[T.ORGANIZATION][0]
    for role, team in zip(ADMINISTERING, made.teams, strict=False):
        yield Assignment(made.new_id(), team, organization, role)
    everything = [
        (each, roles) for type, (_, roles) in SHARED.items() for each in made.things[type]
    ]
    source.shuffle(everything)
    while True:
        for resource, roles in everything:
            count = source.choice((1, 2, 3, 4, 5, 6))
            if source.randrange(CROWDED) == 0:
                count = source.randrange(100, 500)
            for _ in range(count):
                yield Assignment(made.new_id(), _group(made), resource, source.choice(roles))


def _group(made: Made) -> str:
    """A team mostly; now and then a share with one person, or with everybody."""
    drawn = made.random.random()
    if drawn < 0.02:
        return made.everybody
    if drawn < 0.2 and made.shares:
        return made.random.choice(made.shares)
    return made.random.choice(made.teams)


def _some(amount: float) -> int:
    return max(1, round(amount))


def _id(source: random.Random) -> str:
    """A canonical id, drawn."""
    text = f"{source.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
