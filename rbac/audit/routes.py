"""Routes: how one subject comes to a role or to another subject, and what refuses it.

Knows every route there could be to a role on a resource. It must not decide: what refuses
a route is the answer to the question whether it may be taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.administration import AddMember, Change, SetOrganizationRole, Share, assignments_of
from rbac.audit.ascent import Ascent, Path, Target
from rbac.audit.escalation import Way, meta_permissions
from rbac.audit.uses import Uses
from rbac.decision import Decision, Reason
from rbac.entries import BITS, ResourceEntry, SubjectEntry
from rbac.granting import Granting
from rbac.light import NamedTuple
from rbac.rows import Relation
from rbac.terms import InstanceQuestion
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType


class Refusal(NamedTuple):
    """A route that is closed, and the rule or the missing permission that closes it."""

    route: str
    why: str


def paths_to(ascent: Ascent, role: ResourceRole) -> dict[ResourceEntry, Path]:
    """The resources on which a subject comes to hold `role`, each with a shortest path.

    A path without steps is one where it holds the role as it is.
    """
    found: dict[ResourceEntry, Path] = {}
    for scope in _scopes(ascent, role):
        paths = list(_paths(ascent, role, scope))
        if paths:
            found[scope] = min(paths, key=len)
    return found


def _paths(ascent: Ascent, role: ResourceRole, scope: ResourceEntry) -> Iterator[Path]:
    for who, path in ascent.identities.items():
        holding = ascent.access.holding(who, role)
        if any(BITS[hold.role] & holding for hold in ascent.start.holds_on(who, scope)):
            yield path
        for bit in BITS.values():
            if bit & holding and Target(who, scope, bit) in ascent.paths:
                yield ascent.paths[Target(who, scope, bit)]


def _scopes(ascent: Ascent, role: ResourceRole) -> Iterator[ResourceEntry]:
    """The resources of the subject's organization on which `role`, or a senior, is held."""
    table, directory = ascent.access.table, ascent.access.directory
    rows = table.policy.rows
    types = {row.assigned_on for row in rows.roles if role in table.includes(row.role)} | {
        row.type for row in rows.derived_roles if role in table.includes(row.role)
    }
    for type in ResourceType:
        for scope in directory.resources(type) if type in types else ():
            if scope.organization == ascent.actor.organization:
                yield scope


def refusals(ascent: Ascent, role: ResourceRole) -> tuple[Refusal, ...]:
    """Every route to `role` that there is and that the subject cannot take, with the reason.

    Asked after all that it can come to, as whichever identity gets furthest.
    """
    reached = paths_to(ascent, role)
    found = (
        refusal
        for scope in _scopes(ascent, role)
        if scope not in reached
        for refusal in (*_changes(ascent, role, scope), *_others(ascent, role, scope))
    )
    return tuple(dict.fromkeys(found))


def refused_as(ascent: Ascent, subject: SubjectEntry) -> tuple[Refusal, ...]:
    """Why none of its identities can act as another subject; nothing if one can."""
    if subject in ascent.identities:
        return ()
    route = f"act as {subject.subject}"
    found = tuple(_credentials(ascent, subject, route))
    return found or (Refusal(route, "no credential acts as it"),)


def _changes(ascent: Ascent, role: ResourceRole, scope: ResourceEntry) -> Iterator[Refusal]:
    """The changes that would give it the role on a resource."""
    granting, me = Granting.of(ascent.access), ascent.actor.subject
    for route, change in _routes(ascent, role, scope):
        asked = (
            granting.may(who.subject, change, credential=ascent.credential(who))
            for who in ascent.identities
        )
        yield Refusal(route.format(me), _why(asked))


def _routes(
    ascent: Ascent, role: ResourceRole, scope: ResourceEntry
) -> Iterator[tuple[str, Change]]:
    table, directory = ascent.access.table, ascent.access.directory
    me, resource = ascent.actor.subject, scope.resource
    for row in table.policy.rows.derived_roles:
        if row[:2] == (Relation.ADMIN, scope.type) and role in table.includes(row.role):
            change = SetOrganizationRole(me, OrganizationRole.ADMIN)
            yield f"be made an administrator of {resource}", change
    yield f"be given {role.short} on {resource}", Share(role, me, resource)
    for group in directory.tables.groups:
        if scope in directory.tables.holds.get(group, ()):
            held = (each for each in assignments_of(directory, group) if each.resource == resource)
            for each in held:
                if role in table.includes(each.role):
                    route = f"join group:{group}, which holds {each.role.short} on {resource}"
                    yield route, AddMember(me, group)


def _others(ascent: Ascent, role: ResourceRole, scope: ResourceEntry) -> Iterator[Refusal]:
    """The subjects that hold the role and that a credential acts as."""
    for principal in Principal:
        for who in ascent.access.related.subjects_of(scope.organization).get(principal, ()):
            bits = ascent.access.given_on(who, scope)
            if who not in ascent.identities and bits & ascent.access.holding(who, role):
                route = f"act as {who.subject}, which holds {role.short} on {scope.resource}"
                yield from _credentials(ascent, who, route)


def _credentials(ascent: Ascent, subject: SubjectEntry, route: str) -> Iterator[Refusal]:
    """The credentials that act as a subject, if there are any."""
    directory, uses = ascent.access.directory, Uses(ascent.access)
    for permission, way in meta_permissions(ascent.access.table):
        if way not in (Way.ACT_AS, Way.ACT_FOR):
            continue
        for about in directory.resources(permission.type):
            if subject in uses.acted(way, about):
                asked = (
                    ascent.decide(who, permission.action, about.resource)
                    for who in ascent.identities
                )
                yield Refusal(route, _why(asked))


def _why(decisions: Iterable[Decision]) -> str:
    """What refuses: the rule that stops whoever gets furthest, or the permission it lacks."""
    order = list(Reason)
    furthest = max(decisions, key=lambda each: (each.guard is not None, order.index(each.reason)))
    if furthest.guard is not None:
        return furthest.guard
    question = furthest.question
    assert isinstance(question, InstanceQuestion), "a change is somebody's"
    assert question.action is not None, "a change takes a permission"
    return f"{furthest.reason.short}: {question.action.short} {question.resource}"
