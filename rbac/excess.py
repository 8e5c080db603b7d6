"""By how much the roles of one subject break one constraint.

Knows what a constraint counts, as sums of role bits. It must not know who is given what,
nor where.
"""

from __future__ import annotations

from rbac.constraint_rows import Cardinality, Prerequisite, Scoped, StaticSeparation
from rbac.entries import ROLES
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.violations import counted, masks
from rbac.vocabulary import Principal, ResourceRole


class Excess:
    """One constraint under the policy of `table`, asked about the roles of one subject.

    `bits` are all roles that matter to it.
    """

    __slots__ = ("_counted", "_having", "bits", "constraint")

    def __init__(self, table: DecisionTable, constraint: Scoped) -> None:
        by_role = masks(table, constraint)
        self.constraint = constraint
        self.bits = sum(by_role)
        self._counted = counted(constraint)
        self._having = {
            principal: tuple(
                sum(
                    bit
                    for bit, mask in by_role.items()
                    if mask >> number & 1 and table.eligible(principal, ROLES[bit])
                )
                for number in range(len(self._counted))
            )
            for principal in constraint.principals or Principal
        }

    def of(self, principal: Principal, given: int) -> int:
        """How much is wrong where `given` is all that such a subject is given; 0: nothing.

        Of a cardinality: 1 for a holder.
        """
        having = self._having.get(principal, ())
        constraint = self.constraint
        if isinstance(constraint, StaticSeparation):
            count = -constraint.at_most
            for bits in having:
                if bits & given:
                    count += 1
            return max(count, 0)
        if not having or not given & having[0]:
            return 0
        if isinstance(constraint, Cardinality):
            return 1
        return sum(not bits & given for bits in having)

    def has(self, principal: Principal, given: int) -> tuple[ResourceRole | Permission, ...]:
        """What such a subject has of what is counted."""
        if isinstance(self.constraint, Prerequisite):
            return self._counted[:1]
        having = zip(self._counted, self._having.get(principal, ()), strict=False)
        return tuple(each for each, bits in having if bits & given)

    def lacks(self, principal: Principal, given: int) -> tuple[ResourceRole, ...]:
        """Which of the required roles it has not."""
        if not isinstance(self.constraint, Prerequisite):
            return ()
        having = self._having.get(principal, ())[1:]
        required = zip(self.constraint.requires, having, strict=False)
        return tuple(role for role, bits in required if not bits & given)


def too_few(constraint: Cardinality, count: int) -> int:
    """How many holders are missing where there are `count`."""
    return max(constraint.at_least - count, 0)


def too_many(constraint: Cardinality, count: int) -> int:
    """How many holders are too many."""
    return 0 if constraint.at_most is None else max(count - constraint.at_most, 0)
