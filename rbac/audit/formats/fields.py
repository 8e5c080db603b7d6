"""Comma-separated values that no spreadsheet takes for formulas.

Knows CSV, and which texts a spreadsheet would run. It must not know what a row says.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence

from rbac.errors import printable
from rbac.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class Stream(Protocol):
        """Where text is written to."""

        def write(self, text: str, /) -> object: ...


_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20](?s:.)").match
"""A sign that begins a formula, also after blanks, also a wide one; alone it is none."""


def write(stream: Stream, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Writes a line of headings, then each row as it comes; every value is a `field`."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(map(field, row) for row in rows)


def field(value: object) -> str:
    """A value on one line, that no spreadsheet takes for a formula; None is empty.

    Numbers stay as they are.
    """
    if isinstance(value, int | float):
        return str(value)
    return printable(defused("" if value is None else str(value)))


def defused(text: str) -> str:
    """A text; one that would be a formula has an apostrophe before it, which says that it is one.

    Spreadsheets take the apostrophe for "this is text".
    """
    return f"'{text}" if _FORMULA(text) else text
