"""The canonical form of policy files: one order, one spacing, every comment kept.

Knows paragraphs: comment lines and the rows below them. It must not know what rows mean,
and changes no row and no word of a comment, so that the digest of a policy stays as it is.

In canonical form, fields are parted by a comma and a blank, paragraphs by one empty line;
the rows of a paragraph are in the order of the specification, and so are paragraphs by
their first row. A comment that no row follows is prose: it stays where it is, and
paragraphs are ordered between such comments.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from rbac.notation.grammar import END, GRANTS, TABLES, Kind
from rbac.notation.writer import line_of, position
from rbac.rows import Row
from rbac.whole import save


def formatted(folder: str) -> Mapping[str, tuple[str, str]]:
    """Every table of the policy in `folder` as it is and in canonical form, by file name.

    The folder must hold a valid policy; a few milliseconds for the shipped one.
    """
    names = [*TABLES, *(f"grants/{name}" for name in sorted(os.listdir(f"{folder}/grants")))]
    texts = {}
    for name in names:
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as stream:
            before = stream.read()
        texts[name] = before, canonical(before, TABLES.get(name, GRANTS))
    return texts


def rewrite(folder: str, name: str, text: str) -> None:
    """Replaces one file in one step, so that it is never seen half written."""
    save(os.path.join(folder, name), text)


def canonical(text: str, kind: Kind) -> str:
    """The text of one valid file in canonical form; idempotent."""
    run: list[_Paragraph] = []
    blocks: list[str] = []
    for paragraph in _paragraphs(text, kind):
        if paragraph.rows:
            run.append(paragraph)
            continue
        blocks += [each.text() for each in sorted(run, key=_Paragraph.order)]
        blocks.append(paragraph.text())
        run = []
    blocks += [each.text() for each in sorted(run, key=_Paragraph.order)]
    return "\n\n".join([*blocks, END]) + "\n"


class _Paragraph:
    """Comment lines, and the rows that stand below them."""

    def __init__(self) -> None:
        self.comment: list[str] = []
        self.rows: list[Row] = []

    def order(self) -> tuple[tuple[list[int], str], list[str]]:
        return min(map(position, self.rows)), self.comment

    def text(self) -> str:
        return "\n".join([*self.comment, *map(line_of, sorted(self.rows, key=position))])


def _paragraphs(text: str, kind: Kind) -> Iterator[_Paragraph]:
    """The paragraphs of a file: an empty line, or a comment below rows, opens the next one."""
    paragraph = _Paragraph()
    for line in text.splitlines()[:-1]:
        comment, blank = line.startswith("#"), not line.strip(" ")
        if blank or (comment and paragraph.rows):
            if paragraph.comment or paragraph.rows:
                yield paragraph
            paragraph = _Paragraph()
        if comment:
            paragraph.comment.append(line.rstrip(" "))
        elif not blank:
            paragraph.rows.append(_row(line, kind))
    if paragraph.comment or paragraph.rows:
        yield paragraph


def _row(line: str, kind: Kind) -> Row:
    texts = [text.strip(" ") for text in line.split(",")][bool(kind.marker) :]
    return kind.make(*(field.convert(text) for field, text in zip(kind.fields, texts, strict=True)))
