"""What each permission that hands out roles could give one subject, in one directory.

Knows how each is used, and as which change of the directory. It must not know who may use
it, nor what keeps from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.access import Access
from rbac.administration import AddMember, Change, SetOrganizationRole, Share, assignments_of
from rbac.audit.escalation import Way
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.light import NamedTuple
from rbac.records import ITSELF
from rbac.rows import Permission, Relation
from rbac.terms import Resource
from rbac.vocabulary import Action, OrganizationRole, Principal, ResourceRole, ResourceType

Gives = list[tuple[ResourceRole, ResourceEntry]]
"""Roles, each on a resource."""


class Use(NamedTuple):
    """One use of a permission for somebody: the roles it gives, as which change.

    None is a change that `rbac.granting` knows nothing of: no rule of it holds.
    """

    change: Change | None
    gives: Gives


class Uses:
    """Every use of the permissions of one policy on the resources of one directory."""

    def __init__(self, access: Access) -> None:
        self._access = access
        rows = access.table.policy.rows
        self._assignable: dict[ResourceType, list[ResourceRole]] = {}
        for row in rows.roles:
            if row.assignable and row.assigned_on is not None:
                self._assignable.setdefault(row.assigned_on, []).append(row.role)
        self._of_admins = [
            row.role
            for row in rows.derived_roles
            if row.relation is Relation.ADMIN and row.type is ResourceType.ORGANIZATION
        ]

    def acted(self, way: Way, about: ResourceEntry) -> Iterator[SubjectEntry]:
        """Whom a credential for a resource lets one act as."""
        subjects = self._access.directory.tables.subjects
        if way is Way.ACT_AS:
            for principal, type in ITSELF.items():
                if type is about.type and about.id in subjects[principal]:
                    yield subjects[principal][about.id]
        elif way is Way.ACT_FOR:
            for person in (about.owner, about.creator, about.executor):
                who = self._access.directory.subject(person) if person else None
                if who is not None:
                    yield who

    def of(
        self, way: Way, permission: Permission, about: ResourceEntry, whom: SubjectEntry
    ) -> Iterator[Use]:
        """What using a permission on a resource can give somebody, whoever uses it."""
        if way is Way.SHARE:
            yield from self._shares(self._shared(permission, about), whom)
        elif way is Way.JOIN:
            yield from self._joins([about.id], whom)
        elif way is Way.PROVISION:
            yield from self._provisions(about, whom)
        elif way is Way.SET_ROLE:
            if whom.principal is Principal.USER and whom.organization == about.id:
                change = SetOrganizationRole(whom.subject, OrganizationRole.ADMIN)
                yield Use(change, [(role, about) for role in self._of_admins])
        elif way is Way.UNKNOWN:
            for use in self._shares((about, *about.above), whom):
                yield Use(None, use.gives)

    def _shared(self, permission: Permission, about: ResourceEntry) -> Iterator[ResourceEntry]:
        """The resources on which it gives roles: where a type has no grant, its organization's."""
        yield about
        if permission == _GRANT:
            for type in self._assignable:
                if Action.GRANT not in self._access.table.actions_on(type):
                    for each in self._access.directory.resources(type):
                        if each.organization == about.id:
                            yield each

    def _shares(self, scopes: Iterable[ResourceEntry], whom: SubjectEntry) -> Iterator[Use]:
        for scope in scopes:
            for role in self._assignable.get(scope.type, ()) if scope.id else ():
                yield Use(Share(role, whom.subject, scope.resource), [(role, scope)])

    def _joins(self, groups: Iterable[str], whom: SubjectEntry) -> Iterator[Use]:
        for group in groups:
            gives = list(self._held(group))
            if gives and group not in whom.groups:
                yield Use(AddMember(whom.subject, group), gives)

    def _held(self, group: str) -> Iterator[tuple[ResourceRole, ResourceEntry]]:
        for each in assignments_of(self._access.directory, group):
            scope = self._access.directory.resource(each.resource)
            assert scope is not None, "what an assignment names is there"
            yield each.role, scope

    def _provisions(self, about: ResourceEntry, whom: SubjectEntry) -> Iterator[Use]:
        """Any group of the organization but those behind a share, by no rule."""
        if whom.principal is Principal.USER and whom.organization == about.organization:
            groups = self._access.directory.tables.groups.values()
            ids = (
                each.id
                for each in groups
                if each.organization == whom.organization and not each.direct_share
            )
            for use in self._joins(ids, whom):
                yield Use(None, use.gives)

    def new(self, type: ResourceType, whom: SubjectEntry) -> Resource | None:
        """The organization within which a resource of a type might be made by somebody."""
        rows = self._access.table.policy.rows.containment
        within = any(row[:2] == (type, ResourceType.ORGANIZATION) for row in rows)
        known = whom.organization is not None and within
        return Resource(ResourceType.ORGANIZATION, whom.organization or "") if known else None


_GRANT = Permission(Action.GRANT, ResourceType.ORGANIZATION)
