"""Write the policy for another engine.

  rbac export casbin DIR

DIR gets a model.conf and a policy.csv that a stock casbin.Enforcer loads, and that answer
every cell as this library does; the header of policy.csv says what may be passed.
"""

from __future__ import annotations

import argparse

from rbac.casbin_files import export
from rbac.cli import ALLOWED
from rbac.cli.options import add_policies, policy, say
from rbac.errors import RequestError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("engine", choices=("casbin",), help="the engine to write for")
    parser.add_argument("folder", metavar="DIR", help="a folder that does not exist yet")
    add_policies(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing; only exit")


def run(options: argparse.Namespace) -> int:
    """Writes the files and says what they hold."""
    subject = policy(options.policies)
    try:
        export(subject, options.folder)
    except OSError as error:
        raise RequestError(f"cannot write {options.folder}: {error.strerror}") from error
    if not options.quiet:
        say(f"written: {options.folder}/model.conf, {options.folder}/policy.csv")
        say(f"  digest {subject.digest}")
    return ALLOWED
