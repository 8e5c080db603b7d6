"""The blast radius of a subject: all that it may do now, and after all that it can come to.

Knows how permissions of several identities come together. It must not decide one.
"""

from __future__ import annotations

from rbac.access import Access
from rbac.audit.ascent import Ascent
from rbac.entries import SubjectEntry
from rbac.guards import FOREIGN_ORGANIZATION
from rbac.light import NamedTuple
from rbac.terms import Credential, InstanceQuestion, Resource
from rbac.vocabulary import Action

Doing = tuple[Action, Resource]


class Radius(NamedTuple):
    """How many (action, resource) a subject is permitted, now and in the end."""

    before: int
    after: int


def radius(ascent: Ascent) -> Radius:
    """The two numbers; as long as asking about every resource of its organization takes."""
    return Radius(len(before(ascent)), len(after(ascent)))


def before(ascent: Ascent) -> set[Doing]:
    """What the subject may do as it is."""
    return permitted(ascent.start, ascent.actor, ascent.credential(ascent.actor))


def after(ascent: Ascent) -> set[Doing]:
    """What it may do once it took every step, as itself and as all that it can act as."""
    found: set[Doing] = set()
    for who in ascent.identities:
        found |= permitted(ascent.access, who, ascent.credential(who))
    return found


def permitted(access: Access, who: SubjectEntry, credential: Credential | None) -> set[Doing]:
    """Every action that a subject is permitted on a resource that is there."""
    bounded = FOREIGN_ORGANIZATION in access.guards
    return {
        (action, about.resource)
        for about in access.directory.resources()
        if not bounded or about.organization in (None, who.organization)
        for action, _ in access.actions(
            who, None, about, InstanceQuestion(None, None, about.resource, None, credential)
        )
    }
