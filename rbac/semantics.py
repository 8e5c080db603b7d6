"""The definition: what a decision means, in a page, to be read aloud.

Knows DESIGN's section on meaning and nothing else. It is slow, it is the truth, and every
other evaluator is tested against it; so it must not share code with them: no index, no
closure, no table.

    Roles add, requirements and guards take away, invariants forbid. Default deny.

A question of the kinds form asks the policy alone: what may any such principal do that
holds the role? The requirements that an instance would have to meet are named, not asked.
"""

from __future__ import annotations

from rbac.policy import Policy
from rbac.rows import Level, Reach
from rbac.terms import Question, Reason
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType


def eligible(policy: Policy, principal: Principal, role: ResourceRole) -> bool:
    """A principal is eligible for a role if the policy says so."""
    return any(row.principal is principal and row.role is role for row in policy.rows.eligibility)


def includes(policy: Policy, senior: ResourceRole, junior: ResourceRole) -> bool:
    """A role includes itself, and whatever a role it is senior to includes."""
    return senior is junior or any(
        row.senior is senior and includes(policy, row.junior, junior)
        for row in policy.rows.seniority
    )


def exists(policy: Policy, action: Action, type: ResourceType) -> bool:
    """A permission exists if the catalogue lists it."""
    return any(row.type is type and row.action is action for row in policy.rows.catalogue)


def permits(
    policy: Policy, role: ResourceRole, action: Action, type: ResourceType, own: bool
) -> bool:
    """A role permits what it, or a role it includes, has a grant for, within its reach."""
    return any(
        grant.type is type
        and grant.action is action
        and (grant.reach is Reach.ANY or own)
        and includes(policy, role, grant.role)
        for grant in policy.rows.grants
    )


def allows(policy: Policy, question: Question) -> bool:
    """Allowed iff the principal may hold the role, and the role permits it."""
    assert question.action is not None, "a cell names an action"
    return eligible(policy, question.principal, question.role) and permits(
        policy, question.role, question.action, question.type, question.own
    )


def reason(policy: Policy, question: Question) -> Reason:
    """The first reason, in order of precedence, that applies."""
    principal, role, type, action, own = question
    actions = [action] if action is not None else _actions(policy, type)
    if action is not None and not exists(policy, action, type):
        return Reason.NO_SUCH_PERMISSION
    if not eligible(policy, principal, role):
        return Reason.NOT_ELIGIBLE
    if any(permits(policy, role, each, type, own) for each in actions):
        return Reason.GRANTED
    if any(permits(policy, role, each, type, True) for each in actions):
        return Reason.OWN_ONLY
    return Reason.NO_GRANT


def readable(policy: Policy, question: Question) -> bool:
    """Whether the principal, in the role, may read anything there; else it is not shown."""
    principal, role, type, _, own = question
    return eligible(policy, principal, role) and any(
        row.type is type
        and row.level is Level.READ
        and permits(policy, role, row.action, type, own)
        for row in policy.rows.catalogue
    )


def _actions(policy: Policy, type: ResourceType) -> list[Action]:
    return [row.action for row in policy.rows.catalogue if row.type is type]


class Definition:
    """The definition as an evaluator: some 30 us a question on the shipped policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def allows(self, question: Question) -> bool:
        """Whether the policy allows what `question` asks."""
        return allows(self._policy, question)
