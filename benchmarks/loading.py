"""What it takes to read a policy and work every role out, and to prove every cell."""

from __future__ import annotations

import csv
import glob
import os
import time
from collections.abc import Iterator

from benchmarks.measurement import Figure, Measurement, Scale, Series, interleave, measured, timer
from rbac import Policy, ResourceRole, ResourceType
from rbac.cli import main
from rbac.enforcer import Enforcer
from rbac.policy import shipped_folder
from rbac.table import DecisionTable
from rbac.verification import cells, compare, verify

LOAD_FIGURE = Figure("time", "<=", 20)
FORMAT_FIGURE = Figure("time", "<=", 100)
PROOF_FIGURE = Figure("time", "<=", 60)


def load(path: str) -> DecisionTable:
    """Reads and validates the policy folder `path` and works every role out."""
    table = DecisionTable(Policy.load(path))
    for role in ResourceRole:
        if role is not ResourceRole.UNSPECIFIED:
            table.holdings(role)
    return table


def loading(scale: Scale) -> Iterator[Measurement]:
    """The shipped policy read, validated and compiled, over splitting its files with `csv`."""
    folder = shipped_folder()
    timers = {
        "csv, the same files": timer(1, _split, folder),
        "read + validate, shipped policy": timer(1, Policy.load, folder),
        "read + validate + compile, shipped policy": timer(1, load, folder),
    }
    split, read, whole = interleave(timers, scale.load_rounds).values()
    yield measured(whole, "ms", split, figure=LOAD_FIGURE)
    yield measured(read, "ms", split)


def _split(folder: str) -> int:
    """How many rows the files of `folder` have: the least that reading them can take."""
    count = 0
    for path in glob.glob(os.path.join(folder, "**", "*.csv"), recursive=True):
        with open(path, encoding="utf-8", newline="") as file:
            count += sum(1 for _ in csv.reader(file))
    return count


def formatting(scale: Scale) -> Iterator[Measurement]:
    """``rbac fmt --check`` of the shipped policy, less the start of the process."""
    command = ["fmt", "--check", "--quiet", shipped_folder()]
    timers = {"fmt --check, shipped policy": timer(1, main, command)}
    (series,) = interleave(timers, scale.load_rounds).values()
    yield measured(series, "ms", figure=FORMAT_FIGURE, note="reads the policy, too")


def proof(scale: Scale) -> Iterator[Measurement]:
    """Table, definition and Casbin compared on every cell; quickly, on one type's cells."""
    policy = Policy.shipped()
    start = time.perf_counter()
    if scale.whole_proof:
        proved = verify(policy)
        count, agreed = proved.cells + proved.sampled, proved.holds
    else:
        kind = ResourceType.WEBHOOK
        questions = [question for question in cells(policy) if question.type is kind]
        _, wrong = compare(policy, Enforcer(policy, [kind]), questions)
        count, agreed = len(questions), not wrong
    seconds = time.perf_counter() - start
    if not agreed:
        raise RuntimeError("the evaluators disagree: run the proof itself to see where")
    name = "proof over every cell" if scale.whole_proof else "proof over the cells of one type"
    note = f"{count:,} cells on {os.cpu_count()} processors, once"
    figure = PROOF_FIGURE if scale.whole_proof else None
    yield measured(Series(name, [seconds]), "s", figure=figure, note=note)
