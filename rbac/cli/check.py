"""Ask whether a principal, acting in a role, may do an action to a resource type.

Names are accepted with or without their prefix, in any case. Without ACTION, it asks
whether the role may act there at all, and prints all it may do. With '-' alone, requests
are read from standard input, one JSON object a line with the same words (subject, role,
resource, action, own), and answered in order, one JSON object a line.

  rbac check user project_editor project update
  rbac check user workflow_executor workflow_execution cancel --own
  rbac check user project_editor --method gitpod.v1.ProjectService/UpdateProject
  echo '{"subject": "user", "role": "org_member", "resource": "group"}' | rbac check -

Exits 0 if allowed, 1 if denied, 4 if allowed only on the subject's own resources.
"""

from __future__ import annotations

import argparse
import sys
import textwrap

from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED, DENIED, INVALID, OWN_ONLY
from rbac.cli.options import (
    GREEN,
    RED,
    add_output,
    add_policies,
    colored,
    policy,
    print_json,
    say,
)
from rbac.decision import Decision, Reason
from rbac.errors import (
    DirectoryRequired,
    RbacError,
    RequestError,
    UnknownName,
    printable,
)
from rbac.terms import Question, Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    question_arguments(parser)
    add_policies(parser)
    add_output(parser, "text", "json")


def question_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of a question, in the order in which `check` takes them."""
    parser.add_argument("subject", metavar="SUBJECT", help="a principal: user, runner, ...; or -")
    parser.add_argument("role", metavar="ROLE", nargs="?", help="a role: project_editor, ...")
    parser.add_argument("resource", metavar="RESOURCE", nargs="?", help="a resource type")
    parser.add_argument("action", metavar="ACTION", nargs="?", help="an action: update, ...")
    parser.add_argument(
        "--method",
        metavar="METHOD",
        help="instead of an action: the API method, gitpod.v1.ProjectService/UpdateProject",
    )
    parser.add_argument("--own", action="store_true", help="on a resource that is its own")


def run(options: argparse.Namespace) -> int:
    """Asks one question, or every one on standard input."""
    if options.subject == "-" and options.role is None:
        return _batch(Authorizer(policy(options.policies)))
    authorizer = Authorizer(policy(options.policies))
    decision = _ask(authorizer, *_words(options, authorizer))
    if options.quiet:
        return exit_code(decision)
    if options.format == "json":
        print_json(decision.as_dict())
    else:
        first, *others = _lines(decision)
        paint = colored(options.color)
        say(first, color=(GREEN if decision.allowed else RED) if paint else "")
        say(*others)
    return exit_code(decision)


Words = tuple[str, str, str, str | None, bool]


def _words(options: argparse.Namespace, authorizer: Authorizer) -> Words:
    """The words of the question; a method stands for its action, and for its type if it has one."""
    resource, action = options.resource, options.action
    if options.method is not None:
        if action is not None:
            raise RequestError("a method says the action; name one of them")
        kind, _, id = (resource or "").partition(":")
        type = ResourceType.parse(kind) if kind else None
        permission = authorizer.permission_of(options.method, type)
        resource = ":".join(filter(None, (permission.type.short, id)))
        action = permission.action.short
    if options.role is None or resource is None:
        raise RequestError("a question names a subject, a role and a resource; see --help")
    return options.subject, options.role, resource, action, options.own


def exit_code(decision: Decision) -> int:
    """0 allowed, 1 denied, 4 allowed only on own resources."""
    if decision.allowed:
        return ALLOWED
    return OWN_ONLY if decision.reason is Reason.OWN_ONLY else DENIED


def kinds(subject: str, role: str, resource: str, action: str | None, own: bool) -> Question | None:
    """The question of the kinds form that the words spell; None if they name somebody."""
    if ":" in subject and ":" in resource:
        return None
    if ":" in subject or ":" in resource:
        raise RequestError("subject and resource are both kinds, or both have an id")
    return Question(
        Principal.parse(subject),
        ResourceRole.parse(role),
        ResourceType.parse(resource),
        None if action is None else Action.parse(action),
        own,
    )


def asked(options: argparse.Namespace, authorizer: Authorizer) -> Question:
    """The question of the kinds form on a command line; raises for any other."""
    words = _words(options, authorizer)
    question = kinds(*words)
    if question is None:
        raise DirectoryRequired(f"whether {words[0]} holds {words[1]} takes a directory")
    return question


def _ask(
    authorizer: Authorizer, subject: str, role: str, resource: str, action: str | None, own: bool
) -> Decision:
    question = kinds(subject, role, resource, action, own)
    if question is not None:
        return authorizer.check(*question[:4], own=own)
    principal, _, subject_id = subject.partition(":")
    type, _, resource_id = resource.partition(":")
    return authorizer.check(
        Subject(Principal.parse(principal), subject_id),
        ResourceRole.parse(role),
        Resource(ResourceType.parse(type), resource_id),
        None if action is None else Action.parse(action),
    )


def _lines(decision: Decision) -> list[str]:
    lines = [str(decision)]
    if decision.grant is not None and decision.grant.rationale is not None:
        why = decision.grant.rationale
        sources = f"({why.mark.short}: {' '.join(why.keys)})"
        lines += textwrap.wrap(f"because {why.text} {sources}", 86)
    if decision.requirements and decision.allowed:
        needs = " and ".join(row.text for row in decision.requirements)
        lines.append(f"an instance must also meet: {needs}")
    if not decision.allowed:
        lines.append(f"reason: {decision.reason.short}")
    return lines[:1] + [f"  {line}" for line in lines[1:]]


def _batch(authorizer: Authorizer) -> int:
    """Answers each line in turn; one that cannot be asked is answered with its error."""
    import json  # only machines ask for it

    unanswered = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            answer = _ask(
                authorizer, *_request(json.loads(line.decode(), object_pairs_hook=_members))
            )
            print_json(answer.as_dict(), indent=None)
        except (RbacError, ValueError, RecursionError) as error:
            unanswered += 1
            print_json({"line": number, "error": printable(str(error))}, indent=None)
        sys.stdout.flush()
    return INVALID if unanswered else ALLOWED


_TEXTS = ("subject", "role", "resource", "action")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object; one that names a member twice says two things and is refused."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RequestError("a member is named twice")
    return members


def _request(request: object) -> tuple[str, str, str, str | None, bool]:
    """The words of one request of a batch; anything but the known members is refused."""
    if not isinstance(request, dict):
        raise RequestError("a request is a JSON object")
    for member in request:
        if member not in (*_TEXTS, "own"):
            raise UnknownName("member", member, (*_TEXTS, "own"))
    action, own = request.get("action"), request.get("own", False)
    if not isinstance(own, bool):
        raise RequestError("own must be a JSON boolean")
    subject, role, resource = (_text(request, member) for member in _TEXTS[:3])
    return subject, role, resource, None if action is None else _text(request, "action"), own


def _text(request: dict[str, object], member: str) -> str:
    value = request.get(member)
    if not isinstance(value, str):
        raise RequestError(
            f"{member} must be a JSON string{'' if member in request else '; it is missing'}"
        )
    return value
