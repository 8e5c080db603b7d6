"""Workflow commands: whatever is in a text, it stays a text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.cli.annotations import Annotation, annotate, say_only

TEXTS = st.text(alphabet="`|*<>\\\r\n:,%#a é\x1b", max_size=20)


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
