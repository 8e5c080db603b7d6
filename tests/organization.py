"""A small organization on the shipped policy, by name, for tests that need somebody."""

from rbac.directory import Directory
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Resource, Subject
from rbac.vocabulary import (
    OrganizationRole,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)


def uuid(number: int) -> str:
    """A canonical id."""
    return f"{number:08x}-0000-4000-8000-000000000000"


ACME = Resource(ResourceType.ORGANIZATION, uuid(1))
ADMIN, EDITOR, OWNER, MEMBER, SUSPENDED, STRANGER = (
    Subject(Principal.USER, uuid(number)) for number in range(10, 16)
)
ROBOT = Subject(Principal.SERVICE_ACCOUNT, uuid(16))
EDITORS, READERS = uuid(20), uuid(21)
WEB, DOCS = (Resource(ResourceType.PROJECT, uuid(number)) for number in (30, 31))
RUNNER = Resource(ResourceType.RUNNER, uuid(32))
BOX = Resource(ResourceType.ENVIRONMENT, uuid(33))
SECRET = Resource(ResourceType.SECRET, uuid(34))
EXECUTION = Resource(ResourceType.WORKFLOW_EXECUTION, uuid(36))
WORKFLOW = Resource(ResourceType.WORKFLOW, uuid(35))


def _user(
    subject: Subject,
    role: OrganizationRole = OrganizationRole.MEMBER,
    status: UserStatus = UserStatus.ACTIVE,
) -> SubjectRecord:
    return SubjectRecord(subject, ACME.id, status, role)


RECORDS = Records(
    organizations=[Organization(ACME.id)],
    subjects=[
        _user(ADMIN, OrganizationRole.ADMIN),
        *map(_user, (EDITOR, OWNER, MEMBER)),
        _user(SUSPENDED, status=UserStatus.SUSPENDED),
        SubjectRecord(ROBOT, ACME.id),
        SubjectRecord(Subject(Principal.ENVIRONMENT, BOX.id), ACME.id),
        SubjectRecord(Subject(Principal.RUNNER, RUNNER.id), ACME.id),
    ],
    groups=[Group(EDITORS, ACME.id), Group(READERS, ACME.id)],
    resources=[
        ResourceRecord(WEB, (ACME,), owner=OWNER, references=(RUNNER,)),
        ResourceRecord(DOCS, (ACME,), owner=OWNER),
        ResourceRecord(RUNNER, (ACME,)),
        ResourceRecord(BOX, (ACME,), creator=MEMBER, owner=MEMBER, references=(WEB, RUNNER)),
        ResourceRecord(SECRET, (WEB,)),
        ResourceRecord(WORKFLOW, (ACME,), owner=OWNER),
        ResourceRecord(EXECUTION, (WORKFLOW,), creator=OWNER, executor=EDITOR),
    ],
    memberships=[
        Membership(uuid(40), EDITORS, EDITOR),
        Membership(uuid(41), EDITORS, SUSPENDED),
        Membership(uuid(42), READERS, ROBOT),
    ],
    assignments=[
        Assignment(uuid(50), EDITORS, WEB, ResourceRole.PROJECT_EDITOR),
        Assignment(uuid(51), READERS, WEB, ResourceRole.PROJECT_USER),
        Assignment(uuid(52), EDITORS, WORKFLOW, ResourceRole.WORKFLOW_EXECUTOR),
        Assignment(uuid(53), EDITORS, DOCS, ResourceRole.PROJECT_USER, ResourceRole.ORG_ADMIN),
    ],
)
DIRECTORY = Directory(RECORDS)
