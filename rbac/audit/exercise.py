"""What can be used at all: which roles anybody may come to hold where, which grants count there.

Knows how roles are given (by assignment, by relation) and on which types of resources, and
what may lie within those. It must not decide a cell, nor know who holds what: what it says
is true of every directory.

A role is *given* on a type to a kind of subject if a record of a directory can give it. A
grant is *exercised* through a given role that includes the grant's, where a resource of the
grant's type is, or lies within, what the role is given on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rbac.hierarchy import paths, successors
from rbac.light import NamedTuple
from rbac.records import ITSELF, TENANTS
from rbac.rows import DerivedRole, Grant, Permission, Relation
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType


class Given(NamedTuple):
    """A role that `principal` may be given on a resource of type `on`."""

    role: ResourceRole
    principal: Principal
    on: ResourceType


CREATES = {
    Action.CREATE,
    Action.CREATE_BULK,
    Action.CREATE_FROM_ENVIRONMENT,
    Action.CREATE_FROM_PROJECT,
}
STARTS = {(ResourceType.AGENT_EXECUTION, Action.START)}
"""Actions on what is not there yet, where no role can be given."""

_ONLY = {
    Relation.RUNNER: (Principal.RUNNER,),
    Relation.ENVIRONMENT: (Principal.ENVIRONMENT,),
    Relation.CONSUMER: (Principal.ENVIRONMENT,),
    Relation.MEMBER: tuple(TENANTS),
    Relation.ADMIN: tuple(TENANTS),
}
"""Who can stand in a relation, where not everybody can."""


class Exercise:
    """What can be used of one policy; building it takes a millisecond."""

    __slots__ = ("_asked", "_containers", "_grants", "_holders", "_needs", "table")

    def __init__(self, table: DecisionTable) -> None:
        rows = table.policy.rows
        self.table = table
        parents = successors((row.child, row.parent) for row in rows.containment)
        self._containers = {type: {*paths(parents, type)} - {type} for type in ResourceType}
        self._needs: dict[Permission, set[Principal]] = {}
        self._asked: set[Permission] = set()
        for row in rows.requirements:
            if isinstance(row.need, Principal):
                self._needs.setdefault(Permission(row.action, row.type), set()).add(row.need)
            elif isinstance(row.need, Permission):
                self._asked.add(row.need)
        self._grants: dict[Permission, list[Grant]] = {}
        for grant in rows.grants:
            self._grants.setdefault(grant.permission, []).append(grant)
        self._holders: dict[ResourceRole, dict[Given, None]] = {role: {} for role in table.roles}
        for each in _ways(table):
            if table.eligible(each.principal, each.role):
                for junior in table.includes(each.role):
                    if table.eligible(each.principal, junior):
                        self._holders[junior][each] = None

    def holders(self, role: ResourceRole) -> Collection[Given]:
        """Every way in which somebody comes to hold `role`: given it, or a senior of it."""
        return self._holders[role]

    def grants(self, permission: Permission) -> Collection[Grant]:
        """Every grant of a permission."""
        return self._grants.get(permission, ())

    def through(self, grant: Grant) -> Iterator[Given]:
        """Every given role through which somebody could use `grant` on some resource."""
        scopes = set(self._containers[grant.type])
        makes = grant.action in CREATES or (grant.type, grant.action) in STARTS
        needed = self._needs.get(grant.permission, set())
        # A second permission is asked of what is there, whatever it is, and for itself alone.
        if grant.permission in self._asked:
            makes, needed = False, set()
        if not makes:
            scopes.add(grant.type)
        for each in self.holders(grant.role):
            if each.on in scopes and needed <= {each.principal}:
                yield each


def _ways(table: DecisionTable) -> Iterator[Given]:
    """Every way in which a role could be given to somebody eligible for it."""
    rows = table.policy.rows
    assigned = {row.role: row.assigned_on for row in rows.roles if row.assignable}
    joining = {row.principal for row in rows.eligibility if row.role in assigned} & TENANTS
    for role, on in assigned.items():
        if on is not None:
            yield from (
                Given(role, principal, on) for principal in Principal if principal in joining
            )
    for derived in rows.derived_roles:
        for principal in _related(derived):
            yield Given(derived.role, principal, derived.type)


def _related(row: DerivedRole) -> Iterator[Principal]:
    """The kinds of subjects that can stand in the relation of `row`."""
    for principal in Principal:
        if row.relation is Relation.SELF:
            if ITSELF.get(principal) is row.type:
                yield principal
        elif principal in _ONLY.get(row.relation, tuple(Principal)):
            yield principal
