"""Crowds: the subjects of one kind in one organization as sets, and what each set may do.

Knows how to ask about many subjects at once: those whose roles have the same powers on a
resource, and who own it or not, are asked about as one. It must not decide: one of each set
is asked for, and the answer is the access's.

A set of subjects is an int with a bit for each; sets of ten thousand meet in a fraction of
a microsecond.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from rbac.abilities import Ability
from rbac.access import Access, Asked
from rbac.entries import ROLES, Entry, ResourceEntry, SubjectEntry
from rbac.guards import LooksAt
from rbac.light import NamedTuple
from rbac.relations import owns
from rbac.rows import Permission, Requirement
from rbac.terms import InstanceQuestion
from rbac.vocabulary import Action, Principal, ResourceType


class Permits(Entry):
    """What everybody in a set may do to a resource of a type, as one object wherever it is so.

    `plain` actions, and `demanding` ones with the requirements that they take. `own` says
    whether it is their own resource; `then` is what the second of two accesses permits.
    """

    __slots__ = ("demanding", "own", "plain", "principal", "then", "type")

    principal: Principal
    type: ResourceType
    own: bool
    plain: tuple[Action, ...]
    demanding: tuple[tuple[Action, tuple[Requirement, ...]], ...]
    then: Permits | None

    def __init__(
        self,
        principal: Principal,
        type: ResourceType,
        own: bool,
        permitted: Iterable[Ability],
        then: Permits | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "principal", principal)
        put(self, "type", type)
        put(self, "own", own)
        put(self, "then", then)
        actions = [(each.permission.action, each.requirements) for each in permitted]
        put(self, "plain", tuple(action for action, requirements in actions if not requirements))
        put(self, "demanding", tuple(each for each in actions if each[1]))

    @property
    def actions(self) -> tuple[Action, ...]:
        """All of them."""
        return (*self.plain, *(action for action, _ in self.demanding))


class Crowd:
    """The subjects of one kind in one organization that may act; each has a number.

    Whom a guard refuses that looks only at the subject is in none. `home` has the sets of
    those that are given the same roles on their organization.
    """

    __slots__ = ("home", "numbers", "principal", "subjects", "views")

    def __init__(
        self,
        access: Access,
        home: ResourceEntry,
        subjects: list[SubjectEntry],
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        """`numbers`, by id, are those of the subjects to count; None: of all, as ids sort."""
        self.principal = subjects[0].principal
        acting = (who for who in subjects if _acts(access, who, home))
        if numbers is None:
            self.subjects = dict(enumerate(sorted(acting, key=lambda who: who.id)))
        else:
            self.subjects = {numbers[who.id]: who for who in acting if who.id in numbers}
        self.numbers = {who.id: number for number, who in self.subjects.items()}
        given: dict[int, list[int]] = {}
        for number, who in self.subjects.items():
            given.setdefault(access.given(who, home), []).append(number)
        self.home = {bits: as_set(numbers) for bits, numbers in given.items()}
        self.views: dict[ResourceType, View] = {}

    def view(self, asking: Asking, type: ResourceType) -> View:
        """How the crowd is asked about resources of a type; worked out once."""
        found = self.views.get(type)
        if found is None:
            found = self.views[type] = View(asking, self, type)
        return found

    @property
    def anybody(self) -> SubjectEntry:
        """One of the crowd, which is not empty."""
        return next(iter(self.subjects.values()))

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

    def owners(self, about: ResourceEntry) -> int:
        """Those of the crowd who own a resource."""
        members = 0
        for each in (about, *about.parents):
            for person in (each.owner, each.creator, each.executor):
                if person is not None and person.principal is self.principal:
                    number = self.numbers.get(person.id)
                    if number is not None and owns(self.subjects[number], about):
                        members |= 1 << number
        return members


class Asking(NamedTuple):
    """Whom crowds are asked about by: an access, or two that give the same roles; and for what.

    `actions` gives those on resources of a type.
    """

    access: Access
    then: Access | None
    actions: Callable[[ResourceType], Collection[Action]]

    def roles(self) -> int:
        """The roles that permit anybody any of it."""
        found = 0
        for type in ResourceType:
            for action in self.actions(type):
                for access in filter(None, (self.access, self.then)):
                    for principal in Principal:
                        found |= access.permitting(principal, Permission(action, type))
        return found


class View:
    """One crowd, as far as resources of one type are concerned.

    `powers` are those of each role, by its bit, as bits of their own: one for each action
    on any resource, one on own ones. What roles are given together has their powers
    together, so that subjects with the same powers need not be told apart. `home` are the
    sets of the crowd by the powers of what they are given on their organization. `owning`
    says whether it matters who owns a resource.
    """

    __slots__ = (
        "_abilities",
        "_permits",
        "_then",
        "crowd",
        "home",
        "owning",
        "powers",
        "type",
        "within",
    )

    def __init__(self, asking: Asking, crowd: Crowd, type: ResourceType) -> None:
        self.crowd = crowd
        self.type = type
        self._permits: dict[tuple[int, bool], Permits] = {}
        self.within: dict[tuple[ResourceEntry, ...], dict[int, int]] = {}
        permissions = [Permission(action, type) for action in asking.actions(type)]
        self._abilities = _abilities(asking.access, crowd, permissions)
        self._then = _abilities(asking.then, crowd, permissions) if asking.then else None
        abilities = [ability for _, ability in (*self._abilities, *(self._then or ()))]
        self.owning = any(each.any != each.own for each in abilities)
        self.powers: dict[int, int] = {}
        for number, ability in enumerate(abilities):
            for role in ROLES:
                powers = (ability.any & role > 0) + 2 * (ability.own & role > 0)
                if powers:
                    self.powers[role] = self.powers.get(role, 0) | powers << 2 * number
        self.home: dict[int, int] = {}
        for given, members in crowd.home.items():
            powers = 0
            for role, of_role in self.powers.items():
                powers |= of_role if given & role else 0
            self.home[powers] = self.home.get(powers, 0) | members

    def given(self, sets: dict[int, int], gives: dict[int, int] | None) -> dict[int, int]:
        """The sets once more, where each role of `gives` is given to some."""
        for role, chosen in gives.items() if gives else ():
            powers = self.powers.get(role)
            if powers is not None:
                sets = _split(sets, powers, chosen)
        return sets

    def permits(self, about: ResourceEntry, powers: int, own: bool, members: int) -> Permits:
        """What a set may do, which is what any one of it may: one is asked for."""
        found = self._permits.get((powers, own))
        if found is None:
            key, who = (self.crowd.principal, self.type, own), self.crowd.first(members)
            then = (
                Permits(*key, _permitted(self._then, who, about))
                if self._then is not None
                else None
            )
            found = Permits(*key, _permitted(self._abilities, who, about), then)
            self._permits[powers, own] = found
        return found


_Abilities = list[tuple[Access, Ability]]


def _abilities(access: Access, crowd: Crowd, permissions: Iterable[Permission]) -> _Abilities:
    return [(access, access.ability(crowd.anybody, each)) for each in permissions]


def _permitted(abilities: _Abilities, who: SubjectEntry, about: ResourceEntry) -> Iterator[Ability]:
    for access, ability in abilities:
        if ability.barred is None and access.permits(ability, who, about):
            yield ability


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
