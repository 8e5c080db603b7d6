"""The files of a decision log: plain or compressed, or standard input; read as a stream.

Knows where lines come from and how a line that cannot be read is named. It must not know
what is asked of a log.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rbac.audit.decision_log import LoggedDecision, read_line
from rbac.errors import Problem
from rbac.snapshots.lines import whole_lines
from rbac.snapshots.members import Invalid

STANDARD_INPUT = "-"
_MAGIC = b"\x1f\x8b"
_EVERY = 4096
"""After how many lines progress is told."""

Progress = Callable[[int, int], None]
"""Is told how many bytes are read, of how many."""


def read(
    file: str, problem: Callable[[Problem], None], progress: Progress | None = None
) -> Iterator[tuple[int, LoggedDecision]]:
    """The decisions of a log, each with its line; `problem` is told of every other line.

    `file` may be ``-``, standard input; either may be compressed by gzip. Memory does not
    grow with the log. Never raises for what it finds there: a file that is missing or cut
    is one more problem.
    """

    def told(line: int, message: str) -> None:
        problem(Problem(file, line, 0, message))

    try:
        with _opened(file) as raw:
            zipped = raw.peek(2).startswith(_MAGIC)
            size = _size(raw)
            for number, line in whole_lines(_unzipped(raw) if zipped else raw, told):
                if progress is not None and size and not number % _EVERY:
                    progress(raw.tell(), size)
                try:
                    yield number, read_line(line)
                except Invalid as error:
                    for message in error.problems:
                        told(number, message)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        told(0, "the file is cut or damaged: gzip cannot unpack it")
    except OSError as error:
        told(0, f"cannot be read: {error.strerror}")


@contextmanager
def _opened(file: str) -> Iterator[io.BufferedReader]:
    if file != STANDARD_INPUT:
        with open(file, "rb") as stream:
            yield stream
        return
    stream = io.BufferedReader(sys.stdin.buffer)  # type: ignore[arg-type]  # which reads as well
    try:
        yield stream
    finally:
        stream.detach()


def _unzipped(raw: io.BufferedReader) -> io.BufferedReader:
    return io.BufferedReader(gzip.GzipFile(fileobj=raw))


def _size(stream: io.BufferedReader) -> int:
    """How many bytes there are; 0 where nothing says so."""
    try:
        found = os.fstat(stream.fileno())
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
