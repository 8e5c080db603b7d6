"""Covers of sets of cells: exact always, and the fewest blocks where that is claimed."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.audit import blocks as module
from rbac.audit.blocks import Cover, cover
from rbac.audit.cells import Cells, Line, Numbering, allowed
from rbac.policy import Policy
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.strategies import examples

TABLE = DecisionTable(Policy.shipped())
NUMBERING = Numbering(TABLE)
WHO = (Principal.USER, Principal.RUNNER)
ROLES = (ResourceRole.ORG_ADMIN, ResourceRole.PROJECT_USER, ResourceRole.PROJECT_ADMIN)
PERMISSIONS = [
    (action, type)
    for type in (ResourceType.PROJECT, ResourceType.WEBHOOK)
    for action in (Action.GET, Action.UPDATE)
]
SMALL = [
    Question(principal, role, type, action, own)
    for principal in WHO
    for role in ROLES
    for action, type in PERMISSIONS
    for own in (False, True)
]


def cells_of(questions: Iterable[Question]) -> Cells:
    """The set of cells that holds `questions`."""
    masks: dict[Line, int] = {}
    for principal, role, type, action, own in questions:
        assert action is not None
        line = Line(principal, role, own)
        masks[line] = masks.get(line, 0) | NUMBERING.mask([(action, type)])
    return Cells(NUMBERING, masks)


def covered(found: Cover) -> set[Question]:
    """Every cell of every block."""
    return {cell for block in found.blocks for cell in block.cells()}


def fewest(wanted: set[Question]) -> int:
    """The size of a smallest exact cover, by trying every set of blocks of a small space."""
    if not wanted:
        return 0
    axes = [sorted({cell[axis] for cell in wanted}, key=str) for axis in range(5)]
    subsets = [
        [part for size in range(1, len(axis) + 1) for part in itertools.combinations(axis, size)]
        for axis in axes
    ]
    inside = []
    for parts in itertools.product(*subsets):
        block = set(itertools.starmap(Question, itertools.product(*parts)))
        if block <= wanted:
            inside.append(block)
    largest = [block for block in inside if not any(block < other for other in inside)]
    return next(
        size
        for size in itertools.count(1)
        for chosen in itertools.combinations(largest, size)
        if set().union(*chosen) == wanted
    )


@examples(30)
@given(st.sets(st.sampled_from(SMALL), max_size=12))
def test_a_small_cover_is_exact_and_none_is_smaller(wanted: set[Question]) -> None:
    """Blocks hold the cells of the set and no other, and no fewer blocks could."""
    found = cover(cells_of(wanted))
    assert covered(found) == wanted
    assert found.minimal
    assert len(found.blocks) == fewest(wanted)


@examples(30)
@given(st.sets(st.sampled_from(SMALL), min_size=1))
def test_a_greedy_cover_is_exact_and_owns_its_bound(wanted: set[Question]) -> None:
    """Where the search is given up, blocks are still exact, and the bound below still holds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "MOST_BOXES", 0)
        greedy = cover(cells_of(wanted))
    exact = cover(cells_of(wanted))
    assert covered(greedy) == wanted
    assert greedy.least <= len(exact.blocks) <= len(greedy.blocks)


def test_a_search_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no steps left the cover is greedy, exact, and claims no more than it has proved."""
    wanted = set(SMALL[::3]) | set(SMALL[1::5])
    exact = cover(cells_of(wanted))
    monkeypatch.setattr(module, "MOST_STEPS", 0)
    found = cover(cells_of(wanted))
    assert covered(found) == wanted
    assert found.least <= len(exact.blocks) <= len(found.blocks)


def test_all_that_the_shipped_policy_allows_is_covered_exactly() -> None:
    """Three thousand cells become far fewer blocks, with not one cell more or less."""
    everything = allowed(TABLE, NUMBERING)
    found = cover(everything)
    assert covered(found) == set(everything)
    assert found.least <= len(found.blocks) < len(everything) / 10


def test_what_is_alike_makes_one_block() -> None:
    """Every combination of some names is one block, however many cells it has."""
    found = cover(cells_of(SMALL))
    types, actions = (ResourceType.PROJECT, ResourceType.WEBHOOK), (Action.GET, Action.UPDATE)
    roles = tuple(sorted(ROLES, key=list(ResourceRole).index))
    assert found.least == 1
    (block,) = found.blocks
    assert block.principals == WHO
    assert block.roles == roles
    assert block.types == types
    assert set(block.actions) == set(actions)
    assert block.owns == (False, True)
    assert block.as_dict()["cells"] == block.size == len(SMALL)


def test_no_cell_is_no_block() -> None:
    """An empty set is covered by nothing at all."""
    assert cover(cells_of([])) == Cover((), 0)
