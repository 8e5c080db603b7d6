r"""Ask whether a principal, acting in a role, may do an action to a resource type.

The same about somebody and something: whether a subject may do it to a resource.

Names are accepted with or without their prefix, in any case. Without ACTION, it asks
whether the role may act there at all, and prints all it may do. With ids, the role must be
held, as the directory says; 'any' stands for whatever roles are held. With '-' alone,
requests are read from standard input, one JSON object a line with the same words (subject,
role, resource, action, own, read_only, impersonated), and answered in order, one JSON object
a line.

  rbac check user project_editor project update
  rbac check user workflow_executor workflow_execution cancel --own
  rbac check user project_editor --method gitpod.v1.ProjectService/UpdateProject
  rbac check user:00000002-0000-4000-8000-000000000022 any \
      project:00000005-0000-4000-8000-000000000001 update --directory DIR
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
    add_directory,
    add_output,
    add_policies,
    colored,
    policy,
    print_json,
    say,
    with_directory,
)
from rbac.cli.words import ask, members, question, question_arguments, request, words
from rbac.decision import Decision, Reason
from rbac.errors import RbacError, printable
from rbac.terms import InstanceQuestion, Question


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    question_arguments(parser)
    add_policies(parser)
    add_directory(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Asks one question, or every one on standard input."""
    authorizer = Authorizer(policy(options.policies))
    if options.subject == "-" and options.role is None:
        return _batch(with_directory(authorizer, options))
    asked = question(words(options, authorizer))
    if isinstance(asked, InstanceQuestion):
        authorizer = with_directory(authorizer, options)
    decision = ask(authorizer, asked)
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


def exit_code(decision: Decision) -> int:
    """0 allowed, 1 denied, 4 allowed only on own resources."""
    if decision.allowed:
        return ALLOWED
    return OWN_ONLY if decision.reason is Reason.OWN_ONLY else DENIED


def _lines(decision: Decision) -> list[str]:
    lines = [str(decision)]
    if decision.grant is not None and decision.grant.rationale is not None:
        why = decision.grant.rationale
        sources = f"({why.mark.short}: {' '.join(why.keys)})"
        lines += textwrap.wrap(f"because {why.text} {sources}", 86)
    about_kinds = isinstance(decision.question, Question)
    if decision.requirements and decision.allowed and about_kinds:
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
            read = json.loads(line.decode(), object_pairs_hook=members)
            print_json(ask(authorizer, question(request(read))).as_dict(), indent=None)
        except (RbacError, ValueError, RecursionError) as error:
            unanswered += 1
            print_json({"line": number, "error": printable(str(error))}, indent=None)
        sys.stdout.flush()
    return INVALID if unanswered else ALLOWED
