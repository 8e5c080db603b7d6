"""Invariants: what a policy must never allow, proved over every cell or refuted by all.

Knows what a statement says of a selection, and reads what is allowed from a decision
table. It must not decide a cell, nor know how a statement is written.

A statement has one form, and counterexamples that are easy to say:

    never     nothing it selects is allowed
    only      what `on` selects is allowed to nobody but those `only` selects
    implies   whoever is allowed what `on` selects is allowed something `implies` selects,
              on the same type if it names no type
    requires  whatever permission of `on` anybody has, has these requirements
    together  nobody, in one role, is allowed something of every one of these selections

What `except` selects is left out of any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from rbac.audit.cells import Cells, Line, Numbering, allowed
from rbac.audit.facts import Fact, facts, possible
from rbac.audit.selections import Box, Names, box
from rbac.light import NamedTuple
from rbac.rows import Permission, Place
from rbac.table import DecisionTable

NEVER, ONLY, IMPLIES, REQUIRES, TOGETHER = FORMS = (
    "never",
    "only",
    "implies",
    "requires",
    "together",
)


class Invariant(NamedTuple):
    """A statement about a policy: its name, what it says, why, and the selections it names.

    `about` is what it is about, `form` one of `FORMS`. `selections` has the key of each
    selection (``never``, ``on``, ``only``, ``except``, ``implies``, and the numbers from
    ``"0"`` of those that must not come together).
    """

    name: str
    says: str
    because: str
    about: str
    form: str
    selections: Mapping[str, Names]
    requirements: tuple[str, ...]
    place: Place


class Result(NamedTuple):
    """What became of a statement: how much was looked at, and everything that contradicts it.

    `cells` are the counterexamples among cells, `facts` those among rows; one is empty.
    `looked` counts the cells, or the possible facts, that the statement rules on.
    """

    invariant: Invariant
    looked: int
    cells: Cells
    facts: tuple[Fact, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts it."""
        return not len(self.cells) and not self.facts


class Space:
    """All that statements are proved over: one policy's cells, allowed or not, and rows."""

    __slots__ = ("allowed", "numbering", "table")

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.numbering = Numbering(table)
        self.allowed = allowed(table, self.numbering)

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.box({}).size

    def box(self, names: Names) -> Box:
        """The cells that a selection holds."""
        return box(self.table, self.numbering, names)

    def prove(self, invariant: Invariant) -> Result:
        """Proves one statement over everything it rules on, or finds all that contradict it."""
        if invariant.about != "cells":
            return _prove_facts(self, invariant)
        scope, out = _scope(self, invariant)
        looked = scope.size - scope.both(out).size if out else scope.size
        inside = scope.of(self.allowed)
        if out:
            inside -= out.of(self.allowed)
        return Result(invariant, looked, _CONTRADICT[invariant.form](self, invariant, inside), ())


def prove(table: DecisionTable, invariants: Iterable[Invariant]) -> tuple[Result, ...]:
    """What becomes of each statement; about a millisecond each on the shipped policy."""
    space = Space(table)
    return tuple(space.prove(invariant) for invariant in invariants)


def _scope(space: Space, invariant: Invariant) -> tuple[Box, Box | None]:
    """What a statement is about, and what of it is left out."""
    names = invariant.selections
    scope = space.box(names.get(NEVER, names.get("on", {})))
    return scope, space.box(names["except"]) if "except" in names else None


def _all(_space: Space, _invariant: Invariant, inside: Cells) -> Cells:
    return inside


def _others(space: Space, invariant: Invariant, inside: Cells) -> Cells:
    return inside - space.box(invariant.selections[ONLY]).of(space.allowed)


def _without_implied(space: Space, invariant: Invariant, inside: Cells) -> Cells:
    """The cells whose line allows nothing that they imply."""
    names = invariant.selections[IMPLIES]
    implied = space.box(names).mask
    everywhere = "types" in names or "permissions" in names
    scopes = [-1] if everywhere else _by_type(space.numbering)
    masks: dict[Line, int] = {}
    for line, bits in inside.masks.items():
        has = space.allowed.masks.get(line, 0) & implied
        masks[line] = sum(bits & scope for scope in scopes if not has & scope)
    return Cells(space.numbering, masks)


def _by_type(numbering: Numbering) -> list[int]:
    """For each resource type, the bits of its permissions."""
    return [sum(actions.values()) for actions in numbering.bits.values()]


def _unrequired(space: Space, invariant: Invariant, inside: Cells) -> Cells:
    """The cells whose permission lacks a requirement."""
    wanted = set(invariant.requirements)
    lacking = space.numbering.mask(
        permission
        for permission in space.numbering.permissions
        if not wanted <= _needs(space.table, permission)
    )
    return Cells(space.numbering, {line: bits & lacking for line, bits in inside.masks.items()})


def _needs(table: DecisionTable, permission: Permission) -> set[str]:
    return {row.text for row in table.requirements(permission)}


def _combined(space: Space, invariant: Invariant, inside: Cells) -> Cells:
    """The cells of every line that has something of each selection."""
    masks = [space.box(names) for names in conflicting(invariant)]
    found: dict[Line, int] = {}
    for line, bits in inside.masks.items():
        parts = [bits & each.mask for each in masks]
        if all(parts):
            for part in parts:
                found[line] = found.get(line, 0) | part
    return Cells(space.numbering, found)


def conflicting(invariant: Invariant) -> Iterator[Names]:
    """The selections that nobody may be allowed something of each of."""
    return (names for key, names in invariant.selections.items() if key.isdecimal())


_CONTRADICT: dict[str, Callable[[Space, Invariant, Cells], Cells]] = {
    NEVER: _all,
    ONLY: _others,
    IMPLIES: _without_implied,
    REQUIRES: _unrequired,
    TOGETHER: _combined,
}


def _prove_facts(space: Space, invariant: Invariant) -> Result:
    """Proves a statement about rows: ``never`` or ``only``, with exceptions."""
    names, about = invariant.selections, invariant.about
    scope = names.get(NEVER, names.get("on", {}))
    let_through = [names[key] for key in (ONLY, "except") if key in names]
    wrong = tuple(
        fact
        for fact in facts(space.table.policy.rows, about)
        if fact.within(scope) and not any(fact.within(each) for each in let_through)
    )
    return Result(invariant, possible(about, scope), Cells(space.numbering, {}), wrong)
