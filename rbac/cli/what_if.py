r"""Show what a change of the directory would do, before anybody makes it.

  rbac what-if assign project_editor 00000007-0000-4000-8000-000000000002 \
      project:00000005-0000-4000-8000-000000000001 --directory DIR
  rbac what-if unassign 00000014-0000-4000-8000-000000000001 --directory DIR
  rbac what-if add-member user:00000002-0000-4000-8000-000000000006 \
      00000007-0000-4000-8000-000000000009 --as user:00000002-0000-4000-8000-000000000006 \
      --directory DIR
  rbac what-if remove-member user:00000002-0000-4000-8000-000000000022 \
      00000007-0000-4000-8000-000000000007 --directory DIR --apply OUT

What is changed: assign ROLE GROUP RESOURCE, unassign ASSIGNMENT, add-member SUBJECT GROUP,
remove-member SUBJECT GROUP. It shows who gains and loses which permissions, on how many
resources, what of that gives roles or hands out credentials, and which constraints would be
broken or mended, with how it comes to that. With --as, also whether that subject may make
the change. With --apply, the new directory is written to the new folder OUT, whole or not at
all; the old one is left as it is.

Exits 0, or 1 if a constraint would be broken or the subject may not make it; then nothing is
written. Without --constraints, the constraints.toml beside the directory is held to, or else
the one in the policy folder, if there is one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from rbac.administration import AddMember, Assign, Change, RemoveMember, Unassign
from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED, DENIED
from rbac.cli.bounds import add_constraints, constraints_of, witness
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
from rbac.cli.words import resource, subject
from rbac.decision import Decision
from rbac.directory import Directory
from rbac.errors import RequestError, quoted
from rbac.granting import Granting
from rbac.rows import Permission
from rbac.vocabulary import ResourceRole
from rbac.what_if import Effect, WhatIf, what_if


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("change", choices=tuple(_CHANGES), help="what would be changed")
    parser.add_argument("words", nargs="+", metavar="WORD", help="of what; see above")
    parser.add_argument("--as", dest="actor", metavar="SUBJECT", help="who would make it")
    parser.add_argument("--apply", metavar="OUT", help="write the new directory to this folder")
    add_constraints(parser)
    add_policies(parser)
    add_directory(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Works out the change, and makes it on a snapshot if that is asked for."""
    by = policy(options.policies)
    constraints = constraints_of(options, by)
    authorizer = with_directory(Authorizer(by), options)
    change = _change(authorizer.access.directory, options)
    decision = None
    if options.actor is not None:
        decision = Granting(authorizer, constraints).may(subject(options.actor), change)
    result = what_if(authorizer.access, change, constraints)
    if not options.quiet:
        if options.format == "json":
            print_json(_as_dict(authorizer, result, decision))
        else:
            say(*_lines(authorizer, result, decision, held_to=constraints is not None))
    if result.broken or (decision is not None and not decision.allowed):
        return DENIED
    if options.apply is not None:
        _apply(result, options)
    return ALLOWED


def _apply(result: WhatIf, options: argparse.Namespace) -> None:
    try:
        result.after.write(options.apply)
    except FileExistsError as error:
        raise RequestError(str(error)) from None
    if not options.quiet and options.format == "text":
        say(f"written to {options.apply}")


def _change(directory: Directory, options: argparse.Namespace) -> Change:
    made, names = _CHANGES[options.change]
    if len(options.words) != len(names):
        raise RequestError(f"{options.change} takes {' '.join(names)}")
    return made(directory, options.words)


def _assign(directory: Directory, words: list[str]) -> Change:
    role, group, thing = words
    return Assign(ResourceRole.parse(role), _group(directory, group), resource(thing))


def _unassign(directory: Directory, words: list[str]) -> Change:
    for entry in directory.tables.assigned:
        for assignment in directory.assignments(entry):
            if assignment.id == words[0]:
                return Unassign(assignment)
    raise RequestError(f"no assignment {quoted(words[0])} gives a role")


def _add_member(directory: Directory, words: list[str]) -> Change:
    return AddMember(subject(words[0]), _group(directory, words[1]))


def _remove_member(directory: Directory, words: list[str]) -> Change:
    return RemoveMember(subject(words[0]), _group(directory, words[1]))


def _group(directory: Directory, id: str) -> str:
    if id not in directory.tables.groups:
        raise RequestError(f"unknown group {quoted(id)}")
    return id


_CHANGES: dict[str, tuple[Callable[[Directory, list[str]], Change], tuple[str, ...]]] = {
    "assign": (_assign, ("ROLE", "GROUP", "RESOURCE")),
    "unassign": (_unassign, ("ASSIGNMENT",)),
    "add-member": (_add_member, ("SUBJECT", "GROUP")),
    "remove-member": (_remove_member, ("SUBJECT", "GROUP")),
}


def _lines(
    authorizer: Authorizer, result: WhatIf, decision: Decision | None, *, held_to: bool
) -> Iterator[str]:
    if decision is not None:
        yield str(decision)
    yield f"{counted(len(result.effects), 'subject')} would gain or lose access"
    for effect in result.effects:
        yield f"  {effect.subject}"
        yield from (f"    + {_on(*each)}" for each in sorted(effect.gained.items(), key=str))
        yield from (f"    - {_on(*each)}" for each in sorted(effect.lost.items(), key=str))
    opened = sorted(result.escalations(authorizer.access), key=str)
    if opened:
        yield "it gives out more than access:"
    for who, what, count in opened:
        yield f"  {who} would {_on(what, count)}{_way(what)}"
    yield from _about_constraints(result, held_to)


def _about_constraints(result: WhatIf, held_to: bool) -> Iterator[str]:
    if not held_to:
        yield "there are no constraints to hold it to"
    for found, would in ((result.broken, "break"), (result.mended, "mend")):
        names = dict.fromkeys(each.constraint for each in found)
        for constraint in names:
            yield f"it would {would} {constraint.name}: {constraint.reason}"
            for each in found:
                if each.constraint is constraint:
                    yield from witness(each, "  ")


def _on(permission: Permission, count: int) -> str:
    return f"{permission} on {counted(count, 'resource')}"


def _way(permission: Permission) -> str:
    """How a permission hands out roles, if it does."""
    from rbac.audit.escalation import WAYS  # only what opens more asks for it

    way = WAYS.get((permission.type, permission.action))
    return f", which {way.value}" if way is not None else ""


def _as_dict(
    authorizer: Authorizer, result: WhatIf, decision: Decision | None
) -> dict[str, object]:
    return {
        "decision": decision.as_dict() if decision is not None else None,
        "effects": [_effect_as_dict(effect) for effect in result.effects],
        "escalations": [
            {"subject": str(who), "permission": str(what), "resources": count}
            for who, what, count in sorted(result.escalations(authorizer.access), key=str)
        ],
        "broken": [each.as_dict() for each in result.broken],
        "mended": [each.as_dict() for each in result.mended],
    }


def _effect_as_dict(effect: Effect) -> dict[str, object]:
    return {
        "subject": str(effect.subject),
        "gained": {str(permission): count for permission, count in effect.gained.items()},
        "lost": {str(permission): count for permission, count in effect.lost.items()},
    }
