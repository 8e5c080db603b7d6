"""The proof of equality: it covers every cell, and it can fail."""

from pathlib import Path

import pytest

from rbac import verification
from rbac.enforcer import Enforcer
from rbac.policy import Policy
from rbac.rows import Rows
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.verification import cells, compare, sample, verify
from rbac.vocabulary import ResourceType
from tests.building import PRINCIPALS, ROLES, small_policy


def written(policy: Policy, folder: Path) -> Path:
    """The policy as a folder of files; grants of a small policy are all held on projects."""
    policy.write(folder / "policy")
    return folder / "policy"


def test_cells_are_all_questions_there_are() -> None:
    """The cells are principals times roles times permissions times own, each once."""
    policy = Policy.shipped()
    every = list(cells(policy))
    assert len(every) == len(PRINCIPALS) * len(ROLES) * len(policy.rows.catalogue) * 2
    assert len(set(every)) == len(every)


def test_a_small_policy_is_proved_on_every_cell() -> None:
    """The proof counts every cell and the allowed ones, and reports its progress to the end."""
    policy = small_policy(
        ["project_user project get any", "project_editor project update own"],
        seniority=["project_editor project_user"],
    )
    seen: list[tuple[int, int]] = []
    proof = verify(policy, progress=lambda done, total: seen.append((done, total)), processes=2)
    assert proof.holds
    assert proof.cells == 6 * 61 * 2 * 2
    assert proof.allowed == 5
    assert proof.sampled == len(sample(policy))
    assert seen[-1] == (proof.cells + proof.sampled,) * 2


@pytest.mark.parametrize("evaluator", ["DecisionTable", "Definition", "Enforcer"])
def test_one_wrong_answer_of_any_evaluator_is_found(
    evaluator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An evaluator that lies about a single cell is contradicted there, and only there."""
    policy = small_policy(["project_user project get any"])
    questions = list(cells(policy))
    lie = questions[100]
    honest = getattr(verification, evaluator)

    class Lying:
        def __init__(self, policy: Policy) -> None:
            self._honest = honest(policy)

        def allows(self, question: Question) -> bool:
            answer: bool = self._honest.allows(question)
            return answer ^ (question == lie)

    monkeypatch.setattr(verification, evaluator, Lying)
    enforcer: Enforcer = vars(verification)["Enforcer"](policy)
    _, wrong = compare(policy, enforcer, questions)
    assert [each.question for each in wrong] == [lie]


def test_a_table_that_forgets_a_junior_is_contradicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Casbin gets every row of seniority, so a closure of ours that loses one is found out."""
    policy = small_policy(
        ["project_user project get any"], seniority=["project_admin project_user"]
    )
    monkeypatch.setattr("rbac.table.paths", lambda _, start: {start: (start,)})
    _, wrong = compare(policy, Enforcer(policy, [ResourceType.PROJECT]), cells(policy))
    assert wrong
    assert {each.question.role.short for each in wrong} == {"project_admin"}


def test_the_sample_is_fixed_by_the_policy_and_half_allowed() -> None:
    """The sample is the same for the same policy, and half of it are allowed cells."""
    policy = Policy.shipped()
    first, second = sample(policy), sample(Policy(Rows(*policy.rows)))
    assert first == second
    assert len(first) == verification.SAMPLE
    table = DecisionTable(policy)
    assert all(table.allows(question) for question in first[: verification.SAMPLE // 2])
