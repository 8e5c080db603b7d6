r"""List or count all that anybody may do to anything, and why: the rows of an access review.

  rbac review --directory DIR --type secret --action get_value
  rbac review --directory DIR --level grant --format csv --output OUT.csv
  rbac review --directory DIR --subject user:00000002-0000-4000-8000-000000000022
  rbac review --directory DIR --by role --type project

A row is a subject, an action and a resource, as `rbac check` allows it in any role without
a credential, with the role held, where and through what, and the grant it rests on. Rows
come by organization, type, resource, principal, subject and action, so that two reviews
can be compared line by line; docs/audit.md has the columns. With --count or --by they are
counted, exactly, without being listed.

With --output the file appears when it is whole, and its ending says the format. Parquet
takes pyarrow: pip install 'rbac[parquet]'. Exits 0, whatever is found.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from rbac.access import Access
from rbac.audit.access_count import BY, counts
from rbac.audit.access_files import FORMATS, csv_field, text_of
from rbac.audit.access_review import Holders, holders
from rbac.audit.cohorts import Selection
from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED
from rbac.cli.options import (
    add_directory,
    add_output,
    add_policies,
    policy,
    print_json,
    say,
    with_directory,
)
from rbac.cli.phrases import counted
from rbac.cli.progress import reviewing
from rbac.cli.saving import saving
from rbac.cli.words import subject
from rbac.errors import RequestError, quoted
from rbac.rows import Level, Permission
from rbac.vocabulary import Action, ResourceType

PARQUET = "parquet"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("--subject", metavar="SUBJECT", help="only this one: user:UUID")
    parser.add_argument("--type", metavar="TYPE", help="only resources of this type")
    parser.add_argument("--action", metavar="ACTION", help="only this action")
    parser.add_argument("--level", metavar="LEVEL", help="only read, write, credential or grant")
    parser.add_argument("--organization", metavar="ID", help="only what lies in this one")
    parser.add_argument("--count", action="store_true", help="how many rows there are")
    parser.add_argument("--by", choices=BY, help="how many there are of each")
    parser.add_argument("--sign-off", action="store_true", help="add columns to fill in")
    parser.add_argument("--output", metavar="FILE", help="write this file, whole or not at all")
    add_policies(parser)
    add_directory(parser)
    add_output(parser, *FORMATS, PARQUET)
    parser.set_defaults(format=None)


def run(options: argparse.Namespace) -> int:
    """Lists or counts what was asked for."""
    form = _format(options)
    access = with_directory(Authorizer(policy(options.policies)), options).access
    selection = _selection(access, options)
    if options.count or options.by:
        _count(access, selection, options, form)
    elif options.output is not None:
        rows = _save(access, selection, options, form)
        if not options.quiet:
            say(f"{counted(rows, 'row')} in {options.output}")
    elif not options.quiet:
        sys.stdout.flush()
        _write(access, selection, options, form, sys.stdout.buffer)
    return ALLOWED


def _format(options: argparse.Namespace) -> str:
    """The format that was asked for, by name or by the ending of the file."""
    ending = (options.output or "").rpartition(".")[2]
    form: str = options.format or (ending if ending in (*FORMATS, PARQUET) else "text")
    counting = options.count or options.by
    if counting and (options.output is not None or options.sign_off or form == PARQUET):
        raise RequestError("a count is printed, as text, csv or jsonl; it is no file of rows")
    if form == PARQUET and options.output is None:
        raise RequestError("Parquet is no text: say where to write it, --output FILE.parquet")
    if form == "text" and options.sign_off:
        raise RequestError("sentences have no columns: --sign-off takes --format csv, or jsonl")
    return form


def _selection(access: Access, options: argparse.Namespace) -> Selection:
    """What the review is about; raises `RequestError` for what is not there."""
    selection = Selection(
        None if options.subject is None else subject(options.subject),
        None if options.type is None else ResourceType.parse(options.type),
        None if options.action is None else Action.parse(options.action),
        None if options.level is None else Level.parse(options.level),
        options.organization,
    )
    if selection.subject is not None and access.directory.subject(selection.subject) is None:
        raise RequestError(f"the directory has no {quoted(options.subject)}")
    if selection.organization not in (None, *access.directory.tables.organizations):
        raise RequestError(f"the directory has no organization {quoted(options.organization)}")
    if selection.type is not None and selection.action is not None:
        permission = Permission(selection.action, selection.type)
        if access.table.row(permission) is None:
            raise RequestError(f"there is no permission {quoted(str(permission))}")
    return selection


def _save(access: Access, selection: Selection, options: argparse.Namespace, form: str) -> int:
    """Writes the file that was asked for; gives how many rows it has."""
    with saving(options.output) as stream:
        return _write(access, selection, options, form, stream)


def _write(
    access: Access, selection: Selection, options: argparse.Namespace, form: str, stream: BinaryIO
) -> int:
    """Writes every row; gives how many there were."""
    tally = [0]
    # Rows that run over a terminal show that there is progress.
    with reviewing(not options.quiet and not sys.stdout.isatty()) as progress:
        found = _tallied(holders(access, selection, progress), tally)
        if form == PARQUET:
            from rbac.audit.access_parquet import write  # needs pyarrow

            return write(found, stream, options.sign_off)
        stream.writelines(text.encode() for text in text_of(found, FORMATS[form], options.sign_off))
    return tally[0]


def _tallied(found: Iterable[Holders], tally: list[int]) -> Iterator[Holders]:
    for some in found:
        sizes = [len(rights) for rights in some.rights]
        tally[0] += sum(map(sizes.__getitem__, some.which))
        yield some


def _count(access: Access, selection: Selection, options: argparse.Namespace, form: str) -> None:
    by = options.by or "level"
    with reviewing(not options.quiet) as progress:
        found = counts(access, by, selection, progress)
    total = sum(found.values())
    if options.quiet:
        return
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    if form == "text":
        say(counted(total, "row"))
        names = max(map(len, found), default=0)
        numbers = len(f"{max(found.values(), default=0):,}")
        lines = (f"  {name or '-':{names}}  {n:>{numbers},}" for name, n in ordered)
        say(*(lines if options.by else ()))
    elif form == "csv":
        pairs = ordered if options.by else [("", total)]
        say(f"{by},rows" if options.by else "rows")
        say(*(f"{csv_field(name)},{n}" if options.by else str(n) for name, n in pairs))
    else:
        rows = [{by: name or None, "rows": n} for name, n in ordered]
        for row in rows if options.by else [{"rows": total}]:
            print_json(row, indent=None)
