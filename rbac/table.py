"""The decision table: the policy worked out for every cell, as it is asked about.

Knows how to answer a question of the kinds form fast, with the grant each answer rests
on. It must not know who holds what, nor read files. A table belongs to one policy for
ever, and so does every decision in it; to change the policy in force, use another table.

What it holds is bounded by the cells: a decision is made once, on its first use, and a
permission that does not exist is never kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from rbac.decision import Decision, Reason
from rbac.hierarchy import paths, successors
from rbac.light import NamedTuple
from rbac.policy import Policy
from rbac.rows import CatalogueRow, Grant, Level, Permission, Place, Reach, Requirement
from rbac.terms import Question
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

Memo = dict[Principal, dict[ResourceRole, dict[ResourceType, dict[Action | None, Decision]]]]


class Basis(NamedTuple):
    """A grant that decides, and the roles from the one asked about down to its own."""

    grant: Grant
    through: tuple[ResourceRole, ...]


class Cell(NamedTuple):
    """The determining grant of a permission on any resource, and the one on an own resource.

    Determining is the grant with the fewest steps of seniority, then the first by file
    and line. Whatever is permitted on any resource is permitted on an own one.
    """

    any: Basis | None
    own: Basis


Holdings = dict[ResourceType, dict[Action, Cell]]


class DecisionTable:
    """Every decision of one policy; the evaluator in use.

    `policy` may be a function that gives one: it is then called on the first question.
    `plain` and `own` hold the decisions made so far, by principal, role, type and action
    (None: without an action); reading them is safe in any thread.
    """

    __slots__ = (
        "_holdings",
        "_load",
        "_policy",
        "_roles_with",
        "own",
        "plain",
    )

    def __init__(self, policy: Policy | Callable[[], Policy]) -> None:
        self.plain: Memo = {}
        self.own: Memo = {}
        self._policy: _Indexed | None = None
        self._load = policy
        self._holdings: dict[ResourceRole, Holdings] = {}
        self._roles_with: dict[Permission, dict[ResourceRole, Reach]] = {}

    @property
    def policy(self) -> Policy:
        """The policy this table decides by."""
        return self._index().policy

    def allows(self, question: Question) -> bool:
        """Whether the policy allows what `question` asks."""
        return self.decide(question).allowed

    def decide(self, question: Question) -> Decision:
        """The decision on `question`; made on first use (microseconds), then looked up."""
        principal, role, type, action, own = question
        memo = self.own if own else self.plain
        try:
            return memo[principal][role][type][action]
        except KeyError:
            decision = self._decision(question)
        if decision.reason is Reason.NO_SUCH_PERMISSION:
            return decision
        by_type = memo.setdefault(principal, {}).setdefault(role, {})
        return by_type.setdefault(type, {}).setdefault(action, decision)

    def holdings(self, role: ResourceRole) -> Holdings:
        """All that `role` permits, juniors included: type, action, determining grants."""
        found = self._holdings.get(role)
        if found is None:
            found = self._holdings.setdefault(role, self._index().compile(role))
        return found

    def reach(self, role: ResourceRole, permission: Permission) -> Reach | None:
        """How far `role` has `permission`: on any resource, on own ones, or not at all."""
        cell = self.holdings(role).get(permission.type, {}).get(permission.action)
        if cell is None:
            return None
        return Reach.ANY if cell.any else Reach.OWN

    @property
    def roles(self) -> tuple[ResourceRole, ...]:
        """Every role of the policy, in its order."""
        return self._index().roles

    def roles_with(self, permission: Permission) -> dict[ResourceRole, Reach]:
        """Every role that has `permission`, inherited or not, with its reach; looked up after."""
        found = self._roles_with.get(permission)
        if found is None:
            reaches = ((role, self.reach(role, permission)) for role in self.roles)
            found = {role: reach for role, reach in reaches if reach is not None}
            self._roles_with[permission] = found
        return found

    @property
    def methods(self) -> Mapping[str, tuple[Permission, ...]]:
        """The permissions that each method of the API may need, by its full name."""
        return self._index().methods

    def bases(self, role: ResourceRole, permission: Permission) -> tuple[Basis, ...]:
        """Every grant through which `role` has `permission`, the determining one first."""
        return self._index().bases(role, permission)

    def eligible(self, principal: Principal, role: ResourceRole) -> bool:
        """Whether a subject of kind `principal` may hold `role` at all."""
        return (principal, role) in self._index().eligible

    def includes(self, role: ResourceRole) -> Collection[ResourceRole]:
        """Every role that `role` includes, at any distance, itself among them."""
        return self._index().paths(role)

    def row(self, permission: Permission) -> CatalogueRow | None:
        """What the catalogue says of a permission; None if there is no such permission."""
        return self._index().catalogue.get(permission.type, {}).get(permission.action)

    def actions_on(self, type: ResourceType) -> Collection[Action]:
        """Every action that exists on resources of `type`, in the order of the catalogue."""
        return self._index().catalogue.get(type, {})

    def requirements(self, permission: Permission) -> tuple[Requirement, ...]:
        """What `permission` takes besides a role that permits it."""
        return self._index().requirements.get((permission.type, permission.action), ())

    def open_to(self, principal: Principal) -> Collection[ResourceRole]:
        """The roles that a subject of kind `principal` may hold."""
        return self._index().open_to.get(principal, ())

    def grantable_to(self, permission: Permission) -> Collection[ResourceRole]:
        """The roles that a policy could grant it to: those held somewhere, if it exists."""
        index = self._index()
        exists = permission.action in index.catalogue.get(permission.type, {})
        return index.held if exists else ()

    def _index(self) -> _Indexed:
        if self._policy is None:
            load = self._load
            self._policy = _Indexed(load if isinstance(load, Policy) else load())
        return self._policy

    def _decision(self, question: Question) -> Decision:
        index = self._index()
        principal, role, type, action, own = question
        catalogue = index.catalogue.get(type, {})
        eligible = (principal, role) in index.eligible
        cells = self.holdings(role).get(type, {}) if eligible else {}
        actions = frozenset(each for each, cell in cells.items() if cell.any or own)
        readable = any(catalogue[each].level is Level.READ for each in actions)
        if action is None:
            reason = _reason_to_act(eligible, bool(cells), bool(actions))
            return Decision(index.policy, question, reason, actions=actions, readable=readable)
        reason = _reason(action in catalogue, eligible, cells.get(action), own)
        basis = _basis(cells.get(action), own)
        return Decision(
            index.policy,
            question,
            reason,
            grant=basis.grant if basis else None,
            through=basis.through if basis else (),
            requirements=index.requirements.get((type, action), ()),
            actions=actions,
            readable=readable,
        )


def _reason(exists: bool, eligible: bool, cell: Cell | None, own: bool) -> Reason:
    if not exists:
        return Reason.NO_SUCH_PERMISSION
    if not eligible:
        return Reason.NOT_ELIGIBLE
    if cell is None:
        return Reason.NO_GRANT
    return Reason.GRANTED if cell.any or own else Reason.OWN_ONLY


def _reason_to_act(eligible: bool, on_own: bool, acts: bool) -> Reason:
    if not eligible:
        return Reason.NOT_ELIGIBLE
    if acts:
        return Reason.GRANTED
    return Reason.OWN_ONLY if on_own else Reason.NO_GRANT


def _basis(cell: Cell | None, own: bool) -> Basis | None:
    """What the answer rests on; where only own resources are reached, what would reach them."""
    if cell is None:
        return None
    return cell.own if own or cell.any is None else cell.any


def _nearness(basis: Basis) -> tuple[int, Place]:
    """Fewest steps of seniority, then file and line."""
    return len(basis.through), basis.grant.place


class _Indexed:
    """A policy's rows by what they are asked for."""

    __slots__ = (
        "_paths",
        "catalogue",
        "eligible",
        "grants",
        "held",
        "juniors",
        "methods",
        "on",
        "open_to",
        "policy",
        "requirements",
        "roles",
    )

    def __init__(self, policy: Policy) -> None:
        rows = policy.rows
        self.policy = policy
        self.eligible = {(row.principal, row.role) for row in rows.eligibility}
        self.open_to: dict[Principal, set[ResourceRole]] = {}
        for principal, role in self.eligible:
            self.open_to.setdefault(principal, set()).add(role)
        self.roles = tuple(row.role for row in rows.roles)
        self.held = tuple(row.role for row in rows.roles if row.assigned_on is not None)
        self.juniors = successors((row.senior, row.junior) for row in rows.seniority)
        self.catalogue: dict[ResourceType, dict[Action, CatalogueRow]] = {}
        self.methods: dict[str, tuple[Permission, ...]] = {}
        for row in rows.catalogue:
            self.catalogue.setdefault(row.type, {})[row.action] = row
            for method in row.methods:
                permission = Permission(row.action, row.type)
                self.methods[method] = (*self.methods.get(method, ()), permission)
        self.requirements: dict[tuple[ResourceType, Action], tuple[Requirement, ...]] = {}
        for needed in rows.requirements:
            key = needed.type, needed.action
            self.requirements[key] = (*self.requirements.get(key, ()), needed)
        self.grants: dict[ResourceRole, list[Grant]] = {}
        self.on: dict[Permission, list[Grant]] = {}
        for grant in rows.grants:
            self.grants.setdefault(grant.role, []).append(grant)
            self.on.setdefault(grant.permission, []).append(grant)
        self._paths: dict[ResourceRole, dict[ResourceRole, tuple[ResourceRole, ...]]] = {}

    def paths(self, role: ResourceRole) -> dict[ResourceRole, tuple[ResourceRole, ...]]:
        """Every role that `role` includes, itself first, with a shortest path down to it."""
        found = self._paths.get(role)
        return found or self._paths.setdefault(role, paths(self.juniors, role))

    def bases(self, role: ResourceRole, permission: Permission) -> tuple[Basis, ...]:
        """Every grant of `permission` to a role that `role` includes, nearest first."""
        steps = self.paths(role)
        found = [
            Basis(grant, steps[grant.role])
            for grant in self.on.get(permission, ())
            if grant.role in steps
        ]
        return tuple(sorted(found, key=_nearness))

    def compile(self, role: ResourceRole) -> Holdings:
        """What `role` permits, each permission with its determining grants."""
        candidates = sorted(
            (
                Basis(grant, through)
                for each, through in self.paths(role).items()
                for grant in self.grants.get(each, ())
            ),
            key=_nearness,
        )
        any_: dict[Permission, Basis] = {}
        own: dict[Permission, Basis] = {}
        for basis in candidates:
            permission = basis.grant.permission
            own.setdefault(permission, basis)
            if basis.grant.reach is Reach.ANY:
                any_.setdefault(permission, basis)
        holdings: Holdings = {}
        for permission, basis in own.items():
            cell = Cell(any_.get(permission), basis)
            holdings.setdefault(permission.type, {})[permission.action] = cell
        return holdings
