"""Files of policy tests, read strictly: all that is wrong at once, nothing read in part.

Knows how a file and a test are written. It must not know how a test is run.

    directory:                      # for tests about somebody
      organizations: [acme]
      subjects: [ada, bob suspended]
    tests:
      - name: a user of a project changes nothing
        principals: [user]
        roles: [project_user]
        types: [project]
        allowed: [get, list, use]
      - name: somebody who is suspended may do nothing
        denied:
          bob get acme: subject_inactive

Everything is refused that could make a test say less than it seems to: an unknown key or
name, a matrix without a cell, a test that expects nothing, a skip without a reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from rbac.access import Access
from rbac.errors import PolicyError, Problem, quoted
from rbac.light import TYPE_CHECKING
from rbac.rows import Place
from rbac.table import DecisionTable
from rbac.testing import matrices, nodes, scenarios
from rbac.testing.nodes import Mapping
from rbac.testing.reading import Reading
from rbac.testing.suites import Ask, Matrix, PolicyTest, Suite

if TYPE_CHECKING:
    from rbac.testing.fixtures import Fixture
    from rbac.testing.nodes import Node

EXTENSIONS = (".yaml", ".yml")
FILE_KEYS = ("tests", *scenarios.FILE_KEYS)
MATRIX_KEYS: tuple[str, ...] = ("name", "skip", *matrices.KEYS)
SCENARIO_KEYS: tuple[str, ...] = ("name", "skip", *scenarios.KEYS)


def find(path: str) -> list[str]:
    """The files of tests in the folder `path`, at any depth, sorted; or `path` itself."""
    if not os.path.isdir(path):
        return [path]
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
        if name.lower().endswith(EXTENSIONS)
    )


def read(files: Iterable[str], table: DecisionTable) -> tuple[Suite, ...]:
    """The tests in each of `files`, about the policy of `table`.

    Milliseconds for a hundred lines. Raises `PolicyError` with everything that is wrong
    with any of them, by line.
    """
    problems: list[Problem] = []
    suites = []
    for file in files:
        node, found = nodes.read(file)
        reader = _Reader(file, table)
        if node is not None:
            suites.append(reader.suite(node))
        elif not found:
            found = [Problem(file, 1, 1, "no tests; a file without tests proves nothing")]
        problems += found + reader.problems
    if problems:
        raise PolicyError(problems)
    return tuple(suites)


class _Reader(Reading):
    """Reads the tests of one file."""

    def __init__(self, file: str, table: DecisionTable) -> None:
        super().__init__(file)
        self.table = table
        self.fixture: Fixture | None = None
        self.has_directory = False

    def suite(self, node: Node) -> Suite:
        fields = self.mapping(node, "a file of tests", FILE_KEYS)
        if "tests" not in fields:
            if isinstance(node, Mapping):
                self.problem(node, "tests is missing; a file without tests proves nothing")
            return Suite(self.file, ())
        self.has_directory = "directory" in fields
        self.fixture = scenarios.fixture(self, fields, self.table.policy)
        guards = scenarios.guards(self, fields)
        tests = tuple(self.tests(fields["tests"]))
        if self.fixture is None or self.problems:
            return Suite(self.file, tests)
        access = Access(self.table, self.fixture.directory, guards)
        return Suite(self.file, tests, self.fixture, access)

    def tests(self, node: Node) -> Iterator[PolicyTest]:
        seen: dict[str, int] = {}
        for item in self.items(node, "tests"):
            test = self.test(item)
            if test is None:
                continue
            if test.name in seen:
                message = f"a second {quoted(test.name)}; the first is at line {seen[test.name]}"
                self.problem(item, message)
            seen.setdefault(test.name, item.line)
            yield test

    def test(self, node: Node) -> PolicyTest | None:
        pairs = node.pairs if isinstance(node, Mapping) else ()
        is_matrix = any(key.text in matrices.AXES for key, _ in pairs)
        shape = "a matrix" if is_matrix else "a scenario"
        fields = self.mapping(node, shape, MATRIX_KEYS if is_matrix else SCENARIO_KEYS)
        if not fields:
            return None
        if "name" not in fields:
            self.problem(node, "name is missing; a test says in words what it holds")
        name = self.text(fields["name"], "name") if "name" in fields else ""
        skip = self.text(fields["skip"], "the reason to skip") if "skip" in fields else ""
        expects: Matrix | tuple[Ask, ...]
        if is_matrix:
            expects = matrices.read(self, node, fields, self.table)
        else:
            expects = scenarios.read(self, node, fields, self.fixture, self.has_directory)
        return PolicyTest(name, Place(self.file, node.line), expects, skip)
