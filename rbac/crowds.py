"""Crowds: the subjects of one organization as sets, and what each set of them may do.

Knows how to ask about many subjects at once: those that are given the same roles on a
resource, and own it or not, are asked about as one. It must not decide: one of each set is
asked for, and the answer is the access's.

A set of subjects is an int with a bit for each; sets of ten thousand meet in a fraction of
a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.access import Access, Asked
from rbac.entries import NO_ASSIGNMENTS, ResourceEntry, SubjectEntry
from rbac.guards import LooksAt
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.related import Related
from rbac.relations import owns
from rbac.rows import Permission, Requirement
from rbac.terms import InstanceQuestion
from rbac.vocabulary import Action, Principal, ResourceType

if TYPE_CHECKING:
    from typing import TypeVar

    _K = TypeVar("_K")
    _V = TypeVar("_V")

Gives = dict[Principal, dict[int, int]]
"""By kind of subject and role bit: who is given the role on one resource itself."""

_KEPT = 2_000
"""How many containers and resources are remembered at a time."""


class Permits(NamedTuple):
    """What everybody in a set may do: `plain` actions, and those that take requirements."""

    plain: tuple[Action, ...]
    demanding: tuple[Action, ...]


class Crowd:
    """The subjects of one kind in one organization, by id; the number of each is its place.

    `acting` are those that no guard refuses which looks only at the subject; `home` has
    the sets of those that are given the same roles on their organization.
    """

    __slots__ = ("acting", "home", "numbers", "principal", "subjects")

    def __init__(self, access: Access, principal: Principal, subjects: list[SubjectEntry]) -> None:
        self.principal = principal
        self.subjects = sorted(subjects, key=lambda who: who.id)
        self.numbers = {who.id: number for number, who in enumerate(self.subjects)}
        there = access.directory.tables.resources[ResourceType.ORGANIZATION]
        home: dict[int, list[int]] = {}
        for number, who in enumerate(self.subjects):
            given = access.given(who, there[who.organization or ""])
            home.setdefault(given, []).append(number)
        self.home = {given: as_set(numbers) for given, numbers in home.items()}
        self.acting = as_set(
            number for number, who in enumerate(self.subjects) if _acts(access, who, there)
        )

    def of(self, members: int) -> Iterator[SubjectEntry]:
        """The subjects of a set, by id."""
        digits = f"{members:b}"
        place = digits.rfind("1")
        while place >= 0:
            yield self.subjects[len(digits) - 1 - place]
            place = digits.rfind("1", 0, place)

    def first(self, members: int) -> SubjectEntry:
        """One of a set that is not empty."""
        return self.subjects[members.bit_length() - 1]


def as_set(numbers: Iterable[int]) -> int:
    """The set of those numbers."""
    found = sorted(numbers)
    if len(found) < 8:
        members = 0
        for number in found:
            members |= 1 << number
        return members
    digits = bytearray(found[-1] // 8 + 1)
    for number in found:
        digits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(digits, "little")


def _acts(access: Access, who: SubjectEntry, there: dict[str, ResourceEntry]) -> bool:
    """Whether the guards that look only at the subject let it act in its own organization."""
    about = there[who.organization or ""]
    asked = asked_of(access, who, about, next(iter(access.table.actions_on(about.type)), _ANY))
    return access.refusing(asked, LooksAt.SUBJECT) is None


_ANY = next(iter(Action))
"""What a guard that looks only at the subject is shown where there is no permission."""


def asked_of(access: Access, who: SubjectEntry, about: ResourceEntry, action: Action) -> Asked:
    """The question whether a subject may do something, without a credential."""
    question = InstanceQuestion(who.subject, None, about.resource, action)
    ability = access.ability(who, Permission(action, about.type))
    return Asked(access, question, who, about, ability, None)


class Tenants:
    """The subjects of one organization, asked about as crowds.

    What it keeps goes with it, and is bounded but for a set a group: an eighth of a byte
    for each subject.
    """

    def __init__(self, access: Access, related: Related, organization: str | None) -> None:
        self.access = access
        self.related = related
        self.organization = organization
        kinds = related.subjects_of(organization) if organization is not None else {}
        self.crowds = [Crowd(access, kind, kinds[kind]) for kind in Principal if kind in kinds]
        there = access.directory.tables.resources[ResourceType.ORGANIZATION]
        self._home = there.get(organization or "")
        self._strangers_at_home: tuple[SubjectEntry, ...] = ()
        self._by_kind = {crowd.principal: crowd for crowd in self.crowds}
        self._groups: dict[str, dict[Principal, int]] = {}
        self._permits: dict[tuple[Principal, ResourceType, int, bool], Permits] = {}
        self._relevant: dict[tuple[Principal, ResourceType], int] = {}
        self._homes: dict[tuple[Principal, int], dict[int, int]] = {}
        self._within: dict[tuple[object, Principal, int], dict[int, int]] = {}
        self._gives: dict[ResourceEntry, tuple[Gives, tuple[SubjectEntry, ...]]] = {}
        self._permitted: dict[tuple[ResourceEntry, Principal, Permission], int] = {}
        if self._home is not None:
            self._strangers_at_home = self._gives_on(self._home)[1]

    def sets(self, about: ResourceEntry, crowd: Crowd) -> Iterator[tuple[Permits, int]]:
        """The sets of a crowd that may do the same to a resource; each subject in one.

        Only guards that look at the subject are asked, and requirements are not.
        """
        for permits, members in self._sets(about, crowd):
            acting = members & crowd.acting
            if acting:
                yield permits, acting

    def meeting(self, about: ResourceEntry, action: Action, crowd: Crowd, members: int) -> int:
        """Those of a set that meet every requirement of an action that they may do."""
        asked = asked_of(self.access, crowd.first(members), about, action)
        for row in asked.ability.requirements:
            members &= self._meeting(row, asked, crowd)
        return members

    def strangers(self, about: ResourceEntry) -> list[SubjectEntry]:
        """The subjects of no crowd that are given anything on a resource, by kind and id.

        No assignment reaches them, since a group and its members are of one organization.
        """
        found = {who: None for scope in (about, *about.above) for who in self._on(scope)[1]}
        return sorted(found, key=lambda who: (_ORDER[who.principal], who.id)) if found else []

    def _meeting(self, row: Requirement, asked: Asked, crowd: Crowd) -> int:
        everybody = (1 << len(crowd.subjects)) - 1
        if not isinstance(row.need, Permission):  # nobody's own matter: all are of one kind
            return 0 if row in self.access.unmet(asked) else everybody
        assert asked.about is not None, "a requirement is asked of what is known"
        resources = self.access.needed(row.need, asked.about)
        members = everybody if resources else 0
        for each in resources:
            members &= self._who_may(row.need, each, crowd)
        return members

    def _who_may(self, permission: Permission, about: ResourceEntry, crowd: Crowd) -> int:
        """Who has a permission on a resource, requirements and guards aside; kept."""
        key = about, crowd.principal, permission
        members = self._permitted.get(key)
        if members is None:
            members = 0
            for permits, each in self._sets(about, crowd):
                if permission.action in permits.plain + permits.demanding:
                    members |= each
            _bounded(self._permitted)[key] = members
        return members

    def _sets(self, about: ResourceEntry, crowd: Crowd) -> Iterator[tuple[Permits, int]]:
        owners = self._owners(about, crowd)
        for given, members in self._given(about, crowd).items():
            if not given:
                continue
            if not members & owners:
                yield self._what(about, crowd, given, False, members), members
                continue
            for own, some in ((True, members & owners), (False, members & ~owners)):
                if some:
                    yield self._what(about, crowd, given, own, some), some

    def _what(
        self, about: ResourceEntry, crowd: Crowd, given: int, own: bool, members: int
    ) -> Permits:
        """What a set may do, which is what any one of it may: one is asked for."""
        key = crowd.principal, about.type, given, own
        found = self._permits.get(key)
        if found is None:
            who, access = crowd.first(members), self.access
            abilities = [
                access.ability(who, Permission(action, about.type))
                for action in access.table.actions_on(about.type)
            ]
            permitted = [
                each
                for each in abilities
                if each.barred is None and access.permits(each, who, about)
            ]
            found = self._permits[key] = Permits(
                tuple(each.permission.action for each in permitted if not each.requirements),
                tuple(each.permission.action for each in permitted if each.requirements),
            )
        return found

    def _owners(self, about: ResourceEntry, crowd: Crowd) -> int:
        """The owners of a resource in a crowd."""
        members = 0
        for each in (about, *about.parents):
            for person in (each.owner, each.creator, each.executor):
                if person is not None and person.principal is crowd.principal:
                    number = crowd.numbers.get(person.id)
                    if number is not None and owns(crowd.subjects[number], about):
                        members |= 1 << number
        return members

    def _given(self, about: ResourceEntry, crowd: Crowd) -> dict[int, int]:
        """The sets of a crowd that are given the same roles on a resource, of those that matter."""
        relevant = self._matter(about.type, crowd)
        key = about.above, crowd.principal, relevant
        parts = self._within.get(key)
        if parts is None:
            parts = self._at_home(crowd, relevant)
            for container in about.above:
                parts = self._with(parts, container, crowd, relevant)
            _bounded(self._within)[key] = parts
        return self._with(parts, about, crowd, relevant)

    def _matter(self, type: ResourceType, crowd: Crowd) -> int:
        """The roles that permit a kind of subject anything on resources of a type."""
        key = crowd.principal, type
        found = self._relevant.get(key)
        if found is None:
            found = 0
            for action in self.access.table.actions_on(type):
                found |= self.access.ability(crowd.subjects[0], Permission(action, type)).own
            self._relevant[key] = found
        return found

    def _at_home(self, crowd: Crowd, relevant: int) -> dict[int, int]:
        key = crowd.principal, relevant
        found = self._homes.get(key)
        if found is None:
            found = self._homes[key] = {}
            for given, members in crowd.home.items():
                found[given & relevant] = found.get(given & relevant, 0) | members
        return found

    def _with(
        self, parts: dict[int, int], scope: ResourceEntry, crowd: Crowd, relevant: int
    ) -> dict[int, int]:
        """The sets once more, with what is given on one resource itself."""
        if scope is not self._home:  # which is where they began
            for bit, chosen in self._on(scope)[0].get(crowd.principal, _NONE).items():
                if bit & relevant:
                    parts = _split(parts, bit, chosen)
        return parts

    def _on(self, scope: ResourceEntry) -> tuple[Gives, tuple[SubjectEntry, ...]]:
        """Who is given which role on a resource itself; and the strangers among them."""
        if scope is self._home:
            return {}, self._strangers_at_home
        found = self._gives.get(scope)
        if found is None:
            found = _bounded(self._gives)[scope] = self._gives_on(scope)
        return found

    def _gives_on(self, scope: ResourceEntry) -> tuple[Gives, tuple[SubjectEntry, ...]]:
        found: Gives = {}
        tables = self.access.directory.tables
        groups, bits, _ = tables.assigned.get(scope, NO_ASSIGNMENTS)
        for group, bit in zip(groups, bits, strict=True):
            for kind, members in self._members(group).items():
                _give(found, kind, bit, members)
        related: dict[tuple[Principal, int], list[int]] = {}
        strangers: dict[SubjectEntry, None] = {}
        for who, bit in self.related.to(scope):
            if self.organization is None or who.organization != self.organization:
                strangers[who] = None
                continue
            number = self._by_kind[who.principal].numbers[who.id]
            related.setdefault((who.principal, bit), []).append(number)
        for (kind, bit), numbers in related.items():
            _give(found, kind, bit, as_set(numbers))
        return found, tuple(strangers)

    def _members(self, group: str) -> dict[Principal, int]:
        """The members of a group as sets; kept."""
        found = self._groups.get(group)
        if found is None:
            numbers: dict[Principal, list[int]] = {}
            for subject in self.access.directory.tables.members.get(group, ()):
                number = self._by_kind[subject.principal].numbers[subject.id]
                numbers.setdefault(subject.principal, []).append(number)
            found = {kind: as_set(each) for kind, each in numbers.items()}
            self._groups[group] = found
        return found


_NONE: dict[int, int] = {}
_ORDER = {kind: number for number, kind in enumerate(Principal)}


def _bounded(kept: dict[_K, _V]) -> dict[_K, _V]:
    """The same dict with room for one more; what was forgotten is worked out again."""
    if len(kept) >= _KEPT:
        kept.clear()
    return kept


def _give(gives: Gives, kind: Principal, bit: int, members: int) -> None:
    by_bit = gives.setdefault(kind, {})
    by_bit[bit] = by_bit.get(bit, 0) | members


def _split(parts: dict[int, int], bit: int, chosen: int) -> dict[int, int]:
    """The sets with a role given to those chosen."""
    found: dict[int, int] = {}
    for given, members in parts.items():
        both = 0 if given & bit else members & chosen
        if both:
            found[given | bit] = found.get(given | bit, 0) | both
            members ^= both
        if members:
            found[given] = found.get(given, 0) | members
    return found
