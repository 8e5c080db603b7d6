"""Show exactly what changes in who may do what from one policy to another.

OLD and NEW are policy folders, or revisions of one in git as REV:PATH; OLD alone may be a
range, main...HEAD or main...HEAD:PATH (the folder is 'policies' if it names none), or a
folder or revision that is compared with the shipped policy or $RBAC_POLICIES. Nothing is
checked out.

  rbac diff main:DIR DIR
  rbac diff DIR OTHER-DIR --no-new-access
  rbac diff DIR OTHER-DIR --budget +40 --format json

It prints the cells gained and lost, counted, in the fewest blocks that cover exactly
them; the rows that explain them; and what else changed. Exits 0 if the policies mean the
same, 1 if not. With --no-new-access or --budget only the gate decides: 1 if access was
added that it does not let through. What gives access that is not counted in cells, a
containment or a requirement less, passes neither gate.

With a directory it says instead who gains and loses what, on the resources that there are:

  rbac diff DIR OTHER-DIR --directory SNAPSHOT
  rbac diff --directory SNAPSHOT --directory LATER
  rbac diff DIR OTHER-DIR --directory SNAPSHOT --directory LATER --format csv

Two directories are compared by both policies, or by one, --policies, if none is named.
Counted are permissions of a subject on a resource: by permission, by the role and the
group or relation behind them (those of two roles at each), and by subject. Exits 0 if
nobody gains or loses any, 1 if somebody does; the gates count what is gained. csv lists
each one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rbac.audit.blocks import Cover, cover
from rbac.audit.causes import Cause, causes
from rbac.audit.difference import Difference, Verdict, difference
from rbac.audit.formats.markup import changes_block
from rbac.audit.revisions import ends, load, named, names_range
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import (
    GREEN,
    RED,
    add_output,
    add_policies,
    colored,
    policy,
    print_json,
    say,
)
from rbac.cli.phrases import counted, sentence
from rbac.errors import RequestError
from rbac.light import NamedTuple
from rbac.policy import Policy
from rbac.table import DecisionTable


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument(
        "old", metavar="OLD", nargs="?", help="a folder, REV:PATH, or a range of revisions"
    )
    parser.add_argument("new", metavar="NEW", nargs="?", help="a folder or REV:PATH")
    parser.add_argument(
        "--directory",
        metavar="DIR",
        action="append",
        default=[],
        help="who holds what; twice: before and after",
    )
    add_policies(parser)
    gates = parser.add_mutually_exclusive_group()
    gates.add_argument("--no-new-access", action="store_true", help="exit 1 if access was added")
    gates.add_argument(
        "--budget", metavar="+N", type=_budget, help="exit 1 if more than N cells were added"
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=_limit,
        default=10,
        help="with a directory: lines of each kind in text (default: 10)",
    )
    add_output(parser, "text", "json", "csv", "markdown")


def _budget(text: str) -> int:
    if not text.removeprefix("+").isdecimal():
        raise argparse.ArgumentTypeError("write how many cells may be gained: +40")
    return int(text)


def _limit(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("write how many lines: 40")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Compares the two policies, on directories if there are any, and prints the difference."""
    _check(options)
    old, new = _policies(options)
    budget = 0 if options.no_new_access else options.budget
    if options.directory:
        from rbac.cli.people import compare  # policies alone need no directory

        return compare(old, new, options, budget)
    found = difference(DecisionTable(old), DecisionTable(new))
    passed = None if budget is None else within(found, budget)
    if not options.quiet:
        report = _Report(found, cover(found.gained), cover(found.lost), causes(found), passed)
        if options.format == "json":
            print_json(_as_dict(report))
        elif options.format == "markdown":
            gist, *others = (line for line, _ in _lines(report))
            say(f"**{gist}**", "", *(changes_block(others) if others else ()))
        else:
            for line, color in _lines(report):
                say(line, color=color if colored(options.color) else "")
    good = not found if passed is None else passed
    return ALLOWED if good else DENIED


def within(found: Difference, budget: int) -> bool:
    """Whether no more than `budget` cells were gained, and nothing that has no count."""
    return len(found.gained) <= budget and not found.uncounted


def _check(options: argparse.Namespace) -> None:
    """Raises `RequestError` where there are not two things to compare."""
    directories = len(options.directory)
    if directories > 2:
        raise RequestError("two directories are compared, before and after; name no third")
    if options.old is None and directories < 2:
        raise RequestError("name two policies to compare, or two directories")
    if options.format == "csv" and not directories:
        raise RequestError("csv lists what each subject gains and loses; name a --directory")


def _policies(options: argparse.Namespace) -> tuple[Policy, Policy]:
    if options.old is None:
        only = policy(options.policies)
        return only, only
    if options.new is None and names_range(options.old):
        old, new = ends(options.old)
        return load(old), load(new)
    after = policy(options.policies) if options.new is None else named(options.new)
    return named(options.old), after


class _Report(NamedTuple):
    """A difference with everything that is printed of it."""

    found: Difference
    gained: Cover
    lost: Cover
    causes: tuple[Cause, ...]
    passed: bool | None


def _as_dict(report: _Report) -> dict[str, object]:
    found = report.found
    return {
        "verdict": found.verdict.value,
        "old": found.old.policy.digest,
        "new": found.new.policy.digest,
        "gained": _cover_as_dict(len(found.gained), report.gained),
        "lost": _cover_as_dict(len(found.lost), report.lost),
        "rows": [cause.as_dict() for cause in report.causes],
        "others": [shift.as_dict() for shift in found.shifts],
        "passed": report.passed,
    }


def _cover_as_dict(count: int, blocks: Cover) -> dict[str, object]:
    return {
        "cells": count,
        "blocks": [block.as_dict() for block in blocks.blocks],
        "minimal": blocks.minimal,
        "least": blocks.least,
    }


def _lines(report: _Report) -> Iterator[tuple[str, str]]:
    """What is printed, line by line, each with its colour."""
    found = report.found
    gained, lost = len(found.gained), len(found.lost)
    yield f"{_VERDICTS[found.verdict]}: {gained:,} cells gained, {lost:,} lost", ""
    yield from _block_lines("gained", "+", report.gained, GREEN)
    yield from _block_lines("lost", "-", report.lost, RED)
    if report.causes:
        yield "the rows behind it (cells each explains alone, cells that need it):", ""
    for cause in report.causes:
        alone, needed = len(cause.alone), len(cause.needed)
        yield f"  {cause.text}  ({cause.row.place}; {alone:,}, {needed:,})", ""
    if found.shifts:
        yield "what else changed:", ""
    for shift in found.shifts:
        yield f"  {shift.kind} {shift.change}  ({shift.direction.value})", ""
    if report.passed is not None:
        yield "gate: passed" if report.passed else "gate: not passed", ""
    if report.passed is False and found.uncounted:
        yield "  access that has no count: " + "; ".join(_uncounted(found)), ""


def _uncounted(found: Difference) -> list[str]:
    return [f"{shift.kind} {shift.change}" for shift in found.uncounted]


_VERDICTS = {
    Verdict.EQUAL: "the same access",
    Verdict.MORE: "only more access",
    Verdict.LESS: "only less access",
    Verdict.MIXED: "more access and less",
}


def _block_lines(what: str, sign: str, blocks: Cover, color: str) -> Iterator[tuple[str, str]]:
    if not blocks.blocks:
        return
    proven = "the fewest there are" if blocks.minimal else f"at least {blocks.least} are needed"
    yield f"{what}, in {counted(len(blocks.blocks), 'block')} ({proven}):", ""
    for block in blocks.blocks:
        yield f"  {sign} {sentence(block)}", color
