"""Fields of CSV: whatever a text says, no spreadsheet runs it."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rbac.audit.formats.fields import defused, field, write
from rbac.errors import printable
from tests.audit.formats.reports import HOSTILE
from tests.strategies import examples
from tests.test_architecture import MODULES

FORMULAS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
TEXTS = st.sampled_from(HOSTILE) | st.text() | st.text("=+-@\uff0b \t\r\n\u00a0'a1,\"", max_size=6)


@examples(300)
@given(TEXTS)
@example(" @SUM(A1)")
@example("\n=1")
@example("-2")
@example("-")
@example("\uff1d1+1")
def test_no_text_is_a_formula(text: str) -> None:
    """What begins as one has an apostrophe before it; all other printable text stays as it is."""
    shown = field(text)
    assert shown.isprintable()
    assert not shown.lstrip().startswith(FORMULAS) or len(shown.lstrip()) == 1
    sign = text.lstrip().startswith(FORMULAS) and len(text.lstrip()) > 1
    risky = sign or text[:1] in {"\t", "\r", "\n"}
    assert shown == ("'" if risky else "") + printable(text)
    assert defused(text) == ("'" if risky else "") + text


@pytest.mark.parametrize(
    ("value", "shown"), [(-3, "-3"), (2.5, "2.5"), (True, "True"), (None, ""), ("-3", "'-3")]
)
def test_numbers_stay_numbers(value: object, shown: str) -> None:
    """A number is written as one, negative or not; nothing is an empty cell."""
    assert field(value) == shown


@examples(50)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_every_row_is_read_back(rows: list[tuple[str, str]]) -> None:
    """A reader finds the headings and, on a line each, every row."""
    stream = io.StringIO()
    write(stream, ("a", "b"), rows)
    assert stream.getvalue().count("\n") == len(rows) + 1
    first, *others = csv.reader(io.StringIO(stream.getvalue(), newline=""))
    assert first == ["a", "b"]
    assert others == [[*map(field, row)] for row in rows]


def test_nothing_else_writes_rows() -> None:
    """Every command that prints CSV does so through this one module."""
    found = [
        name
        for name, path in MODULES.items()
        if any(word in path.read_text(encoding="utf-8") for word in ("csv.writer", "DictWriter"))
    ]
    assert found == ["audit.formats.fields"]
