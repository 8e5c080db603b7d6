"""Print the versions of this library and of what it rests on, and the policy's digest.

  rbac version
  rbac version --format json

Quote them in a report: the digest says which policy answered.
"""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import PackageNotFoundError, version

from rbac.cli import ALLOWED
from rbac.cli.options import add_output, add_policies, policy, print_json, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_policies(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Prints a line for each version."""
    facts = {
        "rbac": _version("rbac"),
        "policy": policy(options.policies).digest,
        "python": platform.python_version(),
        "casbin": _version("casbin"),
    }
    if options.quiet:
        return ALLOWED
    if options.format == "json":
        print_json(facts)
    else:
        say(*(f"{name:8} {fact}" for name, fact in facts.items()))
    return ALLOWED


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
