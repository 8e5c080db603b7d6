"""What a change of the directory would do, before anybody makes it: who gains, who loses.

Knows whom and what a change concerns, and counts. It must not decide: what is allowed
before and after is asked of the access to each directory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from rbac.access import Access
from rbac.administration import (
    AddMember,
    Assign,
    Change,
    CreateGroup,
    DeleteGroup,
    RemoveMember,
    Share,
    Unassign,
    changed,
)
from rbac.directory import Directory
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.rows import Level, Permission
from rbac.terms import InstanceQuestion, Subject


class Effect(NamedTuple):
    """What a change does to one subject: each permission, on how many resources."""

    subject: Subject
    gained: dict[Permission, int]
    lost: dict[Permission, int]


class WhatIf(NamedTuple):
    """What a change would do, and the directory that it would make."""

    change: Change
    after: Directory
    effects: tuple[Effect, ...]

    def escalations(self, access: Access) -> Iterator[tuple[Subject, Permission, int]]:
        """What somebody gains that gives roles or memberships, or hands out a credential."""
        for effect in self.effects:
            for permission, count in effect.gained.items():
                row = access.table.row(permission)
                if row is not None and row.level in (Level.GRANT, Level.CREDENTIAL):
                    yield effect.subject, permission, count


def what_if(access: Access, change: Change) -> WhatIf:
    """What `change` would do to everybody it concerns, counted over the directory.

    It asks about every resource that the change reaches for every subject it concerns:
    microseconds each. Raises `DirectoryError` for a change that would make no directory.
    """
    after = changed(access.directory, change)
    then = Access(access.table, after, access.guards)
    reached = list(_reached(access.directory, after, change))
    effects = (_effect(access, then, subject, reached) for subject in _concerned(access, change))
    found = tuple(effect for effect in effects if effect.gained or effect.lost)
    return WhatIf(change, after, tuple(sorted(found, key=lambda each: str(each.subject))))


def _concerned(access: Access, change: Change) -> tuple[Subject, ...]:
    """The subjects whose access a change may touch."""
    if isinstance(change, CreateGroup):
        return ()
    if isinstance(change, Assign | DeleteGroup):
        return tuple(access.directory.tables.members.get(change.group, ()))
    if isinstance(change, Unassign):
        return tuple(access.directory.tables.members.get(change.assignment.group, ()))
    return (change.subject,)


def _reached(before: Directory, after: Directory, change: Change) -> Iterator[ResourceEntry]:
    """The resources that stay, on which somebody's access may differ.

    That is what lies within something given or taken, and what names such a resource:
    requirements are asked there.
    """
    scopes = _scopes(before, change)
    for entry in before.resources():
        if entry.id in after.tables.resources[entry.type] and (
            scopes is None
            or _lies_within(entry, scopes)
            or any(_lies_within(named, scopes) for named in _named(before, entry))
        ):
            yield entry


def _lies_within(entry: ResourceEntry, scopes: set[ResourceEntry]) -> bool:
    return not scopes.isdisjoint((entry, *entry.above))


def _named(directory: Directory, entry: ResourceEntry) -> Iterator[ResourceEntry]:
    for reference in entry.references:
        yield directory.tables.resources[reference.type][reference.id]


def _scopes(directory: Directory, change: Change) -> set[ResourceEntry] | None:
    """The resources on which something is given or taken; None: anywhere."""
    if isinstance(change, Assign | Share):
        return _of(directory.resource(change.resource))
    if isinstance(change, Unassign):
        return _of(directory.resource(change.assignment.resource))
    if isinstance(change, AddMember | RemoveMember | DeleteGroup):
        return set(directory.tables.holds.get(change.group, ()))
    return None


def _of(entry: ResourceEntry | None) -> set[ResourceEntry]:
    return set() if entry is None else {entry}


def _effect(access: Access, then: Access, subject: Subject, reached: list[ResourceEntry]) -> Effect:
    gained: Counter[Permission] = Counter()
    lost: Counter[Permission] = Counter()
    before, after = access.directory.subject(subject), then.directory.subject(subject)
    for entry in reached:
        known = then.directory.tables.resources[entry.type].get(entry.id)
        had, has = _allowed(access, before, entry), _allowed(then, after, known)
        gained.update(has - had)
        lost.update(had - has)
    return Effect(subject, dict(gained), dict(lost))


def _allowed(
    access: Access, who: SubjectEntry | None, about: ResourceEntry | None
) -> set[Permission]:
    """All that somebody may do to a resource, with an ordinary credential."""
    if who is None or about is None:
        return set()
    question = InstanceQuestion(None, None, about.resource)
    return {
        Permission(action, about.type) for action, _ in access.actions(who, None, about, question)
    }
