"""The errors of the library, and how a message names what somebody wrote.

Knows how a problem is placed, sorted and worded. It must not know what any of the names
in a message means.

    RbacError
    ├── PolicyError          a policy that cannot be loaded: every problem, file and line
    ├── DirectoryError       a directory that cannot be loaded: likewise
    ├── RequestError         a question that cannot be asked
    │   ├── UnknownName      a name that is in no list, with the nearest ones
    │   └── DirectoryRequired  a question about somebody, with nothing to say who holds what
    ├── AccessDenied         a required decision that denies; in `rbac.decision`
    └── EnforcerError        Casbin cannot be trusted in this environment

A value of the wrong Python type raises the built-in `TypeError`.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.light import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong in one place; problems sort by file, line and column.

    `line` and `column` count from 1; 0 where the whole file is meant.
    """

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return printable(f"{place}: {self.message}")


class RbacError(Exception):
    """Everything this library raises on purpose."""


class _Refused(RbacError):
    """Something was refused as a whole; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PolicyError(_Refused):
    """A policy was refused as a whole; `problems` says everything that is wrong with it."""


class DirectoryError(_Refused):
    """A directory was refused as a whole; `problems` says everything that is wrong with it."""


class RequestError(RbacError):
    """A question that has no answer because it cannot be asked."""


class UnknownName(RequestError):
    """A name that is in no list; `kind` says which list, `nearest` what may have been meant."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.nearest = nearest(name, known)
        super().__init__(f"unknown {kind} {quoted(name)}{meant(self.nearest)}")


class DirectoryRequired(RequestError):
    """A question about somebody needs a directory: a caller's word for a role is not taken."""


class EnforcerError(RbacError):
    """The `casbin` package of this environment cannot be trusted to be what it says."""


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three of the `known` names that look like `name`, the likeliest first."""
    import difflib  # only a mistake pays for it

    if len(name) > 100:
        return ()
    return tuple(difflib.get_close_matches(name.lower(), list(known), n=3, cutoff=0.6))


def meant(names: tuple[str, ...]) -> str:
    """The end of a message that offers `names`; empty without any."""
    if not names:
        return ""
    return f"; did you mean {' or '.join(quoted(name) for name in names)}?"


def quoted(text: str) -> str:
    """`text` as a message shows it: in quotes, shortened, without a control character."""
    shown = text if len(text) <= 80 else f"{text[:77]}..."
    return f'"{printable(shown)}"'


def printable(text: str) -> str:
    """`text` on one line, with all that a terminal would not simply show written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
