"""A policy and a directory said in Cedar, which then decides by itself: a second opinion.

Cedar's three hierarchies do the transitive work: a subject is in its groups, a resource in
its containers, a permission in the roles that have it and a role in its seniors. None of the
library's own closures is used, and no set of roles.

- An assignment is a policy: whoever is in the group may, within the resource, what is in the role.
- A relation is a policy for each resource of its type that could stand in it.
- Guards and requirements forbid. A requirement of a second permission is asked as a second
  question, which no guard and no requirement is asked of.
"""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cedarpy

from rbac import Directory, Policy
from rbac.entries import ResourceEntry
from rbac.records import ITSELF
from rbac.rows import CredentialKind, DerivedRole, Level, Permission, Reach, Relation, Requirement
from rbac.terms import InstanceQuestion, NewResource, Resource, Subject
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType, UserStatus

Entity = dict[str, object]
Uid = dict[str, str]

OWN = " || ".join(
    f"({it} has {whose} && {it}.{whose} == principal)"
    for it in ("resource", "resource.execution")
    for whose in ("creator", "owner", "executor")
).replace("(resource.execution has", "(resource has execution && resource.execution has")


def uid(type: str, id: str) -> Uid:
    """The name of an entity."""
    return {"type": type, "id": id}


def literal(name: Uid) -> str:
    """The name of an entity in a policy."""
    return f'{name["type"]}::"{name["id"]}"'


def subject_uid(subject: Subject) -> Uid:
    """The entity of a subject."""
    return uid("Subject", str(subject))


def resource_uid(resource: Resource) -> Uid:
    """The entity of a resource."""
    return uid(resource.type.short, resource.id)


def action_uid(permission: Permission) -> Uid:
    """The entity of a permission."""
    return uid("Action", f"{permission.type.short}/{permission.action.short}")


def role_uid(role: ResourceRole, reach: Reach) -> Uid:
    """The permissions of a role, on any resource or on own ones."""
    return uid("Action", f"{role.short} {reach.short}")


ANY = {
    type: uid("Any", type.short) for type in (ResourceType.ORGANIZATION, ResourceType.ENVIRONMENT)
}
READS, WITHIN = uid("Action", "reads"), uid("Action", "lies within")


class Cedar(NamedTuple):
    """What Cedar is given of a world, and how it is asked; `needs` has no forbidding policy."""

    policy: Policy
    directory: Directory
    entities: list[Entity]
    parsed: cedarpy.Entities
    guarded: cedarpy.PolicySet
    unguarded: cedarpy.PolicySet
    needs: cedarpy.PolicySet
    places: cedarpy.PolicySet
    now: int

    def allows(self, question: InstanceQuestion, *, guarded: bool = True) -> bool:
        """Whether Cedar allows a question without a role and with an action."""
        subject, _, resource, action, credential = question
        assert subject
        assert action
        permission = Permission(action, resource.type)
        asked = self
        if isinstance(resource, NewResource):
            about, entity = uid(resource.type.short, "new"), new_entity(resource)
            asked = self._replace(parsed=_entities([*self.entities, entity]))
        else:
            about = resource_uid(resource)
        context = {
            "now": self.now,
            "read_only": credential is not None and credential.read_only,
            "impersonated": credential is not None and credential.impersonated,
            "met": [
                row.text
                for row in self.policy.rows.requirements
                if isinstance(row.need, Permission)
                and (row.action, row.type) == permission
                and asked.meets(subject, row.need, about, resource)
            ],
        }
        policies = self.guarded if guarded else self.unguarded
        return asked.ask(policies, subject_uid(subject), action_uid(permission), about, context)

    def ask(
        self,
        policies: cedarpy.PolicySet,
        principal: Uid,
        action: Uid,
        resource: Uid,
        context: dict[str, object],
    ) -> bool:
        """What Cedar says to one request."""
        request: dict[str, object] = {
            "principal": principal,
            "action": action,
            "resource": resource,
            "context": json.dumps(context),
        }
        return cedarpy.is_authorized(request, policies, self.parsed).allowed

    def meets(
        self, subject: Subject, need: Permission, about: Uid, resource: Resource | NewResource
    ) -> bool:
        """Whether a second permission is had on each resource named, or else lain within."""
        named = [each for each in self._named(resource) if each.type is need.type]
        found = named or [each for each in self._every(need.type) if self.within(about, each)]
        return bool(found) and all(
            self.organizations(resource_uid(each)) == self.organizations(about)
            and self.ask(self.needs, subject_uid(subject), action_uid(need), resource_uid(each), {})
            for each in found
        )

    def within(self, about: Uid, container: Resource) -> bool:
        """Whether something lies within a resource."""
        what: dict[str, object] = {"what": {"__entity": resource_uid(container)}}
        return self.ask(self.places, uid("Subject", "nobody"), WITHIN, about, what)

    def organizations(self, about: Uid) -> set[Resource]:
        """The organization that something is, or lies within."""
        every = self._every(ResourceType.ORGANIZATION)
        return {each for each in every if resource_uid(each) == about or self.within(about, each)}

    def _every(self, type: ResourceType) -> Iterator[Resource]:
        return (entry.resource for entry in self.directory.resources(type))

    def _named(self, resource: Resource | NewResource) -> tuple[Resource, ...]:
        if isinstance(resource, NewResource):
            return resource.naming
        entry = self.directory.resource(resource)
        return entry.references if entry else ()


def cedar_of(policy: Policy, directory: Directory, now: float) -> Cedar:
    """A world said in Cedar."""
    entities = [*_actions(policy), *_kinds(policy), *_subjects(directory), *_things(directory)]
    permits = [*_assigned(directory), *_related(policy, directory)]
    required = list(_requirements(policy))
    place = f"permit(principal, action == {literal(WITHIN)}, resource) when "
    return Cedar(
        policy,
        directory,
        entities,
        _entities(entities),
        _parsed([*permits, *required, *_guards()]),
        _parsed([*permits, *required]),
        _parsed(permits),
        _parsed([f"{place} {{ resource in context.what && resource != context.what }};"]),
        int(now),
    )


def _parsed(texts: Iterable[str]) -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str("\n".join(texts))


def _entities(entities: Iterable[Entity]) -> cedarpy.Entities:
    return cedarpy.Entities.from_json_str(json.dumps(list(entities)))


def _entity(name: Uid, parents: Iterable[Uid] = (), **attributes: object) -> Entity:
    kept = {name: value for name, value in attributes.items() if value is not None}
    return {"uid": name, "attrs": kept, "parents": list(parents)}


def _actions(policy: Policy) -> Iterator[Entity]:
    """A permission is in every role that has it; what a junior has is in its seniors."""
    rows = policy.rows
    for role in ResourceRole:
        for reach in Reach:
            seniors = [row.senior for row in rows.seniority if row.junior is role]
            yield _entity(role_uid(role, reach), (role_uid(each, reach) for each in seniors))
    for row in rows.catalogue:
        permission = Permission(row.action, row.type)
        given = [
            role_uid(grant.role, grant.reach)
            for grant in rows.grants
            if (grant.action, grant.type) == permission
        ]
        yield _entity(action_uid(permission), [*given, *[READS] * (row.level is Level.READ)])


def _kinds(policy: Policy) -> Iterator[Entity]:
    """A kind of subject is in every role that it may hold."""
    for principal in Principal:
        may = [row.role for row in policy.rows.eligibility if row.principal is principal]
        yield _entity(uid("Kind", principal.short), (uid("MayHold", role.short) for role in may))


def _subjects(directory: Directory) -> Iterator[Entity]:
    """A subject is of a kind and in groups; most are also a resource."""
    records = directory.records
    groups: dict[Subject, list[Uid]] = {}
    for membership in records.memberships:
        groups.setdefault(membership.subject, []).append(uid("Members", membership.group))
    for record in records.subjects:
        subject, home = record.subject, record.organization
        itself = ITSELF.get(subject.principal)
        yield _entity(
            subject_uid(subject),
            [uid("Kind", subject.principal.short), *groups.get(subject, ())],
            kind=subject.principal.short,
            status=record.status.short,
            role=record.role.short,
            until=None if record.valid_until is None else int(record.valid_until),
            organization=home and {"__entity": uid("organization", home)},
            itself=itself and {"__entity": uid(itself.short, subject.id)},
        )


def _things(directory: Directory) -> Iterator[Entity]:
    """A resource is in its containers; an organization or environment also in all such."""
    for entry in directory.resources():
        yield _thing(entry)


def _thing(entry: ResourceEntry) -> Entity:
    parents = [resource_uid(parent.resource) for parent in entry.parents]
    execution = next(
        (each for each in parents if entry.type is ResourceType.WORKFLOW_EXECUTION_ACTION), None
    )
    marks = [ANY[entry.type]] if entry.type in ANY else []
    return _entity(
        resource_uid(entry.resource),
        [*parents, *marks],
        execution=execution and {"__entity": execution},
        creator=_whose(entry.creator),
        owner=_whose(entry.owner),
        executor=_whose(entry.executor),
        **{each.type.short: {"__entity": resource_uid(each)} for each in entry.references},
    )


def new_entity(new: NewResource) -> Entity:
    """What does not exist yet, in what it will lie within."""
    parents = [resource_uid(each) for each in new.within]
    return _entity(uid(new.type.short, "new"), parents, owner=_whose(new.owner))


def _whose(subject: Subject | None) -> object:
    return subject and {"__entity": subject_uid(subject)}


def _permits(who: str, role: ResourceRole, where: Uid, condition: str = "true") -> Iterator[str]:
    """What a role gives there, on any resource and on own ones, to whoever may hold it."""
    may = f'principal in MayHold::"{role.short}" && ({condition})'
    for reach, own in ((Reach.ANY, "true"), (Reach.OWN, OWN)):
        head = f"{who}, action in {literal(role_uid(role, reach))}, resource in {literal(where)}"
        yield f"permit({head}) when {{ {may} && ({own}) }};"


def _assigned(directory: Directory) -> Iterator[str]:
    for row in directory.records.assignments:
        if row.derived_from is ResourceRole.UNSPECIFIED:
            who = f"principal in {literal(uid('Members', row.group))}"
            yield from _permits(who, row.role, resource_uid(row.resource))


def _related(policy: Policy, directory: Directory) -> Iterator[str]:
    for row in policy.rows.derived_roles:
        for entry in directory.resources(row.type):
            where = resource_uid(entry.resource)
            yield from _permits("principal", row.role, where, _relation(row, entry))


def _relation(row: DerivedRole, entry: ResourceEntry) -> str:
    """The condition under which a subject stands in a relation to a resource."""
    it, relation = literal(resource_uid(entry.resource)), row.relation
    itself = "principal has itself"
    if relation is Relation.SELF:
        return f"{itself} && principal.itself == {it}"
    if relation in (Relation.MEMBER, Relation.ADMIN):
        role = OrganizationRole[relation.name].short
        home = f"principal has organization && principal.organization == {it}"
        return f'{home} && principal.role == "{role}"'
    if relation is Relation.OWNER:
        return f"{it} has owner && {it}.owner == principal"
    inside = f"({it} in principal.itself && {it} != principal.itself)"
    if relation is Relation.RUNNER:
        placed = f"{it} has environment && {it}.environment has runner"
        names = f"({it} has runner && {it}.runner == principal.itself)"
        through = f"({placed} && {it}.environment.runner == principal.itself)"
        return f'principal.kind == "runner" && ({names} || {inside} || {through})'
    named = f"({it} has environment && {it}.environment == principal.itself)"
    if relation is Relation.ENVIRONMENT:
        alone = f"!({it} in {literal(ANY[ResourceType.ENVIRONMENT])})"
        return f'principal.kind == "environment" && ({inside} || ({alone} && {named}))'
    consumed = " || ".join(_consumes(parent) for parent in entry.parents) or "false"
    return f'principal.kind == "environment" && ({consumed})'


def _consumes(parent: ResourceEntry) -> str:
    """The condition under which an environment is handed the secrets of a container."""
    it, itself = literal(resource_uid(parent.resource)), "principal.itself"
    if parent.type is ResourceType.ORGANIZATION:
        return f"{itself} in {it}"
    project = f"({itself} has project && {itself}.project == {it})"
    made = f"{itself} has creator && {itself}.creator has itself"
    return f"{project} || ({made} && {itself}.creator.itself == {it})"


def _requirements(policy: Policy) -> Iterator[str]:
    for row in policy.rows.requirements:
        action = literal(action_uid(Permission(row.action, row.type)))
        yield f"forbid(principal, action == {action}, resource) unless {{ {_met(row)} }};"


def _met(row: Requirement) -> str:
    if isinstance(row.need, Principal):
        return f'principal.kind == "{row.need.short}"'
    if isinstance(row.need, CredentialKind):
        return "context.impersonated"
    return f'context.met.contains("{row.text}")'


def _guards() -> Iterator[str]:
    active, none = UserStatus.ACTIVE.short, UserStatus.UNSPECIFIED.short
    able = f'principal.status == "{active}"'
    waived = f'principal.kind != "user" && principal.status == "{none}"'
    somewhere = f"resource in {literal(ANY[ResourceType.ORGANIZATION])}"
    home = "principal has organization && resource in principal.organization"
    yield f"forbid(principal, action, resource) unless {{ {able} || ({waived}) }};"
    expired = "principal has until && principal.until <= context.now"
    yield f"forbid(principal, action, resource) when {{ {expired} }};"
    yield f"forbid(principal, action, resource) when {{ {somewhere} && !({home}) }};"
    reads = f"action in {literal(READS)}"
    yield f"forbid(principal, action, resource) when {{ context.read_only && !({reads}) }};"
