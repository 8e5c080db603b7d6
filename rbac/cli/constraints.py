"""List every way in which a directory breaks the constraints: who, where, and by what.

  rbac constraints --directory DIR
  rbac constraints --constraints FILE --directory DIR --format json

Without --constraints, the constraints.toml of the policy folder is read. Exits 0 if none is
broken, 1 if any is, 3 if the constraints are malformed or make no sense under the policy.
"""

from __future__ import annotations

import argparse
import os

from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import (
    add_directory,
    add_output,
    add_policies,
    policies_folder,
    policy,
    print_json,
    with_directory,
)
from rbac.cli.tables import FORMATS, Table, show
from rbac.constraints import Constraints
from rbac.policy import shipped_folder
from rbac.violations import Violation, violations


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument(
        "--constraints",
        metavar="FILE",
        help="the constraints (default: constraints.toml in the policy folder)",
    )
    add_policies(parser)
    add_directory(parser)
    add_output(parser, *FORMATS)


def run(options: argparse.Namespace) -> int:
    """Reads the constraints, then the directory, and prints one row for each violation."""
    folder = policies_folder(options.policies) or shipped_folder()
    file = options.constraints or os.path.join(folder, "constraints.toml")
    by = policy(options.policies)
    constraints = Constraints.load(file, by)
    access = with_directory(Authorizer(by), options).access
    found = violations(access, constraints)
    if options.quiet:
        return DENIED if any(True for _ in found) else ALLOWED
    every = list(found)
    title = f"{len(every):,} violations of {len(constraints.scoped):,} constraints"
    if options.format == "json":
        print_json({"title": title, "violations": [each.as_dict() for each in every]})
    else:
        columns = ("constraint", "on", "subject", "what is wrong", "by")
        show(Table(title, columns, [_row(each) for each in every]), options.format, options.color)
    return DENIED if every else ALLOWED


def _row(violation: Violation) -> tuple[str, ...]:
    subject = str(violation.subject) if violation.subject else ""
    by = "; ".join(map(str, violation.holds))
    return violation.constraint.name, str(violation.on), subject, str(violation), by
