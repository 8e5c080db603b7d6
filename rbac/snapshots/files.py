"""The files of a directory folder, strictly: JSON objects by file and line, and what is wrong.

Knows names of files and which of them must be there. It must not know what an object
means, nor what a line is: that is `rbac.snapshots.lines`.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from functools import partial

from rbac.errors import Problem, RequestError
from rbac.snapshots.lines import DECODER, Object, described, object_of, whole_lines
from rbac.snapshots.responses import LISTS, items

Progress = Callable[[int, int], None]
"""Is told how many bytes are read, of how many."""

TABLES = {
    "organizations": "organizations",
    "subjects": "subjects",
    "groups": "groups",
    "resources": "resources",
    "memberships": "memberships",
    "assignments": "role_assignments",
}
"""The name of each table's file, without what says how it is written, in reading order."""

JSON_LINES, ZIPPED, RESPONSE = ".jsonl", ".jsonl.gz", ".json"
README = "README.md"
_EVERY = 4096
"""After how many lines progress is told."""


class Files:
    """Reads the files of one folder and collects what is wrong with them."""

    def __init__(self, folder: str, progress: Progress | None = None) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.progress = progress
        self.names: dict[str, str] = {}
        self.marks: dict[str, tuple[int, ...]] = {}
        self._done = 0
        self._inventory()

    def problem(self, file: str, line: int, message: str, column: int = 0) -> None:
        """Notes what is wrong, in `file` or, if that is empty, with the folder."""
        path = os.path.join(self.folder, file) if file else self.folder
        self.problems.append(Problem(path, line, column, message))

    def path(self, table: str) -> str:
        """The path of a table's file, as problems name it."""
        return os.path.join(self.folder, self.names.get(table, TABLES[table] + JSON_LINES))

    def _inventory(self) -> None:
        """Finds the file of each table; a stranger, a gap or a link out is a problem."""
        known = {
            name + ending: table
            for table, name in TABLES.items()
            for ending in (JSON_LINES, ZIPPED, *[RESPONSE] * (table in LISTS))
        }
        try:
            found = sorted(os.listdir(self.folder))
        except OSError as error:
            self.problem("", 0, f"no directory can be read here: {error.strerror}")
            return
        for file in found:
            if file in known and self._is_inside(file):
                self._choose(known[file], file)
            elif file not in known and file != README:
                self.problem(file, 0, "no file of a directory has this name")
        for table, name in TABLES.items():
            if not any(each in known and known[each] == table for each in found):
                self.problem(name + JSON_LINES, 0, "this file is missing; it may be empty")

    def _choose(self, table: str, file: str) -> None:
        if table in self.names:
            self.problem(file, 0, f"says the same as {self.names[table]}; remove one")
        elif (mark := self._mark(file)) is not None:
            self.names[table], self.marks[file] = file, mark

    def _is_inside(self, file: str) -> bool:
        root = os.path.realpath(self.folder)
        if os.path.realpath(os.path.join(root, file)).startswith(root + os.sep):
            return True
        self.problem(file, 0, "a link that leads out of the directory folder")
        return False

    def _mark(self, file: str) -> tuple[int, ...] | None:
        """What changes when a file is written or another takes its place."""
        try:
            found = os.stat(os.path.join(self.folder, file))
        except OSError as error:
            self.problem(file, 0, f"cannot be read: {error.strerror}")
            return None
        if not stat.S_ISREG(found.st_mode):
            self.problem(file, 0, "not a regular file")
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def check_unchanged(self) -> None:
        """Files of two snapshots, one written while the other was read, are none."""
        for file, mark in self.marks.items():
            if self._mark(file) != mark:
                self.problem(file, 0, "changed while the directory was read; read it again")

    def objects(self, table: str) -> Iterator[tuple[int, Object]]:
        """The objects of a table's file, each with its line; what cannot be read is a problem."""
        file = self.names.get(table)
        if file is None:
            return
        if file.endswith(RESPONSE):
            yield from self._listed(file, LISTS[table])
            return
        for number, line in self._lines(file):
            try:
                yield number, object_of(line)
            except json.JSONDecodeError as error:
                self.problem(file, number, "not JSON", error.colno)
            except RequestError as error:
                self.problem(file, number, str(error))

    def _listed(self, file: str, member: str) -> Iterator[tuple[int, Object]]:
        """The objects of a list response that was kept as a file."""
        try:
            with open(os.path.join(self.folder, file), "rb") as stream:
                text = stream.read().decode()
            for number, found in items(text, member, DECODER):
                if type(found) is dict:
                    yield number, found
                else:
                    self.problem(file, number, f"{described(found)} instead of an object")
        except OSError as error:
            self.problem(file, 0, f"cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            self.problem(file, 0, "not UTF-8")
        except RecursionError:
            self.problem(file, 0, "nested too deep")
        except json.JSONDecodeError as error:
            self.problem(file, error.lineno, "not JSON", error.colno)
        except RequestError as error:
            self.problem(file, 0, str(error))
        self._done += self.marks[file][2]
        self._tell(0)

    def _lines(self, file: str) -> Iterator[tuple[int, bytes]]:
        try:
            with open(os.path.join(self.folder, file), "rb") as raw:
                if file.endswith(ZIPPED):
                    with gzip.GzipFile(fileobj=raw, mode="rb") as unzipped:
                        yield from self._split(file, io.BufferedReader(unzipped), raw)
                else:
                    yield from self._split(file, raw, raw)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.problem(file, 0, "the file is cut or damaged: gzip cannot unpack it")
        except OSError as error:
            self.problem(file, 0, f"cannot be read: {error.strerror}")

    def _split(
        self, file: str, stream: io.BufferedReader, raw: io.BufferedReader
    ) -> Iterator[tuple[int, bytes]]:
        """The whole lines of a file, each told as progress now and then."""
        for number, line in whole_lines(stream, partial(self.problem, file)):
            yield number, line
            if self.progress is not None and not number % _EVERY:
                self._tell(raw.tell())
        self._done += raw.tell()
        self._tell(0)

    def _tell(self, read: int) -> None:
        if self.progress is not None:
            self.progress(self._done + read, sum(mark[2] for mark in self.marks.values()))
