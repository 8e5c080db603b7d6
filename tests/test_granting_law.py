"""The law of granting: what people cannot grant, no sequence of permitted changes gives them."""

import functools
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbac import (
    Action,
    Authorizer,
    Resource,
    ResourceRole,
    Subject,
)
from rbac.access import Access
from rbac.administration import (
    AddMember,
    Assign,
    Change,
    CreateGroup,
    DeleteGroup,
    RemoveMember,
    SetOrganizationRole,
    Share,
    Unassign,
    changed,
)
from rbac.directory import Directory
from rbac.granting import Granting
from rbac.granting_rules import could_grant
from rbac.records import Assignment
from rbac.vocabulary import OrganizationRole
from tests.company import (
    COMPANY,
    GIVEN,
    HELD_ON,
    PEOPLE,
    THINGS,
    companies,
)
from tests.organization import (
    ACME,
    EXECUTION,
    uuid,
)


def permitted(directory: Directory) -> list[tuple[Subject, Change]]:
    """Every change that one of these people may make now, on the things there are."""
    granting = Granting(Authorizer(directory=directory))
    return [
        (person, change)
        for person, change in itertools.product(PEOPLE, changes(directory))
        if granting.may(person, change)
    ]


def changes(directory: Directory) -> Iterator[Change]:
    """Whatever somebody might try."""
    groups = sorted(directory.tables.groups)
    for role, thing in itertools.product(GIVEN, THINGS):
        if HELD_ON[role] is thing.type:
            yield from (Assign(role, group, thing) for group in groups)
            yield from (Share(role, person, thing) for person in PEOPLE)
    for person, group in itertools.product(PEOPLE, groups):
        yield AddMember(person, group)
        yield RemoveMember(person, group)
    for entry in directory.tables.assigned:
        yield from map(Unassign, directory.assignments(entry))
    for person, role_there in itertools.product(PEOPLE, list(OrganizationRole)[1:]):
        yield SetOrganizationRole(person, role_there)
    yield from map(DeleteGroup, groups)
    yield CreateGroup(ACME.id)


def reach(directory: Directory) -> set[tuple[Action, Resource]]:
    """All that these people together may do, on the things that are asked about."""
    authorizer = Authorizer(directory=directory)
    return {
        (action, thing)
        for person, thing in itertools.product(PEOPLE, [*THINGS, EXECUTION])
        for action in authorizer.search_actions(person, thing)
    }


def bound(directory: Directory) -> frozenset[tuple[Action, Resource]]:
    """What they together held, or could grant, at the start, and what that lets them grant."""
    given = directory.records.assignments
    return _bound(frozenset((each.group, each.resource, each.role) for each in given))


@functools.lru_cache(10_000)
def _bound(
    given: frozenset[tuple[str, Resource, ResourceRole]],
) -> frozenset[tuple[Action, Resource]]:
    """The bound of the company with those assignments; many sequences begin alike."""
    there = {(each.group, each.resource, each.role) for each in COMPANY.records.assignments}
    add = [
        Assignment(uuid(300 + n), *each) for n, each in enumerate(sorted(given - there, key=str))
    ]
    directory = COMPANY.changed(add=add)
    while True:
        access = Authorizer(directory=directory).access
        more = directory
        for share in grantable(access):
            more = changed(more, share)
        if reach(more) == reach(directory):
            return frozenset(reach(more))
        directory = more


def grantable(access: Access) -> Iterator[Share]:
    """Everything that somebody could give, given to everybody who has not got it."""
    for role, thing in itertools.product(GIVEN, THINGS):
        if HELD_ON[role] is thing.type and any(
            could_grant(access, person, role, thing) for person in PEOPLE
        ):
            about = access.directory.resource(thing)
            assert about
            for person in PEOPLE:
                who = access.directory.subject(person)
                assert who
                if all(hold.role is not role for hold in access.holds_on(who, about)):
                    yield Share(role, person, thing)


PARTS, SEQUENCES = (10, 1_000) if settings().max_examples > 1_000 else (1, 40)
"""How many sequences of changes are tried: ten thousand under the profile ``nightly``, in ten
parts that may run side by side."""


@pytest.mark.parametrize("part", range(PARTS))
@settings(max_examples=SEQUENCES, deadline=None, database=None)
@given(companies(), st.data())
def test_nobody_gains_what_nobody_could_grant(
    part: int, company: Directory, data: st.DataObject
) -> None:
    """Without an administrator, people never hold more than they held, or could grant, at first.

    Whatever sequence of permitted changes they make, and all of them taken together.
    """
    limit, directory = bound(company), company
    for _ in range(data.draw(st.integers(1, 6))):
        actor, change = data.draw(st.sampled_from(permitted(directory)))
        directory = changed(directory, change)
        assert reach(directory) <= limit, (actor, change)


def test_no_single_change_gives_what_nobody_could_grant() -> None:
    """Every change that people may make in the company, made: none goes beyond the limit."""
    limit = bound(COMPANY)
    tried = permitted(COMPANY)
    assert len(tried) > 50
    for actor, change in tried:
        assert reach(changed(COMPANY, change)) <= limit, (actor, change)
