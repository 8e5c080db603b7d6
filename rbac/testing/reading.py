"""What reading any part of a policy test takes: shapes, names, and problems by their place.

Knows how a value that is not of the expected shape is refused. It must not know what a
test expects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rbac.audit.selections import matching
from rbac.errors import Problem, meant, nearest, quoted
from rbac.light import TYPE_CHECKING
from rbac.testing.nodes import Items, Mapping, Text, Unusable
from rbac.vocabulary import Name, short_names

if TYPE_CHECKING:
    from typing import TypeVar

    from rbac.testing.nodes import Node

    N = TypeVar("N", bound=Name)

ALL = "all"
"""In place of a list of names: every one there is."""


class Reading:
    """Reads the values of one file and collects what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def problem(self, node: Node, message: str) -> None:
        """Notes what is wrong with `node`, unless that is known already."""
        if not isinstance(node, Unusable):
            self.problems.append(Problem(self.file, node.line, node.column, message))

    def mapping(self, node: Node, shape: str, keys: Sequence[str]) -> dict[str, Node]:
        """The values of a mapping by their keys, which are among `keys`."""
        if not isinstance(node, Mapping):
            self.problem(node, f"{shape} is a mapping: it has {' or '.join(keys)}")
            return {}
        for key, _ in node.pairs:
            if key.text not in keys:
                offered = meant(nearest(key.text, keys)) or f"; it has {', '.join(keys)}"
                self.problem(key, f"unknown key {quoted(key.text)} in {shape}{offered}")
        return {key.text: value for key, value in node.pairs if key.text in keys}

    def items(self, node: Node, shape: str) -> tuple[Node, ...]:
        """The items of a list that is not empty."""
        if isinstance(node, Items) and node.items:
            return node.items
        self.problem(node, f"{shape} is a list of one or more")
        return ()

    def text(self, node: Node, shape: str) -> str:
        """One line of words."""
        if isinstance(node, Text) and node.text.strip() and node.text.isprintable():
            return node.text
        self.problem(node, f"{shape} is one line of text")
        return ""

    def texts(self, node: Node, shape: str) -> list[Text]:
        """A list of texts, none of them twice."""
        found: dict[str, Text] = {}
        for item in self.items(node, shape):
            if not isinstance(item, Text):
                self.problem(item, f"{shape} is a list of words")
            elif item.text in found:
                first = found[item.text].line
                self.problem(item, f"{quoted(item.text)} is listed twice; first at line {first}")
            else:
                found[item.text] = item
        return list(found.values())

    def name(self, node: Node, kind: type[N]) -> N | None:
        """The member of `kind` whose short name is written there."""
        known = names(kind)
        if not isinstance(node, Text):
            self.problem(node, f"a {kind.noun} is a word")
            return None
        if node.text not in known:
            offered = meant(nearest(node.text, known))
            self.problem(node, f"unknown {kind.noun} {quoted(node.text)}{offered}")
            return None
        return known[node.text]

    def names(self, node: Node, shape: str, kind: type[N]) -> tuple[N, ...]:
        """The members of `kind` that a list of names and patterns means, or ``all``."""
        known = names(kind)
        if isinstance(node, Text) and node.text == ALL:
            return tuple(known.values())
        if isinstance(node, Text):
            self.problem(node, f"{shape} is a list, or {ALL}")
            return ()
        patterns = self.texts(node, shape)
        good = [each.text for each in patterns if self.matches(each, known, kind.noun)]
        if not patterns or len(good) < len(patterns):
            return ()
        try:
            return tuple(known[text] for text in matching(good, known, kind.noun))
        except ValueError as error:
            self.problem(node, str(error))
            return ()

    def matches(self, pattern: Text, known: Iterable[str], noun: str) -> bool:
        """Whether one pattern names anything; each that does not is a problem of its own."""
        try:
            matching([pattern.text.removeprefix("!")], known, noun)
        except ValueError as error:
            self.problem(pattern, str(error))
            return False
        return True


def names(kind: type[N]) -> dict[str, N]:
    """Every member of `kind` by its short name, but the zero value."""
    return {text: name for text, name in short_names(kind).items() if text != "unspecified"}
