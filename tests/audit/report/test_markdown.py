"""Markdown: what a reviewer needs first, and no text that marks anything up."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.report.markdown import code, plain, written
from tests.audit.report.sample import ADMIN, sample_report, small_report
from tests.strategies import examples

LIMIT = 65_536
"""How many letters a comment on a pull request may have."""


@examples(300)
@given(st.text())
def test_a_text_marks_nothing_up(text: str) -> None:
    """Nothing in a shown text ends a cell, opens an element, or calls anybody."""
    shown = plain(text)
    assert not re.search(r"[<>|@\n]|(?<!&)#|(?<!\\)(?:\\\\)*[*_`\[\]]", shown)


@examples(300)
@given(st.text())
def test_a_name_as_code_ends_where_it_should(text: str) -> None:
    """Neither a backtick nor a bar in a name ends the code or the cell it stands in."""
    shown = code(text)
    assert "|" not in shown
    assert shown.count("`") == 2 or shown.startswith("<code>")


def test_the_sample_fits_into_a_comment() -> None:
    """The report on the shipped policy and the sample directory is short enough to be posted."""
    assert len(written(sample_report())) < LIMIT


def test_what_changed_and_what_is_wrong_come_first(tmp_path: Path) -> None:
    """Changes are counted and shown in blocks; a refuted invariant with what contradicts it."""
    text = written(small_report(tmp_path))
    assert text.index("## What changed") < text.index("## Invariants") < text.index("## Org")
    assert "**Refuted: secrets\\_stay\\_secret**" in text
    assert f"| `{ADMIN}` |" in text
    assert "| **+** | `user`" in text
    assert text.rstrip().endswith("Made by `rbac report DIR --directory DIR`")


def test_every_row_of_a_table_has_as_many_cells(tmp_path: Path) -> None:
    """Rows that follow each other have the same number of cells."""
    for text in (written(small_report(tmp_path)), written(sample_report())):
        for one, other in re.findall(r"^(\|.*\|)\n(?=(\|.*\|)$)", text, re.MULTILINE):
            assert one.count("|") == other.count("|")
