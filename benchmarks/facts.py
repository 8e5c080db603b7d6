"""A directory said in plain tuples, for evaluators that know nothing of this library.

Knows what any of them needs: who is in which group, what lies in what, who is given what
where, and what each role permits each kind of subject. Relations are worked out already, as
assignments to one subject, and seniority is too: others are given less to do than we do.
"""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.requests import Request
from rbac.access import Access
from rbac.guards import is_active
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.vocabulary import Principal

Permitted = tuple[str, str, str, str]
"""Kind of subject, role, resource type, action."""


class Facts(NamedTuple):
    """Everything by name; a subject is ``user:ID``, a resource ``project:ID``."""

    organization: dict[str, str]
    active: set[str]
    memberships: list[tuple[str, str]]
    within: list[tuple[str, str]]
    assignments: list[tuple[str, str, str]]
    derived: list[tuple[str, str, str]]
    owners: list[tuple[str, str]]
    any: set[Permitted]
    own: set[Permitted]


def facts(access: Access) -> Facts:
    """The facts of a directory under its policy."""
    directory = access.directory
    found = Facts({}, set(), [], [], [], [], [], set(), set())
    for who in directory.subjects():
        name = str(who.subject)
        found.organization[name] = who.organization or ""
        if is_active(who, 0):
            found.active.add(name)
        found.memberships.extend((name, group) for group in who.groups)
    for about in directory.resources():
        name = str(about.resource)
        found.organization[name] = about.organization or ""
        found.within.extend((name, str(parent.resource)) for parent in about.parents)
        for each in directory.assignments(about):
            found.assignments.append((each.group, each.role.short, name))
        people = {about.owner, about.creator, about.executor}
        if about.type.short == "workflow_execution_action":
            people |= {about.parents[0].owner, about.parents[0].creator, about.parents[0].executor}
        found.owners.extend((str(person), name) for person in people if person)
        for who, _ in access.related.to(about):
            holds = (hold for hold in access.holds_on(who, about) if hold.relation)
            found.derived.extend((str(who.subject), hold.role.short, name) for hold in holds)
    _permitted(access.table, found)
    return found


def _permitted(table: DecisionTable, found: Facts) -> None:
    for row in table.policy.rows.catalogue:
        permission = Permission(row.action, row.type)
        for role, reach in table.roles_with(permission).items():
            for principal in Principal:
                if table.eligible(principal, role):
                    key = principal.short, role.short, row.type.short, row.action.short
                    found.own.add(key)
                    if reach.short == "any":
                        found.any.add(key)


class Named(NamedTuple):
    """A request by names."""

    subject: str
    kind: str
    action: str
    type: str
    resource: str


def named(request: Request) -> Named:
    """A request as another evaluator is asked it."""
    subject, action, resource = request
    kind, type = subject.principal.short, resource.type.short
    return Named(str(subject), kind, action.short, type, str(resource))
