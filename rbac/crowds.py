"""Crowds: the subjects of one organization as sets, and what each set of them may do.

Knows how to ask about many subjects at once: those that are given the same roles on a
resource, and own it or not, are asked about as one. It must not decide: one of each set is
asked for, and the answer is the access's.

A set of subjects is an int with a bit for each; sets of ten thousand meet in a fraction of
a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.abilities import Ability
from rbac.access import Access, Asked
from rbac.entries import NO_ASSIGNMENTS, ROLES, Entry, ResourceEntry, SubjectEntry
from rbac.guards import LooksAt
from rbac.light import TYPE_CHECKING
from rbac.relations import owns
from rbac.rows import Permission, Requirement
from rbac.terms import InstanceQuestion, Subject
from rbac.vocabulary import Action, Principal, ResourceType

if TYPE_CHECKING:
    from typing import TypeVar

    _K = TypeVar("_K")
    _V = TypeVar("_V")

Gives = dict[Principal, dict[int, int]]
"""By kind of subject and role bit: who is given the role on one resource itself."""

_KEPT = 2_000
"""How many containers and resources are remembered at a time."""


class Permits(Entry):
    """What everybody in a set may do to a resource of a type, as one object wherever it is so.

    `plain` actions, and `demanding` ones with the requirements that they take.
    """

    __slots__ = ("demanding", "plain", "principal", "type")

    principal: Principal
    type: ResourceType
    plain: tuple[Action, ...]
    demanding: tuple[tuple[Action, tuple[Requirement, ...]], ...]

    def __init__(self, principal: Principal, type: ResourceType, permitted: list[Ability]) -> None:
        put = object.__setattr__
        put(self, "principal", principal)
        put(self, "type", type)
        actions = [(each.permission.action, each.requirements) for each in permitted]
        put(self, "plain", tuple(action for action, requirements in actions if not requirements))
        put(self, "demanding", tuple(each for each in actions if each[1]))


class Crowd:
    """The subjects of one kind in one organization that may act, by id; each has a number.

    Whom a guard refuses that looks only at the subject is in none. `home` has the sets of
    those that are given the same roles on their organization.
    """

    __slots__ = ("home", "numbers", "principal", "subjects")

    def __init__(self, access: Access, home: ResourceEntry, subjects: list[SubjectEntry]) -> None:
        self.principal = subjects[0].principal
        acting = (who for who in subjects if _acts(access, who, home))
        self.subjects = sorted(acting, key=lambda who: who.id)
        self.numbers = {who.id: number for number, who in enumerate(self.subjects)}
        given: dict[int, list[int]] = {}
        for number, who in enumerate(self.subjects):
            given.setdefault(access.given(who, home), []).append(number)
        self.home = {bits: as_set(numbers) for bits, numbers in given.items()}

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


def _acts(access: Access, who: SubjectEntry, home: ResourceEntry) -> bool:
    """Whether the guards that look only at the subject let it act in its own organization."""
    action = next(iter(access.table.actions_on(home.type)), _ANY)
    return access.refusing(asked_of(access, who, home, action), LooksAt.SUBJECT) is None


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

    def __init__(self, access: Access, organization: str | None) -> None:
        self.access = access
        self.related = access.related
        self.organization = organization
        there = access.directory.tables.resources[ResourceType.ORGANIZATION]
        self._home = there.get(organization or "")
        self._strangers_at_home: tuple[SubjectEntry, ...] = ()
        self.crowds: list[Crowd] = []
        if self._home is not None:
            kinds = self.related.subjects_of(organization)
            crowds = (Crowd(access, self._home, kinds[each]) for each in Principal if each in kinds)
            self.crowds = [crowd for crowd in crowds if crowd.subjects]
        self._by_kind = {crowd.principal: crowd for crowd in self.crowds}
        self._groups: dict[str, dict[Principal, int]] = {}
        self._permits: dict[tuple[Principal, ResourceType, int, bool], Permits] = {}
        self._met: dict[tuple[Requirement, Principal], bool] = {}
        self._roles: dict[tuple[Principal, ResourceType], dict[int, int]] = {}
        self._homes: dict[tuple[Principal, ResourceType], dict[int, int]] = {}
        self._within: dict[tuple[object, Principal, ResourceType], dict[int, int]] = {}
        self._gives: dict[ResourceEntry, tuple[Gives, tuple[SubjectEntry, ...]]] = {}
        self._permitted: dict[tuple[ResourceEntry, Principal, Permission], int] = {}
        if self._home is not None:
            self._strangers_at_home = self._gives_on(self._home)[1]

    def sets(self, about: ResourceEntry, crowd: Crowd) -> Iterator[tuple[Permits, int]]:
        """The sets of a crowd that may do the same to a resource; each subject in one.

        Only guards that look at the subject are asked, and requirements are not.
        """
        owners = self._owners(about, crowd)
        for powers, members in self._powers(about, crowd).items():
            if not powers:
                continue
            if not members & owners:
                yield self._what(about, crowd, powers, False, members), members
                continue
            for own, some in ((True, members & owners), (False, members & ~owners)):
                if some:
                    yield self._what(about, crowd, powers, own, some), some

    def meeting(
        self,
        about: ResourceEntry,
        requirements: tuple[Requirement, ...],
        crowd: Crowd,
        members: int,
    ) -> int:
        """Those of a set that meet every one of some requirements about a resource."""
        for row in requirements:
            if isinstance(row.need, Permission):
                resources = self.access.needed(row.need, about)
                if not resources:
                    return 0
                for each in resources:
                    members &= self._who_may(row.need, each, crowd)
            elif not self._meets(row, about, crowd):
                return 0
        return members

    def strangers(self, about: ResourceEntry) -> list[SubjectEntry]:
        """The subjects of no crowd that are given anything on a resource, by kind and id.

        No assignment reaches them, since a group and its members are of one organization.
        """
        found = {who: None for scope in (about, *about.above) for who in self._on(scope)[1]}
        return sorted(found, key=lambda who: (_ORDER[who.principal], who.id)) if found else []

    def _meets(self, row: Requirement, about: ResourceEntry, crowd: Crowd) -> bool:
        """Whether a requirement is met that all subjects of a kind meet, or none; kept."""
        key = row, crowd.principal
        found = self._met.get(key)
        if found is None:
            asked = asked_of(self.access, crowd.subjects[0], about, row.action)
            found = self._met[key] = row not in self.access.unmet(asked)
        return found

    def _who_may(self, permission: Permission, about: ResourceEntry, crowd: Crowd) -> int:
        """Who has a permission on a resource, requirements and guards aside; kept."""
        key = about, crowd.principal, permission
        members = self._permitted.get(key)
        if members is None:
            members = 0
            for permits, each in self.sets(about, crowd):
                demanding = (action for action, _ in permits.demanding)
                if permission.action in (*permits.plain, *demanding):
                    members |= each
            _bounded(self._permitted)[key] = members
        return members

    def _what(
        self, about: ResourceEntry, crowd: Crowd, powers: int, own: bool, members: int
    ) -> Permits:
        """What a set may do, which is what any one of it may: one is asked for."""
        key = crowd.principal, about.type, powers, own
        found = self._permits.get(key)
        if found is None:
            who = crowd.first(members)
            permitted = [
                each
                for each in self._abilities(about.type, crowd)
                if each.barred is None and self.access.permits(each, who, about)
            ]
            found = self._permits[key] = Permits(crowd.principal, about.type, permitted)
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

    def _powers(self, about: ResourceEntry, crowd: Crowd) -> dict[int, int]:
        """The sets of a crowd by the powers that the roles given on a resource have there."""
        key = about.above, crowd.principal, about.type
        sets = self._within.get(key)
        if sets is None:
            sets = self._at_home(about.type, crowd)
            for container in about.above:
                sets = self._with(sets, container, about.type, crowd)
            _bounded(self._within)[key] = sets
        return self._with(sets, about, about.type, crowd)

    def _at_home(self, type: ResourceType, crowd: Crowd) -> dict[int, int]:
        """The sets by the powers that the roles given on the organization have; kept."""
        key = crowd.principal, type
        found = self._homes.get(key)
        if found is None:
            found = self._homes[key] = {}
            for given, members in crowd.home.items():
                powers = 0
                for role, of_role in self._powers_of(type, crowd).items():
                    powers |= of_role if given & role else 0
                found[powers] = found.get(powers, 0) | members
        return found

    def _powers_of(self, type: ResourceType, crowd: Crowd) -> dict[int, int]:
        """The powers of each role on resources of a type, as bits: on any, on own ones.

        Roles are by their bits. What some are given together has their powers together, so
        that whoever has the same powers need not be told apart.
        """
        key = crowd.principal, type
        found = self._roles.get(key)
        if found is None:
            found = self._roles[key] = {}
            for number, ability in enumerate(self._abilities(type, crowd)):
                for role in ROLES:
                    powers = (ability.any & role > 0) + 2 * (ability.own & role > 0)
                    if powers:
                        found[role] = found.get(role, 0) | powers << 2 * number
        return found

    def _abilities(self, type: ResourceType, crowd: Crowd) -> list[Ability]:
        actions = self.access.table.actions_on(type)
        who = crowd.subjects[0]
        return [self.access.ability(who, Permission(action, type)) for action in actions]

    def _with(
        self, sets: dict[int, int], scope: ResourceEntry, type: ResourceType, crowd: Crowd
    ) -> dict[int, int]:
        """The sets once more, with what is given on one resource itself."""
        if scope is not self._home:  # which is where they began
            powers_of = self._powers_of(type, crowd)
            for role, chosen in self._on(scope)[0].get(crowd.principal, _NONE).items():
                powers = powers_of.get(role)
                if powers is not None:
                    sets = _split(sets, powers, chosen)
        return sets

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
            number = self._number(who)
            if number is not None:
                related.setdefault((who.principal, bit), []).append(number)
        for (kind, bit), numbers in related.items():
            _give(found, kind, bit, as_set(numbers))
        return found, tuple(strangers)

    def _number(self, who: Subject | SubjectEntry) -> int | None:
        """The number of a subject in its crowd; None if it is in none."""
        crowd = self._by_kind.get(who.principal)
        return crowd.numbers.get(who.id) if crowd else None

    def _members(self, group: str) -> dict[Principal, int]:
        """The members of a group as sets; kept."""
        found = self._groups.get(group)
        if found is None:
            numbers: dict[Principal, list[int]] = {}
            for subject in self.access.directory.tables.members.get(group, ()):
                number = self._number(subject)
                if number is not None:
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


def _split(sets: dict[int, int], powers: int, chosen: int) -> dict[int, int]:
    """The sets with some powers given to those chosen."""
    found: dict[int, int] = {}
    for had, members in sets.items():
        both = members & chosen if had | powers != had else 0
        if both:
            found[had | powers] = found.get(had | powers, 0) | both
            members ^= both
        if members:
            found[had] = found.get(had, 0) | members
    return found
