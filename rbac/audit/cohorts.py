"""Who may do the same to a resource for the same reasons: the subjects of a crowd as sets.

Knows in which ways a crowd is given roles on a resource and around it, so that one of those
who are given them in the same ways is asked for all. It must not decide: what that one may
do, and which grant it rests on, is the access's answer, as are requirements and guards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from rbac.abilities import Ability
from rbac.access import Access, Asked
from rbac.crowds import Crowd, as_set, asked_of
from rbac.decision import Hold
from rbac.entries import BITS, NO_ASSIGNMENTS, ResourceEntry, SubjectEntry
from rbac.guards import LooksAt
from rbac.relations import owns
from rbac.rows import Grant, Level, Permission
from rbac.tenants import Tenants
from rbac.terms import InstanceQuestion, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

_K = TypeVar("_K")
_V = TypeVar("_V")

_KEPT = 2_000
"""How many resources and containers are remembered at a time."""


class Right(NamedTuple):
    """One thing that somebody may do to a resource: the grant and the hold it rests on."""

    action: Action
    level: Level
    grant: Grant
    hold: Hold


Rights = tuple[Right, ...]


class Selection(NamedTuple):
    """What a review is about; None leaves nothing out."""

    subject: Subject | None = None
    type: ResourceType | None = None
    action: Action | None = None
    level: Level | None = None
    organization: str | None = None

    def has(self, who: SubjectEntry) -> bool:
        """Whether it is about a subject."""
        return self.subject is None or self.subject == who.subject


ALL = Selection()


class Cohort(NamedTuple):
    """Subjects of a crowd that may do the same to a resource for the same reasons, as a set."""

    crowd: Crowd
    members: int
    rights: Rights


class Cohorts(NamedTuple):
    """All that may do anything to a resource: by sets of crowds, and whoever is in no crowd."""

    about: ResourceEntry
    crowds: list[Cohort]
    strangers: list[tuple[SubjectEntry, Rights]]


class _View(NamedTuple):
    """What subjects of a kind may be permitted on resources of a type, and by which roles.

    The actions that are `demanding` have requirements.
    """

    abilities: tuple[Ability, ...]
    powers: int
    demanding: frozenset[Action]


_Key = tuple[object, ...]
"""How those in a set are given their roles: for each resource, by which of its ways."""

_Sets = dict[_Key, int]


_Choice = tuple[tuple[Action, Level, Grant], ResourceRole]
"""A right but for its hold, and the role of that one."""


class _Base(NamedTuple):
    """The sets of a crowd by what they are given around a resource, and their rights there."""

    sets: _Sets
    rights: dict[_Key, Rights]


class Division:
    """The subjects of one organization, as far as a selection is about them.

    What it keeps goes with it, and is bounded but for a number a membership.
    """

    def __init__(self, tenants: Tenants, selection: Selection) -> None:
        self._tenants = tenants
        self._access = tenants.access
        self._selection = selection
        self._alone = any(each.looks_at is LooksAt.ANYTHING for each in self._access.guards)
        self._crowds = [(crowd, _among(crowd, selection)) for crowd in tenants.crowds]
        self._views: dict[tuple[Principal, ResourceType], _View] = {}
        self._bases: dict[tuple[Principal, ResourceType, tuple[ResourceEntry, ...]], _Base] = {}
        self._parts: dict[tuple[Principal, ResourceType, ResourceEntry], _Sets] = {}
        self._groups: dict[tuple[Principal, str], list[int]] = {}
        self._chosen: dict[object, list[_Choice]] = {}

    def of(self, about: ResourceEntry) -> Cohorts:
        """All that may do anything to a resource."""
        found = [
            cohort
            for crowd, among in self._crowds
            if among
            for cohort in self._cohorts(crowd, among, about)
        ]
        strangers = []
        for who in self._tenants.strangers(about):
            if self._selection.has(who):
                view = self._view(who, about.type)
                rights = self._allowed(who, about, self._rights(view, who, about))
                if rights:
                    strangers.append((who, rights))
        return Cohorts(about, found, strangers)

    def _cohorts(self, crowd: Crowd, among: int, about: ResourceEntry) -> Iterator[Cohort]:
        view = self._view(crowd.subjects[0], about.type)
        if not view.powers:
            return
        base = self._base(crowd, among, view, about)
        sets = _refined(base.sets, self._parts_on(crowd, view, about))
        owners = crowd.owners(about)
        if owners:
            sets = _refined(sets, {("own",): owners})
        for key, members in sets.items():
            rights = base.rights.get(key)
            if rights is None and key:
                rights = self._rights(view, crowd.first(members), about)
                if key in base.sets:
                    base.rights[key] = rights
            if rights:
                yield from self._met(Cohort(crowd, members, rights), view, about)

    def _met(self, cohort: Cohort, view: _View, about: ResourceEntry) -> Iterator[Cohort]:
        """A set divided by the requirements that are met and the guards that refuse."""
        found = [cohort]
        if view.demanding:
            for right in cohort.rights:
                if right.action in view.demanding:
                    found = self._divided(found, right, about)
        for each in found:
            if not each.rights:
                continue
            if not self._alone:
                yield each
                continue
            for number in numbers_of(each.members):
                rights = self._allowed(each.crowd.subjects[number], about, each.rights)
                if rights:
                    yield Cohort(each.crowd, 1 << number, rights)

    def _divided(self, found: list[Cohort], right: Right, about: ResourceEntry) -> list[Cohort]:
        """Sets divided by whether they meet the requirements of a right."""
        needs = self._access.table.requirements(Permission(right.action, about.type))
        divided = []
        for cohort in found:
            crowd, members, rights = cohort
            met = self._tenants.meeting(about, needs, crowd, members) & members
            if met == members:
                divided.append(cohort)
                continue
            less = tuple(each for each in rights if each is not right)
            if met:
                divided.append(Cohort(crowd, met, rights))
            divided.append(Cohort(crowd, members ^ met, less))
        return divided

    def _allowed(self, who: SubjectEntry, about: ResourceEntry, rights: Rights) -> Rights:
        """Those rights that the whole decision allows."""
        access = self._access
        return tuple(
            each for each in rights if access.allowed(asked_of(access, who, about, each.action))
        )

    def _rights(self, view: _View, who: SubjectEntry, about: ResourceEntry) -> Rights:
        """What the roles given to somebody permit, requirements and guards aside, and why.

        Whoever is given the same roles in the same order, and owns it or not, is not asked
        anew: the role that each right rests on is then the same.
        """
        holds: dict[ResourceRole, Hold] = {}
        for hold in self._access.holds(who, about):
            if BITS[hold.role] & view.powers:
                holds.setdefault(hold.role, hold)
        own = owns(who, about)
        key = who.principal, about.type, own, tuple(holds)
        chosen = self._chosen.get(key)
        if chosen is None:
            chosen = list(self._choices(view, who, about, list(holds.values())))
            _bounded(self._chosen)[key] = chosen
        return tuple([Right(*right, holds[role]) for right, role in chosen])

    def _choices(
        self, view: _View, who: SubjectEntry, about: ResourceEntry, holds: list[Hold]
    ) -> Iterator[_Choice]:
        access, own = self._access, owns(who, about)
        question = InstanceQuestion(who.subject, None, about.resource)
        for ability in view.abilities:
            if access.permits(ability, who, about):
                asked = Asked(access, question, who, about, ability, None)
                basis, hold = asked.nearest(holds, own)
                assert ability.row is not None, "what is permitted exists"
                right = ability.permission.action, ability.row.level, basis.grant
                yield right, hold.role

    def _view(self, who: SubjectEntry, type: ResourceType) -> _View:
        key = who.principal, type
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = _view(self._access, self._selection, who, type)
        return found

    def _base(self, crowd: Crowd, among: int, view: _View, about: ResourceEntry) -> _Base:
        """The sets of a crowd by what they are given on all that contains a resource; kept."""
        key = crowd.principal, about.type, about.above
        found = self._bases.get(key)
        if found is None:
            sets: _Sets = {(): among}
            for container in about.above:
                parts_key = crowd.principal, about.type, container
                parts = self._parts.get(parts_key)
                if parts is None:
                    parts = self._parts_on(crowd, view, container)
                    _bounded(self._parts)[parts_key] = parts
                sets = _refined(sets, parts)
            found = _bounded(self._bases)[key] = _Base(sets, {})
        return found

    def _parts_on(self, crowd: Crowd, view: _View, scope: ResourceEntry) -> _Sets:
        """Those of a crowd that are given roles on a resource itself, by the ways they are.

        Of several ways to be given one role the first counts: it leads to the same grants.
        """
        first: dict[int, dict[int, int]] = {}
        for way, (role, numbers) in enumerate(self._ways(crowd, view, scope)):
            for number in numbers:
                first.setdefault(number, {}).setdefault(role, way)
        found: dict[_Key, list[int]] = {}
        for number, given in first.items():
            found.setdefault((scope, *given.values()), []).append(number)
        return {key: as_set(numbers) for key, numbers in found.items()}

    def _ways(
        self, crowd: Crowd, view: _View, scope: ResourceEntry
    ) -> Iterator[tuple[int, list[int]]]:
        """Each way to be given a role that matters on a resource itself, in the order of holds."""
        access, principal = self._access, crowd.principal
        for relates, bit, relation in access.rules[principal].get(scope.type, ()):
            if bit & view.powers:
                candidates = access.related.candidates(relation, principal, scope)
                related = (who for who in candidates if relates(access.directory, who, scope))
                yield bit, [crowd.numbers[who.id] for who in related if who.id in crowd.numbers]
        groups, bits, ids = access.directory.tables.assigned.get(scope, NO_ASSIGNMENTS)
        for group, _, bit in sorted(zip(groups, ids, bits, strict=True)):
            if bit & view.powers:
                yield bit, self._members(crowd, group)

    def _members(self, crowd: Crowd, group: str) -> list[int]:
        """The numbers of those of a crowd who are in a group; kept."""
        key = crowd.principal, group
        found = self._groups.get(key)
        if found is None:
            members = self._access.directory.tables.members.get(group, ())
            ids = (each.id for each in members if each.principal is crowd.principal)
            found = [crowd.numbers[id] for id in ids if id in crowd.numbers]
            self._groups[key] = found
        return found


def _among(crowd: Crowd, selection: Selection) -> int:
    """Those of a crowd that a selection is about."""
    wanted = selection.subject
    if wanted is None:
        return (1 << len(crowd.subjects)) - 1
    number = crowd.numbers.get(wanted.id) if wanted.principal is crowd.principal else None
    return 0 if number is None else 1 << number


def _view(access: Access, selection: Selection, who: SubjectEntry, type: ResourceType) -> _View:
    found = []
    for action in sorted(access.table.actions_on(type), key=lambda each: each.short):
        if selection.action not in (None, action):
            continue
        ability = access.ability(who, Permission(action, type))
        row = ability.row
        if ability.barred is None and row is not None and selection.level in (None, row.level):
            found.append(ability)
    powers = 0
    for each in found:
        powers |= each.own
    demanding = frozenset(each.permission.action for each in found if each.requirements)
    return _View(tuple(found), powers, demanding)


def _refined(sets: _Sets, parts: _Sets) -> _Sets:
    """The sets divided by which part each of them is in, if any."""
    if not parts:
        return sets
    found: _Sets = {}
    for key, members in sets.items():
        left = members
        for part, some in parts.items():
            both = left & some
            if both:
                found[(*key, part)] = both
                left ^= both
        if left:
            found[key] = left
    return found


def _bounded(kept: dict[_K, _V]) -> dict[_K, _V]:
    """The same dict with room for one more; what was forgotten is worked out again."""
    if len(kept) >= _KEPT:
        kept.clear()
    return kept


def numbers_of(members: int) -> list[int]:
    """The numbers in a set."""
    digits = bin(members)[:1:-1]
    found = []
    place = digits.find("1")
    while place >= 0:
        found.append(place)
        place = digits.find("1", place + 1)
    return found
