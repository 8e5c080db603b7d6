"""The members of a JSON object: how each is read, which may be absent, what else is refused.

Knows objects, their members and the types of these. It must not know what any object is
about, nor where it stands.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from operator import itemgetter
from typing import NamedTuple

from rbac.errors import RequestError, quoted
from rbac.snapshots.lines import Object, described
from rbac.vocabulary import Name

_ABSENT = object()
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


class Invalid(Exception):
    """A value that is not what its member says, one sentence a problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class Member(NamedTuple):
    """A member of an object: how it is read, and what it is when it is absent."""

    name: str
    read: Callable[[object], object]
    default: object = _ABSENT


_Plan = tuple[tuple[Callable[[object], object], ...], Callable[[list[object]], tuple[object, ...]]]
"""How the values of an object are read, and put in the order of the members."""

_LAYOUTS = 1000
"""How many plans a shape remembers, whatever a file holds."""


def _ignore(_: object) -> None:
    return None


class Shape:
    """The members of an object, and what is made of them, in their order.

    A `lenient` shape is of an object that the API gives with further members: those are
    ignored, unless the name is nearly one that matters.
    """

    def __init__(
        self,
        make: Callable[..., object],
        *members: Member,
        lenient: bool = False,
        ignored: Iterable[str] = (),
    ) -> None:
        self.make = make
        self.members = members
        self.lenient = lenient
        self.names = {member.name for member in members}
        self.ignored = set(ignored)
        self._defaults = [member.default for member in members]
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def read(self, given: object) -> object:
        """What an object says; raises `Invalid` with everything that is wrong."""
        if type(given) is not dict:
            raise Invalid([f"{described(given)} instead of an object"])
        layout = tuple(given)
        plan = self._plans.get(layout) or self._plan(layout)
        if plan is None:
            raise Invalid([*self._problems(given), *self._strangers(given)])
        readers, arrange = plan
        try:
            values = [read(value) for read, value in zip(readers, given.values(), strict=True)]
        except (Invalid, TypeError):
            raise Invalid([*self._problems(given), *self._strangers(given)]) from None
        values += self._defaults
        try:
            return self.make(*arrange(values))
        except RequestError as error:
            raise Invalid([str(error)]) from None

    def _plan(self, layout: tuple[str, ...]) -> _Plan | None:
        """How objects with just these members, in this order, are read; None: not at all.

        Most objects of a file have the members of the one before, so this is worked out once.
        """
        if any(self._strangers(layout)):
            return None
        if any(each.name not in layout and each.default is _ABSENT for each in self.members):
            return None
        reads = {each.name: each.read for each in self.members}
        places = [
            layout.index(each.name) if each.name in layout else len(layout) + number
            for number, each in enumerate(self.members)
        ]
        plan = tuple(reads.get(name, _ignore) for name in layout), itemgetter(*places)
        if len(self._plans) < _LAYOUTS:
            self._plans[layout] = plan
        return plan

    def _problems(self, given: Object) -> Iterator[str]:
        for name, read, default in self.members:
            if name not in given and default is _ABSENT:
                yield f"has no {name}"
            elif name in given:
                try:
                    read(given[name])
                except TypeError:  # what is no key of a mapping is no string either
                    yield f"{name}: {described(given[name])} instead of a string"
                except Invalid as error:
                    yield from (f"{name}: {problem}" for problem in error.problems)

    def _strangers(self, given: Iterable[str]) -> Iterator[str]:
        for name in {*given} - self.names - self.ignored:
            meant = _misspelt(name, tuple(sorted(self.names)))
            if meant:
                yield f"unknown member {quoted(name)}; did you mean {quoted(meant)}?"
            elif not self.lenient:
                yield f"unknown member {quoted(name)}"


@cache
def _misspelt(name: str, known: tuple[str, ...]) -> str | None:
    """The member that `name` would be, but for case, underscores or a letter."""
    if len(name) > 100:
        return None
    plain = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.replace("_", "").lower(), plain, n=1, cutoff=0.87)
    return plain[found[0]] if found else None


class Ids(dict[str, str]):
    """Ids by themselves, so that equal ones are one string; checks those that are new."""

    def __missing__(self, given: object) -> str:
        id = new_id(given)
        self[id] = id
        return id


def new_id(given: object) -> str:
    """A canonical id; raises `Invalid` for anything else."""
    if type(given) is not str:
        raise Invalid([f"{described(given)} instead of a string"])
    if not _UUID(given):
        raise Invalid([f"{quoted(given)} is not a canonical lower-case UUID"])
    return given


class Names(dict[str, Name]):
    """The members of an enum by wire value, or by short name."""

    def __init__(self, names: type[Name], *, specified: bool = False, short: bool = False) -> None:
        super().__init__({each.short if short else each.value: each for each in names})
        self.noun = names.noun
        zeros = [text for text, each in self.items() if each.name == "UNSPECIFIED"]
        self.zero = zeros[0] if zeros else None
        if specified and self.zero is not None:
            del self[self.zero]

    def __missing__(self, given: object) -> Name:
        if type(given) is not str:
            raise Invalid([f"{described(given)} instead of a string"])
        if given == self.zero:
            raise Invalid([f"{given} names no {self.noun}"])
        meant = difflib.get_close_matches(given[:100], self, n=1, cutoff=0.6)
        hint = f"; did you mean {quoted(meant[0])}?" if meant else ""
        raise Invalid([f"unknown {self.noun} {quoted(given)}{hint}"])


def boolean(given: object) -> bool:
    """True or False; raises `Invalid` for anything else."""
    if type(given) is not bool:
        raise Invalid([f"{described(given)} instead of a boolean"])
    return given


def name_of(
    names: type[Name], *, specified: bool = False, short: bool = False
) -> Callable[[object], object]:
    """Reads a name by its wire value or short name; `specified` refuses the zero value."""
    return Names(names, specified=specified, short=short).__getitem__  # type: ignore[return-value]


def array_of(read: Callable[[object], object]) -> Callable[[object], object]:
    """Reads an array, each item as `read` does."""

    def read_array(given: object) -> object:
        if type(given) is not list:
            raise Invalid([f"{described(given)} instead of an array"])
        return tuple(map(read, given))

    return read_array
