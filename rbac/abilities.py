"""Abilities: which of the roles a subject may be given permit a permission, as sets of bits.

Knows the decision table by what a question about somebody needs of it. It must not know
who holds what. Each ability is worked out on first use and kept; there are no more of them
than kinds, roles and permissions.
"""

from __future__ import annotations

import functools

from rbac.decision import Reason
from rbac.entries import BITS, Entry
from rbac.rows import CatalogueRow, Permission, Reach, Requirement
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType


class Ability(Entry):
    """What it takes for a principal to have a permission, in a role or in any.

    `held`, `any` and `own` are sets of roles: being given one of `held` is acting in the
    role at all, one of `any` permits it, one of `own` permits it on an own resource. Where
    nothing can, `barred` says why. `row` is None for a permission that does not exist.
    """

    __slots__ = ("any", "barred", "held", "own", "permission", "requirements", "row")

    permission: Permission
    barred: Reason | None
    held: int
    any: int
    own: int
    row: CatalogueRow | None
    requirements: tuple[Requirement, ...]

    def __init__(
        self,
        permission: Permission,
        barred: Reason | None,
        roles: tuple[int, int, int],
        row: CatalogueRow | None,
        requirements: tuple[Requirement, ...],
    ) -> None:
        """`roles` are `held`, `any` and `own`."""
        put = object.__setattr__
        put(self, "permission", permission)
        put(self, "barred", barred)
        for name, bits in zip(("held", "any", "own"), roles, strict=True):
            put(self, name, bits)
        put(self, "row", row)
        put(self, "requirements", requirements)


_ByAction = dict[Action, Ability]
_Memo = dict[Principal, dict[ResourceRole | None, dict[ResourceType, _ByAction]]]


class Abilities:
    """Every ability of a policy; looking one up that was asked before takes four look-ups."""

    __slots__ = ("_holding", "known", "table")

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.known: _Memo = {}
        self._holding: dict[tuple[Principal, ResourceRole | None], int] = {}

    def of(
        self, principal: Principal, role: ResourceRole | None, type: ResourceType, action: Action
    ) -> Ability:
        """The ability that a question needs; worked out once."""
        try:
            return self.known[principal][role][type][action]
        except KeyError:
            ability = self._ability(principal, role, Permission(action, type))
        by_type = self.known.setdefault(principal, {}).setdefault(role, {})
        return by_type.setdefault(type, {}).setdefault(action, ability)

    def holding(self, principal: Principal, role: ResourceRole | None) -> int:
        """The roles by which such a principal holds `role`: the role itself and its seniors.

        Without a role, all that it may hold. Worked out once.
        """
        found = self._holding.get((principal, role))
        if found is None:
            found = self._holding[principal, role] = self._by(principal, role)
        return found

    def _by(self, principal: Principal, role: ResourceRole | None) -> int:
        if role is not None and not self.table.eligible(principal, role):
            return 0
        return sum(
            bit
            for each, bit in BITS.items()
            if self.table.eligible(principal, each)
            and (role is None or role in self.table.includes(each))
        )

    def _ability(
        self, principal: Principal, role: ResourceRole | None, permission: Permission
    ) -> Ability:
        row = self.table.row(permission)
        held = self.holding(principal, role)
        any, own = self._permitting(held, role, permission)
        barred = None
        if row is None:
            barred = Reason.NO_SUCH_PERMISSION
        elif not (own if role is None else held):
            barred = Reason.NOT_ELIGIBLE
        requirements = self.table.requirements(permission)
        return Ability(permission, barred, (held, any, own), row, requirements)

    def _permitting(
        self, held: int, role: ResourceRole | None, permission: Permission
    ) -> tuple[int, int]:
        """Which of the roles `held` permit it, and which on own resources; in `role`, if given."""
        if role is not None:
            reach = self.table.reach(role, permission)
            return held if reach is Reach.ANY else 0, held if reach is not None else 0
        any, own = 0, 0
        for each, reach in self.table.roles_with(permission).items():
            own |= BITS[each]
            any |= BITS[each] if reach is Reach.ANY else 0
        return any & held, own & held


@functools.lru_cache(8)
def abilities_of(table: DecisionTable) -> Abilities:
    """The abilities of a policy, the same for every directory that is asked by it."""
    return Abilities(table)
