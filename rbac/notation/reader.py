"""Reads a policy folder, strictly: every row that means something, everything that is wrong.

Knows files, lines and columns. It must not know what rows mean together
(`rbac.validation`), nor what they allow.

Nothing is forgiven, because what a lenient reader skips is a policy that nobody wrote:
Casbin's own loader drops rows with an unknown first field, and takes a comment behind a
row for part of a name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from rbac.errors import Problem, quoted
from rbac.notation.grammar import (
    END,
    FAMILIES,
    GRANTS,
    INVISIBLE,
    MODEL,
    OPTIONAL,
    TABLES,
    Field,
    Kind,
    complaint,
    rationale,
)
from rbac.rows import Grant, Place, Rationale, Row, Rows


def read(folder: str) -> tuple[Rows, list[Problem]]:
    """The rows of the policy in `folder` that can be read, and everything that is wrong.

    Places are relative to `folder`; problems name files as `folder` was given. One pass
    over the files. Never raises for what it finds there: a folder that is missing is one
    more problem.
    """
    reader = _Reader(folder)
    found = reader.inventory()
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    grants: list[Row] = []
    for file in found:
        if file == "model.conf":
            reader.model(file)
        elif file in TABLES:
            tables[file] = reader.table(file, TABLES[file])
        else:
            grants += reader.table(file, GRANTS)
    rows = Rows._make([*(tuple(tables[name]) for name in TABLES), tuple(grants)])
    reader.check_families(rows)
    return rows, reader.problems


class _Reader:
    """Reads the files of one folder and collects what is wrong with them."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def problem(self, file: str, line: int, column: int, message: str) -> None:
        path = os.path.join(self.folder, file) if file else self.folder
        self.problems.append(Problem(path, line, column, message))

    def inventory(self) -> list[str]:
        """The files to read, sorted; a stranger, a gap or a link out of the folder is a problem."""
        try:
            found = sorted(self._walk(""))
        except OSError as error:
            self.problem("", 0, 0, f"no policy can be read here: {error.strerror}")
            return []
        for name in ("model.conf", *TABLES):
            if name not in found:
                self.problem(name, 0, 0, "this file is missing; every policy has one")
        if not any(name.startswith("grants/") for name in found):
            self.problem("grants", 0, 0, "no file of grants; an empty policy is refused")
        return found

    def _walk(self, under: str) -> Iterator[str]:
        root = os.path.realpath(self.folder)
        with os.scandir(os.path.join(self.folder, under)) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                name = under + entry.name
                real = os.path.realpath(entry.path)
                if real != root and not real.startswith(root + os.sep):
                    self.problem(name, 0, 0, "a link that leads out of the policy folder")
                elif os.path.isdir(entry.path):
                    yield from self._walk_folder(name)
                elif self._belongs(name):
                    yield name
                elif name not in OPTIONAL:
                    self.problem(name, 0, 0, "no file of a policy has this name")

    def _walk_folder(self, name: str) -> Iterator[str]:
        if name == "grants":
            yield from self._walk("grants/")
        elif name != "tests":
            self.problem(name, 0, 0, "no folder of a policy has this name")

    def _belongs(self, name: str) -> bool:
        family = name.removeprefix("grants/").removesuffix(".csv")
        grants = name == f"grants/{family}.csv" and family in FAMILIES
        return grants or name in TABLES or name == "model.conf"

    def lines(self, file: str) -> list[str]:
        """The lines of a file without its end mark; empty if it cannot be trusted to be whole."""
        text = self._text(file)
        if text is None:
            return []
        text = text.replace("\r\n", "\n")
        if not text.endswith(f"\n{END}\n") and text != f"{END}\n":
            last = text.count("\n") + 1
            self.problem(file, last, 0, f"the file is cut: its last line is not {quoted(END)}")
        lines = text.split("\n")
        plain = text.replace("\n", "")
        if not plain.isprintable() or (not plain.isascii() and not INVISIBLE.isdisjoint(plain)):
            self._unprintable(file, lines)
            return []
        return lines

    def _text(self, file: str) -> str | None:
        path = os.path.join(self.folder, file)
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                self.problem(file, 0, 0, "not a regular file")
                return None
            with open(path, "rb") as stream:
                data = stream.read()
        except OSError as error:
            self.problem(file, 0, 0, f"cannot be read: {error.strerror}")
            return None
        if data.startswith(b"\xef\xbb\xbf"):
            self.problem(file, 1, 1, "starts with a byte order mark; save it as plain UTF-8")
            return None
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.problem(file, line, 0, "not UTF-8")
            return None

    def _unprintable(self, file: str, lines: list[str]) -> None:
        for number, line in enumerate(lines, 1):
            for column, char in enumerate(line, 1):
                if not char.isprintable() or char in INVISIBLE:
                    name = "a lone carriage return" if char == "\r" else f"U+{ord(char):04X}"
                    message = f"control or invisible character ({name}); remove it"
                    self.problem(file, number, column, message)

    def model(self, file: str) -> None:
        """Refuses any Casbin model but ours: a changed one decides something else."""
        expected = [*MODEL.split("\n"), END, ""]
        found = self.lines(file)
        for number, line in enumerate(expected, 1):
            there = found[number - 1] if number <= len(found) else ""
            if there != line and found:
                self.problem(file, number, 1, f"not the model of this library: {quoted(line)}")
                return
        if len(found) > len(expected):
            self.problem(file, len(expected), 1, "not the model of this library: more follows")

    def table(self, file: str, kind: Kind) -> list[Row]:
        """The rows of one file; of grants, each with the rationale of its paragraph.

        A comment directly above rows belongs to them; one that a blank line cuts off is prose.
        """
        rows: list[Row] = []
        comment: list[str] = []
        why: Rationale | None = None
        told = False
        lines = self.lines(file)
        for number, line in enumerate(lines, 1):
            if line.startswith("#"):
                comment = [*comment, line] if lines[number - 2].startswith("#") else [line]
                self._end_mark(file, number, line, len(lines))
            elif not line.strip(" "):
                comment, why, told = [], None, False
            else:
                if comment and kind is GRANTS:
                    why = self._rationale(file, number - len(comment), comment)
                    told = why is None
                elif why is None and kind is GRANTS and not told:
                    self.problem(file, number, 1, "a grant without a rationale above it")
                comment = []
                row = self._row(file, number, line, kind)
                if row is not None:
                    rows.append(row._replace(rationale=why) if isinstance(row, Grant) else row)
        return rows

    def _end_mark(self, file: str, number: int, line: str, count: int) -> None:
        if line == END and number < count - 1:
            self.problem(file, number, 1, f"{quoted(END)} stands before the end")

    def _rationale(self, file: str, number: int, comment: list[str]) -> Rationale | None:
        found = rationale(comment)
        if found is None:
            message = (
                "a rationale opens with how well it is supported (stated, implied, open), "
                "the keys of its sources and a colon, then says why"
            )
            self.problem(file, number, 1, message)
        return found

    def _row(self, file: str, number: int, line: str, kind: Kind) -> Row | None:
        texts = [text.strip(" ") for text in line.split(",")]
        if kind.marker and texts[0] == kind.marker:
            del texts[0]
        elif kind.marker:
            message = f"a row of this file opens with {quoted(kind.marker)}: {kind.shape}"
            self.problem(file, number, 1, message)
            return None
        if '"' in line or "#" in line or len(texts) != len(kind.fields):
            self._malformed(file, number, line, kind)
            return None
        try:
            values = [field.convert(text) for field, text in zip(kind.fields, texts, strict=True)]
        except (KeyError, ValueError):
            self._unknown(file, number, line, kind)
            return None
        return kind.make(*values, place=Place(file, number))

    def _malformed(self, file: str, number: int, line: str, kind: Kind) -> None:
        for char, message in (
            ('"', "quotes are not part of this notation; remove them"),
            ("#", "a comment stands on a line of its own"),
        ):
            if char in line:
                self.problem(file, number, line.index(char) + 1, message)
                return
        wanted = len(kind.fields) + bool(kind.marker)
        count = line.count(",") + 1
        message = f"{count} fields instead of {wanted}: {kind.shape}"
        self.problem(file, number, 1, message)

    def _unknown(self, file: str, number: int, line: str, kind: Kind) -> None:
        """Names every field of a row that means nothing, with its column."""
        column = 1
        fields = [Field("", str), *kind.fields] if kind.marker else list(kind.fields)
        for raw, field in zip(line.split(","), fields, strict=True):
            text = raw.strip(" ")
            try:
                field.convert(text)
            except (KeyError, ValueError) as error:
                where = column + len(raw) - len(raw.lstrip(" "))
                self.problem(file, number, where, complaint(field, text, error))
            column += len(raw) + 1

    def check_families(self, rows: Rows) -> None:
        """A grant stands in the file of the type its role is held on, where reviewers look."""
        held = {row.role: row.assigned_on for row in rows.roles}
        for grant in rows.grants:
            on = held.get(grant.role)
            if on is not None and grant.place.file != f"grants/{on.short}.csv":
                message = f"a grant of {grant.role.short} belongs in grants/{on.short}.csv"
                self.problem(*grant.place, 1, message)
