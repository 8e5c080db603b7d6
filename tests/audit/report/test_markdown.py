"""Markdown: what a reviewer needs first, and no text that marks anything up."""

import re
from pathlib import Path

from rbac.audit.report.markdown import written
from tests.audit.report.sample import ADMIN, sample_report, small_report

LIMIT = 65_536
"""How many letters a comment on a pull request may have."""


def test_the_sample_fits_into_a_comment() -> None:
    """The report on the shipped policy and the sample directory is short enough to be posted."""
    assert len(written(sample_report())) < LIMIT


def test_what_changed_and_what_is_wrong_come_first(tmp_path: Path) -> None:
    """Changes are counted and shown in blocks; a refuted invariant with what contradicts it."""
    text = written(small_report(tmp_path))
    assert text.index("## What changed") < text.index("## Invariants") < text.index("## Org")
    assert "**Refuted: secrets_stay_secret**" in text
    assert f"| `{ADMIN}` |" in text
    assert "| **+** | `user`" in text
    assert text.rstrip().endswith("Made by `rbac report DIR --directory DIR`")


def test_every_row_of_a_table_has_as_many_cells(tmp_path: Path) -> None:
    """Rows that follow each other have the same number of cells."""
    for text in (written(small_report(tmp_path)), written(sample_report())):
        for one, other in re.findall(r"^(\|.*\|)\n(?=(\|.*\|)$)", text, re.MULTILINE):
            assert one.count("|") == other.count("|")
