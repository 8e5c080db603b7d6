"""The rows of an access review, counted: always as many as it lists."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.access import Access
from rbac.audit.access_count import BY, counts
from rbac.audit.access_review import Entitlement, entitlements
from rbac.audit.cohorts import ALL, Selection
from rbac.policy import Policy
from rbac.rows import Level, Permission
from rbac.table import DecisionTable
from rbac.vocabulary import Action, ResourceType
from tests.organization import ACME, DIRECTORY, EDITOR
from tests.strategies import examples
from tests.test_counting import GUARDS
from tests.worlds import World, worlds

NAMES: dict[str, Callable[[Entitlement], str]] = {
    "action": lambda row: row.right.action.short,
    "level": lambda row: row.right.level.short,
    "organization": lambda row: row.organization or "",
    "permission": lambda row: str(Permission(row.right.action, row.resource.type)),
    "principal": lambda row: row.subject.principal.short,
    "role": lambda row: row.right.hold.role.short,
    "subject": lambda row: str(row.subject),
    "type": lambda row: row.resource.type.short,
}


def holds_equal(access: Access, selection: Selection) -> int:
    """Holds every count to the listing; gives how many rows there are."""
    rows = list(entitlements(access, selection))
    for by in BY:
        assert counts(access, by, selection) == Counter(map(NAMES[by], rows))
    return len(rows)


@examples(15)
@given(worlds(), st.sampled_from(sorted(GUARDS)))
def test_the_count_is_that_of_the_listing(world: World, guards: str) -> None:
    """Counted by anything, there are as many rows as are listed."""
    holds_equal(Access(DecisionTable(world.policy), world.directory, GUARDS[guards]), ALL)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(subject=EDITOR),
        Selection(type=ResourceType.PROJECT),
        Selection(action=Action.UPDATE),
        Selection(level=Level.GRANT),
        Selection(organization=ACME.id),
    ],
)
def test_a_selection_is_counted_as_it_is_listed(selection: Selection) -> None:
    """What a count is about is what a listing would be about."""
    access = Access(DecisionTable(Policy.shipped()), DIRECTORY, GUARDS["usual"])
    assert holds_equal(access, selection) > 0
