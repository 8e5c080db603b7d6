"""Rewrite the files of a policy in canonical form, keeping every comment.

  rbac fmt DIR
  rbac fmt --check

Rows and paragraphs are put in the order of the specification; no row and no comment is
changed, so neither is the digest. With --check nothing is written: it shows what differs
and exits 1. A folder that is not a valid policy is left alone, and exits 3.
"""

from __future__ import annotations

import argparse
import difflib

from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import policies_folder, say
from rbac.errors import RequestError
from rbac.notation.formatter import formatted, rewrite
from rbac.policy import Policy, shipped_folder


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("folder", metavar="DIR", nargs="?", help="default: $RBAC_POLICIES")
    parser.add_argument("--check", action="store_true", help="write nothing; show what differs")
    parser.add_argument("--quiet", action="store_true", help="print nothing; only exit")


def run(options: argparse.Namespace) -> int:
    """Formats the folder, or shows what that would change."""
    folder = policies_folder(options.folder)
    if folder is None and not options.check:
        raise RequestError("name the folder to rewrite; the shipped policy is only checked")
    folder = folder or shipped_folder()
    before = Policy.load(folder)
    changed = {name: pair for name, pair in formatted(folder).items() if pair[0] != pair[1]}
    for name, (old, new) in changed.items():
        if not options.check:
            rewrite(folder, name, new)
        if not options.quiet:
            say(*(_difference(name, old, new) if options.check else [f"rewritten: {name}"]))
    if not options.check and changed:
        after = Policy.load(folder)
        assert after.digest == before.digest, "formatting changed what the policy means"
    return DENIED if options.check and changed else ALLOWED


def _difference(name: str, old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="")
    return list(lines)
