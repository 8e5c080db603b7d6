"""Why an answer is what it is, and what would change it.

Knows how to read from the decision table every grant behind an allow, and behind a denial
every smallest change that would allow it. It must not decide: that a change allows is
asked of the table, or follows from adding the very grant that the question needs.

A change is another role to hold, another principal, a resource that is the subject's own,
or a grant to add. A grant is proposed for the role asked about, with the narrowest reach
that allows; the same grant to one of its juniors, or with a wider reach, allows too, and
opens more.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

from rbac.decision import Decision
from rbac.hierarchy import paths, successors
from rbac.light import NamedTuple
from rbac.rows import Grant, Permission, Reach
from rbac.table import Basis, DecisionTable
from rbac.terms import Question
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType


class Change(NamedTuple):
    """What would have to be otherwise: the question to ask, and the grant to add, if any.

    `parts` names the differences: ``principal``, ``role``, ``own``, ``grant``.
    """

    question: Question
    grant: Grant | None
    parts: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """The differences alone, names in their short spelling."""
        question, grant = self.question, self.grant
        values: dict[str, object] = {
            "principal": question.principal.short,
            "role": question.role.short,
            "own": question.own,
            "grant": [name.short for name in grant[:4]] if grant else None,
        }
        return {part: values[part] for part in self.parts}


class Explanation:
    """A decision with everything behind it.

    `bases` is every grant that allows the cell, each with its path through seniority,
    nearest first; empty for a denial. `question` is what was asked. `changes` is, for a
    denial, every smallest change: each single one, or where there is none each pair.
    `further` counts larger ones.
    """

    __slots__ = ("_table", "bases", "changes", "decision", "question")

    def __init__(self, table: DecisionTable, question: Question) -> None:
        self._table = table
        self.question = question
        self.decision: Decision = table.decide(question)
        self.bases: tuple[Basis, ...] = ()
        self.changes: tuple[Change, ...] = ()
        if question.action is not None and self.decision.allowed:
            self.bases = _allowing(table, question)
        elif question.action is not None:
            search = _Search(table, question)
            self.changes = search.singles or tuple(search.changes(2))

    @property
    def further(self) -> dict[int, int]:
        """How many smallest sets of changes of each larger size there are; made when read."""
        question = self.question
        if question.action is None or self.decision.allowed:
            return {}
        listed = len(self.changes[0].parts) if self.changes else 2
        search = _Search(self._table, question)
        counts = {size: sum(1 for _ in search.changes(size)) for size in range(listed + 1, 4)}
        return {size: count for size, count in counts.items() if count}

    def opens(self, change: Change) -> int:
        """How many cells besides the one asked about `change` would open; made when read.

        With another role or principal, what it permits beyond the one asked about; with a
        grant, every cell of the policy that becomes allowed.
        """
        asked, then = self.question, change.question
        before = _permitted(self._table, asked.principal, asked.role)
        after = _permitted(self._table, then.principal, then.role)
        cell = (then.type, then.action, then.own)
        gained = len(after - before - {cell})
        if change.grant is not None:
            gained += sum(1 for _ in _opened_by(self._table, change.grant)) - 1
        return gained

    def ranked(self) -> list[tuple[Change, int]]:
        """Every change with how much else it opens, the one that opens least first."""
        opened = [(change, self.opens(change)) for change in self.changes]
        return sorted(opened, key=lambda each: each[1])

    def as_dict(self) -> dict[str, object]:
        """The explanation as plain JSON values."""
        return {
            "decision": self.decision.as_dict(),
            "bases": [
                {
                    "grant": [name.short for name in basis.grant[:4]],
                    "place": str(basis.grant.place),
                    "rationale": str(basis.grant.rationale or ""),
                    "through": [role.short for role in basis.through],
                }
                for basis in self.bases
            ],
            "changes": [change.as_dict() | {"opens": opens} for change, opens in self.ranked()],
            "further": {str(size): count for size, count in self.further.items()},
        }


def _allowing(table: DecisionTable, question: Question) -> tuple[Basis, ...]:
    assert question.action is not None, "a cell names an action"
    bases = table.bases(question.role, Permission(question.action, question.type))
    return tuple(basis for basis in bases if basis.grant.reach is Reach.ANY or question.own)


_PARTS = ("principal", "role", "own", "grant")
_PRINCIPALS = [each for each in Principal if each is not Principal.UNSPECIFIED]


class _Search:
    """The questions near one that was denied, and which of them the policy allows."""

    def __init__(self, table: DecisionTable, asked: Question) -> None:
        assert asked.action is not None, "a cell names an action"
        self.table = table
        self.asked = asked
        self.permission = Permission(asked.action, asked.type)
        self.permitting = table.roles_with(self.permission)
        self.singles = tuple(self.changes(1))

    def changes(self, size: int) -> Iterator[Change]:
        for parts in itertools.combinations(_PARTS, size):
            if "own" in parts and self.asked.own:
                continue
            for principal, role in self.allowing(parts):
                if size == 1 or self.needs_all(principal, role, parts):
                    yield self.change(principal, role, parts)

    def allowing(self, parts: tuple[str, ...]) -> Iterator[tuple[Principal, ResourceRole]]:
        """Every other principal, every other role, as `parts` says, that is allowed then."""
        asked = self.asked
        roles = self.roles(parts)
        if not roles:
            return
        for principal in _PRINCIPALS if "principal" in parts else (asked.principal,):
            if "principal" in parts and principal is asked.principal:
                continue
            may_hold = self.table.open_to(principal)
            for role in roles:
                if role in may_hold:
                    yield principal, role

    def roles(self, parts: tuple[str, ...]) -> list[ResourceRole]:
        """The roles, as `parts` says, that permit it then, whoever holds them."""
        asked = self.asked
        fitting: Collection[ResourceRole] = self.permitting
        if "grant" in parts:
            fitting = self.table.grantable_to(self.permission)
        elif not asked.own and "own" not in parts:
            fitting = [role for role in fitting if self.permitting[role] is Reach.ANY]
        if "role" in parts:
            return [role for role in fitting if role is not asked.role]
        return [asked.role] if asked.role in fitting else []

    def allows(self, principal: Principal, role: ResourceRole, own: bool, grant: bool) -> bool:
        if not self.table.eligible(principal, role):
            return False
        if grant:
            return role in self.table.grantable_to(self.permission)
        reach = self.permitting.get(role)
        return reach is Reach.ANY or (own and reach is not None)

    def needs_all(self, principal: Principal, role: ResourceRole, parts: tuple[str, ...]) -> bool:
        """Whether nothing is allowed with only some of the changes."""
        asked = self.asked
        return not any(
            self.allows(
                principal if "principal" in fewer else asked.principal,
                role if "role" in fewer else asked.role,
                asked.own or "own" in fewer,
                "grant" in fewer,
            )
            for size in range(1 if self.singles else 2, len(parts))
            for fewer in itertools.combinations(parts, size)
        )

    def change(self, principal: Principal, role: ResourceRole, parts: tuple[str, ...]) -> Change:
        action, type = self.permission
        own = self.asked.own or "own" in parts
        reach = Reach.OWN if own else Reach.ANY
        grant = Grant(role, type, action, reach) if "grant" in parts else None
        return Change(Question(principal, role, type, action, own), grant, parts)


def _permitted(
    table: DecisionTable, principal: Principal, role: ResourceRole
) -> set[tuple[ResourceType, Action | None, bool]]:
    """The cells of a principal in a role: type, action and own."""
    if not table.eligible(principal, role):
        return set()
    return {
        (type, action, own)
        for type, cells in table.holdings(role).items()
        for action, cell in cells.items()
        for own in ((False, True) if cell.any else (True,))
    }


def _opened_by(table: DecisionTable, grant: Grant) -> Iterator[Question]:
    """Every cell of the policy that adding `grant` would allow: its seniors' too."""
    rows = table.policy.rows
    seniors = paths(successors((row.junior, row.senior) for row in rows.seniority), grant.role)
    owns = (False, True) if grant.reach is Reach.ANY else (True,)
    for row in rows.eligibility:
        if row.role in seniors:
            for own in owns:
                reach = table.reach(row.role, grant.permission)
                if reach is None or (reach is Reach.OWN and not own):
                    yield Question(row.principal, row.role, grant.type, grant.action, own)
