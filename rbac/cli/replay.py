r"""Ask the decisions of a log again, of another policy or another directory.

LOG has one decision a line, as docs/decision-log.md describes; it may be compressed by gzip,
or '-', standard input. Each is asked again as it was asked then, at the time it was logged,
and compared: unchanged, gained (allowed only now), lost (denied only now).

  rbac replay LOG --directory DIR
  rbac replay LOG --directory DIR --policy DIR --fail-on lost
  rbac replay - --directory DIR --format csv <LOG

It counts them by role and action and gives for each that differs its line, and why it is
what it is now; --format json or csv lists every one. A question that cannot be asked any
more (what is new would lie in a container that is not known) is named too.

Exits 0 if nothing differs, 1 if anything does; with --fail-on gained or lost, only if that
does, or a question cannot be asked. Every line that cannot be read is named, and then there
is no answer, and the exit code is 3.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from rbac.audit.formats.fields import write
from rbac.audit.formats.markup import text
from rbac.audit.replay import Outcome, Replay, Replayed, Summary
from rbac.cli import ALLOWED, DENIED, INVALID
from rbac.cli.logs import Log, add_partial
from rbac.cli.options import (
    GREEN,
    RED,
    add_directory,
    add_output,
    colored,
    directory_folder,
    policy,
    say,
)
from rbac.cli.phrases import counted
from rbac.cli.progress import loading
from rbac.cli.tables import Table, show
from rbac.directory import Directory
from rbac.light import NamedTuple
from rbac.terms import Question
from rbac.vocabulary import Name

FAILS = {
    "gained": (Outcome.GAINED, Outcome.UNASKED),
    "lost": (Outcome.LOST, Outcome.UNASKED),
    "any": (Outcome.GAINED, Outcome.LOST, Outcome.UNASKED),
}
WITNESSES = 3
"""How many lines are shown of decisions that differ alike."""

MOST = 20
"""How many ways to differ are shown to people."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("log", metavar="LOG", help="a decision log, or - for standard input")
    parser.add_argument(
        "--policy",
        "--policies",
        dest="policies",
        metavar="NEW",
        help="the policy to ask (default: $RBAC_POLICIES, else the shipped policy)",
    )
    add_directory(parser)
    parser.add_argument(
        "--fail-on", choices=FAILS, default="any", help="what exits 1; default: any"
    )
    add_partial(parser)
    add_output(parser, "text", "json", "csv", "markdown")


def run(options: argparse.Namespace) -> int:
    """Replays the log and prints what differs."""
    replay = _replay(options)
    with SpooledTemporaryFile(1 << 20, "w+") as rows:
        report = _Report(replay, rows if options.format in ("json", "csv") else None)
        with loading(options.quiet) as progress:
            log = Log(options.log, progress)
            for replayed in replay.of(log.decisions()):
                report.add(replayed)
        if not log.answers(options.partial):
            return INVALID
        if not options.quiet:
            _PRINTERS[options.format](report, log, options.color)
    if log.bad:
        return INVALID
    failed = any(report.summary.all[outcome] for outcome in FAILS[options.fail_on])
    return DENIED if failed else ALLOWED


def _replay(options: argparse.Namespace) -> Replay:
    new, folder = policy(options.policies), directory_folder(options.directory)
    if folder is None:
        return Replay(new)
    with loading(options.quiet) as progress:
        return Replay(new, Directory.load(folder, policy=new, progress=progress))


class _Alike(NamedTuple):
    """What decisions that differ alike have in common."""

    outcome: Outcome
    role: str
    action: str
    type: str
    was: str
    now: str
    by: str


class _Report:
    """A replay, counted and grouped; every difference is kept in a file, if one is given."""

    def __init__(self, replay: Replay, rows: IO[str] | None) -> None:
        self.summary = Summary(replay)
        self.alike: dict[_Alike, list[str]] = {}
        self.sizes: dict[_Alike, int] = {}
        self._rows = rows

    def add(self, replayed: Replayed) -> None:
        """Takes in one decision."""
        if self.summary.add(replayed) is Outcome.UNCHANGED:
            return
        alike = _alike(replayed)
        self.sizes[alike] = self.sizes.get(alike, 0) + 1
        shown = self.alike.setdefault(alike, [])
        if len(shown) < WITNESSES:
            shown.append(f"line {replayed.line:,}: {_says(replayed)}")
        if self._rows is not None:
            self._rows.write(json.dumps(_row(replayed)) + "\n")

    def rows(self) -> Iterator[dict[str, object]]:
        """Every difference, in the order of the log."""
        if self._rows is not None:
            self._rows.seek(0)
            yield from map(json.loads, self._rows)


def _alike(replayed: Replayed) -> _Alike:
    question = replayed.logged.question
    thing = question.type if isinstance(question, Question) else question.resource.type
    return _Alike(
        replayed.outcome,
        _short(replayed.role, "any"),
        _short(question.action, "act"),
        thing.short,
        replayed.logged.reason.short,
        *_now(replayed),
    )


def _now(replayed: Replayed) -> tuple[str, str]:
    """The reason of the present answer, and the place of the grant that it rests on."""
    now = replayed.now
    if now is None:  # a denial is false as well
        return "", ""
    return now.reason.short, str(now.grant.place) if now.grant is not None else ""


def _short(name: Name | None, otherwise: str) -> str:
    return otherwise if name is None else name.short


def _says(replayed: Replayed) -> str:
    return str(replayed.now) if replayed.now is not None else replayed.error


COLUMNS = ("line", "time", "request", "outcome", "subject", "role", "action", "resource")


def _row(replayed: Replayed) -> dict[str, object]:
    """One difference as plain JSON values."""
    logged = replayed.logged
    question = logged.question
    if isinstance(question, Question):
        who, thing = question.principal.short, question.type.short
    else:
        who = str(question.subject) if question.subject else ""
        thing = str(question.resource)
    reason, place = _now(replayed)
    return {
        "line": replayed.line,
        "time": logged.time,
        "request": logged.request,
        "outcome": replayed.outcome.short,
        "subject": who,
        "role": question.role.short if question.role else None,
        "action": question.action.short if question.action else None,
        "resource": thing,
        "was": logged.reason.short,
        "was_by": logged.grant.place if logged.grant else None,
        "now": reason or None,
        "now_by": place or None,
        "because": _says(replayed),
    }


def _text(report: _Report, log: Log, color: str) -> None:
    log.say_what_is_left_out(color)
    say(*_head(report.summary))
    if not report.sizes:
        return
    show(_counts(report.summary, changed=True), "text", color)
    say("what differs, and the first lines that show it:")
    paint = {Outcome.GAINED: GREEN, Outcome.LOST: RED} if colored(color) else {}
    ordered = sorted(report.sizes.items(), key=lambda pair: (-pair[1], pair[0][1:]))
    for alike, size in ordered[:MOST]:
        change = f"{alike.was} -> {alike.now}" if alike.now else "no answer"
        what = f"{alike.role}, {alike.action} {alike.type}: {change}"
        line = f"  {alike.outcome.value}: {what}  ({counted(size, 'decision')})"
        say(line, color=paint.get(alike.outcome, ""))
        say(*(f"    {shown}" for shown in report.alike[alike]))
        if size > WITNESSES:
            say(f"    and {size - WITNESSES:,} more")
    if len(ordered) > MOST:
        rest = sum(size for _, size in ordered[MOST:])
        say(f"  and {counted(rest, 'decision')} in {len(ordered) - MOST:,} other ways")


def _head(summary: Summary) -> Iterator[str]:
    count, period = summary.all, summary.period
    yield f"{counted(count.total, 'decision')}, from {period.first} to {period.last}"
    parts = [f"{count[outcome]:,} {outcome.value}" for outcome in Outcome]
    if not count[Outcome.UNASKED]:
        parts.pop()
    if summary.otherwise:
        parts[0] += f" ({summary.otherwise:,} for another reason)"
    yield f"  {', '.join(parts)}"
    if summary.unknown:
        yield f"  {summary.unknown:,} about somebody or something that is not known any more"
    yield from _named("policy", summary.digests, summary.digest)
    if summary.revisions:
        yield from _named("directory", summary.revisions, summary.revision or "")
    if summary.contradicted:
        yield (
            f"  {summary.contradicted:,} differ though this very policy and directory decided "
            "them: the log was changed, or other guards were in force"
        )


def _named(what: str, logged: dict[str, int], asked: str) -> Iterator[str]:
    """Which policies or directories a log names, beside the one that was asked."""
    if set(logged) == {asked}:
        yield f"  {what} {_brief(asked)}, the one that decided them"
        return
    yield f"  {what} {_brief(asked)}; decided by:"
    most = sorted(logged.items(), key=lambda pair: (-pair[1], pair[0]))
    for name, count in most[:5]:
        yield f"    {_brief(name)}{' (the same)' if name == asked else ''}: {count:,}"
    if len(most) > 5:
        yield f"    and {len(most) - 5:,} others: {sum(count for _, count in most[5:]):,}"


def _brief(name: str) -> str:
    return name[:19] if name.startswith("sha256:") else name


def _counts(summary: Summary, *, changed: bool) -> Table:
    """Counts by role and action, those with the most differences first."""
    ordered = sorted(
        ((_short(role, "any"), _short(action, "act"), type.short), count)
        for (role, action, type), count in summary.by.items()
        if count.differ or not changed
    )
    ordered.sort(key=lambda pair: -pair[1].differ)
    rows = [(*names, *(f"{count[outcome]:,}" for outcome in Outcome)) for names, count in ordered]
    columns = ("role", "action", "type", *(outcome.value for outcome in Outcome))
    title = "what differs, by role and action" if changed else "by role and action"
    return Table(title, columns, rows)


def _markdown(report: _Report, log: Log, color: str) -> None:
    log.say_what_is_left_out(color)
    for line in _head(report.summary):
        say(f"{'  ' if line.startswith('    ') else ''}- {text(line.strip())}")
    say("")
    show(_counts(report.summary, changed=False), "markdown", color)


def _csv(report: _Report, log: Log, color: str) -> None:  # noqa: ARG001 - one signature
    columns = (*COLUMNS, "was", "was_by", "now", "now_by", "because")
    write(sys.stdout, columns, (row.values() for row in report.rows()))


def _json(report: _Report, log: Log, color: str) -> None:  # noqa: ARG001 - one signature
    """One object; the differences, which may be many, one a line."""
    head = json.dumps(_as_dict(report.summary, log), indent=2).removesuffix("\n}")
    print(f'{head},\n  "changes": [', end="")
    for number, row in enumerate(report.rows()):
        print("," if number else "", json.dumps(row), sep="\n    ", end="")
    print("\n  ]\n}")


def _as_dict(summary: Summary, log: Log) -> dict[str, object]:
    return {
        **summary.period.as_dict(),
        "unreadable": log.bad,
        **summary.all.as_dict(),
        "for_another_reason": summary.otherwise,
        "not_known_any_more": summary.unknown,
        "contradicted": summary.contradicted,
        "policy": {"asked": summary.digest, "logged": summary.digests},
        "directory": {"asked": summary.revision, "logged": summary.revisions},
        "by_role_and_action": [
            {"role": _short(role, "any"), "action": _short(action, "act"), "type": type.short}
            | count.as_dict()
            for (role, action, type), count in summary.by.items()
        ],
    }


_PRINTERS = {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown}
