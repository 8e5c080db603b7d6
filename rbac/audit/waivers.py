"""Waivers: comment lines of policy files that accept a finding at the rows below them.

Knows their notation and which rows a waiver stands above. It must not know any rule but by
its id, nor whether a waiver is deserved.

A waiver is a line of its own in the comment of a paragraph, ``# waive RBAC105: reason``. It
holds for the rows of that paragraph, down to an empty line or the next comment. It is no
part of the rows' rationale, and the formatter keeps it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator

from rbac.errors import PolicyError, Problem, quoted
from rbac.light import NamedTuple
from rbac.notation.grammar import TABLES
from rbac.rows import Place


class Waiver(NamedTuple):
    """A rule that is waived at the rows `first` to `last` of a file; none if last < first."""

    rule: str
    reason: str
    place: Place
    first: int
    last: int

    def covers(self, rule: str, place: Place | None) -> bool:
        """Whether it waives a finding of `rule` at `place`."""
        return (
            place is not None
            and rule == self.rule
            and place.file == self.place.file
            and self.first <= place.line <= self.last
        )


_LOOKS_LIKE_ONE = re.compile(r"#+\s*waive\b", re.IGNORECASE)
_WAIVER = re.compile(r"# waive ([^\s:]+): *(.*)")


def read(folder: str, rules: Collection[str]) -> tuple[Waiver, ...]:
    """The waivers in the valid policy folder `folder`; milliseconds.

    Raises `PolicyError` for those without a reason or for an unknown rule.
    """
    found: list[Waiver] = []
    problems: list[Problem] = []
    for name in _files(folder):
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
        for number, line in enumerate(lines, 1):
            if _LOOKS_LIKE_ONE.match(line):
                wrong = _complaint(line, rules)
                if wrong is not None:
                    problems.append(Problem(path, number, 1, wrong))
                    continue
                match = _WAIVER.fullmatch(line)
                assert match is not None, "it was found to be well formed"
                rows = _rows_below(lines, number)
                found.append(Waiver(match[1], match[2].strip(), Place(path, number), *rows))
    if problems:
        raise PolicyError(problems)
    return tuple(found)


def _files(folder: str) -> Iterator[str]:
    yield from TABLES
    for name in sorted(os.listdir(os.path.join(folder, "grants"))):
        yield f"grants/{name}"


def _complaint(line: str, rules: Collection[str]) -> str | None:
    """What is wrong with a line that looks like a waiver; None if it is one."""
    match = _WAIVER.fullmatch(line)
    if match is None:
        return 'a waiver is a line like "# waive RBAC105: reason"'
    if match[1] not in rules:
        return f"unknown rule {quoted(match[1])}; rbac audit --list-rules has all"
    if not match[2].strip():
        return f"a waiver of {match[1]} without a reason"
    return None


def _rows_below(lines: list[str], number: int) -> tuple[int, int]:
    """The first and last row of the paragraph that the comment at `number` opens."""
    first = number + 1
    while first <= len(lines) and lines[first - 1].startswith("#"):
        first += 1
    last = first - 1
    while last < len(lines) and lines[last].strip() and not lines[last].startswith("#"):
        last += 1
    return first, last
