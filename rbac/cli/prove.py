"""Prove what a policy must never allow, over every cell, or show all that contradicts it.

The statements are those of DIR/invariants.toml, or of --invariants FILE, about the policy
in DIR; docs/audit.md explains the notation.

  rbac prove
  rbac prove --format json
  rbac prove DIR --invariants FILE

Exits 0 if every statement is proved, 1 if one is refuted, with all its counterexamples
in few blocks, and 3 if a statement is not well said: an unknown name, an empty selection.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

from rbac.audit.blocks import Cover, cover
from rbac.audit.invariants import Result, Space
from rbac.audit.statements import read
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import (
    GREEN,
    RED,
    add_folder,
    add_output,
    colored,
    policies_folder,
    print_json,
    say,
)
from rbac.cli.phrases import counted, sentence
from rbac.policy import Policy, shipped_folder
from rbac.table import DecisionTable

FILE = "invariants.toml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_folder(parser)
    parser.add_argument("--invariants", metavar="FILE", help=f"default: {FILE} in DIR")
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Proves every statement and prints what became of it."""
    folder = policies_folder(options.folder) or shipped_folder()
    space = Space(DecisionTable(Policy.load(folder)))
    invariants = read(options.invariants or os.path.join(folder, FILE), space)
    results = [space.prove(invariant) for invariant in invariants]
    if not options.quiet:
        if options.format == "json":
            print_json(_as_dict(space, results))
        else:
            _print(space, results, colored(options.color))
    return ALLOWED if all(result.holds for result in results) else DENIED


def _print(space: Space, results: list[Result], paint: bool) -> None:
    """The refuted first, each with everything against it; then what is proved, a line each."""
    refuted = [result for result in results if not result.holds]
    for result in refuted:
        say(f"refuted: {result.invariant.name}", color=RED if paint else "")
        say(*(f"  {line}" for line in _against(space, result)))
    total = f"{len(results) - len(refuted)} of {counted(len(results), 'invariant')}"
    verdict = "not proved" if refuted else "proved"
    first = f"{verdict}: {total} hold; the policy has {space.size:,} cells"
    say(first, color=(RED if refuted else GREEN) if paint else "")
    for result in results:
        if result.holds:
            say(f"  {_looked(result)}  {result.invariant.name}")
    say(f"  digest {space.table.policy.digest}")


def _looked(result: Result) -> str:
    noun = "cells" if result.invariant.about == "cells" else "rows "
    return f"{result.looked:>9,} {noun}"


def _against(space: Space, result: Result) -> Iterator[str]:
    """What a refuted statement says, why, and everything that contradicts it."""
    invariant = result.invariant
    yield invariant.says
    yield f"because {invariant.because} ({invariant.place})"
    if result.facts:
        yield f"{counted(len(result.facts), 'row')} of {result.looked:,} possible against it:"
        yield from (f"  {fact} ({fact.place})" for fact in result.facts)
        return
    blocks = cover(result.cells)
    yield f"{counted(len(result.cells), 'cell')} of {result.looked:,} against it:"
    for block in blocks.blocks:
        yield f"  {sentence(block)}"
        yield f"    as in {space.table.decide(next(block.cells()))}"


def _as_dict(space: Space, results: list[Result]) -> dict[str, object]:
    return {
        "holds": all(result.holds for result in results),
        "cells": space.size,
        "digest": space.table.policy.digest,
        "invariants": [_result_as_dict(space, result) for result in results],
    }


def _result_as_dict(space: Space, result: Result) -> dict[str, object]:
    invariant = result.invariant
    blocks = cover(result.cells)
    return {
        "name": invariant.name,
        "says": invariant.says,
        "because": invariant.because,
        "place": str(invariant.place),
        "about": invariant.about,
        "form": invariant.form,
        "holds": result.holds,
        "looked": result.looked,
        "against": len(result.cells) + len(result.facts),
        "blocks": _blocks(space, blocks),
        "rows": [{"row": str(fact), "place": str(fact.place)} for fact in result.facts],
    }


def _blocks(space: Space, blocks: Cover) -> list[dict[str, object]]:
    return [
        block.as_dict() | {"as_in": str(space.table.decide(next(block.cells())))}
        for block in blocks.blocks
    ]
