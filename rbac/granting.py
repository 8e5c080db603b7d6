"""Granting: who may give what to whom, and the directory that comes of it.

Knows which permission a change takes. It must not decide what a role permits: whether
somebody may make a change is asked as anything else is, and `rbac.granting_rules` only take
away.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.access import Access
from rbac.administration import (
    AddMember,
    Assign,
    Change,
    CreateGroup,
    DeleteGroup,
    RemoveMember,
    SetOrganizationRole,
    Share,
    Unassign,
    changed,
)
from rbac.authorizer import Authorizer
from rbac.constraint_changes import Foresight
from rbac.constraints import Constraints
from rbac.decision import AccessDenied, Decision, Reason
from rbac.directory import Directory
from rbac.errors import RequestError
from rbac.granting_rules import broken_rules, granting_permission
from rbac.records import Assignment
from rbac.terms import Credential, InstanceQuestion, NewResource, Resource, Subject
from rbac.vocabulary import Action, OrganizationRole, ResourceRole, ResourceType


class Granting:
    """Decides on changes of the directory in force, and makes them on snapshots.

    It answers by the policy and directory that `authorizer` has when it is built; `apply`
    gives another directory and changes nothing. A decision takes some ten microseconds, and
    milliseconds where it is about who is left to administer an organization. With
    `constraints`, no change is allowed that breaks one, or breaks it more than it is; they
    never allow anything. Raises `PolicyError` if they make no sense under the policy.
    """

    def __init__(self, authorizer: Authorizer, constraints: Constraints | None = None) -> None:
        self._by(authorizer.access, constraints)

    def _by(self, access: Access, constraints: Constraints | None) -> None:
        self.access = access
        self.constraints = constraints
        self._foresight = None if constraints is None else Foresight(access, constraints)

    @classmethod
    def of(cls, access: Access, constraints: Constraints | None = None) -> Granting:
        """The same by an access itself, for audits."""
        granting = object.__new__(cls)
        granting._by(access, constraints)
        return granting

    def may_assign(
        self, actor: Subject, role: ResourceRole, group: str, resource: Resource
    ) -> Decision:
        """May `actor` give the members of `group` a role on `resource`?

        NIST AssignUser.
        """
        return self.may(actor, Assign(role, group, resource))

    def may_unassign(self, actor: Subject, assignment: Assignment) -> Decision:
        """May `actor` take `assignment` away?

        NIST DeassignUser.
        """
        return self.may(actor, Unassign(assignment))

    def may_share(
        self, actor: Subject, role: ResourceRole, subject: Subject, resource: Resource
    ) -> Decision:
        """May `actor` share `resource` with one user or service account?"""
        return self.may(actor, Share(role, subject, resource))

    def may_add_member(self, actor: Subject, subject: Subject, group: str) -> Decision:
        """May `actor` put `subject` into `group`?"""
        return self.may(actor, AddMember(subject, group))

    def may_remove_member(self, actor: Subject, subject: Subject, group: str) -> Decision:
        """May `actor` take `subject` out of `group`?"""
        return self.may(actor, RemoveMember(subject, group))

    def may_create_group(self, actor: Subject, organization: str) -> Decision:
        """May `actor` make a group in an organization?"""
        return self.may(actor, CreateGroup(organization))

    def may_delete_group(self, actor: Subject, group: str) -> Decision:
        """May `actor` delete `group`, and with it all that it gives?"""
        return self.may(actor, DeleteGroup(group))

    def may_set_organization_role(
        self, actor: Subject, subject: Subject, role: OrganizationRole
    ) -> Decision:
        """May `actor` make `subject` an administrator or a member of its organization?"""
        return self.may(actor, SetOrganizationRole(subject, role))

    def may(
        self, actor: Subject, change: Change, *, credential: Credential | None = None
    ) -> Decision:
        """May `actor` make `change`?

        A denial's reason is that of the permission which the change takes, or
        `REFUSED_BY_GUARD` with the name of the rule that forbids it as its `guard`, or of the
        constraint that it would break, with whom and where.
        """
        action, resource = _permission(self.access, change)
        decision = self.access.decide(actor, None, resource, action, credential)
        if not decision.allowed:
            return decision
        broken = next(self._against(actor, change), None)
        if broken is None:
            return decision
        question = InstanceQuestion(actor, None, resource, action, credential)
        asked = self.access.asked(question)
        assert asked is not None, "who was allowed is known"
        return Decision.about_somebody(Reason.REFUSED_BY_GUARD, asked, broken)

    def _against(self, actor: Subject, change: Change) -> Iterator[str]:
        """Everything that keeps the change from being made; lazy, rules first."""
        yield from broken_rules(self.access, actor, change)
        for shift in self._foresight.broken(change) if self._foresight else ():
            yield f"constraint {shift}"

    def apply(
        self, actor: Subject, change: Change, *, credential: Credential | None = None
    ) -> Directory:
        """The directory after `change`, if `actor` may make it; raises `AccessDenied` if not.

        New records get random ids. Milliseconds on a million assignments; more where a
        group is deleted.
        """
        decision = self.may(actor, change, credential=credential)
        if not decision.allowed:
            raise AccessDenied(decision)
        return changed(self.access.directory, change)


def _permission(access: Access, change: Change) -> tuple[Action, Resource | NewResource]:
    """The permission that a change takes, and on what."""
    if isinstance(change, Assign | Share):
        return granting_permission(access, change.resource)
    if isinstance(change, Unassign):
        return granting_permission(access, change.assignment.resource)
    if isinstance(change, AddMember):
        return Action.CREATE_MEMBERSHIP, Resource(ResourceType.GROUP, change.group)
    if isinstance(change, RemoveMember):
        return Action.DELETE_MEMBERSHIP, Resource(ResourceType.GROUP, change.group)
    if isinstance(change, DeleteGroup):
        return Action.DELETE, Resource(ResourceType.GROUP, change.group)
    if isinstance(change, CreateGroup):
        within = Resource(ResourceType.ORGANIZATION, change.organization)
        return Action.CREATE, Resource.new(ResourceType.GROUP, (within,))
    entry = access.directory.subject(change.subject)
    if entry is None or entry.organization is None:
        raise RequestError(f"{change.subject} is not known in any organization")
    return Action.SET_ROLE, Resource(ResourceType.ORGANIZATION, entry.organization)
