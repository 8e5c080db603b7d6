"""List what a role permits, which roles a principal may hold, or which roles reach a type.

Without a NAME, it lists the names there are.

  rbac list role project_editor
  rbac list type secret --format markdown
  rbac list principal runner
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rbac import review
from rbac.cli import ALLOWED
from rbac.cli.options import add_output, add_policies, policy
from rbac.cli.tables import FORMATS, Table, show
from rbac.rows import Permission, Reach
from rbac.table import DecisionTable
from rbac.terms import specified
from rbac.vocabulary import Principal, ResourceRole, ResourceType


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("what", choices=tuple(_LISTS), help="what NAME is")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a role, a type, a principal")
    add_policies(parser)
    add_output(parser, *FORMATS)


def run(options: argparse.Namespace) -> int:
    """Prints one table."""
    table = DecisionTable(policy(options.policies))
    one, all_of_them = _LISTS[options.what]
    result = all_of_them(table) if options.name is None else one(table, options.name)
    if not options.quiet:
        show(result, options.format, options.color)
    return ALLOWED


def _role(table: DecisionTable, name: str) -> Table:
    role = specified("role", ResourceRole.parse(name), ResourceRole)
    levels = {(row.type, row.action): row.level for row in table.policy.rows.catalogue}
    rows = [
        (
            type.short,
            action.short,
            levels[type, action].short,
            "any" if cell.any else "own",
            (cell.any or cell.own).grant.role.short,
            str((cell.any or cell.own).grant.place),
        )
        for type, cells in table.holdings(role).items()
        for action, cell in cells.items()
    ]
    juniors = ", ".join(sorted(junior.short for junior in review.juniors_of(table, role)))
    title = f"{role.short} permits {len(rows)} permissions"
    if juniors:
        title += f"; it includes {juniors}"
    return Table(title, ("type", "action", "level", "reach", "granted to", "by"), sorted(rows))


def _roles(table: DecisionTable) -> Table:
    rows = [
        (
            row.role.short,
            row.assigned_on.short if row.assigned_on else "-",
            "yes" if row.assignable else "system",
            str(len(review.permissions_of(table, row.role))),
            row.note,
        )
        for row in table.policy.rows.roles
    ]
    columns = ("role", "held on", "assignable", "permissions", "note")
    return Table(f"{len(rows)} roles", columns, rows)


def _type(table: DecisionTable, name: str) -> Table:
    type = specified("resource type", ResourceType.parse(name), ResourceType)
    rows = []
    for row in table.policy.rows.catalogue:
        if row.type is type:
            roles = review.roles_with(table, Permission(row.action, type))
            anywhere = [role.short for role, reach in roles.items() if reach is Reach.ANY]
            own = [role.short for role, reach in roles.items() if reach is Reach.OWN]
            rows.append((row.action.short, row.level.short, ", ".join(anywhere), ", ".join(own)))
    title = f"{len(rows)} permissions on {type.short}, and the roles that have them"
    return Table(title, ("action", "level", "roles", "roles, own only"), rows)


def _types(table: DecisionTable) -> Table:
    within = table.policy.rows.containment
    rows = [
        (
            type.short,
            ", ".join(row.parent.short for row in within if row.child is type),
            str(sum(row.type is type for row in table.policy.rows.catalogue)),
        )
        for type in ResourceType
        if type is not ResourceType.UNSPECIFIED
    ]
    return Table(f"{len(rows)} resource types", ("type", "lies within", "permissions"), rows)


def _principal(table: DecisionTable, name: str) -> Table:
    principal = specified("principal", Principal.parse(name), Principal)
    roles = review.roles_open_to(table, principal)
    rows = [
        (row.role.short, row.assigned_on.short if row.assigned_on else "-", row.note)
        for row in table.policy.rows.roles
        if row.role in roles
    ]
    title = f"{len(rows)} roles that a {principal.short} may hold"
    return Table(title, ("role", "held on", "note"), rows)


def _principals(table: DecisionTable) -> Table:
    rows = [
        (principal.short, str(len(review.roles_open_to(table, principal))))
        for principal in Principal
        if principal is not Principal.UNSPECIFIED
    ]
    return Table(f"{len(rows)} principals", ("principal", "roles it may hold"), rows)


_LISTS: dict[
    str, tuple[Callable[[DecisionTable, str], Table], Callable[[DecisionTable], Table]]
] = {
    "role": (_role, _roles),
    "type": (_type, _types),
    "principal": (_principal, _principals),
}
