"""Candidates: whom and what a search has to ask about, since no answer lies elsewhere.

Knows where roles that permit something are given: through groups, by relations, on
containers. It must not decide: a candidate is given such a role, and may be refused yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.access import Access
from rbac.entries import NO_ASSIGNMENTS, Block, ResourceEntry, SubjectEntry
from rbac.prospects import entry_of_new
from rbac.relations import consumed
from rbac.rows import Permission, Relation
from rbac.terms import NewResource, Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceType


def candidate_subjects(
    access: Access, action: Action, resource: Resource | NewResource
) -> Iterator[Subject]:
    """Every subject that is given a role which permits an action, on a resource or around it.

    By principal, then id. Takes as long as such a role has holders there. Raises
    `RequestError` for a new resource whose containers are not known.
    """
    if isinstance(resource, NewResource):
        about: ResourceEntry | None = entry_of_new(access.directory, resource)
    else:
        about = access.directory.resource(resource)
    if about is None:
        return
    scopes = (about, *about.above) if about.id else about.above
    for principal in sorted(access.directory.tables.subjects, key=lambda each: each.short):
        roles = access.permitting(principal, Permission(action, about.type))
        if roles:
            found = {id for scope in scopes for id in _given(access, principal, scope, roles)}
            for id in sorted(found):
                yield Subject(principal, id)


def _given(access: Access, principal: Principal, scope: ResourceEntry, roles: int) -> Iterator[str]:
    """The ids of those who are given one of `roles` on a resource itself."""
    tables = access.directory.tables
    groups, bits, _ = tables.assigned.get(scope, NO_ASSIGNMENTS)
    for group, bit in zip(groups, bits, strict=True):
        if bit & roles:
            members = tables.members.get(group, ())
            yield from (each.id for each in members if each.principal is principal)
    for relates, bit, relation in access.rules[principal].get(scope.type, ()):
        if bit & roles:
            for who in access.related.candidates(relation, principal, scope):
                if relates(access.directory, who, scope):
                    yield who.id


def candidate_resources(
    access: Access, subject: Subject, action: Action, type: ResourceType
) -> Iterator[Resource]:
    """Every resource of a type on which, or around which, a subject is given such a role.

    By id. Takes as long as the subject has assignments and relations, and what lies within.
    """
    who = access.directory.subject(subject)
    if who is None:
        return
    roles = access.permitting(who.principal, Permission(action, type))
    places = access.inverse.reaching(type) | {type}
    found: set[str] = set()
    for scope in where(access, who, roles, places) if roles else ():
        if scope.type is type:
            found.add(scope.id)
        found.update(each.id for each in access.inverse.within(scope, type))
    for id in sorted(found):
        yield Resource(type, id)


def where(
    access: Access, who: SubjectEntry, roles: int, types: frozenset[ResourceType]
) -> Iterable[ResourceEntry]:
    """The resources of some types on which a subject is given one of `roles`."""
    found: dict[ResourceEntry, None] = {}
    tables = access.directory.tables
    for group in who.groups:
        for scope in tables.holds.get(group, ()):
            if scope.type in types and _gives(tables.assigned[scope], group, roles):
                found[scope] = None
    for type, rules in access.rules[who.principal].items():
        for relates, bit, relation in rules if type in types else ():
            if bit & roles:
                for scope in _places(access, relation, who, type):
                    if scope.type is type and relates(access.directory, who, scope):
                        found[scope] = None
    return found


def _gives(block: Block, group: str, roles: int) -> bool:
    groups, bits, _ = block
    pairs = zip(groups, bits, strict=True)
    return any(bit & roles and each == group for each, bit in pairs)


def _places(
    access: Access, relation: Relation, who: SubjectEntry, type: ResourceType
) -> Iterator[ResourceEntry]:
    """Every resource of a type to which a subject may stand in `relation`, and some others."""
    known, inverse = access.directory.tables.resources, access.inverse
    if relation is Relation.OWNER:
        yield from inverse.owned(who.id)
    elif relation is Relation.CONSUMER:
        environment = known[ResourceType.ENVIRONMENT].get(who.id)
        for kind, id in consumed(environment) if environment else ():
            if id in known[kind]:
                yield from inverse.within(known[kind][id], type)
    elif relation in (Relation.SELF, Relation.MEMBER, Relation.ADMIN):
        same = known[type].get(who.id if relation is Relation.SELF else who.organization or "")
        if same is not None:
            yield same
    else:
        yield from _around(access, who, type)


def _around(access: Access, who: SubjectEntry, type: ResourceType) -> Iterator[ResourceEntry]:
    """What names a runner or an environment, lies within it, or names what names it."""
    known, inverse = access.directory.tables.resources, access.inverse
    for kind in (ResourceType.RUNNER, ResourceType.ENVIRONMENT):
        if who.id in known[kind]:
            yield from inverse.within(known[kind][who.id], type)
    for naming in inverse.naming(who.id):
        yield naming
        if naming.type is ResourceType.ENVIRONMENT:
            yield from inverse.naming(naming.id)
