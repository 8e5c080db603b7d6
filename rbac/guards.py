"""Guards: what takes access away from somebody, whatever roles they hold.

Knows what a guard is shown and the built-in ones. It must not give anything: a guard can
only refuse, and one that fails, or that answers anything but False, has refused.
"""

from __future__ import annotations

import time

from rbac.decision import Reason
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.light import TYPE_CHECKING, NamedTuple, Protocol
from rbac.records import Organization
from rbac.rows import Level, Permission
from rbac.terms import Credential
from rbac.vocabulary import (
    Action,
    Name,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class Asked(Protocol):
    """A question about somebody, as a guard sees it.

    `about` is None for a resource that is not known, `level` for a permission that does
    not exist, `organization` for a resource in none.
    """

    @property
    def who(self) -> SubjectEntry: ...
    @property
    def about(self) -> ResourceEntry | None: ...
    @property
    def permission(self) -> Permission: ...
    @property
    def level(self) -> Level | None: ...
    @property
    def credential(self) -> Credential | None: ...
    @property
    def organization(self) -> Organization | None: ...
    @property
    def holds(self) -> frozenset[ResourceRole]:
        """The roles that the subject is given there, without their juniors."""

    @property
    def granted_to(self) -> frozenset[ResourceRole]:
        """The roles whose own grants permit it, of those that the subject holds there."""


class LooksAt(Name, noun="view"):
    """What of a question a guard looks at.

    The subject's record and the organization of the resource; or the credential and the
    permission, and then it is not asked where there is no credential.
    """

    SUBJECT = "subject"
    CREDENTIAL = "credential"
    ANYTHING = "anything"


class Guard(NamedTuple):
    """A named refusal; `reason` is what the decision gives as its reason.

    `looks_at` is all that `refuses` may look at, for those who ask many questions at once.
    """

    name: str
    refuses: Callable[[Asked], bool]
    reason: Reason = Reason.REFUSED_BY_GUARD
    looks_at: LooksAt = LooksAt.ANYTHING


# Looking a member up on its enum costs more than all the rest of a guard.
_ACTIVE, _NO_STATUS, _USER, _READ = (
    UserStatus.ACTIVE,
    UserStatus.UNSPECIFIED,
    Principal.USER,
    Level.READ,
)


def is_active(who: SubjectEntry, now: float) -> bool:
    """Whether a subject may act at all, `now` in seconds since 1970 (J7)."""
    status = who.status
    if status is not _ACTIVE and (who.principal is _USER or status is not _NO_STATUS):
        return False
    return who.valid_until is None or now < who.valid_until


def inactive_subject(clock: Callable[[], float] = time.time) -> Guard:
    """Refuses a user who is not active, and a service account that is suspended or expired.

    `clock` gives the seconds since 1970. Whoever is no user need not have a status (J7).
    """

    def refuses(asked: Asked) -> bool:
        who = asked.who
        if who.valid_until is None:
            return not is_active(who, 0)
        return not is_active(who, clock())

    return Guard("inactive_subject", refuses, Reason.SUBJECT_INACTIVE, LooksAt.SUBJECT)


def _foreign(asked: Asked) -> bool:
    about = asked.about
    if about is None:
        return False
    there = about.organization
    return there is not None and there != asked.who.organization


FOREIGN_ORGANIZATION = Guard("foreign_organization", _foreign, looks_at=LooksAt.SUBJECT)
"""Refuses whatever lies within another organization: a hard boundary (DOC_OVERVIEW)."""


def _mutates(asked: Asked) -> bool:
    credential = asked.credential
    return credential is not None and credential.read_only and asked.level is not _READ


READ_ONLY_CREDENTIAL = Guard("read_only_credential", _mutates, looks_at=LooksAt.CREDENTIAL)
"""Refuses everything but reading to a read-only credential (DOC_PAT)."""

DEFAULT = (inactive_subject(), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL)
"""The guards that are on unless others are asked for."""


_MAKES_PROJECT = frozenset({Action.CREATE, Action.CREATE_BULK, Action.CREATE_FROM_ENVIRONMENT})


def _only_as_a_member(asked: Asked) -> bool:
    """Whether it is permitted to a member as such: organization policies limit no others."""
    return (
        asked.granted_to == {ResourceRole.ORG_MEMBER} and ResourceRole.ORG_ADMIN not in asked.holds
    )


def _makes_projects(asked: Asked) -> bool:
    action, type = asked.permission
    if type is not ResourceType.PROJECT or action not in _MAKES_PROJECT:
        return False
    organization = asked.organization
    lets = organization is not None and organization.members_create_projects is True
    return not lets and _only_as_a_member(asked)


MEMBERS_CREATE_PROJECTS = Guard("members_create_projects", _makes_projects)
"""Refuses to make a project to whoever may do so only as a member, unless the organization
is known to let its members (API_ORGPOLICY)."""


def _makes_without_project(asked: Asked) -> bool:
    if asked.permission != _MAKES_ENVIRONMENT:
        return False
    organization = asked.organization
    lets = organization is not None and organization.members_require_projects is False
    return not lets and _only_as_a_member(asked)


_MAKES_ENVIRONMENT = Permission(Action.CREATE, ResourceType.ENVIRONMENT)

MEMBERS_REQUIRE_PROJECTS = Guard("members_require_projects", _makes_without_project)
"""Refuses an environment without a project to whoever may make one only as a member, unless
the organization is known not to insist on projects (API_ORGPOLICY)."""


_PAID = {
    ResourceType.SSO_CONFIG: None,
    ResourceType.SCIM_CONFIGURATION: None,
    ResourceType.ORGANIZATION_SECRET: None,
    ResourceType.ANNOUNCEMENT_BANNER: None,
    ResourceType.WEBHOOK: None,
    ResourceType.GROUP: frozenset({Action.CREATE}),
    ResourceType.ROLE_ASSIGNMENT: frozenset({Action.CREATE, Action.SHARE}),
    ResourceType.ORGANIZATION: frozenset({Action.GET_AUDIT_LOG, Action.LIST_AUDIT_LOGS}),
    ResourceType.BILLING: frozenset({Action.GET_USER_BUDGET, Action.SET_USER_BUDGET}),
}
"""What only the enterprise plan offers, by type; None: every action."""


def _unpaid(asked: Asked) -> bool:
    action, type = asked.permission
    if type not in _PAID:
        return False
    actions = _PAID[type]
    if actions is not None and action not in actions:
        return False
    organization = asked.organization
    return organization is None or organization.tier is not OrganizationTier.ENTERPRISE


TIER = Guard("tier", _unpaid)
"""Refuses what the organization's plan does not offer; an unknown plan offers nothing extra."""

OPTIONAL = (MEMBERS_CREATE_PROJECTS, MEMBERS_REQUIRE_PROJECTS, TIER)
"""The guards that are off unless asked for."""
