"""Report what is questionable about a policy, and about who holds what under it.

  rbac audit
  rbac audit DIR --fail-on note
  rbac audit --directory DIR --format json
  rbac audit --format sarif
  rbac audit --list-rules
  rbac audit --explain RBAC101

Each finding has a rule with a stable id, a severity, the file and line, the evidence, and
what mends it. DIR/baseline.toml, or --baseline FILE, says how bad each rule is and which
findings are accepted, why and until when; a line "# waive RBAC105: reason" above rows of the
policy accepts what is found there. With --write-baseline, what is open is accepted for 90
days from --date. docs/audit.md explains both, docs/findings/ every rule.

Exits 0 if nothing is open at --fail-on or above, 1 if something is, and 3 if the policy, the
directory or the baseline is malformed; then nothing is reported but what is wrong with it.
"""

from __future__ import annotations

import argparse
import datetime
import os

from rbac.audit import baseline
from rbac.audit.auditing import accepted_by, audit, rules
from rbac.audit.findings import Report, Rule, Severity
from rbac.audit.pages import page
from rbac.cli import ALLOWED, DENIED
from rbac.cli.audit_report import FORMATS, NEVER, failing, show, show_rules
from rbac.cli.options import (
    add_directory,
    add_folder,
    add_output,
    directory_folder,
    policies_folder,
    say,
)
from rbac.cli.phrases import counted
from rbac.cli.progress import loading
from rbac.errors import RequestError, UnknownName, quoted
from rbac.policy import shipped_folder

_LIMIT = "how many findings of a rule are shown as text; 0 for all (default: 20)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    levels = [severity.short for severity in Severity]
    add_folder(parser)
    add_directory(parser)
    parser.add_argument("--baseline", metavar="FILE", help=f"default: {baseline.FILE} in DIR")
    parser.add_argument("--methods", metavar="FILE", help="all methods of the API, one a line")
    parser.add_argument(
        "--date",
        metavar="DAY",
        type=datetime.date.fromisoformat,
        default=datetime.date.today(),
        help="the day that what expires is judged by, as 2027-01-31 (default: today)",
    )
    parser.add_argument(
        "--fail-on",
        choices=(*levels, NEVER),
        default=Severity.WARNING.short,
        help="the least severity that is a failure (default: warning)",
    )
    parser.add_argument(
        "--write-baseline", action="store_true", help="accept what is open, in the baseline"
    )
    parser.add_argument("--reason", metavar="TEXT", help="why, for --write-baseline")
    parser.add_argument("--limit", metavar="N", type=_count, default=20, help=_LIMIT)
    parser.add_argument("--list-rules", action="store_true", help="list the rules and exit")
    parser.add_argument("--explain", metavar="RULE", help="print the page of a rule and exit")
    add_output(parser, *FORMATS)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{quoted(text)} is no number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Audits and prints the report, or what was asked about rules."""
    if options.explain is not None:
        print(page(_rule(options.explain)), end="")
        return ALLOWED
    if options.list_rules:
        show_rules(rules(), options.format, options.color)
        return ALLOWED
    if options.write_baseline and not (options.reason or "").strip():
        raise RequestError("--write-baseline takes a --reason: why is it accepted?")
    folder = _shown(policies_folder(options.folder) or shipped_folder())
    with loading(options.quiet) as progress:
        report = audit(
            folder,
            directory=directory_folder(options.directory),
            baseline_file=options.baseline,
            new_baseline=options.write_baseline,
            methods_file=options.methods,
            day=options.date,
            progress=progress,
        )
    if options.write_baseline:
        return _write(options, report, folder)
    if not options.quiet:
        show(report, options)
    return DENIED if failing(report, options) else ALLOWED


def _rule(id: str) -> Rule:
    known = {rule.id: rule for rule in rules()}
    if id.upper() not in known:
        raise UnknownName("rule", id, [*known, *map(str.lower, known)])
    return known[id.upper()]


def _shown(folder: str) -> str:
    """The folder as places show it: relative, if it is within the one we are in."""
    return folder.removeprefix(os.getcwd() + os.sep)


def _write(options: argparse.Namespace, report: Report, folder: str) -> int:
    """Accepts what is open, for a while."""
    file = options.baseline or os.path.join(folder, baseline.FILE)
    known = accepted_by(folder, options.baseline, new=True)
    try:
        added = baseline.extend(file, known, report.findings, options.reason, options.date)
    except OSError as error:
        raise RequestError(f"{file} cannot be written: {error.strerror}") from None
    until = options.date + datetime.timedelta(days=baseline.DAYS)
    if not options.quiet:
        say(f"{counted(added, 'finding')} accepted in {file} until {until.isoformat()}")
    return ALLOWED
