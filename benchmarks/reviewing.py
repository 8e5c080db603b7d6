"""Access reviews: counted, listed to the disk beside what the disk takes, and held in memory.

A listing is as fast as it can be if the disk is what it waits for: the same bytes are
written without being worked out, and as many constant rows by the standard library's writer.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO, cast

from benchmarks.measurement import (
    Figure,
    Measurement,
    Scale,
    Series,
    interleave,
    measured,
)
from benchmarks.population import population
from rbac import Authorizer, Directory
from rbac.access import Access
from rbac.audit.access_count import counts
from rbac.audit.access_files import FORMATS, text_of
from rbac.audit.access_parquet import write as write_parquet
from rbac.audit.access_review import Holders, holders

LISTED = Figure("ratio", "<=", 1)
COUNTED = Figure("time", "<=", 30)
FLAT = Figure("time", "<=", 100_000_000)

_ROUNDS = 3


def access(scale: Scale) -> Iterator[Measurement]:
    """An access review counted, listed beside the disk's own speed, and its memory."""
    most = scale.requests * 100
    for size in scale.assignments[-2:]:
        directory = Directory(population(size))
        held = Authorizer(directory=directory).access
        label = f"{size:,} assignments"
        yield _counting(held, label)
        yield from _listing(held, label, most)
        yield _memory(held, label, most)


def _counting(held: Access, label: str) -> Measurement:
    start = time.perf_counter()
    total = sum(counts(held, "level").values())
    series = Series(f"review counted by level, {label}", [time.perf_counter() - start])
    return measured(series, "s", figure=COUNTED, note=f"{total:,} rows")


def _listing(held: Access, label: str, most: int) -> Iterator[Measurement]:
    """Rows in each format, over as many constant ones and over their mere bytes."""
    sizes: dict[str, tuple[int, int]] = {}

    def timed(name: str, write: Callable[[BinaryIO], int]) -> Callable[[], float]:
        return lambda: _timed(name, write, sizes)

    row = _row(held)
    timers = {
        f"review as {form}, {label}": timed(form, _writing(held, form, most)) for form in FORMATS
    }
    parquet, constant, bytes = "parquet", f"csv.writer, constant rows, {label}", "bytes"
    timers[f"review as Parquet, {label}"] = timed(
        parquet, lambda stream: write_parquet(_first(holders(held), most), stream)
    )
    timers[constant] = timed(constant, lambda stream: _constant(stream, row, most))
    timers[f"the bytes of the CSV, {label}"] = timed(
        bytes, lambda stream: _bytes(stream, sizes["csv"])
    )
    every = interleave(timers, _ROUNDS)
    for series, key in zip(every.values(), sizes, strict=True):
        rows, size = sizes[key]
        seconds = sorted(series.seconds)[len(series.seconds) // 2] * rows
        note = f"{rows / seconds:,.0f} rows/s, {size / seconds / 1e6:,.0f} MB/s of {key}"
        reference = every[constant] if key not in (constant, bytes) else None
        yield measured(series, "us", reference, figure=LISTED if key == "csv" else None, note=note)


def _timed(name: str, write: Callable[[BinaryIO], int], sizes: dict[str, tuple[int, int]]) -> float:
    """The seconds that a row takes to be worked out, written, and on the disk."""
    with tempfile.TemporaryFile(buffering=1 << 20) as stream:
        start = time.perf_counter()
        rows = write(cast("BinaryIO", stream))
        stream.flush()
        os.fsync(stream.fileno())
        seconds = time.perf_counter() - start
        sizes[name] = rows, os.fstat(stream.fileno()).st_size
    return seconds / rows


def _writing(held: Access, form: str, most: int) -> Callable[[BinaryIO], int]:
    def write(stream: BinaryIO) -> int:
        tally = [0]
        stream.writelines(
            text.encode() for text in text_of(_first(holders(held), most, tally), FORMATS[form])
        )
        return tally[0]

    return write


def _first(
    found: Iterator[Holders], most: int, tally: list[int] | None = None
) -> Iterator[Holders]:
    """Whole resources, until there are that many rows."""
    tally = [0] if tally is None else tally
    for some in found:
        sizes = [len(rights) for rights in some.rights]
        tally[0] += sum(map(sizes.__getitem__, some.which))
        yield some
        if tally[0] >= most:
            return


def _row(held: Access) -> list[str]:
    """A row, as the standard library would be given it."""
    text = "".join(islice(text_of(holders(held), FORMATS["csv"]), 2))
    return text.split("\r\n")[1].split(",")


def _constant(stream: BinaryIO, row: list[str], rows: int) -> int:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text)
    for _ in range(rows):
        writer.writerow(row)
    text.flush()
    text.detach()
    return rows


def _bytes(stream: BinaryIO, of: tuple[int, int]) -> int:
    rows, size = of
    block = bytes(1 << 20)
    stream.writelines(block for _ in range(size >> 20))
    stream.write(block[: size & ((1 << 20) - 1)])
    return rows


def _memory(held: Access, label: str, most: int) -> Measurement:
    """What is allocated at most while rows are listed, over half as many rows."""
    few, many = (_peak(held, rows) for rows in (most // 2, most))
    name = f"memory while {most:,} rows are listed, {label}"
    return measured(Series(name, [many]), "B", Series("half of them", [few]), figure=FLAT)


def _peak(held: Access, most: int) -> float:
    tracemalloc.start()
    for _ in text_of(_first(holders(held), most), FORMATS["csv"]):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
