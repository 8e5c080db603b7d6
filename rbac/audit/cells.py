"""Sets of cells, as bits: what a policy allows, compared and counted without a loop over it.

Knows the cells of the kinds form (principal, role, permission, own) and reads which of
them are allowed from a decision table. It must not know what a set of cells is asked for,
nor decide a cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rbac.light import NamedTuple
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType


class Numbering:
    """Permissions, each with the bit that stands for it; those of several tables share one."""

    __slots__ = ("bits", "permissions")

    def __init__(self, *tables: DecisionTable) -> None:
        self.bits: dict[ResourceType, dict[Action, int]] = {}
        self.permissions: list[Permission] = []
        for table in tables:
            for row in table.policy.rows.catalogue:
                actions = self.bits.setdefault(row.type, {})
                if row.action not in actions:
                    actions[row.action] = 1 << len(self.permissions)
                    self.permissions.append(Permission(row.action, row.type))

    def mask(self, permissions: Iterable[tuple[Action, ResourceType]]) -> int:
        """The bits of `permissions`; those that no table has count for nothing."""
        found = 0
        for action, type in permissions:
            found |= self.bits.get(type, {}).get(action, 0)
        return found

    def catalogue(self, table: DecisionTable) -> int:
        """The bits of every permission that exists in `table`."""
        rows = table.policy.rows.catalogue
        return self.mask((row.action, row.type) for row in rows)

    def named(self, mask: int) -> Iterator[Permission]:
        """The permissions that `mask` stands for, in the order of the catalogue."""
        while mask:
            lowest = mask & -mask
            yield self.permissions[lowest.bit_length() - 1]
            mask ^= lowest


class Line(NamedTuple):
    """The cells of one principal in one role, on own resources or on any; a row of bits."""

    principal: Principal
    role: ResourceRole
    own: bool


class Cells:
    """A set of cells: for each line, the permissions, as bits of one numbering.

    Its length is the exact number of cells. Sets are compared and combined only with sets
    of the same numbering, line by line; none changes once it is built.
    """

    __slots__ = ("masks", "numbering")

    def __init__(self, numbering: Numbering, masks: Mapping[Line, int]) -> None:
        self.numbering = numbering
        self.masks = {line: mask for line, mask in masks.items() if mask}

    def __len__(self) -> int:
        return sum(mask.bit_count() for mask in self.masks.values())

    def __iter__(self) -> Iterator[Question]:
        for (principal, role, own), mask in self.masks.items():
            for action, type in self.numbering.named(mask):
                yield Question(principal, role, type, action, own)

    def __eq__(self, other: object) -> bool:
        if type(other) is not Cells:
            return NotImplemented
        return self.numbering is other.numbering and self.masks == other.masks

    __hash__ = None  # type: ignore[assignment]  # equal by what they hold, and mutable inside

    def __sub__(self, other: Cells) -> Cells:
        theirs = other.masks
        masks = {line: mask & ~theirs.get(line, 0) for line, mask in self.masks.items()}
        return Cells(self.numbering, masks)

    def __and__(self, other: Cells) -> Cells:
        theirs = other.masks
        masks = {line: mask & theirs.get(line, 0) for line, mask in self.masks.items()}
        return Cells(self.numbering, masks)

    def __or__(self, other: Cells) -> Cells:
        masks = dict(self.masks)
        for line, mask in other.masks.items():
            masks[line] = masks.get(line, 0) | mask
        return Cells(self.numbering, masks)


def allowed(
    table: DecisionTable, numbering: Numbering, roles: Iterable[ResourceRole] | None = None
) -> Cells:
    """Every cell that `table` allows, or those of some `roles`; under a millisecond once warm."""
    masks: dict[Line, int] = {}
    exists = numbering.catalogue(table)
    wanted = table.roles if roles is None else roles
    reached = {role: permitted(table, role, numbering) for role in wanted}
    for row in table.policy.rows.eligibility:
        if row.role in reached:
            anywhere, own = reached[row.role]
            masks[Line(row.principal, row.role, False)] = anywhere & exists
            masks[Line(row.principal, row.role, True)] = own & exists
    return Cells(numbering, masks)


def permitted(table: DecisionTable, role: ResourceRole, numbering: Numbering) -> tuple[int, int]:
    """What `role` permits on any resource, and on an own one, as bits."""
    anywhere = own = 0
    for type, cells in table.holdings(role).items():
        bits = numbering.bits.get(type, {})
        for action, cell in cells.items():
            bit = bits.get(action, 0)
            own |= bit
            if cell[0] is not None:  # its grant on any resource; by place, for speed
                anywhere |= bit
    return anywhere, own
