"""Write a report for auditors: who may do what and why, what is proved, what changed.

  rbac report --output OUT
  rbac report --directory DIR --since DIR --output OUT
  rbac report --since main:DIR --format markdown
  rbac report --format csv --table grants

HTML is one page that needs no network: open it in a browser. Markdown is for a pull
request, CSV for a spreadsheet (--table says which), JSON for programs. Without --output
the report goes to standard output. The same inputs give the same bytes; a date stands in
it only if --date gives one. The policy is the one in DIR, else $RBAC_POLICIES, else the
shipped one, and is proved against the invariants.toml beside it, if there is one.

Exits 0 when the report is written, whatever it says: 'rbac prove' and 'rbac diff' are the
gates.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable

from rbac.audit.invariants import Invariant, Space
from rbac.audit.report import csv, html, json, markdown
from rbac.audit.report.data import Heading, Report
from rbac.audit.report.gathering import gather
from rbac.audit.revisions import named
from rbac.audit.statements import read
from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED
from rbac.cli.options import (
    add_directory,
    add_folder,
    directory_folder,
    policies_folder,
    say,
    with_directory,
)
from rbac.errors import RequestError, quoted
from rbac.policy import Policy, shipped_folder
from rbac.rows import Place
from rbac.table import DecisionTable

FORMATS = ("html", "markdown", "csv", "json")
TITLE = "Who may do what"
INVARIANTS = "invariants.toml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    add_folder(parser)
    add_directory(parser)
    parser.add_argument(
        "--since", metavar="OLD", help="an older policy to compare with: a folder, or REV:PATH"
    )
    parser.add_argument("--format", choices=FORMATS, default="html", help="default: html")
    parser.add_argument(
        "--table", choices=tuple(csv.TABLES), help="what the CSV lists (default: cells)"
    )
    parser.add_argument("--output", metavar="FILE", help="default: standard output")
    parser.add_argument("--title", default=TITLE, help=f"default: {TITLE}")
    parser.add_argument("--date", metavar="TEXT", default="", help="a date to show; none otherwise")
    parser.add_argument("--quiet", action="store_true", help="say nothing about the file")


def run(options: argparse.Namespace) -> int:
    """Gathers the report, and writes it whole."""
    if options.table is not None and options.format != "csv":
        raise RequestError("--table is for --format csv")
    if options.output is None and options.format == "html" and sys.stdout.isatty():
        raise RequestError("an HTML report is for a browser: name a file with --output")
    text = _written(_report(options), options)
    if options.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        return ALLOWED
    try:
        with open(options.output, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise RequestError(f"cannot write {quoted(options.output)}: {error.strerror}") from None
    if not options.quiet:
        say(f"{options.output}: {len(text.encode()):,} bytes")
    return ALLOWED


def _written(report: Report, options: argparse.Namespace) -> str:
    if options.format == "csv":
        return csv.written(report, options.table or "cells")
    return _WRITERS[options.format](report)


_WRITERS: dict[str, Callable[[Report], str]] = {
    "html": html.written,
    "markdown": markdown.written,
    "json": json.written,
}


def _report(options: argparse.Namespace) -> Report:
    folder = policies_folder(options.folder)
    policy = Policy.shipped() if folder is None else Policy.load(folder)
    authorizer = with_directory(Authorizer(policy), options)
    directory = authorizer.directory
    access = None if directory is None else authorizer.access
    space = Space(DecisionTable(policy) if access is None else access.table)
    heading = Heading(
        options.title,
        options.date,
        command(options),
        policy.digest,
        None if directory is None else directory.digest,
    )
    return gather(heading, space, _invariants(folder, space), _since(options.since), access)


def _invariants(folder: str | None, space: Space) -> list[Invariant] | None:
    """The statements that the policy folder has, placed within it; None without such a file."""
    file = os.path.join(folder or shipped_folder(), INVARIANTS)
    if not os.path.exists(file):
        return None
    return [each._replace(place=Place(INVARIANTS, each.place.line)) for each in read(file, space)]


def _since(text: str | None) -> tuple[str, DecisionTable] | None:
    return None if text is None else (text, DecisionTable(named(text)))


def command(options: argparse.Namespace) -> str:
    """The command that makes the same report again, wherever its settings came from."""
    words = ["rbac", "report"]
    folder = policies_folder(options.folder)
    given = {
        "": folder,
        "--directory": directory_folder(options.directory),
        "--since": options.since,
        "--format": None if options.format == "html" else options.format,
        "--table": options.table,
        "--title": None if options.title == TITLE else options.title,
        "--date": options.date or None,
    }
    for option, value in given.items():
        if value is not None:
            words += [option, value] if option else [value]
    return shlex.join(words)
