"""How scenarios are written: the directory of a file, and questions about who is in it.

Knows the notation. It must not know how a question is answered.

    directory: sample               # a folder, from where the file is; or inline, by table
    names: {ada: "user:0000..."}    # with a folder: what questions call whom
    guards: [tier]                  # those that are off unless asked for
    tests:
      - name: ...
        allowed: [ada get web]
        denied: {ada delete web: no_grant}     # or a list, if the reason does not matter
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from rbac.decision import Reason
from rbac.directory import Directory
from rbac.errors import DirectoryError, RequestError, quoted
from rbac.guards import DEFAULT, OPTIONAL, Guard
from rbac.light import TYPE_CHECKING
from rbac.policy import Policy
from rbac.prospects import entry_of_new
from rbac.records import Membership, Record, Records
from rbac.rows import Place
from rbac.terms import NewResource, Resource, Subject
from rbac.testing.fixtures import TABLES, Fixture, Names, Writer
from rbac.testing.nodes import Mapping as MappingNode
from rbac.testing.nodes import Text
from rbac.testing.reading import Reading
from rbac.testing.suites import Ask
from rbac.vocabulary import Principal, ResourceType, short_names

if TYPE_CHECKING:
    from typing import TypeVar

    from rbac.testing.nodes import Node

    T = TypeVar("T")

FILE_KEYS = ("directory", "names", "guards")
KEYS = ("allowed", "denied")


def read(
    reading: Reading,
    node: Node,
    fields: Mapping[str, Node],
    fixture: Fixture | None,
    has_directory: bool,
) -> tuple[Ask, ...]:
    """The questions that a scenario asks; what is wrong with it becomes problems.

    Without a fixture none can be asked; why there is none is told once, for the file.
    """
    if not fields.keys() & {*KEYS}:
        reading.problem(node, _NOTHING_EXPECTED)
    elif not has_directory:
        reading.problem(node, "a scenario asks about somebody; its file has no directory")
    if fixture is None:
        return ()
    return tuple(_asks(reading, fields, fixture))


def _asks(reading: Reading, fields: Mapping[str, Node], fixture: Fixture) -> Iterator[Ask]:
    seen: set[str] = set()
    for text, reason, allowed in _expectations(reading, fields):
        if text.text in seen:
            reading.problem(text, f"{quoted(text.text)} is asked twice")
        seen.add(text.text)
        try:
            question = fixture.question(text.text)
            if isinstance(question.resource, NewResource):
                entry_of_new(fixture.directory, question.resource)
        except (ValueError, RequestError) as error:
            reading.problem(text, str(error))
            continue
        yield Ask(text.text, question, allowed, reason, Place(reading.file, text.line))


def _expectations(
    reading: Reading, fields: Mapping[str, Node]
) -> Iterator[tuple[Text, Reason | None, bool]]:
    """Every question with what is expected of it."""
    if "allowed" in fields:
        for text in reading.texts(fields["allowed"], "allowed"):
            yield text, Reason.GRANTED, True
    denied = fields.get("denied")
    if isinstance(denied, MappingNode):
        for text, node in denied.pairs:
            reason = reading.name(node, Reason)
            if reason is Reason.GRANTED:
                reading.problem(node, "what is denied is not granted")
            yield text, reason, False
    elif denied is not None:
        for text in reading.texts(denied, "denied"):
            yield text, None, False


def guards(reading: Reading, fields: Mapping[str, Node]) -> tuple[Guard, ...]:
    """The usual guards, and those that a file asks for."""
    if "guards" not in fields:
        return DEFAULT
    known = {guard.name: guard for guard in OPTIONAL}
    chosen = []
    for text in reading.texts(fields["guards"], "guards"):
        if text.text not in known:
            offered = f"; there are {', '.join(sorted(known))}"
            reading.problem(text, f"unknown guard {quoted(text.text)}{offered}")
            continue
        chosen.append(known[text.text])
    return (*DEFAULT, *chosen)


def fixture(reading: Reading, fields: Mapping[str, Node], policy: Policy) -> Fixture | None:
    """The directory that a file is about, by `policy`; None without one, or an unsound one."""
    node = fields.get("directory")
    if isinstance(node, Text):
        found = _folder(reading, node, policy)
        if found is not None and "names" in fields:
            _called(reading, fields["names"], found.names)
        return found
    if "names" in fields:
        reading.problem(fields["names"], "names are given to what is in a folder: directory")
    if "guards" in fields and node is None:
        reading.problem(fields["guards"], "guards keep somebody out; the file has no directory")
    return None if node is None else _inline(reading, node, policy)


def _folder(reading: Reading, node: Text, policy: Policy) -> Fixture | None:
    """The directory in a folder; its problems are told as they are."""
    path = os.path.join(os.path.dirname(reading.file), node.text)
    try:
        return Fixture(Directory.load(path, policy=policy), Names())
    except DirectoryError as error:
        reading.problems += error.problems
        reading.problem(node, f"{quoted(node.text)} is no directory")
        return None


def _called(reading: Reading, node: Node, names: Names) -> None:
    """Takes the names that a file gives to what is in a folder."""
    if not isinstance(node, MappingNode):
        reading.problem(node, "names is a mapping, from a name to principal:id or type:id")
        return
    for name, value in node.pairs:
        text = value.text if isinstance(value, Text) else ""
        kind, _, id = text.partition(":")
        known = short_names(Principal), short_names(ResourceType)
        if kind not in known[0] and kind not in known[1]:
            reading.problem(value, "a name stands for principal:id or type:id")
            continue
        try:
            names.put(name.text)
            if kind in known[0]:
                names.subjects[name.text] = Subject(known[0][kind], id)
            if kind in known[1]:
                names.resources[name.text] = Resource(known[1][kind], id)
        except (ValueError, RequestError) as error:
            reading.problem(name, str(error))
            continue
        names.ids[name.text] = id


def _inline(reading: Reading, node: Node, policy: Policy) -> Fixture | None:
    """The directory that a file writes out, validated record by record."""
    before = len(reading.problems)
    fields = reading.mapping(node, "a directory", TABLES)
    if "organizations" not in fields:
        reading.problem(node, "organizations is missing; everything lies in one")
    writer = Writer()
    tables: dict[str, list[Record]] = {name: [] for name in Records._fields}
    lines: dict[str, list[int]] = {name: [] for name in Records._fields}
    for table in TABLES:
        texts = reading.texts(fields[table], table) if table in fields else []
        if table == "resources":
            texts = [each for each in texts if _tried(reading, each, writer.declare) is not None]
        for text in texts:
            for record in _tried(reading, text, partial(writer.records, table)) or ():
                kept = "memberships" if isinstance(record, Membership) else table
                tables[kept].append(record)
                lines[kept].append(text.line)
    if len(reading.problems) > before:
        return None
    directory, problems = Directory.sound(
        Records(**tables),  # type: ignore[arg-type]
        policy=policy,
        locate=lambda table, number: (reading.file, lines[table][number]),
    )
    reading.problems += problems
    return Fixture(directory, writer.names)


def _tried(reading: Reading, text: Text, write: Callable[[str], T]) -> T | None:
    """What one line of a fixture writes; None, and a problem, if it cannot be."""
    try:
        return write(text.text)
    except (ValueError, RequestError) as error:
        reading.problem(text, str(error))
        return None


_NOTHING_EXPECTED = (
    "a test expects something: it has principals, roles and types, or questions that are "
    "allowed or denied"
)
