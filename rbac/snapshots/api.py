"""A client's objects of the API, as records.

Knows how they are asked for their members. It must not know any client: whatever dumps
itself as the API writes it will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rbac.errors import DirectoryError, Problem
from rbac.light import Protocol
from rbac.records import Record, Records
from rbac.snapshots.files import TABLES
from rbac.snapshots.lines import Object
from rbac.snapshots.members import Invalid
from rbac.snapshots.shapes import Shapes


class Dumps(Protocol):
    """An object of a client of the API, as pydantic makes them."""

    def model_dump(self, *, mode: str, by_alias: bool, exclude_none: bool) -> Object: ...


def records_of(**objects: Iterable[Dumps | Mapping[str, object]]) -> Records:
    """The records that objects of the API are, by table: ``groups=``, ``assignments=``, ...

    The tables are those of `rbac.records.Records`; an object is a client's or a mapping
    with the members of the API. Raises `DirectoryError` with everything that is wrong, by
    table and number from 1, `TypeError` for a table that there is not.
    """
    if unknown := objects.keys() - TABLES.keys():
        raise TypeError(f"a directory has no {' nor '.join(sorted(unknown))}")
    shapes, problems = Shapes(), []
    tables: dict[str, list[Record]] = {table: [] for table in TABLES}
    for table in TABLES:
        for number, each in enumerate(objects.get(table, ()), 1):
            try:
                tables[table].append(shapes.read(table, _members(each)))
            except Invalid as error:
                problems += [Problem(table, number, 0, message) for message in error.problems]
    if problems:
        raise DirectoryError(problems)
    return Records(**tables)  # type: ignore[arg-type]


def _members(given: Dumps | Mapping[str, object]) -> Object:
    if isinstance(given, Mapping):
        return dict(given)
    if not hasattr(type(given), "model_dump"):
        raise TypeError(f"no object of the API: {type(given).__name__}")
    return given.model_dump(mode="json", by_alias=True, exclude_none=True)
