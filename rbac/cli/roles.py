"""Show which roles include which, by what they permit, and which roles must stay apart.

  rbac roles
  rbac roles --near
  rbac roles --format json

Prints every direct inclusion, with those that no seniority says, and roles that permit
exactly the same. With --near, also roles that one grant more would make include another.
Toxic sets are up to three roles that one subject must not hold together, by the 'together'
invariants of the policy, where it has any.

Exits 0; with --toxic it prints toxic sets alone and exits 1 if there are any.
"""

from __future__ import annotations

import argparse
import os

from rbac.audit.conflicts import Toxic, toxic
from rbac.audit.invariants import Space
from rbac.audit.lattice import Lattice, lattice
from rbac.audit.statements import read
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import add_folder, add_output, colored, policies_folder, print_json, say
from rbac.cli.phrases import counted
from rbac.light import TYPE_CHECKING
from rbac.policy import Policy, shipped_folder
from rbac.table import DecisionTable

if TYPE_CHECKING:
    from rich.tree import Tree

    from rbac.vocabulary import ResourceRole


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_folder(parser)
    parser.add_argument("--near", action="store_true", help="also what one grant would include")
    parser.add_argument("--toxic", action="store_true", help="toxic sets alone; exit 1 if any")
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Prints the lattice of the roles and the sets that must stay apart."""
    folder = policies_folder(options.folder) or shipped_folder()
    table = DecisionTable(Policy.load(folder))
    sets = _toxic(table, os.path.join(folder, "invariants.toml"))
    found = lattice(table)
    if options.format == "json" and not options.quiet:
        print_json(_as_dict(found, sets, options))
    elif not options.quiet:
        if not options.toxic:
            _print_lattice(found, options.near, colored(options.color))
        _print_toxic(sets)
    return DENIED if options.toxic and sets else ALLOWED


def _toxic(table: DecisionTable, file: str) -> tuple[Toxic, ...]:
    """The toxic sets of a policy; none for one that has no invariants."""
    if not os.path.lexists(file):
        return ()
    space = Space(table)
    return toxic(space, read(file, space))


def _as_dict(
    found: Lattice, sets: tuple[Toxic, ...], options: argparse.Namespace
) -> dict[str, object]:
    apart: dict[str, object] = {"toxic": [each.as_dict() for each in sets]}
    if options.toxic:
        return apart
    return {
        "inclusions": [each.as_dict() for each in found.inclusions],
        "duplicates": [[role.short for role in roles] for roles in found.duplicates],
        "near": [each.as_dict() for each in found.near],
        **apart,
    }


def _print_lattice(found: Lattice, near: bool, color: bool) -> None:
    from rich.console import Console
    from rich.tree import Tree

    tree = Tree(counted(len(found.inclusions), "direct inclusion"))
    children: dict[ResourceRole, list[tuple[ResourceRole, bool, int]]] = {}
    for role, other, said, beyond in found.inclusions:
        children.setdefault(role, []).append((other, said, beyond))
    included = {each.other for each in found.inclusions}
    for role in children:
        if role not in included:
            _grow(tree.add(role.short), role, children)
    console = Console(width=200, no_color=not color, force_terminal=color, highlight=False)
    console.print(tree)
    for roles in found.duplicates:
        say(f"permit exactly the same: {', '.join(role.short for role in roles)}")
    for miss in found.near if near else ():
        names = ", ".join(name.short for name in miss.grant[:4])
        verb = "equal" if miss.equal else "include"
        say(f"{miss.role.short} would {verb} {miss.other.short} with: p, {names}")


def _grow(
    node: Tree,
    role: ResourceRole,
    children: dict[ResourceRole, list[tuple[ResourceRole, bool, int]]],
) -> None:
    for other, said, beyond in children.get(role, ()):
        unsaid = "" if said else ", though no seniority says so"
        label = f"{other.short} and {counted(beyond, 'permission')} more{unsaid}"
        _grow(node.add(label), other, children)


def _print_toxic(sets: tuple[Toxic, ...]) -> None:
    say(f"{counted(len(sets), 'toxic set')} of up to three roles")
    for each in sets:
        roles = " + ".join(role.short for role in each.roles)
        principals = ", ".join(principal.short for principal in each.principals)
        say(f"  {roles}  ({principals}; {each.invariant.name})")
