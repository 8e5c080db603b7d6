"""What rows must be to be a policy: each rule a function that names the rows that break it.

Knows the rules of DESIGN that hold between rows: names listed once, permissions that
exist, hierarchies that end and that Casbin can follow, nothing granted twice, nothing
that nobody can hold. It must not know files beyond a row's place, nor decide anything.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from rbac.errors import quoted
from rbac.hierarchy import cycles, longest_path, paths, successors
from rbac.light import NamedTuple
from rbac.rows import (
    Grant,
    Permission,
    Place,
    Reach,
    Relation,
    RoleRow,
    Row,
    Rows,
    Seniority,
)
from rbac.vocabulary import Principal, ResourceRole, ResourceType

CASBIN_EDGES = 9
"""How many edges of a role hierarchy Casbin follows; it cuts longer chains in silence."""

NO_GRANTS = "no grants:"
"""How the note of a role that permits nothing opens, before it says why."""


class Finding(NamedTuple):
    """A rule that is broken: where, how, and the rows without which it would not be."""

    place: Place
    message: str
    culprits: tuple[Row, ...]


def findings(rows: Rows, incomplete: Container[str] = ()) -> list[Finding]:
    """Everything that keeps `rows` from being a policy; empty if they are one.

    `incomplete` names the tables of `rows` that could not be read to the end; what only
    follows from that is not said. Rules that walk the hierarchy of roles are asked only
    once it is free of cycles. Linear in the rows, but for the juniors of each role.
    """
    rules = _RULES if any(_cyclic_seniority(rows)) else _RULES | _HIERARCHY_RULES
    return [
        finding
        for rule, needed in rules.items()
        if not any(table in incomplete for table in needed)
        for finding in rule(rows)
    ]


def sound(rows: Rows) -> Rows:
    """`rows` without any row that breaks a rule; for audits, never for decisions."""
    while culprits := {row for finding in findings(rows) for row in finding.culprits}:
        kept = (tuple(row for row in table if row not in culprits) for table in rows)
        rows = Rows._make(kept)
    return rows


def _not_empty(rows: Rows) -> Iterator[Finding]:
    if not rows.grants:
        yield Finding(Place("grants", 0), "a policy without grants is refused", ())


def _listed_once(rows: Rows) -> Iterator[Finding]:
    """No statement stands twice; a role and a permission have one row of their own."""
    seen: dict[tuple[object, ...], Place] = {}
    for table in rows:
        for row in table:
            key = _statement(row)
            if key in seen:
                yield Finding(row.place, f"a duplicate of {seen[key]}; remove one", (row,))
            else:
                seen[key] = row.place


def _statement(row: Row) -> tuple[object, ...]:
    """What the row is about: rows with one statement say the same, or contradict each other."""
    kind = type(row).__name__
    if isinstance(row, RoleRow):
        return kind, row.role
    if isinstance(row, Grant):
        return kind, *row[:4]
    return kind, *(row[:2] if kind == "CatalogueRow" else row[:-1])


def _every_role_listed(rows: Rows) -> Iterator[Finding]:
    listed = {row.role for row in rows.roles}
    for role in ResourceRole:
        if role is not ResourceRole.UNSPECIFIED and role not in listed:
            message = f"the role {role.short} is missing; every role has a row"
            yield Finding(Place("roles.csv", 0), message, ())


def _permissions_exist(rows: Rows) -> Iterator[Finding]:
    known = {(row.type, row.action) for row in rows.catalogue}
    for grant in rows.grants:
        if (grant.type, grant.action) not in known:
            yield Finding(grant.place, _no_permission(grant.permission), (grant,))
    for row in rows.requirements:
        needed = [Permission(row.action, row.type)]
        if isinstance(row.need, Permission):
            needed.append(row.need)
        for permission in needed:
            if (permission.type, permission.action) not in known:
                yield Finding(row.place, _no_permission(permission), (row,))


def _no_permission(permission: Permission) -> str:
    name = quoted(f"{permission.type.short}, {permission.action.short}")
    return f"no permission {name} in catalogue.csv; add it there, or mend the row"


def _roles_can_be_held(rows: Rows) -> Iterator[Finding]:
    eligible = {row.role for row in rows.eligibility}
    for row in rows.roles:
        if row.role not in eligible:
            yield Finding(row.place, f"no principal is eligible for {row.role.short}", ())
        if row.assignable and row.assigned_on is None:
            message = f"{row.role.short} is assignable, but on no resource type"
            yield Finding(row.place, message, (row,))


def _derived_roles_make_sense(rows: Rows) -> Iterator[Finding]:
    """No identity on an organization; each relation only where it can hold."""
    held = {row.role: row.assigned_on for row in rows.roles}
    organization = ResourceType.ORGANIZATION
    selves = {principal.short for principal in Principal}
    for row in rows.derived_roles:
        of_organization = row.relation in (Relation.MEMBER, Relation.ADMIN)
        if row.type is organization and held.get(row.role) is not organization:
            message = f"{row.role.short} is not held on organizations and never derived there"
            yield Finding(row.place, message, (row,))
        elif of_organization and row.type is not organization:
            message = f"the relation {row.relation.short} holds on organizations only"
            yield Finding(row.place, message, (row,))
        elif row.relation is Relation.SELF and row.type.short not in selves:
            yield Finding(row.place, f"no subject is a {row.type.short}", (row,))


def _containment_ends(rows: Rows) -> Iterator[Finding]:
    edges = successors((row.child, row.parent) for row in rows.containment)
    for cycle in cycles(edges):
        culprits = [row for row in rows.containment if {row.child, row.parent} <= set(cycle)]
        names = ", ".join(kind.short for kind in cycle)
        yield Finding(culprits[0].place, f"a cycle: {names} contain each other", tuple(culprits))


def _juniors(rows: Rows) -> dict[ResourceRole, tuple[ResourceRole, ...]]:
    return successors((row.senior, row.junior) for row in rows.seniority)


def _cyclic_seniority(rows: Rows) -> Iterator[Finding]:
    for cycle in cycles(_juniors(rows)):
        culprits = _edges_among(rows, cycle)
        names = ", ".join(role.short for role in cycle)
        yield Finding(culprits[0].place, f"a cycle: {names} include each other", culprits)


def _edges_among(rows: Rows, roles: Iterable[ResourceRole]) -> tuple[Seniority, ...]:
    within = set(roles)
    return tuple(row for row in rows.seniority if {row.senior, row.junior} <= within)


def _hierarchy_not_too_deep(rows: Rows) -> Iterator[Finding]:
    chain = longest_path(_juniors(rows))
    if len(chain) > CASBIN_EDGES + 1:
        names = " > ".join(role.short for role in chain)
        message = f"{len(chain) - 1} roles deep, and Casbin follows {CASBIN_EDGES}: {names}"
        culprits = _edges_among(rows, chain)
        yield Finding(culprits[0].place, message, culprits)


def _juniors_eligible(rows: Rows) -> Iterator[Finding]:
    """Whoever may hold the senior may hold the junior, or seniority would widen eligibility."""
    eligible = {(row.principal, row.role) for row in rows.eligibility}
    for row in rows.seniority:
        for principal in Principal:
            if (principal, row.senior) in eligible and (principal, row.junior) not in eligible:
                message = (
                    f"a {principal.short} may hold {row.senior.short} but not its junior "
                    f"{row.junior.short}"
                )
                yield Finding(row.place, message, (row,))


def _nothing_granted_twice(rows: Rows) -> Iterator[Finding]:
    by_role: dict[ResourceRole, dict[tuple[object, ...], Grant]] = {}
    for grant in rows.grants:
        by_role.setdefault(grant.role, {})[grant[1:4]] = grant
    juniors = _juniors(rows)
    for role, grants in by_role.items():
        for junior in paths(juniors, role):
            theirs = by_role.get(junior, {})
            for key, grant in grants.items():
                wide = theirs.get((*key[:2], Reach.ANY))
                same = theirs.get(key) if junior is not role else None
                covering = wide if wide is not grant and wide is not None else same
                if covering is not None:
                    message = f"already granted by {covering.role.short} at {covering.place}"
                    yield Finding(grant.place, message, (grant,))


def _roles_permit_something(rows: Rows) -> Iterator[Finding]:
    """A role without grants says why, and a role that says so has none."""
    granted = {grant.role: grant for grant in reversed(rows.grants)}
    juniors = _juniors(rows)
    for row in rows.roles:
        permits = any(role in granted for role in paths(juniors, row.role))
        says_none = row.note.startswith(NO_GRANTS)
        if not permits and not says_none:
            message = f'{row.role.short} has no grants; open its note with "{NO_GRANTS}" and why'
            yield Finding(row.place, message, ())
        elif permits and says_none:
            message = f'{row.role.short} has grants, but its note opens with "{NO_GRANTS}"'
            yield Finding(row.place, message, ())
        if row.assigned_on is None and row.role in granted:
            grant = granted[row.role]
            message = f"{row.role.short} is held on no resource type and cannot have a grant"
            yield Finding(grant.place, message, (grant,))


Rule = Callable[[Rows], Iterator[Finding]]

_RULES: dict[Rule, tuple[str, ...]] = {
    _not_empty: ("grants",),
    _listed_once: (),
    _every_role_listed: ("roles",),
    _permissions_exist: ("catalogue",),
    _roles_can_be_held: ("eligibility",),
    _derived_roles_make_sense: ("roles",),
    _containment_ends: (),
    _cyclic_seniority: (),
}
_HIERARCHY_RULES: dict[Rule, tuple[str, ...]] = {
    _hierarchy_not_too_deep: (),
    _juniors_eligible: ("eligibility",),
    _nothing_granted_twice: (),
    _roles_permit_something: ("roles", "grants", "seniority"),
}
"""Each rule, and the tables that must be whole for it to say anything: a row that could
not be read is one problem, not one for every row that leans on it."""
