"""The policy said in Cedar, as fast as Cedar can be asked it.

The only module that knows `cedarpy`. Cedar is given what it is good at: policies and
entities are parsed once, nobody passes a schema, and requests name entities by type and
id, which is faster than Cedar's own syntax.

- A subject is an entity for its principal and role, within the role if it is eligible.
- A role is an entity within its juniors, so that Cedar works seniority out.
- `own` is in the context, and is asked only by the grants that need it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cedarpy

from benchmarks.facts import Facts, Named
from benchmarks.rivals import containers
from rbac import Policy, Principal, Question, ResourceRole
from rbac.rows import Grant, Reach, Rows

Entity = dict[str, object]


class Cedar(NamedTuple):
    """A policy as Cedar holds it, and how a question is put to it."""

    policies: cedarpy.PolicySet
    entities: cedarpy.Entities
    joined: bool

    def request(self, question: Question) -> dict[str, object]:
        """What Cedar is asked for a cell."""
        assert question.action is not None, "a cell names an action"
        action = question.action.short
        return {
            "principal": _id("Subject", _subject(question.principal, question.role)),
            "action": _id("Action", f"{question.type.short}/{action}" if self.joined else action),
            "resource": _id(question.type.short, "one"),
            "context": _CONTEXTS[question.own],
        }

    def allows(self, request: dict[str, object]) -> bool:
        """Whether Cedar allows `request`."""
        return cedarpy.is_authorized(request, self.policies, self.entities).allowed

    def ask_each(self, requests: Iterable[dict[str, object]]) -> None:
        """Asks every request once."""
        policies, entities = self.policies, self.entities
        ask = cedarpy.is_authorized
        for request in requests:
            _ = ask(request, policies, entities).allowed


_CONTEXTS = {own: json.dumps({"own": own}) for own in (False, True)}


def by_grant(policy: Policy) -> Cedar:
    """One policy a grant, as a person would write them down."""
    texts = (
        f'permit(principal in Role::"{grant.role.short}", action == '
        f'Action::"{grant.action.short}", resource is {grant.type.short}){_when(grant.reach)};'
        for grant in policy.rows.grants
    )
    return Cedar(_parsed(texts), _parsed_entities(_subjects(policy.rows)), joined=False)


def by_role(policy: Policy) -> Cedar:
    """One policy a role and reach, and permissions in groups: the least for Cedar to try.

    Cedar tries every policy on every request, so that a few broad ones are faster than
    many narrow ones.
    """
    groups = dict.fromkeys((grant.role, grant.reach) for grant in policy.rows.grants)
    texts = (
        f'permit(principal in Role::"{role.short}", '
        f'action in Action::"{_group(role, reach)}", resource){_when(reach)};'
        for role, reach in groups
    )
    entities = [
        *_subjects(policy.rows),
        *(_entity("Action", _group(role, reach)) for role, reach in groups),
        *_permissions(policy.rows.grants),
    ]
    return Cedar(_parsed(texts), _parsed_entities(entities), joined=True)


def _when(reach: Reach) -> str:
    return " when { context.own }" if reach is Reach.OWN else ""


def _subjects(rows: Rows) -> Iterator[Entity]:
    juniors: dict[ResourceRole, list[str]] = {}
    for edge in rows.seniority:
        juniors.setdefault(edge.senior, []).append(edge.junior.short)
    for role in ResourceRole:
        yield _entity("Role", role.short, ("Role", juniors.get(role, [])))
    for row in rows.eligibility:
        yield _entity("Subject", _subject(row.principal, row.role), ("Role", [row.role.short]))


def _permissions(grants: Iterable[Grant]) -> Iterator[Entity]:
    groups: dict[str, list[str]] = {}
    for grant in grants:
        permission = f"{grant.type.short}/{grant.action.short}"
        groups.setdefault(permission, []).append(_group(grant.role, grant.reach))
    for permission, within in groups.items():
        yield _entity("Action", permission, ("Action", within))


def _subject(principal: Principal, role: ResourceRole) -> str:
    return f"{principal.short}/{role.short}"


def _group(role: ResourceRole, reach: Reach) -> str:
    return f"of {role.short}/{reach.short}"


def _entity(type: str, id: str, within: tuple[str, Iterable[str]] = ("", ())) -> Entity:
    parents = [_id(within[0], each) for each in within[1]]
    return {"uid": _id(type, id), "attrs": {}, "parents": parents}


def _id(type: str, id: str) -> dict[str, str]:
    return {"type": type, "id": id}


def _parsed(texts: Iterable[str]) -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str("\n".join(texts))


def _parsed_entities(entities: Iterable[Entity]) -> cedarpy.Entities:
    return cedarpy.Entities.from_json_str(json.dumps(list(entities)))


class CedarDirectory:
    """A directory as Cedar holds it: one policy a role, and on each resource who holds it.

    Cedar knows no attributes of a resource's containers, so that a resource lists whoever
    holds a role on anything that contains it, and nothing has to be looked for.
    """

    def __init__(self, facts: Facts) -> None:
        self._entities = _parsed_entities(_of_directory(facts))
        self._policies = _parsed(_by_holding(facts))

    def prepared(self, request: Named) -> object:
        return {
            "principal": _id("Subject", request.subject),
            "action": _id("Action", f"{request.type}/{request.action}"),
            "resource": _id("Resource", request.resource),
            "context": "{}",
        }

    def allows(self, request: object) -> bool:
        assert isinstance(request, dict)
        return cedarpy.is_authorized(request, self._policies, self._entities).allowed


def _by_holding(facts: Facts) -> Iterator[str]:
    for reach, permitted, when in (
        ("any", facts.any, ""),
        ("own", facts.own, " && resource.owners.contains(principal)"),
    ):
        for kind, role in sorted({(kind, role) for kind, role, _, _ in permitted}):
            yield (
                f'permit(principal, action in Action::"of {kind}/{role}/{reach}", resource) when '
                f'{{ principal.kind == "{kind}" && principal.active '
                f"&& principal.organization == resource.organization "
                f"&& resource has {role} && principal in resource.{role}{when} }};"
            )


def _of_directory(facts: Facts) -> Iterator[Entity]:
    groups: dict[str, list[str]] = {}
    for kind, role, type, action in facts.own:
        within = groups.setdefault(f"{type}/{action}", [])
        within.append(f"of {kind}/{role}/own")
        if (kind, role, type, action) in facts.any:
            within.append(f"of {kind}/{role}/any")
    for permission, names in groups.items():
        yield _entity("Action", permission, ("Action", names))
    for name in {each for names in groups.values() for each in names}:
        yield _entity("Action", name)
    yield from _subjects_of(facts)
    yield from _resources_of(facts)


def _subjects_of(facts: Facts) -> Iterator[Entity]:
    joined: dict[str, list[str]] = {}
    for subject, group in facts.memberships:
        joined.setdefault(subject, []).append(group)
    for name, organization in facts.organization.items():
        entity = _entity("Subject", name, ("Group", joined.get(name, [])))
        active = name in facts.active
        kind = name.split(":")[0]
        entity["attrs"] = {"active": active, "organization": organization, "kind": kind}
        yield entity


def _resources_of(facts: Facts) -> Iterator[Entity]:
    given: dict[str, dict[str, list[dict[str, object]]]] = {}
    for type, rows in (("Group", facts.assignments), ("Subject", facts.derived)):
        for holder, role, resource in rows:
            by_role = given.setdefault(resource, {})
            by_role.setdefault(role, []).append({"__entity": _id(type, holder)})
    owners: dict[str, list[dict[str, object]]] = {}
    for subject, resource in facts.owners:
        owners.setdefault(resource, []).append({"__entity": _id("Subject", subject)})
    scopes = containers(facts)
    for name, organization in facts.organization.items():
        entity = _entity("Resource", name)
        attributes: dict[str, object] = {"organization": organization}
        attributes["owners"] = owners.get(name, [])
        for scope in scopes(name):
            for role, holders in given.get(scope, {}).items():
                attributes[role] = [*attributes.get(role, ()), *holders]  # type: ignore[misc]
        entity["attrs"] = attributes
        yield entity
