"""What `rbac.check` takes once a cell is warm, and the first time it is asked.

Knows the two shapes of use: one hot cell, and many cells at random.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import rbac
from benchmarks.asking import (
    HOT,
    Check,
    Empty,
    Plain,
    ask_each,
    ask_each_own,
    ask_one,
    ask_written_out,
    empty,
    look_up_flat,
    look_up_nested,
    random_cells,
    random_plain,
)
from benchmarks.compiling import reworded
from benchmarks.measurement import Figure, Measurement, Scale, Timer, interleave, measured, timer
from rbac import Action, Authorizer, Policy, Principal, ResourceRole, ResourceType

HOT_FIGURE = Figure("ratio", "<=", 3.5)
RANDOM_FIGURE = Figure("ratio", "<=", 5)

_FUNCTION = "empty function"
_METHOD = "empty method"


def hot(scale: Scale) -> Iterator[Measurement]:
    """One hot cell, over an empty call of the same signature."""
    subjects: dict[str, Check] = {
        _FUNCTION: empty,
        _METHOD: Empty().check,
        "check, one hot cell": rbac.check,
    }
    timers = {
        name: timer(scale.calls, ask_one, check, HOT, scale.calls)
        for name, check in subjects.items()
    }
    function, method, check = interleave(timers, scale.rounds).values()
    yield measured(check, "ns", function, figure=HOT_FIGURE)
    yield measured(check, "ns", method, name=f"{check.name}, over a method")
    yield measured(method, "ns", function)


def written(scale: Scale) -> Iterator[Measurement]:
    """One hot cell with its names written out: what a caller's line takes, names included."""
    timers = {
        f"{_FUNCTION}, names written out": timer(scale.calls, ask_written_out, empty, scale.calls),
        "check, one hot cell, names written out": timer(
            scale.calls, ask_written_out, rbac.check, scale.calls
        ),
    }
    function, check = interleave(timers, scale.rounds).values()
    note = "both sides look the four members up, and that takes part of the time"
    yield measured(check, "ns", function, note=note)


def warm(scale: Scale) -> Iterator[Measurement]:
    """Random warm cells, over an empty call on the same arguments, and bare dicts beside it."""
    plain = random_plain(Policy.shipped(), scale.cells)
    ask_each(rbac.check, plain)
    nested, flat = _tables(plain)
    units = len(plain)
    timers = {
        _FUNCTION: timer(units, ask_each, empty, plain),
        "check, random warm cells": timer(units, ask_each, rbac.check, plain),
        "bare nested dicts, no call": timer(units, look_up_nested, nested, plain),
        "bare flat dict of tuples, no call": timer(units, look_up_flat, flat, plain),
    }
    function, *others = interleave(timers, scale.rounds).values()
    for number, series in enumerate(others):
        yield measured(series, "ns", function, figure=None if number else RANDOM_FIGURE)
    yield from _warm_own(scale)


def _warm_own(scale: Scale) -> Iterator[Measurement]:
    questions = random_cells(Policy.shipped(), scale.cells)
    ask_each_own(rbac.check, questions)
    units = len(questions)
    timers = {
        f"{_FUNCTION}, own=": timer(units, ask_each_own, empty, questions),
        "check, random warm cells, own=": timer(units, ask_each_own, rbac.check, questions),
    }
    function, check = interleave(timers, scale.rounds).values()
    yield measured(check, "ns", function, figure=RANDOM_FIGURE)


def _tables(
    plain: list[Plain],
) -> tuple[
    dict[Principal, dict[ResourceRole, dict[ResourceType, dict[Action, object]]]],
    dict[Plain, object],
]:
    """The decisions on `plain`, as dicts within dicts and as one dict."""
    nested: dict[Principal, dict[ResourceRole, dict[ResourceType, dict[Action, object]]]] = {}
    flat: dict[Plain, object] = {}
    for cell in plain:
        subject, role, resource, action = cell
        decision = rbac.check(subject, role, resource, action)
        by_type = nested.setdefault(subject, {}).setdefault(role, {})
        by_type.setdefault(resource, {})[action] = flat[cell] = decision
    return nested, flat


def first(scale: Scale) -> Iterator[Measurement]:
    """The first check of a cell, and the first check of all by a new authorizer."""
    policy = Policy.shipped()
    plain = random_plain(policy, scale.cells // 5)
    timers: dict[str, Timer] = {
        "first check of a cell, its role known": lambda: _first_of_each(policy, plain),
        "first check by a new authorizer": lambda: _first_of_all(policy),
    }
    each, whole = interleave(timers, max(2, scale.rounds // 4)).values()
    yield measured(each, "us")
    note = "works a policy's indexes and one role out; the policy is read already"
    yield measured(whole, "us", note=note)


def _first_of_each(policy: Policy, plain: list[Plain]) -> float:
    authorizer = Authorizer(reworded(policy))
    for row in policy.rows.eligibility:  # only whoever may hold a role has it worked out
        authorizer.check(row.principal, row.role, ResourceType.ORGANIZATION)
    check = authorizer.check
    start = time.perf_counter()
    ask_each(check, plain)
    return (time.perf_counter() - start) / len(plain)


def _first_of_all(policy: Policy) -> float:
    authorizer = Authorizer(reworded(policy))
    start = time.perf_counter()
    authorizer.check(*HOT)
    return time.perf_counter() - start
