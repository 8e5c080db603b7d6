"""From a directory folder to records, each with its place, and every problem.

Knows in which order tables are read and where each record stands. It must not know the
rules that hold between records, nor decide anything.
"""

from __future__ import annotations

import os
from array import array
from typing import NamedTuple

from rbac.errors import Problem
from rbac.records import Record, Records
from rbac.snapshots.files import TABLES, Files, Progress
from rbac.snapshots.shapes import Invalid, Shapes


class Snapshot(NamedTuple):
    """What a folder says, what is wrong with it, and where its records stand."""

    folder: str
    records: Records
    problems: tuple[Problem, ...]
    names: dict[str, str]
    lines: dict[str, array[int]]

    def locate(self, table: str, number: int) -> tuple[str, int]:
        """The file and the line of record `number` of a table, counted from 0."""
        return os.path.join(self.folder, self.names[table]), self.lines[table][number]


def read(path: str | os.PathLike[str], progress: Progress | None = None) -> Snapshot:
    """Every record of the folder `path` that can be read, and every problem of its files.

    Some ten microseconds a record; `progress` is told how many bytes are read, of how many.
    """
    files = Files(os.fspath(path), progress)
    shapes = Shapes()
    tables: dict[str, list[Record]] = {}
    lines: dict[str, array[int]] = {}
    for table in TABLES:
        tables[table], lines[table] = _read_table(files, shapes, table)
    files.check_unchanged()
    records = Records(**tables)  # type: ignore[arg-type]
    return Snapshot(files.folder, records, tuple(files.problems), files.names, lines)


def _read_table(files: Files, shapes: Shapes, table: str) -> tuple[list[Record], array[int]]:
    records: list[Record] = []
    lines = array("L")
    for number, given in files.objects(table):
        try:
            records.append(shapes.read(table, given))
        except Invalid as error:
            for message in error.problems:
                files.problem(files.names[table], number, message)
            continue
        lines.append(number)
    return records, lines
