"""What the tests of the shipped policy take: read, run, measured, and held against mutants.

Knows the steps of `rbac test`, over what the plain way to the same answer takes: asking
`check` about every cell that the tests assert, and building a policy for each mutant.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from benchmarks.asking import ask_each_own
from benchmarks.measurement import Figure, Measurement, Scale, Series, interleave, measured, timer
from rbac import Authorizer, Policy
from rbac.audit.difference import difference
from rbac.policy import shipped_folder
from rbac.table import DecisionTable
from rbac.testing.coverage import coverage
from rbac.testing.mutants import Mutant, Mutation, mutants
from rbac.testing.reader import find, read
from rbac.testing.running import PASSED, Outcome, Runner
from rbac.testing.suites import Suite
from rbac.verification import cells

RUN_FIGURE = Figure("time", "<=", 50)
MUTANTS_FIGURE = Figure("time", "<=", 250)


def policy_tests(scale: Scale) -> Iterator[Measurement]:
    """The shipped policy's tests run, over asking every cell; all its mutants, over making each."""
    table = DecisionTable(Policy.shipped())
    files = find(os.path.join(shipped_folder(), "tests"))
    suites, runner = read(files, table), Runner(table)
    outcomes = _run(runner, suites)
    found = mutants(runner, outcomes)
    if found.survivors or any(outcome.result != PASSED for outcome in outcomes):
        raise RuntimeError(
            "the shipped tests fail, or a mutant survives: run `rbac test --mutants`"
        )
    questions = list(cells(table.policy))
    some = list(Mutation(runner).flips())[:: max(1, 878 // scale.peer_cells)]
    timers = {
        "policy tests, run": timer(1, _run, runner, suites),
        "policy tests, read": timer(1, read, files, table),
        "coverage, by grant": timer(1, coverage, runner, outcomes),
        "check, every cell": timer(1, ask_each_own, Authorizer(table.policy).check, questions),
        "mutants, all of them": timer(1, mutants, runner, outcomes),
        "a policy made for each mutant": timer(len(some), _make_each, table, some),
    }
    run, reading, covering, every, alive, each = interleave(
        timers, max(2, scale.load_rounds // 2)
    ).values()
    note = f"{len(outcomes)} tests, {sum(each.looked for each in outcomes):,} answers"
    yield measured(run, "ms", every, figure=RUN_FIGURE, note=note)
    yield measured(reading, "ms", every)
    yield measured(covering, "ms", every)
    note = f"{found.total:,} mutants, none survives"
    yield measured(alive, "ms", figure=MUTANTS_FIGURE, note=note)
    whole = Series(each.name, [seconds * found.total for seconds in each.seconds])
    note = f"extrapolated from {len(some)} mutants, compared with the policy"
    yield measured(whole, "s", alive, note=note)


def _run(runner: Runner, suites: Sequence[Suite]) -> list[Outcome]:
    return list(runner.run_all(suites, lambda _: True, fail_fast=False))


def _make_each(table: DecisionTable, some: Sequence[Mutant]) -> None:
    for mutant in some:
        difference(table, DecisionTable(mutant.policy(table.policy)))
