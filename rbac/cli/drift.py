r"""Show what a newer list of roles, resource types and principals leaves undecided.

VOCABULARY is a JSON file with the arrays 'roles', 'resource_types' and 'principals', of
wire values or short names; or, with --sdk, the names of the installed gitpod-sdk, or of one
unpacked in FOLDER, whose files are read and never run.

  rbac drift VOCABULARY
  rbac drift --sdk
  rbac drift VOCABULARY --format csv | head -3

It prints what appeared, what vanished, and every cell that now needs a decision, counted,
in blocks; --format csv lists them one by one. Rows of the policy that use a name that
vanished are errors, each with its place. Exits 0 if there is no drift, 1 if there is, 3 if
VOCABULARY is no list of names.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from rbac.audit.drift import Drift, Undecided, drift
from rbac.audit.formats.fields import write
from rbac.audit.vocabularies import KINDS, Vocabulary, of_client, ours, read
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import GREEN, RED, add_output, add_policies, colored, policy, print_json, say
from rbac.cli.phrases import counted
from rbac.errors import RequestError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("vocabulary", metavar="VOCABULARY", nargs="?", help="a JSON file")
    parser.add_argument(
        "--sdk",
        metavar="FOLDER",
        nargs="?",
        const="",
        help="instead: the installed gitpod-sdk, or the one unpacked in FOLDER",
    )
    add_policies(parser)
    add_output(parser, "text", "json", "csv")


def run(options: argparse.Namespace) -> int:
    """Compares the names and prints what that leaves to decide."""
    found = drift(policy(options.policies), _vocabulary(options))
    if not options.quiet:
        if options.format == "json":
            print_json(_as_dict(found))
        elif options.format == "csv":
            _csv(found)
        else:
            _print(found, colored(options.color))
    return DENIED if found else ALLOWED


def _vocabulary(options: argparse.Namespace) -> Vocabulary:
    if (options.vocabulary is None) is (options.sdk is None):
        raise RequestError("name a file of names, or --sdk, and not both")
    return (
        of_client(options.sdk or None) if options.vocabulary is None else read(options.vocabulary)
    )


def _print(found: Drift, paint: bool) -> None:
    green, red = (GREEN, RED) if paint else ("", "")
    say(f"{found.theirs.source}, against ours: {_sizes(ours())}")
    if not found:
        say("no drift: the same names", color=green)
        return
    for what, sign, names, color in (
        ("appeared", "+", found.appeared, green),
        ("vanished", "-", found.vanished, red),
    ):
        total = [counted(len(each), _noun(kind)) for kind, each in names.items() if each]
        say(f"{what}: {', '.join(total) or 'nothing'}")
        say(
            *(f"  {sign} {_noun(kind)} {each}" for kind in KINDS for each in names[kind]),
            color=color,
        )
    say(*_uses(found), color=red)
    say(*_left(found))


def _noun(kind: str) -> str:
    return KINDS[kind].noun


def _sizes(vocabulary: Vocabulary) -> str:
    return ", ".join(counted(len(getattr(vocabulary, kind)), _noun(kind)) for kind in KINDS)


def _uses(found: Drift) -> Iterator[str]:
    """The rows of the policy that use what vanished, by name."""
    for kind in KINDS:
        for name in found.vanished[kind]:
            rows = [use for use in found.uses if (use.kind, use.name) == (kind, name)]
            if rows:
                using = f"is used by {counted(len(rows), 'row')} of the policy"
                yield f"error: {_noun(kind)} {name} vanished, but {using}:"
                yield from (f"  {use.text}  ({use.place})" for use in rows)


def _left(found: Drift) -> Iterator[str]:
    """What is left to decide."""
    blocks = len(found.undecided)
    if blocks:
        yield f"{counted(found.cells, 'cell')} to decide, in {counted(blocks, 'block')}:"
    yield from (f"  {_sentence(block)}" for block in found.undecided)
    types = found.appeared["resource_types"]
    if types:
        names = f"{counted(len(types), 'resource type')} without a permission so far"
        yield f"{names}: each action on one brings {found.cells_an_action:,} cells more"


def _sentence(block: Undecided) -> str:
    permissions = counted(len(block.permissions), "permission")
    who, roles = _some(block.principals, "principal"), _some(block.roles, "role")
    return f"{who} as {roles}: {permissions}, any and own  ({counted(block.size, 'cell')})"


def _some(names: tuple[str, ...], noun: str) -> str:
    return names[0] if len(names) == 1 else counted(len(names), noun)


def _csv(found: Drift) -> None:
    rows = (
        (principal, role, type.short, action.short, str(own).lower())
        for block in found.undecided
        for principal, role, (action, type), own in block.cells()
    )
    write(sys.stdout, ("principal", "role", "type", "action", "own"), rows)


def _as_dict(found: Drift) -> dict[str, object]:
    return {
        "source": found.theirs.source,
        "appeared": {kind: list(names) for kind, names in found.appeared.items()},
        "vanished": {kind: list(names) for kind, names in found.vanished.items()},
        "errors": [
            {"kind": use.kind, "name": use.name, "row": use.text, "place": str(use.place)}
            for use in found.uses
        ],
        "cells": found.cells,
        "blocks": [block.as_dict() for block in found.undecided],
        "cells_an_action": found.cells_an_action,
    }
