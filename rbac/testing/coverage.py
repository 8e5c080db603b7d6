"""Coverage: how much of what a policy allows its tests have asserted, exactly, and per grant.

Knows which cells each grant decides and which were asserted. It must not know how tests
are written, nor run them.

A cell is asserted if a matrix that passed has it; what a scenario shows rests on more than
one cell, and counts for none. A grant is covered if a cell is asserted whose answer names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rbac.audit.cells import Cells, Line
from rbac.audit.necessity import uses
from rbac.light import NamedTuple
from rbac.rows import Grant
from rbac.testing.running import PASSED, Outcome, Runner
from rbac.testing.suites import Matrix
from rbac.vocabulary import Principal


class Share(NamedTuple):
    """So many of so many; of nothing, all."""

    part: int
    whole: int

    @property
    def percent(self) -> Fraction:
        """The share in percent, exactly."""
        return Fraction(100 * self.part, self.whole) if self.whole else Fraction(100)

    def __str__(self) -> str:
        tenths = int(self.percent * 10)  # cut, not rounded: 100 % is said of all only
        return f"{self.part:,} of {self.whole:,} ({tenths // 10}.{tenths % 10} %)"

    def as_dict(self) -> dict[str, object]:
        """The counts, and the percentage as a number, cut after the second digit."""
        return {
            "part": self.part,
            "whole": self.whole,
            "percent": int(self.percent * 100) / 100,
        }


class GrantCoverage(NamedTuple):
    """A grant, and how many of the cells that it decides are asserted."""

    grant: Grant
    cells: Share

    def as_dict(self) -> dict[str, object]:
        """The grant, its place and the share."""
        return {
            "grant": [name.short for name in self.grant[:4]],
            "place": str(self.grant.place),
            **self.cells.as_dict(),
        }


class Coverage(NamedTuple):
    """What was asserted: of all cells, of the allowed ones, and of what each grant decides.

    A grant that decides no cell at all is not among `grants`: nothing could show it.
    """

    asserted: Cells
    every: Share
    allowed: Share
    grants: tuple[GrantCoverage, ...]

    @property
    def covered(self) -> Share:
        """How many grants have an asserted cell."""
        return Share(sum(1 for each in self.grants if each.cells.part), len(self.grants))

    @property
    def uncovered(self) -> tuple[GrantCoverage, ...]:
        """The grants without an asserted cell."""
        return tuple(each for each in self.grants if not each.cells.part)


def coverage(runner: Runner, outcomes: Iterable[Outcome]) -> Coverage:
    """What the tests that passed have asserted; some 20 ms on the shipped policy."""
    asserted = asserted_by(runner, outcomes)
    kinds = len(Principal) - 1  # the zero value is nobody
    size = 2 * kinds * len(runner.table.roles) * len(runner.numbering.permissions)
    grants = tuple(
        GrantCoverage(use.grant, Share(_both(asserted, use.decides), len(use.decides)))
        for use in uses(runner.table)
        if len(use.decides)
    )
    allowed = Share(_both(asserted, runner.allowed), len(runner.allowed))
    return Coverage(asserted, Share(len(asserted), size), allowed, grants)


def asserted_by(runner: Runner, outcomes: Iterable[Outcome]) -> Cells:
    """Every cell of every matrix that passed."""
    masks: dict[Line, int] = {}
    for outcome in outcomes:
        matrix = outcome.test.expects
        if outcome.result == PASSED and isinstance(matrix, Matrix):
            for line, mask in matrix.asserted(runner.numbering).masks.items():
                masks[line] = masks.get(line, 0) | mask
    return Cells(runner.numbering, masks)


def _both(some: Cells, others: Cells) -> int:
    """How many cells two sets have in common; by bits, since `uses` numbers as the runner does."""
    theirs = others.masks
    return sum((mask & theirs.get(line, 0)).bit_count() for line, mask in some.masks.items())
