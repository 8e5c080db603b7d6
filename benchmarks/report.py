"""How measurements are printed: a table for people, plain text for pipes, JSON for tools."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from typing import Literal

from benchmarks.measurement import Measurement, Spread
from rbac import Policy

HEADINGS = ("measured", "median", "quartiles", "reference", "median", "ratio", "quartiles")
JUDGED = ("figure", "met")
_LEFT = {0, 3}
"""The columns that hold words; the others hold numbers and line up on the right."""

_ESSENTIAL = (0, 1, 5, 7, 8)
"""The columns for a terminal that is too narrow for all of them."""


def conditions(quick: bool) -> dict[str, object]:
    """What the numbers depend on, as plain JSON values."""
    policy = Policy.shipped()
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "policy": policy.digest,
        "grants": len(policy.rows.grants),
        "quick": quick,
    }


def as_json(measurements: Sequence[Measurement], quick: bool) -> str:
    """Everything that was measured, as one JSON object."""
    rows = [_as_dict(measurement) for measurement in measurements]
    return json.dumps({**conditions(quick), "measurements": rows}, indent=2)


def _as_dict(measurement: Measurement) -> dict[str, object]:
    return {
        "name": measurement.name,
        "unit": measurement.unit,
        **_spread_as_dict("median", "", measurement.time),
        "reference": measurement.reference,
        **_spread_as_dict("reference_median", "reference_", measurement.reference_time),
        **_spread_as_dict("ratio", "ratio_", measurement.ratio),
        "figure": _figure(measurement) or None,
        "met": measurement.met,
        "note": measurement.note or None,
    }


def _spread_as_dict(name: str, prefix: str, spread: Spread | None) -> dict[str, object]:
    low, median, high = spread or (None, None, None)
    return {name: median, f"{prefix}low": low, f"{prefix}high": high}


def show(measurements: Sequence[Measurement], quick: bool) -> None:
    """Prints a table: with rich on a terminal, in plain text anywhere else."""
    at = conditions(quick)
    print(
        f"{at['python']}, {at['system']}, {at['processors']} processors; "
        f"policy of {at['grants']} grants, {str(at['policy'])[:19]}"
    )
    rows = [_cells(measurement) for measurement in measurements]
    if sys.stdout.isatty():
        _show_rich(rows)
    else:
        _show_plain(rows)
    for measurement in measurements:
        if measurement.note and measurement.time is not None:
            print(f"- {measurement.name}: {measurement.note}")
    if quick:
        print("a smoke run: too few rounds for any number here to be quoted")


def _cells(measurement: Measurement) -> list[str]:
    unit = measurement.unit
    verdict = {True: "met", False: "not met", None: ""}[measurement.met]
    if measurement.time is None:
        verdict = measurement.note
    return [
        measurement.name,
        *_written(measurement.time, f" {unit}"),
        measurement.reference or "",
        _written(measurement.reference_time, f" {unit}")[0],
        *_written(measurement.ratio, "x"),
        _figure(measurement),
        verdict,
    ]


def _written(spread: Spread | None, unit: str) -> tuple[str, str]:
    if spread is None:
        return "", ""
    low, median, high = (_number(value) for value in spread)
    return f"{median}{unit}", f"{low} - {high}" if low != high else ""


def _number(value: float) -> str:
    """Three digits that matter, and no exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _figure(measurement: Measurement) -> str:
    figure = measurement.figure
    if figure is None:
        return ""
    unit = "x" if figure.on == "ratio" else f" {measurement.unit}"
    return f"{figure.sign} {figure.bound:,g}{unit}"


def _show_rich(rows: list[list[str]]) -> None:
    from rich import box  # only a terminal needs it
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    lines = [[*HEADINGS, *JUDGED], *rows]
    wide = sum(_widths(lines)) + 2 * len(lines[0]) <= console.width
    shown = range(len(lines[0])) if wide else _ESSENTIAL
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for number in shown:
        justify: Literal["left", "right"] = "left" if number in _LEFT else "right"
        table.add_column(lines[0][number], justify=justify, no_wrap=number > 0)
    styles = {"met": "green", "not met": "red"}
    for row in rows:
        verdict = Text(row[-1], styles.get(row[-1], ""))
        table.add_row(*(row[number] for number in shown[:-1]), verdict)
    console.print(table)


def _widths(lines: list[list[str]]) -> list[int]:
    return [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]


def _show_plain(rows: list[list[str]]) -> None:
    lines = [[*HEADINGS, *JUDGED], *rows]
    widths = _widths(lines)
    for line in lines:
        padded = (
            f"{text:<{width}}" if number in _LEFT else f"{text:>{width}}"
            for number, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join(padded).rstrip())
