"""Who may do what in small organizations, asked of the definition and of the authorizer."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rbac import Action, Authorizer, Directory, DirectoryError, ErrorCode, Policy, Reason
from rbac.guards import FOREIGN_ORGANIZATION, OPTIONAL, READ_ONLY_CREDENTIAL, inactive_subject
from rbac.semantics import answer
from rbac.terms import InstanceQuestion
from rbac.vocabulary import ResourceType
from tests.scenarios import NOW, Scenario, read

CORPUS = sorted((Path(__file__).parent / "corpus" / "directories").glob("*.toml"))
PAGES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in CORPUS}
ASKED = {name: page for name, page in PAGES.items() if "refused" not in page}
REFUSED = {name: page for name, page in PAGES.items() if "refused" in page}
USUAL = (inactive_subject(lambda: NOW), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL)
EXTRA = {guard.name: guard for guard in OPTIONAL}
KEYS = {
    *("idea", "organizations", "subjects", "unknown", "resources", "groups", "assignments"),
    *("guards", "allowed", "denied", "codes", "who_can", "what_can", "refused"),
}

Decide = Callable[[InstanceQuestion], Reason]


def authorizer_of(page: dict[str, Any], scenario: Scenario) -> Authorizer:
    """The authorizer of a page, with the usual guards and those that it names."""
    guards = (*USUAL, *(EXTRA[name] for name in page.get("guards", ())))
    return Authorizer(directory=Directory(scenario.records), guards=guards)


def by_authorizer(page: dict[str, Any], scenario: Scenario) -> Decide:
    """The reasons of the authorizer, whichever way it is asked."""
    authorizer = authorizer_of(page, scenario)

    def decide(question: InstanceQuestion) -> Reason:
        subject, role, resource, action, credential = question
        assert subject is not None
        if role is not None:
            return authorizer.check(subject, role, resource, action, credential=credential).reason
        assert action is not None
        return authorizer.authorize(subject, action, resource, credential=credential).reason

    return decide


def by_definition(page: dict[str, Any], scenario: Scenario) -> Decide:
    """The reasons of the definition, which knows the usual guards only."""
    policy = Policy.shipped()
    return lambda question: answer(policy, scenario.records, question, True, NOW)


EVALUATORS = {"definition": by_definition, "authorizer": by_authorizer}


def expected(page: dict[str, Any]) -> Iterator[tuple[str, Reason]]:
    """Every question of a page and its reason."""
    for text in page.get("allowed", ()):
        yield text, Reason.GRANTED
    for text in page.get("denied", ()):
        question, _, reason = text.rpartition(":")
        yield question, Reason[reason.strip().upper()]


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_scenarios_are_decided_as_written(name: str, evaluator: str) -> None:
    """Both evaluators give the expected reason to every question of every page."""
    page = ASKED[name]
    assert page["idea"].endswith(".")
    assert set(page) <= KEYS, "a page has no other words"
    scenario = read(page)
    decide = EVALUATORS[evaluator](page, scenario)
    questions = list(expected(page))
    assert questions
    for text, reason in questions:
        if evaluator == "definition" and "guards" in page and reason is Reason.REFUSED_BY_GUARD:
            reason = Reason.GRANTED  # an optional guard takes away what is defined
        assert (text, decide(scenario.question(text))) == (text, reason)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_directory_is_refused_for_its_reason(name: str) -> None:
    """Records that break a rule make no directory, and every rule they break is named."""
    page = REFUSED[name]
    assert set(page) <= KEYS, "a page has no other words"
    with pytest.raises(DirectoryError) as refused:
        Directory(read(page).records)
    messages = [problem.message for problem in refused.value.problems]
    assert len(messages) == len(page["refused"])
    for wanted in page["refused"]:
        assert any(wanted in message for message in messages), messages


@pytest.mark.parametrize("name", [name for name, page in ASKED.items() if "codes" in page])
def test_denials_have_the_expected_code(name: str) -> None:
    """What somebody may not read is not found; what it may read is refused."""
    page = ASKED[name]
    scenario = read(page)
    authorizer = authorizer_of(page, scenario)
    for text in page["codes"]:
        question, _, code = text.rpartition(":")
        subject, _, resource, action, credential = scenario.question(question)
        assert action is not None
        decision = authorizer.authorize(subject, action, resource, credential=credential)
        assert (text, decision.error_code) == (text, ErrorCode(code.strip()))


@pytest.mark.parametrize("name", [name for name, page in ASKED.items() if "who_can" in page])
def test_subjects_are_found_as_written(name: str) -> None:
    """Everybody who may do something to something, and nobody else, is found."""
    page = ASKED[name]
    scenario = read(page)
    authorizer = authorizer_of(page, scenario)
    for text in page["who_can"]:
        asked, _, names = text.rpartition(":")
        action, resource = asked.split()
        found = authorizer.search_subjects(Action.parse(action), scenario.resource(resource))
        assert set(found) == {scenario.subjects[each] for each in names.split()}, text


@pytest.mark.parametrize("name", [name for name, page in ASKED.items() if "what_can" in page])
def test_resources_are_found_as_written(name: str) -> None:
    """Everything of a type that somebody may do something to, and nothing else, is found."""
    page = ASKED[name]
    scenario = read(page)
    authorizer = authorizer_of(page, scenario)
    for text in page["what_can"]:
        asked, _, names = text.rpartition(":")
        who, action, type = asked.split()
        found = authorizer.search_resources(
            scenario.subjects[who], Action.parse(action), ResourceType.parse(type)
        )
        assert set(found) == {scenario.resource(each) for each in names.split()}, text
