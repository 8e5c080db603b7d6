"""Tables of facts that tests hold the library to, read as rows of texts."""

import csv
from pathlib import Path

HERE = Path(__file__).parent


def read(name: str) -> list[dict[str, str]]:
    """The rows of ``tests/data/NAME.csv``, each by column."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
