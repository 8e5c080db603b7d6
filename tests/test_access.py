"""Answers about somebody: the indexed evaluator against the definition, everywhere."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rbac.access import Access
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, Guard, inactive_subject
from rbac.policy import Policy, unvalidated
from rbac.records import Assignment
from rbac.semantics import answer
from rbac.table import DecisionTable
from rbac.terms import Credential, InstanceQuestion
from rbac.vocabulary import Action, ResourceRole, ResourceType
from tests.organization import ACME, DIRECTORY, DOCS, EDITOR, EDITORS, uuid
from tests.strategies import examples
from tests.worlds import CREDENTIALS, NOW, SUBJECTS, World, new_resources, questions, worlds

USUAL = (inactive_subject(lambda: NOW), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL)


def access_to(world: World, guards: tuple[Guard, ...]) -> Access:
    """The evaluator under test."""
    return Access(DecisionTable(world.policy), world.directory, guards)


def compare(world: World, asked: list[InstanceQuestion], guarded: bool) -> None:
    """Holds that both give the same reason to every question."""
    access = access_to(world, USUAL if guarded else ())
    records = world.directory.records
    for question in asked:
        subject, role, resource, action, credential = question
        assert subject is not None
        decision = access.decide(subject, role, resource, action, credential)
        expected = answer(world.policy, records, question, guarded, NOW)
        assert decision.reason is expected, question


@examples(40)
@given(worlds(), st.booleans(), st.sampled_from(CREDENTIALS))
def test_access_is_what_the_definition_says(
    world: World, guarded: bool, credential: Credential | None
) -> None:
    """Every subject, role, permission and resource of a directory has the defined reason."""
    asked = [each._replace(credential=credential) for each in questions(world)]
    compare(world, asked, guarded)


@examples(40)
@given(worlds(), st.booleans())
def test_new_resources_are_asked_about_as_defined(world: World, guarded: bool) -> None:
    """What does not exist yet is asked about by what it will lie within."""
    actions = {row.type: row.action for row in world.policy.rows.catalogue}
    asked = [
        InstanceQuestion(subject, None, resource, actions[resource.type])
        for subject, resource in itertools.product(SUBJECTS, new_resources(world.directory))
        if resource.type in actions
    ]
    compare(world, asked, guarded)


def test_snapshots_that_share_subjects_share_no_answers() -> None:
    """Asked in turn, two directories and two policies each say what they said at first."""
    gives = Assignment(uuid(97), EDITORS, ACME, ResourceRole.ORG_PROJECTS_ADMIN)
    later = DIRECTORY.changed(add=[gives])
    assert later.subject(EDITOR) is DIRECTORY.subject(EDITOR)
    shipped = Policy.shipped()
    without = unvalidated(
        shipped.rows._replace(
            grants=tuple(row for row in shipped.rows.grants if row.type is not ResourceType.PROJECT)
        )
    )
    expected = {
        Access(DecisionTable(shipped), DIRECTORY, ()): False,
        Access(DecisionTable(shipped), later, ()): True,
        Access(DecisionTable(without), later, ()): False,
    }
    for _ in range(3):
        for access, allowed in expected.items():
            assert access.decide(EDITOR, None, DOCS, Action.DELETE, None).allowed is allowed
