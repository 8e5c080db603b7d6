"""Granting: who may give what to whom, each rule by its name."""

import itertools

import pytest

from rbac import (
    AccessDenied,
    Authorizer,
    Decision,
    Principal,
    Reason,
    Resource,
    Subject,
)
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
    assignments_of,
    changed,
)
from rbac.directory import Directory
from rbac.granting import Granting
from rbac.granting_rules import could_grant
from rbac.vocabulary import OrganizationRole, ResourceType
from tests.company import (
    ADMINS,
    COMPANY,
    GIVEN,
    HELD_ON,
    HIDDEN,
    MANAGER,
    MANAGERS,
    SYSTEM,
    THINGS,
    R,
)
from tests.organization import (
    ACME,
    ADMIN,
    BOX,
    EDITOR,
    EDITORS,
    MEMBER,
    OWNER,
    READERS,
    RECORDS,
    RUNNER,
    WEB,
    uuid,
)

GRANTING = Granting(Authorizer(directory=COMPANY))
DERIVED = RECORDS.assignments[3]
EDITING = RECORDS.assignments[0]

ALLOWED: dict[str, tuple[Subject, Change]] = {
    "an owner shares its project with a group": (OWNER, Assign(R.PROJECT_EDITOR, READERS, WEB)),
    "an owner shares its project with somebody": (OWNER, Share(R.PROJECT_USER, MEMBER, WEB)),
    "an owner takes an assignment away": (OWNER, Unassign(EDITING)),
    "an admin gives an organization role": (ADMIN, Assign(R.ORG_RUNNERS_ADMIN, READERS, ACME)),
    "an admin makes an admin": (ADMIN, SetOrganizationRole(MEMBER, OrganizationRole.ADMIN)),
    "an admin adds to a group of admins": (ADMIN, AddMember(MEMBER, ADMINS)),
    "an admin gives a role on a group": (
        ADMIN,
        Assign(R.GROUP_ADMIN, READERS, Resource(ResourceType.GROUP, EDITORS)),
    ),
    "a manager makes a group": (MANAGER, CreateGroup(ACME.id)),
    "a manager deletes a group": (MANAGER, DeleteGroup(READERS)),
    "a manager takes a member out": (MANAGER, RemoveMember(EDITOR, EDITORS)),
    "everybody shares with everybody in the system's group": (
        OWNER,
        Assign(R.PROJECT_USER, SYSTEM, WEB),
    ),
}

REFUSED: dict[str, tuple[Subject, Change, str]] = {
    "an editor does not share": (EDITOR, Assign(R.PROJECT_USER, READERS, WEB), "no_grant"),
    "a member does not share": (MEMBER, Share(R.PROJECT_USER, MEMBER, WEB), "no_grant"),
    "a stranger's word is nothing": (
        Subject(Principal.USER, uuid(99)),
        Assign(R.PROJECT_USER, READERS, WEB),
        "unknown_subject",
    ),
    "an owner gives nothing on another's": (
        OWNER,
        Assign(R.RUNNER_USER, READERS, RUNNER),
        "no_grant",
    ),
    "a manager gives no organization role": (
        MANAGER,
        Assign(R.ORG_ADMIN, MANAGERS, ACME),
        "no_grant",
    ),
    "a manager makes nobody an admin": (
        MANAGER,
        SetOrganizationRole(MANAGER, OrganizationRole.ADMIN),
        "no_grant",
    ),
    "a manager does not join the admins": (
        MANAGER,
        AddMember(MANAGER, ADMINS),
        f"role_beyond_the_actor: org_admin on {ACME}",
    ),
    "a manager does not join the editors": (
        MANAGER,
        AddMember(MANAGER, EDITORS),
        f"role_beyond_the_actor: project_editor on {WEB}",
    ),
    "a manager does not give a role on a group": (
        MANAGER,
        Assign(R.GROUP_ADMIN, MANAGERS, Resource(ResourceType.GROUP, ADMINS)),
        "no_grant",
    ),
    "system roles are never given": (
        ADMIN,
        Assign(R.ORG_MEMBER, READERS, ACME),
        "role_is_never_assigned",
    ),
    "a role has its own type": (
        ADMIN,
        Assign(R.PROJECT_ADMIN, READERS, ACME),
        "role_of_another_type",
    ),
    "an unknown group": (OWNER, Assign(R.PROJECT_USER, uuid(99), WEB), "unknown_group"),
    "a hidden group is not given more": (
        OWNER,
        Assign(R.PROJECT_USER, HIDDEN, WEB),
        "direct_share_group",
    ),
    "a derived assignment stays": (OWNER, Unassign(DERIVED), "derived_assignment"),
    "what is not there cannot be taken away": (
        OWNER,
        Unassign(EDITING._replace(id=uuid(99))),
        "no_such_assignment",
    ),
    "the system's group is not edited": (
        MANAGER,
        AddMember(MEMBER, SYSTEM),
        "system_managed_group",
    ),
    "nor deleted": (MANAGER, DeleteGroup(SYSTEM), "system_managed_group"),
    "a hidden group is not edited": (MANAGER, AddMember(MEMBER, HIDDEN), "direct_share_group"),
    "nobody joins twice": (ADMIN, AddMember(EDITOR, EDITORS), "already_a_member"),
    "who is not in cannot be taken out": (MANAGER, RemoveMember(MEMBER, EDITORS), "not_a_member"),
    "a runner joins no group": (
        ADMIN,
        AddMember(Subject(Principal.RUNNER, RUNNER.id), EDITORS),
        "users_and_service_accounts_only",
    ),
    "an unknown subject joins no group": (
        ADMIN,
        AddMember(Subject(Principal.USER, uuid(99)), EDITORS),
        "unknown_subject",
    ),
    "nothing is shared with a runner": (
        OWNER,
        Share(R.PROJECT_USER, Subject(Principal.RUNNER, RUNNER.id), WEB),
        "shared_with_users_and_service_accounts_only",
    ),
    "the last admin stays": (
        ADMIN,
        SetOrganizationRole(ADMIN, OrganizationRole.MEMBER),
        "last_organization_admin",
    ),
}


@pytest.mark.parametrize("case", ALLOWED)
def test_whoever_may_changes_it(case: str) -> None:
    """The change is allowed, is made on another directory, and is valid there."""
    actor, change = ALLOWED[case]
    assert GRANTING.may(actor, change)
    after = GRANTING.apply(actor, change)
    assert after != COMPANY
    assert Directory(after.records) == after


@pytest.mark.parametrize("case", REFUSED)
def test_whoever_may_not_is_told_why(case: str) -> None:
    """The change is refused by its permission's reason or its rule's name, and is not made."""
    actor, change, why = REFUSED[case]
    decision = GRANTING.may(actor, change)
    assert not decision
    assert why in (decision.guard or decision.reason.short)
    if decision.guard:
        assert decision.reason is Reason.REFUSED_BY_GUARD
    with pytest.raises(AccessDenied):
        GRANTING.apply(actor, change)


def test_an_access_alone_says_the_same() -> None:
    """An audit that has no authorizer is given the same decisions."""
    alone = Granting.of(GRANTING.access)
    assert all(alone.may(*case) for case in ALLOWED.values())
    assert not any(alone.may(actor, change) for actor, change, _ in REFUSED.values())


def test_named_questions_are_the_changes() -> None:
    """Each question by name is the question about its change."""
    ask = GRANTING
    pairs: list[tuple[Decision, Change]] = [
        (ask.may_assign(OWNER, R.PROJECT_USER, READERS, WEB), Assign(R.PROJECT_USER, READERS, WEB)),
        (ask.may_unassign(OWNER, EDITING), Unassign(EDITING)),
        (ask.may_share(OWNER, R.PROJECT_USER, MEMBER, WEB), Share(R.PROJECT_USER, MEMBER, WEB)),
        (ask.may_add_member(OWNER, MEMBER, EDITORS), AddMember(MEMBER, EDITORS)),
        (ask.may_remove_member(OWNER, EDITOR, EDITORS), RemoveMember(EDITOR, EDITORS)),
        (ask.may_create_group(OWNER, ACME.id), CreateGroup(ACME.id)),
        (ask.may_delete_group(OWNER, READERS), DeleteGroup(READERS)),
        (
            ask.may_set_organization_role(OWNER, MEMBER, OrganizationRole.ADMIN),
            SetOrganizationRole(MEMBER, OrganizationRole.ADMIN),
        ),
    ]
    for decision, change in pairs:
        assert decision == ask.may(OWNER, change)


def test_the_last_admin_by_a_group_stays_too() -> None:
    """Where the only administrator is one by a group, the group and its role stay."""
    demoted = changed(COMPANY, SetOrganizationRole(ADMIN, OrganizationRole.MEMBER))
    by_group = changed(demoted, AddMember(ADMIN, ADMINS))
    granting = Granting(Authorizer(directory=by_group))
    role = next(assignments_of(by_group, ADMINS))
    for change in (RemoveMember(ADMIN, ADMINS), DeleteGroup(ADMINS), Unassign(role)):
        assert granting.may(ADMIN, change).guard == "last_organization_admin"
    second = changed(by_group, AddMember(MEMBER, ADMINS))
    assert Granting(Authorizer(directory=second)).may(ADMIN, RemoveMember(ADMIN, ADMINS))


def test_unsharing_takes_the_hidden_group_away() -> None:
    """Sharing makes a group for one; taking the assignment away deletes it again."""
    shared = GRANTING.apply(OWNER, Share(R.PROJECT_USER, MEMBER, WEB))
    hidden = set(shared.tables.groups) - set(COMPANY.tables.groups)
    (assignment,) = assignments_of(shared, next(iter(hidden)))
    after = Granting(Authorizer(directory=shared)).apply(OWNER, Unassign(assignment))
    assert after == COMPANY


def test_an_administrator_may_give_everything_but_environments() -> None:
    """An administrator grants every role but those on a member's environment (J4)."""
    access = Authorizer(directory=COMPANY).access
    for role, thing in itertools.product(GIVEN, THINGS):
        if HELD_ON[role] is thing.type:
            assert could_grant(access, ADMIN, role, thing) is (thing is not BOX)


def test_an_administrator_adds_to_any_group() -> None:
    """An administrator may add a member even where it could not give the group's role (J1)."""
    lent = changed(COMPANY, Assign(R.ENVIRONMENT_ADMIN, READERS, BOX))
    granting = Granting(Authorizer(directory=lent))
    assert granting.may(ADMIN, AddMember(EDITOR, READERS))
    refused = granting.may(MANAGER, AddMember(EDITOR, READERS)).guard
    assert refused
    assert refused.startswith("role_beyond_the_actor")
