"""Read a policy folder strictly and name everything that is wrong with it.

  rbac validate
  rbac validate DIR --format json

Exits 0 if it is a policy, 3 if not, with every problem by file, line and column.
"""

from __future__ import annotations

import argparse

from rbac.cli import ALLOWED, INVALID
from rbac.cli.options import add_folder, add_output, policies_folder, print_json, say
from rbac.errors import PolicyError
from rbac.policy import Policy, shipped_folder


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_folder(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Reads the folder and prints what it holds; problems go to standard error."""
    folder = policies_folder(options.folder) or shipped_folder()
    try:
        policy = Policy.load(folder)
    except PolicyError as error:
        if options.format == "json" and not options.quiet:
            problems = [problem._asdict() for problem in error.problems]
            print_json({"valid": False, "folder": folder, "problems": problems})
            return INVALID
        raise
    if options.quiet:
        return ALLOWED
    counts = {name: len(table) for name, table in policy.rows._asdict().items()}
    if options.format == "json":
        print_json({"valid": True, "folder": folder, "rows": counts, "digest": policy.digest})
        return ALLOWED
    say(f"valid: {folder}", *(f"  {name:14} {count:5}" for name, count in counts.items()))
    say(f"  digest {policy.digest}")
    return ALLOWED
