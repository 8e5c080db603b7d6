"""What is asked of a population: who may do what to which resource, as services ask it.

Knows which requests are likely: people ask about what is shared with them, their own
things and what lies within, and now and then about anything else. Requests name things by
strings of their own, as they do when they come from outside.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

from rbac import Action, Policy, Principal, Resource, ResourceType, Subject
from rbac.records import Records

Request = tuple[Subject, Action, Resource]

_NEAR, _OWN, _ANY = 0.5, 0.65, 0.95
"""How often a request is about what is shared with the subject, its own, or anything in its
organization; the rest is about another organization."""

_READING = (Action.GET, Action.LIST)


class Requests:
    """An endless mix of requests about the subjects and resources of `records`."""

    def __init__(self, records: Records, seed: int = 2025) -> None:
        self._random = random.Random(seed)
        self._subjects = [record.subject for record in records.subjects]
        self._members = [record.subject for record in records.memberships]
        self._home = {each.subject: each.organization or "" for each in records.subjects}
        self._groups: dict[Subject, list[str]] = {}
        for membership in records.memberships:
            self._groups.setdefault(membership.subject, []).append(membership.group)
        self._given: dict[str, list[Resource]] = {}
        for assignment in records.assignments:
            self._given.setdefault(assignment.group, []).append(assignment.resource)
        self._own: dict[Subject, list[Resource]] = {}
        self._within: dict[Resource, list[Resource]] = {}
        self._everything: dict[str, list[Resource]] = {
            each.id: [] for each in records.organizations
        }
        self._index(records)
        self._actions: dict[ResourceType, list[Action]] = {}
        for row in Policy.shipped().rows.catalogue:
            self._actions.setdefault(row.type, []).append(row.action)

    def _index(self, records: Records) -> None:
        organization: dict[Resource, str] = {}
        for record in records.resources:
            parent = record.parents[0]
            home = organization.get(parent, parent.id)
            organization[record.resource] = home
            self._everything[home].append(record.resource)
            self._within.setdefault(parent, []).append(record.resource)
            if record.owner is not None:
                self._own.setdefault(record.owner, []).append(record.resource)
            for named in record.references:
                if named.type is ResourceType.RUNNER:
                    runner = Subject(Principal.RUNNER, named.id)
                    self._own.setdefault(runner, []).append(record.resource)

    def __iter__(self) -> Iterator[Request]:
        while True:
            # People first; an environment or a runner asks a tenth of the time.
            population = self._members if self._random.random() < 0.9 else self._subjects
            subject = self._random.choice(population)
            resource = self._about(subject)
            if resource is not None and resource.type in self._actions:
                yield subject, self._action(resource.type), resource

    def take(self, count: int) -> list[Request]:
        """The next `count` requests."""
        return list(islice(self, count))

    def take_distinct(self, count: int) -> list[Request]:
        """`count` requests of which no two are about the same subject and resource."""
        found: dict[tuple[Subject, Resource], Request] = {}
        for request in self:
            found.setdefault((request[0], request[2]), request)
            if len(found) == count:
                break
        return list(found.values())

    def _about(self, subject: Subject) -> Resource | None:
        drawn = self._random.random()
        found = self._of(subject, drawn)
        if not found:
            return None
        resource = self._random.choice(found)
        below = self._within.get(resource)
        if below and resource.type is not ResourceType.ORGANIZATION and self._random.random() < 0.3:
            resource = self._random.choice(below)
        return resource

    def _of(self, subject: Subject, drawn: float) -> list[Resource]:
        """What a request of `subject` is likely to be about."""
        if drawn < _NEAR and subject in self._groups:
            return self._given.get(self._random.choice(self._groups[subject]), [])
        if drawn < _OWN:
            return self._own.get(subject, [])
        if drawn < _ANY:
            return self._everything[self._home[subject]]
        return self._everything[self._random.choice(list(self._everything))]

    def _action(self, type: ResourceType) -> Action:
        actions = self._actions[type]
        reading = [action for action in _READING if action in actions]
        likely = reading if reading and self._random.random() < 0.5 else actions
        return self._random.choice(likely)


def anew(request: Request) -> Request:
    """The same request in objects of its own, as one that has just come in."""
    subject, action, resource = request
    return _fresh(subject), action, _fresh_resource(resource)


def _fresh(subject: Subject) -> Subject:
    return Subject(subject.principal, _copy(subject.id))


def _fresh_resource(resource: Resource) -> Resource:
    return Resource(resource.type, _copy(resource.id))


def _copy(id: str) -> str:
    """The same id in a string of its own, as one that was received."""
    return id.encode().decode()
