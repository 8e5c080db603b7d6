"""YAML, as little of it as a policy test needs, read strictly: every value has its place.

Knows texts, lists and mappings, and the line and column of each. It must not know what
any of them means.

What YAML would quietly turn into something else is refused: aliases, anchors, tags, merge
keys, a key that is given twice, a second document, and every plain word that is no text to
YAML (``no``, ``on``, ``12``, ``~``). A file that was cut has lost its last line.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.errors import Problem, RbacError, quoted
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.notation.grammar import END, INVISIBLE

if TYPE_CHECKING:
    from typing import Any

    import yaml

MOST_DEPTH = 12
"""How deep lists and mappings may lie within each other; a test needs five."""


class Text(NamedTuple):
    """A scalar: words, and never a number, a boolean or nothing."""

    text: str
    line: int
    column: int


class Items(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


class Mapping(NamedTuple):
    """Keys with their values, in their order; no key is there twice."""

    pairs: tuple[tuple[Text, Node], ...]
    line: int
    column: int


class Unusable(NamedTuple):
    """What stands where a problem was found already: nothing more is to be said of it."""

    line: int
    column: int


if TYPE_CHECKING:
    Node = Text | Items | Mapping | Unusable


def read(file: str) -> tuple[Node | None, list[Problem]]:
    """What `file` says, and everything that is wrong with how it says it.

    None if it cannot be read at all. Raises `RbacError` where PyYAML is not installed.
    """
    problems: list[Problem] = []
    text = _text(file, problems)
    if text is None:
        return None, problems
    return _Builder(file, problems).document(text), problems


def _text(file: str, problems: list[Problem]) -> str | None:
    """The text of a file in which nothing is hidden."""
    try:
        with open(file, "rb") as stream:
            text = stream.read().decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        problems.append(Problem(file, 0, 0, f"cannot be read: {error.strerror}"))
        return None
    except UnicodeDecodeError:
        problems.append(Problem(file, 0, 0, "not UTF-8"))
        return None
    if not text.endswith(f"\n{END}\n"):
        last = text.count("\n") + 1
        message = f"the file is cut: its last line is not {quoted(END)}"
        problems.append(Problem(file, last, 0, message))
    hidden = list(_hidden(text))
    problems += [Problem(file, line, column, message) for line, column, message in hidden]
    return None if hidden else text


def _hidden(text: str) -> Iterator[tuple[int, int, str]]:
    """The first character of each line that a reader of the file would not see."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.isprintable() and INVISIBLE.isdisjoint(line):
            continue
        for column, char in enumerate(line, 1):
            if not char.isprintable() or char in INVISIBLE:
                yield number, column, f"a character that nobody sees: U+{ord(char):04X}"
                break


class _Builder:
    """Builds the nodes of one document from the events of the parser."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.yaml = _library()
        self.resolve = self.yaml.resolver.Resolver().resolve

    def problem(self, mark: Any, message: str) -> None:
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        self.problems.append(Problem(self.file, line, column, message))

    def document(self, text: str) -> Node | None:
        """The one document in `text`; None if it is no YAML, or says nothing."""
        yaml, known = self.yaml, list(self.problems)
        fast = getattr(yaml, "CSafeLoader", None)  # ten times as fast, and says less
        if fast is not None:
            try:
                return self.built(yaml.parse(text, Loader=fast))
            except yaml.YAMLError:
                self.problems[:] = known
        try:
            return self.built(yaml.parse(text, Loader=yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            self.problem(error.problem_mark, f"not YAML: {error.problem}{_hint(error, text)}")
        except yaml.YAMLError as error:
            self.problem(None, f"not YAML: {error}")
        return None

    def built(self, events: Iterator[yaml.Event]) -> Node | None:
        yaml = self.yaml
        found: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and found is not None:
                self.problem(event.start_mark, "a second document; a file is one document")
                break
            if isinstance(event, yaml.NodeEvent):
                found = self.node(event, events, 1)
        return found

    def node(self, event: yaml.NodeEvent, events: Iterator[yaml.Event], depth: int) -> Node:
        yaml, mark = self.yaml, event.start_mark
        assert mark is not None, "parsed from a text, it has its place"
        line, column = mark.line + 1, mark.column + 1
        sound = self.is_plain_data(event)
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            if depth > MOST_DEPTH:
                raise yaml.MarkedYAMLError(problem="nested too deep", problem_mark=mark)
            inside = list(self.until_end(events, depth))
            if not sound:
                return Unusable(line, column)
            if isinstance(event, yaml.SequenceStartEvent):
                return Items(tuple(inside), line, column)
            return Mapping(tuple(self.pairs(inside)), line, column)
        if not sound or not isinstance(event, yaml.ScalarEvent):
            return Unusable(line, column)
        return self.scalar(event, line, column)

    def until_end(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Node]:
        for event in events:
            if not isinstance(event, self.yaml.NodeEvent):
                return
            yield self.node(event, events, depth + 1)

    def is_plain_data(self, event: yaml.NodeEvent) -> bool:
        """Whether an event stands for itself; an alias, an anchor and a tag do not."""
        mark = event.start_mark
        if isinstance(event, self.yaml.AliasEvent):
            self.problem(mark, "an alias; write it out, or quote a pattern that begins with *")
            return False
        if event.anchor is not None:
            self.problem(mark, "an anchor; write it out, or quote a text that begins with &")
            return False
        if getattr(event, "tag", None) is not None:
            self.problem(mark, "a tag; leave it out, or quote a pattern that begins with !")
            return False
        return True

    def scalar(self, event: yaml.ScalarEvent, line: int, column: int) -> Node:
        if not event.style:  # neither quotes nor a block
            tag = self.resolve(self.yaml.ScalarNode, event.value, (True, False))
            kind = tag.rpartition(":")[2]
            if kind != "str":
                if event.value:
                    message = f"{quoted(event.value)} is no text to YAML ({kind}); quote it"
                else:
                    message = "nothing is given here"
                self.problem(event.start_mark, message)
                return Unusable(line, column)
        return Text(event.value, line, column)

    def pairs(self, inside: list[Node]) -> Iterator[tuple[Text, Node]]:
        """The keys and values of a mapping, which follow each other."""
        seen: dict[str, int] = {}
        for key, value in zip(inside[::2], inside[1::2], strict=True):
            if not isinstance(key, Text):
                if not isinstance(key, Unusable):
                    message = "a key is a word, not a list or a mapping"
                    self.problems.append(Problem(self.file, key.line, key.column, message))
            elif key.text in seen:
                message = f"{quoted(key.text)} is given twice; first at line {seen[key.text]}"
                self.problems.append(Problem(self.file, key.line, key.column, message))
            else:
                seen[key.text] = key.line
                yield key, value


def _library() -> Any:
    """PyYAML, which only policy tests need."""
    try:
        import yaml
    except ImportError as error:
        message = "policy tests are YAML, which needs PyYAML: pip install 'PyYAML>=6'"
        raise RbacError(message) from error
    return yaml


def _hint(error: yaml.MarkedYAMLError, text: str) -> str:
    """What may be meant near what is no YAML: the two signs that patterns begin with."""
    mark = error.problem_mark
    lines = text.split("\n")[max(mark.line - 1, 0) : mark.line + 1] if mark else []
    unquoted = any(sign in line for sign in ("[!", " !", "[*", " *") for line in lines)
    return "; a pattern that begins with ! or * is quoted" if unquoted else ""
