"""What changed for whom on each resource, from one access to another: every piece of it.

Knows which resources and subjects have to be asked about, and that the rest need not be.
It must not decide: each side says what it allows.

Of two directories, all is asked about a resource that changed; about another one only the
subjects that changed are asked about everything, and the others about what two policies
may answer otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.access import Access
from rbac.audit.affected import (
    affected_actions,
    anything_guarded,
    asked_actions,
    changed_subjects,
    changed_things,
    every_action,
)
from rbac.audit.numbers import Numbers
from rbac.audit.sides import Piece, Scope, Sides
from rbac.entries import ResourceEntry
from rbac.light import NamedTuple
from rbac.vocabulary import Name, Principal, ResourceType


class Part(NamedTuple):
    """All that differs on one resource, as it is before (None: not there) and after.

    Each piece stands with the sides that it came from; no subject and action is in two.
    """

    numbers: Numbers
    before: ResourceEntry | None
    after: ResourceEntry | None
    pieces: list[tuple[Sides, Piece]]


class Comparison:
    """Two accesses, and all that differs between their answers without a credential.

    Their guards must be the same and answer alike: give a guard that reads a clock one that
    stands still.
    """

    def __init__(self, old: Access, new: Access) -> None:
        self.old, self.new = old, new
        self._alone = anything_guarded(old) or anything_guarded(new)
        tables = old.table, new.table
        self._every = every_action(*tables)
        self.affected = self._every if self._alone else affected_actions(*tables)
        self._asked = asked_actions(*tables, self.affected)
        self._at_once = (
            not self._alone
            and old.directory.tables is new.directory.tables
            and old.rules == new.rules
        )
        self._things = changed_things(old.directory, new.directory)
        self._subjects = changed_subjects(old.directory, new.directory, self._things)

    def parts(self) -> Iterator[Part]:
        """Every resource on which somebody gained or lost something, by organization."""
        within: dict[str, list[tuple[ResourceType, str]]] = {}
        for type, id in self._resources():
            one, other = self._entries(type, id)
            there = other or one
            assert there is not None, "it is in one of them"
            within.setdefault(there.organization or "", []).append((type, id))
        for organization in sorted(within):
            compared = _Organization(self, organization or None)
            for thing in within.pop(organization):
                part = compared.part(*self._entries(*thing), thing in self._things)
                if part.pieces:
                    yield part

    def _resources(self) -> Iterator[tuple[ResourceType, str]]:
        """The resources that have to be asked about, by type and id."""
        before, after = (each.directory.tables.resources for each in (self.old, self.new))
        changed: dict[ResourceType, list[str]] = {}
        for type, id in self._things:
            changed.setdefault(type, []).append(id)
        for type in ResourceType:
            whole = self.affected.get(type) or (self._subjects and self._every.get(type))
            ids = before[type].keys() | after[type].keys() if whole else changed.get(type, ())
            yield from ((type, id) for id in sorted(ids))

    def _entries(
        self, type: ResourceType, id: str
    ) -> tuple[ResourceEntry | None, ResourceEntry | None]:
        before, after = (each.directory.tables.resources[type] for each in (self.old, self.new))
        return before.get(id), after.get(id)

    def numbers(self, old: str | None, new: str | None) -> Numbers:
        """The numbers of all that belong to either organization, before or after."""
        related = self.old.related, self.new.related
        return Numbers(*(side.subjects_of(each) for side in related for each in {old, new}))

    def sides(self, old: str | None, new: str | None, numbers: Numbers, whom: Whom) -> Sides:
        """Some subjects of an organization, or of the one before and the one after."""
        actions = (self.affected, self._asked) if whom is Whom.OTHERS else (self._every,) * 2

        def wanted(principal: Principal, id: str) -> bool:
            return whom is Whom.ALL or ((principal, id) in self._subjects) is (whom is Whom.CHANGED)

        return Sides(
            (self.old, self.new),
            (old, new),
            Scope(numbers, wanted, *actions),
            at_once=self._at_once,
            alone=self._alone,
        )

    def whom(self, changed: bool) -> tuple[Whom, ...]:
        """Whom to ask about a resource, by whether anything about it changed."""
        if changed:
            return (Whom.ALL,)
        some = (Whom.CHANGED,) if self._subjects else ()
        return (*some, Whom.OTHERS) if self.affected else some


class Whom(Name, noun="choice"):
    """Who is asked about what: all or the subjects that changed about every action.

    And the other subjects about those alone that two policies may answer otherwise.
    """

    ALL = "all"
    CHANGED = "changed"
    OTHERS = "others"


class _Organization:
    """One organization before and after; what is not asked for is not built."""

    def __init__(self, comparison: Comparison, organization: str | None) -> None:
        self._comparison, self._organization = comparison, organization
        self._numbers: dict[str | None, Numbers] = {}
        self._sides: dict[tuple[str | None, Whom], Sides] = {}

    def part(
        self, before: ResourceEntry | None, after: ResourceEntry | None, changed: bool
    ) -> Part:
        """Who gained and lost what on a resource, which may have lain in another one before."""
        here = before.organization if before and after else self._organization
        numbers = self._numbers.get(here)
        if numbers is None:
            numbers = self._comparison.numbers(here, self._organization)
            self._numbers[here] = numbers
        pieces = []
        for whom in self._comparison.whom(changed):
            sides = self._sides.get((here, whom))
            if sides is None:
                sides = self._comparison.sides(here, self._organization, numbers, whom)
                self._sides[here, whom] = sides
            pieces += [(sides, piece) for piece in sides.pieces(before, after)]
        return Part(numbers, before, after, pieces)
