"""What the audit takes on policies of the shipped size.

Knows one question of the audit after another, each over the same answer got by asking
`check` about every cell. The tables are warm: each role has been worked out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks.asking import Check, ask_each_own
from benchmarks.measurement import Figure, Measurement, Scale, interleave, measured, timer
from rbac import Authorizer, Policy, Question
from rbac.audit.blocks import cover
from rbac.audit.causes import causes
from rbac.audit.difference import difference
from rbac.policy import unvalidated
from rbac.table import DecisionTable
from rbac.verification import cells

DIFF_FIGURE = Figure("time", "<=", 2)


def diff(scale: Scale) -> Iterator[Measurement]:
    """Two policies of the shipped size compared exactly, over asking both about every cell."""
    old, new = Policy.shipped(), changed()
    warm = DecisionTable(old), DecisionTable(new)
    found = difference(*warm)
    questions = list(cells(old))
    if {*found.gained, *found.lost} != _differ(old, new, questions):
        raise RuntimeError("the difference is not the one that asking every cell shows")
    checks = [Authorizer(policy).check for policy in (old, new)]
    timers = {
        "check, every cell of both": timer(1, _ask_both, checks, questions),
        "diff of two tables": timer(1, difference, *warm),
        "diff, tables worked out first": timer(1, _diff, old, new),
        "blocks of the difference": timer(1, lambda: (cover(found.gained), cover(found.lost))),
        "rows behind the difference": timer(1, causes, found),
    }
    every, *others = interleave(timers, max(2, scale.load_rounds // 2)).values()
    note = f"{len(found.gained)} cells gained, {len(found.lost)} lost"
    for number, series in enumerate(others):
        figure = None if number else DIFF_FIGURE
        yield measured(series, "ms", every, figure=figure, note="" if number else note)


def changed() -> Policy:
    """The shipped policy without every twentieth grant and the last step of seniority."""
    rows = Policy.shipped().rows
    kept = tuple(grant for number, grant in enumerate(rows.grants) if number % 20)
    return unvalidated(rows._replace(grants=kept, seniority=rows.seniority[:-1]))


def _diff(old: Policy, new: Policy) -> object:
    return difference(DecisionTable(old), DecisionTable(new))


def _ask_both(checks: Iterable[Check], questions: list[Question]) -> None:
    for check in checks:
        ask_each_own(check, questions)


def _differ(old: Policy, new: Policy, questions: list[Question]) -> set[Question]:
    tables = DecisionTable(old), DecisionTable(new)
    return {
        question for question in questions if len({table.allows(question) for table in tables}) > 1
    }
