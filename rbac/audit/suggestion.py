"""Least privilege: the fewest roles that permit some permissions, and what they permit beyond.

Knows which roles a kind of subject may hold, and combines them. It must not decide a
cell, nor know who holds what.

Fewest roles first, and every tie; among ties, those that permit the fewest permissions
beyond come first. A role that permits more by itself may well lose to two that permit
less: `beyond` says how much each choice gives away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from rbac.audit.cells import Numbering, permitted
from rbac.light import NamedTuple
from rbac.rows import Permission, Reach
from rbac.table import DecisionTable
from rbac.vocabulary import Principal, ResourceRole


class Want(NamedTuple):
    """A permission that somebody needs, on any resource or on own ones."""

    permission: Permission
    reach: Reach

    def __str__(self) -> str:
        return f"{self.permission}{', own' if self.reach is Reach.OWN else ''}"


class Suggestion(NamedTuple):
    """Roles that permit all that is wanted, and what they permit beyond it, with reach."""

    roles: tuple[ResourceRole, ...]
    beyond: tuple[Want, ...]

    def as_dict(self) -> dict[str, object]:
        """The roles, and what they permit beyond, as plain JSON values."""
        return {
            "roles": [role.short for role in self.roles],
            "beyond": [
                {
                    "type": want.permission.type.short,
                    "action": want.permission.action.short,
                    "reach": want.reach.short,
                }
                for want in self.beyond
            ],
        }


class Suggestions(NamedTuple):
    """Every smallest set of roles; none if something wanted is `missing` from all roles."""

    choices: tuple[Suggestion, ...]
    missing: tuple[Want, ...]


Bits = tuple[int, int]
"""What a role permits on any resource, and on an own one."""


def suggest(
    table: DecisionTable,
    wanted: Sequence[Want],
    principal: Principal,
    *,
    assignable: bool = False,
    among: Collection[ResourceRole] | None = None,
) -> Suggestions:
    """The smallest sets of roles that a `principal` may hold and that permit all of `wanted`.

    With `assignable`, of roles that people assign alone; with `among`, of these alone.
    Exact; the time grows with the number of roles in the answer, and is milliseconds for a
    few.
    """
    numbering = Numbering(table)
    rows = [
        row
        for row in table.policy.rows.roles
        if (row.assignable or not assignable) and (among is None or row.role in among)
    ]
    reached = {
        row.role: permitted(table, row.role, numbering)
        for row in rows
        if table.eligible(principal, row.role)
    }
    bits = {want: numbering.mask([want.permission]) for want in wanted}
    having = {
        want: [role for role, masks in reached.items() if _has(masks, want, bit)]
        for want, bit in bits.items()
    }
    missing = tuple(want for want, roles in having.items() if not roles)
    if missing:
        return Suggestions((), missing)
    choices = [_suggestion(numbering, reached, roles, bits) for roles in _smallest(having)]
    order = list(reached)
    choices.sort(key=lambda each: (len(each.beyond), [order.index(role) for role in each.roles]))
    return Suggestions(tuple(choices), ())


def _has(masks: Bits, want: Want, bit: int) -> bool:
    return bool(masks[want.reach is Reach.OWN] & bit)


def _smallest(having: dict[Want, list[ResourceRole]]) -> set[frozenset[ResourceRole]]:
    """Every set of the fewest roles that have all that is wanted."""
    size = 0
    while True:
        found = set(_covers(having, frozenset(), size))
        if found:
            return found
        size += 1


def _covers(
    having: dict[Want, list[ResourceRole]], chosen: frozenset[ResourceRole], more: int
) -> Iterator[frozenset[ResourceRole]]:
    """Every set that adds `more` roles to `chosen` and has all: each must have what lacks most."""
    lacking = [roles for roles in having.values() if chosen.isdisjoint(roles)]
    if not lacking:
        yield chosen
    elif more:
        for role in min(lacking, key=len):
            yield from _covers(having, chosen | {role}, more - 1)


def _suggestion(
    numbering: Numbering,
    reached: dict[ResourceRole, Bits],
    roles: Iterable[ResourceRole],
    bits: dict[Want, int],
) -> Suggestion:
    chosen = tuple(role for role in reached if role in set(roles))
    anywhere = own = 0
    for role in chosen:
        anywhere, own = anywhere | reached[role][0], own | reached[role][1]
    for want, bit in bits.items():
        own &= ~bit
        anywhere &= ~bit if want.reach is Reach.ANY else -1
    beyond = [Want(each, Reach.ANY) for each in numbering.named(anywhere)]
    beyond += [Want(each, Reach.OWN) for each in numbering.named(own & ~anywhere)]
    return Suggestion(chosen, tuple(beyond))
