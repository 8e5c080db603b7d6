"""What `rbac escalation` says with a directory: what subjects can come to by themselves.

Knows how it reads for people, and as JSON. It must not know how it was found out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rbac.access import Access
from rbac.audit.ascent import Ascent, Path, Target
from rbac.audit.radius import Radius, radius
from rbac.audit.routes import Refusal, paths_to, refusals, refused_as
from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import colored, policy, print_json, say, with_directory
from rbac.cli.phrases import counted
from rbac.cli.tables import Table, show
from rbac.cli.words import subject
from rbac.entries import BITS, ROLES, SubjectEntry
from rbac.errors import RequestError, quoted
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.terms import specified
from rbac.vocabulary import ResourceRole

if TYPE_CHECKING:
    from rich.tree import Tree


class Answer(NamedTuple):
    """What one subject comes to, all of it or as far as it was asked about."""

    ascent: Ascent
    radius: Radius
    paths: dict[str, Path]
    refusals: tuple[Refusal, ...]

    def as_dict(self) -> dict[str, object]:
        """The answer as plain JSON values."""
        return {
            "subject": str(self.ascent.actor.subject),
            "permissions": self.radius._asdict(),
            "acts_as": [str(who.subject) for who in list(self.ascent.identities)[1:]],
            "comes_to": [
                {"what": what, "steps": [step.as_dict() for step in path]}
                for what, path in self.paths.items()
            ],
            "refused": [refusal._asdict() for refusal in self.refusals],
        }


def subjects(options: argparse.Namespace) -> int:
    """Prints what every subject comes to, or one, or whoever is given a role; the exit code."""
    access = with_directory(Authorizer(policy(options.policies)), options).access
    end = None if options.end is None else _end(access, options.end)
    chosen = _start(access, options.start) if options.start else access.directory.subjects()
    answers = [_answer(Ascent(access, who), end) for who in chosen]
    if options.start is None:
        answers = sorted((each for each in answers if each.paths), key=_growth)
    if options.format == "json" and not options.quiet:
        print_json([each.as_dict() for each in answers])
    elif not options.quiet:
        if options.start is None:
            show(_table(answers), "text", options.color)
        else:
            _print(answers, options.end, colored(options.color))
    way = end is not None and any(path for each in answers for path in each.paths.values())
    return DENIED if way else ALLOWED


def _end(access: Access, text: str) -> ResourceRole | SubjectEntry:
    return _known(access, text) if ":" in text else _role(text)


def _role(text: str) -> ResourceRole:
    return specified("role", ResourceRole.parse(text), ResourceRole)


def _known(access: Access, text: str) -> SubjectEntry:
    found = access.directory.subject(subject(text))
    if found is None:
        raise RequestError(f"the directory has no {quoted(text)}")
    return found


def _start(access: Access, text: str) -> list[SubjectEntry]:
    """The subject of that name, or all that are given the role of that name."""
    if ":" in text:
        return [_known(access, text)]
    bit, tables = BITS[_role(text)], access.directory.tables
    found: dict[SubjectEntry, None] = {}
    for groups, bits, _ in tables.assigned.values():
        for group, given in zip(groups, bits, strict=True):
            if given == bit:
                for each in tables.members.get(group, ()):
                    found[tables.subjects[each.principal][each.id]] = None
    for scope in access.directory.resources():
        for who, _, _ in access.related.by_relation(scope, bit):
            found[who] = None
    return sorted(found, key=lambda who: str(who.subject))


def _answer(ascent: Ascent, end: ResourceRole | SubjectEntry | None) -> Answer:
    size = radius(ascent)
    if end is None:
        return Answer(ascent, size, {_what(each): path for each, path in _own(ascent)}, ())
    if isinstance(end, SubjectEntry):
        path = ascent.identities.get(end)
        what = f"acting as {end.subject}"
        refused = refused_as(ascent, end) if path is None else ()
        return Answer(ascent, size, {} if path is None else {what: path}, refused)
    paths = paths_to(ascent, end)
    named = {f"{end.short} on {scope.resource}": path for scope, path in paths.items()}
    return Answer(ascent, size, named, refusals(ascent, end))


def _own(ascent: Ascent) -> Iterator[tuple[Target, Path]]:
    """What it comes to, without the roles that one of its identities has from the start."""
    for target, path in ascent.paths.items():
        if target.scope is None or not any(
            ascent.start.given(who, target.scope) & ascent.access.holding(who, ROLES[target.role])
            for who in ascent.identities
        ):
            yield target, path


def _what(target: Target) -> str:
    if target.scope is None:
        return f"acting as {target.who.subject}"
    return f"{ROLES[target.role].short} on {target.scope.resource}"


def _growth(answer: Answer) -> tuple[int, str]:
    size = answer.radius
    return size.before - size.after, str(answer.ascent.actor.subject)


def _table(answers: list[Answer]) -> Table:
    rows = [
        (
            str(each.ascent.actor.subject),
            *(f"{count:,}" for count in each.radius),
            str(len(each.ascent.identities) - 1),
            str(len(each.paths) - len(each.ascent.identities) + 1),
        )
        for each in answers
    ]
    columns = ("subject", "permissions", "in the end", "acts as", "roles")
    title = f"{counted(len(rows), 'subject')} that can come to more"
    return Table(title, columns, rows)


def _print(answers: list[Answer], end: str | None, color: bool) -> None:
    if not answers:
        say("nobody is given that role")
        return
    from rich.console import Console
    from rich.tree import Tree

    console = Console(width=200, no_color=not color, force_terminal=color, highlight=False)
    for each in answers:
        tree = Tree(_title(each, end))
        for what, path in each.paths.items():
            _grow(tree, what, path)
        for refusal in each.refusals if not each.paths else ():
            tree.add(refusal.route).add(f"refused, {refusal.why}")
        console.print(tree)


def _title(answer: Answer, end: str | None) -> str:
    who, (before, after) = answer.ascent.actor.subject, answer.radius
    if end is not None and not answer.paths:
        return f"{who} does not come to {end}"
    return f"{who}: {counted(before, 'permission')}, {after:,} in the end"


def _grow(tree: Tree, what: str, path: Path) -> None:
    node = tree.add(what if path else f"{what}, as it is")
    for step in path:
        node.add(str(step))
