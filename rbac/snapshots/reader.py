"""Reads a directory folder, strictly: every record there is, everything that is wrong.

Knows which file says what and where each record stands. It must not know what records
mean together (`rbac.intake`), nor what they give.
"""

from __future__ import annotations

from array import array
from typing import NamedTuple

from rbac.errors import Problem
from rbac.records import Record, Records
from rbac.snapshots.files import TABLES, Files, Progress
from rbac.snapshots.members import Invalid
from rbac.snapshots.shapes import Shapes


class Snapshot(NamedTuple):
    """What a directory folder says, and everything that is wrong with how it says it."""

    records: Records
    problems: tuple[Problem, ...]
    places: dict[str, tuple[str, array[int]]]
    """Of each table, its file and the line of each of its records."""

    def locate(self, table: str, number: int) -> tuple[str, int]:
        """File and line of a record, by its table and its number there from 0."""
        file, lines = self.places[table]
        return file, lines[number]


def read(folder: str, progress: Progress | None = None) -> Snapshot:
    """The records of the directory in `folder` that can be read, and everything that is wrong.

    Some eight microseconds a record; problems name files as `folder` was given. Never
    raises for what it finds there: a folder that is missing is one more problem.
    """
    files, shapes = Files(folder, progress), Shapes()
    tables: dict[str, list[Record]] = {}
    places: dict[str, tuple[str, array[int]]] = {}
    for table in TABLES:
        records: list[Record] = []
        lines = array("I")
        for line, given in files.objects(table):
            try:
                record = shapes.read(table, given)
            except Invalid as error:
                for message in error.problems:
                    files.problem(files.names[table], line, message)
                continue
            records.append(record)
            lines.append(line)
        tables[table] = records
        places[table] = files.path(table), lines
    files.check_unchanged()
    return Snapshot(Records(**tables), tuple(sorted(set(files.problems))), places)  # type: ignore[arg-type]
