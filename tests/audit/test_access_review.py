"""The access review: every row against asking one by one, in one order, lazily."""

import itertools
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.population import population
from rbac.access import Access
from rbac.audit.access_files import FORMATS, text_of
from rbac.audit.access_review import Entitlement, cohorts, entitlements, holders
from rbac.audit.cohorts import Right, Selection
from rbac.directory import Directory
from rbac.guards import Asked, Guard
from rbac.policy import Policy
from rbac.records import Assignment, Membership, Organization, ResourceRecord, SubjectRecord
from rbac.rows import Level, Permission
from rbac.table import DecisionTable
from rbac.terms import Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType, UserStatus
from tests.organization import ACME, DIRECTORY, EDITOR, EDITORS, READERS, WEB, uuid
from tests.strategies import examples
from tests.test_counting import GUARDS
from tests.worlds import World, worlds

SHIPPED = DecisionTable(Policy.shipped())
SAMPLE = Directory.load("examples/organization")


SHOP = Resource(ResourceType.PROJECT, uuid(60))
"""A project that is in no directory yet."""


def one_by_one(access: Access) -> Iterator[Entitlement]:
    """Asks for every subject, action and resource of a directory, and for the reasons."""
    directory, table = access.directory, access.table
    for who, about in itertools.product(list(directory.subjects()), list(directory.resources())):
        resource = Resource(about.type, about.id)
        for action in table.actions_on(about.type):
            decision = access.decide(who.subject, None, resource, action, None)
            if decision:
                row = table.row(Permission(action, about.type))
                assert row
                assert decision.grant
                assert decision.hold
                right = Right(action, row.level, decision.grant, decision.hold)
                yield Entitlement(about.organization, resource, who.subject, right)


def place(row: Entitlement) -> tuple[str, ...]:
    """What rows are sorted by."""
    return (
        row.organization or "",
        row.resource.type.short,
        row.resource.id,
        row.subject.principal.short,
        row.subject.id,
        row.right.action.short,
    )


def holds_equal(access: Access) -> int:
    """Holds the review to asking one by one; gives how many rows there are."""
    expected = sorted(one_by_one(access), key=place)
    assert list(entitlements(access)) == expected
    return len(expected)


@examples(30)
@given(worlds(), st.sampled_from(sorted(GUARDS)))
def test_the_review_has_every_permitted_row_with_its_reasons(world: World, guards: str) -> None:
    """The rows are what `authorize` allows, resting on the same grant and hold, in order."""
    holds_equal(Access(DecisionTable(world.policy), world.directory, GUARDS[guards]))


@pytest.mark.parametrize("guards", GUARDS)
def test_organizations_are_reviewed_exactly(guards: str) -> None:
    """So it is where groups are large, things lie three deep and permissions take others."""
    access = Access(DecisionTable(Policy.shipped()), Directory(population(50)), GUARDS[guards])
    assert holds_equal(access) > 1_000


@pytest.mark.parametrize("guards", ["usual"])
def test_the_sample_is_reviewed_exactly(guards: str) -> None:
    """So it is in an organization where people are in many groups and some are suspended."""
    assert holds_equal(Access(SHIPPED, SAMPLE, GUARDS[guards])) > 20_000


def test_a_member_of_two_groups_holds_a_role_through_the_first() -> None:
    """Of two groups that give the same role on the same resource, the review names the first."""
    directory = DIRECTORY.changed(
        add=[
            Membership(uuid(90), READERS, EDITOR),
            Assignment(uuid(91), READERS, WEB, ResourceRole.PROJECT_EDITOR),
        ]
    )
    access = Access(SHIPPED, directory, ())
    holds_equal(access)
    rows = entitlements(access, Selection(EDITOR, WEB.type, Action.UPDATE))
    (row,) = (row for row in rows if row.resource == WEB)
    assert row.right.hold.assignment
    assert row.right.hold.assignment.group == min(EDITORS, READERS)


def test_strangers_stand_among_the_others() -> None:
    """Without guards, whoever owns something in another organization is listed there by id."""
    stranger = Subject(Principal.USER, uuid(9))
    directory = DIRECTORY.changed(
        add=[
            Organization(uuid(2)),
            SubjectRecord(stranger, uuid(2), UserStatus.ACTIVE),
            ResourceRecord(SHOP, (ACME,), owner=stranger),
        ]
    )
    holds_equal(Access(SHIPPED, directory, ()))
    rows = entitlements(Access(SHIPPED, directory, ()), Selection(type=SHOP.type))
    found = [row.subject for row in rows if row.resource == SHOP and row.subject.id == uuid(9)]
    assert set(found) == {stranger}
    guarded = Access(SHIPPED, directory, GUARDS["usual"])
    assert holds_equal(guarded)
    assert not list(entitlements(guarded, Selection(subject=stranger, type=SHOP.type)))


@pytest.mark.parametrize(
    "selection",
    [
        Selection(subject=EDITOR),
        Selection(type=ResourceType.PROJECT),
        Selection(action=Action.UPDATE),
        Selection(level=Level.GRANT),
        Selection(organization=ACME.id),
        Selection(organization=uuid(99)),
        Selection(EDITOR, ResourceType.PROJECT, Action.UPDATE, Level.WRITE, ACME.id),
    ],
)
def test_a_selection_leaves_out_the_rest(selection: Selection) -> None:
    """What a review is about are the rows of the whole one that fit, and no others."""
    access = Access(SHIPPED, DIRECTORY, ())
    fitting = [
        row
        for row in entitlements(access)
        if selection.subject in (None, row.subject)
        and selection.type in (None, row.resource.type)
        and selection.action in (None, row.right.action)
        and selection.level in (None, row.right.level)
        and selection.organization in (None, row.organization)
    ]
    assert list(entitlements(access, selection)) == fitting
    assert bool(fitting) is (selection.organization != uuid(99))


def test_the_first_row_is_there_before_the_second_resource_is_looked_at() -> None:
    """Rows are worked out as they are read: a guard is asked about one resource until then."""
    looked = []

    def notes(asked: Asked) -> bool:
        looked.append(asked.about)
        return False

    rows = entitlements(Access(SHIPPED, DIRECTORY, [Guard("notes", notes)]))
    first = next(rows)
    assert {about.resource for about in looked if about} == {first.resource}
    assert len({row.resource for row in rows}) > 5


def test_what_was_written_is_not_held() -> None:
    """While megabytes are written, what is held besides the directory stays far below them."""
    access = Access(SHIPPED, SAMPLE, ())
    tracemalloc.start()
    size = sum(map(len, text_of(holders(access), FORMATS["jsonl"])))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 10_000_000
    assert peak < size / 4


def test_progress_counts_every_resource() -> None:
    """Who waits is told how many resources were looked at, up to all of them."""
    told = []
    found = list(cohorts(Access(SHIPPED, DIRECTORY, ()), progress=lambda *each: told.append(each)))
    assert told == [(number + 1, len(found)) for number in range(len(found))]
    assert len(found) == len(list(DIRECTORY.resources()))
