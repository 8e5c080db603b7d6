"""Writes matrices as a file of policy tests.

Knows the notation, as `rbac.testing.matrices` reads it. It must not know what the matrices
are for. Nothing needs quoting: all that is written is names, and words given by this package.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rbac.notation.grammar import END
from rbac.rows import Permission, Reach
from rbac.testing.suites import Matrix
from rbac.vocabulary import Name, ResourceType

WIDTH = 96


def write(about: Iterable[str], matrices: Iterable[Matrix]) -> str:
    """A whole file; `about` are the lines of the comment at its top."""
    lines = [*(f"# {line}" for line in about), "", "tests:"]
    for number, matrix in enumerate(matrices):
        lines += [""] * (number > 0)
        lines += _test(matrix)
    return "\n".join([*lines, "", END, ""])


def _test(matrix: Matrix) -> Iterator[str]:
    roles = " and ".join(role.short for role in matrix.roles)
    principals = " and ".join(principal.short for principal in matrix.principals)
    types = " and ".join(type.short for type in matrix.types)
    many = "several types" if len(matrix.types) > 3 else types
    yield f"  - name: {principals} as {roles} on {many}"
    yield from _listed("    principals", matrix.principals)
    yield from _listed("    roles", matrix.roles)
    yield from _listed("    types", matrix.types)
    own = {each: reach for each, reach in matrix.allowed.items() if reach is Reach.OWN}
    every = {each: reach for each, reach in matrix.allowed.items() if reach is Reach.ANY}
    if every or not own:
        yield from _permissions("    allowed", every)
    if own:
        yield from _permissions("    own", own)


def _permissions(key: str, allowed: Mapping[Permission, Reach]) -> Iterator[str]:
    if not allowed:
        yield f"{key}: nothing"
        return
    yield f"{key}:"
    by_type: dict[ResourceType, list[Name]] = {}
    for permission in allowed:
        by_type.setdefault(permission.type, []).append(permission.action)
    for type, actions in by_type.items():
        yield from _listed(f"      {type.short}", actions)


def _listed(key: str, names: Iterable[Name]) -> Iterator[str]:
    """A list of names, on as few lines as they fit on."""
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    line = f"{key}: ["
    for number, name in enumerate(names):
        word = f"{', ' if number else ''}{name.short}"
        if len(line) + len(word) > WIDTH:
            yield f"{line},"
            line, word = indent, name.short
        line += word
    yield f"{line}]"
