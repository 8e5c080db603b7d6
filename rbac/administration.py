"""Changes of a directory that somebody may ask for, and what becomes of the records.

Knows each kind of change as a value, and the records that come and go with it. It must not
know who may make it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

from rbac.directory import Directory
from rbac.records import Assignment, Group, Membership, Record
from rbac.terms import Resource, Subject
from rbac.vocabulary import OrganizationRole, ResourceRole


class Assign(NamedTuple):
    """Give the members of a group a role on a resource."""

    role: ResourceRole
    group: str
    resource: Resource


class Unassign(NamedTuple):
    """Take an assignment away."""

    assignment: Assignment


class AddMember(NamedTuple):
    """Put a subject into a group."""

    subject: Subject
    group: str


class RemoveMember(NamedTuple):
    """Take a subject out of a group."""

    subject: Subject
    group: str


class CreateGroup(NamedTuple):
    """Make a group without members."""

    organization: str


class DeleteGroup(NamedTuple):
    """Delete a group, its memberships and its assignments."""

    group: str


class SetOrganizationRole(NamedTuple):
    """Change what a user is to its organization."""

    subject: Subject
    role: OrganizationRole


class Share(NamedTuple):
    """Give one user or service account a role on a resource, by a group of its own."""

    role: ResourceRole
    subject: Subject
    resource: Resource


Change = (
    Assign
    | Unassign
    | AddMember
    | RemoveMember
    | CreateGroup
    | DeleteGroup
    | SetOrganizationRole
    | Share
)
"""What an actor may ask to be changed."""


def changed(directory: Directory, change: Change) -> Directory:
    """The directory after `change`, whoever makes it; raises as `Directory.changed` does."""
    add, remove = _records(directory, change)
    return directory.changed(add=add, remove=remove)


def _records(directory: Directory, change: Change) -> tuple[list[Record], list[Record]]:
    """The records that come, and those that go."""
    if isinstance(change, Assign):
        return [Assignment(str(uuid4()), change.group, change.resource, change.role)], []
    if isinstance(change, Share):
        return _direct_share(directory, change), []
    if isinstance(change, AddMember):
        return [Membership(str(uuid4()), change.group, change.subject)], []
    if isinstance(change, CreateGroup):
        return [Group(str(uuid4()), change.organization)], []
    if isinstance(change, Unassign):
        return [], _taken_away(directory, change.assignment)
    if isinstance(change, RemoveMember):
        members = directory.members(change.group)
        return [], [each for each in members if each.subject == change.subject]
    if isinstance(change, DeleteGroup):
        return [], [directory.tables.groups[change.group]]
    entry = directory.subject(change.subject)
    assert entry is not None, "whose role is set is known"
    return [entry.record._replace(role=change.role)], [entry.record]


def _direct_share(directory: Directory, change: Share) -> list[Record]:
    entry = directory.resource(change.resource)
    assert entry is not None, "what is shared is known"
    group = Group(str(uuid4()), entry.organization or "", direct_share=True)
    return [
        group,
        Membership(str(uuid4()), group.id, change.subject),
        Assignment(str(uuid4()), group.id, change.resource, change.role),
    ]


def _taken_away(directory: Directory, assignment: Assignment) -> list[Record]:
    """The assignment, or the whole group that was made to share with one subject."""
    group = directory.tables.groups[assignment.group]
    only = len(directory.tables.holds.get(group.id, ())) == 1
    return [group] if group.direct_share and only else [assignment]


def assignments_of(directory: Directory, group: str) -> Iterator[Assignment]:
    """The assignments that give the members of a group a role."""
    for entry in directory.tables.holds.get(group, ()):
        for assignment in directory.assignments(entry):
            if assignment.group == group:
                yield assignment
