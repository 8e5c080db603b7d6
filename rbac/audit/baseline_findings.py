"""The findings about what was accepted: acceptances that have run out, or accept nothing.

Knows the rules and how their findings read. It must not know how acceptances are written.
"""

from __future__ import annotations

import datetime

from rbac.audit.findings import Finding, Rule, Severity
from rbac.rows import Place

EXPIRED = Rule(
    "RBAC401",
    "an acceptance that has expired",
    Severity.WARNING,
    "An entry of the baseline whose date has passed. It hides nothing any more.",
    "Somebody accepted the finding for a time, and that time is over.",
    "Mend what was accepted, or decide again and write a new date.",
)

UNUSED = Rule(
    "RBAC402",
    "an acceptance that accepts nothing",
    Severity.WARNING,
    "An entry of the baseline that matches no finding of its rule.",
    "It would hide the finding the day it comes back, and nobody would be told.",
    "Remove the entry.",
)

IDLE_WAIVER = Rule(
    "RBAC403",
    "a waiver that waives nothing",
    Severity.WARNING,
    "A waive line above rows at which its rule finds nothing.",
    "It would hide the finding the day it comes back, and nobody would be told.",
    "Remove the line.",
)

RULES = (EXPIRED, UNUSED, IDLE_WAIVER)


def expired(rule: str, about: str, on: datetime.date, reason: str, place: Place) -> Finding:
    """An entry of the baseline that has run out."""
    message = f"{rule} was accepted until {on.isoformat()}, for {about}"
    return EXPIRED.found(message, place, (rule, about), [f"the reason was: {reason}"])


def unused(rule: str, about: str, reason: str, place: Place) -> Finding:
    """An entry of the baseline that matches nothing."""
    message = f"{rule} is accepted for {about}, where it finds nothing"
    return UNUSED.found(message, place, (rule, about), [f"the reason was: {reason}"])


def idle(rule: str, reason: str, place: Place, number: int) -> Finding:
    """A waiver at whose rows its rule finds nothing; the `number`-th of the rule in its file."""
    message = f"{rule} is waived here, where it finds nothing"
    subject = (rule, place.file.rpartition("/")[2], str(number))
    return IDLE_WAIVER.found(message, place, subject, [f"the reason was: {reason}"])
