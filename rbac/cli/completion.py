"""Print a script that completes rbac's command line in bash, zsh or fish.

  rbac completion bash > ~/.rbac.bash
  rbac completion zsh > ~/.rbac.zsh
  rbac completion fish > ~/.rbac.fish

Source the file where the shell is set up; in zsh, after compinit. It completes commands,
options and names without starting Python. The actions it offers are those that the policy
has for the resource type: print it anew after a change of the policy.
"""

from __future__ import annotations

import argparse

import shtab

from rbac.cli import ALLOWED, COMMANDS, module_of
from rbac.cli.options import add_policies, policy
from rbac.cli.shells import SHELLS, Table, after, before, dependent
from rbac.policy import Policy
from rbac.vocabulary import Name, Principal, ResourceRole, ResourceType


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete in")
    add_policies(parser)


def run(options: argparse.Namespace) -> int:
    """Prints the script."""
    print(script(options.shell, policy(options.policies)))
    return ALLOWED


def script(shell: str, subject: Policy) -> str:
    """The script for `shell`, one of `SHELLS`, with the actions of the policy `subject`."""
    whole = argparse.ArgumentParser(prog="rbac")
    commands = whole.add_subparsers()
    tables = _tables(subject)
    valued: set[str] = set()
    for name, summary in COMMANDS.items():
        parser = commands.add_parser(name, help=summary)
        module_of(name).arguments(parser)
        for argument in parser._actions:  # argparse has no public list of them
            _offer(argument, tables)
            if argument.nargs != 0:
                valued.update(argument.option_strings)
    preamble = before(shell, sorted(valued), tables)
    return f"{shtab.complete(whole, shell, preamble=preamble)}{after(shell)}".strip()


_NAMES: dict[str, type[Name]] = {
    "SUBJECT": Principal,
    "ROLE": ResourceRole,
    "RESOURCE": ResourceType,
}
"""The arguments that are names, by their metavar."""

_PATHS = {"DIR": shtab.DIRECTORY, "FILE": shtab.FILE}
"""The arguments that are paths, by their metavar."""


def _offer(argument: argparse.Action, tables: dict[str, Table]) -> None:
    """Says what is offered for an argument without choices of its own, by its metavar."""
    metavar = argument.metavar
    if argument.choices is not None or not isinstance(metavar, str):
        return
    if metavar in _NAMES:
        argument.choices = _names(_NAMES[metavar])
    elif metavar in tables:
        argument.complete = dependent(metavar)  # type: ignore[attr-defined]
    elif metavar in _PATHS:
        argument.complete = _PATHS[metavar]  # type: ignore[attr-defined]


def _tables(subject: Policy) -> dict[str, Table]:
    """The arguments whose names depend on the argument before them, by their metavar."""
    actions: dict[str, set[str]] = {}
    for row in subject.rows.catalogue:
        actions.setdefault(row.type.short, set()).add(row.action.short)
    sorted_actions = {type: sorted(some) for type, some in actions.items()}
    kinds = {"role": ResourceRole, "type": ResourceType, "principal": Principal}
    return {
        "ACTION": {**sorted_actions, "*": sorted(set().union(*actions.values()))},
        "NAME": {what: _names(kind) for what, kind in kinds.items()},
    }


def _names(kind: type[Name]) -> list[str]:
    return [each.short for each in kind if each.name != "UNSPECIFIED"]
