"""Comma-separated values: whole, readable, and nothing in them is a formula."""

import csv
import io

from rbac.audit.formats.sheet import COLUMNS, sheet
from tests.audit.formats.reports import ACCEPTED, EMPTY, FINDINGS, REPORT

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def test_every_finding_is_a_row_with_all_columns() -> None:
    """Open ones first; the accepted ones have their reason and date."""
    first, *rows = csv.reader(io.StringIO(sheet(REPORT)))
    assert tuple(first) == COLUMNS
    assert len(rows) == len(FINDINGS) + len(ACCEPTED)
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    assert [each["rule"] for each in found[: len(FINDINGS)]] == [
        finding.rule.id for finding in FINDINGS
    ]
    accepted = found[len(FINDINGS) :]
    assert [each["accepted"] for each in accepted] == ["'=reason", "why"]
    assert [each["expires"] for each in accepted] == ["2027-01-31", ""]
    assert sheet(EMPTY) == ",".join(COLUMNS) + "\n"


def test_no_cell_is_a_formula_or_a_number_that_was_text() -> None:
    """Not even a fingerprint, which may look like one."""
    for row in csv.reader(io.StringIO(sheet(REPORT))):
        assert not [cell for cell in row if cell.startswith(FORMULAS)]
        assert len(row) == len(COLUMNS)
