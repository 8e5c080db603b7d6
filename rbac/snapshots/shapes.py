"""The shape of each record as a JSON object of the API, and how it is read.

Knows members, their types and which may be absent. It must not know files, nor the rules
that hold between records.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from rbac.errors import RequestError, quoted
from rbac.records import (
    REFERENCED,
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
    ResourceRecord,
    SubjectRecord,
)
from rbac.snapshots.lines import described
from rbac.snapshots.members import (
    Ids,
    Invalid,
    Member,
    Shape,
    array_of,
    boolean,
    name_of,
    new_id,
)
from rbac.terms import Resource, Subject
from rbac.vocabulary import (
    OrganizationRole,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

NANO = 10**9


def _instant(given: object) -> float:
    """Seconds since 1970, of an RFC 3339 timestamp; the nearest float."""
    from rbac.wire.formats import Timestamp  # needs pydantic; few subjects expire

    if type(given) is not str:
        raise Invalid([f"{described(given)} instead of a string"])
    try:
        whole = Timestamp(given).datetime.replace(microsecond=0)
    except (RequestError, ValueError):
        raise Invalid([f"{quoted(given)} is not an RFC 3339 timestamp"]) from None
    seconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // SECOND
    digits = re.search(r"[.]([0-9]+)", given)
    nanos = int(digits[1].ljust(9, "0")) if digits else 0
    return (seconds * NANO + nanos) / NANO


SECOND = datetime(1970, 1, 1, 0, 0, 1) - datetime(1970, 1, 1)


class Shapes:
    """Reads the records of one directory; equal ids and resources are one object in memory."""

    def __init__(self) -> None:
        self.organization_of: dict[str, str] = {}
        self.resources: dict[tuple[ResourceType, str], Resource] = {}
        self.subjects: dict[tuple[Principal, str], Subject] = {}
        self.id: Callable[[object], object] = Ids().__getitem__  # type: ignore[assignment]
        self.of = {
            "organizations": self._organizations(),
            "subjects": self._subjects(),
            "groups": self._groups(),
            "resources": self._resources(),
            "memberships": self._memberships(),
            "assignments": self._assignments(),
        }
        """The shape of each table's records."""

    def read(self, table: str, given: object) -> Record:
        """The record that an object of a table is; raises `Invalid`."""
        record = self.of[table].read(given)
        if type(record) is Group:
            self.organization_of[record.id] = record.organization
        return record  # type: ignore[return-value]

    def _organizations(self) -> Shape:
        def make(id: str, tier: OrganizationTier, lets: tuple[bool | None, bool | None]) -> object:
            return Organization(id, tier, *lets)

        policies = Shape(
            lambda *lets: lets,
            Member("membersCreateProjects", boolean, None),
            Member("membersRequireProjects", boolean, None),
            lenient=True,
        )
        return Shape(
            make,
            Member("id", self.id),
            Member("tier", name_of(OrganizationTier), OrganizationTier.UNSPECIFIED),
            Member("policies", policies.read, (None, None)),
            lenient=True,
        )

    def _subjects(self) -> Shape:
        def make(id: str, principal: Principal, *standing: object) -> object:
            suspended = len(standing) - 1  # is never there
            return SubjectRecord(self._subject(id, principal), *standing[:suspended])  # type: ignore[arg-type]

        return Shape(
            make,
            Member("id", self.id),
            Member("principal", name_of(Principal, specified=True)),
            Member("organizationId", self.id, None),
            Member("status", name_of(UserStatus), UserStatus.UNSPECIFIED),
            Member("organizationRole", name_of(OrganizationRole), OrganizationRole.UNSPECIFIED),
            Member("validUntil", _instant, None),
            Member("suspended", _refuse_suspended, None),
            lenient=True,
        )

    def _groups(self) -> Shape:
        return Shape(
            Group,
            Member("id", self.id),
            Member("organizationId", self.id),
            Member("directShare", boolean, False),
            Member("systemManaged", boolean, False),
            lenient=True,
        )

    def _memberships(self) -> Shape:
        return Shape(
            Membership,
            Member("id", new_id),
            Member("groupId", self.id),
            Member("subject", self._subject_shape().read),
            lenient=True,
        )

    def _assignments(self) -> Shape:
        def make(
            id: str,
            group: str,
            resource: str,
            type: ResourceType,
            role: ResourceRole,
            derived_from: ResourceRole,
            organization: str | None,
        ) -> Assignment:
            if organization is not None and (
                self.organization_of.get(group, organization) != organization
            ):
                raise RequestError("organizationId: not the organization of the group")
            return Assignment(id, group, self._resource(type, resource), role, derived_from)

        return Shape(
            make,
            Member("id", new_id),
            Member("groupId", self.id),
            Member("resourceId", self.id),
            Member("resourceType", name_of(ResourceType, specified=True)),
            Member("resourceRole", name_of(ResourceRole, specified=True)),
            Member("derivedFromOrgRole", name_of(ResourceRole), ResourceRole.UNSPECIFIED),
            Member("organizationId", self.id, None),
            lenient=True,
        )

    def _resources(self) -> Shape:
        def make(type: ResourceType, id: str, *rest: object) -> object:
            return ResourceRecord(self._resource(type, id), *rest)  # type: ignore[arg-type]

        types = name_of(ResourceType, specified=True)
        somebody = self._subject_shape().read
        parent = Shape(self._resource, Member("type", types), Member("id", self.id))
        named = Shape(self._references, *(Member(each.short, self.id, None) for each in REFERENCED))
        return Shape(
            make,
            Member("type", types),
            Member("id", self.id),
            Member("parents", array_of(parent.read), ()),
            Member("creator", somebody, None),
            Member("owner", somebody, None),
            Member("executor", somebody, None),
            Member("references", named.read, ()),
            ignored=("name",),
        )

    def _references(self, *ids: str | None) -> tuple[Resource, ...]:
        pairs = zip(REFERENCED, ids, strict=True)
        return tuple(self._resource(type, id) for type, id in pairs if id is not None)

    def _subject_shape(self) -> Shape:
        return Shape(
            self._subject,
            Member("id", self.id),
            Member("principal", name_of(Principal, specified=True)),
        )

    def _subject(self, id: str, principal: Principal) -> Subject:
        found = self.subjects.get((principal, id))
        if found is None:
            found = self.subjects[principal, id] = Subject(principal, id)
        return found

    def _resource(self, type: ResourceType, id: str) -> Resource:
        found = self.resources.get((type, id))
        if found is None:
            found = self.resources[type, id] = Resource(type, id)
        return found


def _refuse_suspended(_: object) -> None:
    raise Invalid([f"is said by a status: {UserStatus.SUSPENDED.value}"])
