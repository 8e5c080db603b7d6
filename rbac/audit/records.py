"""A directory folder as audits read it: what is sound of it, and where each record stands.

Knows how the records of a folder are found again by what they are called. It must not know
what is wrong with any of them.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Mapping

from rbac.directory import Directory
from rbac.errors import DirectoryError
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.policy import PathLike, Policy
from rbac.records import Record, ResourceRecord, SubjectRecord
from rbac.rows import Place
from rbac.snapshots.reader import Snapshot
from rbac.snapshots.reader import read as read_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[int, int], None]


class Broken(NamedTuple):
    """A record that breaks a rule of directories: its table, its name, where, and how."""

    table: str
    name: str
    place: Place
    message: str


class Loaded(NamedTuple):
    """The sound part of a folder, what is not sound, and the folder as it was read."""

    directory: Directory
    broken: tuple[Broken, ...]
    snapshot: Snapshot

    def places(self, wanted: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], Place]:
        """Where the `wanted` records of each table stand; one pass over each such table."""
        found: dict[tuple[str, str], Place] = {}
        for table, names in wanted.items():
            sought = frozenset(names)
            for number, record in enumerate(getattr(self.snapshot.records, table)):
                name = name_of(record)
                if name in sought:
                    found.setdefault((table, name), Place(*self.snapshot.locate(table, number)))
        return found


def name_of(record: Record) -> str:
    """What a record is called: its id, or the subject or resource it is of."""
    if isinstance(record, SubjectRecord):
        return str(record.subject)
    if isinstance(record, ResourceRecord):
        return str(record.resource)
    return record.id


def load(folder: PathLike, policy: Policy, progress: Progress | None = None) -> Loaded:
    """The directory in `folder` under `policy`; some fifteen microseconds a record.

    Records that contradict the policy or each other are left out and listed. Raises
    `DirectoryError`, with these among the problems, if a file cannot be read in full.
    """
    collecting = gc.isenabled()
    gc.disable()  # it would look for cycles among millions of records, which have none
    try:
        snapshot = read_snapshot(os.fspath(folder), progress)
        if snapshot.problems:
            raise DirectoryError(snapshot.problems)
        return _validated(snapshot, policy)
    finally:
        if collecting:
            gc.enable()


def _validated(snapshot: Snapshot, policy: Policy) -> Loaded:
    """The sound records; each that is not is told by the number it is located by."""
    met: dict[tuple[str, int], tuple[str, str]] = {}

    def locate(table: str, number: int) -> tuple[str, int]:
        place = snapshot.locate(table, number)
        met[place] = table, name_of(getattr(snapshot.records, table)[number])
        return place

    directory, problems = Directory.sound(snapshot.records, policy=policy, locate=locate)
    broken = tuple(
        Broken(*met[each.file, each.line], Place(each.file, each.line), each.message)
        for each in problems
    )
    return Loaded(directory, broken, snapshot)
