"""How much is asserted, against counting cell by cell."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.policy import Policy
from rbac.rows import Place, Rows
from rbac.table import DecisionTable
from rbac.testing.coverage import Share, coverage
from rbac.testing.running import Outcome, Runner, Wrong
from rbac.testing.suites import Matrix
from rbac.verification import cells
from tests.strategies import examples, valid_rows
from tests.testing.helping import matrices, passed


@examples(8)
@given(valid_rows(), st.data())
def test_shares_are_those_of_counting_each_cell(rows: Rows, data: st.DataObject) -> None:
    """Of all cells, of the allowed ones, and of those whose decision names a grant."""
    # Which of two grants decides is a matter of their places, so each has one of its own.
    grants = (
        grant._replace(place=Place("grants/drawn.csv", line))
        for line, grant in enumerate(rows.grants, 1)
    )
    table = DecisionTable(Policy(rows._replace(grants=tuple(grants))))
    tests = data.draw(st.lists(matrices(table), max_size=2))
    found = coverage(Runner(table), passed(tests))
    every = list(cells(table.policy))
    asserted = {cell for cell in every if any(_has(matrix, cell) for matrix in tests)}
    allowed = {cell for cell in every if table.allows(cell)}
    assert found.every == (len(asserted), len(every))
    assert found.allowed == (len(asserted & allowed), len(allowed))
    for each in found.grants:
        decided = {cell for cell in allowed if table.decide(cell).grant == each.grant}
        assert each.cells == (len(decided & asserted), len(decided))
    assert found.covered.part == len(found.grants) - len(found.uncovered)


def _has(matrix: Matrix, cell: tuple[object, ...]) -> bool:
    principal, role, type, *_ = cell
    return principal in matrix.principals and role in matrix.roles and type in matrix.types


def test_only_what_passed_is_asserted() -> None:
    """A test that failed, or was skipped, asserts nothing."""
    table = DecisionTable(Policy.shipped())
    runner = Runner(table)
    row = table.policy.rows.grants[0]
    matrix = Matrix(tuple(table.policy.rows.eligibility[0][:1]), (row.role,), (row.type,), {}, {})
    (right,) = passed([matrix])
    wrong = right._replace(wrong=(_wrong(runner),))
    skipped = right._replace(test=right.test._replace(skip="not now"))
    assert coverage(runner, [right]).every.part > 0
    for outcome in (wrong, skipped):
        assert coverage(runner, [outcome]).every.part == 0
    assert isinstance(right, Outcome)


def _wrong(runner: Runner) -> Wrong:
    got = runner.table.decide(next(cells(runner.table.policy)))
    return Wrong("asked", "allowed", got, str(got), Place("f", 1))


@pytest.mark.parametrize(
    ("part", "whole", "text", "percent"),
    [
        (0, 0, "0 of 0 (100.0 %)", 100),
        (1, 3, "1 of 3 (33.3 %)", 33.33),
        (2, 3, "2 of 3 (66.6 %)", 66.66),
        (9999, 10000, "9,999 of 10,000 (99.9 %)", 99.99),
        (99999, 100000, "99,999 of 100,000 (99.9 %)", 99.99),
        (3, 3, "3 of 3 (100.0 %)", 100),
    ],
)
def test_a_share_is_never_rounded_up(part: int, whole: int, text: str, percent: float) -> None:
    """A hundred percent is said of all, and of nothing less; the comparison is exact."""
    share = Share(part, whole)
    assert str(share) == text
    assert share.as_dict()["percent"] == percent
    assert share.percent == (Fraction(100 * part, whole) if whole else 100)
