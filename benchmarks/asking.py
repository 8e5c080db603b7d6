"""The loops that ask, and the cells they ask about.

Knows how a question is put as a call's arguments. Each loop here is used both for what is
measured and for what it is compared with.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from itertools import islice, repeat
from typing import Protocol

from rbac import Action, Policy, Principal, Question, ResourceRole, ResourceType
from rbac.table import DecisionTable
from rbac.verification import cells

Plain = tuple[Principal, ResourceRole, ResourceType, Action]
"""A cell's four arguments; `own` is left to its default."""

Nested = Mapping[Principal, Mapping[ResourceRole, Mapping[ResourceType, Mapping[Action, object]]]]

SEED = 2025
"""What the sample of cells is drawn from: the same cells in every run."""


class Check(Protocol):
    """Whatever can be called as `rbac.check` is, in its kinds form."""

    def __call__(
        self,
        subject: Principal,
        role: ResourceRole,
        resource: ResourceType,
        action: Action | None = None,
        *,
        own: bool = False,
    ) -> object:
        """Answers, or does not."""
        ...


def empty(  # the empty call of the figures: the signature of `check`, and nothing behind it
    subject: Principal,
    role: ResourceRole,
    resource: ResourceType,
    action: Action | None = None,
    *,
    own: bool = False,
) -> None:
    """Does nothing, with the signature of `rbac.check`."""


class Empty:
    """An object whose `check` does nothing, as a method."""

    def check(
        self,
        subject: Principal,
        role: ResourceRole,
        resource: ResourceType,
        action: Action | None = None,
        *,
        own: bool = False,
    ) -> None:
        """Does nothing, with the signature of `rbac.check`."""


def ask_one(check: Check, cell: Plain, times: int) -> None:
    """Asks one cell again and again."""
    subject, role, resource, action = cell
    for _ in repeat(None, times):
        check(subject, role, resource, action)


def ask_written_out(check: Check, times: int) -> None:
    """Asks one cell again and again, with its names written out as people write them."""
    for _ in repeat(None, times):
        check(Principal.USER, ResourceRole.PROJECT_EDITOR, ResourceType.PROJECT, Action.UPDATE)


HOT: Plain = (
    Principal.USER,
    ResourceRole.PROJECT_EDITOR,
    ResourceType.PROJECT,
    Action.UPDATE,
)
"""The cell that `ask_written_out` asks."""


def ask_each(check: Check, plain: Iterable[Plain]) -> None:
    """Asks every cell once, with four arguments."""
    for subject, role, resource, action in plain:
        check(subject, role, resource, action)


def ask_each_own(check: Check, questions: Iterable[Question]) -> None:
    """Asks every cell once, with four arguments and `own`."""
    for subject, role, resource, action, own in questions:
        check(subject, role, resource, action, own=own)


def look_up_nested(table: Nested, plain: Iterable[Plain]) -> None:
    """Looks every cell up in dicts within dicts, without a call."""
    for subject, role, resource, action in plain:
        _ = table[subject][role][resource][action]


def look_up_flat(table: Mapping[Plain, object], plain: Iterable[Plain]) -> None:
    """Looks every cell up in one dict by a tuple, which it builds as a caller has to."""
    for subject, role, resource, action in plain:
        _ = table[subject, role, resource, action]


def random_cells(policy: Policy, count: int) -> list[Question]:
    """`count` cells out of all cells of `policy`, own or not, the same in every run."""
    pairs = [
        (principal, role)
        for principal in Principal
        for role in ResourceRole
        if "UNSPECIFIED" not in (principal.name, role.name)
    ]
    catalogue = policy.rows.catalogue
    total = len(pairs) * len(catalogue) * 2
    found = []
    # Cells are numbered and only the drawn ones built: a large policy has millions.
    for number in random.Random(SEED).sample(range(total), min(count, total)):
        rest, own = divmod(number, 2)
        pair, row = divmod(rest, len(catalogue))
        permission = catalogue[row]
        found.append(Question(*pairs[pair], permission.type, permission.action, bool(own)))
    return found


def random_plain(policy: Policy, count: int) -> list[Plain]:
    """`count` cells of `policy` that do not ask of an own resource, the same in every run."""
    # Nearly half of any sample asks of an own resource, hence three times as many.
    drawn = (
        (principal, role, type, action)
        for principal, role, type, action, own in random_cells(policy, 3 * count)
        if action is not None and not own
    )
    return list(islice(drawn, count))


def allowed_cells(policy: Policy, count: int) -> list[Question]:
    """`count` cells of `policy` that are allowed, the same in every run."""
    table = DecisionTable(policy)
    eligible = {(row.principal, row.role) for row in policy.rows.eligibility}
    population = [
        question
        for question in cells(policy)
        if (question.principal, question.role) in eligible and table.allows(question)
    ]
    return random.Random(SEED).sample(population, min(count, len(population)))
