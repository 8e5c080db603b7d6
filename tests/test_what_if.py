"""What-if: exactly who gains and loses what, as asking before and after finds."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Action, Authorizer, ResourceRole
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
)
from rbac.directory import Directory
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.guards import DEFAULT, OPTIONAL, Guard
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.terms import InstanceQuestion, Subject
from rbac.vocabulary import OrganizationRole, ResourceType
from rbac.what_if import what_if
from tests.organization import (
    ACME,
    DIRECTORY,
    EDITOR,
    EDITORS,
    MEMBER,
    OWNER,
    READERS,
    RECORDS,
    ROBOT,
    RUNNER,
    WEB,
)
from tests.steps import Step, steps
from tests.strategies import examples

R = ResourceRole
CHANGES: dict[str, Change] = {
    "a role for a group": Assign(R.PROJECT_ADMIN, READERS, WEB),
    "an organization role for a group": Assign(R.ORG_PROJECTS_ADMIN, READERS, ACME),
    "a runner to use": Assign(R.RUNNER_USER, EDITORS, RUNNER),
    "an assignment taken away": Unassign(RECORDS.assignments[0]),
    "somebody joins": AddMember(MEMBER, EDITORS),
    "somebody leaves": RemoveMember(EDITOR, EDITORS),
    "somebody becomes an administrator": SetOrganizationRole(MEMBER, OrganizationRole.ADMIN),
    "somebody is shared with": Share(R.PROJECT_EDITOR, MEMBER, WEB),
    "a group is made": CreateGroup(ACME.id),
    "a group is deleted": DeleteGroup(EDITORS),
}


def everything(directory: Directory) -> set[tuple[object, ...]]:
    """Every permitted subject, action and resource of a directory."""
    authorizer = Authorizer(directory=directory)
    return {
        (entry.subject, action, about.resource)
        for entry in directory.subjects()
        for about in directory.resources()
        for action in authorizer.search_actions(entry.subject, about.resource)
    }


@pytest.mark.parametrize("case", CHANGES)
def test_effects_are_the_difference(case: str) -> None:
    """The gains and losses of everybody are those found by asking about everything twice."""
    result = what_if(Authorizer(directory=DIRECTORY).access, CHANGES[case])
    before, after = everything(DIRECTORY), everything(result.after)
    kept = {entry.resource for entry in result.after.resources()}
    there = kept & {entry.resource for entry in DIRECTORY.resources()}
    for given_or_taken, mine in ((after - before, "gained"), (before - after, "lost")):
        expected = Counter(
            (subject, Permission(action, resource.type))  # type: ignore[arg-type, attr-defined]
            for subject, action, resource in given_or_taken
            if resource in there
        )
        found = {
            (effect.subject, permission): count
            for effect in result.effects
            for permission, count in getattr(effect, mine).items()
        }
        assert found == expected


@examples(12)
@given(steps(), st.sampled_from([(), DEFAULT, (*DEFAULT, *OPTIONAL)]))
def test_effects_in_any_world_are_the_difference(step: Step, guards: tuple[Guard, ...]) -> None:
    """In every world, under every guard, the same holds of any change that can be made."""
    world, change, made = step
    access, then = (
        Access(DecisionTable(world.policy), each, guards) for each in (world.directory, made)
    )
    found = {
        (effect.subject, permission, gains): count
        for effect in what_if(access, change).effects
        for gains, counts in ((True, effect.gained), (False, effect.lost))
        for permission, count in counts.items()
    }
    expected: Counter[tuple[Subject, Permission, bool]] = Counter()
    for who, entry in itertools.product(world.directory.subjects(), world.directory.resources()):
        now, left = made.subject(who.subject), made.resource(entry.resource)
        if now is not None and left is not None:
            had, has = permitted(access, who, entry), permitted(then, now, left)
            expected.update((who.subject, each, True) for each in has - had)
            expected.update((who.subject, each, False) for each in had - has)
    assert found == expected


def permitted(access: Access, who: SubjectEntry, about: ResourceEntry) -> set[Permission]:
    """All that somebody may do to a resource, asked one by one."""
    question = InstanceQuestion(who.subject, None, about.resource)
    actions = access.actions(who, None, about, question)
    return {Permission(action, about.type) for action, _ in actions}


def test_what_opens_more_is_pointed_out() -> None:
    """Gaining a permission that gives roles or hands out credentials is an escalation."""
    access = Authorizer(directory=DIRECTORY).access
    result = what_if(access, Assign(R.PROJECT_ADMIN, READERS, WEB))
    opened = set(result.escalations(access))
    assert (ROBOT, Permission(Action.GRANT, ResourceType.PROJECT), 1) in opened
    assert not list(what_if(access, AddMember(MEMBER, READERS)).escalations(access))


@given(st.sampled_from(list(CHANGES.values())))
def test_nothing_is_changed_by_asking(change: Change) -> None:
    """The directory that was asked about stays as it was."""
    access = Access(DecisionTable(DIRECTORY.policy), DIRECTORY, DEFAULT)
    what_if(access, change)
    assert Directory(RECORDS) == DIRECTORY
    assert Authorizer(directory=DIRECTORY).authorize(OWNER, Action.UPDATE, WEB)
