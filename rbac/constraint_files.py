"""Reads ``constraints.toml``, strictly: every constraint, and everything that is wrong.

Knows the notation, with the line of every key. It must not know a policy, nor what
constraints mean together.

TOML is parsed by the standard library, which does not say where a value stands; so a
constraint is written in the one form whose lines are plain to see: a ``[[constraint]]``
header, then a key at the start of each line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rbac.constraint_rows import (
    Cardinality,
    Constraint,
    DynamicSeparation,
    Prerequisite,
    StaticSeparation,
)
from rbac.errors import Problem, RbacError, meant, nearest, quoted
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.notation.grammar import END, INVISIBLE
from rbac.rows import Permission, Place
from rbac.vocabulary import Action, Name, Principal, ResourceRole, ResourceType

if TYPE_CHECKING:
    from typing import TypeVar

    _N = TypeVar("_N", bound=Name)

_HEADER = re.compile(r"\s*\[\[\s*constraint\s*\]\]\s*(#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_SPOT = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class _Wrong(RbacError):
    """A value that means nothing; `item` is the text that is wrong within a list."""

    def __init__(self, message: str, item: str | None = None) -> None:
        super().__init__(message)
        self.item = item


def read(file: str) -> tuple[tuple[Constraint, ...], list[Problem]]:
    """The constraints of `file` that can be read, and everything that is wrong with it.

    Never raises for what it finds: a file that is missing is one more problem.
    """
    try:
        with open(file, "rb") as stream:
            text = stream.read().decode()
    except OSError as error:
        return (), [Problem(file, 0, 0, f"no constraints can be read here: {error.strerror}")]
    except UnicodeDecodeError:
        return (), [Problem(file, 0, 0, "not UTF-8")]
    return _Reader(file, text.replace("\r\n", "\n")).constraints()


class _Table(NamedTuple):
    """One constraint as TOML has it, with the line of its header and of each of its keys."""

    values: dict[str, object]
    line: int
    lines: dict[str, int]


class _Reader:
    """Reads one text and collects what is wrong with it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.lines = text.split("\n")
        self.problems: list[Problem] = []

    def problem(self, line: int, message: str, column: int = 0) -> None:
        self.problems.append(Problem(self.file, line, column, message))

    def constraints(self) -> tuple[tuple[Constraint, ...], list[Problem]]:
        if not self.text.endswith(f"\n{END}\n"):
            last = self.text.count("\n") + 1
            self.problem(last, f"the file is cut: its last line is not {quoted(END)}")
        elif self._plain():
            made = [self._constraint(table) for table in self._tables()]
            found = tuple(each for each in made if each is not None)
            return found, self.problems
        return (), self.problems

    def _plain(self) -> bool:
        """Whether nothing is in the text that a reader would not see or could not place."""
        for number, line in enumerate(self.lines, 1):
            if not line.isprintable() or not INVISIBLE.isdisjoint(line):
                self.problem(number, "a control or invisible character")
            elif '"""' in line or "'''" in line:
                self.problem(number, "a text over several lines; write it on one")
        return not self.problems

    def _tables(self) -> Iterator[_Table]:
        import tomllib  # only constraints are written in TOML

        try:
            document = tomllib.loads(self.text)
        except (ValueError, RecursionError) as error:
            spot = _SPOT.search(str(error))
            line, column = (int(spot[1]), int(spot[2])) if spot else (0, 0)
            self.problem(line, f"not TOML: {_SPOT.sub('', str(error)).lower()}", column)
            return
        for key in document.keys() - {"constraint"}:
            message = f"unknown key {quoted(key)}; every constraint is a [[constraint]] table"
            self.problem(self._line_of(key), message)
        if self.problems:
            return
        tables = document.get("constraint", [])
        heads = [number for number, line in enumerate(self.lines, 1) if _HEADER.fullmatch(line)]
        if not isinstance(tables, list) or len(heads) != len(tables):
            message = "write each constraint below a [[constraint]] line of its own"
            self.problem(self._line_of("constraint"), message)
        elif not tables:
            self.problem(0, "no constraint; an empty file is refused")
        else:
            for values, head, end in zip(tables, heads, [*heads[1:], len(self.lines)], strict=True):
                yield _Table(values, head, self._keys(head, end))

    def _line_of(self, key: str) -> int:
        for number, line in enumerate(self.lines, 1):
            if re.match(rf"\s*\[*\s*[\"']?{re.escape(key)}\b", line):
                return number
        return 0

    def _keys(self, head: int, end: int) -> dict[str, int]:
        """The line of each key between two lines; the first if a list holds its like."""
        found: dict[str, int] = {}
        for number in range(head + 1, end + 1):
            key = _KEY.match(self.lines[number - 1])
            if key:
                found.setdefault(key[1], number)
        return found

    def _constraint(self, table: _Table) -> Constraint | None:
        """The constraint of one table, unless anything is wrong with it."""
        before = len(self.problems)
        kind = table.values.get("kind")
        if not isinstance(kind, str) or kind not in _KINDS:
            said = "kind is missing" if kind is None else f"unknown kind {quoted(str(kind))}"
            names = ", ".join(map(quoted, _KINDS))
            self.problem(table.lines.get("kind", table.line), f"{said}; write one of {names}")
            return None
        make, needed, further = _KINDS[kind]
        for key in table.values.keys() - {"kind", *needed, *further}:
            message = f"unknown key {quoted(key)}{meant(nearest(key, {*needed, *further}))}"
            self.problem(table.lines.get(key, table.line), f"a {kind} constraint: {message}")
        for key in needed:
            if key not in table.values:
                self.problem(table.line, f"a {kind} constraint needs the key {quoted(key)}")
        known = {key: value for key, value in table.values.items() if key in (*needed, *further)}
        values = {key: self._value(table, key, value) for key, value in known.items()}
        if len(self.problems) > before:
            return None
        try:
            return make(values, Place(self.file, table.line))
        except _Wrong as error:
            self.problem(table.lines.get(str(error.item), table.line), str(error))
            return None

    def _value(self, table: _Table, key: str, value: object) -> object:
        try:
            return _VALUES[key](key, value)
        except RbacError as error:
            line = table.lines.get(key, table.line)
            item = getattr(error, "item", None)
            self.problem(self._line_of_item(line, item) if item else line, str(error))
            return None

    def _line_of_item(self, line: int, item: str) -> int:
        """The line of an item of a list that begins on `line`."""
        for number in range(line, len(self.lines) + 1):
            if re.search(rf"[\"']{re.escape(item)}[\"']", self.lines[number - 1]):
                return number
        return line


Value = Callable[[str, object], object]


def _word(key: str, value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _Wrong(f"{key} must be a text of lower-case letters, digits and _")
    return value


def _sentence(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong(f"{key} must be a text that says why")
    return value


def _count(key: str, value: object) -> int:
    if type(value) is not int or value < 0:
        raise _Wrong(f"{key} must be a whole number, not below 0")
    return value


def _choice(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"{key} must be true or false")
    return value


def _name(names: type[_N], noun: str, text: object) -> _N:
    if not isinstance(text, str):
        raise _Wrong(f"a {noun} is written as a text")
    known = {each.short: each for each in names if each.name != "UNSPECIFIED"}
    if text not in known:
        raise _Wrong(f"unknown {noun} {quoted(text)}{meant(nearest(text, known))}", text)
    return known[text]


def _role(_: str, value: object) -> ResourceRole:
    return _name(ResourceRole, "role", value)


def _scope(_: str, value: object) -> ResourceType:
    return _name(ResourceType, "resource type", value)


def _permission(text: object) -> Permission:
    words = text.split(" ") if isinstance(text, str) else []
    if len(words) != 2:
        raise _Wrong('a permission is written as an action and a type: "update project"')
    try:
        action = _name(Action, "action", words[0])
        return Permission(action, _name(ResourceType, "resource type", words[1]))
    except _Wrong as error:
        raise _Wrong(str(error), str(text)) from None


def _several(convert: Callable[[object], object]) -> Value:
    def value(key: str, given: object) -> tuple[object, ...]:
        if not isinstance(given, list) or not given:
            raise _Wrong(f"{key} must be a list of at least one")
        for item in given:
            if given.count(item) > 1:
                raise _Wrong(f"{key} has {quoted(str(item))} twice; remove one", str(item))
        return tuple(convert(item) for item in given)

    return value


_ROLES = _several(lambda item: _name(ResourceRole, "role", item))
_VALUES: dict[str, Value] = {
    "name": _word,
    "reason": _sentence,
    "scope": _scope,
    "role": _role,
    "roles": _ROLES,
    "requires": _ROLES,
    "permissions": _several(_permission),
    "principals": _several(lambda item: _name(Principal, "principal", item)),
    "at_most": _count,
    "at_least": _count,
    "exactly": _count,
    "assigned": _choice,
}


def _static(values: dict[str, object], place: Place) -> Constraint:
    if ("roles" in values) is ("permissions" in values):
        raise _Wrong("name either roles or permissions")
    if values.get("assigned") and "permissions" in values:
        raise _Wrong("only roles are assigned; name roles", "assigned")
    return StaticSeparation(**values, place=place)  # type: ignore[arg-type]


def _dynamic(values: dict[str, object], place: Place) -> Constraint:
    return DynamicSeparation(**values, place=place)  # type: ignore[arg-type]


def _cardinality(values: dict[str, object], place: Place) -> Constraint:
    if "exactly" in values:
        if "at_least" in values or "at_most" in values:
            raise _Wrong("exactly stands alone, without at_least and at_most", "exactly")
        count = values.pop("exactly")
        values |= {"at_least": count, "at_most": count}
    elif "at_least" not in values and "at_most" not in values:
        raise _Wrong("say how many: at_least, at_most or exactly")
    return Cardinality(**values, place=place)  # type: ignore[arg-type]


def _prerequisite(values: dict[str, object], place: Place) -> Constraint:
    return Prerequisite(**values, place=place)  # type: ignore[arg-type]


Make = Callable[[dict[str, object], Place], Constraint]

_KINDS: dict[str, tuple[Make, tuple[str, ...], tuple[str, ...]]] = {
    "static": (
        _static,
        ("name", "reason", "at_most", "scope"),
        ("roles", "permissions", "principals", "assigned"),
    ),
    "dynamic": (_dynamic, ("name", "reason", "at_most", "roles"), ()),
    "cardinality": (
        _cardinality,
        ("name", "reason", "role", "scope"),
        ("at_least", "at_most", "exactly", "principals"),
    ),
    "prerequisite": (
        _prerequisite,
        ("name", "reason", "role", "requires", "scope"),
        ("principals",),
    ),
}
"""Each kind: what makes it, the keys it needs, and the keys it may have."""
