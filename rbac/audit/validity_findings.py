"""The findings of records that contradict each other or the policy: what validation says.

Knows which rule each message of `rbac.intake` and `rbac.record_rules` belongs to. It must
not validate anything itself; what has no rule of its own has the general one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rbac.audit.findings import Finding, Rule, Severity
from rbac.audit.records import Broken

_MATTERS = (
    "A record that is refused gives nothing here; another reader of the same data may take it "
    "at its word."
)


def _rule(id: str, title: str, says: str, remedy: str) -> Rule:
    return Rule(id, title, Severity.ERROR, says, _MATTERS, remedy)


UNKNOWN = _rule(
    "RBAC201",
    "a record about something unknown",
    "A record names an organization, a subject, a group, a resource or a container that has no "
    "record of its own.",
    "Add the record that is missing, or remove the one that names it.",
)
TWICE = _rule(
    "RBAC202",
    "two records of one thing",
    "Two records have the same id, are of the same subject or resource, or put one subject "
    "into one group.",
    "Remove one; nobody can say which of them is true.",
)
ACROSS = _rule(
    "RBAC203",
    "a record across organizations",
    "A record ties together what belongs to different organizations.",
    "Remove the record, or mend the organization it names: nothing is shared across.",
)
NOT_HELD_THERE = _rule(
    "RBAC204",
    "a role where it is not held",
    "An assignment gives a role on a type of resource that the role is not held on.",
    "Assign the role on the type that roles.csv names for it, or another role here.",
)
NEVER_ASSIGNED = _rule(
    "RBAC205",
    "a role that is never assigned",
    "An assignment gives a role that only the system gives, by a relation or a senior role.",
    "Remove the assignment; assign a role that people may hand out.",
)
NO_MEMBER = _rule(
    "RBAC206",
    "a member that may hold no role",
    "A subject is in a group, and is of a kind that may hold no role a group can be given.",
    "Remove the membership.",
)
MISFIT = _rule(
    "RBAC207",
    "a record that does not fit",
    "A record breaks another rule of directories: a resource lies in what cannot contain it, or "
    "in nothing, or names what is never named; a subject has an organization and should have "
    "none, or has none and should have one.",
    "Mend the record as the message says; containment.csv says what may contain what.",
)

RULES = (UNKNOWN, TWICE, ACROSS, NOT_HELD_THERE, NEVER_ASSIGNED, NO_MEMBER, MISFIT)

_SAYS: tuple[tuple[Rule, str], ...] = (
    (ACROSS, r"another organization|lies within \d+ organizations"),
    (UNKNOWN, r"^unknown (organization|subject|group|resource|container|reference) "),
    (TWICE, r"^a second | is in the group already$"),
    (NOT_HELD_THERE, r" is held on "),
    (NEVER_ASSIGNED, r" is never assigned"),
    (NO_MEMBER, r" may hold no role that a group is given$"),
)


def rule_of(message: str) -> Rule:
    """The rule that a message of the validation belongs to; the general one if no other."""
    for rule, pattern in _SAYS:
        if re.search(pattern, message):
            return rule
    return MISFIT


def found(broken: Iterable[Broken]) -> Iterator[Finding]:
    """A finding for each rule that a record breaks; one that is not named is told by its file."""
    for table, name, place, message in broken:
        rule = rule_of(message)
        said = f"{_NOUNS[table]} {name}: {message}" if table else message
        # What the message quotes is what it is about; its words may change.
        about = re.findall('"([^"]*)"', message)
        yield rule.found(said, place, (table or place.file, name, *about))


_NOUNS = {
    "organizations": "the organization",
    "subjects": "the subject",
    "groups": "the group",
    "resources": "the resource",
    "memberships": "the membership",
    "assignments": "the assignment",
}
