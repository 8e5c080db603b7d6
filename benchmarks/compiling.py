"""An authorizer for a policy that this process has compiled before, and for a new one."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence

from benchmarks.asking import HOT
from benchmarks.measurement import Measurement, Scale, Series, measured
from rbac import Authorizer, Policy

ROUNDS = 3
"""Few, because the policies of each have to be made."""

_NUMBERS = itertools.count()


def reworded(policy: Policy) -> Policy:
    """The same policy in other words, which nothing has compiled before."""
    first, *others = policy.rows.roles
    note = f"{first.note} {next(_NUMBERS)}"
    return Policy(policy.rows._replace(roles=(first._replace(note=note), *others)))


def compiling(scale: Scale) -> Iterator[Measurement]:
    """An authorizer and its first answer, for many policies: compiled before, and not."""
    anew: list[float] = []
    before: list[float] = []
    for _ in range(ROUNDS):
        policies = [reworded(Policy.shipped()) for _ in range(scale.policies)]
        anew.append(_ask_each(policies))
        before.append(_ask_each(policies))
    name = f"authorizer and one answer, {scale.policies:,} policies"
    new = Series(f"{name}, new", anew)
    yield measured(new, "us")
    yield measured(Series(f"{name}, compiled before", before), "us", new)


def _ask_each(policies: Sequence[Policy]) -> float:
    start = time.perf_counter()
    for policy in policies:
        Authorizer(policy).check(*HOT)
    return (time.perf_counter() - start) / len(policies)
