"""Some subjects of one organization before and after: who gained and lost what on a resource.

Knows how sets of subjects before and after are brought together. It must not decide: what
is allowed is said by crowds, or asked of either access.

Two policies on one directory, where everybody is given the same roles, are asked about at
once: sets with the same powers before and after are passed over. Otherwise each side is
asked by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rbac.access import Access
from rbac.audit.affected import ByType
from rbac.audit.numbers import Numbers
from rbac.crowds import Crowd, Permits, as_set, asked_of
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.light import NamedTuple
from rbac.relations import owns
from rbac.rows import NOWHERE, Permission, Requirement
from rbac.tenants import Tenants
from rbac.vocabulary import Action, Principal, ResourceType


class Piece(NamedTuple):
    """Subjects of one kind that gained, or lost, the same actions on one resource.

    `members` is a set by their numbers; `own` says whether the resource is their own.
    """

    principal: Principal
    gained: bool
    own: bool
    actions: tuple[Action, ...]
    members: int


class Block(NamedTuple):
    """Subjects of one kind that may do the same actions to one resource."""

    principal: Principal
    own: bool
    actions: tuple[Action, ...]
    members: int


class Scope(NamedTuple):
    """Whom and what is asked about: subjects with these numbers, and others that count."""

    numbers: Numbers
    wanted: Callable[[Principal, str], bool]
    actions: ByType
    asked: ByType


class Sides:
    """The answers of two accesses about some subjects of an organization, side by side.

    `at_once` is for two policies on one directory that give everybody the same roles;
    `alone` where a guard may look at anything, so that nobody can be asked for others.
    """

    def __init__(
        self,
        accesses: tuple[Access, Access],
        organizations: tuple[str | None, str | None],
        scope: Scope,
        *,
        at_once: bool = False,
        alone: bool = False,
    ) -> None:
        self.scope, self._alone = scope, alone
        numbers = {
            principal: {id: each for id, each in of.items() if scope.wanted(principal, id)}
            for principal, of in scope.numbers.of.items()
        }
        (old, new), (here, there) = accesses, organizations

        def asked(type: ResourceType) -> tuple[Action, ...]:
            return scope.asked.get(type, ())

        self.old = Tenants(old, here, actions=asked, numbers=numbers)
        self.new = Tenants(new, there, actions=asked, numbers=numbers)
        self._both = (
            Tenants(old, here, then=new, actions=asked, numbers=numbers) if at_once else None
        )
        self._shifts: dict[Permits, _Shift] = {}

    def pieces(self, before: ResourceEntry | None, after: ResourceEntry | None) -> Iterator[Piece]:
        """Who gained and who lost what on a resource, each subject and action once."""
        if self._both is not None:
            assert before is not None, "both policies are asked about one directory"
            yield from self._at_once(self._both, before)
            return
        had, has = list(self.may(self.old, before)), list(self.may(self.new, after))
        yield from differences(had, has)

    def may(self, tenants: Tenants, about: ResourceEntry | None) -> Iterator[Block]:
        """Who may do what to a resource; each subject and action in one block."""
        actions = self.scope.actions.get(about.type, ()) if about is not None else ()
        if about is None or not actions:
            return
        for crowd, permits, members in tenants.sets(about):
            plain = tuple(action for action in permits.plain if action in actions)
            found = [(plain, members)] if plain else []
            for action, requirements in permits.demanding:
                if action in actions:
                    met = tenants.meeting(about, requirements, crowd, members)
                    found.append(((action,), met))
            for some, may in self._one_by_one(tenants.access, about, crowd, found):
                if may:
                    yield Block(crowd.principal, permits.own, some, may)
        yield from self._strangers(tenants.access, about, tenants.strangers(about))

    def _one_by_one(
        self,
        access: Access,
        about: ResourceEntry,
        crowd: Crowd,
        found: list[tuple[tuple[Action, ...], int]],
    ) -> Iterator[tuple[tuple[Action, ...], int]]:
        """The same sets, each subject asked about by itself where that is necessary."""
        if not self._alone:
            yield from found
            return
        for actions, members in found:
            for action in actions:
                asked = (who for who in crowd.of(members) if _allowed(access, who, about, action))
                yield (action,), as_set(crowd.numbers[who.id] for who in asked)

    def _strangers(
        self, access: Access, about: ResourceEntry, strangers: list[SubjectEntry]
    ) -> Iterator[Block]:
        """What subjects of no crowd may do, each asked about by itself."""
        for who in strangers:
            if self.scope.wanted(who.principal, who.id):
                actions = self.scope.actions.get(about.type, ())
                some = tuple(each for each in actions if _allowed(access, who, about, each))
                if some:
                    place = self.scope.numbers.place(who)
                    yield Block(who.principal, owns(who, about), some, 1 << place)

    def _at_once(self, both: Tenants, about: ResourceEntry) -> Iterator[Piece]:
        for crowd, permits, members in both.sets(about):
            shift = self._shifts.get(permits)
            if shift is None:
                shift = self._shifts[permits] = self._shift(permits)
            kind, own = crowd.principal, permits.own
            if shift.lost:
                yield Piece(kind, False, own, shift.lost, members)
            if shift.gained:
                yield Piece(kind, True, own, shift.gained, members)
            for action, before, after in shift.demanding:
                had = _meeting(self.old, about, before, kind, members)
                has = _meeting(self.new, about, after, kind, members)
                if had & ~has:
                    yield Piece(kind, False, own, (action,), had & ~has)
                if has & ~had:
                    yield Piece(kind, True, own, (action,), has & ~had)
        strangers = both.strangers(about)
        if strangers:
            sides = (self.old.access, self.new.access)
            blocks = [list(self._strangers(each, about, strangers)) for each in sides]
            yield from differences(*blocks)

    def _shift(self, permits: Permits) -> _Shift:
        """What of it changes for a set with such powers."""
        assert permits.then is not None, "two accesses are asked"
        before, after = _takes(permits), _takes(permits.then)
        gained, lost, demanding = [], [], []
        for action in self.scope.actions.get(permits.type, ()):
            had, has = before.get(action), after.get(action)
            if had == () and has is None:
                lost.append(action)
            elif had is None and has == ():
                gained.append(action)
            elif had != has or (has and self._needs_differ(has)):
                demanding.append((action, had, has))
        return _Shift(tuple(gained), tuple(lost), tuple(demanding))

    def _needs_differ(self, requirements: tuple[Requirement, ...]) -> bool:
        return any(
            row.need.action in self.scope.actions.get(row.need.type, ())
            for row in requirements
            if isinstance(row.need, Permission)
        )


class _Shift(NamedTuple):
    """The actions that a set gains and loses, and those that take something before or after."""

    gained: tuple[Action, ...]
    lost: tuple[Action, ...]
    demanding: tuple[
        tuple[Action, tuple[Requirement, ...] | None, tuple[Requirement, ...] | None], ...
    ]


def _takes(permits: Permits) -> dict[Action, tuple[Requirement, ...]]:
    """What each permitted action takes besides, wherever that stands."""
    found: dict[Action, tuple[Requirement, ...]] = dict.fromkeys(permits.plain, ())
    for action, requirements in permits.demanding:
        found[action] = tuple(row._replace(place=NOWHERE) for row in requirements)
    return found


def differences(had: list[Block], has: list[Block]) -> Iterator[Piece]:
    """What is in either list and not in the other."""
    if had != has:
        yield from _beyond(had, has, gained=False)
        yield from _beyond(has, had, gained=True)


def _beyond(blocks: list[Block], others: list[Block], *, gained: bool) -> Iterator[Piece]:
    covered: dict[tuple[Principal, Action], int] = {}
    for principal, _, actions, members in others:
        for action in actions:
            covered[principal, action] = covered.get((principal, action), 0) | members
    for principal, own, actions, members in blocks:
        left: dict[int, list[Action]] = {}
        for action in actions:
            beyond = members & ~covered.get((principal, action), 0)
            if beyond:
                left.setdefault(beyond, []).append(action)
        for beyond, some in left.items():
            yield Piece(principal, gained, own, tuple(some), beyond)


def _meeting(
    tenants: Tenants,
    about: ResourceEntry,
    requirements: tuple[Requirement, ...] | None,
    kind: Principal,
    members: int,
) -> int:
    """Those of a set that meet requirements; of none at all, everybody does; of None, nobody."""
    if not requirements:
        return members if requirements is not None else 0
    crowd = next(each for each in tenants.crowds if each.principal is kind)
    return tenants.meeting(about, requirements, crowd, members)


def _allowed(access: Access, who: SubjectEntry, about: ResourceEntry, action: Action) -> bool:
    return access.allowed(asked_of(access, who, about, action))
