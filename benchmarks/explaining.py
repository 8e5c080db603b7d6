"""What it takes to explain a cell, before anything of it is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks.asking import allowed_cells, random_cells
from benchmarks.measurement import Figure, Measurement, Scale, interleave, measured, timer
from rbac import Authorizer, Policy, Question

FIGURE = Figure("time", "<=", 50)


def explaining(scale: Scale) -> Iterator[Measurement]:
    """Explanations of random cells, nearly all of them denied, and of allowed ones."""
    policy = Policy.shipped()
    samples = {
        "explain, random cells": random_cells(policy, scale.cells // 5),
        "explain, allowed cells": allowed_cells(policy, scale.cells // 5),
    }
    authorizer = Authorizer(policy)
    timers = {
        name: timer(len(questions), _explain_each, authorizer, questions)
        for name, questions in samples.items()
    }
    for series in interleave(timers, scale.load_rounds).values():
        yield measured(series, "us", figure=FIGURE)


def _explain_each(authorizer: Authorizer, questions: Iterable[Question]) -> None:
    explain = authorizer.explain
    for subject, role, resource, action, own in questions:
        explain(subject, role, resource, action, own=own)
