"""What becomes of policy tests, against asking every cell one by one."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.blocks import Block
from rbac.policy import Policy
from rbac.rows import Permission, Place, Reach, Rows
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.testing.running import FAILED, PASSED, SKIPPED, Runner
from rbac.testing.suites import Matrix, PolicyTest, Suite
from rbac.verification import cells
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.strategies import examples, valid_rows
from tests.testing.helping import SHIPPED, matrices, outcomes, suites

PAGES = sorted((Path(__file__).parents[1] / "corpus" / "directories").glob("*.toml"))


@examples(12)
@given(valid_rows(), st.data())
def test_whatever_is_not_listed_is_expected_to_be_denied(rows: Rows, data: st.DataObject) -> None:
    """A matrix is wrong about exactly the cells that asking each of its cells shows."""
    table = DecisionTable(Policy(rows))
    matrix = data.draw(matrices(table))
    wrong = {
        cell
        for cell in cells(table.policy)
        if cell.principal in matrix.principals
        and cell.role in matrix.roles
        and cell.type in matrix.types
        and table.allows(cell) is not expects(matrix, cell)
    }
    outcome = Runner(table).run(Suite("f", ()), PolicyTest("t", Place("f", 1), matrix))
    found: set[Question] = set()
    for each in outcome.wrong:
        assert isinstance(each.asked, Block)
        found |= set(each.asked.cells())
        assert all(table.allows(cell) is (each.expected == "denied") for cell in each.asked.cells())
        assert each.got == table.decide(next(each.asked.cells()))
    assert found == wrong
    assert outcome.result == (FAILED if wrong else PASSED)


def expects(matrix: Matrix, cell: Question) -> bool:
    """Whether a matrix expects a cell of its own to be allowed."""
    assert cell.action is not None
    reach = matrix.allowed.get(Permission(cell.action, cell.type))
    return reach is Reach.ANY or (reach is Reach.OWN and cell.own)


def test_every_action_that_exists_is_looked_at_on_own_resources_and_others(tmp_path: Path) -> None:
    """The number of answers is principals x roles x actions of the types x 2, and no other."""
    (outcome,) = outcomes(
        tmp_path,
        """
        tests:
          - name: a project user
            principals: [user, service_account]
            roles: [project_user]
            types: [project, secret]
            allowed: {project: [get, list, use], secret: [list]}
        """,
    )
    actions = [*SHIPPED.actions_on(ResourceType.PROJECT), *SHIPPED.actions_on(ResourceType.SECRET)]
    assert (outcome.result, outcome.looked) == (PASSED, 2 * 1 * len(actions) * 2)


def test_a_failure_says_what_was_expected_and_which_grant_decides(tmp_path: Path) -> None:
    """Too much, too little and another reach are each a block of cells, with the decision."""
    (outcome,) = outcomes(
        tmp_path,
        """
        tests:
          - name: wrong about much
            principals: [user]
            roles: [workflow_executor]
            types: [workflow, workflow_execution]
            allowed:
              workflow: [get, list, start, delete]
              workflow_execution: [get]
            own:
              workflow_execution: [list, cancel]
        """,
    )
    runs = ResourceType.WORKFLOW_EXECUTION
    wrong = {
        (each.expected, name.types[0], name.actions, name.owns): each
        for each in outcome.wrong
        if isinstance(name := each.asked, Block)
    }
    assert set(wrong) == {
        ("denied", runs, (Action.LIST_OUTPUTS,), (True,)),
        ("allowed", ResourceType.WORKFLOW, (Action.DELETE,), (False, True)),
        ("allowed", runs, (Action.GET,), (False,)),
    }
    outputs = wrong["denied", runs, (Action.LIST_OUTPUTS,), (True,)]
    assert outputs.place == Place(str(tmp_path / "some.yaml"), 2)
    assert (
        "workflow_executor may list_outputs workflow_execution of its own, by " in outputs.sentence
    )
    assert outputs.got.grant is not None


REASONS = """
tests:
  - name: why a runner may not
    principals: [user, runner]
    roles: [project_user]
    types: [project]
    allowed: nothing
    reasons: {not_eligible: [grant, delete]}
"""


def test_an_expected_reason_is_held_to(tmp_path: Path) -> None:
    """A denial for another reason than the one that is expected fails the test."""
    (outcome,) = outcomes(tmp_path, REASONS.replace("[user, runner]", "[runner]"))
    assert outcome.result == PASSED
    (outcome,) = outcomes(tmp_path, REASONS)
    wrong = [each for each in outcome.wrong if each.expected == "denied: not_eligible"]
    assert [str(each.got.reason.short) for each in wrong] == ["no_grant"]
    assert [each.size for each in wrong] == [4]
    everything = REASONS.replace("[user, runner]", "[runner]").replace("[grant, delete]", "all")
    assert outcomes(tmp_path, everything)[0].result == PASSED
    other = everything.replace("not_eligible", "no_grant")
    assert outcomes(tmp_path, other)[0].result == FAILED


THREE = """
tests:
  - name: right
    principals: [user]
    roles: [project_user]
    types: [secret]
    allowed: [list]
  - name: not yet
    skip: waits for a decision
    principals: [user]
    roles: [project_user]
    types: [secret]
    allowed: nothing
  - name: wrong
    principals: [user]
    roles: [project_user]
    types: [secret]
    allowed: nothing
  - name: right again
    principals: [user]
    roles: [project_user]
    types: [secret]
    allowed: [list]
"""


def test_what_is_skipped_is_not_run(tmp_path: Path) -> None:
    """A skipped test has looked at nothing, and is neither passed nor failed."""
    found = outcomes(tmp_path, THREE)
    assert [each.result for each in found] == [PASSED, SKIPPED, FAILED, PASSED]
    assert (found[1].looked, found[1].wrong) == (0, ())


def test_tests_are_chosen_and_stopped(tmp_path: Path) -> None:
    """Only wanted tests run; with fail-fast, nothing after the first failure."""
    runner, read = Runner(SHIPPED), suites(tmp_path, THREE)
    right = runner.run_all(read, lambda test: "right" in test.name, fail_fast=False)
    assert [each.test.name for each in right] == ["right", "right again"]
    first = runner.run_all(read, lambda _: True, fail_fast=True)
    assert [each.test.name for each in first] == ["right", "not yet", "wrong"]


UNSAID = (" unknown", "unknown", "*", "derived", "act_on", "expiring", "refused")
"""What the notation of policy tests has no words for."""


def written(page: dict[str, object]) -> str:
    """A page of the corpus as a policy test; JSON is YAML."""
    tables = ("organizations", "subjects", "resources", "groups", "assignments")
    directory = {"organizations": ["acme"]} | {key: page[key] for key in tables if key in page}
    denied = [str(text).rpartition(": ") for text in page.get("denied", ())]  # type: ignore[attr-defined]
    test = {"name": page["idea"], "denied": {question: reason for question, _, reason in denied}}
    if page.get("allowed"):
        test["allowed"] = page["allowed"]
    if not denied:
        del test["denied"]
    whole = {"directory": directory, "tests": [test]}
    return json.dumps(whole | ({"guards": page["guards"]} if "guards" in page else {}))


SAID = {
    path.stem: written(page)
    for path in PAGES
    if not any(word in path.read_text(encoding="utf-8") for word in UNSAID)
    and (page := tomllib.loads(path.read_text(encoding="utf-8")))
}


@pytest.mark.parametrize("name", SAID)
def test_scenarios_are_answered_by_the_authorizer(tmp_path: Path, name: str) -> None:
    """The library's own pages of who holds what, written as policy tests, pass."""
    (outcome,) = outcomes(tmp_path, SAID[name])
    assert (outcome.result, outcome.wrong) == (PASSED, ())
    assert outcome.looked > 0


def test_most_of_the_corpus_can_be_said() -> None:
    """The check above is not about a few pages only."""
    assert len(SAID) > len(PAGES) / 2


def test_a_wrong_answer_about_somebody_is_shown_by_name(tmp_path: Path) -> None:
    """The question as written, at its line, and the decision with names in place of ids."""
    (outcome,) = outcomes(
        tmp_path,
        """
        directory:
          organizations: [acme]
          subjects: [ada, bob]
          resources: [web project in acme of ada]
        tests:
          - name: two wrong of four
            allowed: [ada get web, bob delete web]
            denied:
              ada delete web: not_held
              bob grant web: no_grant
        """,
    )
    assert outcome.looked == 4
    shown = [(each.place.line, each.asked, each.expected, each.sentence) for each in outcome.wrong]
    assert shown[0] == (
        *(7, "bob delete web", "allowed"),
        'denied: user:bob has no grant for "delete project" on project:web',
    )
    line, asked, expected, sentence = shown[1]
    assert (line, asked, expected) == (9, "ada delete web", "denied: not_held")
    assert sentence.startswith("allowed: user:ada may delete project:web, holding project_admin")
    assert [each.size for each in outcome.wrong] == [1, 1]


FOLDER = Path(__file__).parents[2] / "examples" / "organization"


def test_a_directory_may_be_a_folder_whose_subjects_are_given_names(tmp_path: Path) -> None:
    """Questions speak by the names that the file gives, or by ids."""
    owner = "user:00000002-0000-4000-8000-000000000001"
    found = outcomes(
        tmp_path,
        f"""
        directory: {FOLDER}
        names: {{somebody: "{owner}"}}
        tests:
          - name: everybody sees itself
            allowed: [somebody get user:somebody, {owner} get {owner}]
        """,
    )
    assert [each.result for each in found] == [PASSED]


def test_expectations_are_of_one_policy(tmp_path: Path) -> None:
    """The same tests pass or fail by the policy that they are read about."""
    text = """
        tests:
          - name: nobody may
            principals: [user]
            roles: [project_user]
            types: [project]
            allowed: [get, list, use]
    """
    rows = Policy.shipped().rows
    fewer = tuple(
        grant
        for grant in rows.grants
        if grant[:3] != (ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.USE)
    )
    assert len(fewer) == len(rows.grants) - 1
    changed = DecisionTable(Policy(rows._replace(grants=fewer)))
    assert [each.result for each in outcomes(tmp_path, text)] == [PASSED]
    (outcome,) = outcomes(tmp_path, text, changed)
    block = outcome.wrong[0].asked
    assert isinstance(block, Block)
    assert (block.principals, block.actions) == ((Principal.USER,), (Action.USE,))
