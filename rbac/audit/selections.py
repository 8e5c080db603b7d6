"""Selections: what a statement is about, as sets of names that are spelled as patterns.

Knows how patterns name members of the enums, and which cells or rows a selection holds. It
must not know what a statement says of them.

A list of patterns means every name that one of them matches and none with a ``!`` before
it does; with nothing but ``!`` it starts from all names. ``*`` stands for any letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rbac.audit.cells import Cells, Numbering
from rbac.errors import meant, nearest, quoted
from rbac.light import NamedTuple
from rbac.rows import Level, Permission, Relation
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Name, Principal, ResourceRole, ResourceType, short_names

Names = Mapping[str, frozenset[object]]
"""A selection: for each of its keys the names it allows; a key that is not there allows all."""

KINDS: dict[str, type[Name]] = {
    "principals": Principal,
    "roles": ResourceRole,
    "types": ResourceType,
    "actions": Action,
    "levels": Level,
    "relations": Relation,
    "children": ResourceType,
    "parents": ResourceType,
    "held_on": ResourceType,
}
"""What each key of a selection names."""

SUBJECTS: dict[str, tuple[str, ...]] = {
    "cells": (
        *("principals", "roles", "assignable", "held_on"),
        *("types", "actions", "levels", "permissions", "own"),
    ),
    "containment": ("children", "parents"),
    "derived_roles": ("relations", "types", "roles"),
    "eligibility": ("principals", "roles"),
    "assignability": ("roles", "held_on"),
}
"""What a statement may be about, and the keys that select from it."""


def matching(patterns: Sequence[str], known: Iterable[str], noun: str) -> list[str]:
    """The names of `known` that `patterns` mean, in their order.

    Raises `ValueError` for a pattern that matches nothing, and for a selection of nothing.
    """
    names = list(known)
    chosen: set[str] = set()
    refused: set[str] = set()
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        hits = {name for name in names if _matches(bare, name)}
        if not hits:
            raise ValueError(f"no {noun} is {quoted(bare)}{meant(nearest(bare, names))}")
        if pattern.startswith("!"):
            refused |= hits
        else:
            chosen |= hits
    if all(pattern.startswith("!") for pattern in patterns):
        chosen = set(names)
    found = [name for name in names if name in chosen - refused]
    if not found:
        raise ValueError(f"selects no {noun}; an empty set says nothing")
    return found


def _matches(pattern: str, name: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None


def names_of(kind: type[Name], patterns: Sequence[str]) -> frozenset[object]:
    """The members of `kind` that `patterns` mean; raises as `matching` does."""
    known = {text: name for text, name in short_names(kind).items() if text != "unspecified"}
    return frozenset(known[text] for text in matching(patterns, known, kind.noun))


def permissions_of(table: DecisionTable, patterns: Sequence[str]) -> frozenset[Permission]:
    """The permissions that patterns such as ``*secret get_value`` mean; raises likewise."""
    known = {
        f"{row.type.short} {row.action.short}": Permission(row.action, row.type)
        for row in table.policy.rows.catalogue
    }
    return frozenset(known[text] for text in matching(patterns, known, "permission"))


class Box(NamedTuple):
    """The cells that a selection holds: every line of these names, with all of the mask."""

    principals: frozenset[Principal]
    roles: frozenset[ResourceRole]
    owns: frozenset[bool]
    mask: int

    @property
    def size(self) -> int:
        """How many cells it holds."""
        lines = len(self.principals) * len(self.roles) * len(self.owns)
        return lines * self.mask.bit_count()

    def both(self, other: Box) -> Box:
        """The cells that are in this and in the other."""
        return Box(
            self.principals & other.principals,
            self.roles & other.roles,
            self.owns & other.owns,
            self.mask & other.mask,
        )

    def of(self, cells: Cells) -> Cells:
        """Those of `cells` that it holds."""
        principals, roles, owns, mask = self
        masks = {
            line: bits & mask
            for line, bits in cells.masks.items()
            if line.role in roles and line.principal in principals and line.own in owns
        }
        return Cells(cells.numbering, masks)


def box(table: DecisionTable, numbering: Numbering, names: Names) -> Box:
    """The cells of the policy that a selection holds, allowed or not."""
    roles = {
        row.role
        for row in table.policy.rows.roles
        if row.role in names.get("roles", (row.role,))
        and row.assignable in names.get("assignable", (row.assignable,))
        and row.assigned_on in names.get("held_on", (row.assigned_on,))
    }
    permissions = [
        (row.action, row.type)
        for row in table.policy.rows.catalogue
        if row.type in names.get("types", (row.type,))
        and row.action in names.get("actions", (row.action,))
        and row.level in names.get("levels", (row.level,))
        and (row.action, row.type) in names.get("permissions", ((row.action, row.type),))
    ]
    principals = names.get("principals", frozenset(Principal)) - {Principal.UNSPECIFIED}
    return Box(
        frozenset(each for each in Principal if each in principals),
        frozenset(roles),
        frozenset(own for own in (False, True) if own in names.get("own", (False, True))),
        numbering.mask(permissions),
    )
