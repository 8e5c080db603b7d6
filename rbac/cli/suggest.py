r"""Suggest the fewest roles that permit what somebody needs, and say what they give away.

  rbac suggest project:update secret:create
  rbac suggest workflow_execution:get:own --principal service_account
  rbac suggest runner:use project:use --assignable --format json

A PERMISSION is TYPE:ACTION, or TYPE:ACTION:own for own resources alone. Every tie is
listed, the one that permits least beyond first. Exits 0, or 1 if no role permits one of
them.

With --log, from the decisions of a log (docs/decision-log.md) and the directory: what
everybody was assigned and never used in its period, and the smaller roles that would do for
what was used, each on the same resource. By holder, by assignment, or all about one subject.

  rbac suggest --log LOG --directory DIR
  rbac suggest --log LOG --directory DIR --by assignment --format markdown
  rbac suggest --log LOG --directory DIR \
      --subject user:00000002-0000-4000-8000-000000000023

Exits 0 if everything was used, 1 if something was not or less would do, and 3, without an
answer, if a line of the log cannot be read.
"""

from __future__ import annotations

import argparse

from rbac.audit.suggestion import Suggestion, Suggestions, Want, suggest
from rbac.cli import ALLOWED, DENIED
from rbac.cli.logs import add_partial
from rbac.cli.options import add_directory, add_output, add_policies, policy, print_json, say
from rbac.cli.phrases import counted
from rbac.errors import RequestError, UnknownName, quoted
from rbac.rows import Permission, Reach
from rbac.table import DecisionTable
from rbac.terms import specified
from rbac.vocabulary import Action, Principal, ResourceType


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("permissions", metavar="PERMISSION", nargs="*", help="TYPE:ACTION[:own]")
    parser.add_argument("--principal", default="user", help="who is to hold them; default: user")
    parser.add_argument("--assignable", action="store_true", help="only roles that people assign")
    parser.add_argument("--log", metavar="LOG", help="a decision log, or - for standard input")
    parser.add_argument(
        "--by",
        choices=("holder", "assignment"),
        default="holder",
        help="with --log; default: holder",
    )
    parser.add_argument("--subject", metavar="SUBJECT", help="with --log: only user:UUID, ...")
    add_partial(parser)
    add_directory(parser)
    add_policies(parser)
    add_output(parser, "text", "json", "csv", "markdown")


def run(options: argparse.Namespace) -> int:
    """Prints every smallest set of roles, or what a log shows to be unused."""
    if options.log is not None:
        return _from_log(options)
    if not options.permissions:
        raise RequestError("name a permission, or a log with --log")
    if options.format not in ("text", "json"):
        raise RequestError(f"--format {options.format} is for --log")
    table = DecisionTable(policy(options.policies))
    principal = specified("principal", Principal.parse(options.principal), Principal)
    wanted = [_want(table, text) for text in options.permissions]
    found = suggest(table, wanted, principal, assignable=options.assignable)
    if options.format == "json" and not options.quiet:
        print_json(_as_dict(found))
    elif not options.quiet:
        for line in _lines(found, principal):
            say(line)
    return DENIED if found.missing else ALLOWED


def _from_log(options: argparse.Namespace) -> int:
    from rbac.cli.unused import run as run_unused  # reads logs and directories

    if options.permissions:
        raise RequestError("name permissions or a log, not both")
    if options.subject is not None and options.by == "assignment":
        raise RequestError("--subject is by holder")
    return run_unused(options)


def _want(table: DecisionTable, text: str) -> Want:
    kind, _, rest = text.partition(":")
    action, _, reach = rest.partition(":")
    if not action or reach not in ("", "own", "any"):
        raise RequestError(f"{quoted(text)} is no permission; write TYPE:ACTION or TYPE:ACTION:own")
    permission = Permission(
        Action.parse(action), specified("resource type", ResourceType.parse(kind), ResourceType)
    )
    if table.row(permission) is None:
        known = [each.short for each in table.actions_on(permission.type)]
        raise UnknownName(f"action on {permission.type.short}", action, known)
    return Want(permission, Reach.OWN if reach == "own" else Reach.ANY)


def _as_dict(found: Suggestions) -> dict[str, object]:
    return {
        "choices": [choice.as_dict() for choice in found.choices],
        "missing": [str(want) for want in found.missing],
    }


def _lines(found: Suggestions, principal: Principal) -> list[str]:
    if found.missing:
        lines = [f"no role that a {principal.short} may hold permits:"]
        return lines + [f"  {want}" for want in found.missing]
    size = len(found.choices[0].roles)
    lines = [f"{counted(size, 'role')}, in {counted(len(found.choices), 'way')}:"]
    return lines + [line for choice in found.choices for line in _choice(choice)]


def _choice(choice: Suggestion) -> list[str]:
    names = " + ".join(role.short for role in choice.roles)
    lines = [f"  {names}, and {counted(len(choice.beyond), 'permission')} beyond"]
    by_type: dict[str, list[str]] = {}
    for want in choice.beyond:
        action = want.permission.action.short
        mark = " (own)" if want.reach is Reach.OWN else ""
        by_type.setdefault(want.permission.type.short, []).append(f"{action}{mark}")
    return lines + [f"    {type}: {', '.join(actions)}" for type, actions in by_type.items()]
