"""A small directory, told record by record, for tests that change a little of it."""

from collections.abc import Iterable

from rbac.directory import Directory
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Resource, Subject
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType, UserStatus
from tests.worlds import uuid

ORGANIZATION, OTHER = Organization(uuid(1, 0)), Organization(uuid(1, 1))
ANA = Subject(Principal.USER, uuid(2, 0))
BEN = Subject(Principal.USER, uuid(2, 1))
BOT = Subject(Principal.SERVICE_ACCOUNT, uuid(2, 2))
NEW = Subject(Principal.SERVICE_ACCOUNT, uuid(2, 9))
HERE = Resource(ResourceType.ORGANIZATION, ORGANIZATION.id)
PROJECT = Resource(ResourceType.PROJECT, uuid(4, 0))
SECOND = Resource(ResourceType.PROJECT, uuid(4, 1))
SECRET = Resource(ResourceType.SECRET, uuid(4, 2))
EDITORS, ADMINS = Group(uuid(3, 0), ORGANIZATION.id), Group(uuid(3, 1), ORGANIZATION.id)

SUBJECTS = [
    SubjectRecord(ANA, ORGANIZATION.id, UserStatus.ACTIVE, OrganizationRole.ADMIN),
    SubjectRecord(BEN, ORGANIZATION.id, UserStatus.ACTIVE, OrganizationRole.MEMBER),
    SubjectRecord(BOT, ORGANIZATION.id),
]
RESOURCES = [
    ResourceRecord(PROJECT, (HERE,), owner=ANA),
    ResourceRecord(SECOND, (HERE,)),
    ResourceRecord(SECRET, (PROJECT,)),
]
BEN_EDITS = Membership(uuid(5, 0), EDITORS.id, BEN)
BEN_ADMINISTERS = Membership(uuid(5, 1), ADMINS.id, BEN)
EDIT = Assignment(uuid(6, 0), EDITORS.id, PROJECT, ResourceRole.PROJECT_EDITOR)
DERIVED = Assignment(
    uuid(6, 1), ADMINS.id, PROJECT, ResourceRole.PROJECT_ADMIN, ResourceRole.ORG_PROJECTS_ADMIN
)
SMALL = Records(
    [ORGANIZATION, OTHER],
    SUBJECTS,
    [EDITORS, ADMINS],
    RESOURCES,
    [BEN_EDITS, BEN_ADMINISTERS],
    [EDIT, DERIVED],
)
"""One organization with three subjects, two groups, two projects, and another that is empty."""


def small(**tables: Iterable[Record]) -> Records:
    """The small directory with more records in some of its tables."""
    more = {name: [*getattr(SMALL, name), *records] for name, records in tables.items()}
    return SMALL._replace(**more)


def everything(directory: Directory) -> object:
    """All that can be seen of a directory, in no order."""
    return (
        *(frozenset(table) for table in directory.records),
        frozenset((each.record, frozenset(each.memberships)) for each in directory.subjects()),
        frozenset(
            (
                each.record,
                each.implied,
                each.organization,
                tuple(above.resource for above in each.above),
                frozenset(directory.assignments(each)),
                frozenset(directory.derived_assignments(each)),
            )
            for each in directory.resources()
        ),
        frozenset(
            (group, frozenset(directory.members(group)), _holds(directory, group))
            for group in directory.tables.groups
        ),
        frozenset(
            (entry.resource, frozenset(crowd.items()))
            for entry, crowd in directory.tables.crowds.items()
        ),
    )


def _holds(directory: Directory, group: str) -> frozenset[Resource]:
    return frozenset(entry.resource for entry in directory.tables.holds.get(group, ()))
