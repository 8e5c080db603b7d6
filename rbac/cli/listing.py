"""List what a role permits, who may hold which, what reaches a type, what somebody holds.

Without a NAME, it lists the names there are.

  rbac list role project_editor
  rbac list type secret --format markdown
  rbac list principal runner
  rbac list subject user:00000002-0000-4000-8000-000000000022 --directory DIR
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rbac import review
from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED
from rbac.cli.options import (
    add_directory,
    add_output,
    add_policies,
    policy,
    with_directory,
)
from rbac.cli.tables import FORMATS, Table, show
from rbac.cli.words import subject
from rbac.decision import Hold
from rbac.errors import RequestError
from rbac.light import TYPE_CHECKING
from rbac.rows import Permission, Reach
from rbac.table import DecisionTable
from rbac.terms import specified
from rbac.vocabulary import Principal, ResourceRole, ResourceType

if TYPE_CHECKING:
    from rbac.entries import SubjectEntry


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("what", choices=(*_LISTS, "subject"), help="what NAME is")
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="a role, a type, a principal, user:UUID"
    )
    add_policies(parser)
    add_directory(parser)
    add_output(parser, *FORMATS)


def run(options: argparse.Namespace) -> int:
    """Prints one table."""
    if options.what == "subject":
        result = _held(with_directory(Authorizer(policy(options.policies)), options), options.name)
    else:
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


def _held(authorizer: Authorizer, name: str | None) -> Table:
    """Every role given to one subject, where, and by what; every subject without a name."""
    directory = authorizer.access.directory
    if name is None:
        every = [_standing(entry) for entry in directory.subjects()]
        columns = ("subject", "organization", "status", "role", "groups")
        return Table(f"{len(every):,} subjects", columns, sorted(every))
    somebody = subject(name)
    entry = directory.subject(somebody)
    if entry is None:
        raise RequestError(f"{somebody} is not known")
    rows = [
        (hold.role.short, str(hold.on), _given_by(hold))
        for thing in directory.resources()
        for hold in authorizer.access.holds_on(entry, thing)
    ]
    groups = len(entry.groups)
    title = f"{somebody} is in {groups:,} groups and is given {len(rows):,} roles"
    return Table(title, ("role", "on", "given by"), sorted(rows))


def _given_by(hold: Hold) -> str:
    if hold.assignment is not None:
        return f"group {hold.assignment.group}"
    return hold.relation.short if hold.relation else ""


def _standing(entry: SubjectEntry) -> tuple[str, ...]:
    role = "" if entry.role.name == "UNSPECIFIED" else entry.role.short
    status = "" if entry.status.name == "UNSPECIFIED" else entry.status.short
    return str(entry.subject), entry.organization or "", status, role, str(len(entry.groups))


_LISTS: dict[
    str, tuple[Callable[[DecisionTable, str], Table], Callable[[DecisionTable], Table]]
] = {
    "role": (_role, _roles),
    "type": (_type, _types),
    "principal": (_principal, _principals),
}
