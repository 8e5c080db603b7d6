"""What each grant is good for: the cells it allows, and those that only it allows.

Knows how to read from the decision table every grant behind an allowed cell. It must not
decide a cell.

A grant *allows* a cell if the cell would rest on it were it the only one; it *decides* a
cell if the table's answer names it; it is *needed* by a cell that nothing else allows.
Without a grant, exactly the cells that need it are lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.audit.cells import Cells, Line, Numbering
from rbac.light import NamedTuple
from rbac.rows import Grant, Permission, Reach
from rbac.table import Basis, DecisionTable
from rbac.vocabulary import Principal, ResourceRole


class Use(NamedTuple):
    """A grant with the cells it allows, those whose answer names it, and those that need it."""

    grant: Grant
    allows: Cells
    decides: Cells
    needed: Cells

    def as_dict(self) -> dict[str, object]:
        """The grant, its place and the three counts."""
        return {
            "grant": [name.short for name in self.grant[:4]],
            "place": str(self.grant.place),
            "allows": len(self.allows),
            "decides": len(self.decides),
            "needed": len(self.needed),
        }


def uses(table: DecisionTable) -> tuple[Use, ...]:
    """What every grant of the policy is good for, in the order of the files; some 20 ms."""
    numbering = Numbering(table)
    found: Collected = {grant: ({}, {}, {}) for grant in table.policy.rows.grants}
    holders = _holders(table)
    for role in table.roles:
        for permission in _permissions(table, role):
            bases = table.bases(role, permission)
            bit = numbering.mask([permission])
            for own in (False, True):
                _credit(found, bases, [Line(who, role, own) for who in holders[role]], bit)
    return tuple(
        Use(grant, *(Cells(numbering, each) for each in masks)) for grant, masks in found.items()
    )


Masks = dict[Line, int]
Collected = dict[Grant, tuple[Masks, Masks, Masks]]
"""The cells of each grant, while they are being collected: allows, decides, needed."""


def _credit(found: Collected, bases: tuple[Basis, ...], lines: list[Line], bit: int) -> None:
    """Counts the cells of one role and permission for each grant behind them."""
    for line in lines:
        behind = [basis.grant for basis in bases if line.own or basis.grant.reach is Reach.ANY]
        for place, grant in enumerate(behind):
            allows, decides, needed = found[grant]
            allows[line] = allows.get(line, 0) | bit
            if place == 0:
                decides[line] = decides.get(line, 0) | bit
            if len(behind) == 1:
                needed[line] = needed.get(line, 0) | bit


def _permissions(table: DecisionTable, role: ResourceRole) -> Iterator[Permission]:
    for type, cells in table.holdings(role).items():
        for action in cells:
            yield Permission(action, type)


def _holders(table: DecisionTable) -> dict[ResourceRole, list[Principal]]:
    """The principals that may hold each role."""
    found: dict[ResourceRole, list[Principal]] = {role: [] for role in table.roles}
    for row in table.policy.rows.eligibility:
        found[row.role].append(row.principal)
    return found
