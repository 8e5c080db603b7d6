"""Other evaluators on the same cells: Casbin's own enforcer, and Cedar.

Each is asked all that it is timed on first, and must answer as `rbac.check` does: a faster
or slower answer to another question is no measurement.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator

import rbac
from benchmarks.asking import allowed_cells, ask_each_own, random_cells
from benchmarks.measurement import (
    Figure,
    Measurement,
    Scale,
    Series,
    interleave,
    measured,
    not_installed,
    timer,
)
from rbac import Policy, Question
from rbac.enforcer import Enforcer

CASBIN_FIGURE = Figure("ratio", ">=", 5_000)
CEDAR_FIGURE = Figure("ratio", ">=", 1_000)

_PASSES = 50
"""How often `check` asks the cells in a round, so that a round is long enough to time."""

Samples = dict[str, list[Question]]

_RANDOM = "random cells"
"""The sample that the figures are about; the other is printed beside it."""


def casbin(scale: Scale) -> Iterator[Measurement]:
    """Casbin's enforcer with every row, unmodified, over `check` on the same cells."""
    # The evaluator's own enforcer: proved to hold exactly the rows of the policy, and told
    # not to log denials. Its wrapper, which turns members into names, is left out.
    enforce = Enforcer(Policy.shipped())._enforcer.enforce
    for label, questions in _samples(scale).items():
        requests = [_casbin_request(question) for question in questions]
        _must_agree("Casbin", questions, (enforce(*request) for request in requests))
        name = f"casbin.Enforcer.enforce, {label}"
        peer, check = _interleave(name, questions, scale, _enforce_each, enforce, requests)
        yield measured(peer, "us", check, figure=CASBIN_FIGURE if label == _RANDOM else None)


def _casbin_request(question: Question) -> tuple[str | bool, ...]:
    principal, role, type, action, own = question
    assert action is not None, "a cell names an action"
    return principal.short, role.short, type.short, action.short, own


def _enforce_each(enforce: Callable[..., bool], requests: Iterable[tuple[str | bool, ...]]) -> None:
    for principal, role, type, action, own in requests:
        enforce(principal, role, type, action, own)


def cedar(scale: Scale) -> Iterator[Measurement]:
    """Cedar with everything parsed before, over `check` on the same cells."""
    if importlib.util.find_spec("cedarpy") is None:
        yield not_installed("cedarpy", "us", CEDAR_FIGURE)
        return
    from benchmarks.cedar import by_grant, by_role  # cedarpy is optional

    shipped, samples = Policy.shipped(), _samples(scale)
    translations = {"a policy per grant": by_grant, "a policy per role": by_role}
    for translation, translate in translations.items():
        held = translate(shipped)
        for label, questions in samples.items():
            requests = [held.request(question) for question in questions]
            _must_agree("Cedar", questions, map(held.allows, requests))
            name = f"cedarpy, {translation}, {label}"
            peer, check = _interleave(name, questions, scale, held.ask_each, requests)
            figure = CEDAR_FIGURE if label == _RANDOM else None
            note = f"{len(held.policies)} policies"
            yield measured(peer, "us", check, figure=figure, note=note)


def _samples(scale: Scale) -> Samples:
    """Random cells, nearly all of them denied, and allowed ones alone."""
    policy = Policy.shipped()
    return {
        _RANDOM: random_cells(policy, scale.peer_cells),
        "allowed cells": allowed_cells(policy, scale.peer_cells),
    }


def _must_agree(who: str, questions: Iterable[Question], answers: Iterable[bool]) -> None:
    for question, answer in zip(questions, answers, strict=True):
        if answer != _check(question):
            raise RuntimeError(f"{who} and check differ on {question}: there is nothing to time")


def _check(question: Question) -> bool:
    principal, role, type, action, own = question
    return rbac.check(principal, role, type, action, own=own).allowed


def _interleave(
    name: str,
    questions: list[Question],
    scale: Scale,
    ask: Callable[..., object],
    *arguments: object,
) -> Iterable[Series]:
    """The series of ``ask(*arguments)``, which asks `questions`, and of `check` on the same."""
    again = questions * _PASSES
    timers = {
        name: timer(len(questions), ask, *arguments),
        "check, the same cells": timer(len(again), ask_each_own, rbac.check, again),
    }
    return interleave(timers, scale.peer_rounds).values()
