"""What a role follows from: other assignments of the group, and what every member is anyway."""

import pytest

from rbac.audit.auditing import directory_findings
from rbac.directory import Directory
from rbac.policy import Policy
from rbac.records import Assignment, Membership
from rbac.terms import Resource, Subject
from rbac.vocabulary import Principal, ResourceRole, ResourceType
from tests.organization import ACME, DIRECTORY, DOCS, EDITORS, MEMBER, READERS, ROBOT, uuid

R = ResourceRole
THEIRS = Resource(ResourceType.GROUP, READERS)


def added(
    *assignments: Assignment, members: tuple[Subject, ...] = (), policy: Policy | None = None
) -> dict[str, str]:
    """The assignments that add nothing once these are there too, each with the reason."""
    new = [Membership(uuid(90 + number), EDITORS, who) for number, who in enumerate(members)]
    records = DIRECTORY.records
    records = records._replace(
        assignments=(*records.assignments, *assignments),
        memberships=(*records.memberships, *new),
    )
    found = directory_findings(Directory(records, policy=policy))
    return {each.subject[-1]: each.evidence[0] for each in found if each.rule.id == "RBAC301"}


def given(number: int, role: ResourceRole, resource: Resource) -> Assignment:
    """The editors hold a role on a resource."""
    return Assignment(uuid(number), EDITORS, resource, role)


def test_a_stronger_role_on_the_same_resource_implies_a_weaker_one() -> None:
    """And a weaker one no stronger one, whichever comes first."""
    weak, strong = given(60, R.PROJECT_USER, DOCS), given(61, R.PROJECT_EDITOR, DOCS)
    reason = f"implied by project_editor there, in the assignment {strong.id}"
    assert added(weak, strong) == added(strong, weak) == {weak.id: reason}


def test_a_role_on_what_contains_the_resource_implies_one_on_it() -> None:
    """An organization role of the group reaches every project."""
    weak, strong = given(60, R.PROJECT_EDITOR, DOCS), given(61, R.ORG_PROJECTS_ADMIN, ACME)
    found = added(weak, strong)
    assert found[weak.id] == (
        f"implied by org_projects_admin on {ACME}, in the assignment {strong.id}"
    )
    assert strong.id not in found


def test_of_two_equal_assignments_one_adds_nothing() -> None:
    """The one with the later id, whatever their order; never both."""
    first, second = given(60, R.PROJECT_USER, DOCS), given(61, R.PROJECT_USER, DOCS)
    assert added(first, second).keys() == added(second, first).keys() == {second.id}


def test_an_assignment_to_another_group_implies_nothing() -> None:
    """Groups have different members, today or tomorrow."""
    weak = given(60, R.PROJECT_USER, DOCS)
    strong = Assignment(uuid(61), READERS, DOCS, R.PROJECT_EDITOR)
    assert added(weak, strong) == {}


@pytest.mark.parametrize(
    ("members", "adds"), [((), False), ((MEMBER,), False), ((MEMBER, ROBOT), True)]
)
def test_what_members_of_the_organization_have_is_nothing_new(
    members: tuple[Subject, ...], adds: bool
) -> None:
    """Unless one in the group is no member of the organization by its organization role."""
    viewer = given(60, R.GROUP_VIEWER, THEIRS)
    found = added(viewer, members=members)
    assert (viewer.id not in found) is adds
    if not adds:
        assert found[viewer.id] == "every member has it by its organization role"


def test_nothing_follows_for_whoever_may_not_hold_the_stronger_role() -> None:
    """A weaker role that more kinds of members may hold is not implied by a stronger one."""
    rows = Policy.shipped().rows
    closed = tuple(
        row
        for row in rows.eligibility
        if row[:2] != (Principal.SERVICE_ACCOUNT, R.PROJECT_EDITOR)
        and row[:2] != (Principal.SERVICE_ACCOUNT, R.PROJECT_ADMIN)
        and row[:2] != (Principal.SERVICE_ACCOUNT, R.ORG_PROJECTS_ADMIN)
        and row[:2] != (Principal.SERVICE_ACCOUNT, R.ORG_ADMIN)
    )
    policy = Policy(rows._replace(eligibility=closed))
    weak, strong = given(60, R.PROJECT_USER, DOCS), given(61, R.PROJECT_EDITOR, DOCS)
    assert added(weak, strong, policy=policy) == {}
