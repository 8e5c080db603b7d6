"""A relation of names as a drawing for a page: boxes and curves, in SVG.

Knows SVG. It must not know which relation it draws, nor where things stand.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.audit.report.layers import Drawing, Edge, Line, Placed, layered
from rbac.audit.report.markup import Markup, attributes, tag
from rbac.light import NamedTuple

HEIGHT, ROW = 20, 26
"""The height of a box; from one row to the next."""

GAP, PADDING, LETTER = 52, 8, 6.7
"""Between two columns; before and behind a name; the width of a letter of the style's font."""


class Column(NamedTuple):
    """Where a column begins and ends: it is as wide as its longest name."""

    left: int
    right: int


def drawn(edges: Iterable[Edge], label: str) -> Markup:
    """The drawing of `edges`, with `label` as what it says to whoever does not see it."""
    drawing = layered(edges)
    columns = _columns(drawing)
    width = columns[-1].right + 2
    height = round(drawing.rows * ROW) + 2
    curves = (_curve(line, columns) for line in drawing.lines)
    boxes = (_box(node, columns[node.column]) for node in drawing.nodes)
    return tag(
        "svg",
        *curves,
        *boxes,
        role="img",
        aria_label=label,
        viewBox=f"-1 -1 {width} {height}",
        width=width,
        height=height,
        class_="drawing",
    )


def _columns(drawing: Drawing) -> list[Column]:
    columns: list[Column] = []
    left = 0
    for number in range(drawing.columns):
        names = (node.name for node in drawing.nodes if node.column == number)
        right = left + round(max(map(len, names), default=0) * LETTER) + 2 * PADDING
        columns.append(Column(left, right))
        left = right + GAP
    return columns


def _curve(line: Line, columns: list[Column]) -> Markup:
    """A curve that leaves each box to the right, and comes to the next one level."""
    (column, row), *others = line.points
    x, y = columns[column].right, _middle(row)
    path = [f"M{x} {y}"]
    for number, (column, row) in enumerate(others, 1):
        left, level = columns[column].left, _middle(row)
        path.append(f"C{x + GAP // 2} {y} {left - GAP // 2} {level} {left} {level}")
        x, y = columns[column].right, level
        if number < len(others):
            path.append(f"H{x}")
    return Markup(f"<path {attributes(d=' '.join(path))}/>")


def _box(node: Placed, column: Column) -> Markup:
    y = _middle(node.row) - HEIGHT // 2
    width = column.right - column.left
    box = f"<rect {attributes(x=column.left, y=y, width=width, height=HEIGHT, rx=4)}/>"
    return Markup(box + tag("text", node.name, x=column.left + PADDING, y=y + HEIGHT - 6))


def _middle(row: float) -> int:
    return round(row * ROW) + ROW // 2
