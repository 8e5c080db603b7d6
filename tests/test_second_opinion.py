"""A second opinion: Cedar, told the same policy and directory, allows and denies the same."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Authorizer, Credential, Directory, Policy
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, inactive_subject
from rbac.terms import InstanceQuestion
from tests.cedar import cedar_of
from tests.scenarios import NOW, read
from tests.strategies import examples
from tests.test_scenarios import ASKED, expected
from tests.worlds import CREDENTIALS, SUBJECTS, World, new_resources, questions, worlds

USUAL = (inactive_subject(lambda: NOW), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL)
UNGUARDED = {name: page for name, page in ASKED.items() if "guards" not in page}


def compare(world: World, asked: list[InstanceQuestion], guarded: bool) -> None:
    """Holds that Cedar allows exactly what the authorizer allows."""
    guards = USUAL if guarded else ()
    access = Authorizer(world.policy, world.directory, guards=guards).access
    cedar = cedar_of(world.policy, world.directory, NOW)
    for question in asked:
        decision = access.decide(*question)
        assert (question, cedar.allows(question, guarded=guarded)) == (question, decision.allowed)


@examples(60)
@given(worlds(), st.booleans(), st.sampled_from(CREDENTIALS))
def test_cedar_agrees_about_every_world(
    world: World, guarded: bool, credential: Credential | None
) -> None:
    """Every subject, permission and resource of a directory is decided alike."""
    asked = [
        question._replace(credential=credential)
        for question in questions(world)
        if question.role is None and question.action is not None
    ]
    compare(world, asked, guarded)


@examples(25)
@given(worlds(), st.booleans())
def test_cedar_agrees_about_what_does_not_exist_yet(world: World, guarded: bool) -> None:
    """What is to be made in a directory is decided alike."""
    actions = {row.type: row.action for row in world.policy.rows.catalogue}
    made = itertools.islice(new_resources(world.directory), 12)
    asked = [
        InstanceQuestion(subject, None, resource, actions[resource.type])
        for resource in made
        if resource.type in actions
        for subject in SUBJECTS
    ]
    compare(world, asked, guarded)


@pytest.mark.parametrize("name", UNGUARDED)
def test_cedar_agrees_about_every_scenario(name: str) -> None:
    """Every question without a role, of a page without optional guards, is decided as written."""
    page = UNGUARDED[name]
    scenario = read(page)
    policy = Policy.shipped()
    cedar = cedar_of(policy, Directory(scenario.records), NOW)
    asked = [
        (text, scenario.question(text), bool(reason.name == "GRANTED"))
        for text, reason in expected(page)
    ]
    for text, question, allowed in asked:
        if question.role is None and question.action is not None:
            assert (text, cedar.allows(question)) == (text, allowed)
