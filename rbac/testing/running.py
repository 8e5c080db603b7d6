"""Runs policy tests and says what became of each.

Knows how an expectation is compared with an answer. It must not decide: what is allowed
is read from the one table, and every scenario is asked of the access that stands on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from rbac.audit.blocks import Block, cover
from rbac.audit.cells import Cells, Line, Numbering, allowed
from rbac.decision import Decision, Reason
from rbac.light import NamedTuple
from rbac.rows import Place
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.testing.suites import ALLOWED, DENIED, Ask, Matrix, PolicyTest, Suite

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class Wrong(NamedTuple):
    """Something that is not as expected: a block of cells, or one question as it is written.

    `got` is the decision on it; for a block, on its first cell.
    """

    asked: Block | str
    expected: str
    got: Decision
    sentence: str
    place: Place

    @property
    def size(self) -> int:
        """How many answers are not as expected."""
        return 1 if isinstance(self.asked, str) else self.asked.size


class Outcome(NamedTuple):
    """What became of a test: how many answers it looked at, and those not as expected."""

    suite: Suite
    test: PolicyTest
    looked: int
    wrong: tuple[Wrong, ...]
    seconds: float

    @property
    def result(self) -> str:
        """``passed``, ``failed`` or ``skipped``."""
        if self.test.skip:
            return SKIPPED
        return FAILED if self.wrong else PASSED


class Runner:
    """Runs tests against one policy."""

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.numbering = Numbering(table)
        self.allowed = allowed(table, self.numbering)

    def run(self, suite: Suite, test: PolicyTest) -> Outcome:
        """Runs one test; under a millisecond, unless many answers are not as expected."""
        start = time.perf_counter()
        looked = 0
        wrong: tuple[Wrong, ...] = ()
        if not test.skip:
            if isinstance(test.expects, Matrix):
                looked, wrong = self._matrix(test.place, test.expects)
            else:
                looked, wrong = len(test.expects), tuple(_asked(suite, test.expects))
        return Outcome(suite, test, looked, wrong, time.perf_counter() - start)

    def run_all(
        self, suites: Iterable[Suite], wanted: Callable[[PolicyTest], bool], *, fail_fast: bool
    ) -> Iterator[Outcome]:
        """Runs the tests that are wanted, in order; with `fail_fast`, up to the first failure."""
        for suite in suites:
            for test in filter(wanted, suite.tests):
                outcome = self.run(suite, test)
                yield outcome
                if fail_fast and outcome.result == FAILED:
                    return

    def _matrix(self, place: Place, matrix: Matrix) -> tuple[int, tuple[Wrong, ...]]:
        asserted = matrix.asserted(self.numbering)
        expected = matrix.expected(self.numbering)
        got = self.allowed & asserted
        wrong = [
            *self._blocks(place, DENIED, got - expected),
            *self._blocks(place, ALLOWED, expected - got),
            *self._reasons(place, matrix),
        ]
        return len(asserted), tuple(wrong)

    def _blocks(self, place: Place, expected: str, cells: Cells) -> Iterator[Wrong]:
        for block in cover(cells).blocks:
            got = self.table.decide(next(block.cells()))
            yield Wrong(block, expected, got, str(got), place)

    def _reasons(self, place: Place, matrix: Matrix) -> Iterator[Wrong]:
        """Denials that are as expected, but for another reason, a block for each reason."""
        for reason in dict.fromkeys(matrix.reasons.values()):
            mask = self.numbering.mask(
                each for each, wanted in matrix.reasons.items() if wanted is reason
            )
            masks = {line: self._otherwise(line, mask, reason) for line in matrix.lines()}
            expected = f"{DENIED}: {reason.short}"
            yield from self._blocks(place, expected, Cells(self.numbering, masks))

    def _otherwise(self, line: Line, mask: int, reason: Reason) -> int:
        """Those permissions of `mask` that are denied on a line for another reason."""
        principal, role, own = line
        found = 0
        for permission in self.numbering.named(mask & ~self.allowed.masks.get(line, 0)):
            action, type = permission
            got = self.table.decide(Question(principal, role, type, action, own))
            if got.reason is not reason:
                found |= self.numbering.mask([permission])
        return found


def _asked(suite: Suite, asks: Iterable[Ask]) -> Iterator[Wrong]:
    """The questions about somebody that are not answered as expected."""
    access = suite.access
    assert access is not None, "a scenario has a directory"
    for ask in asks:
        got = access.decide(*ask.question)
        if ask.expects(got):
            continue
        assert suite.fixture is not None, "a scenario has a fixture"
        yield Wrong(ask.text, ask.expected, got, suite.fixture.sentence(got), ask.place)
