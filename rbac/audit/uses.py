"""What each permission that hands out roles could give one subject, in one directory.

Knows how each is used, and as which change of the directory. It must not know who may use
it, nor what keeps from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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


TAKERS = (Principal.USER, Principal.SERVICE_ACCOUNT)
"""Whom roles are given to by people: nobody else is in a group, or shared with (C10)."""


class Use(NamedTuple):
    """One use of a permission for somebody: the roles it gives, as which change.

    None is a change that `rbac.granting` knows nothing of: no rule of it holds. `new` are
    those of the roles that are not held already.
    """

    change: Change | None
    gives: Gives
    new: Gives


New = Callable[[ResourceRole, ResourceEntry], bool]
"""Whether a role on a resource is one that is not held already."""


class Uses:
    """Every use of the permissions of one policy on the resources of one directory."""

    def __init__(self, access: Access) -> None:
        self._access = access
        rows = access.table.policy.rows
        self._assignable: dict[ResourceType, list[ResourceRole]] = {}
        for row in rows.roles:
            if row.assignable and row.assigned_on is not None:
                self._assignable.setdefault(row.assigned_on, []).append(row.role)
        self._groups: dict[str, Gives] = {}
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
        self, way: Way, permission: Permission, about: ResourceEntry, whom: SubjectEntry, new: New
    ) -> Iterator[Use]:
        """What using a permission on a resource can give somebody anew, whoever uses it."""
        if whom.principal not in TAKERS:
            return
        if way is Way.SHARE:
            yield from self._shares(self._shared(permission, about), whom, new)
        elif way is Way.JOIN:
            yield from self._joins([about.id], whom, new)
        elif way is Way.PROVISION:
            yield from self._provisions(about, whom, new)
        elif way is Way.SET_ROLE:
            if whom.principal is Principal.USER and whom.organization == about.id:
                gives = [(role, about) for role in self._of_admins if new(role, about)]
                if gives:
                    change = SetOrganizationRole(whom.subject, OrganizationRole.ADMIN)
                    yield Use(change, gives, gives)
        elif way is Way.UNKNOWN:
            for use in self._shares((about, *about.above), whom, new):
                yield use._replace(change=None)

    def _shared(self, permission: Permission, about: ResourceEntry) -> Iterator[ResourceEntry]:
        """The resources on which it gives roles: where a type has no grant, its organization's."""
        yield about
        if permission == _GRANT:
            for type in self._assignable:
                if Action.GRANT not in self._access.table.actions_on(type):
                    for each in self._access.directory.resources(type):
                        if each.organization == about.id:
                            yield each

    def _shares(
        self, scopes: Iterable[ResourceEntry], whom: SubjectEntry, new: New
    ) -> Iterator[Use]:
        for scope in scopes:
            for role in self._assignable.get(scope.type, ()) if scope.id else ():
                if new(role, scope):
                    gives = [(role, scope)]
                    yield Use(Share(role, whom.subject, scope.resource), gives, gives)

    def _joins(self, groups: Iterable[str], whom: SubjectEntry, new: New) -> Iterator[Use]:
        for group in groups:
            gives = self._held(group)
            fresh = [] if group in whom.groups else [each for each in gives if new(*each)]
            if fresh:
                yield Use(AddMember(whom.subject, group), gives, fresh)

    def _held(self, group: str) -> Gives:
        """What a group holds; kept."""
        found = self._groups.get(group)
        if found is None:
            resource = self._access.directory.resource
            assignments = assignments_of(self._access.directory, group)
            held = ((each.role, resource(each.resource)) for each in assignments)
            found = [(role, scope) for role, scope in held if scope is not None]
            self._groups[group] = found
        return found

    def _provisions(self, about: ResourceEntry, whom: SubjectEntry, new: New) -> Iterator[Use]:
        """Any group of the organization but those behind a share, by no rule."""
        if whom.principal is Principal.USER and whom.organization == about.organization:
            groups = self._access.directory.tables.groups.values()
            ids = (
                each.id
                for each in groups
                if each.organization == whom.organization and not each.direct_share
            )
            for use in self._joins(ids, whom, new):
                yield use._replace(change=None)

    def new(self, type: ResourceType, whom: SubjectEntry) -> Resource | None:
        """The organization within which a resource of a type might be made by somebody."""
        rows = self._access.table.policy.rows.containment
        within = any(row[:2] == (type, ResourceType.ORGANIZATION) for row in rows)
        known = whom.organization is not None and within
        return Resource(ResourceType.ORGANIZATION, whom.organization or "") if known else None


_GRANT = Permission(Action.GRANT, ResourceType.ORGANIZATION)
