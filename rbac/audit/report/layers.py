"""Layered drawings of a relation: where each node stands, and which way each edge takes.

Knows nodes and edges only: names in columns, each to the right of all that lead to it,
ordered so that few edges cross. It must not know which relation is drawn, nor in what.

The method is Sugiyama's: columns by longest path, a bend in every column that an edge
passes, and each column ordered by where its neighbours stand, to and fro a few times.
The relation must be free of cycles.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from rbac.light import NamedTuple

Edge = tuple[str, str]
_Point = str | tuple[str, str, int]
"""A node, or the bend of an edge in a column."""

SWEEPS = 12
"""How often the columns are ordered anew; the best order is kept."""

BEND = 0.4
"""The height of a bend, in rows."""


class Placed(NamedTuple):
    """A node: its column, and its row, which may lie between two."""

    name: str
    column: int
    row: float


class Line(NamedTuple):
    """An edge as the points it passes, from its source to its target: column and row."""

    source: str
    target: str
    points: tuple[tuple[int, float], ...]


class Drawing(NamedTuple):
    """All that is to be drawn, and how many columns and rows it takes."""

    nodes: tuple[Placed, ...]
    lines: tuple[Line, ...]
    columns: int
    rows: float


def layered(edges: Iterable[Edge]) -> Drawing:
    """Places the nodes of `edges`; the same for the same edges in the same order."""
    pairs = list(dict.fromkeys(edges))
    column = _columns(pairs)
    routes = {pair: _route(pair, column) for pair in pairs}
    order = _ordered(routes.values(), column)
    row = _rows(order)
    nodes = tuple(Placed(name, column[name], row[name]) for name in column)
    lines = tuple(
        Line(*pair, tuple((_column(point, column), row[point]) for point in route))
        for pair, route in routes.items()
    )
    return Drawing(nodes, lines, len(order), max(row.values(), default=0) + 1)


def _columns(pairs: Sequence[Edge]) -> dict[str, int]:
    """For each node, the length of the longest path to it."""
    column = {name: 0 for pair in pairs for name in pair}
    for _ in column:
        for source, target in pairs:
            column[target] = max(column[target], column[source] + 1)
    return column


def _route(pair: Edge, column: Mapping[str, int]) -> tuple[_Point, ...]:
    source, target = pair
    between = range(column[source] + 1, column[target])
    return (source, *((source, target, number) for number in between), target)


def _column(point: _Point, column: Mapping[str, int]) -> int:
    return column[point] if isinstance(point, str) else point[2]


_Order = list[list[_Point]]


def _ordered(routes: Iterable[tuple[_Point, ...]], column: Mapping[str, int]) -> _Order:
    """Each column from top to bottom, in the order with the fewest crossings that was seen."""
    steps = [step for route in routes for step in itertools.pairwise(route)]
    order: _Order = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for point in dict.fromkeys([*column, *(end for step in steps for end in step)]):
        order[_column(point, column)].append(point)
    best, fewest = order, _crossings(order, steps)
    for sweep in range(SWEEPS):
        order = _swept(order, steps, forth=sweep % 2 == 0)
        crossings = _crossings(order, steps)
        if crossings < fewest:
            best, fewest = order, crossings
    return best


_Step = tuple[_Point, _Point]


def _swept(order: _Order, steps: Sequence[_Step], *, forth: bool) -> _Order:
    """Every column by the mean place of its neighbours in the one before, or behind."""
    near: dict[_Point, list[_Point]] = {}
    for source, target in steps:
        near.setdefault(target if forth else source, []).append(source if forth else target)
    place: dict[_Point, float] = {}
    swept = []
    for points in order if forth else reversed(order):
        now = {point: float(number) for number, point in enumerate(points)}
        wanted = {
            point: sum(place[each] for each in near[point]) / len(near[point])
            if point in near
            else now[point]
            for point in points
        }
        points = sorted(points, key=wanted.__getitem__)
        place |= {point: float(number) for number, point in enumerate(points)}
        swept.append(points)
    return swept if forth else swept[::-1]


def _crossings(order: _Order, steps: Sequence[_Step]) -> int:
    place = {point: number for points in order for number, point in enumerate(points)}
    column = {point: number for number, points in enumerate(order) for point in points}
    by_column: dict[int, list[tuple[int, int]]] = {}
    for source, target in steps:
        by_column.setdefault(column[source], []).append((place[source], place[target]))
    return sum(
        (one[0] - other[0]) * (one[1] - other[1]) < 0
        for lines in by_column.values()
        for number, one in enumerate(lines)
        for other in lines[:number]
    )


def _rows(order: _Order) -> dict[_Point, float]:
    """The row of each point: columns are centred, a bend takes less room than a node."""
    heights = [[1.0 if isinstance(each, str) else BEND for each in points] for points in order]
    tallest = max(map(sum, heights), default=0.0)
    row: dict[_Point, float] = {}
    for points, taken in zip(order, heights, strict=True):
        top = (tallest - sum(taken)) / 2
        for point, height in zip(points, taken, strict=True):
            row[point] = top + (height - 1) / 2
            top += height
    return row
