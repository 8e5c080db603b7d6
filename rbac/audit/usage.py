"""Usage: which of the roles that were assigned a log's decisions could have rested on.

Knows how an allowed decision is laid at the door of every assignment that could have
carried it. It must not decide, nor guess beyond the log: what the directory gives no
reason for is counted as unexplained and laid nowhere.

A decision needs a role that permits it, and for each requirement that is a second
permission a role that permits that: both are used.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.abilities import Ability
from rbac.access import Access, Asked
from rbac.audit.decision_log import LoggedDecision, Period
from rbac.decision import Hold
from rbac.entries import BITS, ResourceEntry, SubjectEntry
from rbac.errors import RequestError
from rbac.light import NamedTuple
from rbac.relations import owns
from rbac.rows import Permission, Reach
from rbac.terms import InstanceQuestion, Question, Resource, Subject
from rbac.vocabulary import ResourceRole


class Used(NamedTuple):
    """What one subject used of one assignment.

    Each permission with the reach that was needed: own, if only own resources were meant.
    `roles` are those that decisions named: whoever acts in a role must hold it. `decisions`
    could rest on the assignment, of which `alone` on nothing else.
    """

    permissions: dict[Permission, Reach]
    roles: frozenset[ResourceRole]
    decisions: int
    alone: int

    def __or__(self, other: Used) -> Used:
        """What was used here or there."""
        permissions = dict(self.permissions)
        for permission, reach in other.permissions.items():
            if permissions.get(permission) is not Reach.ANY:
                permissions[permission] = reach
        roles = self.roles | other.roles
        return Used(permissions, roles, self.decisions + other.decisions, self.alone + other.alone)


UNUSED = Used({}, frozenset(), 0, 0)


class Usage:
    """Takes in the decisions of a log, and says what was used of what is assigned now.

    What it keeps grows with the different questions of the log, not with its length.
    `denied`, `about_kinds` and `without_action` count decisions that used nothing; so many
    of each subject were `allowed`.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self.period = Period()
        self.denied = self.about_kinds = self.without_action = 0
        self._unexplained = 0
        self.allowed: dict[Subject, int] = {}
        self._asked: dict[InstanceQuestion, int] = {}
        self._used: dict[tuple[Subject, str], Used] = {}

    def add(self, logged: LoggedDecision) -> None:
        """Takes in one decision."""
        self.period.add(logged)
        question = logged.question
        if isinstance(question, Question):
            self.about_kinds += 1
        elif not logged.allowed or question.subject is None:
            self.denied += 1
        elif question.action is None:
            self.without_action += 1
        else:
            self.allowed[question.subject] = self.allowed.get(question.subject, 0) + 1
            plain = question._replace(credential=None)
            self._asked[plain] = self._asked.get(plain, 0) + 1

    def of(self, subject: Subject, assignment: str) -> Used:
        """What a subject used of an assignment, by its id."""
        self._lay()
        return self._used.get((subject, assignment), UNUSED)

    @property
    def unexplained(self) -> int:
        """How many allowed decisions rest on nothing that is held now."""
        self._lay()
        return self._unexplained

    def _lay(self) -> None:
        """Lays each decision at the door of every assignment that could have carried it."""
        while self._asked:
            question, count = self._asked.popitem()
            try:
                asked = self.access.asked(question)
            except RequestError:  # what is new would lie in a container that is gone
                asked = None
            needs = [] if asked is None else list(_needs(asked))
            if not needs or not all(carriers for _, carriers, _ in needs):
                self._unexplained += count
                continue
            who = question.subject
            assert who is not None, "nobody is not asked about"
            for assignment, used in _carried(needs, question.role, count).items():
                key = who, assignment
                self._used[key] = self._used.get(key, UNUSED) | used


Need = tuple[Permission, list[Hold], bool]
"""A permission that was needed, every hold that could give it, and whether on an own resource."""


def _needs(asked: Asked) -> Iterator[Need]:
    """What a decision needs: its permission, and each second one that it requires."""
    access, about = asked.access, asked.about
    if about is None:
        return
    yield _need(access, asked.who, about, asked.ability)
    for requirement in asked.ability.requirements:
        if isinstance(requirement.need, Permission):
            ability = access.ability(asked.who, requirement.need)
            needed = access.needed(requirement.need, about)
            if not needed:  # it can no longer be met
                yield requirement.need, [], False
            for named in needed:
                yield _need(access, asked.who, named, ability)


def _carried(needs: list[Need], role: ResourceRole | None, count: int) -> dict[str, Used]:
    """What is used of each assignment by so many decisions that need the same."""
    found: dict[str, Used] = {}
    for number, (permission, carriers, own) in enumerate(needs):
        named = frozenset({role} if role is not None and not number else ())
        used = Used({permission: Reach.OWN if own else Reach.ANY}, named, 0, 0)
        for hold in carriers:
            if hold.assignment is not None:
                alone = count if len(carriers) == 1 else 0
                before = found.get(hold.assignment.id, UNUSED)
                alone = max(alone, before.alone)
                found[hold.assignment.id] = (before | used)._replace(decisions=count, alone=alone)
    return found


def _need(access: Access, who: SubjectEntry, about: ResourceEntry, ability: Ability) -> Need:
    own = owns(who, about)
    permitting = ability.own if own else ability.any
    carriers = [hold for hold in access.holds(who, about) if BITS[hold.role] & permitting]
    return ability.permission, carriers, own


def assigned(access: Access, who: SubjectEntry) -> Iterator[Hold]:
    """Every role that a subject is assigned and may hold, by a group that it is in."""
    directory = access.directory
    for group in sorted(who.groups):
        for entry in directory.tables.holds.get(group, ()):
            thing: Resource = entry.resource
            for assignment in directory.assignments(entry):
                if assignment.group == group and access.table.eligible(
                    who.principal, assignment.role
                ):
                    yield Hold(assignment.role, thing, assignment)
