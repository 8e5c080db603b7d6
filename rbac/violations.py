"""What breaks the constraints in a directory: every witness.

Knows how subjects are counted on each scope, from the roles given to the subjects that
hold them. It must not know files, and decides nothing: what a role includes or permits is
the table's word, and what somebody is given, in every witness, is that of access.

What is broken on a container is broken on every scope within it, and is reported there,
once. A minimum and a prerequisite may be met further down; they are reported on each scope.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from rbac.access import Access
from rbac.constraint_rows import Cardinality, Prerequisite, Scoped, StaticSeparation
from rbac.constraints import Constraints
from rbac.decision import Hold
from rbac.entries import BITS, ResourceEntry, SubjectEntry
from rbac.holders import Holders
from rbac.light import NamedTuple
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.terms import Resource, Subject
from rbac.vocabulary import Principal, ResourceRole, ResourceType

_ORGANIZATION = ResourceType.ORGANIZATION

Some = frozenset[SubjectEntry] | set[SubjectEntry]
Sources = list[tuple[int, frozenset[SubjectEntry]]]
"""What is given: masks, each with who has it."""

Sets = tuple[Some, ...]
"""For each role or permission that is counted, who has it."""


class Violation(NamedTuple):
    """One way in which a directory breaks a constraint, on one resource.

    `on` is the scope, or a container of it within which every scope is as wrong. `subject`
    has too much (`has`) or too little (`lacks`), by `holds`; of a cardinality there is no
    one subject, and `holders` are all who count. `access` is what the witness comes from.
    """

    constraint: Scoped
    access: Access
    on: Resource
    subject: Subject | None = None
    has: tuple[ResourceRole | Permission, ...] = ()
    lacks: tuple[ResourceRole, ...] = ()
    holders: tuple[Subject, ...] = ()

    @property
    def holds(self) -> tuple[Hold, ...]:
        """How the subject is given what it has too much of, or lacks something for."""
        if self.subject is None:
            return ()
        who = self.access.directory.subject(self.subject)
        about = self.access.directory.resource(self.on)
        assert who is not None, "the directory knows whom it was found in"
        assert about is not None, "the directory knows where it was found"
        counts, eligible = masks(self.access.table, self.constraint), self.access.table.eligible
        first = 1 if self.lacks else -1
        related = not as_assigned(self.constraint)
        return tuple(
            hold
            for hold in self.access.holds(who, about)
            if counts.get(BITS[hold.role], 0) & first
            and eligible(who.principal, hold.role)
            and (related or hold.assignment is not None)
        )

    @property
    def sentence(self) -> str:
        """What is wrong, with whom, where."""
        constraint, _, on, subject, has, lacks, holders = self
        return sentence(constraint, on, subject, has, lacks, len(holders))

    def __str__(self) -> str:
        return f"{self.constraint.name}: {self.sentence}"

    def as_dict(self) -> dict[str, object]:
        """The violation as plain JSON values."""
        return {
            "constraint": self.constraint.name,
            "reason": self.constraint.reason,
            "on": str(self.on),
            "subject": str(self.subject) if self.subject else None,
            "sentence": self.sentence,
            "has": [_name(each) for each in self.has],
            "lacks": [_name(each) for each in self.lacks],
            "holds": [hold.as_dict() for hold in self.holds],
            "holders": [str(each) for each in self.holders],
        }


def sentence(
    constraint: Scoped,
    on: Resource,
    subject: Subject | None,
    has: tuple[ResourceRole | Permission, ...],
    lacks: tuple[ResourceRole, ...],
    count: int,
) -> str:
    """What is wrong, as somebody reads it."""
    if isinstance(constraint, Cardinality):
        holders = f"{count:,} {'holds' if count == 1 else 'hold'} {constraint.role.short} on {on}"
        if constraint.at_most is not None and count > constraint.at_most:
            return f"{holders}, at most {constraint.at_most:,} may"
        return f"{holders}, at least {constraint.at_least:,} must"
    both = " and ".join(map(_name, has))
    if isinstance(constraint, StaticSeparation):
        has_them = "is assigned" if constraint.assigned else "has"
        return f"{subject} {has_them} {both} on {on}, at most {constraint.at_most} of them may be"
    return f"{subject} has {both} on {on} without {' and '.join(map(_name, lacks))}"


def _name(thing: ResourceRole | Permission) -> str:
    return str(thing) if isinstance(thing, Permission) else str(thing.short)


def violations(access: Access, constraints: Constraints) -> Iterator[Violation]:
    """Every violation of every constraint on the directory of `access`, found as it is read.

    A second for each constraint on a million assignments. Raises `PolicyError` if the
    constraints make no sense under the policy of `access`.
    """
    for constraint in constraints.under(access.table.policy).scoped:
        scopes = Scopes(access, constraint.scope)
        yield from Count(access, constraint).violations(scopes.nodes, scopes)


class Scopes:
    """The resources of one type in a directory, and all that contains any of them."""

    def __init__(self, access: Access, type: ResourceType) -> None:
        self.type = type
        self.all = access.directory.tables.resources[type].values()
        shared = {id(entry.above): entry.above for entry in self.all}
        found = dict.fromkeys(each for above in shared.values() for each in above)
        self.containers = sorted(found, key=lambda each: len(each.above))

    @property
    def nodes(self) -> Iterator[ResourceEntry]:
        """Containers before what they contain."""
        yield from self.containers
        yield from self.all


def counted(constraint: Scoped) -> tuple[ResourceRole | Permission, ...]:
    """What a constraint counts, in the order of its bits in a mask."""
    if isinstance(constraint, Cardinality):
        return (constraint.role,)
    if isinstance(constraint, Prerequisite):
        return (constraint.role, *constraint.requires)
    return (*constraint.roles, *constraint.permissions)


def as_assigned(constraint: Scoped) -> bool:
    """Whether roles count only as they are assigned."""
    return isinstance(constraint, StaticSeparation) and constraint.assigned


def masks(table: DecisionTable, constraint: Scoped) -> dict[int, int]:
    """By the bit of each role: which of what a constraint counts comes with it."""
    found = {}
    for role in ResourceRole:
        mask = 0
        for number, each in enumerate(counted(constraint)):
            if isinstance(each, Permission):
                has = role in table.roles_with(each)
            elif as_assigned(constraint):
                has = each is role
            else:
                has = each in table.includes(role)
            mask |= has << number
        if mask:
            found[BITS[role]] = mask
    return found


class Count:
    """Counts one constraint in one directory."""

    def __init__(self, access: Access, constraint: Scoped) -> None:
        self.access = access
        self.constraint = constraint
        self.counted = counted(constraint)
        self.masks = masks(access.table, constraint)
        self.wanted = sum(self.masks)
        self.holders = Holders(access, constraint.principals, assigned=as_assigned(constraint))
        # Containers are asked about again for each resource within them.
        self.kept = functools.lru_cache(4096)(self.sources)
        self.above = functools.lru_cache(64)(self._on)

    def violations(self, nodes: Iterable[ResourceEntry], scopes: Scopes) -> Iterator[Violation]:
        """The violations on `nodes`, which come after their containers."""
        if isinstance(self.constraint, StaticSeparation):
            return self._too_much(nodes, self.constraint.at_most)
        if isinstance(self.constraint, Prerequisite):
            return self._too_little(nodes, scopes)
        return self._wrong_number(nodes, scopes, self.constraint)

    def holders_of(self, entry: ResourceEntry) -> Some:
        """Who is counted first of all on a resource: of a cardinality, every holder."""
        sources, around = self._near_and_far(entry)
        near, far = self._sets(sources)[0], self.above(around)[0]
        return far.union(near) if near else far

    def size(self, entry: ResourceEntry) -> int:
        """How many those are."""
        sources, around = self._near_and_far(entry)
        near, far = self._sets(sources)[0], self.above(around)[0]
        return len(far) + len(near.difference(far))

    def sources(self, scope: ResourceEntry) -> Sources:
        """What is given on a resource itself: masks, each with who has it."""
        masks = self.masks
        return [(masks[bit], who) for bit, who in self.holders.on(scope, self.wanted) if who]

    def _on(self, scopes: Iterable[ResourceEntry]) -> Sets:
        """Who has what on any of these."""
        return self._sets(source for each in scopes for source in self.kept(each))

    def _near_and_far(self, entry: ResourceEntry) -> tuple[Sources, tuple[ResourceEntry, ...]]:
        """What is given on a resource, and its organization: what that gives is kept."""
        near, far = self.sources(entry), []
        for each in entry.above:
            if each.type is _ORGANIZATION:
                far.append(each)
            else:
                near = near + self.kept(each)
        return near, tuple(far)

    def _sets(self, sources: Iterable[tuple[int, Some]]) -> Sets:
        """Who has each of what is counted; one source alone is not copied."""
        found: list[list[Some]] = [[] for _ in self.counted]
        for mask, who in sources:
            for number, sets in enumerate(found):
                if mask >> number & 1:
                    sets.append(who)
        return tuple(sets[0] if len(sets) == 1 else set().union(*sets) for sets in found)

    def _too_much(self, nodes: Iterable[ResourceEntry], at_most: int) -> Iterator[Violation]:
        """Whoever has more than `at_most`, where no container gives as much already."""
        broken: dict[ResourceEntry, set[SubjectEntry]] = {}
        for entry in nodes:
            sets = self._candidates(entry, at_most)
            found = _in_more_than(at_most, sets)
            for container in entry.above if found else ():
                found -= broken.get(container, set())
            if found:
                broken[entry] = found
                on = entry.resource
                for who in sorted(found, key=_order):
                    pairs = zip(self.counted, sets, strict=True)
                    has = tuple(each for each, those in pairs if who in those)
                    yield Violation(self.constraint, self.access, on, who.subject, has)

    def _candidates(self, entry: ResourceEntry, at_most: int) -> Sets:
        """Who has what, of those that are given something just here; none if all is too little."""
        own = self.sources(entry)
        for container in _joined(entry):
            own = own + self.kept(container)
        if not own:
            return ()
        above = [source for each in entry.above for source in self.kept(each)]
        reach = 0
        for mask, _ in own:
            reach |= mask
        for mask, _ in above:
            reach |= mask
        if reach.bit_count() <= at_most:
            return ()
        candidates = set().union(*(who for _, who in own))
        own += [(mask, candidates.intersection(who)) for mask, who in above]  # type: ignore[misc]
        return self._sets(own)

    def _too_little(self, nodes: Iterable[ResourceEntry], scopes: Scopes) -> Iterator[Violation]:
        """Whoever has the first and not all of the others, on each scope."""
        unmet = functools.lru_cache(64)(self._unmet)
        # The members of a group are the same wherever it is given something.
        lacking = functools.lru_cache(65_536)(self._lacking)
        for entry in nodes:
            if entry.type is scopes.type:
                near, far = self._near_and_far(entry)
                wrong = set(unmet(far)).union(*(lacking(who, far) for m, who in near if m & 1))
                if wrong:
                    yield from self._without(entry, wrong, self._sets(near), self.above(far))

    def _without(
        self, entry: ResourceEntry, wrong: Iterable[SubjectEntry], near: Sets, far: Sets
    ) -> Iterator[Violation]:
        """The violations of those that nothing given near makes right."""
        for who in sorted(wrong, key=_order):
            pairs = zip(self.counted, near, far, strict=True)
            lacks = [each for each, here, there in pairs if not (who in here or who in there)]
            roles = tuple(each for each in lacks if isinstance(each, ResourceRole))
            if roles:
                has = self.counted[:1]
                where = entry.resource
                yield Violation(self.constraint, self.access, where, who.subject, has, roles)

    def _lacking(
        self, who: frozenset[SubjectEntry], far: tuple[ResourceEntry, ...]
    ) -> frozenset[SubjectEntry]:
        """Those who lack some of what is required, as far as `far` gives it."""
        return who.difference(who.intersection(*self.above(far)[1:]))

    def _unmet(self, above: tuple[ResourceEntry, ...]) -> set[SubjectEntry]:
        """Who has the first and not all of the others, on these containers."""
        first, *others = self.above(above)
        return set(first).difference(set(first).intersection(*others))

    def _wrong_number(
        self, nodes: Iterable[ResourceEntry], scopes: Scopes, constraint: Cardinality
    ) -> Iterator[Violation]:
        """Each scope with too few holders, and the highest with too many."""
        most = constraint.at_most
        crowded: set[ResourceEntry] = set()
        for entry in nodes:
            if entry.type is not scopes.type and most is None:
                continue
            sources, around = self._near_and_far(entry)
            (far,) = self.above(around)
            sizes = [len(far), *(len(who) for _, who in sources)]
            if max(sizes) >= constraint.at_least and (most is None or sum(sizes) <= most):
                continue
            (near,) = self._sets(sources)
            count = len(far) + len(near.difference(far))
            if most is not None and count > most:
                reported = not crowded.isdisjoint(entry.above)
                crowded.add(entry)
                if not reported:
                    yield self._number(entry, {*near, *far})
            elif entry.type is scopes.type and count < constraint.at_least:
                yield self._number(entry, {*near, *far})

    def _number(self, entry: ResourceEntry, who: Iterable[SubjectEntry]) -> Violation:
        holders = tuple(each.subject for each in sorted(who, key=_order))
        return Violation(self.constraint, self.access, entry.resource, holders=holders)


def _joined(entry: ResourceEntry) -> list[ResourceEntry]:
    """The containers that only some of a resource's containers lie within.

    What is given there comes together on the resource; everything else, on a container.
    """
    if len(entry.parents) < 2:
        return []
    parents = [each for each in entry.parents if not any(each in o.above for o in entry.parents)]
    common = set.intersection(*({each, *each.above} for each in parents))
    return [each for each in entry.above if each not in common]


def _in_more_than(at_most: int, sets: Sets) -> set[SubjectEntry]:
    """Who is in more than `at_most` of the sets."""
    levels: list[set[SubjectEntry]] = [set() for _ in range(at_most + 1)]
    for each in sets:
        for number in range(at_most, 0, -1):
            levels[number].update(levels[number - 1].intersection(each))
        levels[0].update(each)
    return levels[at_most]


_ORDER = {principal: number for number, principal in enumerate(Principal)}


def _order(who: SubjectEntry) -> tuple[int, str]:
    return _ORDER[who.principal], who.id
