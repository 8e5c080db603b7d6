"""Show what each grant is good for: the cells it allows, decides, and alone allows.

  rbac blame
  rbac blame --role project_user
  rbac blame --spare --format json

'allows' counts the cells that would rest on the grant were it the only one, 'decides' those
whose answer names it, 'needed' those that nothing else allows: what taking it away loses.
With --spare, only grants that no cell needs. Exits 0.
"""

from __future__ import annotations

import argparse

from rbac.audit.necessity import Use, uses
from rbac.cli import ALLOWED
from rbac.cli.options import add_folder, add_output, policy
from rbac.cli.phrases import counted
from rbac.cli.tables import FORMATS, Table, show
from rbac.table import DecisionTable
from rbac.terms import specified
from rbac.vocabulary import ResourceRole


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_folder(parser)
    parser.add_argument("--role", metavar="ROLE", help="the grants of this role alone")
    parser.add_argument("--spare", action="store_true", help="grants that no cell needs alone")
    add_output(parser, *FORMATS)


def run(options: argparse.Namespace) -> int:
    """Prints a row for each grant."""
    role = options.role
    if role is not None:
        role = specified("role", ResourceRole.parse(role), ResourceRole)
    found = [
        use
        for use in uses(DecisionTable(policy(options.folder)))
        if role in (None, use.grant.role) and not (options.spare and len(use.needed))
    ]
    if not options.quiet:
        show(_table(found), options.format, options.color)
    return ALLOWED


def _table(found: list[Use]) -> Table:
    columns = ("grant", "place", "allows", "decides", "needed")
    rows = [
        (
            ", ".join(name.short for name in use.grant[:4]),
            str(use.grant.place),
            *(str(len(cells)) for cells in use[1:]),
        )
        for use in found
    ]
    return Table(f"{counted(len(rows), 'grant')} and the cells behind them", columns, rows)
