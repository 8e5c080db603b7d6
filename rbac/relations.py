"""Relations of a subject to a resource, and the roles they give without an assignment.

Knows each relation of the closed set as one function. It must not know assignments, nor
what a role permits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rbac.directory import Directory
from rbac.entries import BITS, ResourceEntry, SubjectEntry
from rbac.records import ITSELF
from rbac.rows import DerivedRole, Relation
from rbac.terms import Subject
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType

Relates = Callable[[Directory, SubjectEntry, ResourceEntry], bool]
"""Whether a subject stands in a relation to a resource of the directory."""

# Looking a member up on its enum costs more than comparing with it.
_ENVIRONMENT = ResourceType.ENVIRONMENT
_RUNNER = ResourceType.RUNNER
_ORGANIZATION = ResourceType.ORGANIZATION
_PROJECT = ResourceType.PROJECT
_A_RUNNER, _AN_ENVIRONMENT = Principal.RUNNER, Principal.ENVIRONMENT
_ADMIN, _MEMBER = OrganizationRole.ADMIN, OrganizationRole.MEMBER
_ACTION_OF_EXECUTION = ResourceType.WORKFLOW_EXECUTION_ACTION


def is_subject(subject: Subject | None, who: SubjectEntry) -> bool:
    """Whether a record that names `subject` names the one that asks."""
    return subject is not None and subject.id == who.id and subject.principal is who.principal


def owns(who: SubjectEntry, about: ResourceEntry) -> bool:
    """Whether a resource is the subject's own: it created, owns or executes it.

    An action of a workflow is also its own where the execution is.
    """
    if (
        is_subject(about.owner, who)
        or is_subject(about.creator, who)
        or is_subject(about.executor, who)
    ):
        return True
    return about.type is _ACTION_OF_EXECUTION and any(owns(who, each) for each in about.parents)


def _self(_: Directory, who: SubjectEntry, about: ResourceEntry) -> bool:
    return about.id == who.id and ITSELF.get(who.principal) is about.type


def _member(_: Directory, who: SubjectEntry, about: ResourceEntry) -> bool:
    return who.role is _MEMBER and who.organization == about.id


def _admin(_: Directory, who: SubjectEntry, about: ResourceEntry) -> bool:
    return who.role is _ADMIN and who.organization == about.id


def _owner(_: Directory, who: SubjectEntry, about: ResourceEntry) -> bool:
    owner = about.owner  # asked more often than all the others: no further call
    return owner is not None and owner.id == who.id and owner.principal is who.principal


def _runner(directory: Directory, who: SubjectEntry, about: ResourceEntry) -> bool:
    return who.principal is _A_RUNNER and who.id in runners(directory, about)


def runners(directory: Directory, about: ResourceEntry) -> list[str]:
    """The runner that a resource names, that contains it, or that its environment names."""
    found = [*_named(about, _RUNNER), *_among(about, _RUNNER)]
    for id in _named(about, _ENVIRONMENT):
        found += _named(directory.tables.resources[_ENVIRONMENT][id], _RUNNER)
    return found


def _environment(_: Directory, who: SubjectEntry, about: ResourceEntry) -> bool:
    return who.principal is _AN_ENVIRONMENT and who.id in environments(about)


def environments(about: ResourceEntry) -> list[str]:
    """The environment that a resource runs in: the one that contains it, else the one it names."""
    return _among(about, _ENVIRONMENT) or _named(about, _ENVIRONMENT)


def _consumer(directory: Directory, who: SubjectEntry, about: ResourceEntry) -> bool:
    """An environment, of a secret directly in its own project, organization or creator."""
    if who.principal is not _AN_ENVIRONMENT:
        return False
    environment = directory.tables.resources[_ENVIRONMENT].get(who.id)
    if environment is None:
        return False
    for parent in about.parents:
        # All environments of an organization are asked about each of its secrets.
        if parent.type is _ORGANIZATION:
            if parent.id == environment.organization:
                return True
        elif (parent.type, parent.id) in consumed(environment):
            return True
    return False


def consumed(environment: ResourceEntry) -> set[tuple[ResourceType, str]]:
    """Whose secrets an environment is handed: its project's, organization's and creator's."""
    of = {(_PROJECT, id) for id in _named(environment, _PROJECT)}
    of.add((_ORGANIZATION, environment.organization or ""))
    creator = environment.creator
    if creator is not None and creator.principal in ITSELF:
        of.add((ITSELF[creator.principal], creator.id))
    return of


def _named(about: ResourceEntry, type: ResourceType) -> list[str]:
    return [reference.id for reference in about.references if reference.type is type]


def _among(about: ResourceEntry, type: ResourceType) -> list[str]:
    return [container.id for container in about.above if container.type is type]


_RELATES: dict[Relation, Relates] = {
    Relation.SELF: _self,
    Relation.MEMBER: _member,
    Relation.ADMIN: _admin,
    Relation.OWNER: _owner,
    Relation.RUNNER: _runner,
    Relation.ENVIRONMENT: _environment,
    Relation.CONSUMER: _consumer,
}

_ONLY = {
    Relation.RUNNER: Principal.RUNNER,
    Relation.ENVIRONMENT: Principal.ENVIRONMENT,
    Relation.CONSUMER: Principal.ENVIRONMENT,
}
"""The only principal that can stand in a relation, where there is only one."""

Rule = tuple[Relates, int, Relation]
"""A relation as a function, the bit of the role it gives, and its name."""


def relations(
    rows: Iterable[DerivedRole], eligible: Callable[[Principal, ResourceRole], bool]
) -> dict[Principal, dict[ResourceType, tuple[Rule, ...]]]:
    """What may give a principal a role on resources of a type, by principal and type.

    `eligible` says whether a principal may hold a role.
    """
    found: dict[Principal, dict[ResourceType, tuple[Rule, ...]]] = {each: {} for each in Principal}
    for row in rows:
        for principal, rules in found.items():
            if _ONLY.get(row.relation, principal) is principal and eligible(principal, row.role):
                rule = (_RELATES[row.relation], BITS[row.role], row.relation)
                rules[row.type] = (*rules.get(row.type, ()), rule)
    return found
