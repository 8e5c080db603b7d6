"""Markdown: whatever is in a text, it stays a text."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rbac.audit.formats.markup import (
    LINES,
    WIDTH,
    block,
    changes_block,
    code,
    folded,
    table,
    text,
)
from rbac.errors import printable
from tests.audit.formats.reports import HOSTILE
from tests.strategies import examples

TEXTS = (
    st.sampled_from(HOSTILE)
    | st.text(alphabet="`|*_<>\\\r\n:/.,%#@~$[]()!-+wa1 é\x1b", max_size=20)
    | st.text()
)


@examples(300)
@given(TEXTS)
@example("__init__")
@example("_a_")
@example("a__b")
@example("- a")
@example("https://x.org www.x.org a@x.org #1")
def test_a_text_marks_nothing_up(value: str) -> None:
    """It stays on its line and in its cell; no tag, link, code, emphasis, list or name is in it."""
    shown = text(value)
    assert shown.isprintable()
    assert not re.search(r"[<>|@]|(?<!&)#|://|www\.|^[-+]\s", shown)
    assert not re.search(r"[`*\[\]~$]|\b_|_\b|__", re.sub(r"\\.", "", shown))


@examples(300)
@given(TEXTS)
def test_a_text_is_shown_as_it_is(value: str) -> None:
    """Without what keeps it from being markup, it is the text."""
    shown = re.sub(r"\\(.)", r"\1", text(value))
    assert re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), shown) == printable(value)


@pytest.mark.parametrize("name", ["project_user", "a b.csv:7", "user:0-1", "-", "-3"])
def test_names_and_places_stay_readable(name: str) -> None:
    """What could not be taken for markup is not escaped."""
    assert text(name) == name


@examples(300)
@given(TEXTS)
def test_a_name_as_code_ends_where_it_should(value: str) -> None:
    """Neither a backtick nor a bar in a name ends the code or the cell it stands in."""
    shown = code(value)
    assert "|" not in shown
    assert shown.count("`") == 2 or re.fullmatch(r"<code>[^<>]*</code>", shown)


@given(TEXTS)
def test_a_cell_stays_within_its_row(value: str) -> None:
    """A row has its bars, and no other."""
    (_, _, row) = table(("a", "b"), [(text(value), code(value))])
    assert row.isprintable()
    assert row.count("|") == 3


@given(TEXTS)
def test_a_summary_opens_no_tag(value: str) -> None:
    """The line that is always shown is one text between its tags."""
    (_, first, *_) = folded(value, ["x"])
    assert re.fullmatch("<details><summary>[^<>]*</summary>", first)


@given(st.lists(TEXTS, max_size=4))
def test_a_block_cannot_be_left(lines: list[str]) -> None:
    """No line of a quoted text ends the block, and none has a control character."""
    first, *quoted, last = block(lines)
    assert len(quoted) == len(lines)
    assert first == f"{last}text"
    for line in quoted:
        assert last not in line
        assert line.isprintable()


def test_long_texts_are_cut() -> None:
    """Only the first lines are shown, as far as they are not too long, and how many are not."""
    shown = block(["x" * 10_000] * (LINES + 5))
    assert shown[-2] == "... and 5 more lines"
    assert len(shown) == LINES + 3
    assert max(map(len, shown)) == WIDTH + 3


def test_signs_are_where_they_are_coloured() -> None:
    """What was added or taken away begins with its sign, and nothing else does."""
    lines = ["title", "  + more", "  - less", "  same"]
    assert changes_block(lines) == ["```diff", " title", "+ more", "- less", "   same", "```"]


def test_a_section_is_folded_or_not() -> None:
    """What is folded away is between its tags, with room around for Markdown."""
    assert folded("why", ["x"])[:2] == ["", "<details><summary>why</summary>"]
    assert folded("why", ["x"], opened=True) == [
        *("", "<details open><summary>why</summary>"),
        *("", "x", "", "</details>"),
    ]
