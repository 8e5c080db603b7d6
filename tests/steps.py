"""Steps: a world, a change that can be made there, and the directory that it makes."""

import itertools

from hypothesis import strategies as st

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
    changed,
)
from rbac.directory import Directory
from rbac.errors import RbacError
from rbac.vocabulary import OrganizationRole, ResourceType
from tests.worlds import GROUPS, ORGANIZATIONS, SUBJECTS, World, worlds

T = ResourceType
Step = tuple[World, Change, Directory]


def possible(world: World) -> list[Change]:
    """Every change that could be tried in a world, on the things there are."""
    directory = world.directory
    rows = [row for row in world.policy.rows.roles if row.assignable]
    groups = [each for each in GROUPS if each in directory.tables.groups]
    subjects = [each for each in SUBJECTS if directory.subject(each)]
    found: list[Change] = [*map(CreateGroup, ORGANIZATIONS), *map(DeleteGroup, groups)]
    for person, group in itertools.product(subjects, groups):
        found += [AddMember(person, group), RemoveMember(person, group)]
    found += [
        SetOrganizationRole(person, role)
        for person, role in itertools.product(subjects, list(OrganizationRole)[1:])
    ]
    for entry in directory.tables.assigned:
        found += map(Unassign, directory.assignments(entry))
    for row in rows:
        for entry in directory.resources(row.assigned_on or T.UNSPECIFIED):
            found += [Assign(row.role, group, entry.resource) for group in groups]
            found += [Share(row.role, person, entry.resource) for person in subjects]
    return found


def after(directory: Directory, change: Change) -> Directory | None:
    """The directory after a change; None where it would make none."""
    try:
        return changed(directory, change)
    except RbacError:
        return None


@st.composite
def steps(draw: st.DrawFn) -> tuple[World, Change, Directory]:
    """A world, a change that can be made there, and the directory that it makes."""
    world = draw(worlds())
    kinds: dict[type, list[Change]] = {}
    for change in possible(world):
        kinds.setdefault(type(change), []).append(change)
    # By kind, so that the few of one are tried as often as the many of another.
    for kind in draw(st.permutations(sorted(kinds, key=lambda each: each.__name__))):
        change = draw(st.sampled_from(kinds[kind]))
        made = after(world.directory, change)
        if made is not None:
            return World(world.policy, world.directory), change, made
    return draw(steps())
