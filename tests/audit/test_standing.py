"""What a role follows from: other assignments of the group, and what every member is anyway."""

import datetime

import pytest

from rbac.audit.auditing import directory_findings
from rbac.directory import Directory
from rbac.policy import Policy
from rbac.records import Assignment, Group, Membership
from rbac.terms import Resource, Subject
from rbac.vocabulary import Principal, ResourceRole, ResourceType
from tests.finding_examples import DAY
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


def closed_to_robots() -> Policy:
    """The shipped policy, but for service accounts, which may only use projects."""
    rows = Policy.shipped().rows
    stronger = (R.PROJECT_EDITOR, R.PROJECT_ADMIN, R.ORG_PROJECTS_ADMIN, R.ORG_ADMIN)
    return Policy(
        rows._replace(
            eligibility=tuple(
                row
                for row in rows.eligibility
                if row.principal is not Principal.SERVICE_ACCOUNT or row.role not in stronger
            )
        )
    )


@pytest.mark.parametrize(("policy", "beside"), [(None, True), (closed_to_robots(), False)])
def test_a_direct_role_is_beside_a_stronger_one_that_the_subject_may_hold(
    policy: Policy | None, beside: bool
) -> None:
    """A stronger role of another group counts for whoever is eligible for it alone."""
    share = Group(uuid(70), ACME.id, direct_share=True)
    records = DIRECTORY.records
    records = records._replace(
        groups=(*records.groups, share),
        memberships=(*records.memberships, Membership(uuid(71), share.id, ROBOT)),
        assignments=(
            *records.assignments,
            Assignment(uuid(72), share.id, DOCS, R.PROJECT_USER),
            Assignment(uuid(73), READERS, DOCS, R.PROJECT_EDITOR),
        ),
    )
    found = directory_findings(Directory(records, policy=policy))
    assert any(each.rule.id == "RBAC308" for each in found) is beside


def test_nothing_follows_for_whoever_may_not_hold_the_stronger_role() -> None:
    """A weaker role that more kinds of members may hold is not implied by a stronger one."""
    weak, strong = given(60, R.PROJECT_USER, DOCS), given(61, R.PROJECT_EDITOR, DOCS)
    assert added(weak, strong, policy=closed_to_robots()) == {}


@pytest.mark.parametrize(("seconds", "over"), [(-1, True), (0, True), (1, False)])
def test_an_account_has_expired_once_its_time_is_over(seconds: int, over: bool) -> None:
    """By the beginning of the day that the audit is about, in UTC."""
    midnight = datetime.datetime.combine(DAY, datetime.time(), datetime.UTC).timestamp()
    records = DIRECTORY.records
    subjects = [
        each._replace(valid_until=midnight + seconds) if each.subject == ROBOT else each
        for each in records.subjects
    ]
    found = directory_findings(Directory(records._replace(subjects=subjects)), day=DAY)
    assert any(each.rule.id == "RBAC304" for each in found) is over
