r"""Run the tests of a policy: who is expected to be allowed what, and everything else denied.

The tests are the YAML files in DIR/tests, or those that --tests names, about the policy in
DIR; docs/testing.md explains the notation.

  rbac test
  rbac test DIR --coverage --threshold 100
  rbac test --filter 'project' --format junit
  rbac test --mutants --suggest-tests OUT

--threshold asks that at least so many percent of the grants have an asserted cell, and
--threshold-cells that so many of the allowed cells are asserted. --mutants names each grant
that could be flipped without any test failing; --suggest-tests writes the fewest tests that
would notice. What failed is shown with the decision, the grant it rests on, and its place.

Exits 0 if every test passed, 1 if one failed, if none ran or a threshold is not reached,
and 3 with every problem of every file if one of them is not well written.
"""

from __future__ import annotations

import argparse
import os
import re
from fractions import Fraction

from rbac.audit.formats.markup import text
from rbac.cli import ALLOWED, DENIED
from rbac.cli.findings import Findings, as_dict, lines
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
from rbac.cli.phrases import counted
from rbac.cli.saving import save
from rbac.errors import PolicyError, Problem, RequestError, quoted
from rbac.policy import Policy, shipped_folder
from rbac.table import DecisionTable
from rbac.testing.additions import Addition, addition, matrices
from rbac.testing.coverage import coverage
from rbac.testing.mutants import Mutation, mutants
from rbac.testing.reader import find, read
from rbac.testing.reports import against, as_github, as_junit, as_markdown, title
from rbac.testing.running import FAILED, SKIPPED, Runner
from rbac.testing.writer import write

FOLDER = "tests"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_folder(parser)
    parser.add_argument(
        "--tests", metavar="PATH", nargs="+", help=f"files or folders (default: DIR/{FOLDER})"
    )
    parser.add_argument("--filter", metavar="WORDS", help="only tests whose name has these words")
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    parser.add_argument("--coverage", action="store_true", help="show what is not asserted")
    for name, of in (("--threshold", "grants"), ("--threshold-cells", "allowed cells")):
        parser.add_argument(
            name, metavar="N", type=percentage, help=f"at least N percent of the {of} asserted"
        )
    parser.add_argument("--mutants", action="store_true", help="what no test would notice")
    parser.add_argument(
        "--suggest-tests", metavar="OUT", help="a new file, for the tests that would"
    )
    add_output(parser, "text", "json", "junit", "github", "markdown")


def percentage(text: str) -> Fraction:
    """A percentage, exactly; argparse says by this name what is wrong with another."""
    if not re.fullmatch(r"\d{1,3}(\.\d{1,9})?", text, re.ASCII) or Fraction(text) > 100:
        raise ValueError(text)
    return Fraction(text)


def run(options: argparse.Namespace) -> int:
    """Runs the tests and prints what became of them, and what they leave untested."""
    if options.suggest_tests is not None and os.path.exists(options.suggest_tests):
        raise RequestError(f"{quoted(options.suggest_tests)} is there already; name a new file")
    folder = policies_folder(options.folder) or shipped_folder()
    runner = Runner(DecisionTable(Policy.load(folder)))
    suites = read(_files(folder, options.tests), runner.table)
    wanted = options.filter or ""
    outcomes = list(
        runner.run_all(suites, lambda test: wanted in test.name, fail_fast=options.fail_fast)
    )
    found = Findings(runner.table.policy, outcomes)
    if options.coverage or options.threshold is not None or options.threshold_cells is not None:
        found = found._replace(
            coverage=coverage(runner, outcomes),
            thresholds=(options.threshold, options.threshold_cells),
            detailed=options.coverage,
        )
    if options.mutants or options.suggest_tests:
        sound = found.ran and not found.failed
        found = _mutated(runner, found, options) if sound else found._replace(unlooked=True)
    if not options.quiet:
        _PRINTERS[options.format](found, colored(options.color))
    return ALLOWED if found.passed else DENIED


def _files(folder: str, paths: list[str] | None) -> list[str]:
    """The files of tests, as somebody standing here would name them."""
    found: list[str] = []
    for path in paths or [os.path.join(folder, FOLDER)]:
        if paths and not os.path.exists(path):
            raise PolicyError([Problem(path, 0, 0, "there are no tests here")])
        found += find(path) if os.path.exists(path) else []
    return list(dict.fromkeys(map(_shown, found)))


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _mutated(runner: Runner, found: Findings, options: argparse.Namespace) -> Findings:
    """The mutants, and the tests that would kill the survivors, written if that is asked for."""
    alive = mutants(runner, found.outcomes)
    if options.suggest_tests is None:
        return found._replace(mutants=alive)
    mutation = Mutation(runner)
    added = addition(mutation, alive.survivors)
    if added.squares:
        tests = write(_about(added), matrices(mutation, added.squares))
        save(options.suggest_tests, tests, new=True)
    return found._replace(mutants=alive, addition=added, file=options.suggest_tests)


def _about(added: Addition) -> list[str]:
    """What stands at the top of a file of suggested tests."""
    return [
        "A draft: it expects what the policy decides today, right or wrong. Read each test,",
        "give it the name of the rule that it holds, and mend what it should not expect.",
        f"{counted(len(added.squares), 'combination')} of principal, role and type.",
    ]


def _text(found: Findings, paint: bool) -> None:
    for outcome in found.outcomes:
        if outcome.result == FAILED:
            say(f"failed: {title(outcome)}", color=RED if paint else "")
            say(*(f"  {line}" for line in against(outcome)))
        if outcome.result == SKIPPED:
            say(f"skipped: {title(outcome)}: {outcome.test.skip}")
    first, *others = lines(found)
    say(first, color=(GREEN if found.passed else RED) if paint else "")
    say(*others)


def _json(found: Findings, _: bool) -> None:
    print_json(as_dict(found))


def _junit(found: Findings, _: bool) -> None:
    print(as_junit(found.outcomes, found.gates), end="")


def _github(found: Findings, _: bool) -> None:
    for line in as_github(found.outcomes, found.gates):
        print(line)


def _markdown(found: Findings, _: bool) -> None:
    say(*as_markdown(found.outcomes), "")
    say(*(f"- {text(line.strip())}" for line in list(lines(found))[1:]))


_PRINTERS = {
    "text": _text,
    "json": _json,
    "junit": _junit,
    "github": _github,
    "markdown": _markdown,
}
