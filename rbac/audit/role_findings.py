"""The findings of the roles of a policy: what they permit, compared, and what that can do.

Knows what makes a role questionable beside others, or by the level of what it permits. It
must not decide a cell, nor know who holds what; of names it takes into account only those
of the closed vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.audit.causes import written
from rbac.audit.escalation import HARMLESS, WAYS, Way
from rbac.audit.findings import Finding, Rule, Severity, registering
from rbac.audit.lattice import lattice
from rbac.audit.policy_checks import Check, Policies, placed
from rbac.rows import Level, Permission
from rbac.table import Basis, DecisionTable
from rbac.vocabulary import ResourceRole

CHECKS: dict[Rule, Check] = {}
"""Every rule about roles, with the function that finds what it says."""

_checks = registering(CHECKS)


EQUAL = Rule(
    "RBAC107",
    "roles that permit the same",
    Severity.WARNING,
    "Two roles or more that permit exactly the same, with the same reach.",
    "People choose between them as if it mattered, and mend one and forget the other.",
    "Keep one, make one senior to the other and give it what it is for, or say in a baseline "
    "why both are needed.",
)


@_checks(EQUAL)
def _equal(about: Policies) -> Iterator[Finding]:
    for roles in lattice(about.table).duplicates:
        shorts = [role.short for role in roles]
        message = f"{', '.join(shorts[:-1])} and {shorts[-1]} permit exactly the same"
        evidence = [f"{role.short} ({about.place(role)})" for role in roles]
        yield EQUAL.found(message, about.place(roles[-1]), shorts, evidence)


NEAR = Rule(
    "RBAC108",
    "roles one grant apart",
    Severity.NOTE,
    "A role that one grant more would make permit exactly what another does.",
    "One of the two is likely to be a copy that was changed once; the one grant is easily "
    "overlooked in either direction.",
    "Make the larger role senior to the smaller one, so that the difference is said in one row.",
)


@_checks(NEAR)
def _near(about: Policies) -> Iterator[Finding]:
    for each in lattice(about.table).near:
        if not each.equal:
            continue
        role, other = each.role.short, each.other.short
        said = "is" if each.role in about.table.includes(each.other) else "is not"
        evidence = [
            f"{role} lacks: {written(each.grant)}",
            f"{other} {said} senior to {role}",
        ]
        message = f"{role} is one grant away from {other}"
        yield NEAR.found(message, about.place(each.role), (role, other), evidence)


VIEWER = Rule(
    "RBAC109",
    "a viewer that changes something",
    Severity.ERROR,
    "A role that is named a viewer or a reader and has a permission of another level than read.",
    "People hand such a role out without a second thought.",
    "Move the grant to a role whose name says what it does.",
)


@_checks(VIEWER)
def _viewers(about: Policies) -> Iterator[Finding]:
    for role in about.table.roles:
        if not role.short.endswith(("_viewer", "_reader")):
            continue
        for permission, basis in _held(about.table, role):
            level = _level(about.table, permission)
            if level is not Level.READ:
                message = f"{role.short} may {permission}, which is of level {level.short}"
                subject = (role.short, permission.type.short, permission.action.short)
                evidence = [_basis_line(basis)]
                yield VIEWER.found(message, basis.grant.place, subject, evidence)


MINTS = Rule(
    "RBAC110",
    "a role that can mint a credential",
    Severity.NOTE,
    "A role with permissions of level credential: it makes one, or is handed one.",
    "Whoever holds it can act outside the checks made here, until the credential ends.",
    "Keep the list short, and know it; nothing to mend if every entry is meant.",
)

GRANTS = Rule(
    "RBAC111",
    "a role that can grant roles",
    Severity.NOTE,
    "A role with permissions that hand out roles or memberships.",
    "Whoever holds it can widen access, its own included; rbac escalation shows how far.",
    "Keep the list short, and know it; nothing to mend if every entry is meant.",
)


@_checks(MINTS)
def _mints(about: Policies) -> Iterator[Finding]:
    yield from _powers(about, MINTS, Level.CREDENTIAL, "mint a credential")


@_checks(GRANTS)
def _grants(about: Policies) -> Iterator[Finding]:
    yield from _powers(about, GRANTS, Level.GRANT, "grant roles")


def _powers(about: Policies, rule: Rule, level: Level, what: str) -> Iterator[Finding]:
    for role in about.table.roles:
        evidence = [
            f"{permission}: {_way(permission)} ({basis.grant.place})"
            for permission, basis in _held(about.table, role)
            if _level(about.table, permission) is level and not _takes_away(level, permission)
        ]
        if evidence:
            count = f"{len(evidence)} permission{'s' if len(evidence) > 1 else ''}"
            message = f"{role.short} can {what}, by {count}"
            yield rule.found(message, about.place(role), (role.short,), evidence)


def _takes_away(level: Level, permission: Permission) -> bool:
    """Whether a permission of the level ``grant`` gives nothing to anybody."""
    return level is Level.GRANT and (permission.type, permission.action) in HARMLESS


def _way(permission: Permission) -> str:
    """What a permission hands out, and how, or why it hands out nothing."""
    key = permission.type, permission.action
    return WAYS[key].value if key in WAYS else HARMLESS.get(key, Way.UNKNOWN.value)


def _held(table: DecisionTable, role: ResourceRole) -> Iterator[tuple[Permission, Basis]]:
    """Everything that a role permits, with the grant it rests on."""
    for type, cells in table.holdings(role).items():
        for action, cell in cells.items():
            yield Permission(action, type), cell.any or cell.own


def _level(table: DecisionTable, permission: Permission) -> Level:
    row = table.row(permission)
    assert row is not None, "a grant is of a permission that exists"
    return row.level


def _basis_line(basis: Basis) -> str:
    through = " > ".join(role.short for role in basis.through)
    return f"by {placed(basis.grant)}{f', {through}' if len(basis.through) > 1 else ''}"
