"""List everybody who may do an action to a resource, and by which role.

  rbac who-can update project:00000005-0000-4000-8000-000000000001 --directory DIR

Results are in a fixed order. Exits 0 if there is anybody, 1 if nobody may.
"""

from __future__ import annotations

import argparse

from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED, DENIED
from rbac.cli.options import add_directory, add_output, add_policies, policy, with_directory
from rbac.cli.tables import FORMATS, Table, show
from rbac.cli.words import credential, credential_arguments, resource
from rbac.decision import Decision
from rbac.terms import Subject, specified
from rbac.vocabulary import Action, Principal


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what this command takes."""
    parser.add_argument("action", metavar="ACTION", help="an action: update, ...")
    parser.add_argument("resource", metavar="RESOURCE", help="a resource: project:UUID")
    parser.add_argument("--principal", metavar="SUBJECT", help="only such subjects: user, ...")
    credential_arguments(parser)
    add_policies(parser)
    add_directory(parser)
    add_output(parser, *FORMATS)


def run(options: argparse.Namespace) -> int:
    """Searches, and prints one row for each subject."""
    action = specified("action", Action.parse(options.action), Action)
    thing, used = resource(options.resource), credential(options)
    kind = None if options.principal is None else Principal.parse(options.principal)
    authorizer = with_directory(Authorizer(policy(options.policies)), options)
    found = authorizer.search_subjects(action, thing, principal=kind, credential=used)
    rows = [
        _row(subject, authorizer.authorize(subject, action, thing, credential=used))
        for subject in found
    ]
    if not options.quiet:
        title = f"{len(rows):,} may {action.short} {thing}"
        columns = ("subject", "holds", "on", "given by", "grant")
        show(Table(title, columns, rows), options.format, options.color)
    return ALLOWED if rows else DENIED


def _row(subject: Subject, decision: Decision) -> tuple[str, ...]:
    hold, grant = decision.hold, decision.grant
    assert hold is not None, "an allow rests on a hold"
    assert grant is not None, "an allow rests on a grant"
    relation = hold.relation.short if hold.relation else ""
    given = f"group {hold.assignment.group}" if hold.assignment else relation
    return str(subject), hold.role.short, str(hold.on), given, str(grant.place)
