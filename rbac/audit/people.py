"""Who gains and loses what from one access to another, counted exactly.

Knows how pieces add up: by permission, by the way a role came, by subject. It must not
decide, nor know how pieces are found.

Nothing is counted one by one: a set of subjects is added to the counters of all its
subjects at once, each of which is a column of bits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rbac.access import Access
from rbac.audit.comparison import Comparison, Part
from rbac.audit.numbers import Numbers
from rbac.audit.sides import Piece, Sides
from rbac.audit.ways import Way, Ways
from rbac.collector import uncollected
from rbac.entries import ROLES, ResourceEntry
from rbac.light import NamedTuple
from rbac.rows import Permission
from rbac.terms import Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

Triple = tuple[Subject, Action, Resource]
_Sets = dict[tuple[Numbers, Principal], int]
_Actions = tuple[Action, ...]


class Sum(NamedTuple):
    """How many (subject, action, resource), of how many subjects, on how many resources."""

    triples: int
    subjects: int
    resources: int


class Through(NamedTuple):
    """What came, or went, by a role that a group or a relation gives.

    `by` is ``group:id``, or the relation. What came in two ways is counted at each.
    """

    role: ResourceRole
    by: str
    type: ResourceType
    actions: _Actions
    sum: Sum

    @property
    def words(self) -> tuple[str, ...]:
        """The role, the type and the actions by name."""
        return self.role.short, self.type.short, *(each.short for each in self.actions)


class People(NamedTuple):
    """All that somebody gains, and all that somebody loses; true if there is any."""

    gained: Gains
    lost: Gains

    def __bool__(self) -> bool:
        return bool(self.gained.total.triples or self.lost.total.triples)


def people(old: Access, new: Access) -> People:
    """Who gains and loses what from `old` to `new`, exactly as both answer.

    Some twenty seconds for two policies on a million assignments. `Comparison` says what
    the guards of both must be.
    """
    gained, lost = Gains(), Gains()
    with uncollected:
        for part in Comparison(old, new).parts():
            for gains, wanted, about in ((gained, True, part.after), (lost, False, part.before)):
                pieces = [each for each in part.pieces if each[1].gained is wanted]
                if pieces:
                    assert about is not None, "what somebody has is there"
                    gains.add(part.numbers, about, pieces)
    return People(gained, lost)


def triples(old: Access, new: Access) -> Iterator[tuple[bool, Triple]]:
    """Every (subject, action, resource) gained (True) and lost (False), one by one.

    By organization, type and id of the resource; memory does not grow with how many.
    """
    for part in Comparison(old, new).parts():
        yield from _listed(part)


def _listed(part: Part) -> Iterator[tuple[bool, Triple]]:
    about = part.after or part.before
    assert about is not None, "it is in one of them"
    found = [
        (piece.gained, action, subject)
        for _, piece in part.pieces
        for action in piece.actions
        for subject in part.numbers.subjects(piece.principal, piece.members)
    ]
    found.sort(key=lambda each: (each[0], each[1].short, str(each[2])))
    for gained, action, subject in found:
        yield gained, (subject, action, about.resource)


class Gains:
    """What somebody gains (or loses), added up; answers are worked out when they are read."""

    def __init__(self) -> None:
        self._columns: dict[tuple[Numbers, Principal, ResourceType, _Actions], list[int]] = {}
        self._resources: Counter[tuple[ResourceType, frozenset[_Actions]]] = Counter()
        self._rows: dict[tuple[Way, ResourceType, _Actions], _Row] = {}
        self._ways: dict[Sides, Ways] = {}

    def add(
        self, numbers: Numbers, about: ResourceEntry, pieces: list[tuple[Sides, Piece]]
    ) -> None:
        """Adds the pieces of one resource."""
        by_sides: dict[Sides, list[Piece]] = {}
        for sides, piece in pieces:
            by_sides.setdefault(sides, []).append(piece)
            key = numbers, piece.principal, about.type, piece.actions
            _count(self._columns.setdefault(key, []), piece.members)
        self._resources[about.type, frozenset(piece.actions for _, piece in pieces)] += 1
        ways: dict[tuple[Way, _Actions], dict[Principal, int]] = {}
        for sides, some in by_sides.items():
            for found in self._of(sides, numbers, some[0].gained).of(some, about):
                sets = ways.setdefault((found.way, found.actions), {})
                sets[found.principal] = sets.get(found.principal, 0) | found.members
        for (way, actions), sets in ways.items():
            row = self._rows.get((way, about.type, actions))
            if row is None:
                row = self._rows[way, about.type, actions] = _Row()
            row.add(numbers, sets)

    def _of(self, sides: Sides, numbers: Numbers, gained: bool) -> Ways:
        found = self._ways.get(sides)
        if found is None:
            found = self._ways[sides] = Ways(sides.new if gained else sides.old, numbers)
        return found

    @property
    def total(self) -> Sum:
        """All of it."""
        triples = sum(_triples(key, columns) for key, columns in self._columns.items())
        sets: _Sets = {}
        for key, columns in self._columns.items():
            _join(sets, key[:2], _members(columns))
        return Sum(triples, self._distinct(sets), self._resources.total())

    @property
    def permissions(self) -> dict[Permission, Sum]:
        """By permission, the largest first."""
        triples: Counter[Permission] = Counter()
        resources: Counter[Permission] = Counter()
        sets: dict[Permission, _Sets] = {}
        for key, columns in self._columns.items():
            for action in key[3]:
                permission = Permission(action, key[2])
                triples[permission] += _triples((*key[:3], (action,)), columns)
                _join(sets.setdefault(permission, {}), key[:2], _members(columns))
        for (type, some), count in self._resources.items():
            for action in {each for actions in some for each in actions}:
                resources[Permission(action, type)] += count
        return {
            each: Sum(count, self._distinct(sets[each]), resources[each])
            for each, count in sorted(triples.items(), key=lambda pair: (-pair[1], str(pair[0])))
        }

    @property
    def through(self) -> tuple[Through, ...]:
        """By the way it came, the largest first."""
        found = (
            Through(
                ROLES[way.role],
                way.by,
                type,
                actions,
                Sum(row.members * len(actions), self._distinct(row.sets), row.resources),
            )
            for (way, type, actions), row in self._rows.items()
        )
        return tuple(sorted(found, key=lambda each: (-each.sum.triples, each.by, each.words)))

    @property
    def subjects(self) -> list[tuple[Subject, int]]:
        """Every subject and how much it is, the largest first."""
        found: Counter[Subject] = Counter()
        for (numbers, principal, _, actions), columns in self._columns.items():
            for number, count in _counts(columns):
                found[Subject(principal, numbers.ids(principal)[number])] += count * len(actions)
        return sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0])))

    def of(self, subject: Subject) -> dict[Permission, int]:
        """What it is for one subject: each permission, on how many resources."""
        found: Counter[Permission] = Counter()
        for (numbers, principal, type, actions), columns in self._columns.items():
            number = (
                numbers.of[principal].get(subject.id) if principal is subject.principal else None
            )
            if number is not None:
                count = sum((each >> number & 1) << place for place, each in enumerate(columns))
                found.update({Permission(action, type): count for action in actions if count})
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0]))))

    def _distinct(self, sets: _Sets) -> int:
        """How many subjects there are in sets by several numbers."""
        kinds: dict[Principal, list[Numbers]] = {}
        for numbers, principal in sets:
            kinds.setdefault(principal, []).append(numbers)
        found = 0
        for principal, several in kinds.items():
            if _apart(several, principal):
                found += sum(sets[each, principal].bit_count() for each in several)
            else:
                found += len(
                    {
                        who
                        for each in several
                        for who in each.subjects(principal, sets[each, principal])
                    }
                )
        return found


class _Row:
    """What came by one way: on how many resources, and to whom."""

    __slots__ = ("members", "resources", "sets")

    def __init__(self) -> None:
        self.members = self.resources = 0
        self.sets: _Sets = {}

    def add(self, numbers: Numbers, sets: dict[Principal, int]) -> None:
        self.resources += 1
        for principal, members in sets.items():
            self.members += members.bit_count()
            _join(self.sets, (numbers, principal), members)


def _apart(several: list[Numbers], principal: Principal) -> bool:
    """Whether no subject has a number in two of them."""
    if len(several) == 1:
        return True
    every = sum(len(each.of[principal]) for each in several)
    return every == len({id for each in several for id in each.of[principal]})


def _count(columns: list[int], members: int) -> None:
    """Adds one to the counter of each member: bits are added and carried, all at once."""
    for place, bits in enumerate(columns):
        columns[place], members = bits ^ members, bits & members
        if not members:
            return
    columns.append(members)


def _counts(columns: list[int]) -> Iterator[tuple[int, int]]:
    """Each number that was counted, and how often."""
    width = max(each.bit_length() for each in columns)
    digits = [f"{each:0{width}b}" for each in reversed(columns)]
    for place, column in enumerate(zip(*digits, strict=True)):
        if "1" in column:
            yield width - 1 - place, int("".join(column), 2)


def _members(columns: list[int]) -> int:
    found = 0
    for each in columns:
        found |= each
    return found


def _triples(key: tuple[Numbers, Principal, ResourceType, _Actions], columns: list[int]) -> int:
    return len(key[3]) * sum(each.bit_count() << place for place, each in enumerate(columns))


def _join(sets: _Sets, key: tuple[Numbers, Principal], members: int) -> None:
    sets[key] = sets.get(key, 0) | members
