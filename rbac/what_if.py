"""What a change of the directory would do, before anybody makes it: who gains, who loses.

Knows whom and what a change concerns, and counts. It must not decide: what is allowed
before and after is asked of the access to each directory, for sets of subjects at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from rbac.access import Access
from rbac.administration import Change, SetOrganizationRole, changed
from rbac.affected import Affected
from rbac.collector import uncollected
from rbac.constraint_changes import Foresight, Shift
from rbac.constraint_rows import Cardinality
from rbac.constraints import Constraints
from rbac.directory import Directory
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.guards import DEFAULT, LooksAt
from rbac.movement import Movement
from rbac.rows import Level, Permission
from rbac.terms import InstanceQuestion, Subject
from rbac.violations import Count, Violation
from rbac.vocabulary import Principal, ResourceType


class Effect(NamedTuple):
    """What a change does to one subject: each permission, on how many resources."""

    subject: Subject
    gained: dict[Permission, int]
    lost: dict[Permission, int]


class WhatIf(NamedTuple):
    """What a change would do, and the directory that it would make.

    `broken` are the constraints that would be broken, or more than they are, with the
    witnesses of the directory after; `mended` those that would be less so, with the
    witnesses of the directory as it is.
    """

    change: Change
    after: Directory
    effects: tuple[Effect, ...]
    broken: tuple[Violation, ...] = ()
    mended: tuple[Violation, ...] = ()

    def escalations(self, access: Access) -> Iterator[tuple[Subject, Permission, int]]:
        """What somebody gains that gives roles or memberships, or hands out a credential."""
        for effect in self.effects:
            for permission, count in effect.gained.items():
                row = access.table.row(permission)
                if row is not None and row.level in (Level.GRANT, Level.CREDENTIAL):
                    yield effect.subject, permission, count


def what_if(access: Access, change: Change, constraints: Constraints | None = None) -> WhatIf:
    """What `change` would do to everybody it concerns, counted over the directory.

    Tenths of a second on a million assignments, and seconds for a role on an organization;
    with a guard that may look at anything, microseconds for each subject and resource.
    Raises `DirectoryError` for a change that would make no directory, `PolicyError` for
    constraints that make no sense under the policy.
    """
    with uncollected:
        return _what_if(access, change, constraints)


def _what_if(access: Access, change: Change, constraints: Constraints | None) -> WhatIf:
    after = changed(access.directory, change)
    then = Access(access.table, after, access.guards)
    movement = Movement(access, change)
    effects = _effects(access, then, movement)
    found = sorted(effects, key=lambda each: str(each.subject))
    shifts = [] if constraints is None else list(Foresight(access, constraints).shifts(change))
    broken = tuple(_violation(then, shift) for shift in shifts if shift.worse)
    mended = tuple(_violation(access, shift) for shift in shifts if not shift.worse)
    return WhatIf(change, after, tuple(found), broken, mended)


def _violation(access: Access, shift: Shift) -> Violation:
    """A shift with its witness, in the directory in which it is a violation."""
    constraint, _, on, subject, has, lacks, _ = shift
    holders: tuple[Subject, ...] = ()
    if isinstance(constraint, Cardinality):
        about = access.directory.resource(on)
        counted = Count(access, constraint).holders_of(about) if about else ()
        holders = tuple(sorted((each.subject for each in counted), key=str))
    return Violation(constraint, access, on, subject, has, lacks, holders)


def _effects(access: Access, then: Access, movement: Movement) -> Iterator[Effect]:
    """What everybody concerned gains and loses, on the resources that stay."""
    concerned = {who.subject for who, _ in movement.concerned()}
    if _one_by_one(access, movement.change):
        stands = isinstance(movement.change, SetOrganizationRole)
        reached = access.directory.resources() if stands else _reached(access, movement)
        every = list(reached)
        effects = (_alone(access, then, subject, every) for subject in concerned)
        yield from (effect for effect in effects if effect.gained or effect.lost)
        return
    gained: dict[Subject, Counter[Permission]] = {}
    lost: dict[Subject, Counter[Permission]] = {}
    for home in {scope.organization for scope in movement.scopes}:
        affected = Affected(access, then, home, concerned)
        reached = (each for each in _reached(access, movement) if each.organization == home)
        for gains, subject, permission, count in affected.differences(reached):
            counts = gained if gains else lost
            counts.setdefault(subject, Counter())[permission] += count
    for subject in gained.keys() | lost.keys():
        yield Effect(subject, dict(gained.get(subject, {})), dict(lost.get(subject, {})))


def _one_by_one(access: Access, change: Change) -> bool:
    """Whether a guard may tell apart those who are given the same, or look at the change."""
    if any(guard.looks_at is LooksAt.ANYTHING for guard in access.guards):
        return True
    return isinstance(change, SetOrganizationRole) and not set(access.guards) <= set(DEFAULT)


def _reached(access: Access, movement: Movement) -> Iterator[ResourceEntry]:
    """The resources on which somebody's access may differ.

    That is what lies within something given or taken, where one of the roles matters, and
    what names such a resource of the same organization: requirements are asked there.
    """
    scopes = set(movement.scopes)
    tables, reaching = access.directory.tables.resources, access.inverse.reaching
    kinds = {scope.type for scope in scopes}
    within = {type for type in tables if type in kinds or kinds & reaching(type)}
    matter = {type for type in within if _matters(access, movement.bits, type)}
    demanding = {
        row.type
        for row in access.table.policy.rows.requirements
        if isinstance(row.need, Permission) and row.need.type in matter
    }
    for type in matter | demanding:
        yield from _inside(tables[type], scopes, type in kinds, bool(kinds & reaching(type)))
    ids = {scope.id for scope in scopes}
    for type in demanding:
        for entry in tables[type].values():
            if (
                entry.references
                and _names(access.directory, entry, scopes, ids)
                and entry not in scopes
                and scopes.isdisjoint(entry.above)
            ):
                yield entry


def _inside(
    table: dict[str, ResourceEntry], scopes: set[ResourceEntry], direct: bool, within: bool
) -> Iterator[ResourceEntry]:
    """What of a table is among some resources, or lies within one."""
    if within:
        for entry in table.values():
            if (direct and entry in scopes) or not scopes.isdisjoint(entry.above):
                yield entry
    elif direct:
        yield from (each for each in scopes if table.get(each.id) is each)


def _names(
    directory: Directory, entry: ResourceEntry, scopes: set[ResourceEntry], ids: set[str]
) -> bool:
    """Whether a resource names another that is among some, or lies within one."""
    for reference in entry.references:
        if reference.id in ids:
            return True
        named = directory.tables.resources[reference.type][reference.id]
        if not scopes.isdisjoint(named.above):
            return True
    return False


def _matters(access: Access, bits: int, type: ResourceType) -> bool:
    """Whether any of some roles permits anything on resources of a type."""
    permissions = (Permission(action, type) for action in access.table.actions_on(type))
    return any(access.permitting(each, one) & bits for one in permissions for each in Principal)


def _alone(access: Access, then: Access, subject: Subject, reached: list[ResourceEntry]) -> Effect:
    """What one subject gains and loses, each question asked by itself."""
    gained: Counter[Permission] = Counter()
    lost: Counter[Permission] = Counter()
    before, after = access.directory.subject(subject), then.directory.subject(subject)
    for entry in reached:
        left = then.directory.tables.resources[entry.type].get(entry.id)
        if left is not None:
            had, has = _allowed(access, before, entry), _allowed(then, after, left)
            gained.update(has - had)
            lost.update(had - has)
    return Effect(subject, dict(gained), dict(lost))


def _allowed(access: Access, who: SubjectEntry | None, about: ResourceEntry) -> set[Permission]:
    """All that somebody may do to a resource, with an ordinary credential."""
    if who is None:
        return set()
    question = InstanceQuestion(None, None, about.resource)
    return {
        Permission(action, about.type) for action, _ in access.actions(who, None, about, question)
    }
