"""What the rules about a policy are asked of, and how they name its rows.

Knows a policy as audits look at it. It must not know any rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from rbac.audit.causes import written
from rbac.audit.exercise import Exercise
from rbac.audit.findings import Finding
from rbac.light import NamedTuple
from rbac.rows import Grant, Place
from rbac.table import DecisionTable
from rbac.vocabulary import ResourceRole


class Policies(NamedTuple):
    """A policy in its table, what can be used of it, and all API methods if they are known."""

    table: DecisionTable
    exercise: Exercise
    methods: Collection[str]

    def place(self, role: ResourceRole) -> Place:
        """Where the policy lists a role."""
        return next(row.place for row in self.table.policy.rows.roles if row.role is role)


Check = Callable[[Policies], Iterator[Finding]]
"""Finds what one rule says."""


def names(grant: Grant) -> tuple[str, ...]:
    """The names that a grant is made of."""
    return tuple(name.short for name in grant[:4])


def placed(grant: Grant) -> str:
    """A grant as policy files write it, and where it stands."""
    return f"{written(grant)} ({grant.place})"
