"""The rows of an access review as CSV, JSON lines, sentences and Parquet, and whole files."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from rbac.access import Access
from rbac.audit import access_parquet
from rbac.audit.access_files import COLUMNS, FORMATS, SIGN_OFF, csv_field, text_of
from rbac.audit.access_review import entitlements, holders
from rbac.directory import Directory
from rbac.errors import RequestError
from rbac.policy import Policy
from rbac.rows import Reach
from rbac.table import DecisionTable
from tests.organization import DIRECTORY

TABLE = DecisionTable(Policy.shipped())
ACCESS = Access(TABLE, DIRECTORY, ())
SAMPLE = Access(TABLE, Directory.load("examples/organization"), ())


def expected(access: Access) -> list[dict[str, str | None]]:
    """What each row says, by column, from the entitlements themselves."""
    return [
        {
            "organization": row.organization,
            "resource_type": row.resource.type.short,
            "resource_id": row.resource.id,
            "principal": row.subject.principal.short,
            "subject_id": row.subject.id,
            "action": row.right.action.short,
            "level": row.right.level.short,
            "reach": row.right.grant.reach.short,
            "role": row.right.hold.role.short,
            "scope_type": row.right.hold.on.type.short,
            "scope_id": row.right.hold.on.id,
            "group_id": row.right.hold.assignment.group if row.right.hold.assignment else None,
            "relation": row.right.hold.relation.short if row.right.hold.relation else None,
            "grant": str(row.right.grant.place),
        }
        for row in entitlements(access)
    ]


def written(form: str, access: Access = ACCESS, sign_off: bool = False) -> str:
    """The whole review in a format."""
    return "".join(text_of(holders(access), FORMATS[form], sign_off))


def test_csv_says_what_the_rows_are() -> None:
    """Read back by column, the CSV has every row, in order; none is an empty field."""
    rows = list(csv.DictReader(io.StringIO(written("csv", SAMPLE), newline="")))
    said = [{name: value or "" for name, value in row.items()} for row in expected(SAMPLE)]
    assert rows == said
    assert tuple(rows[0]) == COLUMNS


def test_csv_is_sorted_as_text() -> None:
    """Lines stand in the order of their bytes, and each is there once, so that `comm` works."""
    text = written("csv", SAMPLE)
    _, *lines = text.encode().splitlines(keepends=True)
    assert lines == sorted(set(lines))
    assert all(line.endswith(b"\r\n") for line in lines)
    assert "\n" not in text.replace("\r\n", "")


def test_json_lines_say_what_the_rows_are() -> None:
    """Each line is one object with every column; what there is none of is null."""
    assert [json.loads(line) for line in written("jsonl").splitlines()] == expected(ACCESS)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_sign_off_columns_are_last_and_empty(form: str) -> None:
    """Whoever signs off finds three more columns on every row, and nothing else changed."""
    text = written(form, sign_off=True)
    if form == "csv":
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text, newline="")))
    else:
        rows = [json.loads(line) for line in text.splitlines()]
    assert tuple(rows[0]) == (*COLUMNS, *SIGN_OFF)
    assert len(rows) == len(expected(ACCESS))
    assert not any(row[name] for row in rows for name in SIGN_OFF)


def test_sentences_say_what_the_decisions_say() -> None:
    """A line of text names the resource first; then it says what the decision on it says."""
    rows = list(entitlements(ACCESS))
    for line, row in zip(written("text").splitlines(), rows, strict=True):
        decision = ACCESS.decide(row.subject, None, row.resource, row.right.action, None)
        said = str(decision).removeprefix("allowed: ").partition(" through ")[0]
        own = " (own)" if row.right.grant.reach is Reach.OWN else ""
        action = row.right.action.short
        assert line.startswith(f"{row.resource}: {row.subject} may {action}{own}, holding ")
        assert said == line.removeprefix(f"{row.resource}: ").replace(
            f" may {action}{own},", f" may {action} {row.resource},"
        )


@given(st.text(alphabet="=+-@\t\r\n\",;'ab", max_size=6))
def test_a_field_is_read_back_and_is_no_formula(value: str) -> None:
    """Whatever a field says, a reader gets it back, after an apostrophe if it were a formula."""
    field = csv_field(value)
    [[read]] = csv.reader(io.StringIO(f"{field}\r\n", newline="")) if value else [[""]]
    assert read.removeprefix("'") == value or read == value
    assert read[:1] not in {*"=+-@\t\r"} or read in {"", *"=+-@"}


@pytest.mark.parametrize("rows", [250_000, 50, 1])
def test_parquet_says_what_the_rows_are(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read back, the Parquet file has every row and type, in however many row groups."""
    monkeypatch.setattr(access_parquet, "ROWS", rows)
    with open(tmp_path / "review.parquet", "wb") as stream:
        count = access_parquet.write(holders(ACCESS), stream)
    table = parquet.read_table(tmp_path / "review.parquet")
    assert table.to_pylist() == expected(ACCESS)
    assert count == len(table)
    assert {str(field.type) for field in table.schema} == {
        "dictionary<values=string, indices=int32, ordered=0>"
    }
    groups = parquet.ParquetFile(tmp_path / "review.parquet").num_row_groups
    assert groups == 1 if rows == 250_000 else groups > 1


def test_parquet_has_the_columns_to_sign_off_and_may_be_empty(tmp_path: Path) -> None:
    """The columns to be filled in are texts, and a review without rows is a file without any."""
    for name, found in (("some", holders(ACCESS)), ("none", iter(()))):
        with open(tmp_path / name, "wb") as stream:
            access_parquet.write(found, stream, sign_off=True)
    some, none = (parquet.read_table(tmp_path / name) for name in ("some", "none"))
    assert some.column_names == [*COLUMNS, *SIGN_OFF] == none.column_names
    assert some["decision"].null_count == len(some) > len(none) == 0


def test_without_pyarrow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parquet is an extra; the error names it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RequestError, match=r"pip install 'rbac\[parquet\]'"):
        access_parquet.write(holders(ACCESS), io.BytesIO())
