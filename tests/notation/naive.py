"""An independent reading of a policy, naive on purpose, to hold the strict one against.

It takes the text of the files as it stands: lines, commas, spaces. It forgives everything,
refuses nothing, and shares no code with the library's reader or its evaluators.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rbac.rows import Rows

Words = tuple[str, ...]
Cell = tuple[str, str, str, str, bool]


class Reading(NamedTuple):
    """What a policy says, as words: each set holds the fields of its rows."""

    grants: frozenset[Words]
    seniority: frozenset[Words]
    eligibility: frozenset[Words]
    permissions: frozenset[Words]


def read_files(files: Mapping[str, bytes]) -> Reading:
    """What the text of a policy's files says."""
    grants = [words for name, data in files.items() if "grants/" in name for words in _rows(data)]
    return Reading(
        frozenset(words[1:] for words in grants if words[0] == "p"),
        frozenset(words[1:] for words in _rows(files["seniority.csv"]) if words[0] == "g"),
        frozenset(words[1:] for words in _rows(files["eligibility.csv"]) if words[0] == "g2"),
        frozenset(words[:2] for words in _rows(files["catalogue.csv"])),
    )


def read_rows(rows: Rows) -> Reading:
    """What typed rows say, valid together or not."""
    return Reading(
        frozenset(
            (row.role.short, row.type.short, row.action.short, row.reach.short)
            for row in rows.grants
        ),
        frozenset((row.senior.short, row.junior.short) for row in rows.seniority),
        frozenset((row.principal.short, row.role.short) for row in rows.eligibility),
        frozenset((row.type.short, row.action.short) for row in rows.catalogue),
    )


def _rows(data: bytes) -> Iterable[Words]:
    for line in data.decode("utf-8", "replace").split("\n"):
        text = line.strip(" \r")
        if text and not text.startswith("#"):
            yield tuple(word.strip(" ") for word in text.split(","))


def cells(reading: Reading) -> set[Cell]:
    """Every cell that is allowed: principal, role, type, action, own."""
    included = _included(reading.seniority)
    allowed: set[Cell] = set()
    for principal, role in reading.eligibility:
        for holder, type, action, reach in reading.grants:
            holds = role == holder or (role, holder) in included
            if holds and (type, action) in reading.permissions:
                allowed.add((principal, role, type, action, True))
                if reach == "any":
                    allowed.add((principal, role, type, action, False))
    return allowed


def _included(seniority: frozenset[Words]) -> set[Words]:
    """Pairs of a senior role and one it includes, at any distance: the least fixed point."""
    found = set(seniority)
    while True:
        further = {(top, low) for top, mid in found for middle, low in seniority if mid == middle}
        if further <= found:
            return found
        found |= further
