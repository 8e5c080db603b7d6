"""What constraints must be to make sense under a policy: each rule names those that do not.

Knows what a policy makes possible: who may hold a role, on what, and what comes with it.
It must not know files, nor what any directory holds.

A constraint that can never be broken guards nothing, and one that can never be met makes
every directory wrong; both are mistakes of whoever wrote them, and are explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rbac.constraint_rows import (
    Cardinality,
    Constraint,
    DynamicSeparation,
    Prerequisite,
    StaticSeparation,
    named,
)
from rbac.errors import Problem, quoted
from rbac.hierarchy import paths, successors
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.terms import with_article
from rbac.vocabulary import Principal, ResourceRole, ResourceType

if TYPE_CHECKING:
    from typing import TypeGuard


class _Wrong(NamedTuple):
    constraint: Constraint
    message: str


class Rules:
    """What one policy makes possible; rules are asked about all constraints together."""

    def __init__(self, table: DecisionTable, constraints: Sequence[Constraint]) -> None:
        rows = table.policy.rows
        self.table = table
        self.constraints = constraints
        self.containers = successors((row.child, row.parent) for row in rows.containment)
        self.assigned: list[tuple[ResourceRole, ResourceType]] = [
            (row.role, row.assigned_on) for row in rows.roles if row.assignable and row.assigned_on
        ]
        self.given = [*self.assigned, *((row.role, row.type) for row in rows.derived_roles)]

    def problems(self) -> list[Problem]:
        """Everything that keeps the constraints from making sense; empty if they do.

        What is said of constraints together is said only once each makes sense alone.
        """
        for rules in (_ALONE, _TOGETHER):
            found = [wrong for rule in rules for wrong in rule(self)]
            if found:
                return [_problem(each) for each in found]
        return []

    def holders(
        self, role: ResourceRole, scope: ResourceType | None, principals: Sequence[Principal]
    ) -> frozenset[Principal]:
        """The kinds of subjects that may be authorized for a role on a scope; None: on any."""
        there = self.around(scope)
        seniors = [
            senior
            for senior, on in self.given
            if on in there and role in self.table.includes(senior)
        ]
        return self.eligible(seniors, principals)

    def assignees(self, role: ResourceRole, constraint: StaticSeparation) -> frozenset[Principal]:
        """The kinds of subjects that may be assigned that very role on a constraint's scope."""
        there = self.around(constraint.scope)
        found = [role for each, on in self.assigned if each is role and on in there]
        return self.eligible(found, constraint.principals)

    def around(self, scope: ResourceType | None) -> set[ResourceType]:
        """A type and all that may contain it; all types for None."""
        return set(ResourceType) if scope is None else set(paths(self.containers, scope))

    def eligible(
        self, roles: Sequence[ResourceRole], principals: Sequence[Principal]
    ) -> frozenset[Principal]:
        """The kinds of subjects that may hold any of some roles."""
        return frozenset(
            principal
            for principal in principals or Principal
            if any(self.table.eligible(principal, role) for role in roles)
        )

    def comes_with(self, role: ResourceRole, constraint: Constraint) -> set[ResourceRole]:
        """All that whoever holds `role`, as `constraint` names it, has on the same scope."""
        found: set[ResourceRole] = set()
        added = {role}
        while added:
            found |= {each for new in added for each in self.table.includes(new)}
            needed = {
                each
                for other in self.constraints
                if isinstance(other, Prerequisite)
                and other.role in found
                and self.covers(other, constraint, role)
                for each in other.requires
            }
            added = needed - found
        return found

    def covers(self, other: Constraint, constraint: Constraint, role: ResourceRole) -> bool:
        """Whether `other` binds whoever holds `role` as `constraint` names it."""
        scope, principals = _scope(constraint), _principals(constraint)
        theirs = _principals(other)
        holders = self.holders(role, scope, principals)
        return _scope(other) is scope and (not theirs or holders <= set(theirs))


def _scope(constraint: Constraint) -> ResourceType | None:
    return None if isinstance(constraint, DynamicSeparation) else constraint.scope


def _principals(constraint: Constraint) -> tuple[Principal, ...]:
    return () if isinstance(constraint, DynamicSeparation) else constraint.principals


def _problem(wrong: _Wrong) -> Problem:
    place, name = wrong.constraint.place, quoted(wrong.constraint.name)
    return Problem(place.file or "constraints", place.line, 0, f"{name}: {wrong.message}")


def _names_once(rules: Rules) -> Iterator[_Wrong]:
    seen: dict[str, Constraint] = {}
    for each in rules.constraints:
        if each.name in seen:
            yield _Wrong(each, f"a second constraint of this name; see {seen[each.name].place}")
        seen.setdefault(each.name, each)


def _counts_fit(rules: Rules) -> Iterator[_Wrong]:
    for each in rules.constraints:
        if isinstance(each, StaticSeparation):
            yield from _fits(each, len(each.roles) + len(each.permissions), each.at_most)
        elif isinstance(each, DynamicSeparation):
            yield from _fits(each, len(each.roles), each.at_most)
        elif isinstance(each, Cardinality):
            if each.at_most is not None and each.at_least > each.at_most:
                message = f"contradicts itself: at least {each.at_least}, at most {each.at_most}"
                yield _Wrong(each, message)
            elif not each.at_least and each.at_most is None:
                yield _Wrong(each, "says nothing: at least 0, and no limit")


def _fits(constraint: Constraint, count: int, at_most: int) -> Iterator[_Wrong]:
    if count < 2:
        yield _Wrong(constraint, "separates nothing: it takes two at least")
    elif not 1 <= at_most < count:
        message = f"at_most is {at_most}; of a set of {count} it must be from 1 to {count - 1}"
        yield _Wrong(constraint, message)


def _can_be_held(rules: Rules) -> Iterator[_Wrong]:
    for each in rules.constraints:
        scope, principals = _scope(each), _principals(each)
        for role in named(each):
            if not rules.holders(role, scope, principals):
                yield _Wrong(each, _never_held(role.short, scope, principals))
            elif _as_assigned(each) and not rules.assignees(role, each):
                yield _Wrong(each, f"{role.short} is never assigned there; leave out assigned")


def _as_assigned(constraint: Constraint) -> TypeGuard[StaticSeparation]:
    return isinstance(constraint, StaticSeparation) and constraint.assigned


def _never_held(role: str, scope: ResourceType | None, principals: Sequence[Principal]) -> str:
    who = " or ".join(principal.short for principal in principals) or "anybody"
    if scope is None:
        return f"nothing gives {role} to {who}"
    return (
        f"nothing gives {role} to {who} on {with_article(scope.short)} or what contains one, "
        "so it would guard nothing"
    )


def _permissions_can_be_had(rules: Rules) -> Iterator[_Wrong]:
    for each in rules.constraints:
        for permission in each.permissions if isinstance(each, StaticSeparation) else ():
            assert isinstance(each, StaticSeparation), "only these name permissions"
            if rules.table.row(permission) is None:
                yield _Wrong(each, f"no permission {quoted(str(permission))} in the catalogue")
            elif not _having(rules, each, permission):
                role = f"a role that permits {quoted(str(permission))}"
                yield _Wrong(each, _never_held(role, each.scope, each.principals))


def _having(
    rules: Rules, constraint: StaticSeparation, permission: Permission
) -> list[ResourceRole]:
    """The roles that permit it and may be held on the scope of a constraint."""
    return [
        role
        for role in rules.table.roles_with(permission)
        if rules.holders(role, constraint.scope, constraint.principals)
    ]


def _prerequisites_say_something(rules: Rules) -> Iterator[_Wrong]:
    for each in rules.constraints:
        if isinstance(each, Prerequisite):
            included = rules.table.includes(each.role)
            for role in each.requires:
                if role in included:
                    message = f"always met: {each.role.short} includes {role.short}; remove it"
                    yield _Wrong(each, message)


def _roles_remain_possible(rules: Rules) -> Iterator[_Wrong]:
    """Whatever a constraint speaks of as held can be held under all the others."""
    for each in rules.constraints:
        for role in _spoken_of(each):
            has = rules.comes_with(role, each)
            for other in rules.constraints:
                if rules.covers(other, each, role):
                    yield from _impossible(rules, each, role, has, other)


def _spoken_of(constraint: Constraint) -> tuple[ResourceRole, ...]:
    """The roles that a constraint takes somebody to hold."""
    if isinstance(constraint, Cardinality):
        return (constraint.role,) if constraint.at_least else ()
    if isinstance(constraint, Prerequisite):
        return (constraint.role,)
    return constraint.roles


def _impossible(
    rules: Rules,
    constraint: Constraint,
    role: ResourceRole,
    has: set[ResourceRole],
    other: Constraint,
) -> Iterator[_Wrong]:
    if isinstance(other, Cardinality):
        at_least = constraint.at_least if isinstance(constraint, Cardinality) else 1
        if other.role in has and other.at_most is not None and at_least > other.at_most:
            yield _Wrong(constraint, _too_many(constraint, role, at_least, other))
        return
    if isinstance(other, Prerequisite) or _as_assigned(other):
        return  # what comes with a role is not assigned
    both: list[str] = [each.short for each in other.roles if each in has]
    if isinstance(other, StaticSeparation):
        permitted = {
            permission
            for permission in other.permissions
            if has & rules.table.roles_with(permission).keys()
        }
        both += [quoted(str(each)) for each in other.permissions if each in permitted]
    if len(both) > other.at_most:
        whose = "it" if other is constraint else quoted(other.name)
        message = (
            f"nobody could hold {role.short}: with it come {' and '.join(both)}, "
            f"and {whose} allows {other.at_most}"
        )
        yield _Wrong(constraint, message)


def _too_many(constraint: Constraint, role: ResourceRole, at_least: int, other: Cardinality) -> str:
    if not isinstance(constraint, Cardinality):
        return (
            f"nobody could hold {role.short}: {quoted(other.name)} lets nobody hold "
            f"{other.role.short}, which comes with it"
        )
    comes = "" if role is other.role else f", and with {role.short} comes {other.role.short}"
    return (
        f"contradicts {quoted(other.name)}: at least {at_least} hold {role.short}, "
        f"at most {other.at_most} {other.role.short}{comes}"
    )


def _permissions_remain_possible(rules: Rules) -> Iterator[_Wrong]:
    """Some role permits each separated permission without permitting too many of them."""
    for each in rules.constraints:
        if not isinstance(each, StaticSeparation):
            continue
        for permission in each.permissions:
            having = _having(rules, each, permission)
            if all(_permitted(rules, each, role) > each.at_most for role in having):
                message = (
                    f"nobody could have {quoted(str(permission))}: every role that permits it "
                    f"permits more than {each.at_most} of the set"
                )
                yield _Wrong(each, message)


def _permitted(rules: Rules, constraint: StaticSeparation, role: ResourceRole) -> int:
    return sum(role in rules.table.roles_with(each) for each in constraint.permissions)


Rule = Callable[[Rules], Iterator[_Wrong]]

_ALONE: tuple[Rule, ...] = (
    _names_once,
    _counts_fit,
    _can_be_held,
    _permissions_can_be_had,
    _prerequisites_say_something,
)
_TOGETHER: tuple[Rule, ...] = (_roles_remain_possible, _permissions_remain_possible)
