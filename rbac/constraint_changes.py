"""What a change would make of the constraints: which it would break, which it would mend.

Knows by how much each constraint is broken, for each subject and scope, before a change and
after it; a change is never made to find out. It must not decide: what a role includes or
permits is the table's word, and what somebody is given is that of access.

Only a change for the worse breaks a constraint. What is wrong already may stay so, or
become less wrong: whoever mends a directory does it step by step.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from rbac.access import Access
from rbac.administration import Change, CreateGroup, Share
from rbac.constraint_rows import Cardinality, Scoped
from rbac.constraints import Constraints
from rbac.entries import ResourceEntry
from rbac.excess import Excess, too_few, too_many
from rbac.light import NamedTuple
from rbac.movement import Movement, Pair
from rbac.places import Place, places_of
from rbac.rows import Permission
from rbac.terms import Resource, Subject
from rbac.violations import Count, Scopes, as_assigned, sentence
from rbac.vocabulary import ResourceRole, ResourceType

FEW = 64
"""How many scopes are looked at one by one, without asking first where it could matter."""


class Shift(NamedTuple):
    """One constraint that would be broken more than before, or less, on a resource.

    `on` is a scope, or a container of scopes: it is so on each of them where nothing else is
    given. `has` and `lacks` are what the subject would have too much of, and too little, or
    if it is less: what it has now. A cardinality is of no one subject, but has a `number` of
    holders.
    """

    constraint: Scoped
    worse: bool
    on: Resource
    subject: Subject | None = None
    has: tuple[ResourceRole | Permission, ...] = ()
    lacks: tuple[ResourceRole, ...] = ()
    number: int = 0

    def __str__(self) -> str:
        constraint, _, on, subject, has, lacks, number = self
        return f"{constraint.name}: {sentence(constraint, on, subject, has, lacks, number)}"


class Foresight:
    """What changes of the directory of `access` would make of `constraints`.

    Takes as long as there are members whom a change concerns, some microseconds each;
    milliseconds each for a role on an organization. Raises `PolicyError` if the constraints
    make no sense under the policy.
    """

    def __init__(self, access: Access, constraints: Constraints) -> None:
        self.access = access
        scoped = constraints.under(access.table.policy).scoped
        self._all = [Excess(access.table, each) for each in scoped]
        self._counts: dict[str, Count] = {}

    def broken(self, change: Change) -> Iterator[Shift]:
        """What `change` would break; lazy, so that the first costs the least."""
        return (shift for shift in self.shifts(change) if shift.worse)

    def shifts(self, change: Change) -> Iterator[Shift]:
        """What `change` would break, and what it would mend."""
        movement = Movement(self.access, change)
        places: dict[ResourceType, list[Place]] = {}
        for excess in self._all:
            if movement.bits & excess.bits:
                type = excess.constraint.scope
                if type not in places:
                    places[type] = list(places_of(movement, type))
                for place in places[type]:
                    if isinstance(excess.constraint, Cardinality):
                        yield from self._numbers(movement, excess, excess.constraint, place)
                    else:
                        yield from self._subjects(movement, excess, place)
            if isinstance(change, CreateGroup | Share):
                yield from self._new_group(change, excess.constraint)

    def count(self, constraint: Scoped) -> Count:
        """The subjects that a constraint counts in this directory; kept."""
        found = self._counts.get(constraint.name)
        if found is None:
            found = self._counts[constraint.name] = Count(self.access, constraint)
        return found

    def _given(
        self, movement: Movement, excess: Excess, pair: Pair, place: Place
    ) -> Iterator[tuple[ResourceEntry, int, int]]:
        """What a subject is given before and after, on each scope.

        Of many scopes, those where nothing else is given are all like the root, which stands
        for them and comes first.
        """
        given = movement.assigned if as_assigned(excess.constraint) else movement.given
        root, scopes = place.root, place.scopes
        if len(scopes) > FEW:
            scopes = place.near(pair, self.access.directory.tables.holds)
            if len(scopes) < len(place.scopes):
                yield root, *given(pair, root)
        for about in scopes:
            yield about, *given(pair, about)

    def _subjects(self, movement: Movement, excess: Excess, place: Place) -> Iterator[Shift]:
        """Whoever breaks a constraint more, or less, by what it would be given."""
        for pair in movement.concerned():
            principal = pair[0].principal
            said: set[tuple[object, ...]] = set()
            for about, had, has in self._given(movement, excess, pair, place):
                more = excess.of(principal, has) - excess.of(principal, had)
                if more:
                    now = has if more > 0 else had
                    found = excess.has(principal, now), excess.lacks(principal, now)
                    if (more > 0, *found) not in said:
                        subject = pair[0].subject
                        yield Shift(excess.constraint, more > 0, about.resource, subject, *found)
                    if about is place.root:
                        said.add((more > 0, *found))

    def _numbers(
        self, movement: Movement, excess: Excess, constraint: Cardinality, place: Place
    ) -> Iterator[Shift]:
        """The scopes with more or fewer holders, where that is worse or better.

        Too many on the root are too many on every scope, and are told of once.
        """
        root, scopes = place.root, place.scopes
        everywhere, steps = self._steps(movement, excess, place)
        size = self.count(constraint).size
        crowded = False
        for about in scopes if everywhere else steps:
            step = everywhere + steps.get(about, 0)
            before = size(about) if step else 0
            if too_many(constraint, before + step) > too_many(constraint, before):
                if not crowded and root is not about:
                    at_root = size(root) + everywhere
                    crowded = bool(too_many(constraint, at_root))
                    if crowded:
                        yield Shift(constraint, True, root.resource, number=at_root)
                if crowded:
                    continue
            yield from _number(constraint, about.resource, before, before + step)

    def _steps(
        self, movement: Movement, excess: Excess, place: Place
    ) -> tuple[int, dict[ResourceEntry, int]]:
        """How many holders there are more: on every scope, and beyond that on some."""
        everywhere = 0
        steps: dict[ResourceEntry, int] = {}
        for pair in movement.concerned():
            principal, here = pair[0].principal, 0
            for about, had, has in self._given(movement, excess, pair, place):
                step = excess.of(principal, has) - excess.of(principal, had)
                if about not in place.scopes:
                    here = step
                else:
                    steps[about] = steps.get(about, 0) + step - here
            everywhere += here
        return everywhere, steps

    def _new_group(self, change: CreateGroup | Share, constraint: Scoped) -> Iterator[Shift]:
        """What is broken on a group that is not there yet."""
        home = _home(self.access, change)
        if constraint.scope is not ResourceType.GROUP or home is None:
            return
        group = ResourceEntry(ResourceType.GROUP, str(uuid4()), (home,), (home, *home.above))
        scopes = Scopes(self.access, ResourceType.GROUP)
        for found in self.count(constraint).violations([home, group], scopes):
            _, _, _, subject, has, lacks, holders = found
            yield Shift(constraint, True, home.resource, subject, has, lacks, len(holders))


def _number(constraint: Cardinality, on: Resource, before: int, after: int) -> Iterator[Shift]:
    """What becomes worse and what better by another number of holders."""
    for wrong in (too_few, too_many):
        more = wrong(constraint, after) - wrong(constraint, before)
        if more:
            yield Shift(constraint, more > 0, on, number=after if more > 0 else before)


def _home(access: Access, change: CreateGroup | Share) -> ResourceEntry | None:
    """The organization in which a change makes a group."""
    if isinstance(change, CreateGroup):
        id: str | None = change.organization
    else:
        about = access.directory.resource(change.resource)
        id = about.organization if about is not None else None
    return access.directory.tables.resources[ResourceType.ORGANIZATION].get(id or "")
