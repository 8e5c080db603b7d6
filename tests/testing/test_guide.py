"""The guide to policy tests and the examples: what is shown is true of the shipped policy."""

import re
from pathlib import Path

import pytest

from rbac.testing.reader import read
from rbac.testing.running import FAILED, PASSED, SKIPPED, Runner
from tests.testing.helping import SHIPPED

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
RUNNER = Runner(SHIPPED)


def results(file: Path) -> list[str]:
    """What becomes of each test of a file."""
    suites = read([str(file)], SHIPPED)
    return [each.result for each in RUNNER.run_all(suites, lambda _: True, fail_fast=False)]


def test_the_guide_shows_both_kinds_of_test() -> None:
    """A matrix and a scenario are written out whole."""
    assert len(BLOCKS) == 2
    assert "roles:" in BLOCKS[0]
    assert "directory:" in BLOCKS[1]


@pytest.mark.parametrize("block", BLOCKS, ids=["matrix", "scenario"])
def test_what_the_guide_shows_passes(block: str, tmp_path: Path) -> None:
    """Every file in the guide is well written, and every test in it passes."""
    file = tmp_path / "shown.yaml"
    file.write_text(block, encoding="utf-8")
    assert set(results(file)) == {PASSED}


def test_the_guide_counts_right(tmp_path: Path) -> None:
    """The test that it counts the answers of has that many."""
    file = tmp_path / "shown.yaml"
    file.write_text(BLOCKS[0], encoding="utf-8")
    (suite,) = read([str(file)], SHIPPED)
    outcome = RUNNER.run(suite, suite.tests[1])
    assert outcome.looked == 8
    assert "asks for 8 answers" in " ".join(GUIDE.split())


def test_the_examples_are_what_they_say() -> None:
    """One passes but for what is skipped; the other is mistaken, as its name says."""
    folder = ROOT / "examples" / "policy-tests"
    assert results(folder / "projects.yaml") == [PASSED, PASSED, SKIPPED]
    assert results(folder / "mistaken.yaml") == [FAILED]
