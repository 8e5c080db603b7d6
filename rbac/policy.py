"""The policy: its rows, immutable, found valid, with a digest of what they mean.

Knows how a policy comes to be (from a folder, from rows, as shipped) and what it means,
canonically. It must not know how a question is answered: no decisions are made here.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator

from rbac.errors import PolicyError, Problem
from rbac.hierarchy import paths, successors
from rbac.light import TYPE_CHECKING, overload
from rbac.notation.reader import read as read_folder
from rbac.rows import Reach, Rows, statements
from rbac.terms import Frozen
from rbac.validation import Finding, findings, sound
from rbac.vocabulary import Action, ResourceRole, ResourceType

if TYPE_CHECKING:
    from typing import Literal

    from rbac.notation.adapter import Adapter

PathLike = str | os.PathLike[str]


class Policy(Frozen):
    """Catalogue, roles, grants, seniority, eligibility, containment, derived roles, requirements.

    Built from rows, which are validated (milliseconds for a thousand rows); raises
    `PolicyError` with every problem. Two policies are equal when they say the same, row
    by row, wherever the rows stand; they share a digest when they mean the same.
    """

    __slots__ = ("_digest", "rows")

    rows: Rows
    _digest: str | None

    def __init__(self, rows: Rows) -> None:
        problems = _problems(findings(rows), folder="")
        if problems:
            raise PolicyError(problems)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "_digest", None)

    @classmethod
    def load(cls, path: PathLike) -> Policy:
        """The policy in the folder `path`, read strictly; about 10 ms for the shipped one.

        Raises `PolicyError` with every problem of every file; nothing loads in part.
        """
        return read(path)

    @classmethod
    @functools.cache
    def shipped(cls) -> Policy:
        """The policy that comes with this library, read once."""
        return read(shipped_folder())

    @classmethod
    def from_casbin(cls, adapter: Adapter, *, base: Policy) -> Policy:
        """The policy whose ``p``, ``g``, ``g2`` and ``g3`` rows any Casbin adapter holds.

        Everything else (roles, catalogue, derived roles, requirements) is that of `base`.
        Raises `PolicyError` with every rule that cannot be read or breaks a rule of policies.
        """
        from rbac.notation.adapter import read as read_adapter  # deciding never needs it

        return cls(read_adapter(adapter, base.rows))

    def write(self, path: PathLike) -> None:
        """Writes the policy folder `path` in canonical order, whole or not at all.

        Reading it gives an equal policy. Raises `FileExistsError` unless `path` is free
        or an empty folder.
        """
        from rbac.notation.writer import write  # deciding never needs it

        write(self.rows, os.fspath(path))

    @property
    def digest(self) -> str:
        """``sha256:`` and the digest of what the policy means, not of how it is spelled.

        It covers every cell, eligibility, seniority, containment, derived roles,
        requirements, levels and who may assign which role. Worked out once, in
        milliseconds; notes, rationales, places and API methods are not part of it.
        """
        if self._digest is None:
            import hashlib  # only whoever reads the digest pays for it

            text = "\n".join(meaning(self.rows))
            digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
            object.__setattr__(self, "_digest", digest)
        return self._digest or ""

    def __eq__(self, other: object) -> bool:
        if type(other) is not Policy:
            return NotImplemented
        return self.rows is other.rows or statements(self.rows) == statements(other.rows)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"<Policy {len(self.rows.grants)} grants, {self.digest[:19]}>"


@overload
def read(path: PathLike, *, strict: Literal[True] = True) -> Policy: ...
@overload
def read(path: PathLike, *, strict: Literal[False]) -> tuple[Rows, tuple[Problem, ...]]: ...
def read(path: PathLike, *, strict: bool = True) -> Policy | tuple[Rows, tuple[Problem, ...]]:
    """Reads the policy folder `path`.

    Strictly, it is a whole policy or `PolicyError`. With ``strict=False``, for audits
    only, it is the rows that are sound, which no evaluator takes, and every problem.
    """
    folder = os.fspath(path)
    rows, problems = read_folder(folder)
    incomplete = {_table(os.path.relpath(problem.file, folder)) for problem in problems}
    if os.curdir not in incomplete:  # else the folder itself is the one problem
        problems += _problems(findings(rows, incomplete), folder)
    if strict:
        if problems:
            raise PolicyError(problems)
        return unvalidated(rows)
    return sound(rows), tuple(sorted(set(problems)))


def _table(file: str) -> str:
    """The table of `Rows` that the rows of `file` are part of."""
    return "grants" if file.startswith("grants") else file.removesuffix(".csv")


def unvalidated(rows: Rows) -> Policy:
    """A policy of rows that nobody validates here: just read and found valid, or supposed.

    An audit supposes rows, a row more or fewer, to see what that would decide. Nobody
    else may.
    """
    policy = object.__new__(Policy)
    object.__setattr__(policy, "rows", rows)
    object.__setattr__(policy, "_digest", None)
    return policy


def _problems(found: Iterable[Finding], folder: str) -> list[Problem]:
    return [
        Problem(os.path.join(folder, place.file), place.line, min(place.line, 1), message)
        for place, message, _ in found
    ]


def shipped_folder() -> str:
    """The folder of the shipped policy: inside an installed package, beside it in a checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, "policies")
    checkout = os.path.dirname(package)
    if not os.path.isdir(inside) and os.path.isfile(os.path.join(checkout, "pyproject.toml")):
        return os.path.join(checkout, "policies")
    return inside


def meaning(rows: Rows) -> Iterator[str]:
    """What valid rows mean, one statement a line, sorted: the text behind the digest."""
    juniors = successors((row.senior, row.junior) for row in rows.seniority)
    reaches = {role: _reaches(rows, paths(juniors, role)) for role in ResourceRole}
    lines = {
        f"cell {role.short} {kind.short} {action.short} {reach.short}"
        for role, cells in reaches.items()
        for (kind, action), reach in cells.items()
    }
    lines |= {
        f"senior {role.short} {junior.short}" for role in juniors for junior in paths(juniors, role)
    }
    lines |= {f"eligible {row.principal.short} {row.role.short}" for row in rows.eligibility}
    lines |= {f"within {row.child.short} {row.parent.short}" for row in rows.containment}
    lines |= {
        f"derived {row.relation.short} {row.type.short} {row.role.short}"
        for row in rows.derived_roles
    }
    lines |= {
        f"requires {row.type.short} {row.action.short} {row.text}" for row in rows.requirements
    }
    lines |= {
        f"level {row.type.short} {row.action.short} {row.level.short}" for row in rows.catalogue
    }
    for row in rows.roles:
        on = row.assigned_on.short if row.assigned_on else "-"
        lines.add(f"role {row.role.short} {on} {row.assignable}")
    return iter(sorted(lines))


def _reaches(rows: Rows, holds: Iterable[ResourceRole]) -> dict[tuple[ResourceType, Action], Reach]:
    """What holding `holds` permits, each permission with its widest reach."""
    held = set(holds)
    found: dict[tuple[ResourceType, Action], Reach] = {}
    for grant in rows.grants:
        if grant.role in held and found.get((grant.type, grant.action)) is not Reach.ANY:
            found[grant.type, grant.action] = grant.reach
    return found
