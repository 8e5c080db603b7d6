"""Hold a policy to all its gates, and say in Markdown what a change of it does.

  rbac ci DIR --base main
  rbac ci DIR --without test --without prove
  rbac ci DIR --base main --budget +40 --summary OUT.md

The gates are commands of their own: validate, fmt --check, test, prove, and with --base
diff --no-new-access (or --budget +N) against the folder where both sides parted. With
--directory it also says who gains and loses what of those who are there. A policy without
tests or invariants does not pass theirs; --without says that it has none.

--summary writes a file for a pull request. In a job of GitHub Actions the lines concerned
are annotated. Exits 0 if every gate lets it through, 1 if one does not.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
from collections.abc import Iterator
from typing import Any

from rbac.audit.formats.markup import block, changes_block, folded, table, text
from rbac.audit.revisions import FOLDER, ends
from rbac.cli import ALLOWED, DENIED, INVALID, USAGE, main
from rbac.cli.annotations import Annotation, annotate, say_only
from rbac.cli.options import add_directory, directory_folder, policies_folder
from rbac.cli.saving import save
from rbac.errors import PolicyError
from rbac.light import NamedTuple

GATES = ("validate", "fmt", "test", "prove", "diff")
MARK = "<!-- rbac ci -->"
"""What a comment begins with, so that it is found and replaced by the next one."""


class Ran(NamedTuple):
    """A command line that was run: its words, its exit code, and what it printed."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def command(self) -> str:
        """The command, as somebody would type it."""
        return " ".join(("rbac", *self.words))

    @property
    def gate(self) -> str:
        """The gate by its name and options."""
        options = (word for word in self.words if word.startswith("--"))
        return " ".join((self.words[0], *options))

    @property
    def lines(self) -> list[str]:
        """All that it printed."""
        return [*self.err.splitlines(), *self.out.splitlines()]

    @property
    def gist(self) -> str:
        """The first line of what it printed."""
        return next(iter(self.lines), "")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("folder", metavar="DIR", nargs="?", help=f"default: {FOLDER}")
    parser.add_argument("--base", metavar="REV", help="the revision that a change is made to")
    parser.add_argument("--budget", metavar="+N", help="let a change give up to N cells")
    parser.add_argument(
        "--without", action="append", choices=GATES, default=[], help="a gate that there is not"
    )
    parser.add_argument("--summary", metavar="FILE", help="write all of it as Markdown")
    parser.add_argument("--quiet", action="store_true", help="print nothing; only exit")
    add_directory(parser)


def run(options: argparse.Namespace) -> int:
    """Runs every gate, prints what became of each, and writes the summary."""
    folder = policies_folder(options.folder) or FOLDER
    if folder.startswith("-"):  # a gate would take it for an option, and look at another folder
        folder = os.path.join(os.curdir, folder)
    gates = list(_gates(folder, options))
    people = _people(folder, options, gates)
    failed = [each for each in gates if each.code]
    if people is not None and people.code not in (ALLOWED, DENIED):
        failed.append(people)
    if options.summary:
        summary = "\n".join(_markdown(gates, people, failed)) + "\n"
        save(options.summary, summary)
    if not options.quiet:
        said = [line for each in gates for line in _said(each, each in failed)]
        if people is not None:
            said += [people.command, *(f"  {line}" for line in people.lines)]
        say_only(said)
        annotate(_annotations(folder, gates))
    return DENIED if failed else ALLOWED


def _gates(folder: str, options: argparse.Namespace) -> Iterator[Ran]:
    """Each gate, run; nothing more is asked of what is no policy."""
    valid = _run("validate", folder)
    yield valid
    if valid.code:
        return
    words = {"fmt": (folder, "--check"), "test": (folder,), "prove": (folder,)}
    for name, rest in words.items():
        if name not in options.without:
            yield _run(name, *rest)
    if options.base is not None and "diff" not in options.without:
        gate = ("--no-new-access",) if options.budget is None else ("--budget", options.budget)
        yield _compared(folder, options.base, *gate)


def _people(folder: str, options: argparse.Namespace, gates: list[Ran]) -> Ran | None:
    """Who gains and loses what, where a policy is compared and there is a directory."""
    directory = directory_folder(options.directory)
    if directory is None or gates[-1].words[0] != "diff":
        return None
    return _compared(folder, options.base, "--directory", directory)


def _compared(folder: str, base: str, *rest: str) -> Ran:
    """The folder compared with the one where the base and this branch parted."""
    try:
        old, _ = ends(f"{base}...HEAD:./{os.path.relpath(folder)}")
    except PolicyError as error:
        hint = "in CI, fetch the whole history of both branches"
        return Ran(("diff", base, folder), INVALID, "", f"{error}\n{hint}\n")
    commit, _, path = old.partition(":")
    return _run("diff", f"{commit[:12]}:{path}", folder, *rest)


def _run(*words: str) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as done:  # usage, or help: whatever it says, no gate was asked
            code = int(done.code or USAGE)
    return Ran(words, code, out.getvalue(), err.getvalue())


def _said(ran: Ran, failed: bool) -> list[str]:
    """What became of a gate, for people who read a log."""
    if failed:
        return [f"failed: {ran.command}", *(f"  {line}" for line in ran.lines)]
    return [f"passed: {ran.command}"]


def _markdown(gates: list[Ran], people: Ran | None, failed: list[Ran]) -> Iterator[str]:
    yield MARK
    yield f"### Policy: {_heading(gates, failed)}"
    yield ""
    rows = ((_verdict(each, failed), text(each.gate), text(each.gist)) for each in gates)
    yield from table(("", "gate", ""), rows)
    for each in gates:
        if each.words[0] == "diff":
            yield from folded(
                "What changes in who may do what", changes_block(each.lines), opened=True
            )
        elif each in failed:
            yield from folded(each.command, block(each.lines), opened=True)
    if people is not None:
        yield from folded("Who is concerned", changes_block(people.lines), opened=True)


def _heading(gates: list[Ran], failed: list[Ran]) -> str:
    if gates[0] in failed:
        return "not valid, so that no other gate was asked"
    return f"{len(failed)} of {len(gates)} gates failed" if failed else "every gate passed"


def _verdict(ran: Ran, failed: list[Ran]) -> str:
    return "**failed**" if ran in failed else "passed"


def _annotations(folder: str, gates: list[Ran]) -> Iterator[Annotation | str]:
    """What is wrong, or gives access, at its line."""
    for ran in gates:
        name = ran.words[0]
        if name == "diff" and ran.code in (ALLOWED, DENIED):
            yield from _given(folder, ran)
        if ran.code and name == "validate":
            for problem in _again(ran)["problems"]:
                yield Annotation(problem["message"], problem["file"], problem["line"])
        elif ran.code == DENIED and name == "prove":
            for each in _again(ran)["invariants"]:
                if not each["holds"]:
                    yield _at(each["place"], f"refuted: {each['says']}")
        elif ran.code == DENIED and name == "test":
            yield from _run(*ran.words, "--format", "github").out.splitlines()
        elif ran.code:
            yield Annotation("\n".join((f"{ran.gate} failed", *ran.lines[:20])))


def _given(folder: str, ran: Ran) -> Iterator[Annotation]:
    """The rows that give access."""
    for row in _again(ran)["rows"]:
        if row["added"]:
            message = f"gives {row['alone']:,} cells by itself; {row['needed']:,} need it"
            yield _at(os.path.join(folder, row["place"]), message, error=False)


def _again(ran: Ran) -> dict[str, Any]:
    """What a gate says to programs."""
    found: dict[str, Any] = json.loads(_run(*ran.words, "--format", "json").out)
    return found


def _at(place: str, message: str, *, error: bool = True) -> Annotation:
    file, _, line = place.rpartition(":")
    return Annotation(message, file, int(line), error)
