"""Drift: what a newer list of names has that ours has not, and what that leaves undecided.

Knows which cells a new name brings, and which rows use a name that vanished. It must not
decide any of them: what a new role may do is written by people.

A new role brings a cell for each principal and each permission, on any resource and on an
own one; a new principal, a cell for each role. A new type brings none until the catalogue
says what can be done to it; then each action brings one for each principal and role, twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from rbac.audit.vocabularies import KINDS, Vocabulary, ours
from rbac.light import NamedTuple
from rbac.notation.writer import line_of
from rbac.policy import Policy
from rbac.rows import Permission, Place, Row, Rows
from rbac.vocabulary import Name

Names = Mapping[str, tuple[str, ...]]
"""Names by the kind they are of, as `KINDS` has them."""

OWNS = (False, True)


class Undecided(NamedTuple):
    """Cells that need a decision: every combination, on any resource and on an own one."""

    principals: tuple[str, ...]
    roles: tuple[str, ...]
    permissions: tuple[Permission, ...]

    @property
    def size(self) -> int:
        """How many cells it has."""
        return len(self.principals) * len(self.roles) * len(self.permissions) * len(OWNS)

    def cells(self) -> Iterator[tuple[str, str, Permission, bool]]:
        """Each of its cells: principal, role, permission, own."""
        return itertools.product(self.principals, self.roles, self.permissions, OWNS)

    def as_dict(self) -> dict[str, object]:
        """Its names, and how many cells it has."""
        by_type: dict[str, list[str]] = {}
        for action, type in self.permissions:
            by_type.setdefault(type.short, []).append(action.short)
        return {
            "principals": list(self.principals),
            "roles": list(self.roles),
            "permissions": by_type,
            "own": list(OWNS),
            "cells": self.size,
        }


class Use(NamedTuple):
    """A row of the policy that uses a name that vanished."""

    kind: str
    name: str
    row: Row

    @property
    def place(self) -> Place:
        """Where the row stands."""
        return self.row.place

    @property
    def text(self) -> str:
        """The row as its file has it."""
        return line_of(self.row)


class Drift(NamedTuple):
    """What differs between our names and others; true if anything does.

    `undecided` has every cell that now needs a decision, each in one block. `uses` has
    every row of the policy that uses a name that vanished: errors, once ours vanish too.
    `cells_an_action` is how many each action of a new type will bring.
    """

    theirs: Vocabulary
    appeared: Names
    vanished: Names
    undecided: tuple[Undecided, ...]
    uses: tuple[Use, ...]
    cells_an_action: int

    def __bool__(self) -> bool:
        return any((*self.appeared.values(), *self.vanished.values()))

    @property
    def cells(self) -> int:
        """How many cells need a decision."""
        return sum(block.size for block in self.undecided)


def drift(policy: Policy, theirs: Vocabulary) -> Drift:
    """What `theirs` has and ours has not, and what that leaves undecided in `policy`."""
    mine = ours()
    appeared = _beyond(theirs, mine)
    vanished = _beyond(mine, theirs)
    return Drift(
        theirs,
        appeared,
        vanished,
        tuple(_undecided(policy.rows, theirs, appeared)),
        tuple(_uses(policy.rows, vanished)),
        len(theirs.principals) * len(theirs.roles) * len(OWNS),
    )


def _beyond(some: Vocabulary, others: Vocabulary) -> Names:
    return {
        kind: tuple(name for name in getattr(some, kind) if name not in getattr(others, kind))
        for kind in KINDS
    }


def _undecided(rows: Rows, theirs: Vocabulary, appeared: Names) -> Iterator[Undecided]:
    """A block for each new role with every principal, and for each new principal with the rest."""
    permissions = tuple(
        Permission(row.action, row.type)
        for row in rows.catalogue
        if row.type.short in theirs.resource_types
    )
    known = tuple(role for role in theirs.roles if role not in appeared["roles"])
    for role in appeared["roles"]:
        yield Undecided(theirs.principals, (role,), permissions)
    for principal in appeared["principals"]:
        yield Undecided((principal,), known, permissions)


def _uses(rows: Rows, vanished: Names) -> Iterator[Use]:
    for kind, names in KINDS.items():
        for name in vanished[kind]:
            for table in rows:
                for row in table:
                    if any(each is names[name.upper()] for each in _names(row)):
                        yield Use(kind, name, row)


def _names(values: Iterable[object]) -> Iterator[Name]:
    """Every name that a row has, in a permission that it needs as well."""
    for value in values:
        if isinstance(value, Name):
            yield value
        elif isinstance(value, Permission):
            yield from value
