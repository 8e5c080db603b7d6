"""A decision log on a command line: where it comes from, and what becomes of bad lines.

Knows that a line that cannot be read is named at once and never skipped in silence. It must
not know what is asked of a log.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from rbac.audit.decision_log import LoggedDecision
from rbac.audit.log_files import read
from rbac.cli.options import RED, colored, say
from rbac.cli.phrases import counted
from rbac.errors import Problem, quoted


def add_partial(parser: argparse.ArgumentParser) -> None:
    """``--partial``: answer although some lines cannot be read."""
    parser.add_argument(
        "--partial",
        action="store_true",
        help="answer for the lines that can be read; bad ones are named all the same, exit 3",
    )


class Log:
    """The decisions of one log; every line that cannot be read is named on standard error."""

    def __init__(self, file: str, progress: Callable[[int, int], None] | None = None) -> None:
        self.file = file
        self.bad = self.good = 0
        self._progress = progress
        self._line = -1

    def decisions(self) -> Iterator[tuple[int, LoggedDecision]]:
        """Each decision with its line."""
        for number, logged in read(self.file, self._problem, self._progress):
            self.good += 1
            yield number, logged

    def _problem(self, problem: Problem) -> None:
        self.bad += problem.line != self._line
        self._line = problem.line
        print(problem, file=sys.stderr)

    def answers(self, partial: bool) -> bool:
        """Whether an answer may be given, once all is read; says why not."""
        if self.good and (partial or not self.bad):
            return True
        name = quoted(self.file)
        why = f"{name} holds no decision that can be read"
        if self.good:
            bad = counted(self.bad, "line")
            why = f"{bad} of {name} cannot be read: no answer; --partial answers for the others"
        print(f"rbac: {why}", file=sys.stderr)
        return False

    def say_what_is_left_out(self, color: str) -> None:
        """With bad lines, says before an answer that it does not cover them."""
        if self.bad:
            paint = RED if colored(color) else ""
            say(f"not answered for: {counted(self.bad, 'line')} that cannot be read", color=paint)
