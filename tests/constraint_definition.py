"""The definition of a broken constraint, on plain records: slow, and the truth of the tests."""

import functools
import itertools
from collections.abc import Iterator

from rbac.constraint_rows import Cardinality, Prerequisite, Scoped, StaticSeparation
from rbac.constraints import Constraints
from rbac.policy import Policy
from rbac.records import Records, SubjectRecord
from rbac.rows import Permission
from rbac.semantics import Thing, includes, permits, scopes, thing
from rbac.semantics import given as roles_given
from rbac.terms import Resource, Subject
from rbac.vocabulary import Principal, ResourceRole, ResourceType
from tests.strategies import PRINCIPALS
from tests.worlds import World

T = ResourceType
Broken = tuple[str, str, Subject | None, Resource]
"""The constraint, too many or too few, by whom, on which scope itself."""


def authorized(
    policy: Policy, records: Records, who: SubjectRecord, about: Thing
) -> set[ResourceRole]:
    """The definition: all that is included in what is given on a scope or around it."""
    held = set(roles_given(policy, records, who, about))
    return {role for each in held for role in _included(policy, each)}


@functools.lru_cache(256)
def _included(policy: Policy, role: ResourceRole) -> frozenset[ResourceRole]:
    return frozenset(each for each in ResourceRole if includes(policy, role, each))


def assigned(
    policy: Policy, records: Records, who: SubjectRecord, about: Thing
) -> set[ResourceRole]:
    """The definition: every role that an assignment gives on a scope or around it."""
    around = [scope.resource for scope in scopes(records, about)]
    groups = [each.group for each in records.memberships if each.subject == who.subject]
    by_groups = (each for each in records.assignments if each.group in groups)
    given = {
        each.role
        for each in by_groups
        if each.resource in around and each.derived_from is ResourceRole.UNSPECIFIED
    }
    kind = who.subject.principal
    open_to = {row.role for row in policy.rows.eligibility if row.principal is kind}
    return given & open_to


def has(policy: Policy, roles: set[ResourceRole], thing: ResourceRole | Permission) -> bool:
    """Whether authorized roles are, or permit, something; on own resources counts."""
    if isinstance(thing, ResourceRole):
        return thing in roles
    return any(_permits(policy, role, thing) for role in roles)


@functools.lru_cache(4096)
def _permits(policy: Policy, role: ResourceRole, permission: Permission) -> bool:
    return permits(policy, role, permission.action, permission.type, True)


def excess(
    policy: Policy, records: Records, constraint: Scoped, every: list[Resource]
) -> Iterator[tuple[Broken, int]]:
    """Everything that is wrong on each resource of the constraint's type, and by how much."""
    counted = [
        each
        for each in records.subjects
        if each.subject.principal in (constraint.principals or PRINCIPALS)
    ]
    as_assigned = isinstance(constraint, StaticSeparation) and constraint.assigned
    holding = assigned if as_assigned else authorized
    for resource in every:
        about = thing(records, resource)
        if resource.type is not constraint.scope or about is None:
            continue
        roles = {each.subject: holding(policy, records, each, about) for each in counted}
        if isinstance(constraint, Cardinality):
            count = sum(constraint.role in each for each in roles.values())
            most = count if constraint.at_most is None else constraint.at_most
            yield (constraint.name, "many", None, resource), count - most
            yield (constraint.name, "few", None, resource), constraint.at_least - count
            continue
        for subject, held in roles.items():
            yield (constraint.name, "", subject, resource), _wrong(policy, constraint, held)


def _wrong(
    policy: Policy, constraint: StaticSeparation | Prerequisite, held: set[ResourceRole]
) -> int:
    if isinstance(constraint, Prerequisite):
        return len(set(constraint.requires) - held) if constraint.role in held else 0
    both: tuple[ResourceRole | Permission, ...] = (*constraint.roles, *constraint.permissions)
    return sum(has(policy, held, each) for each in both) - constraint.at_most


def broken(
    policy: Policy, records: Records, constraint: Scoped, every: list[Resource]
) -> dict[Broken, int]:
    """The definition of a violation: what is broken, and by how much."""
    return {key: by for key, by in excess(policy, records, constraint, every) if by > 0}


def constraints_of(world: World) -> list[Scoped]:
    """Constraints of every kind on the roles that matter in a world."""
    rows = world.policy.rows
    matter = {grant.role for grant in rows.grants}.union(*(row[:2] for row in rows.seniority))
    roles = sorted(matter, key=str)
    pairs = list(itertools.permutations(roles, 2))[:4]
    those = list(itertools.combinations([Permission(r.action, r.type) for r in rows.catalogue], 2))
    made: list[Scoped] = []
    for scope in (T.ORGANIZATION, T.PROJECT, T.ENVIRONMENT, T.TASK, T.SNAPSHOT, T.USER_SECRET):
        made += [StaticSeparation(f"s{scope}{n}", "", 1, scope, p) for n, p in enumerate(pairs)]
        made.append(StaticSeparation(f"t{scope}", "", 2, scope, tuple(roles)))
        made += [
            StaticSeparation(f"a{scope}{n}", "", 1, scope, pair, assigned=True)
            for n, pair in enumerate(pairs[:2])
        ]
        made += [
            StaticSeparation(f"p{scope}{n}", "", 1, scope, permissions=pair)
            for n, pair in enumerate(those[:2])
        ]
        made += [
            Prerequisite(f"r{scope}{n}", "", pair[0], pair[1:], scope)
            for n, pair in enumerate(pairs)
        ]
        for n, role in enumerate(roles[:2]):
            made.append(Cardinality(f"c{scope}{n}", "", role, scope, 1, 1))
            made.append(Cardinality(f"m{scope}{n}", "", role, scope, 0, n % 2, (Principal.USER,)))
    return made


def unchecked(policy: Policy, *constraints: Scoped) -> Constraints:
    """Constraints as they are: what is counted does not depend on whether they make sense."""
    made = object.__new__(Constraints)
    object.__setattr__(made, "all", constraints)
    object.__setattr__(made, "policy", policy)
    return made
