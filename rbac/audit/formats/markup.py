"""Markdown: text, code, tables, blocks and folded sections, whatever is in them.

Knows how text is kept from being taken for Markdown, as GitHub reads it: none of its
letters marks anything up, links to anything or calls anybody. It must not know what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rbac.errors import printable

LINES, WIDTH = 60, 240
"""How much of a long text is quoted; a comment on a pull request has a limit."""


_MARKS = re.compile(r"[\\`*\[\]~$]|(?<![^\W_])_|_(?![^\W_])|^[-+](?=\s)")
"""What marks up; a line below between letters, as names have it, does not."""

_ENTITIES = re.compile(r"[&<>|#@]|:(?=//)|(?<=www)\.")


def text(value: object) -> str:
    """A text on one line, of which nothing is markup, and which links to nothing."""
    return _MARKS.sub(lambda match: f"\\{match[0]}", _without_tags(value))


def _without_tags(value: object) -> str:
    return _ENTITIES.sub(lambda match: f"&#{ord(match[0])};", printable(str(value)))


def code(value: object) -> str:
    """A name, an id or a place, as code, whatever letters it has."""
    shown = printable(str(value))
    plain = "`" not in shown and "|" not in shown and shown.strip()
    return f"`{shown}`" if plain else f"<code>{text(shown)}</code>"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; its cells are Markdown already, as `text` and `code` are."""
    lines = (columns, ["---"] * len(columns), *rows)
    return [f"| {' | '.join(line)} |" for line in lines]


def block(lines: Iterable[str], language: str = "text") -> list[str]:
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
    return block(map(_signed, lines), "diff")


def _signed(line: str) -> str:
    shown = line.removeprefix("  ")
    return shown if shown[:1] in ("+", "-") else f" {line}"


def folded(summary: str, lines: Iterable[str], *, opened: bool = False) -> list[str]:
    """A section that can be folded away; `summary` is a text, `lines` are Markdown."""
    # Within these tags nothing is read as Markdown, so that it needs no more than this.
    start = f"<details{' open' if opened else ''}><summary>{_without_tags(summary)}</summary>"
    return ["", start, "", *lines, "", "</details>"]
