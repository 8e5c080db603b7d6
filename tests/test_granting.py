"""Granting: who may give what to whom, each rule by its name, and the law that holds of all."""

import functools
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbac import (
    AccessDenied,
    Action,
    Authorizer,
    Decision,
    Principal,
    Reason,
    Resource,
    ResourceRole,
    Subject,
)
from rbac.access import Access
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
from rbac.records import Assignment, Group, Membership, SubjectRecord
from rbac.vocabulary import OrganizationRole, ResourceType, UserStatus
from tests.organization import (
    ACME,
    ADMIN,
    BOX,
    DIRECTORY,
    DOCS,
    EDITOR,
    EDITORS,
    EXECUTION,
    MEMBER,
    OWNER,
    READERS,
    RECORDS,
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


def permitted(directory: Directory) -> list[tuple[Subject, Change]]:
    """Every change that one of these people may make now, on the things there are."""
    granting = Granting(Authorizer(directory=directory))
    return [
        (person, change)
        for person, change in itertools.product(PEOPLE, changes(directory))
        if granting.may(person, change)
    ]


def changes(directory: Directory) -> Iterator[Change]:
    """Whatever somebody might try."""
    groups = sorted(directory.tables.groups)
    for role, thing in itertools.product(GIVEN, THINGS):
        if HELD_ON[role] is thing.type:
            yield from (Assign(role, group, thing) for group in groups)
            yield from (Share(role, person, thing) for person in PEOPLE)
    for person, group in itertools.product(PEOPLE, groups):
        yield AddMember(person, group)
        yield RemoveMember(person, group)
    for entry in directory.tables.assigned:
        yield from map(Unassign, directory.assignments(entry))
    for person, role_there in itertools.product(PEOPLE, list(OrganizationRole)[1:]):
        yield SetOrganizationRole(person, role_there)
    yield from map(DeleteGroup, groups)
    yield CreateGroup(ACME.id)


def reach(directory: Directory) -> set[tuple[Action, Resource]]:
    """All that these people together may do, on the things that are asked about."""
    authorizer = Authorizer(directory=directory)
    return {
        (action, thing)
        for person, thing in itertools.product(PEOPLE, [*THINGS, EXECUTION])
        for action in authorizer.search_actions(person, thing)
    }


def bound(directory: Directory) -> frozenset[tuple[Action, Resource]]:
    """What they together held, or could grant, at the start, and what that lets them grant."""
    given = directory.records.assignments
    return _bound(frozenset((each.group, each.resource, each.role) for each in given))


@functools.lru_cache(10_000)
def _bound(
    given: frozenset[tuple[str, Resource, ResourceRole]],
) -> frozenset[tuple[Action, Resource]]:
    """The bound of the company with those assignments; many sequences begin alike."""
    there = {(each.group, each.resource, each.role) for each in COMPANY.records.assignments}
    add = [
        Assignment(uuid(300 + n), *each) for n, each in enumerate(sorted(given - there, key=str))
    ]
    directory = COMPANY.changed(add=add)
    while True:
        access = Authorizer(directory=directory).access
        more = directory
        for share in grantable(access):
            more = changed(more, share)
        if reach(more) == reach(directory):
            return frozenset(reach(more))
        directory = more


def grantable(access: Access) -> Iterator[Share]:
    """Everything that somebody could give, given to everybody who has not got it."""
    for role, thing in itertools.product(GIVEN, THINGS):
        if HELD_ON[role] is thing.type and any(
            could_grant(access, person, role, thing) for person in PEOPLE
        ):
            about = access.directory.resource(thing)
            assert about
            for person in PEOPLE:
                who = access.directory.subject(person)
                assert who
                if all(hold.role is not role for hold in access.holds_on(who, about)):
                    yield Share(role, person, thing)


PARTS, SEQUENCES = (10, 1_000) if settings().max_examples > 1_000 else (1, 40)
"""How many sequences of changes are tried: ten thousand under the profile ``nightly``, in ten
parts that may run side by side."""


@pytest.mark.parametrize("part", range(PARTS))
@settings(max_examples=SEQUENCES, deadline=None, database=None)
@given(companies(), st.data())
def test_nobody_gains_what_nobody_could_grant(
    part: int, company: Directory, data: st.DataObject
) -> None:
    """Without an administrator, people never hold more than they held, or could grant, at first.

    Whatever sequence of permitted changes they make, and all of them taken together.
    """
    limit, directory = bound(company), company
    for _ in range(data.draw(st.integers(1, 6))):
        actor, change = data.draw(st.sampled_from(permitted(directory)))
        directory = changed(directory, change)
        assert reach(directory) <= limit, (actor, change)


def test_no_single_change_gives_what_nobody_could_grant() -> None:
    """Every change that people may make in the company, made: none goes beyond the limit."""
    limit = bound(COMPANY)
    tried = permitted(COMPANY)
    assert len(tried) > 50
    for actor, change in tried:
        assert reach(changed(COMPANY, change)) <= limit, (actor, change)


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
