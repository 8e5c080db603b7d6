"""Constraints: separation of duty, cardinality and prerequisites, found to make sense.

Knows how constraints come to be, from a file or from values, and how they are found by
kind. It must not know what a directory holds: whether one keeps them is asked elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from rbac.compiled import compiled
from rbac.constraint_files import read
from rbac.constraint_rows import Constraint, DynamicSeparation, Scoped
from rbac.constraint_rules import Rules
from rbac.errors import PolicyError, UnknownName
from rbac.light import TYPE_CHECKING
from rbac.policy import PathLike, Policy
from rbac.terms import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self


class Constraints(Frozen):
    """Constraints that make sense under `policy` (default: the shipped one), by name.

    Raises `PolicyError` with every one that can never be broken, can never be met, or
    contradicts another.
    """

    __slots__ = ("all", "policy")

    all: tuple[Constraint, ...]
    policy: Policy

    def __init__(self, constraints: Iterable[Constraint], policy: Policy | None = None) -> None:
        given = tuple(constraints)
        by = Policy.shipped() if policy is None else policy
        problems = Rules(compiled(by), given).problems()
        if problems:
            raise PolicyError(problems)
        object.__setattr__(self, "all", given)
        object.__setattr__(self, "policy", by)

    @classmethod
    def load(cls, path: PathLike, policy: Policy | None = None) -> Self:
        """The constraints that the file `path` says, read strictly.

        Raises `PolicyError` with everything that is wrong with it, by file and line.
        """
        found, problems = read(os.fspath(path))
        if problems:
            raise PolicyError(problems)
        return cls(found, policy)

    def under(self, policy: Policy) -> Constraints:
        """The same constraints under `policy`; raises `PolicyError` if they make no sense there."""
        if policy is self.policy or policy.digest == self.policy.digest:
            return self
        return Constraints(self.all, policy)

    @property
    def scoped(self) -> tuple[Scoped, ...]:
        """Those on a directory."""
        return tuple(each for each in self.all if not isinstance(each, DynamicSeparation))

    @property
    def dynamic(self) -> tuple[DynamicSeparation, ...]:
        """Those on a session."""
        return tuple(each for each in self.all if isinstance(each, DynamicSeparation))

    def named(self, name: str) -> Constraint:
        """The constraint of that name; raises `UnknownName` without one."""
        for each in self.all:
            if each.name == name:
                return each
        raise UnknownName("constraint", name, [each.name for each in self.all])

    def __iter__(self) -> Iterator[Constraint]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Constraints):
            return NotImplemented
        return (self.all, self.policy) == (other.all, other.policy)

    def __hash__(self) -> int:
        return hash(self.all)

    def __repr__(self) -> str:
        return f"<Constraints {', '.join(each.name for each in self.all)}>"
