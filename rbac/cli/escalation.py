"""Show which roles lead to which others, through permissions that hand out roles.

  rbac escalation
  rbac escalation org_groups_admin
  rbac escalation project_admin org_admin

Without a role, a row for each role that leads anywhere: how many permissions it has, and
how many with all that it leads to. With FROM, a shortest path to every role; with FROM and
TO, the path between them. 'surely' needs nothing but the policy; 'possibly' takes a group
or an account that holds the role.

With a directory it says what each subject can come to by itself, by the rules of granting:

  rbac escalation --directory DIR
  rbac escalation org_groups_admin org_admin --directory DIR
  rbac escalation user:00000002-0000-4000-8000-000000000012 --directory DIR

FROM is then a subject, or a role: whoever is given it. TO is a role, or a subject to act
as: it shows a shortest path, or every route that there would be and what refuses it.

Exits 0; with FROM and TO, 1 if there is a way, and 0 if there is none.
"""

from __future__ import annotations

import argparse

from rbac.audit.escalation import Closure, Escalation, Path
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import add_output, add_policies, colored, policy, print_json, say
from rbac.cli.phrases import counted
from rbac.cli.tables import Table, show
from rbac.light import TYPE_CHECKING
from rbac.table import DecisionTable
from rbac.terms import specified
from rbac.vocabulary import ResourceRole

if TYPE_CHECKING:
    from rich.tree import Tree


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("start", metavar="FROM", nargs="?", help="a role, or a subject")
    parser.add_argument("end", metavar="TO", nargs="?", help="another role, or a subject")
    parser.add_argument("--directory", metavar="DIR", help="the directory: who holds what")
    add_policies(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Prints the closure of every role, of one, or the path between two; or of subjects."""
    if options.directory is not None:
        from rbac.cli.ascents import subjects  # roles alone need no directory

        return subjects(options)
    start, end = (_role(name) for name in (options.start, options.end))
    found = Escalation(DecisionTable(policy(options.policies)))
    if start is None:
        closures = [found.closure(role) for role in found.table.roles]
        if options.format == "json" and not options.quiet:
            print_json([each.as_dict() for each in closures])
        elif not options.quiet:
            show(_table(closures), "text", options.color)
        return ALLOWED
    closure = found.closure(start)
    if end is not None:
        closure = _narrowed(closure, end)
    if options.format == "json" and not options.quiet:
        print_json(closure.as_dict())
    elif not options.quiet:
        _print(closure, end, colored(options.color))
    return DENIED if end is not None and closure.possible else ALLOWED


def _role(name: str | None) -> ResourceRole | None:
    return None if name is None else specified("role", ResourceRole.parse(name), ResourceRole)


def _narrowed(closure: Closure, end: ResourceRole) -> Closure:
    """The closure with the paths to one role alone."""
    sure = {role: path for role, path in closure.sure.items() if role is end}
    possible = {role: path for role, path in closure.possible.items() if role is end}
    return closure._replace(sure=sure, possible=possible)


def _table(closures: list[Closure]) -> Table:
    rows = [
        (
            each.role.short,
            *(str(count) for count in (each.before, each.surely, each.possibly)),
            *(str(len(paths)) for paths in (each.sure, each.possible)),
        )
        for each in closures
        if each.possible
    ]
    columns = ("role", "permissions", "surely", "possibly", "leads to, surely", "possibly to")
    return Table(f"{counted(len(rows), 'role')} that lead to others", columns, rows)


def _print(closure: Closure, end: ResourceRole | None, color: bool) -> None:
    if end is not None and not closure.possible:
        say(f"{closure.role.short} does not lead to {end.short}")
        return
    from rich.console import Console
    from rich.tree import Tree

    before, surely, possibly = closure.before, closure.surely, closure.possibly
    tree = Tree(
        f"{closure.role.short}: {counted(before, 'permission')}, "
        f"surely {surely:,}, possibly {possibly:,}"
    )
    for role, path in closure.possible.items():
        sure = role in closure.sure
        _grow(tree, role, closure.sure.get(role, path), sure)
    console = Console(width=200, no_color=not color, force_terminal=color, highlight=False)
    console.print(tree)


def _grow(tree: Tree, role: ResourceRole, path: Path, sure: bool) -> None:
    node = tree.add(f"{'surely' if sure else 'possibly'} {role.short}")
    for step in path:
        node.add(str(step))
