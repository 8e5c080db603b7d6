"""Facts besides cells that a statement may be about: one for each row of some tables.

Knows which rows of a policy say containment, derived roles, eligibility and assignability,
and in which names. It must not know what is said of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rbac.audit.selections import KINDS, SUBJECTS, Names
from rbac.hierarchy import paths, successors
from rbac.light import NamedTuple
from rbac.rows import NOWHERE, Place, Rows
from rbac.vocabulary import Name


class Fact(NamedTuple):
    """One thing a policy says, by the keys that select it, and the row that says it."""

    names: Mapping[str, Name | None]
    place: Place

    def within(self, names: Names) -> bool:
        """Whether a selection holds it."""
        return all(name in names.get(key, (name,)) for key, name in self.names.items())

    def __str__(self) -> str:
        words = (name.short if name else "-" for name in self.names.values())
        return ", ".join(words)


def facts(rows: Rows, about: str) -> Iterator[Fact]:
    """Every fact of the kind `about`, one of `SUBJECTS` but ``cells``."""
    for names, place in _READERS[about](rows):
        yield Fact(dict(zip(SUBJECTS[about], names, strict=True)), place)


def possible(about: str, names: Names) -> int:
    """How many facts of the kind `about` a selection could hold: all that is ruled on."""
    count = 1
    for key in SUBJECTS[about]:
        kind = KINDS[key]
        named = [each for each in kind if each.name != "UNSPECIFIED"]
        count *= len(names.get(key, frozenset(named)))
    return count


Read = tuple[tuple[Name | None, ...], Place]


def _containment(rows: Rows) -> Iterator[Read]:
    """Containment as it works: a type lies within what its container lies within."""
    parents = successors((row.child, row.parent) for row in rows.containment)
    places = {(row.child, row.parent): row.place for row in rows.containment}
    for child in parents:
        for parent, path in paths(parents, child).items():
            if parent is not child:
                yield (child, parent), places.get((child, path[1]), NOWHERE)


def _derived_roles(rows: Rows) -> Iterator[Read]:
    return (((row.relation, row.type, row.role), row.place) for row in rows.derived_roles)


def _eligibility(rows: Rows) -> Iterator[Read]:
    return (((row.principal, row.role), row.place) for row in rows.eligibility)


def _assignability(rows: Rows) -> Iterator[Read]:
    return (((row.role, row.assigned_on), row.place) for row in rows.roles if row.assignable)


_READERS: dict[str, Callable[[Rows], Iterator[Read]]] = {
    "containment": _containment,
    "derived_roles": _derived_roles,
    "eligibility": _eligibility,
    "assignability": _assignability,
}
