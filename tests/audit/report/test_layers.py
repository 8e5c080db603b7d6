"""Layered drawings, on random relations without cycles."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.report.layers import BEND, Drawing, Edge, layered
from tests.strategies import examples

NAMES = [f"n{number}" for number in range(12)]


@st.composite
def relations(draw: st.DrawFn) -> list[Edge]:
    """Edges from earlier names to later ones."""
    pairs = [(one, other) for at, one in enumerate(NAMES) for other in NAMES[at + 1 :]]
    return draw(st.lists(st.sampled_from(pairs), max_size=25))


@examples(60)
@given(relations())
def test_every_edge_leads_to_the_right(edges: list[Edge]) -> None:
    """The target of each edge stands in a later column than its source, and all are drawn."""
    drawing = layered(edges)
    column = {node.name: node.column for node in drawing.nodes}
    assert set(column) == {name for edge in edges for name in edge}
    assert {(line.source, line.target) for line in drawing.lines} == set(edges)
    for source, target in edges:
        assert column[source] < column[target]


@examples(60)
@given(relations())
def test_lines_pass_every_column_between(edges: list[Edge]) -> None:
    """A line starts and ends at its nodes, and has one point in each column on its way."""
    drawing = layered(edges)
    place = {node.name: (node.column, node.row) for node in drawing.nodes}
    for line in drawing.lines:
        assert line.points[0] == place[line.source]
        assert line.points[-1] == place[line.target]
        columns = [column for column, _ in line.points]
        assert columns == list(range(columns[0], columns[-1] + 1))


@examples(60)
@given(relations())
def test_nothing_stands_on_anything_else(edges: list[Edge]) -> None:
    """In each column nodes and bends keep their distance, within the rows of the drawing."""
    drawing = layered(edges)
    for column in range(drawing.columns):
        taken = sorted(spans(drawing, column))
        assert all(end <= start + 1e-9 for (_, end), (start, _) in pairwise(taken))
        assert all(start >= -1e-9 and end <= drawing.rows + 1e-9 for start, end in taken)


def spans(drawing: Drawing, column: int) -> list[tuple[float, float]]:
    """From where to where each node and each bend of a column takes room."""
    nodes = [(node.row, node.row + 1) for node in drawing.nodes if node.column == column]
    bends = [
        (row + (1 - BEND) / 2, row + (1 + BEND) / 2)
        for line in drawing.lines
        for at, row in line.points[1:-1]
        if at == column
    ]
    return nodes + bends


@examples(30)
@given(relations())
def test_the_same_relation_is_drawn_the_same(edges: list[Edge]) -> None:
    """A drawing depends on nothing but the edges; saying one twice changes nothing."""
    assert layered(edges) == layered([*edges, *edges])


def test_lines_that_need_not_cross_do_not() -> None:
    """Two columns given in crossing order are put straight."""
    drawing = layered([("a", "y"), ("b", "x"), ("a", "x2"), ("b", "y2")])
    row = {node.name: node.row for node in drawing.nodes}
    tops = sorted((row[line.source], row[line.target]) for line in drawing.lines)
    assert [target for _, target in tops] == sorted(target for _, target in tops)
