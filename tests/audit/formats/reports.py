"""Reports for tests of their formats: one of everything, with names that need escaping."""

import datetime

from rbac.audit.findings import Accepted, Report, Rule, Severity, in_order
from rbac.rows import Place

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "a,b;c\"d'e",
    "100%: a\nb\rc",
    "<b>x</b> | `y` [z](javascript:1) *w* _v_ \\",
    "\u202e\x1b[31m",
)
"""Texts that some format or its reader would take for more than text."""

RULE = Rule("RBAC901", "made up", Severity.WARNING, "It says.", "It matters.", "Mend it.")
OTHER = RULE._replace(id="RBAC902", severity=Severity.ERROR)

FINDINGS = in_order(
    [
        OTHER.found("an error", Place("policies/grants/a b.csv", 7), ("x", "y"), ["seen", "twice"]),
        RULE.found("a whole file", Place("policies/catalogue.csv", 0), ("file",)),
        RULE.found("nowhere", None, ("nowhere",)),
        RULE.found("elsewhere", Place("/srv/policies/roles.csv", 1), ("elsewhere",)),
        *(RULE.found(text, Place(f"{text}.csv", 3), (text,), [text], text) for text in HOSTILE),
    ]
)

ACCEPTED = (
    Accepted(
        RULE.found("accepted", Place("a.csv", 2), ("accepted",)),
        "=reason",
        datetime.date(2027, 1, 31),
        Place("baseline.toml", 3),
        inline=False,
    ),
    Accepted(
        RULE.found("waived", Place("a.csv", 5), ("waived",)),
        "why",
        None,
        Place("a.csv", 4),
        inline=True,
    ),
)

REPORT = Report((RULE, OTHER), FINDINGS, ACCEPTED, "sha256:0", "sha256:1")
EMPTY = Report((RULE, OTHER), ())
