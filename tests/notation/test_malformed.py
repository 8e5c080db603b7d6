"""What the strict reader refuses, scenario by scenario."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rbac.errors import PolicyError, Problem
from rbac.policy import Policy, read
from tests.notation.corpus import Scenario, scenarios, shipped_copy

SCENARIOS = scenarios()
each = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@each
def test_every_problem_is_reported_and_nothing_else(scenario: Scenario, tmp_path: Path) -> None:
    """A malformed policy is refused with all that is wrong with it, each in its place."""
    folder = scenario.make(tmp_path)
    with pytest.raises(PolicyError) as refusal:
        Policy.load(folder)
    print(refusal.value)
    print(scenario.problems)
    left = list(refusal.value.problems)
    for e in scenario.problems:
        [x] = [p for p in left if e.matches(p, folder)]
        left.remove(x)
    assert not left
