"""The tests that ship with the policy: what they say, and that nothing escapes them."""

from pathlib import Path

import pytest

from rbac.policy import Policy, shipped_folder
from rbac.rows import Permission, Reach
from rbac.table import DecisionTable
from rbac.testing.coverage import coverage
from rbac.testing.mutants import Flip, mutants
from rbac.testing.reader import find, read
from rbac.testing.running import PASSED, Runner
from rbac.testing.suites import Matrix
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.data import read as read_data

FILES = find(str(Path(shipped_folder()) / "tests"))
TABLE = DecisionTable(Policy.shipped())
RUNNER = Runner(TABLE)
SUITES = read(FILES, TABLE)
OUTCOMES = list(RUNNER.run_all(SUITES, lambda _: True, fail_fast=False))
MATRICES = [
    test.expects for suite in SUITES for test in suite.tests if isinstance(test.expects, Matrix)
]
Cell = tuple[ResourceRole, ResourceType, Action]


def stated() -> dict[Cell, Reach | None]:
    """What the tests say that each role permits those who may hold it, by the files alone."""
    found: dict[Cell, Reach | None] = {}
    for matrix in MATRICES:
        for role in matrix.roles:
            if not any(TABLE.eligible(who, role) for who in matrix.principals):
                continue
            for type in matrix.types:
                for action in TABLE.actions_on(type):
                    said = matrix.allowed.get(Permission(action, type))
                    assert found.setdefault((role, type, action), said) is said
    return found


STATED = stated()


def test_every_shipped_test_passes() -> None:
    """None fails and none is skipped."""
    assert OUTCOMES
    assert [each.test for each in OUTCOMES if each.result != PASSED] == []


def test_every_cell_is_asserted() -> None:
    """All the grants, all the allowed cells, and every other cell of the policy there is."""
    found = coverage(RUNNER, OUTCOMES)
    assert found.covered.part == found.covered.whole == len(TABLE.policy.rows.grants)
    assert found.allowed.percent == found.every.percent == 100


def test_no_flip_of_a_grant_goes_unnoticed() -> None:
    """Whatever grant is taken away, turned over or added to a role, a test fails."""
    found = mutants(RUNNER, OUTCOMES)
    assert found.survivors == ()
    assert found.counts[Flip.REMOVED] == len(TABLE.policy.rows.grants)
    assert found.counts[Flip.ADDED] > 40_000


@pytest.mark.parametrize("mark", ["stated", "implied", "open"])
def test_the_tests_say_what_the_evidence_says(mark: str) -> None:
    """Every fact about a role is asserted, with its reach, whatever the grants say."""
    facts = [
        fact
        for fact in read_data("evidence")
        if fact["mark"] == mark and not fact["type"].startswith("@")
    ]
    assert facts
    for fact in facts:
        cell = (
            ResourceRole.parse(fact["role"]),
            ResourceType.parse(fact["type"]),
            Action.parse(fact["action"]),
        )
        own = fact["expressed_by"] in ("own", "relation owner")
        expected = Reach.OWN if own else Reach.ANY
        assert STATED.get(cell) is (None if fact["verdict"] == "deny" else expected), fact


def test_they_say_no_more_than_the_evidence() -> None:
    """A role is expected to have what a fact says of it, or what a reviewed junior brings."""
    backed = {
        (fact["role"], fact["type"], fact["action"])
        for fact in read_data("evidence")
        if fact["verdict"] == "allow"
    }
    backed |= {(row["role"], row["type"], row["action"]) for row in read_data("inherited")}
    said = {
        (role.short, type.short, action.short)
        for (role, type, action), reach in STATED.items()
        if reach is not None
    }
    assert said <= backed


def test_each_file_begins_with_its_idea_and_each_name_says_something() -> None:
    """A file opens with a comment, and a test is called by what it holds, not by a role alone."""
    for file in FILES:
        assert Path(file).read_text(encoding="utf-8").startswith("# ")
    known = {name.short for kind in (Principal, ResourceRole, ResourceType) for name in kind}
    for suite in SUITES:
        for test in suite.tests:
            assert len(test.name.split()) > 2, test
            assert test.name not in known
