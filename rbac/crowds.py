"""Crowds: the subjects of one kind in one organization as sets, and what each set may do.

Knows how to ask about many subjects at once: those whose roles have the same powers on a
resource, and who own it or not, are asked about as one. It must not decide: one of each set
is asked for, and the answer is the access's.

A set of subjects is an int with a bit for each; sets of ten thousand meet in a fraction of
a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.abilities import Ability
from rbac.access import Access, Asked
from rbac.entries import ROLES, Entry, ResourceEntry, SubjectEntry
from rbac.guards import LooksAt
from rbac.rows import Permission, Requirement
from rbac.terms import InstanceQuestion
from rbac.vocabulary import Action, Principal, ResourceType


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

    @property
    def actions(self) -> tuple[Action, ...]:
        """All of them."""
        return (*self.plain, *(action for action, _ in self.demanding))


class Crowd:
    """The subjects of one kind in one organization that may act, by id; each has a number.

    Whom a guard refuses that looks only at the subject is in none. `home` has the sets of
    those that are given the same roles on their organization.
    """

    __slots__ = ("home", "numbers", "principal", "subjects", "views")

    def __init__(self, access: Access, home: ResourceEntry, subjects: list[SubjectEntry]) -> None:
        self.principal = subjects[0].principal
        acting = (who for who in subjects if _acts(access, who, home))
        self.subjects = sorted(acting, key=lambda who: who.id)
        self.numbers = {who.id: number for number, who in enumerate(self.subjects)}
        given: dict[int, list[int]] = {}
        for number, who in enumerate(self.subjects):
            given.setdefault(access.given(who, home), []).append(number)
        self.home = {bits: as_set(numbers) for bits, numbers in given.items()}
        self.views: dict[ResourceType, View] = {}

    def view(self, access: Access, type: ResourceType) -> View:
        """How the crowd is asked about resources of a type; worked out once."""
        found = self.views.get(type)
        if found is None:
            found = self.views[type] = View(access, self, type)
        return found

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
        "_access",
        "_permits",
        "crowd",
        "home",
        "owning",
        "powers",
        "type",
        "within",
    )

    def __init__(self, access: Access, crowd: Crowd, type: ResourceType) -> None:
        self.crowd = crowd
        self.type = type
        self._access = access
        self._permits: dict[tuple[int, bool], Permits] = {}
        self.within: dict[tuple[ResourceEntry, ...], dict[int, int]] = {}
        permissions = (Permission(action, type) for action in access.table.actions_on(type))
        self._abilities = [access.ability(crowd.subjects[0], each) for each in permissions]
        self.owning = any(each.any != each.own for each in self._abilities)
        self.powers: dict[int, int] = {}
        for number, ability in enumerate(self._abilities):
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
            who, access = self.crowd.first(members), self._access
            permitted = [
                each
                for each in self._abilities
                if each.barred is None and access.permits(each, who, about)
            ]
            found = Permits(self.crowd.principal, self.type, permitted)
            self._permits[powers, own] = found
        return found


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
