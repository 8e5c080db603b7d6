"""CSV: whole tables, and no text that a spreadsheet would run."""

import csv
import io
from pathlib import Path

import pytest

from rbac.audit.report.csv import TABLES, written
from rbac.audit.report.data import Report
from rbac.errors import RequestError
from rbac.rows import Mark, Rationale, Reach
from tests.audit.report.sample import (
    bare_report,
    sample_access,
    sample_permitted,
    sample_report,
    small,
    small_report,
)


def lines(report: Report, table: str) -> list[dict[str, str]]:
    """A table, read again."""
    return list(csv.DictReader(io.StringIO(written(report, table))))


def test_the_cells_are_all_cells() -> None:
    """Each role's permissions are lines with level, reach, grant and evidence."""
    report = sample_report()
    said = {
        (line["role"], line["type"], line["action"], line["reach"], line["grant"])
        for line in lines(report, "cells")
    }
    table = sample_access().table
    assert said == {
        (
            role.short,
            type.short,
            action.short,
            (Reach.ANY if cell.any else Reach.OWN).short,
            str((cell.any or cell.own).grant.place),
        )
        for role in table.roles
        for type, cells in table.holdings(role).items()
        for action, cell in cells.items()
    }


def test_what_is_permitted_is_listed_one_by_one() -> None:
    """Each (subject, action, resource) that is permitted is a line, and no other."""
    said = [
        (line["subject"], line["action"], line["resource"])
        for line in lines(sample_report(), "permitted")
    ]
    asked = [(str(who), action.short, str(on)) for who, action, on in sample_permitted()]
    assert sorted(said) == sorted(asked)


@pytest.mark.parametrize("table", TABLES)
def test_every_line_has_every_column(table: str, tmp_path: Path) -> None:
    """Each table has its headings and as many values in each line, and lines at all."""
    first, *others = csv.reader(io.StringIO(written(small_report(tmp_path), table)))
    assert tuple(first) == TABLES[table][0]
    assert others
    assert all(len(line) == len(first) for line in others)


@pytest.mark.parametrize("table", ["invariants", "changes", "turnover", "holders", "permitted"])
def test_what_a_report_has_not_is_no_empty_table(table: str) -> None:
    """A table of what was not asked, or is too large to list, is refused: it would say none."""
    with pytest.raises(RequestError, match=f"there are no {table} to list"):
        written(bare_report(), table)
    report = sample_report()
    assert report.holding is not None
    large = report.holding._replace(answers=None, people=None)
    for each in {table} & {"holders", "permitted"}:
        with pytest.raises(RequestError, match="of a large one"):
            written(report._replace(holding=large), each)


def test_a_hostile_reason_runs_nothing(tmp_path: Path) -> None:
    """The words above a grant come into a spreadsheet as words."""
    rows = small()
    why = Rationale(Mark.OPEN, ("name",), '=HYPERLINK("http://x","y")')
    rows = rows._replace(grants=tuple(each._replace(rationale=why) for each in rows.grants))
    said = {line["why"] for line in lines(small_report(tmp_path, rows), "grants")}
    assert said == {'\'=HYPERLINK("http://x","y")'}
