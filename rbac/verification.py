"""The proof that the table, the definition and Casbin agree, on every cell of a policy.

Knows how to enumerate the cells, ask all three evaluators and count. It must not decide
which answer is right: a disagreement is reported with all three.

Cells are proved a resource type at a time, because a Casbin enforcer that holds only the
grants on one type, and all other rows, answers hundreds of times faster and provably the
same for requests on that type. A sample goes through one enforcer that holds everything.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from rbac.enforcer import Enforcer
from rbac.light import NamedTuple
from rbac.policy import Policy
from rbac.semantics import Definition
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.vocabulary import Principal, ResourceRole, ResourceType

SAMPLE = 1_500
"""How many cells also go through one full, ungrouped enforcer; half of them allowed."""


class Disagreement(NamedTuple):
    """A cell on which the evaluators differ."""

    question: Question
    table: bool
    definition: bool
    casbin: bool


class Proof(NamedTuple):
    """What was asked, and where the three evaluators differ: nowhere, for a proof."""

    cells: int
    allowed: int
    sampled: int
    disagreements: tuple[Disagreement, ...]

    @property
    def holds(self) -> bool:
        """Whether every answer agreed."""
        return not self.disagreements


Progress = Callable[[int, int], None]


def cells(policy: Policy, type: ResourceType | None = None) -> Iterator[Question]:
    """Every question with an action: principals x roles x the catalogue x own.

    With `type`, those about resources of that type.
    """
    catalogue = [row for row in policy.rows.catalogue if type in (None, row.type)]
    for principal in Principal:
        for role in ResourceRole:
            if "UNSPECIFIED" in (principal.name, role.name):
                continue
            for row in catalogue:
                for own in (False, True):
                    yield Question(principal, role, row.type, row.action, own)


def verify(
    policy: Policy, *, progress: Progress | None = None, processes: int | None = None
) -> Proof:
    """Asks all three evaluators every cell of `policy`, on every processor.

    `progress` is told how many cells are done, of how many. A minute of processor time
    for the shipped policy. Raises `EnforcerError` where Casbin cannot be trusted.
    """
    sizes = Counter(row.type for row in policy.rows.catalogue)
    total = sum(1 for _ in cells(policy)) + len(sample(policy))
    with ProcessPoolExecutor(
        processes or os.cpu_count(),
        # Forking a process that may have threads can leave a lock held for ever.
        mp_context=get_context("spawn"),
        initializer=_work_on,
        initargs=(policy,),
    ) as pool:
        # The longest first, so that no processor is left with one at the end.
        parts = [pool.submit(_prove_type, type) for type, _ in sizes.most_common()]
        parts += [pool.submit(_prove_sample, part) for part in range(_SAMPLE_PARTS)]
        return _collect(parts, total, progress)


def _collect(parts: list[Future[Proof]], total: int, progress: Progress | None) -> Proof:
    asked, allowed, sampled = 0, 0, 0
    wrong: list[Disagreement] = []
    for done in as_completed(parts):
        part = done.result()
        asked, allowed, sampled = asked + part.cells, allowed + part.allowed, sampled + part.sampled
        wrong += part.disagreements
        if progress:
            progress(asked + sampled, total)
    return Proof(asked, allowed, sampled, tuple(sorted(wrong, key=str)))


_SAMPLE_PARTS = 6
_policy: Policy


def _work_on(policy: Policy) -> None:
    global _policy
    _policy = policy


def _prove_type(type: ResourceType) -> Proof:
    questions = list(cells(_policy, type))
    allowed, wrong = compare(_policy, Enforcer(_policy, [type]), questions)
    return Proof(len(questions), allowed, 0, wrong)


def _prove_sample(part: int) -> Proof:
    questions = sample(_policy)[part::_SAMPLE_PARTS]
    _, wrong = compare(_policy, Enforcer(_policy), questions)
    return Proof(0, 0, len(questions), wrong)


def sample(policy: Policy) -> list[Question]:
    """The cells for the full enforcer: the same for the same policy; half allowed ones."""
    draw = random.Random(policy.digest)
    table = DecisionTable(policy)
    questions = list(cells(policy))
    allowed = [question for question in questions if table.allows(question)]
    half = min(SAMPLE // 2, len(allowed))
    rest = min(SAMPLE - half, len(questions))
    return draw.sample(allowed, half) + draw.sample(questions, rest)


def compare(
    policy: Policy, enforcer: Enforcer, questions: Iterable[Question]
) -> tuple[int, tuple[Disagreement, ...]]:
    """How many questions the table allows, and those on which any evaluator differs."""
    table, definition = DecisionTable(policy), Definition(policy)
    allowed, wrong = 0, []
    for question in questions:
        answers = table.allows(question), definition.allows(question), enforcer.allows(question)
        allowed += answers[0]
        if len(set(answers)) > 1:
            wrong.append(Disagreement(question, *answers))
    return allowed, tuple(wrong)
