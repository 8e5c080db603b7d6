"""What breaks the constraints in a directory: every witness, and what a change would break.

Knows how subjects are counted on each scope, from the roles given to the subjects that
hold them. It must not know files, and decides nothing: what a role includes or permits is
the table's word, and what somebody is given, in every witness, is that of access.

What is broken on a container is broken within it, and reported there, once. A minimum and a
prerequisite may be met further down; they are reported on each scope.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence

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
from rbac.vocabulary import ResourceRole, ResourceType

_ORGANIZATION = ResourceType.ORGANIZATION
Sets = tuple[Collection[SubjectEntry], ...]
"""For each role or permission that is counted, who has it."""


class Violation(NamedTuple):
    """One way in which a directory breaks a constraint, on one resource.

    `on` is the scope, or a container of it within which every scope is as wrong. `subject`
    has too much (`has`) or too little (`lacks`), by `holds`; of a cardinality there is no
    one subject, and `holders` are all who count.
    """

    constraint: Scoped
    on: Resource
    subject: Subject | None = None
    has: tuple[ResourceRole | Permission, ...] = ()
    lacks: tuple[ResourceRole, ...] = ()
    holds: tuple[Hold, ...] = ()
    holders: tuple[Subject, ...] = ()

    def __str__(self) -> str:
        return f"{self.constraint.name}: {_sentence(self)}"

    def as_dict(self) -> dict[str, object]:
        """The violation as plain JSON values."""
        return {
            "constraint": self.constraint.name,
            "reason": self.constraint.reason,
            "on": str(self.on),
            "subject": str(self.subject) if self.subject else None,
            "has": [_name(each) for each in self.has],
            "lacks": [_name(each) for each in self.lacks],
            "holds": [hold.as_dict() for hold in self.holds],
            "holders": [str(each) for each in self.holders],
        }


def _sentence(violation: Violation) -> str:
    constraint, on, subject, has, lacks, _, holders = violation
    if isinstance(constraint, Cardinality):
        limit = f"at least {constraint.at_least}"
        if constraint.at_most is not None and len(holders) > constraint.at_most:
            limit = f"at most {constraint.at_most}"
        return f"{len(holders):,} hold {constraint.role.short} on {on}, {limit} must"
    both = " and ".join(map(_name, has))
    if isinstance(constraint, StaticSeparation):
        return f"{subject} has {both} on {on}, at most {constraint.at_most} of them may be"
    return f"{subject} has {both} on {on} without {' and '.join(map(_name, lacks))}"


def _name(thing: ResourceRole | Permission) -> str:
    return str(thing) if isinstance(thing, Permission) else str(thing.short)


def violations(access: Access, constraints: Constraints) -> Iterator[Violation]:
    """Every violation of every constraint on the directory of `access`, found as it is read.

    Some seconds on a million assignments. Raises `PolicyError` if the constraints make no
    sense under the policy of `access`.
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


def masks(table: DecisionTable, constraint: Scoped) -> dict[int, int]:
    """By the bit of each role: which of what a constraint counts comes with it."""
    found = {}
    for role in ResourceRole:
        mask = 0
        for number, each in enumerate(counted(constraint)):
            if isinstance(each, Permission):
                has = role in table.roles_with(each)
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
        self.holders = Holders(access, constraint.principals)
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

    def sources(self, scope: ResourceEntry) -> list[tuple[int, frozenset[SubjectEntry]]]:
        """What is given on a resource itself: masks, each with who has it."""
        masks = self.masks
        return [(masks[bit], who) for bit, who in self.holders.on(scope, self.wanted) if who]

    def _on(self, scopes: Iterable[ResourceEntry]) -> Sets:
        """Who has what on any of these."""
        return self._sets(source for each in scopes for source in self.kept(each))

    def _near_and_far(self, entry: ResourceEntry) -> tuple[Sets, Sets, tuple[ResourceEntry, ...]]:
        """Who has what on a resource, who on its organization, and that; the latter is kept."""
        scopes = (entry, *entry.above)
        near = [each for each in scopes if each.type is not _ORGANIZATION or each is entry]
        far = tuple(each for each in scopes if each not in near)
        return self._on(near), self.above(far), far

    def _sets(self, sources: Iterable[tuple[int, Collection[SubjectEntry]]]) -> Sets:
        """Who has each of what is counted; one source alone is not copied."""
        found: list[list[Collection[SubjectEntry]]] = [[] for _ in self.counted]
        for mask, who in sources:
            for number, sets in enumerate(found):
                if mask >> number & 1:
                    sets.append(who)
        return tuple(sets[0] if len(sets) == 1 else set().union(*sets) for sets in found)

    def _too_much(self, nodes: Iterable[ResourceEntry], at_most: int) -> Iterator[Violation]:
        """Whoever has more than `at_most`, where no container gives as much already."""
        broken: dict[ResourceEntry, set[SubjectEntry]] = {}
        for entry in nodes:
            found = self._exceeding(entry, at_most)
            for container in entry.above if found else ():
                found -= broken.get(container, set())
            if found:
                broken[entry] = found
                for who in sorted(found, key=_order):
                    yield self._witness(who, entry)

    def _exceeding(self, entry: ResourceEntry, at_most: int) -> set[SubjectEntry]:
        """Who has more than `at_most`, of those that are given something just here."""
        own = self.sources(entry)
        for container in _joined(entry):
            own = own + self.kept(container)
        if not own:
            return set()
        above = [source for each in entry.above for source in self.kept(each)]
        reach = 0
        for mask, _ in own:
            reach |= mask
        for mask, _ in above:
            reach |= mask
        if reach.bit_count() <= at_most:
            return set()
        candidates = set().union(*(who for _, who in own))
        own += [(mask, candidates.intersection(who)) for mask, who in above]  # type: ignore[misc]
        return _in_more_than(at_most, self._sets(own))

    def _witness(self, who: SubjectEntry, entry: ResourceEntry) -> Violation:
        holds = self._holds(who, entry)
        mask = 0
        for hold in holds:
            mask |= self.masks[BITS[hold.role]]
        has = tuple(each for number, each in enumerate(self.counted) if mask >> number & 1)
        return Violation(self.constraint, entry.resource, who.subject, has, holds=holds)

    def _holds(self, who: SubjectEntry, entry: ResourceEntry) -> tuple[Hold, ...]:
        """How somebody has it, as access says."""
        eligible = self.access.table.eligible
        return tuple(
            hold
            for hold in self.access.holds(who, entry)
            if BITS[hold.role] in self.masks and eligible(who.principal, hold.role)
        )

    def _too_little(self, nodes: Iterable[ResourceEntry], scopes: Scopes) -> Iterator[Violation]:
        """Whoever has the first and not all of the others, on each scope."""
        unmet = functools.lru_cache(64)(self._unmet)
        for entry in nodes:
            if entry.type is not scopes.type:
                continue
            near, far, scopes_far = self._near_and_far(entry)
            for who in sorted({*near[0], *unmet(scopes_far)}, key=_order):
                pairs = zip(self.counted, near, far, strict=True)
                lacks = [
                    each for each, here, there in pairs if who not in here and who not in there
                ]
                if lacks:
                    yield self._lacking(who, entry, lacks)

    def _unmet(self, above: tuple[ResourceEntry, ...]) -> set[SubjectEntry]:
        """Who has the first and not all of the others, on these containers."""
        first, *others = self.above(above)
        return set(first).difference(set(first).intersection(*others))

    def _lacking(
        self, who: SubjectEntry, entry: ResourceEntry, lacks: Sequence[ResourceRole | Permission]
    ) -> Violation:
        witness = self._witness(who, entry)
        roles = tuple(each for each in lacks if isinstance(each, ResourceRole))
        holds = tuple(each for each in witness.holds if self.masks[BITS[each.role]] & 1)
        return witness._replace(has=self.counted[:1], lacks=roles, holds=holds)

    def _wrong_number(
        self, nodes: Iterable[ResourceEntry], scopes: Scopes, constraint: Cardinality
    ) -> Iterator[Violation]:
        """Each scope with too few holders, and the highest with too many."""
        most = constraint.at_most
        crowded: set[ResourceEntry] = set()
        for entry in nodes:
            if entry.type is not scopes.type and most is None:
                continue
            (near,), (far,), _ = self._near_and_far(entry)
            count = len(far) + sum(who not in far for who in near)
            if most is not None and count > most:
                reported = not crowded.isdisjoint(entry.above)
                crowded.add(entry)
                if not reported:
                    yield self._number(entry, {*near, *far})
            elif entry.type is scopes.type and count < constraint.at_least:
                yield self._number(entry, {*near, *far})

    def _number(self, entry: ResourceEntry, who: Iterable[SubjectEntry]) -> Violation:
        holders = tuple(each.subject for each in sorted(who, key=_order))
        return Violation(self.constraint, entry.resource, holders=holders)


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


def _order(who: SubjectEntry) -> tuple[str, str]:
    return who.principal.short, who.id


Key = tuple[str, Subject | None]


def broken_by(before: Access, after: Access, constraints: Constraints) -> list[Violation]:
    """The violations in the directory of `after` that were none in that of `before`.

    To be asked before a change is made, with access to the directory it would lead to.
    Where only groups' members and assignments differ, it looks only at the resources they
    reach; otherwise at everything.
    """
    found = []
    for constraint in constraints.under(after.table.policy).scoped:
        reached = _Difference(before, after, constraint)
        found += reached.fresh()
    return found


class _Difference:
    """What one constraint says of two directories."""

    def __init__(self, before: Access, after: Access, constraint: Scoped) -> None:
        self.before, self.after, self.constraint = before, after, constraint
        self.old, self.new = (Scopes(each, constraint.scope) for each in (before, after))
        self.touched = touched(before, after)

    def fresh(self) -> list[Violation]:
        old = self._known(Count(self.before, self.constraint), self.old)
        new = Count(self.after, self.constraint).violations(self._nodes(self.new), self.new)
        return [each for each in new if self._is_new(each, old)]

    def _nodes(self, scopes: Scopes) -> Iterable[ResourceEntry]:
        """What is looked at: what the change reaches, and all that contains it."""
        if self.touched is None:
            return scopes.nodes
        touched = self.touched
        reached = [each for each in scopes.nodes if each in touched or _within(each, touched)]
        around = {container for each in reached for container in each.above}.difference(reached)
        return [*sorted(around, key=lambda each: len(each.above)), *reached]

    def _known(self, count: Count, scopes: Scopes) -> dict[Key, set[Resource]]:
        found: dict[Key, set[Resource]] = {}
        for each in count.violations(self._nodes(scopes), scopes):
            found.setdefault(_key(each), set()).add(each.on)
        return found

    def _is_new(self, violation: Violation, old: dict[Key, set[Resource]]) -> bool:
        """Whether any scope that it is about was kept before, or was not there."""
        where = old.get(_key(violation), set())
        about = self.after.directory.resource(violation.on)
        for scope in self.new.all if where else ():
            if scope is about or about in scope.above:
                known = self.before.directory.resource(scope.resource)
                around = (known, *known.above) if known else ()
                if where.isdisjoint(each.resource for each in around):
                    return True
        return not where


def _within(entry: ResourceEntry, touched: set[ResourceEntry]) -> bool:
    return not touched.isdisjoint(entry.above)


def _key(violation: Violation) -> Key:
    constraint = violation.constraint
    many = isinstance(constraint, Cardinality) and constraint.at_most is not None
    too_many = many and len(violation.holders) > (constraint.at_most or 0)  # type: ignore[union-attr]
    return ("many" if too_many else "", violation.subject)


def touched(before: Access, after: Access) -> set[ResourceEntry] | None:
    """The resources on which somebody is given something else; None: it may be anywhere."""
    old, new = before.directory.tables, after.directory.tables
    if old.resources != new.resources or before.table.policy != after.table.policy:
        return None
    found = {
        entry
        for entry in old.assigned.keys() | new.assigned.keys()
        if old.assigned.get(entry) is not new.assigned.get(entry)
    }
    for principal, subjects in new.subjects.items():
        others = old.subjects[principal]
        if subjects.keys() != others.keys():
            return None
        for id, who in subjects.items():
            was = others[id]
            if who is not was:
                if who.record != was.record:
                    return None
                changed = who.groups.keys() ^ was.groups.keys()
                found.update(entry for group in changed for entry in new.holds.get(group, ()))
                found.update(entry for group in changed for entry in old.holds.get(group, ()))
    return found
