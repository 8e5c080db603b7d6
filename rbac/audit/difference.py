"""The exact difference of two policies: cells gained and lost, and what else changed.

Knows how to compare what two decision tables hold. It must not decide a cell, nor know
how a policy was come by.

A change is judged by its direction. A cell gained is more access, one lost is less.
Containment, derived roles and eligibility give, requirements take away; a level that
falls escapes the guards that watch the higher one. A permission that nobody has, in the
catalogue or gone from it, is neither. Notes, rationales, places and API methods mean
nothing here, as in the digest: a difference is empty exactly if the digests are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.audit.cells import Cells, Numbering, allowed
from rbac.hierarchy import paths, successors
from rbac.light import NamedTuple
from rbac.rows import Level, Rows
from rbac.table import DecisionTable
from rbac.vocabulary import Name


class Direction(Name, noun="direction"):
    """Which way a change goes."""

    MORE = "more"
    LESS = "less"
    BOTH = "more and less"
    NEITHER = "neither"


class Verdict(Name, noun="verdict"):
    """What a whole difference does to access."""

    EQUAL = "equal"
    MORE = "only more"
    LESS = "only less"
    MIXED = "mixed"


class Shift(NamedTuple):
    """Something besides cells that changed: of which kind, how, and which way it goes."""

    kind: str
    change: str
    direction: Direction

    def as_dict(self) -> dict[str, object]:
        """The change as plain JSON values."""
        return {
            "kind": self.kind,
            "change": self.change,
            "direction": self.direction.value,
        }


class Difference(NamedTuple):
    """What changes from an old policy to a new one; true if anything does."""

    old: DecisionTable
    new: DecisionTable
    gained: Cells
    lost: Cells
    shifts: tuple[Shift, ...]

    def __bool__(self) -> bool:
        return bool(len(self.gained) or len(self.lost) or self.shifts)

    @property
    def verdict(self) -> Verdict:
        """Whether there is more access, less, both or neither, cells and all else together."""
        directions = {shift.direction for shift in self.shifts}
        both = Direction.BOTH in directions
        more = both or len(self.gained) > 0 or Direction.MORE in directions
        less = both or len(self.lost) > 0 or Direction.LESS in directions
        if more and less:
            return Verdict.MIXED
        return Verdict.MORE if more else Verdict.LESS if less else Verdict.EQUAL

    @property
    def uncounted(self) -> tuple[Shift, ...]:
        """What gives more access than the cells gained say: it has no number."""
        return tuple(
            shift
            for shift in self.shifts
            if shift.direction in (Direction.MORE, Direction.BOTH) and shift.kind not in _COUNTED
        )


def difference(old: DecisionTable, new: DecisionTable) -> Difference:
    """What changes from `old` to `new`; about a millisecond for two warm tables."""
    numbering = Numbering(old, new)
    before, after = allowed(old, numbering), allowed(new, numbering)
    shifts = tuple(_shifts(old.policy.rows, new.policy.rows))
    return Difference(old, new, after - before, before - after, shifts)


_COUNTED = ("eligibility", "seniority")
"""Kinds of change whose access shows in the cells they open."""


def _shifts(old: Rows, new: Rows) -> Iterator[Shift]:
    yield from _set_shifts("eligibility", _eligible(old), _eligible(new))
    if {row[:2] for row in old.seniority} != {row[:2] for row in new.seniority}:
        yield from _set_shifts("seniority", _seniority(old), _seniority(new))
    yield from _set_shifts("containment", _contained(old), _contained(new))
    yield from _set_shifts("derived role", _derived(old), _derived(new))
    yield from _set_shifts("requirement", _required(old), _required(new), gives=False)
    yield from _level_shifts(_levels(old), _levels(new))
    yield from _role_shifts(old, new)


Statement = tuple[Name | str, ...]


def _set_shifts(
    kind: str, old: Iterable[Statement], new: Iterable[Statement], *, gives: bool = True
) -> Iterator[Shift]:
    """Statements that came or went; `gives` says whether such a statement adds access."""
    before, after = set(old), set(new)
    came, went = (Direction.MORE, Direction.LESS) if gives else (Direction.LESS, Direction.MORE)
    for words in sorted(map(_words, after - before)):
        yield Shift(kind, f"+ {words}", came)
    for words in sorted(map(_words, before - after)):
        yield Shift(kind, f"- {words}", went)


def _words(statement: Statement) -> str:
    return ", ".join(each.short if isinstance(each, Name) else each for each in statement)


def _eligible(rows: Rows) -> Iterator[Statement]:
    return (row[:2] for row in rows.eligibility)


def _seniority(rows: Rows) -> Iterator[Statement]:
    juniors = successors((row.senior, row.junior) for row in rows.seniority)
    for senior in juniors:
        for junior in paths(juniors, senior):
            if junior is not senior:
                yield senior, junior


def _contained(rows: Rows) -> Iterator[Statement]:
    return (row[:2] for row in rows.containment)


def _derived(rows: Rows) -> Iterator[Statement]:
    return (row[:3] for row in rows.derived_roles)


def _required(rows: Rows) -> Iterator[Statement]:
    return ((row.type, row.action, row.text) for row in rows.requirements)


Levels = dict[tuple[Name, Name], Level]


def _levels(rows: Rows) -> Levels:
    return {(row.type, row.action): row.level for row in rows.catalogue}


def _level_shifts(old: Levels, new: Levels) -> Iterator[Shift]:
    """Permissions that came or went, and those that do something else than before."""
    order = tuple(Level)
    for (type, action), level in new.items():
        before = old.get((type, action))
        if before is level:
            continue
        if before is None:
            change = f"+ {_words((type, action, level))}"
            yield Shift("permission", change, Direction.NEITHER)
            continue
        falls = order.index(level) < order.index(before)
        direction = Direction.MORE if falls else Direction.LESS
        change = f"{_words((type, action))}: {before.short} -> {level.short}"
        yield Shift("level", change, direction)
    for (type, action), level in old.items():
        if (type, action) not in new:
            change = f"- {_words((type, action, level))}"
            yield Shift("permission", change, Direction.NEITHER)


def _role_shifts(old: Rows, new: Rows) -> Iterator[Shift]:
    """Roles that are held elsewhere than before, or given by others."""
    before = {row.role: row for row in old.roles}
    for row in new.roles:
        was = before[row.role]
        if was.assigned_on is not row.assigned_on:
            places = [on.short if on else "-" for on in (was.assigned_on, row.assigned_on)]
            change = f"{row.role.short}: {' -> '.join(places)}"
            yield Shift("held on", change, Direction.BOTH)
        if was.assignable is not row.assignable:
            words = [_ASSIGNABLE[each.assignable] for each in (was, row)]
            direction = Direction.MORE if row.assignable else Direction.LESS
            change = f"{row.role.short}: {' -> '.join(words)}"
            yield Shift("assignable", change, direction)


_ASSIGNABLE = {True: "yes", False: "system"}
