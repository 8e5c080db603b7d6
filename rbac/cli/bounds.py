"""What commands about constraints share: where constraints come from, and how a witness reads.

Knows files and words. It must not know what a constraint counts.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

from rbac.cli.options import directory_folder, policies_folder
from rbac.constraints import Constraints
from rbac.policy import Policy, shipped_folder
from rbac.violations import Violation

_FILE = "constraints.toml"


def add_constraints(parser: argparse.ArgumentParser) -> None:
    """``--constraints FILE``: what the directory must not contain."""
    parser.add_argument(
        "--constraints",
        metavar="FILE",
        help=f"default: {_FILE} beside the directory folder, else in the policy folder",
    )


def constraints_of(options: argparse.Namespace, policy: Policy) -> Constraints | None:
    """The constraints that were asked for, or else found; None if there are none to be found.

    Raises `PolicyError` for a file that is malformed, or is named and missing.
    """
    if options.constraints is not None:
        return Constraints.load(options.constraints, policy)
    folder = directory_folder(options.directory)
    beside = [] if folder is None else [os.path.dirname(os.path.abspath(folder))]
    for each in (*beside, policies_folder(options.policies) or shipped_folder()):
        file = os.path.join(each, _FILE)
        if os.path.lexists(file):
            return Constraints.load(os.path.relpath(file), policy)
    return None


def witness(violation: Violation, indent: str) -> Iterator[str]:
    """What is wrong, and how it came to be, each on a line."""
    yield f"{indent}{violation.sentence}"
    for each in violation.holds or violation.holders:
        yield f"{indent}  {each}"
