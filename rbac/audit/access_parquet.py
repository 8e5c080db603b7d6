"""The rows of an access review as Parquet; the only importer of pyarrow.

Knows how rows become columns, a bounded number of rows at a time. It must not know how
rows are found.

Every column has the values it holds once in each row group, and numbers for the rest. What
a row says after its subject is one number at first: its columns are looked up by it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, BinaryIO

from rbac.audit.access_files import COLUMNS, SIGN_OFF, Fields, about_fields, right_fields
from rbac.audit.access_review import Holders
from rbac.audit.cohorts import Rights
from rbac.errors import RequestError

if TYPE_CHECKING:
    from pyarrow import Array, Schema
    from pyarrow.parquet import ParquetWriter

ROWS = 250_000
"""How many rows are in a row group, or a few more."""

_ABOUT, _SUBJECT = 4, 1
_OPTIONAL = ("organization", "group_id", "relation")


def write(found: Iterable[Holders], stream: BinaryIO, sign_off: bool = False) -> int:
    """Writes a review as Parquet, compressed with Zstandard; gives how many rows there are.

    Raises `RequestError` where pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        message = "Parquet is written by pyarrow: pip install 'rbac[parquet]'"
        raise RequestError(message) from None
    schema = _schema(sign_off)
    rows = 0
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        group = _Group()
        for some in found:
            group.add(some)
            if len(group.subjects) >= ROWS:
                rows += group.write(writer, schema)
                group = _Group()
        rows += group.write(writer, schema)
    return rows


def _schema(sign_off: bool) -> Schema:
    import pyarrow  # whoever writes no Parquet need not have it

    names = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    fields = [pyarrow.field(each, names, each in _OPTIONAL) for each in COLUMNS]
    fields += [pyarrow.field(each, pyarrow.string()) for each in SIGN_OFF if sign_off]
    return pyarrow.schema(fields)


class _Group:
    """The rows of one row group, as numbers: about what, who, and what that may do and why."""

    def __init__(self) -> None:
        self.abouts, self.subjects, self.rights = array("i"), array("i"), array("i")
        self._about: list[Fields] = []
        self._ids: dict[str, int] = {}
        self._right: list[Fields] = []

    def add(self, found: Holders) -> None:
        """Takes in those of one kind who may do anything to a resource."""
        codes = [self._codes(rights) for rights in found.rights]
        before = len(self.subjects)
        for id, number in zip(found.ids, found.which, strict=True):
            code = self._ids.setdefault(id, len(self._ids))
            self.rights.extend(codes[number])
            self.subjects.extend(repeat(code, len(codes[number])))
        self.abouts.extend(repeat(len(self._about), len(self.subjects) - before))
        self._about.append(about_fields(found))

    def _codes(self, rights: Rights) -> range:
        start = len(self._right)
        self._right += map(right_fields, rights)
        return range(start, len(self._right))

    def write(self, writer: ParquetWriter, schema: Schema) -> int:
        """Writes the rows as one row group; gives how many there are."""
        import pyarrow

        rows = len(self.subjects)
        columns = [
            *_columns(self._about, self.abouts, _ABOUT),
            *_columns([(id,) for id in self._ids], self.subjects, _SUBJECT),
            *_columns(self._right, self.rights, len(COLUMNS) - _ABOUT - _SUBJECT),
        ]
        signed = len(schema) - len(columns)
        columns += [pyarrow.nulls(rows, pyarrow.string())] * signed
        if rows:
            table = pyarrow.Table.from_arrays(columns, schema=schema)
            writer.write_table(table, row_group_size=rows)
        return rows


def _columns(said: Sequence[Fields], numbers: array[int], width: int) -> list[Array]:
    """The columns of what is said, for each of the numbers of it."""
    import pyarrow

    buffers = [None, pyarrow.py_buffer(numbers)]
    indices = pyarrow.Array.from_buffers(pyarrow.int32(), len(numbers), buffers)
    found: list[Array] = []
    for column in range(width):
        values: dict[str, int] = {}
        coded = []
        for each in said:
            value = each[column]
            coded.append(None if value is None else values.setdefault(value, len(values)))
        codes = pyarrow.array(coded, pyarrow.int32()).take(indices)
        words = pyarrow.array(list(values), pyarrow.string())
        found.append(pyarrow.DictionaryArray.from_arrays(codes, words))
    return found
