"""Tables: the same rows for people (text, Markdown) and for machines (JSON, CSV).

Knows how to print a table in each format. It must not know what is in one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rbac.audit.formats.fields import write
from rbac.audit.formats.markup import table as marked_table
from rbac.audit.formats.markup import text
from rbac.cli.options import colored, print_json, say
from rbac.errors import printable
from rbac.light import NamedTuple

FORMATS = ("text", "json", "csv", "markdown")


class Table(NamedTuple):
    """A title, the names of the columns, and rows of texts."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def show(table: Table, form: str, color: str) -> None:
    """Prints `table` to standard output in one of `FORMATS`."""
    _PRINTERS[form](table, color)


def _json(table: Table, _: str) -> None:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    print_json({"title": table.title, "rows": rows})


def _csv(table: Table, _: str) -> None:
    write(sys.stdout, table.columns, table.rows)


def _markdown(table: Table, _: str) -> None:
    rows = ([*map(text, row)] for row in table.rows)
    say(f"**{text(table.title)}**", "", *marked_table(table.columns, rows))


def _text(table: Table, color: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(title=printable(table.title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in table.columns:
        grid.add_column(column, overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(printable(cell)) for cell in row))
    paint = colored(color)
    # A pipe has no width; nothing is folded there, so that lines stay whole for grep.
    width = None if sys.stdout.isatty() else 400
    Console(width=width, no_color=not paint, force_terminal=paint, highlight=False).print(grid)


_PRINTERS = {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown}
