"""Prove that the decision table, the definition and Casbin agree on every cell of a policy.

  rbac verify
  rbac verify DIR --format json

Every principal, role, permission and own bit is asked of all three, and a sample once
more of one Casbin enforcer that holds everything. Exits 0 if all agree, 1 with the cells
on which they do not.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import add_folder, add_output, policy, print_json, say
from rbac.policy import Policy
from rbac.verification import Progress, Proof, verify


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_folder(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Runs the proof, with a progress bar on a terminal, and prints what it found."""
    subject = policy(options.folder)
    started = time.perf_counter()
    with _progress(options.quiet) as progress:
        proof = verify(subject, progress=progress)
    seconds = time.perf_counter() - started
    if not options.quiet:
        if options.format == "json":
            print_json(_as_dict(subject, proof, seconds))
        else:
            say(*_lines(subject, proof, seconds))
    return ALLOWED if proof.holds else DENIED


def _as_dict(subject: Policy, proof: Proof, seconds: float) -> dict[str, object]:
    return {
        "holds": proof.holds,
        "cells": proof.cells,
        "allowed": proof.allowed,
        "sampled": proof.sampled,
        "grants": len(subject.rows.grants),
        "digest": subject.digest,
        "seconds": round(seconds, 1),
        "disagreements": [
            {
                "subject": wrong.question.principal.short,
                "role": wrong.question.role.short,
                "resource": wrong.question.type.short,
                "action": wrong.question.action.short if wrong.question.action else None,
                "own": wrong.question.own,
                "table": wrong.table,
                "definition": wrong.definition,
                "casbin": wrong.casbin,
            }
            for wrong in proof.disagreements
        ],
    }


def _lines(subject: Policy, proof: Proof, seconds: float) -> Iterator[str]:
    if proof.holds:
        yield "proved: the table, the definition and Casbin agree on every cell"
    else:
        yield f"not proved: they disagree on {len(proof.disagreements):,} cells"
    yield f"  cells    {proof.cells:>9,}, of them {proof.allowed:,} allowed"
    yield f"  sampled  {proof.sampled:>9,} through one enforcer that holds everything"
    yield f"  grants   {len(subject.rows.grants):>9,}"
    yield f"  time     {seconds:>8.1f} s"
    yield f"  digest   {subject.digest}"
    for wrong in proof.disagreements:
        principal, role, type, action, own = wrong.question
        yield (
            f"  {principal.short} {role.short} {type.short} {action.short if action else ''}"
            f"{' --own' if own else ''}: table {wrong.table}, "
            f"definition {wrong.definition}, casbin {wrong.casbin}"
        )


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress | None]:
    """A progress bar on standard error, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = ("proving", BarColumn(), MofNCompleteColumn(), "cells", TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
