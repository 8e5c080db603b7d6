"""List every way in which a directory breaks the constraints: who, where, and by what.

  rbac constraints --directory DIR
  rbac constraints --directory DIR --constraints FILE --format json

Without --constraints, it reads the constraints.toml that lies beside the directory, or else
the one in the policy folder. Exits 0 if none is broken, 1 if any is, 3 if the constraints are
malformed or make no sense under the policy.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED, DENIED
from rbac.cli.bounds import add_constraints, constraints_of, witness
from rbac.cli.options import (
    RED,
    add_directory,
    add_output,
    add_policies,
    colored,
    policy,
    print_json,
    say,
    with_directory,
)
from rbac.cli.phrases import counted
from rbac.cli.tables import Table, show
from rbac.constraint_rows import Scoped
from rbac.constraints import Constraints
from rbac.errors import RequestError
from rbac.violations import Violation, violations


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_constraints(parser)
    add_policies(parser)
    add_directory(parser)
    add_output(parser, "text", "json", "csv", "markdown")


def run(options: argparse.Namespace) -> int:
    """Reads the constraints, then the directory, and prints every violation with its witness."""
    by = policy(options.policies)
    constraints = constraints_of(options, by)
    if constraints is None:
        raise RequestError("no constraints.toml beside the directory; name one with --constraints")
    access = with_directory(Authorizer(by), options).access
    found = violations(access, constraints)
    if options.quiet:
        return DENIED if next(found, None) else ALLOWED
    every = list(found)
    title = (
        f"{counted(len(every), 'violation')} of {counted(len(constraints.scoped), 'constraint')}"
    )
    if options.format == "json":
        print_json({"title": title, "violations": [each.as_dict() for each in every]})
    elif options.format == "text":
        say(title, color=RED if every and colored(options.color) else "")
        say(*_lines(constraints, every))
    else:
        columns = ("constraint", "on", "subject", "what is wrong", "by")
        show(Table(title, columns, [_row(each) for each in every]), options.format, options.color)
    return DENIED if every else ALLOWED


def _lines(constraints: Constraints, every: list[Violation]) -> Iterator[str]:
    """The violations below the constraint that they break, and how each came to be."""
    by_constraint: dict[Scoped, list[Violation]] = {}
    for each in every:
        by_constraint.setdefault(each.constraint, []).append(each)
    for constraint in constraints.scoped:
        found = by_constraint.get(constraint, [])
        yield f"{constraint.name}: {constraint.reason if found else 'kept'}"
        for each in found:
            yield from witness(each, "  ")


def _row(violation: Violation) -> tuple[str, ...]:
    subject = str(violation.subject) if violation.subject else ""
    by = "; ".join(map(str, violation.holds or violation.holders))
    return violation.constraint.name, str(violation.on), subject, violation.sentence, by
