r"""Explain an answer: every way it is allowed, or what would allow what is denied.

  rbac explain user project_admin project use
  rbac explain user project_editor project grant --format json
  rbac explain user:00000002-0000-4000-8000-000000000007 any \
      project:00000005-0000-4000-8000-000000000001 update --directory DIR

About kinds, a denial lists every single change that would allow it (another role to hold,
another principal, a resource of its own, a grant to add), or else every pair, each with how
many cells besides it would open. About somebody, it lists every group to join, role to be
given, resource to own and so on, each with how much else it would permit, and on how many
resources; 'any' stands for whatever roles are held. Exits as 'rbac check' does.
"""

from __future__ import annotations

import argparse
import sys

from rbac.authorizer import Authorizer
from rbac.cli.check import exit_code
from rbac.cli.options import (
    add_directory,
    add_output,
    add_policies,
    colored,
    policy,
    print_json,
    with_directory,
)
from rbac.cli.words import question, question_arguments, words
from rbac.decision import Reason
from rbac.errors import printable
from rbac.explain import Change, Explanation
from rbac.light import TYPE_CHECKING
from rbac.table import Basis
from rbac.terms import Question, with_article

if TYPE_CHECKING:
    from rich.tree import Tree

    from rbac.explain_access import AccessExplanation, Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    question_arguments(parser)
    add_policies(parser)
    add_directory(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Prints the explanation as a tree or as JSON."""
    explanation = _explained(Authorizer(policy(options.policies)), options)
    if options.format == "json" and not options.quiet:
        print_json(explanation.as_dict())
    elif not options.quiet:
        _print(explanation, colored(options.color))
    return exit_code(explanation.decision)


def _explained(
    authorizer: Authorizer, options: argparse.Namespace
) -> Explanation | AccessExplanation:
    asked = question(words(options, authorizer))
    if isinstance(asked, Question):
        return authorizer.explain(*asked[:4], own=asked.own)
    somebody, role, thing, action, credential = asked
    assert somebody is not None, "words name a subject"
    directory = with_directory(authorizer, options)
    return directory.explain(somebody, role, thing, action, credential=credential)


def _print(explanation: Explanation | AccessExplanation, color: bool) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    decision = explanation.decision
    style = "green" if decision.allowed else "red"
    tree = Tree(Text(printable(str(decision)), style=style))
    tree.add(f"reason: {decision.reason.short}")
    if isinstance(explanation, Explanation):
        _add_kinds(tree, explanation)
    else:
        _add_access(tree, explanation)
    width = None if sys.stdout.isatty() else 400
    Console(width=width, no_color=not color, force_terminal=color, highlight=False).print(tree)


def _add_kinds(tree: Tree, explanation: Explanation) -> None:
    decision = explanation.decision
    for basis in explanation.bases:
        _add_basis(tree, basis)
    if decision.requirements:
        needs = " and ".join(row.text for row in decision.requirements)
        tree.add(f"an instance must also meet: {needs}")
    if explanation.changes:
        _add_changes(tree, explanation)
    elif decision.reason is Reason.NO_SUCH_PERMISSION:
        tree.add("no role or grant would allow it: the catalogue lists no such permission")
    for size, count in explanation.further.items():
        tree.add(f"and {count:,} ways that take {size} changes")


def _add_access(tree: Tree, explanation: AccessExplanation) -> None:
    """Every way that somebody is allowed, or every change that would allow it."""
    for path in explanation.paths:
        _add_path(tree, path)
    if explanation.decision.allowed:
        return
    if not explanation.changes:
        tree.add("no single change would allow it")
        return
    node = tree.add("allowed by any of these changes:")
    for change, opened in explanation.ranked():
        node.add(printable(f"{change}  (opens {_opening(*opened)})"))


def _opening(permissions: int, resources: int) -> str:
    if not permissions:
        return "nothing else"
    more = f"{permissions:,} more permission{'' if permissions == 1 else 's'}"
    return f"{more} on {resources:,} resource{'' if resources == 1 else 's'}"


def _add_path(tree: Tree, path: Path) -> None:
    """Who is in which group, what that holds where, and the way down to the grant."""
    hold = path.hold
    if hold.assignment is not None:
        node = tree.add(printable(f"in group {hold.assignment.group}"))
        node = node.add(f"assigned {hold.role.short} on {hold.on} ({hold.assignment.id})")
    else:
        relation = hold.relation.short if hold.relation else ""
        node = tree.add(f"{relation} of {hold.on}, which gives {hold.role.short}")
    _add_basis(node, path.basis)


def _add_basis(tree: Tree, basis: Basis) -> None:
    """The way down from the role asked about to the grant, and why it was given."""
    from rich.text import Text

    node = tree
    for role in basis.through:
        node = node.add(role.short if node is tree else f"includes {role.short}")
    grant = basis.grant
    words = f"may {grant.action.short} {grant.type.short}, {grant.reach.short} ({grant.place})"
    leaf = node.add(words)
    if grant.rationale:
        leaf.add(Text(printable(str(grant.rationale)), style="dim"))


def _add_changes(tree: Tree, explanation: Explanation) -> None:
    many = "any of these changes" if len(explanation.changes[0].parts) == 1 else "any pair of these"
    node = tree.add(f"allowed by {many}:")
    for change, opens in explanation.ranked():
        node.add(f"{_words(change)}  (opens {opens:,} other cell{'' if opens == 1 else 's'})")


def _words(change: Change) -> str:
    question, grant = change.question, change.grant
    phrases = {
        "principal": f"as {with_article(question.principal.short)}",
        "role": f"hold {question.role.short}",
        "own": "on a resource of its own",
    }
    if grant:
        names = ", ".join(name.short for name in grant[:4])
        phrases["grant"] = f"add the grant: p, {names}"
    return " and ".join(phrases[part] for part in change.parts)
