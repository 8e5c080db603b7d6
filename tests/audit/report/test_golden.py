"""Golden files: what each format looks like, whole, for a small policy and directory.

``RBAC_REGENERATE_GOLDEN=1 pytest tests/audit/report/test_golden.py`` writes them anew; the
difference is then reviewed as any other.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rbac.audit.report import csv, html, json, markdown
from rbac.audit.report.data import Report
from tests.audit.report.sample import small_report

GOLDEN = Path(__file__).parent / "golden"
FILES: dict[str, Callable[[Report], str]] = {
    "report.html": html.written,
    "report.md": markdown.written,
    "report.json": json.written,
    **{f"{table}.csv": partial(csv.written, table=table) for table in csv.TABLES},
}


@pytest.fixture(name="report", scope="module")
def _report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on the small policy and directory."""
    return small_report(tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("file", FILES)
def test_the_format_is_the_golden_one(file: str, report: Report) -> None:
    """Byte for byte, the report is the file that was reviewed."""
    written = FILES[file](report).encode()
    if os.environ.get("RBAC_REGENERATE_GOLDEN") == "1":
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / file).write_bytes(written)
    assert written == (GOLDEN / file).read_bytes()


def test_there_is_no_golden_file_too_many() -> None:
    """Each file in the folder is one that is compared."""
    assert {path.name for path in GOLDEN.iterdir()} == set(FILES)
