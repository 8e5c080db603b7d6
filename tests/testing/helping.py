"""Policy tests from a few words: a file is written, read about a policy, and run."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from typing import TypeVar

from hypothesis import strategies as st

from rbac.policy import Policy
from rbac.rows import Permission, Place, Reach
from rbac.table import DecisionTable
from rbac.testing.reader import read
from rbac.testing.running import Outcome, Runner
from rbac.testing.suites import Matrix, PolicyTest, Suite
from tests.strategies import PRINCIPALS, ROLES

N = TypeVar("N")

SHIPPED = DecisionTable(Policy.shipped())


def put(folder: Path, text: str, name: str = "some.yaml") -> str:
    """A file with `text`, whole; its name."""
    file = folder / name
    file.write_text(f"{dedent(text).strip()}\n# end\n", encoding="utf-8")
    return str(file)


def suites(folder: Path, text: str, table: DecisionTable = SHIPPED) -> Sequence[Suite]:
    """The tests that `text` writes."""
    return read([put(folder, text)], table)


def outcomes(folder: Path, text: str, table: DecisionTable = SHIPPED) -> list[Outcome]:
    """What becomes of the tests that `text` writes."""
    runner = Runner(table)
    return list(runner.run_all(suites(folder, text, table), lambda _: True, fail_fast=False))


@st.composite
def matrices(draw: st.DrawFn, table: DecisionTable) -> Matrix:
    """A matrix about a policy, right and wrong about it as it comes."""
    permissions = [Permission(row.action, row.type) for row in table.policy.rows.catalogue]
    types = draw(_some(list(dict.fromkeys(each.type for each in permissions))))
    within = [each for each in permissions if each.type in types]
    allowed = draw(st.dictionaries(st.sampled_from(within), st.sampled_from(Reach)))
    return Matrix(draw(_some(PRINCIPALS)), draw(_some(ROLES)), types, allowed, {})


def _some(names: Sequence[N]) -> st.SearchStrategy[tuple[N, ...]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True).map(tuple)


def rightly(table: DecisionTable, matrix: Matrix) -> Iterator[Matrix]:
    """The matrix taken apart by role, each part expecting what the policy decides."""
    for role in matrix.roles:
        for who in matrix.principals:
            allowed: dict[Permission, Reach] = {}
            for type in matrix.types if table.eligible(who, role) else ():
                for action in table.actions_on(type):
                    reach = table.reach(role, Permission(action, type))
                    if reach is not None:
                        allowed[Permission(action, type)] = reach
            yield Matrix((who,), (role,), matrix.types, allowed, {})


def passed(expects: Iterable[Matrix]) -> list[Outcome]:
    """Outcomes of tests that were found to be so."""
    home = Suite("some.yaml", ())
    return [
        Outcome(home, PolicyTest(f"test {number}", Place("some.yaml", number), each), 1, (), 0.0)
        for number, each in enumerate(expects)
    ]
