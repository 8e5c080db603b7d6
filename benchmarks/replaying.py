"""What asking a log again takes, a line, beside asking the authorizer the same questions.

Knows a log of decisions about somebody, on a directory of the middle size. Everything must
be unchanged first: what is timed is reading, asking and comparing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.measurement import Figure, Measurement, Scale, interleave, measured, timer
from benchmarks.population import population
from benchmarks.requests import Request, Requests
from rbac import Authorizer, Directory
from rbac.audit.decision_log import as_line
from rbac.audit.log_files import read
from rbac.audit.replay import Replay, Summary
from rbac.audit.usage import Usage
from rbac.errors import Problem

LINE_FIGURE = Figure("ratio", "<=", 12)
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def replaying(scale: Scale) -> Iterator[Measurement]:
    """A decision log read and replayed, a line, over asking the same questions."""
    records = population(scale.assignments[:2][-1])
    requests = Requests(records).take_distinct(scale.requests)
    directory = Directory(records, revision="measured")
    authorizer = Authorizer(directory=directory)
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log.jsonl")
        _write(log, authorizer, requests)
        if _replay(log, directory).all.differ:
            raise RuntimeError("a log replayed on what decided it differs")
        count = len(requests)
        timers = {
            "authorize, the same questions": timer(count, _ask, authorizer, requests),
            "reading a log, a line": timer(count, _read, log),
            "replay, a line": timer(count, _replay, log, directory),
            "usage of assigned roles, a line": timer(count, _usage, log, authorizer),
        }
        asking, reading, replay, usage = interleave(timers, scale.directory_rounds).values()
    note = f"{count:,} lines, {os.cpu_count()} processors, one used"
    yield measured(replay, "us", asking, figure=LINE_FIGURE, note=note)
    yield measured(reading, "us", asking)
    yield measured(usage, "us", asking)


def _write(log: str, authorizer: Authorizer, requests: list[Request]) -> None:
    with open(log, "w", encoding="utf-8") as stream:
        for number, request in enumerate(requests):
            decision = authorizer.authorize(*request)
            stream.write(as_line(decision, _FIRST + timedelta(seconds=number)))


def _ask(authorizer: Authorizer, requests: list[Request]) -> None:
    for request in requests:
        authorizer.authorize(*request)


def _refuse(problem: Problem) -> None:
    raise RuntimeError(f"the log cannot be read: {problem}")


def _read(log: str) -> int:
    return sum(1 for _ in read(log, _refuse))


def _replay(log: str, directory: Directory) -> Summary:
    replay = Replay(directory.policy, directory)
    summary = Summary(replay)
    for replayed in replay.of(read(log, _refuse)):
        summary.add(replayed)
    return summary


def _usage(log: str, authorizer: Authorizer) -> object:
    usage = Usage(authorizer.access)
    for _, logged in read(log, _refuse):
        usage.add(logged)
    return usage.unexplained
