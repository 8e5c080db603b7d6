"""Explain an answer: every grant behind an allow, or what would allow what is denied.

  rbac explain user project_admin project use
  rbac explain user project_editor project grant --format json

A denial lists every single change that would allow it (another role to hold, another
principal, a resource of its own, a grant to add), or else every pair, each with how many
cells besides it would open. Exits as 'rbac check' does.
"""

from __future__ import annotations

import argparse
import sys

from rbac.authorizer import Authorizer
from rbac.cli.check import asked, exit_code, question_arguments
from rbac.cli.options import add_output, add_policies, colored, policy, print_json
from rbac.decision import Reason
from rbac.errors import printable
from rbac.explain import Change, Explanation
from rbac.light import TYPE_CHECKING
from rbac.table import Basis
from rbac.terms import with_article

if TYPE_CHECKING:
    from rich.tree import Tree


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    question_arguments(parser)
    add_policies(parser)
    add_output(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """Prints the explanation as a tree or as JSON."""
    authorizer = Authorizer(policy(options.policies))
    question = asked(options, authorizer)
    explanation = authorizer.explain(*question[:4], own=question.own)
    if options.format == "json" and not options.quiet:
        print_json(explanation.as_dict())
    elif not options.quiet:
        _print(explanation, colored(options.color))
    return exit_code(explanation.decision)


def _print(explanation: Explanation, color: bool) -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    decision = explanation.decision
    style = "green" if decision.allowed else "red"
    tree = Tree(Text(printable(str(decision)), style=style))
    tree.add(f"reason: {decision.reason.short}")
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
    width = None if sys.stdout.isatty() else 400
    Console(width=width, no_color=not color, force_terminal=color, highlight=False).print(tree)


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
    for change in explanation.changes:
        opens = explanation.opens(change)
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
