"""What commands share: the options they have in common, and how they print.

Knows where a policy comes from on a command line, when colour is wanted, and that
nothing printed may carry a control character. It must not know any command.
"""

from __future__ import annotations

import argparse
import os
import sys

from rbac.errors import printable
from rbac.light import TYPE_CHECKING
from rbac.policy import Policy

if TYPE_CHECKING:
    from rbac.authorizer import Authorizer


def add_policies(parser: argparse.ArgumentParser) -> None:
    """``--policies DIR``: the policy to ask, instead of the shipped one."""
    parser.add_argument(
        "--policies",
        metavar="DIR",
        help="the policy folder to use (default: $RBAC_POLICIES, else the shipped policy)",
    )


def add_directory(parser: argparse.ArgumentParser) -> None:
    """``--directory DIR``: who holds what."""
    parser.add_argument(
        "--directory",
        metavar="DIR",
        help="the directory folder that says who holds what (default: $RBAC_DIRECTORY)",
    )


def add_folder(parser: argparse.ArgumentParser) -> None:
    """``DIR``: the policy folder that a command is about."""
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        help="default: $RBAC_POLICIES, else the shipped policy",
    )


def add_output(parser: argparse.ArgumentParser, *formats: str) -> None:
    """``--format``, ``--quiet`` and ``--color``."""
    parser.add_argument("--format", choices=formats, default="text", help="default: text")
    parser.add_argument("--quiet", action="store_true", help="print nothing; only exit")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="default: on a terminal, unless NO_COLOR is set",
    )


def policies_folder(chosen: str | None) -> str | None:
    """The policy folder that was asked for; None for the shipped policy."""
    return chosen or os.environ.get("RBAC_POLICIES") or None


def policy(chosen: str | None) -> Policy:
    """The policy that was asked for."""
    folder = policies_folder(chosen)
    return Policy.shipped() if folder is None else Policy.load(folder)


def directory_folder(chosen: str | None) -> str | None:
    """The directory folder that was asked for; None without one."""
    return chosen or os.environ.get("RBAC_DIRECTORY") or None


def with_directory(authorizer: Authorizer, options: argparse.Namespace) -> Authorizer:
    """The same policy with the directory that was asked for; as it is without one."""
    folder = directory_folder(options.directory)
    if folder is None:
        return authorizer
    from rbac.authorizer import Authorizer
    from rbac.cli.progress import loading
    from rbac.directory import Directory

    with loading(options.quiet) as progress:
        directory = Directory.load(folder, policy=authorizer.policy, progress=progress)
    return Authorizer(authorizer.policy, directory)


def colored(choice: str) -> bool:
    """Whether standard output is to be coloured."""
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return choice == "always"


GREEN, RED = "32", "31"


def say(*lines: str, color: str = "") -> None:
    """Prints `lines` to standard output, each on one line, control characters escaped."""
    for line in lines:
        print(f"\x1b[{color}m{printable(line)}\x1b[0m" if color else printable(line))


def print_json(value: object, *, indent: int | None = 2) -> None:
    """Prints `value` as JSON, in ASCII."""
    import json  # only machines ask for it

    print(json.dumps(value, indent=indent))
