"""The smallest additional tests, against trying every choice of squares."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rbac.testing.additions as module
from rbac.policy import Policy
from rbac.rows import Rows
from rbac.table import DecisionTable
from rbac.testing.additions import Need, Square, addition, fewest, matrices
from rbac.testing.mutants import Mutation, mutants
from rbac.testing.reader import read
from rbac.testing.running import PASSED, Runner
from rbac.testing.writer import write
from rbac.vocabulary import Principal, ResourceRole, ResourceType
from tests.strategies import PRINCIPALS, ROLES, examples, valid_rows
from tests.testing import helping

SQUARES = [
    Square(principal, role, ResourceType.PROJECT)
    for principal in PRINCIPALS[:2]
    for role in ROLES[:4]
]
NEEDS = st.sets(st.frozensets(st.sampled_from(SQUARES), min_size=1, max_size=5), max_size=8)


def size_by_trying(needs: set[Need]) -> int:
    """The size of a smallest choice that has one square of each need."""
    return next(
        size
        for size in range(len(SQUARES) + 1)
        for chosen in itertools.combinations(SQUARES, size)
        if all(need & {*chosen} for need in needs)
    )


@examples(60)
@given(NEEDS)
def test_no_choice_has_fewer_squares(needs: set[Need]) -> None:
    """It has one square of each need, is as small as any that has, and says so."""
    found, least = fewest(needs)
    assert all(need & {*found} for need in needs)
    assert len(found) == len(set(found)) == least == size_by_trying(needs)


@examples(60)
@given(NEEDS)
def test_where_the_search_is_given_up_the_bound_still_holds(needs: set[Need]) -> None:
    """Taken greedily, it has one square of each need, and no choice is below the bound."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_STEPS", 0)
        found, least = fewest(needs)
    assert all(need & {*found} for need in needs)
    assert least <= size_by_trying(needs) <= len(found)


@examples(5)
@given(valid_rows(), st.data())
def test_with_the_suggested_tests_no_mutant_survives(rows: Rows, data: st.DataObject) -> None:
    """They pass, kill every survivor, and each of their squares is needed for that."""
    table = DecisionTable(Policy(rows))
    runner, mutation = Runner(table), Mutation(Runner(table))
    drawn = data.draw(st.lists(helping.matrices(table), max_size=1))
    tests = helping.passed([part for each in drawn for part in helping.rightly(table, each)])
    found = addition(mutation, mutants(runner, tests).survivors)
    assert found.minimal
    more = helping.passed(matrices(mutation, found.squares))
    assert all(runner.run(each.suite, each.test).result == PASSED for each in more)
    assert mutants(runner, [*tests, *more]).survivors == ()
    for square in found.squares[:3]:
        fewer = matrices(mutation, [each for each in found.squares if each is not square])
        assert mutants(runner, [*tests, *helping.passed(fewer)]).survivors


def test_the_suggested_file_is_read_back_as_it_was_meant(tmp_path: Path) -> None:
    """Drafted for the whole shipped policy: strict reading gives the same matrices."""
    table = DecisionTable(Policy.shipped())
    runner, mutation = Runner(table), Mutation(Runner(table))
    found = addition(mutation, mutants(runner, []).survivors)
    assert found.minimal
    meant = list(matrices(mutation, found.squares))
    file = tmp_path / "draft.yaml"
    file.write_text(write(["a draft"], meant), encoding="utf-8")
    (suite,) = read([str(file)], table)
    assert [test.expects for test in suite.tests] == meant
    outcomes = list(runner.run_all([suite], lambda _: True, fail_fast=False))
    assert {each.result for each in outcomes} == {PASSED}
    assert mutants(runner, outcomes).survivors == ()


def test_principals_and_roles_that_are_alike_share_a_test() -> None:
    """Squares of the same types with the same answers are one matrix."""
    table = DecisionTable(Policy.shipped())
    mutation = Mutation(Runner(table))
    squares = [
        Square(who, role, ResourceType.SECRET)
        for who in (Principal.USER, Principal.SERVICE_ACCOUNT)
        for role in (ResourceRole.PROJECT_EDITOR, ResourceRole.PROJECT_ADMIN)
    ]
    (matrix,) = matrices(mutation, squares)
    assert matrix.principals == (Principal.USER, Principal.SERVICE_ACCOUNT)
    assert matrix.roles == (ResourceRole.PROJECT_EDITOR, ResourceRole.PROJECT_ADMIN)
    two = list(matrices(mutation, squares[:3]))
    assert sum(len(each.principals) * len(each.roles) for each in two) == 3
