"""Worlds: a policy and a directory made up together, and every question about them.

Records are drawn without regard to the rules between them; those that break one are left
out by the directory itself, so that what remains is valid in every way it can be.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import strategies as st

from rbac.directory import Directory
from rbac.policy import Policy
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.rows import DerivedRole, Eligibility, Relation, RoleRow, Rows
from rbac.terms import Credential, InstanceQuestion, NewResource, Resource, Subject
from rbac.vocabulary import (
    Action,
    OrganizationRole,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)
from tests.strategies import PRINCIPALS, valid_rows

T = ResourceType
WORLD_TYPES = (
    *(T.ORGANIZATION, T.PROJECT, T.ENVIRONMENT, T.RUNNER, T.TASK, T.SECRET, T.USER_SECRET),
    *(T.WORKFLOW_EXECUTION, T.WORKFLOW_EXECUTION_ACTION, T.USER, T.BILLING, T.SNAPSHOT),
)
"""Types that between them stand in every relation and contain each other two deep."""

CONTAINMENT = tuple(
    row for row in Policy.shipped().rows.containment if {row.child, row.parent} <= {*WORLD_TYPES}
) + tuple(
    row._replace(parent=T.ORGANIZATION)
    for row in Policy.shipped().rows.containment
    if row.child is T.WORKFLOW_EXECUTION
)

NOW = 1_800_000_000.0
CREDENTIALS = (
    None,
    Credential(),
    Credential(read_only=True),
    Credential(impersonated=True),
)


def uuid(kind: int, number: int) -> str:
    """A canonical id that says what it is of."""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


ORGANIZATIONS = [uuid(1, number) for number in range(2)]
P = Principal
SUBJECTS = [
    *(Subject(P.USER, uuid(2, number)) for number in range(2)),
    *(
        Subject(each, uuid(2, 0))
        for each in (P.SERVICE_ACCOUNT, P.RUNNER, P.ENVIRONMENT, P.ACCOUNT)
    ),
]
"""Two users, and one of every other kind; all kinds share an id."""

GROUPS = [uuid(3, number) for number in range(3)]
SELVES = {T.USER, T.RUNNER, T.ENVIRONMENT}


def resources(type: ResourceType) -> list[Resource]:
    """The resources of a type that records may be about: subjects have their own ids."""
    if type in (T.ORGANIZATION, T.BILLING):
        return [Resource(type, id) for id in ORGANIZATIONS]
    return [Resource(type, uuid(2 if type in SELVES else 4, number)) for number in range(2)]


NAMED = (T.PROJECT, T.RUNNER, T.ENVIRONMENT)
EVERY = [resource for type in WORLD_TYPES for resource in resources(type)]


class World(NamedTuple):
    """A policy, and a directory that is valid by it."""

    policy: Policy
    directory: Directory


@st.composite
def records(draw: st.DrawFn, policy: Policy) -> Records:
    """Records about few enough things that they often meet; some break rules."""
    roles = [row for row in policy.rows.roles if row.assignable]
    return Records(
        organizations=[draw(organizations(id)) for id in ORGANIZATIONS],
        subjects=[draw(subjects(each)) for each in SUBJECTS if draw(_nearly_always())],
        groups=[Group(id, draw(_organization())) for id in GROUPS],
        resources=[draw(things(each)) for each in EVERY if draw(_nearly_always())],
        memberships=[
            Membership(uuid(5, number), *pair)
            for number, pair in enumerate(itertools.product(GROUPS, SUBJECTS[:5]))
            if draw(_mostly())
        ],
        assignments=[draw(assignments(number, roles)) for number in range(9 if roles else 0)],
    )


def _mostly() -> st.SearchStrategy[bool]:
    return st.sampled_from([True, True, True, False])


def _nearly_always() -> st.SearchStrategy[bool]:
    return st.sampled_from([True] * 9 + [False])


def _organization() -> st.SearchStrategy[str]:
    # Mostly the first, so that a world holds together.
    return st.sampled_from([*ORGANIZATIONS[:1] * 9, *ORGANIZATIONS])


def organizations(id: str) -> st.SearchStrategy[Organization]:
    """An organization of any plan and policies."""
    lets = st.sampled_from([None, True, False])
    return st.builds(Organization, st.just(id), st.sampled_from(OrganizationTier), lets, lets)


@st.composite
def subjects(draw: st.DrawFn, subject: Subject) -> SubjectRecord:
    """A subject in some standing; most are able to act."""
    alone = subject.principal in (Principal.ACCOUNT, Principal.RUNNER_MANAGER)
    return SubjectRecord(
        subject,
        None if alone else draw(_organization()),
        draw(st.sampled_from([UserStatus.ACTIVE] * 9 + list(UserStatus))),
        draw(st.sampled_from(OrganizationRole)),
        draw(st.sampled_from([*[None] * 9, NOW - 1, NOW, NOW + 1])),
    )


@st.composite
def things(draw: st.DrawFn, resource: Resource) -> ResourceRecord:
    """A resource with containers that its type may have, and whoever's it is."""
    within = [row.parent for row in CONTAINMENT if row.child is resource.type]
    parents = [draw(_container(type)) for type in within]
    somebody = st.sampled_from([None, *SUBJECTS, SUBJECTS[0], SUBJECTS[0]])
    names = [draw(_container(type)) for type in NAMED]
    return ResourceRecord(
        resource,
        tuple(parents),
        draw(somebody),
        draw(somebody),
        draw(somebody),
        tuple(each for each in names if draw(_mostly())),
    )


def _container(type: ResourceType) -> st.SearchStrategy[Resource]:
    first, *others = resources(type)
    return st.sampled_from([*[first] * 9, *others])


@st.composite
def assignments(draw: st.DrawFn, number: int, roles: list[RoleRow]) -> Assignment:
    """A role on a resource of its type, now and then a derived one."""
    row = draw(st.sampled_from(roles))
    return Assignment(
        uuid(6, number),
        draw(st.sampled_from(GROUPS)),
        draw(_container(row.assigned_on or T.ORGANIZATION)),
        row.role,
        draw(st.sampled_from([ResourceRole.UNSPECIFIED] * 3 + [ResourceRole.ORG_ADMIN])),
    )


RELATED = [
    *((Relation.SELF, type) for type in sorted(SELVES, key=str)),
    *((Relation.OWNER, type) for type in (T.PROJECT, T.ENVIRONMENT, T.WORKFLOW_EXECUTION)),
    *((Relation.RUNNER, type) for type in (T.ENVIRONMENT, T.SNAPSHOT)),
    *((Relation.ENVIRONMENT, type) for type in (T.TASK, T.SNAPSHOT)),
    *((Relation.CONSUMER, type) for type in (T.SECRET, T.USER_SECRET, T.SNAPSHOT)),
    *((relation, T.ORGANIZATION) for relation in (Relation.MEMBER, Relation.ADMIN)),
]
"""Relations on types where they can hold."""


def reached(type: ResourceType) -> set[ResourceType]:
    """A type, and all that may lie within it."""
    held = {row.child for row in CONTAINMENT if row.parent is type}
    return {type}.union(*map(reached, held))


REACHED = {type: reached(type) for type in WORLD_TYPES}


@st.composite
def derived_roles(
    draw: st.DrawFn,
    rows: Rows,
    roles: list[RoleRow],
    matter: list[ResourceRole],
    sure: tuple[Relation, ResourceType],
) -> tuple[DerivedRole, ...]:
    """A relation that is `sure`, and every other one of the rest, each giving a role.

    That is one that matters where the relation is, if there is one.
    """
    on_organizations = {row.role for row in roles if row.assigned_on is T.ORGANIZATION}
    derived = []
    for relation, type in RELATED:
        fitting = [
            role for role in matter if type is not T.ORGANIZATION or role in on_organizations
        ]
        granted = {grant.role for grant in rows.grants if grant.type in REACHED[type]}
        effective = [role for role in fitting if role in granted]
        if len(fitting) and ((relation, type) == sure or draw(st.booleans())):
            derived.append(DerivedRole(relation, type, draw(st.sampled_from(effective or fitting))))
    return tuple(derived)


@st.composite
def _eligibility(draw: st.DrawFn, rows: Rows, matter: set[ResourceRole]) -> tuple[Eligibility, ...]:
    """The roles that matter open to every kind of subject, or as they were."""
    if not draw(_mostly()):
        return rows.eligibility
    others = [row for row in rows.eligibility if row.role not in matter]
    opened = (Eligibility(each, role) for role in sorted(matter, key=str) for each in PRINCIPALS)
    return (*others, *opened)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A small policy and a directory that is valid by it.

    Every other one is about the types that one relation reaches, so that it gives access.
    """
    relation, type = draw(st.sampled_from(RELATED))
    few = [each for each in WORLD_TYPES if each in REACHED[type]]
    types = draw(st.sampled_from([WORLD_TYPES, few]))
    rows = draw(valid_rows(types, CONTAINMENT, fewest=3))
    matter = roles_that_matter(rows)
    roles = [
        row._replace(
            assigned_on=draw(st.sampled_from([T.ORGANIZATION, T.PROJECT, row.assigned_on])),
            assignable=draw(_mostly()),
        )
        if row.role in matter and row.assigned_on
        else row
        for row in rows.roles
    ]
    policy = Policy(
        rows._replace(
            roles=tuple(roles),
            derived_roles=draw(
                derived_roles(rows, roles, sorted(matter, key=str), (relation, type))
            ),
            eligibility=draw(_eligibility(rows, matter)),
        )
    )
    return World(policy, Directory.sound(draw(records(policy)), policy=policy)[0])


def roles_that_matter(rows: Rows) -> set[ResourceRole]:
    """The roles that are granted anything or stand in a seniority."""
    return {row.role for row in rows.grants}.union(*(row[:2] for row in rows.seniority))


def questions(world: World) -> Iterator[InstanceQuestion]:
    """Every subject, role that matters, permission and resource, with and without an action.

    What does not exist is asked about too: an action, and one on types without any.
    """
    rows = world.policy.rows
    actions: dict[ResourceType, list[Action | None]] = {}
    for row in rows.catalogue:
        actions.setdefault(row.type, [None]).append(row.action)
    nothing = next(action for action in Action if (T.PROJECT, action) not in _existing(rows))
    roles = [None, *sorted(roles_that_matter(rows), key=str)]
    for subject, role in itertools.product(SUBJECTS, roles):
        yield InstanceQuestion(subject, role, EVERY[0], None)
        yield InstanceQuestion(subject, role, resources(T.PROJECT)[0], nothing)
        for resource in EVERY:
            for action in actions.get(resource.type, []):
                yield InstanceQuestion(subject, role, resource, action)


def _existing(rows: Rows) -> set[tuple[ResourceType, Action]]:
    return {(row.type, row.action) for row in rows.catalogue}


def new_resources(directory: Directory) -> Iterator[NewResource]:
    """What might be made in each container of the directory."""
    for entry in directory.resources():
        for row in CONTAINMENT:
            if row.parent is entry.type:
                for owner in (None, SUBJECTS[0]):
                    named = [each for each in EVERY if each.type in (T.RUNNER, T.PROJECT)]
                    known = [each for each in named if directory.resource(each)][:1]
                    yield Resource.new(row.child, (entry.resource,), owner=owner, naming=known)
