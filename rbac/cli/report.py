"""Write a report for auditors: who may do what and why, what is proved, what changed.

  rbac report --output OUT
  rbac report --directory DIR --since DIR --output OUT
  rbac report --directory DIR --since-directory DIR --date 2027-01-31 --output OUT
  rbac report --since main:DIR --format markdown
  rbac report --format csv --table grants

HTML is one page that needs no network: open it in a browser. Markdown is for a pull
request, CSV for a spreadsheet (--table says which), JSON for programs. Without --output
the report goes to standard output. The same inputs give the same bytes; a day stands in it
only if --date gives one. The policy is the one in DIR, else $RBAC_POLICIES, else the shipped
one; the invariants.toml and baseline.toml in its folder are used, if there are such.

Exits 0 when the report is written, whatever it says: 'rbac prove' and 'rbac diff' are the
gates.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterable

from rbac.access import Access
from rbac.audit.auditing import audit
from rbac.audit.findings import Finding
from rbac.audit.invariants import Invariant, Space
from rbac.audit.report import csv, html, json, markdown
from rbac.audit.report.data import Audit, Heading, Report
from rbac.audit.report.gathering import gather
from rbac.audit.revisions import named
from rbac.audit.statements import read
from rbac.cli import ALLOWED
from rbac.cli.options import (
    add_directory,
    add_folder,
    directory_folder,
    policies_folder,
    say,
)
from rbac.cli.progress import loading
from rbac.cli.saving import save
from rbac.directory import Directory
from rbac.errors import RequestError
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, Guard, inactive_subject
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
    parser.add_argument(
        "--since-directory", metavar="OLD", help="an older directory, for who gained and lost what"
    )
    parser.add_argument("--format", choices=FORMATS, default="html", help="default: html")
    parser.add_argument(
        "--table", choices=tuple(csv.TABLES), help="what the CSV lists (default: cells)"
    )
    parser.add_argument("--output", metavar="FILE", help="default: standard output")
    parser.add_argument("--title", default=TITLE, help=f"default: {TITLE}")
    parser.add_argument(
        "--date",
        metavar="DAY",
        type=datetime.date.fromisoformat,
        help="the day to show, and to judge by what expires (default: shows none; today)",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing about the file")


def run(options: argparse.Namespace) -> int:
    """Gathers the report, and writes it whole."""
    if options.table is not None and options.format != "csv":
        raise RequestError("--table is for --format csv")
    if options.since_directory is not None and directory_folder(options.directory) is None:
        raise RequestError("--since-directory is compared with a directory: name it too")
    if options.output is None and options.format == "html" and sys.stdout.isatty():
        raise RequestError("an HTML report is for a browser: name a file with --output")
    text = _written(_report(options), options)
    if options.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        return ALLOWED
    save(options.output, text)
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
    table = DecisionTable(policy)
    access = _access(table, directory_folder(options.directory), options)
    heading = Heading(
        options.title,
        options.date.isoformat() if options.date else "",
        command(options),
        policy.digest,
        None if access is None else access.directory.digest,
    )
    space = Space(table)
    since = None if options.since is None else (options.since, DecisionTable(named(options.since)))
    before = None if access is None else _before(access, since, options)
    invariants = _invariants(folder, space)
    return gather(heading, space, invariants, since, access, before, _audit(folder, options))


def _access(table: DecisionTable, folder: str | None, options: argparse.Namespace) -> Access | None:
    if folder is None:
        return None
    with loading(options.quiet) as progress:
        directory = Directory.load(folder, policy=table.policy, progress=progress)
    return Access(table, directory, _guards(options.date))


def _guards(day: datetime.date | None) -> tuple[Guard, ...]:
    """The built-in guards, by a clock that stands still: at the end of `day`, or now."""
    end = None if day is None else datetime.datetime.combine(day, datetime.time.max, datetime.UTC)
    now = time.time() if end is None else end.timestamp()
    return inactive_subject(lambda: now), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL


def _before(
    access: Access, since: tuple[str, DecisionTable] | None, options: argparse.Namespace
) -> tuple[str, Access] | None:
    """What the older policy said of the older directory; what has no older one has not changed."""
    folder = options.since_directory
    if since is None and folder is None:
        return None
    table = access.table if since is None else since[1]
    older = _access(table, folder, options)
    directory = access.directory.under(table.policy) if older is None else older.directory
    names = [options.since, folder]
    return ", ".join(filter(None, names)), Access(table, directory, access.guards)


def _audit(folder: str | None, options: argparse.Namespace) -> Audit:
    """What is found of policy and directory, each at its place within its own folder."""
    folders = [folder or shipped_folder(), directory_folder(options.directory)]
    found = audit(folders[0] or "", directory=folders[1], day=options.date)
    roots = [os.path.join(each, "") for each in folders if each]
    return Audit(
        tuple(_within(each, roots) for each in found.findings),
        tuple(each._replace(finding=_within(each.finding, roots)) for each in found.accepted),
    )


def _within(finding: Finding, folders: Iterable[str]) -> Finding:
    """The finding, with its file as the folder it is in names it: the same wherever that is."""
    place = finding.place
    for folder in folders:
        if place is not None and place.file.startswith(folder):
            place = place._replace(file=place.file.removeprefix(folder))
    return finding._replace(place=place)


def _invariants(folder: str | None, space: Space) -> list[Invariant] | None:
    """The statements that the policy folder has, placed within it; None without such a file."""
    file = os.path.join(folder or shipped_folder(), INVARIANTS)
    if not os.path.exists(file):
        return None
    return [each._replace(place=Place(INVARIANTS, each.place.line)) for each in read(file, space)]


def command(options: argparse.Namespace) -> str:
    """The command that makes the same report again, wherever its settings came from."""
    words = ["rbac", "report"]
    folder = policies_folder(options.folder)
    given = {
        "": folder,
        "--directory": directory_folder(options.directory),
        "--since": options.since,
        "--since-directory": options.since_directory,
        "--format": None if options.format == "html" else options.format,
        "--table": options.table,
        "--title": None if options.title == TITLE else options.title,
        "--date": options.date.isoformat() if options.date else None,
    }
    for option, value in given.items():
        if value is not None:
            words += [option, value] if option else [value]
    return shlex.join(words)
