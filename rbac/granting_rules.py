"""The rules of granting: what keeps a change from being made, whatever the actor may do.

Knows each rule by its name. It must not give anything: a rule only takes away from what the
permission of a change allows.

The rules are those of the API (API_ROLEASSIGN, API_GROUP, DOC_ORGROLES) and, where it is
silent, the narrower reading: nobody adds a member to a group that holds a role which the
actor could not give (J1), and the last administrator of an organization stays (J8).
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from rbac.access import Access
from rbac.administration import (
    AddMember,
    Assign,
    Change,
    DeleteGroup,
    RemoveMember,
    SetOrganizationRole,
    Share,
    Unassign,
    assignments_of,
    changed,
)
from rbac.entries import BITS, SubjectEntry
from rbac.guards import is_active
from rbac.terms import Resource, Subject
from rbac.vocabulary import Action, OrganizationRole, Principal, ResourceRole, ResourceType

_JOIN = (Principal.USER, Principal.SERVICE_ACCOUNT)
"""Who may be in a group, and whom one may share with (C10, API_SHARE)."""


def granting_permission(access: Access, resource: Resource) -> tuple[Action, Resource]:
    """What giving a role on `resource` takes (API_ROLEASSIGN).

    Its ``grant``, or where its type has none, that of the organization it lies within.
    """
    entry = access.directory.resource(resource)
    if entry is None or Action.GRANT in access.table.actions_on(resource.type):
        return Action.GRANT, resource
    return Action.GRANT, Resource(ResourceType.ORGANIZATION, entry.organization or "")


def broken_rules(access: Access, actor: Subject, change: Change) -> Iterator[str]:
    """The names of the rules that `change` breaks, whatever the actor may do; lazy."""
    if isinstance(change, Assign):
        yield from _assign_rules(access, actor, change)
    elif isinstance(change, Share):
        yield from _share_rules(access, actor, change)
    elif isinstance(change, Unassign):
        yield from _unassign_rules(access, actor, change)
    elif isinstance(change, AddMember):
        yield from _add_member_rules(access, actor, change)
    elif isinstance(change, RemoveMember):
        yield from _remove_member_rules(access, change)
    elif isinstance(change, DeleteGroup):
        yield from _group_rules(access, change.group)
        organization = _organization(access, change.group)
        yield from _last_admin_rule(
            access, change, organization, _gives_admin(access, change.group)
        )
    elif isinstance(change, SetOrganizationRole):
        entry = access.directory.subject(change.subject)
        demoted = entry is not None and entry.role is OrganizationRole.ADMIN
        organization = entry.organization if entry else None
        yield from _last_admin_rule(access, change, organization, demoted)


def _role_rules(
    access: Access, actor: Subject, role: ResourceRole, resource: Resource
) -> Iterator[str]:
    """What holds of a role that is given on a resource, whoever gets it."""
    row = next((row for row in access.table.policy.rows.roles if row.role is role), None)
    if row is None or not row.assignable:
        yield "role_is_never_assigned"
    elif row.assigned_on is not resource.type:
        yield "role_of_another_type"
    if resource.type is ResourceType.ORGANIZATION and not administers(access, actor, resource.id):
        yield "organization_admins_only"


def administers(access: Access, actor: Subject, organization: str) -> bool:
    """Whether `actor` holds organization administrator there."""
    who = access.directory.subject(actor)
    about = access.directory.resource(Resource(ResourceType.ORGANIZATION, organization))
    if who is None or about is None:
        return False
    return bool(access.given(who, about) & access.holding(who, ResourceRole.ORG_ADMIN))


def _assign_rules(access: Access, actor: Subject, change: Assign) -> Iterator[str]:
    yield from _role_rules(access, actor, change.role, change.resource)
    tables = access.directory.tables
    group, about = tables.groups.get(change.group), access.directory.resource(change.resource)
    if group is None:
        yield "unknown_group"
        return
    if about is None or group.organization != about.organization:
        yield "group_of_another_organization"
    if group.direct_share:
        yield "direct_share_group"
    if any(
        not access.table.eligible(subject.principal, change.role)
        for subject in _odd_members(access, change.group, change.role)
    ):
        yield "member_not_eligible"


def _odd_members(access: Access, group: str, role: ResourceRole) -> Iterator[Subject]:
    """The members of a group, unless everybody who may be in one may hold the role."""
    eligible = access.table.eligible
    if all(eligible(each, role) for each in _JOIN):
        return
    yield from access.directory.tables.members.get(group, {})


def _share_rules(access: Access, actor: Subject, change: Share) -> Iterator[str]:
    yield from _role_rules(access, actor, change.role, change.resource)
    who = access.directory.subject(change.subject)
    about = access.directory.resource(change.resource)
    if who is None:
        yield "unknown_subject"
        return
    if who.principal not in _JOIN:
        yield "shared_with_users_and_service_accounts_only"
    if about is None or who.organization != about.organization:
        yield "subject_of_another_organization"
    if not access.table.eligible(who.principal, change.role):
        yield "member_not_eligible"


def _unassign_rules(access: Access, actor: Subject, change: Unassign) -> Iterator[str]:
    assignment = change.assignment
    about = access.directory.resource(assignment.resource)
    if assignment.derived_from is not ResourceRole.UNSPECIFIED:
        yield "derived_assignment"
    if about is None or assignment not in access.directory.assignments(about):
        yield "no_such_assignment"
        return
    if assignment.resource.type is ResourceType.ORGANIZATION and not administers(
        access, actor, assignment.resource.id
    ):
        yield "organization_admins_only"
    admin = bool(BITS[assignment.role] & _admin_bits(access))
    yield from _last_admin_rule(access, change, about.organization, admin)


def _group_rules(access: Access, id: str) -> Iterator[str]:
    group = access.directory.tables.groups.get(id)
    if group is None:
        yield "unknown_group"
    elif group.system_managed:
        yield "system_managed_group"
    elif group.direct_share:
        yield "direct_share_group"


def _add_member_rules(access: Access, actor: Subject, change: AddMember) -> Iterator[str]:
    yield from _group_rules(access, change.group)
    tables = access.directory.tables
    group, who = tables.groups.get(change.group), access.directory.subject(change.subject)
    if who is None:
        yield "unknown_subject"
        return
    if group is None or who.organization != group.organization:
        yield "subject_of_another_organization"
    if who.principal not in _JOIN:
        yield "users_and_service_accounts_only"
    if change.group in who.groups:
        yield "already_a_member"
    trusted = group is not None and administers(access, actor, group.organization)
    for assignment in assignments_of(access.directory, change.group):
        if not access.table.eligible(who.principal, assignment.role):
            yield "member_not_eligible"
        if not trusted and not could_grant(access, actor, assignment.role, assignment.resource):
            yield f"role_beyond_the_actor: {assignment.role.short} on {assignment.resource}"


def could_grant(access: Access, actor: Subject, role: ResourceRole, resource: Resource) -> bool:
    """Whether `actor` could give a role on a resource: what it adds to a group by a member."""
    action, asked = granting_permission(access, resource)
    return (
        access.decide(actor, None, asked, action, None).allowed
        and next(_role_rules(access, actor, role, resource), None) is None
    )


def _remove_member_rules(access: Access, change: RemoveMember) -> Iterator[str]:
    yield from _group_rules(access, change.group)
    who = access.directory.subject(change.subject)
    if who is None or change.group not in who.groups:
        yield "not_a_member"
        return
    organization = _organization(access, change.group)
    yield from _last_admin_rule(access, change, organization, _gives_admin(access, change.group))


def _organization(access: Access, group: str) -> str | None:
    found = access.directory.tables.groups.get(group)
    return found.organization if found else None


def _admin_bits(access: Access) -> int:
    """The roles that are organization administrator, or include it."""
    includes = access.table.includes
    return sum(bit for role, bit in BITS.items() if ResourceRole.ORG_ADMIN in includes(role))


def _gives_admin(access: Access, group: str) -> bool:
    bits = _admin_bits(access)
    return any(BITS[each.role] & bits for each in assignments_of(access.directory, group))


def _last_admin_rule(
    access: Access, change: Change, organization: str | None, concerned: bool
) -> Iterator[str]:
    """Where administrators are concerned: whether an organization that had one keeps one."""
    if not concerned or organization is None or not any(administrators(access, organization)):
        return
    after = Access(access.table, changed(access.directory, change), access.guards)
    if not any(administrators(after, organization)):
        yield "last_organization_admin"


def administrators(access: Access, organization: str) -> Iterator[SubjectEntry]:
    """The users who administer an organization and are active."""
    about = access.directory.resource(Resource(ResourceType.ORGANIZATION, organization))
    assert about is not None, "an organization is a resource"
    now = time.time()
    for who in access.directory.subjects(Principal.USER):
        if (
            who.organization == organization
            and (who.role is OrganizationRole.ADMIN or who.groups)
            and is_active(who, now)
            and access.given(who, about) & access.holding(who, ResourceRole.ORG_ADMIN)
        ):
            yield who
