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
from rbac.constraint_changes import Foresight, Shift
from rbac.constraint_rows import Cardinality
from rbac.constraints import Constraints
from rbac.crowds import Crowd, Permits
from rbac.directory import Directory
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.guards import DEFAULT, LooksAt
from rbac.movement import Movement
from rbac.rows import Level, Permission
from rbac.tenants import Tenants
from rbac.terms import InstanceQuestion, Subject
from rbac.violations import Count, Violation
from rbac.vocabulary import Action, Principal


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

    A tenth of a second on a million assignments, and seconds where thousands are given a
    role on an organization; with a guard that may look at anything, a microsecond for each
    subject and resource. Raises `DirectoryError` for a change that would make no directory,
    `PolicyError` for constraints that make no sense under the policy.
    """
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
        reached = list(access.directory.resources() if stands else _reached(access, movement))
        effects = (_alone(access, then, subject, reached) for subject in concerned)
        yield from (effect for effect in effects if effect.gained or effect.lost)
        return
    gained: dict[Subject, Counter[Permission]] = {}
    lost: dict[Subject, Counter[Permission]] = {}
    for home in {scope.organization for scope in movement.scopes}:
        both = _Both(access, then, home, concerned)
        for (before, after), count in both.counted(_reached(access, movement)).items():
            had, has = _cells(before), _cells(after)
            for cells, counts in ((has - had, gained), (had - has, lost)):
                for subject, permission in cells:
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

    That is what lies within something given or taken, and what names such a resource of the
    same organization: requirements are asked there.
    """
    scopes = set(movement.scopes)
    tables, reaching = access.directory.tables.resources, access.inverse.reaching
    kinds = {scope.type for scope in scopes}
    within = {type for type in tables if type in kinds or kinds & reaching(type)}
    demanding = {
        row.type
        for row in access.table.policy.rows.requirements
        if isinstance(row.need, Permission) and row.need.type in within
    }
    for type in within | demanding:
        for entry in tables[type].values():
            if (
                entry in scopes
                or not scopes.isdisjoint(entry.above)
                or (type in demanding and _names(access.directory, entry, scopes))
            ):
                yield entry


def _names(directory: Directory, entry: ResourceEntry, scopes: set[ResourceEntry]) -> bool:
    for reference in entry.references:
        named = directory.tables.resources[reference.type][reference.id]
        if named in scopes or not scopes.isdisjoint(named.above):
            return True
    return False


Told = tuple[tuple[Crowd, Permits, int, tuple[tuple[Action, int], ...]], ...]
"""What sets of subjects may do to a resource: plainly, and those who meet requirements."""


class _Both:
    """The subjects that a change concerns in one organization, before and after it.

    Resources on which none of them is given anything, that lie in the same containers and
    name the same, are asked about once.
    """

    def __init__(
        self, access: Access, then: Access, home: str | None, concerned: set[Subject]
    ) -> None:
        self.directory, self.after = access.directory, then.directory
        self.home = home
        numbers = _numbered(concerned)
        self.tenants = tuple(Tenants(each, home, numbers=numbers) for each in (access, then))
        self.ids = {each.id for each in concerned}
        self.machines = any(each.principal not in _GROUPED for each in concerned)
        self.given = {
            entry
            for each in (access.directory, then.directory)
            for subject in concerned
            for group in _groups(each, subject)
            for entry in self.directory.tables.holds.get(group, ())
        }

    def counted(self, reached: Iterator[ResourceEntry]) -> dict[tuple[Told, Told], int]:
        """How many resources there are of each kind, by what is allowed before and after."""
        kept: dict[tuple[object, ...], tuple[Told, Told]] = {}
        counts: dict[tuple[Told, Told], int] = {}
        for about in reached:
            if about.organization != self.home:
                continue
            key = () if self._apart(about) else (about.type, about.above, about.references)
            both = kept.get(key) if key else None
            if both is None:
                both = self._told(about)
                if key:
                    kept[key] = both
            if both[0] or both[1]:
                counts[both] = counts.get(both, 0) + 1
        return counts

    def _apart(self, about: ResourceEntry) -> bool:
        """Whether somebody concerned is given something just there, or it is their own."""
        if about in self.given or about.id in self.ids or self.machines:
            return True
        for each in (about, *about.parents):
            for person in (each.owner, each.creator, each.executor):
                if person is not None and person.id in self.ids:
                    return True
        return False

    def _told(self, about: ResourceEntry) -> tuple[Told, Told]:
        left = self.after.tables.resources[about.type].get(about.id)
        if left is None:  # what goes with the change is not counted
            return (), ()
        before, after = self.tenants
        return _told(before, about), _told(after, left)


def _numbered(concerned: set[Subject]) -> dict[Principal, dict[str, int]]:
    """A number for each subject among those of its kind."""
    found: dict[Principal, dict[str, int]] = {}
    for subject in sorted(concerned, key=str):
        kind = found.setdefault(subject.principal, {})
        kind[subject.id] = len(kind)
    return found


_GROUPED = (Principal.USER, Principal.SERVICE_ACCOUNT)
"""The kinds of subjects that are related to nothing but themselves and what is theirs."""


def _groups(directory: Directory, subject: Subject) -> Iterator[str]:
    entry = directory.subject(subject)
    yield from entry.groups if entry is not None else ()


def _told(tenants: Tenants, about: ResourceEntry) -> Told:
    return tuple(
        (
            crowd,
            permits,
            members,
            tuple(
                (action, tenants.meeting(about, requirements, crowd, members))
                for action, requirements in permits.demanding
            ),
        )
        for crowd, permits, members in tenants.sets(about)
    )


def _cells(told: Told) -> set[tuple[Subject, Permission]]:
    """Who may do what."""
    found: set[tuple[Subject, Permission]] = set()
    for crowd, permits, members, demanding in told:
        for action, some in (*((each, members) for each in permits.plain), *demanding):
            permission = Permission(action, permits.type)
            found.update((who.subject, permission) for who in crowd.of(some))
    return found


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
