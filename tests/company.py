"""A company in which people grant: the fixed organization with groups that administer it."""

from hypothesis import strategies as st

from rbac import (
    Resource,
    ResourceRole,
)
from rbac.directory import Directory
from rbac.records import Assignment, Group, Membership, SubjectRecord
from rbac.vocabulary import OrganizationRole, ResourceType, UserStatus
from tests.organization import (
    ACME,
    BOX,
    DIRECTORY,
    DOCS,
    EDITOR,
    EDITORS,
    MEMBER,
    OWNER,
    READERS,
    ROBOT,
    RUNNER,
    STRANGER,
    WEB,
    WORKFLOW,
    uuid,
)

R = ResourceRole
ADMINS, HIDDEN, SYSTEM, MANAGERS = (uuid(number) for number in range(70, 74))
MANAGER = STRANGER
"""A member who administers groups, by the group of managers."""

COMPANY = DIRECTORY.changed(
    add=[
        SubjectRecord(MANAGER, ACME.id, UserStatus.ACTIVE, OrganizationRole.MEMBER),
        *(Group(id, ACME.id) for id in (ADMINS, MANAGERS)),
        Group(HIDDEN, ACME.id, direct_share=True),
        Group(SYSTEM, ACME.id, system_managed=True),
        Membership(uuid(80), MANAGERS, MANAGER),
        Assignment(uuid(81), ADMINS, ACME, R.ORG_ADMIN),
        Assignment(uuid(82), MANAGERS, ACME, R.ORG_GROUPS_ADMIN),
        Assignment(uuid(83), READERS, RUNNER, R.RUNNER_USER),
    ]
)
PEOPLE = [EDITOR, OWNER, MEMBER, MANAGER, ROBOT]
THINGS = [
    WEB,
    DOCS,
    RUNNER,
    BOX,
    WORKFLOW,
    ACME,
    *(Resource(ResourceType.GROUP, id) for id in (EDITORS, ADMINS)),
]
GIVEN = [R.PROJECT_USER, R.PROJECT_ADMIN, R.RUNNER_ADMIN, R.RUNNER_USER, R.ENVIRONMENT_ADMIN]
GIVEN += [R.WORKFLOW_ADMIN, R.ORG_ADMIN, R.ORG_PROJECTS_ADMIN, R.ORG_GROUPS_ADMIN, R.GROUP_ADMIN]
HELD_ON = {
    row.role: row.assigned_on for row in COMPANY.policy.rows.roles if row.assigned_on is not None
}


@st.composite
def companies(draw: st.DrawFn) -> Directory:
    """The company with some more roles for its groups, none of which makes people admins."""
    groups = st.sampled_from([READERS, EDITORS, MANAGERS])
    add: list[Assignment | Membership] = []
    for number in range(draw(st.integers(0, 4))):
        role = draw(st.sampled_from([role for role in GIVEN if role is not R.ORG_ADMIN]))
        fitting = [thing for thing in THINGS if thing.type is HELD_ON[role]]
        on = draw(st.sampled_from(fitting))
        add.append(Assignment(uuid(200 + number), draw(groups), on, role))
    return COMPANY.changed(add=add)
