"""How the report of an audit is printed: a table and a tree for each rule, or another format.

Knows words and layout. It must not know any rule.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Callable, Iterator

from rbac.audit.findings import Finding, Report, Rule, Severity
from rbac.cli.options import colored, print_json, say
from rbac.cli.phrases import counted
from rbac.cli.tables import Table
from rbac.cli.tables import show as show_table
from rbac.errors import printable
from rbac.light import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.tree import Tree

FORMATS = ("text", "json", "markdown", "csv", "sarif", "github", "junit")

NEVER = "never"
"""What --fail-on takes besides severities."""

MOST_EVIDENCE = 8
"""How many lines of evidence a finding shows as text."""


def show(report: Report, options: argparse.Namespace) -> None:
    """Prints the report to standard output in one of `FORMATS`."""
    if options.format == "text":
        _text(report, options.limit, options.color)
    elif options.format == "junit":
        _junit(report, failing(report, options))
    else:
        _PRINTERS[options.format](report)


def failing(report: Report, options: argparse.Namespace) -> tuple[Finding, ...]:
    """The open findings that --fail-on calls a failure."""
    return () if options.fail_on == NEVER else report.at_least(Severity.parse(options.fail_on))


def show_rules(rules: tuple[Rule, ...], form: str, color: str) -> None:
    """Prints every rule: as a table, or in full as JSON."""
    if form == "json":
        print_json([rule.as_dict() for rule in rules])
        return
    rows = [(rule.id, rule.severity.short, rule.title) for rule in rules]
    table = Table(counted(len(rows), "rule"), ("rule", "severity", "finds"), rows)
    show_table(table, form if form in ("csv", "markdown") else "text", color)


def _json(report: Report) -> None:
    print_json(report.as_dict())


def _markdown(report: Report) -> None:
    from rbac.audit.formats.markdown import markdown

    print(markdown(report), end="")


def _csv(report: Report) -> None:
    from rbac.audit.formats.sheet import sheet

    print(sheet(report), end="")


def _sarif(report: Report) -> None:
    from importlib.metadata import version

    from rbac.audit.formats.sarif import sarif

    print_json(sarif(report, version=version("rbac")))


def _github(report: Report) -> None:
    from rbac.audit.formats.github import github

    print(github(report), end="")


def _junit(report: Report, failing: tuple[Finding, ...]) -> None:
    from rbac.audit.formats.cases import junit

    print(junit(report, failing), end="")


_PRINTERS: dict[str, Callable[[Report], None]] = {
    "json": _json,
    "markdown": _markdown,
    "csv": _csv,
    "sarif": _sarif,
    "github": _github,
}

_Kind = tuple[Severity, Rule]

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def _text(report: Report, limit: int, color: str) -> None:
    """The counts, a table of the rules that found something, and a tree for each."""
    table = _summary(report)
    if not table.rows:
        say(table.title)
        return
    show_table(table, "text", color)
    console = _console(color)
    for (severity, rule), found in itertools.groupby(
        report.findings, lambda each: (each.severity, each.rule)
    ):
        console.print(_tree(severity, rule, list(found), limit))
        say("")


def _summary(report: Report) -> Table:
    """How many findings of each rule are open and accepted, the worst rules first."""
    counts = ", ".join(
        counted(count, severity.short) for severity, count in report.counts().items()
    )
    title = f"{counts}; {counted(len(report.accepted), 'finding')} accepted"
    open_, accepted = Counter[_Kind](), Counter[_Kind]()
    open_.update((each.severity, each.rule) for each in report.findings)
    accepted.update((each.finding.severity, each.finding.rule) for each in report.accepted)
    order = tuple(Severity)
    kinds = sorted({*open_, *accepted}, key=lambda kind: (order.index(kind[0]), kind[1].id))
    rows = [
        (
            rule.id,
            severity.short,
            rule.title,
            *(f"{each[severity, rule]:,}" for each in (open_, accepted)),
        )
        for severity, rule in kinds
    ]
    return Table(title, ("rule", "severity", "finds", "open", "accepted"), rows)


def _console(color: str) -> Console:
    from rich.console import Console

    paint = colored(color)
    # A pipe has no width; nothing is folded there, so that lines stay whole for grep.
    width = None if sys.stdout.isatty() else 1000
    return Console(width=width, no_color=not paint, force_terminal=paint, highlight=False)


def _tree(severity: Severity, rule: Rule, found: list[Finding], limit: int) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    head = Text(f"{severity.short} ", style=f"bold {_COLORS[severity]}")
    tree = Tree(head.append(f"{rule.id} {rule.title}: {len(found):,}", style="default"))
    for each in found[: limit or None]:
        node = tree.add(Text(_line(each)))
        for line in _evidence(each):
            node.add(Text(printable(line)))
        if each.remedy != rule.remedy:
            node.add(Text(f"to mend: {printable(each.remedy)}"))
    if limit and len(found) > limit:
        tree.add(Text(f"and {len(found) - limit:,} more; --limit 0 shows all"))
    tree.add(Text(f"to mend: {rule.remedy}", style="italic"))
    return tree


def _line(finding: Finding) -> str:
    place = f"{finding.place}: " if finding.place else ""
    return printable(f"{place}{finding.message}")


def _evidence(finding: Finding) -> Iterator[str]:
    yield from finding.evidence[:MOST_EVIDENCE]
    if len(finding.evidence) > MOST_EVIDENCE:
        yield f"and {len(finding.evidence) - MOST_EVIDENCE:,} more; --format json has all"
