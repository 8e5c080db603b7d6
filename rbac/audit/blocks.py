"""Few blocks that say what many cells say: exact covers of a set of cells.

Knows sets of cells and products of sets of names. A block is every cell whose principal,
role, type, action and own bit are each among its own; a cover has every cell of the set
and never one more. It must not know where a set of cells comes from.

Names that occur in the same cells, but for themselves, are first made one, which changes
no smallest cover. Then the largest blocks are listed and the fewest that cover are
searched for. That search is exact for small sets; for large ones blocks are taken
greedily, and `Cover.least` says how few might have done at best: cells of which no two
fit in one block each need a block of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from rbac.audit.cells import Cells
from rbac.light import NamedTuple
from rbac.terms import Question
from rbac.vocabulary import Action, Name, Principal, ResourceRole, ResourceType

Point = tuple[int, ...]
Box = tuple[frozenset[int], ...]

MOST_BOXES = 400
"""How many largest blocks are listed before the exact search is given up."""

MOST_STEPS = 20_000
"""How many steps the exact search may take before it is given up."""


class Block(NamedTuple):
    """Every combination of these names; ``own`` has False for any resource, True for own ones."""

    principals: tuple[Principal, ...]
    roles: tuple[ResourceRole, ...]
    types: tuple[ResourceType, ...]
    actions: tuple[Action, ...]
    owns: tuple[bool, ...]

    @property
    def size(self) -> int:
        """How many cells it has."""
        size = 1
        for names in self:
            size *= len(names)
        return size

    def cells(self) -> Iterator[Question]:
        """Each of its cells."""
        for principal, role, type, action, own in itertools.product(*self):
            yield Question(principal, role, type, action, own)

    def as_dict(self) -> dict[str, object]:
        """Its names in their short spelling, and how many cells it has."""
        principals, roles, types, actions, owns = self
        return {
            "principals": _shorts(principals),
            "roles": _shorts(roles),
            "types": _shorts(types),
            "actions": _shorts(actions),
            "own": list(owns),
            "cells": self.size,
        }


def _shorts(names: Iterable[Name]) -> list[str]:
    return [name.short for name in names]


class Cover(NamedTuple):
    """Blocks that cover a set of cells exactly, and the proven least number that could."""

    blocks: tuple[Block, ...]
    least: int

    @property
    def minimal(self) -> bool:
        """Whether no fewer blocks cover the same cells."""
        return len(self.blocks) == self.least


def cover(cells: Cells) -> Cover:
    """Few blocks that cover `cells` exactly: the fewest for small sets, proven so.

    Milliseconds for the change of a few rows, seconds at worst for whole policies.
    """
    axes = _Axes(cells)
    boxes, least = _cover(axes.points)
    return Cover(tuple(sorted(map(axes.block, boxes), key=_prominence)), least)


def _prominence(block: Block) -> tuple[int, list[list[str]]]:
    """The largest first; then by name."""
    return -block.size, [[str(name) for name in names] for names in block]


_ORDERS: tuple[dict[object, int], ...] = tuple(
    {name: place for place, name in enumerate(names)}
    for names in (Principal, ResourceRole, ResourceType, Action, (False, True))
)


class _Axes:
    """A set of cells as points of small numbers, one for each group of names alike in it."""

    def __init__(self, cells: Cells) -> None:
        points = {
            tuple(order[name] for order, name in zip(_ORDERS, cell, strict=True)) for cell in cells
        }
        self.groups: list[dict[int, tuple[int, ...]]] = []
        for axis in range(len(_ORDERS)):
            alike: dict[frozenset[Point], list[int]] = {}
            for place, rest in _slices(points, axis).items():
                alike.setdefault(frozenset(rest), []).append(place)
            groups = {min(places): tuple(sorted(places)) for places in alike.values()}
            points = {point for point in points if point[axis] in groups}
            self.groups.append(groups)
        self.points = frozenset(points)

    def block(self, box: Box) -> Block:
        """The block of names that `box` stands for."""
        names = (tuple(Principal), tuple(ResourceRole), tuple(ResourceType), tuple(Action))
        axes = [
            tuple(order[place] for place in sorted(self._places(axis, box)))
            for axis, order in enumerate((*names, (False, True)))
        ]
        return Block(*axes)  # type: ignore[arg-type]

    def _places(self, axis: int, box: Box) -> Iterator[int]:
        for place in box[axis]:
            yield from self.groups[axis][place]


def _slices(points: Iterable[Point], axis: int) -> dict[int, set[Point]]:
    """For each number on `axis`, the points that have it, without it."""
    found: dict[int, set[Point]] = {}
    for point in points:
        found.setdefault(point[axis], set()).add(point[:axis] + point[axis + 1 :])
    return found


def _cover(points: frozenset[Point]) -> tuple[list[Box], int]:
    """Boxes that cover `points` exactly, and how few could at least."""
    if not points:
        return [], 0
    boxes = _largest(points)
    if boxes is None:
        return _greedily(points), len(_apart(points))
    ordered = sorted(boxes, key=lambda box: (-_size(box), [sorted(places) for places in box]))
    found = _Search(sorted(points), ordered).run()
    if found is None:
        return _greedily(points), len(_apart(points))
    return found, len(found)


def _size(box: Box) -> int:
    size = 1
    for places in box:
        size *= len(places)
    return size


def _largest(points: frozenset[Point]) -> set[Box] | None:
    """Every box within `points` that is in no larger one; None if there are too many."""
    if len(next(iter(points))) == 1:
        return {(frozenset(place for (place,) in points),)}
    slices = {place: frozenset(rest) for place, rest in _slices(points, 0).items()}
    shared = _intersections(slices.values())
    if shared is None:
        return None
    found: set[Box] = set()
    for rests in shared:
        below = _largest(rests)
        if below is None:
            return None
        for rest in below:
            inside = frozenset(itertools.product(*rest))
            places = frozenset(place for place, theirs in slices.items() if inside <= theirs)
            found.add((places, *rest))
        if len(found) > MOST_BOXES:
            return None
    return found


def _intersections(sets: Iterable[frozenset[Point]]) -> set[frozenset[Point]] | None:
    """Every set that some of `sets` have in common, but the empty one; None if too many."""
    found: set[frozenset[Point]] = set()
    for each in sets:
        found |= {each & other for other in found} | {each}
        found.discard(frozenset())
        if len(found) > MOST_BOXES:
            return None
    return found


class _Search:
    """The fewest of some boxes that cover all points, by branch and bound."""

    def __init__(self, points: list[Point], boxes: list[Box]) -> None:
        bits = {point: 1 << number for number, point in enumerate(points)}
        self.boxes = boxes
        self.masks = [sum(bits[point] for point in itertools.product(*box)) for box in boxes]
        self.all = (1 << len(points)) - 1
        self.largest = max(mask.bit_count() for mask in self.masks)
        covering: list[list[int]] = [[] for _ in points]
        for number, mask in enumerate(self.masks):
            for point in range(len(points)):
                if mask >> point & 1:
                    covering[point].append(number)
        # The point with the fewest boxes first: what has one box needs that one.
        self.choices = sorted(
            ((1 << point, numbers) for point, numbers in enumerate(covering)),
            key=lambda choice: len(choice[1]),
        )
        self.best: list[int] | None = None
        self.steps = 0

    def run(self) -> list[Box] | None:
        """The boxes of a smallest cover; None if finding it took too long."""
        self._extend([], 0)
        if self.steps > MOST_STEPS or self.best is None:
            return None
        return [self.boxes[number] for number in self.best]

    def _extend(self, chosen: list[int], covered: int) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            return
        missing = (self.all & ~covered).bit_count()
        needed = len(chosen) + -(-missing // self.largest)
        if self.best is not None and needed >= len(self.best):
            return
        if not missing:
            self.best = list(chosen)
            return
        numbers = next(numbers for bit, numbers in self.choices if not covered & bit)
        for number in sorted(numbers, key=lambda each: -(self.masks[each] & ~covered).bit_count()):
            self._extend([*chosen, number], covered | self.masks[number])


def _greedily(points: frozenset[Point]) -> list[Box]:
    """A cover by largest boxes, each grown from a point that is not covered yet."""
    found: list[Box] = []
    left = set(points)
    axes = range(len(next(iter(points))))
    for start in sorted(points):
        if start not in left:
            continue
        grown = [_grown(start, points, [*axes[turn:], *axes[:turn]]) for turn in axes]
        box = max(grown, key=lambda each: len(left.intersection(itertools.product(*each))))
        found.append(box)
        left.difference_update(itertools.product(*box))
    return found


def _grown(start: Point, points: frozenset[Point], axes: list[int]) -> Box:
    """A box around `start` within `points` that cannot grow, widened axis by axis."""
    box = [frozenset([place]) for place in start]
    for axis in axes:
        for place in sorted({point[axis] for point in points}):
            wider = [*box[:axis], frozenset([place]), *box[axis + 1 :]]
            if points.issuperset(itertools.product(*wider)):
                box[axis] |= {place}
    return tuple(box)


def _apart(points: frozenset[Point]) -> list[Point]:
    """Points of which no two fit in one box: each needs a box of its own."""
    found: list[Point] = []
    for point in sorted(points):
        if not any(
            points.issuperset(itertools.product(*map(set, zip(point, other, strict=True))))
            for other in found
        ):
            found.append(point)
    return found
