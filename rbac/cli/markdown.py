"""Markdown: tables, quoted text and folded sections, whatever is in them.

Knows how text is kept from being taken for Markdown. It must not know what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rbac.errors import printable

LINES, WIDTH = 60, 240
"""How much of a long text is quoted; a comment on a pull request has a limit."""


def cell(text: str) -> str:
    """A text as a cell of a table shows it."""
    return re.sub(r"([\\`*_|\[\]<>&#])", r"\\\1", printable(text))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; its cells are Markdown already."""
    lines = (columns, ["---"] * len(columns), *rows)
    return [f"| {' | '.join(line)} |" for line in lines]


def quoted_block(lines: Iterable[str], language: str = "text") -> list[str]:
    """Lines as they are, the first of them if there are many, in a block they cannot leave."""
    every = [printable(line) for line in lines]
    shown = [line if len(line) <= WIDTH else f"{line[:WIDTH]}..." for line in every[:LINES]]
    if len(every) > LINES:
        shown.append(f"... and {len(every) - LINES:,} more lines")
    ticks = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    return [f"{fence}{language}", *shown, fence]


def changes_block(lines: Iterable[str]) -> list[str]:
    """Lines in a block where those that were added or taken away are told apart by colour."""
    return quoted_block(map(_signed, lines), "diff")


def _signed(line: str) -> str:
    text = line.removeprefix("  ")
    return text if text[:1] in ("+", "-") else f" {line}"


def folded(summary: str, lines: Iterable[str], *, opened: bool = False) -> list[str]:
    """A section that can be folded away; `summary` is a few words, `lines` Markdown."""
    start = f"<details{' open' if opened else ''}><summary>{summary}</summary>"
    return [start, "", *lines, "", "</details>", ""]
