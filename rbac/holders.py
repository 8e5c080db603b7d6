"""Who is given a role on a resource itself: access read the other way, for whole directories.

Knows how the subjects behind assignments and relations are found without asking everybody.
It must not decide: a relation holds where `rbac.relations` says so, and a role counts for
whoever is eligible for it.

Going from roles to subjects costs what there is to find; asking each subject about each
resource would cost their product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rbac.access import Access
from rbac.entries import BITS, NO_ASSIGNMENTS, ROLES, ResourceEntry, SubjectEntry
from rbac.records import ITSELF
from rbac.rows import Relation
from rbac.vocabulary import OrganizationRole, Principal, ResourceType

Candidates = Callable[[ResourceEntry], Iterable[SubjectEntry | None]]
Found = Iterator[tuple[int, frozenset[SubjectEntry]]]


class Holders:
    """Finds the subjects that are given roles, in one directory; only `principals`, if given.

    Keeps the members of each group it has met.
    """

    def __init__(self, access: Access, principals: Iterable[Principal] = ()) -> None:
        table, directory = access.table, access.directory
        counted = frozenset(principals) or frozenset(Principal)
        self._directory = directory
        self._tables = directory.tables
        self._open = {
            bit: frozenset(each for each in counted if table.eligible(each, role))
            for bit, role in ROLES.items()
        }
        self._members: dict[tuple[str, frozenset[Principal]], frozenset[SubjectEntry]] = {}
        self._rules = access.rules
        self._related: dict[ResourceType, list[tuple[Relation, int]]] = {}
        for row in table.policy.rows.derived_roles:
            self._related.setdefault(row.type, []).append((row.relation, BITS[row.role]))
        self._in_organization: dict[str, list[SubjectEntry]] | None = None
        self._consumers: dict[str, list[SubjectEntry]] | None = None
        self._candidates: dict[Relation, Candidates] = {
            Relation.SELF: self._selves,
            Relation.MEMBER: self._insiders,
            Relation.ADMIN: self._insiders,
            Relation.OWNER: self._owner,
            Relation.RUNNER: self._runners,
            Relation.ENVIRONMENT: self._environments,
            Relation.CONSUMER: self._consumers_of,
        }

    def on(self, scope: ResourceEntry, wanted: int) -> Found:
        """The subjects given each of the `wanted` roles on a resource itself, bit by bit.

        A bit comes as often as there are groups and relations that give its role.
        """
        groups, bits, _ = self._tables.assigned.get(scope, NO_ASSIGNMENTS)
        for group, bit in zip(groups, bits, strict=True):
            if bit & wanted:
                yield bit, self._group(group, bit)
        for relation, bit in self._related.get(scope.type, ()):
            if bit & wanted:
                found = frozenset(self._in_relation(relation, bit, scope))
                if found:
                    yield bit, found

    def _group(self, group: str, bit: int) -> frozenset[SubjectEntry]:
        """The members of a group that are eligible for a role."""
        key = group, self._open[bit]
        found = self._members.get(key)
        if found is None:
            subjects = self._tables.subjects
            found = self._members[key] = frozenset(
                subjects[each.principal][each.id]
                for each in self._tables.members.get(group, ())
                if each.principal in key[1]
            )
        return found

    def _in_relation(
        self, relation: Relation, bit: int, scope: ResourceEntry
    ) -> Iterator[SubjectEntry]:
        for who in self._candidates[relation](scope):
            if who is not None and who.principal in self._open[bit]:
                for relates, given, name in self._rules[who.principal].get(scope.type, ()):
                    if (name, given) == (relation, bit) and relates(self._directory, who, scope):
                        yield who

    def _selves(self, scope: ResourceEntry) -> Iterator[SubjectEntry | None]:
        for principal, type in ITSELF.items():
            if type is scope.type:
                yield self._tables.subjects[principal].get(scope.id)

    def _insiders(self, scope: ResourceEntry) -> Iterable[SubjectEntry]:
        if self._in_organization is None:
            self._in_organization = {}
            for who in self._directory.subjects():
                if who.organization is not None and who.role is not OrganizationRole.UNSPECIFIED:
                    self._in_organization.setdefault(who.organization, []).append(who)
        return self._in_organization.get(scope.id, ())

    def _owner(self, scope: ResourceEntry) -> Iterator[SubjectEntry | None]:
        if scope.owner is not None:
            yield self._directory.subject(scope.owner)

    def _runners(self, scope: ResourceEntry) -> Iterator[SubjectEntry | None]:
        runner, environment = ResourceType.RUNNER, ResourceType.ENVIRONMENT
        near = {each.id for each in scope.references if each.type is runner}
        near |= {each.id for each in scope.above if each.type is runner}
        for each in scope.references:
            if each.type is environment:
                named = self._tables.resources[environment][each.id].references
                near |= {other.id for other in named if other.type is runner}
        return map(self._tables.subjects[Principal.RUNNER].get, near)

    def _environments(self, scope: ResourceEntry) -> Iterator[SubjectEntry | None]:
        environment = ResourceType.ENVIRONMENT
        near = {each.id for each in scope.references if each.type is environment}
        near |= {each.id for each in scope.above if each.type is environment}
        return map(self._tables.subjects[Principal.ENVIRONMENT].get, near)

    def _consumers_of(self, scope: ResourceEntry) -> Iterator[SubjectEntry]:
        """Environments by the ids of what their secrets may lie directly in."""
        if self._consumers is None:
            self._consumers = {}
            for id, who in self._tables.subjects[Principal.ENVIRONMENT].items():
                itself = self._tables.resources[ResourceType.ENVIRONMENT][id]
                near = {each.id for each in itself.references}
                near |= {itself.organization or "", itself.creator.id if itself.creator else ""}
                for each in near:
                    self._consumers.setdefault(each, []).append(who)
        near = {each.id for each in scope.parents}
        return (who for id in near for who in self._consumers.get(id, ()))
