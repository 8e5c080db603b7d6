"""What the audit takes on policies of the shipped size.

Knows one question of the audit after another, each over the same answer got by asking
`check` about every cell. The tables are warm: each role has been worked out.
"""

from __future__ import annotations

import collections
import importlib.util
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.asking import Check, ask_each_own, random_cells
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
from benchmarks.population import population
from rbac import Authorizer, Directory, Policy, Principal, Question
from rbac.audit.auditing import directory_findings, policy_findings
from rbac.audit.blocks import cover
from rbac.audit.causes import causes
from rbac.audit.difference import difference
from rbac.audit.escalation import WAYS, Escalation
from rbac.audit.invariants import Space, prove
from rbac.audit.statements import read
from rbac.enforcer import Enforcer
from rbac.policy import shipped_folder, unvalidated
from rbac.table import DecisionTable
from rbac.verification import cells

DIFF_FIGURE = Figure("time", "<=", 2)
ESCALATION_FIGURE = Figure("time", "<=", 50)
PROVE_FIGURE = Figure("time", "<=", 50)
FINDINGS_FIGURE = Figure("time", "<=", 60)


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
    yield from _enumerating("diff", difference, warm, [old, new], len(questions), scale)


def proving(scale: Scale) -> Iterator[Measurement]:
    """All shipped invariants proved, over asking every cell, by `check` and by Casbin."""
    table = DecisionTable(Policy.shipped())
    file = os.path.join(shipped_folder(), "invariants.toml")
    invariants = read(file, Space(table))
    if not all(result.holds for result in prove(table, invariants)):
        raise RuntimeError("an invariant is refuted: run `rbac prove` to see which")
    questions = list(cells(table.policy))
    some = random_cells(table.policy, scale.peer_cells)
    enforcer = Enforcer(table.policy)
    timers = {
        "prove, all shipped invariants": timer(1, prove, table, invariants),
        "reading the invariants": timer(1, read, file, Space(table)),
        "check, every cell": timer(1, ask_each_own, Authorizer(table.policy).check, questions),
        "casbin.Enforcer, every cell": timer(len(some), _enforce_each, enforcer, some),
    }
    proof, reading, every, each = interleave(timers, max(2, scale.load_rounds // 2)).values()
    note = f"{len(invariants)} statements over {len(questions):,} cells"
    yield measured(proof, "ms", every, figure=PROVE_FIGURE, note=note)
    yield measured(reading, "ms", every)
    whole = Series(each.name, [seconds * len(questions) for seconds in each.seconds])
    note = f"extrapolated from {len(some)} random cells; it is then still to be searched"
    yield measured(whole, "s", proof, note=note)
    policies, arguments = [table.policy], (table, invariants)
    yield from _enumerating(
        "prove", prove, arguments, policies, len(questions), scale, casbin=False
    )


def _enumerating(
    name: str,
    ours: Callable[..., object],
    arguments: Sequence[object],
    policies: list[Policy],
    cells: int,
    scale: Scale,
    *,
    casbin: bool = True,
) -> Iterator[Measurement]:
    """Casbin and Cedar asked about every cell of policies, over the same answer in one go."""
    some = random_cells(policies[0], scale.peer_cells)
    timers = {name: timer(1, ours, *arguments)}
    if casbin:
        enforcers = [Enforcer(policy) for policy in policies]
        timers["casbin.Enforcer, every cell"] = timer(len(some), _enforce_all, enforcers, some)
    if importlib.util.find_spec("cedarpy") is None:
        yield not_installed("cedarpy, every cell", "s")
    else:
        from benchmarks.cedar import by_role  # cedarpy is optional

        held = [by_role(policy) for policy in policies]
        requests = [held[0].request(question) for question in some]
        timers["cedarpy, every cell"] = timer(
            len(some), lambda: [each.ask_each(requests) for each in held]
        )
    series, *peers = interleave(timers, scale.peer_rounds).values()
    for peer in peers:
        whole = Series(f"{peer.name}, for {name}", [each * cells for each in peer.seconds])
        note = f"{len(policies)} x {cells:,} questions, extrapolated from {len(some)} random ones"
        yield measured(whole, "s", series, note=note)


def escalating(scale: Scale) -> Iterator[Measurement]:
    """Every step and closure between roles, over asking Casbin for the steps alone."""
    table = DecisionTable(Policy.shipped())
    enforcer = Enforcer(table.policy)
    questions = [
        Question(Principal.USER, role, type, action, True)
        for role in table.roles
        for type, action in WAYS
    ]
    some = questions[:: max(1, len(questions) // scale.peer_cells)]
    timers = {
        "escalation, all closures": timer(1, _closures, table),
        "casbin.Enforcer, the steps alone": timer(len(some), _enforce_each, enforcer, some),
    }
    closures, each = interleave(timers, max(2, scale.load_rounds // 2)).values()
    yield measured(closures, "ms", figure=ESCALATION_FIGURE)
    whole = Series(each.name, [seconds * len(questions) for seconds in each.seconds])
    note = f"{len(questions):,} questions, extrapolated from {len(some)}"
    yield measured(whole, "ms", closures, note=note)


def _closures(table: DecisionTable) -> object:
    found = Escalation(table)
    return [found.closure(role) for role in table.roles]


def _enforce_each(enforcer: Enforcer, questions: Iterable[Question]) -> None:
    for question in questions:
        enforcer.allows(question)


def _enforce_all(enforcers: Iterable[Enforcer], questions: list[Question]) -> None:
    for enforcer in enforcers:
        _enforce_each(enforcer, questions)


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


def findings(scale: Scale) -> Iterator[Measurement]:
    """Everything found of the shipped policy, and of directories under it."""
    timers = {"findings of the shipped policy": timer(1, policy_findings, Policy.shipped())}
    (series,) = interleave(timers, max(2, scale.load_rounds // 2)).values()
    yield measured(series, "ms")
    for size in scale.assignments:
        held = Directory(population(size))
        start = time.perf_counter()
        found = directory_findings(held)
        series = Series(f"findings of {size:,} assignments", [time.perf_counter() - start])
        counts = collections.Counter(each.rule.id for each in found)
        note = ", ".join(f"{count:,} of {rule}" for rule, count in sorted(counts.items()))
        figure = FINDINGS_FIGURE if size == max(scale.assignments) else None
        yield measured(series, "s", figure=figure, note=note)
