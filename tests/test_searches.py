"""Searches: every result checks true, every true check is found, page by page."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Action, Authorizer, Principal, RequestError, Resource, ResourceType, Subject
from rbac.records import Membership
from tests.organization import ACME, DIRECTORY, EDITOR, EDITORS, MEMBER, OWNER, WEB, uuid
from tests.strategies import examples
from tests.worlds import EVERY, SUBJECTS, World, worlds

NOBODY = Subject(Principal.USER, uuid(99))
NOWHERE = Resource(ResourceType.PROJECT, uuid(99))


@examples(30)
@given(worlds(), st.booleans())
def test_searches_find_what_checks_true_and_nothing_else(world: World, guarded: bool) -> None:
    """Each search equals asking about everything there is, for every question of a world."""
    authorizer = Authorizer(world.policy, world.directory, guards=None if guarded else ())
    catalogue = [(row.type, row.action) for row in world.policy.rows.catalogue]
    true = {
        (subject, action, resource)
        for subject, resource in itertools.product(SUBJECTS, EVERY)
        for type, action in catalogue
        if resource.type is type and authorizer.authorize(subject, action, resource)
    }
    for type, action in catalogue:
        for resource in (each for each in EVERY if each.type is type):
            found = list(authorizer.search_subjects(action, resource))
            assert {(subject, action, resource) for subject in found} == {
                each for each in true if each[1:] == (action, resource)
            }
        for subject in SUBJECTS:
            reached = list(authorizer.search_resources(subject, action, type))
            assert {(subject, action, resource) for resource in reached} == {
                each for each in true if each[:2] == (subject, action) and each[2].type is type
            }
    for subject, resource in itertools.product(SUBJECTS, EVERY):
        actions = list(authorizer.search_actions(subject, resource))
        assert {(subject, action, resource) for action in actions} == {
            each for each in true if (each[0], each[2]) == (subject, resource)
        }


def test_pages_are_the_results_in_order() -> None:
    """Going from page to page gives every result once, in the order of the whole search."""
    authorizer = Authorizer(directory=DIRECTORY)
    search = authorizer.search_actions(OWNER, WEB)
    everything = list(search)
    assert everything == sorted(everything, key=lambda action: action.short)
    for size in range(1, len(everything) + 2):
        paged: list[Action] = []
        token = ""
        while True:
            page = search.page(size, token)
            assert len(page.results) <= size
            paged += page.results
            token = page.next_token
            if not token:
                break
        assert paged == everything


def test_a_token_means_the_same_place_after_a_change() -> None:
    """Between two pages somebody joins: nobody is listed twice, and nobody is skipped."""
    authorizer = Authorizer(directory=DIRECTORY)
    before = list(authorizer.search_subjects(Action.UPDATE, WEB))
    first = authorizer.search_subjects(Action.UPDATE, WEB).page(1)
    joined = DIRECTORY.changed(add=[Membership(uuid(60), EDITORS, MEMBER)])
    authorizer.reload(directory=joined)
    rest = authorizer.search_subjects(Action.UPDATE, WEB).page(99, first.next_token)
    assert [*first.results, *rest.results] == sorted([*before, MEMBER], key=str)


def test_a_token_is_good_for_its_own_search_only() -> None:
    """A token of another question, a made-up one and a cut one are refused."""
    authorizer = Authorizer(directory=DIRECTORY)
    token = authorizer.search_subjects(Action.UPDATE, WEB).page(1).next_token
    other = authorizer.search_subjects(Action.GET, WEB)
    for wrong in (token, "x", "!", token[:8], "é"):
        with pytest.raises(RequestError, match="another search"):
            other.page(1, wrong)
    for limit in (0, -1):
        with pytest.raises(RequestError, match="at least one"):
            other.page(limit)


def test_searches_by_kind_find_that_kind_only() -> None:
    """With a principal, only its subjects are found."""
    authorizer = Authorizer(directory=DIRECTORY)
    everyone = set(authorizer.search_subjects(Action.GET, WEB))
    robots = set(authorizer.search_subjects(Action.GET, WEB, principal=Principal.SERVICE_ACCOUNT))
    assert robots == {each for each in everyone if each.principal is Principal.SERVICE_ACCOUNT}
    assert robots


def test_what_is_not_known_is_found_by_nobody() -> None:
    """Searches about an unknown subject or resource are empty, not errors."""
    authorizer = Authorizer(directory=DIRECTORY)
    assert list(authorizer.search_subjects(Action.GET, NOWHERE)) == []
    assert list(authorizer.search_resources(NOBODY, Action.GET, ResourceType.PROJECT)) == []
    assert list(authorizer.search_actions(EDITOR, NOWHERE)) == []


def test_being_allowed_to_list_does_not_show_every_item() -> None:
    """Every member may list environments; it sees one only if it may get it."""
    authorizer = Authorizer(directory=DIRECTORY)
    listing = Resource.new(ResourceType.ENVIRONMENT, (ACME,))
    box = next(entry.resource for entry in DIRECTORY.resources(ResourceType.ENVIRONMENT))
    for subject, sees in ((EDITOR, False), (MEMBER, True)):
        assert authorizer.authorize(subject, Action.LIST, listing)
        assert bool(authorizer.may_see(subject, box)) is sees


def test_what_has_no_get_is_seen_by_whoever_may_list_it() -> None:
    """A secret is seen by those who may list it."""
    authorizer = Authorizer(directory=DIRECTORY)
    secret = next(entry.resource for entry in DIRECTORY.resources(ResourceType.SECRET))
    decision = authorizer.may_see(EDITOR, secret)
    assert decision.allowed
    assert decision.question.action is Action.LIST
