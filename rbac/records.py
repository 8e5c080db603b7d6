"""The records of a directory, as frozen data: who holds what, one record a statement.

Knows the shape of each kind of record. It must not know files, nor what records give
anybody. Names are those of the API (RoleAssignment, GroupMembership) and of NIST RBAC:
an assignment gives a role to the members of a group (user assignment).
"""

from __future__ import annotations

from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.terms import Resource, Subject
from rbac.vocabulary import (
    OrganizationRole,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


class Organization(NamedTuple):
    """An organization: its plan, and the two of its policies that a guard may look at.

    None where it is not known.
    """

    id: str
    tier: OrganizationTier = OrganizationTier.UNSPECIFIED
    members_create_projects: bool | None = None
    members_require_projects: bool | None = None


class SubjectRecord(NamedTuple):
    """A subject that exists, and its standing in its organization.

    `organization` is None for an account and a runner manager, which belong to none.
    `status` says whether a user may act at all; others may have none. `role` is what it is
    to the organization. `valid_until` is when a service account expires, in seconds since
    1970; None: never.
    """

    subject: Subject
    organization: str | None = None
    status: UserStatus = UserStatus.UNSPECIFIED
    role: OrganizationRole = OrganizationRole.UNSPECIFIED
    valid_until: float | None = None


class Group(NamedTuple):
    """A group of an organization: the only thing that roles are assigned to.

    `direct_share` marks the hidden group behind sharing with one subject, `system_managed`
    one that nobody edits by hand.
    """

    id: str
    organization: str
    direct_share: bool = False
    system_managed: bool = False


class Membership(NamedTuple):
    """A subject is in a group."""

    id: str
    group: str
    subject: Subject


class Assignment(NamedTuple):
    """The members of a group hold a role on a resource (API RoleAssignment).

    One that is `derived_from` a role on the organization is kept for audits and never
    gives anything: seniority already says what the organization's role includes.
    """

    id: str
    group: str
    resource: Resource
    role: ResourceRole
    derived_from: ResourceRole = ResourceRole.UNSPECIFIED


class ResourceRecord(NamedTuple):
    """A resource that exists: what contains it, whose it is, and which others it names.

    `references` are a project, a runner, an environment, an organization, at most one of
    each type.
    """

    resource: Resource
    parents: tuple[Resource, ...] = ()
    creator: Subject | None = None
    owner: Subject | None = None
    executor: Subject | None = None
    references: tuple[Resource, ...] = ()


Record = Organization | SubjectRecord | Group | Membership | Assignment | ResourceRecord


class Records(NamedTuple):
    """All records of a directory, in the order they were written; nothing is checked."""

    organizations: Sequence[Organization] = ()
    subjects: Sequence[SubjectRecord] = ()
    groups: Sequence[Group] = ()
    resources: Sequence[ResourceRecord] = ()
    memberships: Sequence[Membership] = ()
    assignments: Sequence[Assignment] = ()


REFERENCED = (
    ResourceType.PROJECT,
    ResourceType.RUNNER,
    ResourceType.ENVIRONMENT,
    ResourceType.ORGANIZATION,
)
"""The types of the resources that a record may name without lying within them."""

SINGLETONS = {
    ResourceType.BILLING: ResourceType.ORGANIZATION,
    ResourceType.ORGANIZATION_POLICY: ResourceType.ORGANIZATION,
    ResourceType.ANNOUNCEMENT_BANNER: ResourceType.ORGANIZATION,
    ResourceType.CUSTOM_DOMAIN: ResourceType.ORGANIZATION,
    ResourceType.PROJECT_ENVIRONMENT_CLASS: ResourceType.PROJECT,
    ResourceType.USER_PREFERENCE: ResourceType.USER,
}
"""Types of which each container has exactly one, by the type of that container.

Such a resource takes its container's id and needs no record.
"""

ITSELF = {
    principal: ResourceType[principal.name]
    for principal in Principal
    if principal.name in ResourceType.__members__ and principal.name != "UNSPECIFIED"
}
"""The resource type that a subject is itself an instance of, under the same id."""

TENANTS = frozenset(ITSELF) - {Principal.ACCOUNT}
"""The principals that belong to exactly one organization."""
