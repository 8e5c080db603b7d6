"""Least privilege by use: what nobody used of what is assigned, and the roles that would do.

Knows how what was used compares with what is permitted, by holder and by assignment. It
must not decide, nor go beyond the log: what was not used in its period may be needed
tomorrow, and every answer says which period that was.

Smaller roles are held on the same resource, permit nothing that the present one does not,
and less than it: they never give anybody anything new.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from functools import reduce

from rbac.audit.cells import Numbering, permitted
from rbac.audit.suggestion import Want, suggest
from rbac.audit.usage import UNUSED, Usage, Used, assigned
from rbac.decision import Hold
from rbac.entries import SubjectEntry
from rbac.light import NamedTuple
from rbac.records import Assignment
from rbac.review import permissions_of
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.terms import Subject
from rbac.vocabulary import Principal, ResourceRole


class HeldRole(NamedTuple):
    """A role that somebody was assigned, what was used of it, and what would do instead.

    `smaller` is None where no smaller roles would do, and empty where none is needed.
    """

    hold: Hold
    permits: int
    used: Used
    smaller: tuple[ResourceRole, ...] | None

    @property
    def never_used(self) -> bool:
        """Whether no decision could have rested on it."""
        return not self.used.permissions


class Holder(NamedTuple):
    """A subject, what it is permitted by assigned roles, and what it used of that."""

    subject: Subject
    allowed: int
    roles: tuple[HeldRole, ...]
    permissions: frozenset[Permission]
    used: frozenset[Permission]

    @property
    def never_used(self) -> frozenset[Permission]:
        """What it is permitted and never used."""
        return self.permissions - self.used


class AssignedRole(NamedTuple):
    """An assignment, how many of the group's members used it, and what they used together."""

    assignment: Assignment
    permits: int
    members: int
    users: int
    used: Used
    smaller: tuple[ResourceRole, ...] | None


class LeastPrivilege:
    """Compares the usage of a log with what the directory assigns now."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage
        self._access = usage.access
        self._smaller = _Smaller(usage.access.table)

    def holders(self) -> Iterator[Holder]:
        """Everybody who is assigned a role, in the order of the directory."""
        for who in self._access.directory.subjects():
            holder = self.holder(who)
            if holder.roles:
                yield holder

    def holder(self, who: SubjectEntry) -> Holder:
        """What one subject holds and used; microseconds for each role it is assigned."""
        subject = who.subject
        roles = []
        permissions: set[Permission] = set()
        used: set[Permission] = set()
        for hold in assigned(self._access, who):
            assert hold.assignment is not None, "it was assigned"
            use = self.usage.of(subject, hold.assignment.id)
            permits = permissions_of(self._access.table, hold.role)
            smaller = self._smaller.than(hold.assignment, use, {who.principal})
            roles.append(HeldRole(hold, len(permits), use, smaller))
            permissions |= permits.keys()
            used |= use.permissions.keys()
        allowed = self.usage.allowed.get(subject, 0)
        return Holder(subject, allowed, tuple(roles), frozenset(permissions), frozenset(used))

    def assignments(self) -> Iterator[AssignedRole]:
        """Every assignment that gives a role, with what all members used of it together."""
        directory = self._access.directory
        for entry in directory.tables.assigned:
            for assignment in directory.assignments(entry):
                yield self._assigned(assignment)

    def _assigned(self, assignment: Assignment) -> AssignedRole:
        table, directory = self._access.table, self._access.directory
        members = directory.tables.members.get(assignment.group, {})
        uses = [self.usage.of(subject, assignment.id) for subject in members]
        together = _together(uses)
        return AssignedRole(
            assignment,
            len(permissions_of(table, assignment.role)),
            len(members),
            sum(bool(use.permissions) for use in uses),
            together,
            self._smaller.than(assignment, together, {each.principal for each in members}),
        )


def _together(uses: Iterable[Used]) -> Used:
    return reduce(operator.or_, uses, UNUSED)


class _Smaller:
    """Finds smaller roles that would do; each search is made once."""

    def __init__(self, table: DecisionTable) -> None:
        self._table = table
        numbering = Numbering(table)
        self._reach = {role: permitted(table, role, numbering) for role in table.roles}
        self._rows = {row.role: row for row in table.policy.rows.roles}
        self._known: dict[object, tuple[ResourceRole, ...] | None] = {}

    def than(
        self, assignment: Assignment, used: Used, principals: set[Principal]
    ) -> tuple[ResourceRole, ...] | None:
        """The fewest roles that permit what was used, held where the present one is."""
        if not used.permissions:
            return ()
        wanted = frozenset(Want(*each) for each in used.permissions.items())
        kind = assignment.role, assignment.resource.type
        key = kind, wanted, used.roles, frozenset(principals)
        if key not in self._known:
            self._known[key] = self._search(assignment, wanted, used.roles, principals)
        return self._known[key]

    def _search(
        self,
        assignment: Assignment,
        wanted: Iterable[Want],
        named: Iterable[ResourceRole],
        principals: set[Principal],
    ) -> tuple[ResourceRole, ...] | None:
        among = [
            role
            for role, row in self._rows.items()
            if row.assigned_on is assignment.resource.type
            and self._is_less([role], assignment.role)
            and all(self._table.eligible(each, role) for each in principals)
        ]
        ordered = sorted(wanted, key=str)
        found = suggest(
            self._table, ordered, min(principals, key=str), assignable=True, among=among
        )
        for choice in found.choices:
            held = {each for role in choice.roles for each in self._table.includes(role)}
            if self._is_less(choice.roles, assignment.role) and held.issuperset(named):
                return choice.roles
        return None

    def _is_less(self, roles: Iterable[ResourceRole], present: ResourceRole) -> bool:
        """Whether some roles together permit less than another, and nothing that it does not."""
        anywhere = own = 0
        for role in roles:
            anywhere, own = anywhere | self._reach[role][0], own | self._reach[role][1]
        here = self._reach[present]
        return (anywhere, own) != here and not anywhere & ~here[0] and not own & ~here[1]
