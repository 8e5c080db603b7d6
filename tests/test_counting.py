"""Everything that is permitted: the count and the list against asking one by one."""

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.population import population
from rbac.access import Access
from rbac.counting import Triple, count, permitted
from rbac.directory import Directory
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, Guard, inactive_subject
from rbac.policy import Policy
from rbac.records import Organization, Records, ResourceRecord, SubjectRecord
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.terms import Resource, Subject
from rbac.vocabulary import Principal, ResourceType, UserStatus
from tests.strategies import examples
from tests.worlds import NOW, ORGANIZATIONS, World, uuid, worlds

T = ResourceType

USUAL = (inactive_subject(lambda: NOW), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL)
PECULIAR = Guard("peculiar", lambda asked: asked.about is None or "1" in asked.about.id[-1:])
GUARDS = {"none": (), "usual": USUAL, "peculiar": (*USUAL, PECULIAR)}


def one_by_one(access: Access) -> Iterator[Triple]:
    """Asks for every subject, action and resource of a directory."""
    directory, table = access.directory, access.table
    for who, about in itertools.product(list(directory.subjects()), list(directory.resources())):
        resource = Resource(about.type, about.id)
        for action in table.actions_on(about.type):
            if access.decide(who.subject, None, resource, action, None):
                yield who.subject, action, resource


def holds_equal(access: Access) -> int:
    """Holds the count and the list to asking one by one; gives how many there are."""
    expected = Counter(one_by_one(access))
    listed = list(permitted(access))
    assert Counter(listed) == expected
    counted = count(access)
    assert counted.total == len(listed)
    for measure, of in (
        (counted.by_principal, lambda triple: triple[0].principal),
        (counted.by_type, lambda triple: triple[2].type),
        (counted.by_level, lambda triple: counted.levels[Permission(triple[1], triple[2].type)]),
    ):
        assert measure == Counter(map(of, listed))
    return counted.total


@examples(60)
@given(worlds(), st.sampled_from(sorted(GUARDS)))
def test_all_that_is_permitted_is_counted_and_listed_once(world: World, guards: str) -> None:
    """The count and the list are those of asking about everybody and everything."""
    holds_equal(Access(DecisionTable(world.policy), world.directory, GUARDS[guards]))


@pytest.mark.parametrize("guards", GUARDS)
def test_organizations_are_counted_exactly(guards: str) -> None:
    """So it is where groups are large, things lie three deep and permissions take others."""
    directory = Directory(population(150))
    access = Access(DecisionTable(Policy.shipped()), directory, GUARDS[guards])
    assert holds_equal(access) > 1_000


def test_strangers_are_counted() -> None:
    """Without guards, whoever owns something in another organization may act within it."""
    one, other = ORGANIZATIONS
    user = Subject(Principal.USER, uuid(2, 0))
    project, secret = Resource(T.PROJECT, uuid(4, 0)), Resource(T.SECRET, uuid(4, 1))
    records = Records(
        [Organization(one), Organization(other)],
        [SubjectRecord(user, other, UserStatus.ACTIVE)],
        resources=[
            ResourceRecord(project, (Resource(T.ORGANIZATION, one),), owner=user),
            ResourceRecord(secret, (project,)),
        ],
    )
    table = DecisionTable(Policy.shipped())
    access = Access(table, Directory(records), ())
    assert holds_equal(access) > 0
    assert {T.PROJECT, T.SECRET} <= set(count(access).by_type)
    guarded = Access(table, Directory(records), USUAL)
    assert holds_equal(guarded) < count(access).total


@examples(20)
@given(worlds())
def test_the_list_has_one_order(world: World) -> None:
    """Answers come by organization, type, resource, action, principal and subject."""
    access = Access(DecisionTable(world.policy), world.directory, ())
    types, kinds = list(access.directory.tables.resources), list(Principal)
    keys = []
    for subject, action, resource in permitted(access):
        about = access.directory.resource(resource)
        assert about is not None
        actions = list(access.table.actions_on(about.type))
        place = about.organization or "", types.index(about.type), about.id, actions.index(action)
        keys.append((*place, kinds.index(subject.principal), subject.id))
    assert keys == sorted(set(keys))
