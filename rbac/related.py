"""Who is related to a resource, found from the resource.

Knows, for each relation, the few subjects that may stand in it. It must not say that one
does: the relation itself is asked about each of them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import chain

from rbac.directory import Directory
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.records import ITSELF
from rbac.relations import Rule, consumed, environments, runners
from rbac.rows import Relation
from rbac.vocabulary import Principal, ResourceType

# Looking a member up on its enum costs more than comparing with it.
_OF_ORGANIZATION = (Relation.MEMBER, Relation.ADMIN)
_SELF, _OWNER = Relation.SELF, Relation.OWNER
_RUNNER, _CONSUMER = Relation.RUNNER, Relation.CONSUMER

_Kinds = dict[Principal, list[SubjectEntry]]


class Related:
    """The subjects that are related to each resource of one directory.

    What has to be known of the whole directory is worked out when it is first needed.
    """

    __slots__ = ("_by_type", "_consumers", "_directory", "_subjects_of")

    def __init__(
        self, directory: Directory, rules: dict[Principal, dict[ResourceType, tuple[Rule, ...]]]
    ) -> None:
        """`rules` are the relations of the policy, by principal and type."""
        self._directory = directory
        self._by_type: dict[ResourceType, list[tuple[Principal, Rule]]] = {}
        for principal, by_type in rules.items():
            for type, found in by_type.items():
                self._by_type.setdefault(type, []).extend((principal, rule) for rule in found)
        self._subjects_of: dict[str | None, _Kinds] | None = None
        self._consumers: dict[tuple[ResourceType, str], list[SubjectEntry]] | None = None

    def to(self, scope: ResourceEntry, wanted: int = -1) -> Iterator[tuple[SubjectEntry, int]]:
        """Every subject that a relation to `scope` gives a role, and the bit of that role."""
        return ((who, bit) for who, bit, _ in self.by_relation(scope, wanted))

    def by_relation(
        self,
        scope: ResourceEntry,
        wanted: int = -1,
        principals: Container[Principal] = frozenset(Principal),
    ) -> Iterator[tuple[SubjectEntry, int, Relation]]:
        """The same with the relation.

        Only roles whose bit is in `wanted`, and some principals; by default all.
        """
        for principal, (relates, bit, relation) in self._by_type.get(scope.type, ()):
            if bit & wanted and principal in principals:
                for who in self.candidates(relation, principal, scope):
                    if relates(self._directory, who, scope):
                        yield who, bit, relation

    def candidates(
        self, relation: Relation, principal: Principal, scope: ResourceEntry
    ) -> Iterable[SubjectEntry]:
        """Every subject of a kind that may stand in `relation` to `scope`, and few others."""
        if relation is _OWNER:  # more often than all the others together
            return self._owner(principal, scope)
        if relation in _OF_ORGANIZATION:
            return self.subjects_of(scope.id).get(principal, ())
        if relation is _CONSUMER:
            return self._consuming(scope)
        subjects = self._directory.tables.subjects[principal]
        found = [subjects.get(id) for id in self._ids(relation, principal, scope)]
        return [who for who in found if who is not None]

    def _ids(self, relation: Relation, principal: Principal, scope: ResourceEntry) -> Iterable[str]:
        if relation is _SELF:
            return (scope.id,) if ITSELF.get(principal) is scope.type else ()
        if relation is _RUNNER:
            return runners(self._directory, scope)
        return environments(scope)

    def _owner(self, principal: Principal, scope: ResourceEntry) -> Iterable[SubjectEntry]:
        """The owner of a resource, if it is of a kind."""
        owner = scope.owner
        if owner is None or owner.principal is not principal:
            return ()
        who = self._directory.tables.subjects[principal].get(owner.id)
        return () if who is None else (who,)

    def _consuming(self, scope: ResourceEntry) -> Iterable[SubjectEntry]:
        """The environments that are handed the secrets within one of its containers."""
        consumers = self._of_secrets()
        found = [consumers.get((parent.type, parent.id), []) for parent in scope.parents]
        return found[0] if len(found) == 1 else dict.fromkeys(chain.from_iterable(found))

    def subjects_of(self, organization: str | None) -> _Kinds:
        """The subjects of an organization, by kind; of None: those that belong to none."""
        if self._subjects_of is None:
            found: dict[str | None, _Kinds] = {}
            for who in self._directory.subjects():
                found.setdefault(who.organization, {}).setdefault(who.principal, []).append(who)
            self._subjects_of = found
        return self._subjects_of.get(organization, {})

    def _of_secrets(self) -> dict[tuple[ResourceType, str], list[SubjectEntry]]:
        """The environments that are handed the secrets within each resource."""
        if self._consumers is None:
            found: dict[tuple[ResourceType, str], list[SubjectEntry]] = {}
            resources = self._directory.tables.resources[ResourceType.ENVIRONMENT]
            for who in self._directory.subjects(Principal.ENVIRONMENT):
                environment = resources.get(who.id)
                for container in consumed(environment) if environment else ():
                    found.setdefault(container, []).append(who)
            self._consumers = found
        return self._consumers
