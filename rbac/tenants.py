"""Tenants: all that the subjects of one organization may do to each of its resources.

Knows how assignments and relations come together for whole crowds, and who is in none. It
must not decide: crowds are asked about by their sets, and nobody else is asked about here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from rbac.access import Access
from rbac.crowds import Asking, Crowd, Permits, View, as_set, asked_of
from rbac.entries import NO_ASSIGNMENTS, ResourceEntry, SubjectEntry
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.rows import Permission, Requirement
from rbac.terms import Subject
from rbac.vocabulary import Action, Principal, ResourceType

if TYPE_CHECKING:
    from typing import TypeVar

    _K = TypeVar("_K")
    _V = TypeVar("_V")

_KEPT = 2_000
"""How many containers and resources are remembered at a time."""


class Given(NamedTuple):
    """What is given on one resource itself.

    `crowds` are the sets that are given each role, by kind of subject and role bit, and
    `strangers` the subjects of no crowd that are given anything: subjects of other
    organizations, and of none.
    """

    crowds: dict[Principal, dict[int, int]]
    strangers: tuple[SubjectEntry, ...]


_NOTHING = Given({}, ())


class Tenants:
    """The subjects of one organization, asked about as crowds.

    What it keeps goes with it, and is bounded but for a set a group: an eighth of a byte
    for each subject.
    """

    def __init__(
        self,
        access: Access,
        organization: str | None,
        *,
        only: Iterable[Subject] | None = None,
        then: Access | None = None,
        actions: Callable[[ResourceType], Collection[Action]] | None = None,
        numbers: Mapping[Principal, Mapping[str, int]] | None = None,
    ) -> None:
        """The organization of None has no crowds: whoever belongs to none is a stranger.

        With `only`, nobody else is in a crowd, and no strangers are known. `then` is another
        access, to the same directory, that gives everybody the same roles: what it permits is
        said as well. Only `actions` are asked about, if given, so that only the roles `wanted`
        matter, and only subjects that have `numbers` are in crowds.
        """
        self.access = access
        self.organization = organization
        self._asking = Asking(access, then, actions or access.table.actions_on)
        self.wanted = -1 if actions is None else self._asking.roles()
        self.crowds: list[Crowd] = []
        self._everybody = only is None
        self._joined: set[str] = set()
        self._by_kind: dict[Principal, Crowd] = {}
        self._views: dict[ResourceType, list[View]] = {}
        self._groups: dict[str, dict[Principal, int]] = {}
        self._given: dict[ResourceEntry, Given] = {}
        self._permitted: dict[tuple[ResourceEntry, Principal, Permission], int] = {}
        there = access.directory.tables.resources[ResourceType.ORGANIZATION]
        self._home = there.get(organization or "")
        if self._home is not None:
            crowds = self._crowds_of(self._home, only, numbers)
            self.crowds = [crowd for crowd in crowds if crowd.subjects]
            for crowd in self.crowds if only is not None else ():
                self._joined.update(*(who.groups for who in crowd.subjects.values()))
            self._by_kind = {crowd.principal: crowd for crowd in self.crowds}
            # The sets of each crowd begin with what is given here.
            strangers = () if only is not None else self._given_on(self._home).strangers
            self._at_home = Given({}, strangers)

    def _crowds_of(
        self,
        home: ResourceEntry,
        only: Iterable[Subject] | None,
        numbers: Mapping[Principal, Mapping[str, int]] | None,
    ) -> Iterator[Crowd]:
        if only is None:
            kinds = self.access.related.subjects_of(home.id)
        else:
            kinds = _kinds(self.access, only, home.id)
        for kind in Principal:
            if kind in kinds and (numbers is None or kind in numbers):
                yield Crowd(self.access, home, kinds[kind], numbers[kind] if numbers else None)

    def sets(self, about: ResourceEntry) -> Iterator[tuple[Crowd, Permits, int]]:
        """The sets of the crowds that may do something to a resource; each subject in one.

        Only guards that look at the subject are asked, and requirements are not.
        """
        crowds = self._on(about).crowds
        for view in self._views_of(about.type):
            crowd = view.crowd
            sets = view.given(self._within(about, view), crowds.get(crowd.principal))
            if len(sets) == 1 and 0 in sets:
                continue  # nobody has any power there: whose it is does not matter
            owners = crowd.owners(about) if view.owning else 0
            for powers, members in sets.items():
                if not powers:
                    continue
                owning = members & owners
                if owning:
                    yield crowd, view.permits(about, powers, True, owning), owning
                    members ^= owning
                if members:
                    yield crowd, view.permits(about, powers, False, members), members

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
            else:  # no subject's own matter: all of a kind meet it, or none
                asked = asked_of(self.access, crowd.anybody, about, row.action)
                if row in self.access.unmet(asked):
                    return 0
        return members

    def strangers(self, about: ResourceEntry) -> list[SubjectEntry]:
        """The subjects of no crowd that are given anything on a resource, by kind and id.

        No assignment reaches them, since a group and its members are of one organization.
        """
        found = {who: None for scope in (about, *about.above) for who in self._on(scope).strangers}
        return sorted(found, key=lambda who: (_ORDER[who.principal], who.id)) if found else []

    def _views_of(self, type: ResourceType) -> list[View]:
        """The crowds in which anybody could do anything to resources of a type."""
        found = self._views.get(type)
        if found is None:
            views = [crowd.view(self._asking, type) for crowd in self.crowds]
            found = self._views[type] = [view for view in views if view.powers]
        return found

    def _within(self, about: ResourceEntry, view: View) -> dict[int, int]:
        """The sets of a crowd by what they are given on all that contains a resource."""
        sets = view.within.get(about.above)
        if sets is None:
            sets = view.home
            for container in about.above:
                sets = view.given(sets, self._on(container).crowds.get(view.crowd.principal))
            _bounded(view.within)[about.above] = sets
        return sets

    def _who_may(self, permission: Permission, about: ResourceEntry, crowd: Crowd) -> int:
        """Who has a permission on a resource, requirements and guards aside; kept."""
        key = about, crowd.principal, permission
        members = self._permitted.get(key)
        if members is None:
            members = 0
            for each, permits, some in self.sets(about):
                if each is crowd and permission.action in permits.actions:
                    members |= some
            _bounded(self._permitted)[key] = members
        return members

    def _on(self, scope: ResourceEntry) -> Given:
        """What is given on one resource itself; kept for a while."""
        if scope is self._home:
            return self._at_home
        found = self._given.get(scope)
        if found is None:
            found = _bounded(self._given)[scope] = self._given_on(scope)
        return found

    def _given_on(self, scope: ResourceEntry) -> Given:
        found: dict[Principal, dict[int, int]] = {}
        tables = self.access.directory.tables
        groups, bits, _ = tables.assigned.get(scope, NO_ASSIGNMENTS)
        known, wanted = self._groups, self.wanted
        everybody, joined = self._everybody, self._joined
        for group, bit in zip(groups, bits, strict=True):
            if bit & wanted and (everybody or group in joined):
                for kind, members in (known.get(group) or self.members(group)).items():
                    by_bit = found.get(kind)
                    if by_bit is None:
                        found[kind] = {bit: members}
                    else:
                        # A set that is joined to none stays the one it is, not a copy of it.
                        by_bit[bit] = by_bit[bit] | members if bit in by_bit else members
        related: dict[tuple[Principal, int], list[int]] = {}
        strangers: dict[SubjectEntry, None] = {}
        kinds = _EVERYBODY if self._everybody else self._by_kind
        for who, bit, _ in self.access.related.by_relation(scope, self.wanted, kinds):
            if self.organization is None or who.organization != self.organization:
                strangers[who] = None
                continue
            number = self._number(who)
            if number is not None:
                related.setdefault((who.principal, bit), []).append(number)
        for (kind, bit), numbers in related.items():
            by_bit = found.setdefault(kind, {})
            by_bit[bit] = by_bit.get(bit, 0) | as_set(numbers)
        return Given(found, tuple(strangers)) if found or strangers else _NOTHING

    def _number(self, who: Subject | SubjectEntry) -> int | None:
        """The number of a subject in its crowd; None if it is in none."""
        crowd = self._by_kind.get(who.principal)
        return crowd.numbers.get(who.id) if crowd else None

    def members(self, group: str) -> dict[Principal, int]:
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


def _kinds(
    access: Access, subjects: Iterable[Subject], organization: str | None
) -> dict[Principal, list[SubjectEntry]]:
    """Those of some subjects that belong to an organization, by kind."""
    found: dict[Principal, list[SubjectEntry]] = {}
    for subject in subjects:
        who = access.directory.subject(subject)
        if who is not None and who.organization == organization:
            found.setdefault(who.principal, []).append(who)
    return found


_EVERYBODY = frozenset(Principal)
_ORDER = {kind: number for number, kind in enumerate(Principal)}


def _bounded(kept: dict[_K, _V]) -> dict[_K, _V]:
    """The same dict with room for one more; what was forgotten is worked out again."""
    if len(kept) >= _KEPT:
        kept.clear()
    return kept
