"""The smallest additional tests that leave no mutant alive.

Knows which cells each survivor changes, and searches for the fewest squares that have one
of each. It must not know how tests are run.

A *square* is what one principal in one role may do to one type: the least that a matrix can
assert, every action, on own resources and on others. Fewest is meant of squares: of those
that a smallest addition asserts, none can be left out, and no other choice has fewer. A
square kills mutants of its type alone, so the search goes type by type. It is exact for
small sets; for large ones squares are taken greedily, and `Addition.least` says how few
might have done at best: mutants of which no square kills two need a square each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.audit.cells import Cells
from rbac.light import NamedTuple
from rbac.rows import Permission, Reach
from rbac.testing.mutants import Mutant, Mutation
from rbac.testing.suites import Matrix
from rbac.vocabulary import Principal, ResourceRole, ResourceType

MOST_STEPS = 20_000
"""How many steps the exact search may take for a type before it is given up."""


class Square(NamedTuple):
    """What a principal in a role may do to a type."""

    principal: Principal
    role: ResourceRole
    type: ResourceType


class Addition(NamedTuple):
    """Squares that together kill every survivor, and the proven least number that could."""

    squares: tuple[Square, ...]
    least: int

    @property
    def minimal(self) -> bool:
        """Whether no fewer squares would do."""
        return len(self.squares) == self.least


Need = frozenset[Square]
"""The squares that kill one mutant: it takes one of them."""


def addition(mutation: Mutation, survivors: Iterable[Mutant]) -> Addition:
    """The fewest squares that kill `survivors`; a second or so for all mutants of a policy."""
    by_type: dict[ResourceType, set[Need]] = {}
    for mutant in survivors:
        need = killing(mutation.changed(mutant), mutant.grant.type)
        by_type.setdefault(mutant.grant.type, set()).add(need)
    squares: list[Square] = []
    least = 0
    for needs in by_type.values():
        found, bound = fewest(needs)
        squares += found
        least += bound
    return Addition(tuple(sorted(squares, key=_order)), least)


def killing(changed: Cells, type: ResourceType) -> Need:
    """The squares that have one of the cells that a mutant on `type` changes."""
    return frozenset(Square(line.principal, line.role, type) for line in changed.masks)


def fewest(needs: set[Need]) -> tuple[list[Square], int]:
    """Few squares of which each need has one, and how few there could be at least."""
    left = {need for need in needs if not any(other < need for other in needs)}
    forced = {square for need in left if len(need) == 1 for square in need}
    left = {need for need in left if not need & forced}
    useful = _useful(left)
    left = {need & useful for need in left}
    left = {need for need in left if not any(other < need for other in left)}
    found = _Search(left).run()
    if found is None:
        chosen = _greedily(left)
        return [*forced, *chosen], len(forced) + _apart(left)
    return [*forced, *found], len(forced) + len(found)


def _useful(needs: set[Need]) -> frozenset[Square]:
    """The squares that no other one makes needless, by being in all of the same needs."""
    places: dict[Square, frozenset[Need]] = {}
    for square in {square for need in needs for square in need}:
        places[square] = frozenset(need for need in needs if square in need)
    kept: dict[frozenset[Need], Square] = {}
    for square in sorted(places, key=_order):
        kept.setdefault(places[square], square)
    return frozenset(
        square for inside, square in kept.items() if not any(inside < other for other in kept)
    )


class _Search:
    """The fewest squares of which each need has one, by branch and bound."""

    def __init__(self, needs: set[Need]) -> None:
        self.needs = sorted(needs, key=lambda need: (len(need), sorted(map(_order, need))))
        self.best: list[Square] | None = None
        self.steps = 0

    def run(self) -> list[Square] | None:
        """A smallest choice; None if finding it took too long."""
        self._extend([], self.needs)
        return None if self.steps > MOST_STEPS else self.best

    def _extend(self, chosen: list[Square], left: list[Need]) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            return
        if self.best is not None and len(chosen) + _apart(left) >= len(self.best):
            return
        if not left:
            self.best = list(chosen)
            return
        for square in sorted(left[0], key=_order):
            self._extend([*chosen, square], [need for need in left if square not in need])


def _greedily(needs: set[Need]) -> list[Square]:
    """A square for each need, each the one that the most needs have that are left."""
    found: list[Square] = []
    left = set(needs)
    while left:
        counts: dict[Square, int] = {}
        for square in sorted((square for need in left for square in need), key=_order):
            counts[square] = counts.get(square, 0) + 1
        best = max(counts, key=counts.__getitem__)
        found.append(best)
        left = {need for need in left if best not in need}
    return found


def _apart(needs: Iterable[Need]) -> int:
    """How many needs there are, at least, of which no square is in two."""
    taken: set[Square] = set()
    number = 0
    for need in sorted(needs, key=len):
        if not need & taken:
            taken |= need
            number += 1
    return number


_PLACES = [
    {name: number for number, name in enumerate(kind)}
    for kind in (Principal, ResourceRole, ResourceType)
]


def _order(square: Square) -> tuple[int, ...]:
    """By role, type and principal, as the specification has them."""
    principal, role, type = (places[name] for places, name in zip(_PLACES, square, strict=True))
    return role, type, principal


Expectation = tuple[tuple[ResourceType, ...], tuple[tuple[Permission, Reach], ...]]
"""Types, and what is allowed on them."""


def matrices(mutation: Mutation, squares: Iterable[Square]) -> Iterator[Matrix]:
    """The squares as few matrices, each expecting what the policy decides now."""
    types: dict[tuple[Principal, ResourceRole], list[ResourceType]] = {}
    for principal, role, type in squares:
        types.setdefault((principal, role), []).append(type)
    alike: dict[Expectation, dict[Principal, tuple[ResourceRole, ...]]] = {}
    for (principal, role), on in types.items():
        allowed = tuple(_allowed(mutation, role, on).items())
        theirs = alike.setdefault((tuple(on), allowed), {})
        theirs[principal] = (*theirs.get(principal, ()), role)
    for (found, expected), held in alike.items():
        for roles in dict.fromkeys(held.values()):
            principals = tuple(each for each, theirs in held.items() if theirs == roles)
            yield Matrix(principals, roles, found, dict(expected), {})


def _allowed(
    mutation: Mutation, role: ResourceRole, types: Iterable[ResourceType]
) -> dict[Permission, Reach]:
    """What `role` permits on `types`, in the order of the catalogue."""
    found: dict[Permission, Reach] = {}
    for type in types:
        for action in mutation.table.actions_on(type):
            reach = mutation.table.reach(role, Permission(action, type))
            if reach is not None:
                found[Permission(action, type)] = reach
    return found
