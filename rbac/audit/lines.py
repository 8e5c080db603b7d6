"""Where things stand in a TOML text: the line of every table and key.

Knows the shape of TOML (strings, comments, brackets) and nothing of what a text says; the
standard parser says that, without lines. It must not be asked of a text that the standard
parser refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_OPAQUE = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*',
    re.DOTALL,
)
_OPENING, _CLOSING = "[{", "]}"
_HEADER = re.compile(r"^(\[\[?)(.*?)\]\]?$")


def lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, of each table and of each key outside brackets, by its path.

    A table of an array has its number in its path, from 0: ``("invariant", 2, "name")``.
    What stands within brackets is found at the line of the key that opens them.
    """
    found: dict[Path, int] = {(): 1}
    counts: dict[Path, int] = {}
    table: Path = ()
    depth = 0
    for number, line in enumerate(_bare(text).split("\n"), 1):
        stripped = line.strip()
        header = _HEADER.match(stripped) if depth == 0 else None
        if header:
            table = _table(header, counts)
            found[table] = number
        elif depth == 0 and "=" in stripped:
            path = table
            for part in stripped.partition("=")[0].split("."):
                path = (*path, part.strip().strip("\"'"))
                found.setdefault(path, number)
        if not header:
            depth += sum(map(stripped.count, _OPENING)) - sum(map(stripped.count, _CLOSING))
    return found


def line_of(found: Mapping[Path, int], path: Path) -> int:
    """The line of what is at `path`, or of the nearest thing around it that has one."""
    while path not in found:
        path = path[:-1]
    return found[path]


def _bare(text: str) -> str:
    """The text with values that are strings, and comments, taken out; its lines stay."""
    return _OPAQUE.sub(_emptied, text)


def _emptied(match: re.Match[str]) -> str:
    opaque = match[0]
    if opaque[0] == "#":
        return ""
    is_key = "\n" not in opaque and re.match(r"\s*[=.\]]", match.string[match.end() :])
    return opaque if is_key and opaque.strip("\"'").isidentifier() else "\n" * opaque.count("\n")


def _table(header: re.Match[str], counts: dict[Path, int]) -> Path:
    """The path of a table, with the number of each array's last table in it."""
    parts = [part.strip().strip("\"'") for part in header[2].split(".")]
    path: Path = ()
    for position, part in enumerate(parts):
        path = (*path, part)
        if header[1] == "[[" and position == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
