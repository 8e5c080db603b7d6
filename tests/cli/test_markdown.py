"""Markdown and workflow commands: whatever is in a text, it stays a text."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.cli.annotations import Annotation, annotate, say_only
from rbac.cli.markdown import LINES, WIDTH, cell, changes_block, folded, quoted_block, table

TEXTS = st.text(alphabet="`|*<>\\\r\n:,%#a é\x1b", max_size=20)


@given(st.lists(TEXTS, max_size=4))
def test_a_block_cannot_be_left(lines: list[str]) -> None:
    """No line of a quoted text ends the block, and none has a control character."""
    first, *quoted, last = quoted_block(lines)
    assert len(quoted) == len(lines)
    assert first == f"{last}text"
    for line in quoted:
        assert last not in line
        assert line.isprintable()


def test_long_texts_are_cut() -> None:
    """Only the first lines are shown, as far as they are not too long, and how many are not."""
    shown = quoted_block(["x" * 10_000] * (LINES + 5))
    assert shown[-2] == "... and 5 more lines"
    assert len(shown) == LINES + 3
    assert max(map(len, shown)) == WIDTH + 3


@given(TEXTS)
def test_a_cell_stays_within_its_row(text: str) -> None:
    """A cell has no bar, no tag and no code of its own."""
    (_, _, row) = table(("a", "b"), [(cell(text), "c")])
    assert row.isprintable()
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    assert not re.search(r"(?<!\\)(?:\\\\)*[<`]", row)


def test_signs_are_where_they_are_coloured() -> None:
    """What was added or taken away begins with its sign, and nothing else does."""
    lines = ["title", "  + more", "  - less", "  same"]
    assert changes_block(lines) == ["```diff", " title", "+ more", "- less", "   same", "```"]


def test_a_section_is_folded_or_not() -> None:
    """What is folded away is between its tags, with room around for Markdown."""
    assert folded("why", ["x"])[0] == "<details><summary>why</summary>"
    assert folded("why", ["x"], opened=True) == [
        "<details open><summary>why</summary>",
        *("", "x", "", "</details>", ""),
    ]


@given(TEXTS, TEXTS)
def test_an_annotation_is_one_command(message: str, file: str) -> None:
    """It is a single line, and neither the file nor the message ends early."""
    text = str(Annotation(message, file, 7))
    assert text.isprintable()
    words = text.removeprefix("::error ").partition("::")[0].split(",")
    assert words[-1] == "line=7"
    assert len(words) == 1 + bool(file.splitlines())


def test_annotations_are_for_github(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Elsewhere none is printed; there each is printed once."""
    warning = Annotation("m", "f", 1, error=False)
    found: list[Annotation | str] = [warning, "::notice::n", warning._replace(line=1)]
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    annotate(found)
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    annotate([*found, Annotation("all of it")])
    assert capsys.readouterr().out.splitlines() == [
        "::warning file=f,line=1::m",
        "::notice::n",
        "::error::all of it",
    ]


def test_printed_text_is_no_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[Any]
) -> None:
    """Commands are stopped around what is printed, by a word that it cannot know."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    words = set()
    for _ in range(2):
        say_only(["::error::no"])
        stop, line, start = capsys.readouterr().out.splitlines()
        word = stop.removeprefix("::stop-commands::")
        assert start == f"::{word}::"
        assert line == "::error::no"
        words.add(word)
    assert len(words) == 2
    assert min(map(len, words)) >= 32
    monkeypatch.delenv("GITHUB_ACTIONS")
    say_only(["plain"])
    assert capsys.readouterr().out == "plain\n"
