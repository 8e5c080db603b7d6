"""The canonical form: one order, every comment kept, and never another meaning."""

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

from rbac.cli import main
from rbac.notation.formatter import canonical, formatted
from rbac.notation.grammar import GRANTS, TABLES
from rbac.notation.writer import texts
from rbac.policy import Policy, shipped_folder
from rbac.rows import Rows
from tests.strategies import examples, valid_rows

SHIPPED = Path(shipped_folder())


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A copy of the shipped policy."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "policy"))


def disturb(folder: Path, seed: int) -> None:
    """Shuffles the rows of each paragraph and the paragraphs of each file, and the spacing."""
    draw = random.Random(seed)
    for path in [folder / "seniority.csv", *(folder / "grants").iterdir()]:
        head, *paragraphs = path.read_text().removesuffix("\n\n# end\n").split("\n\n")
        draw.shuffle(paragraphs)
        mixed = []
        for paragraph in paragraphs:
            lines = paragraph.split("\n")
            rows = [line.replace(", ", " ,  ") for line in lines if not line.startswith("#")]
            draw.shuffle(rows)
            mixed.append("\n".join([line for line in lines if line.startswith("#")] + rows))
        path.write_text("\n\n\n".join([head, *mixed]) + "\n# end\n")


def test_the_shipped_policy_is_in_canonical_form() -> None:
    """Reviewers see every file of the shipped policy as the formatter leaves it."""
    assert all(before == after for before, after in formatted(str(SHIPPED)).values())
    assert main(["fmt", "--check", "--quiet"]) == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_disturbed_policy_is_put_back(
    folder: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """However rows and paragraphs were ordered and spaced, one canonical form comes of it."""
    disturb(folder, seed)
    before = Policy.load(folder)
    assert main(["fmt", str(folder), "--check"]) == 1
    assert "@@" in capsys.readouterr().out
    assert Policy.load(folder) == before
    assert main(["fmt", str(folder)]) == 0
    assert Policy.load(folder).digest == before.digest == Policy.shipped().digest
    for path in SHIPPED.rglob("*.csv"):
        assert (folder / path.relative_to(SHIPPED)).read_text() == path.read_text()


def test_every_comment_is_kept(folder: Path) -> None:
    """Prose stays where it is, and a comment stays with its rows, word for word."""
    path = folder / "seniority.csv"
    path.write_text(
        "# prose at the top\n\n# second\n# line\ng, org_member, user_viewer\n"
        + path.read_text().replace("g, org_member, user_viewer\n", "# within\n", 1)
    )
    before = Counter(line for line in path.read_text().split("\n") if line.startswith("#"))
    assert main(["fmt", str(folder), "--quiet"]) == 0
    text = path.read_text()
    assert Counter(line for line in text.split("\n") if line.startswith("#")) == before
    assert text.startswith("# prose at the top\n\n")
    assert "# second\n# line\ng, org_member, user_viewer\n" in text


@examples(30)
@given(valid_rows())
def test_formatting_is_idempotent(rows: Rows) -> None:
    """Formatting twice is formatting once, on whatever a policy may say."""
    for name, text in texts(rows).items():
        if name != "model.conf":
            kind = TABLES.get(name, GRANTS)
            once = canonical(text, kind)
            assert canonical(once, kind) == once


def test_an_invalid_policy_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with a problem is not touched; the problem is named and the exit code is 3."""
    path = folder / "grants" / "project.csv"
    path.write_text(path.read_text().replace("project_user", "project_usr", 1))
    files = {each: each.read_bytes() for each in folder.rglob("*.csv")}
    assert main(["fmt", str(folder)]) == 3
    assert "project_usr" in capsys.readouterr().err
    assert {each: each.read_bytes() for each in folder.rglob("*.csv")} == files


def test_a_write_that_fails_leaves_the_file_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is replaced in one step: a failing disk leaves it as it was, and no litter."""
    disturb(folder, 0)
    files = {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}

    def fails(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", fails)
    assert main(["fmt", str(folder)]) == 5
    assert {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()} == files


def test_the_shipped_policy_is_only_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder nothing is rewritten: what was installed is not the author's copy."""
    monkeypatch.delenv("RBAC_POLICIES", raising=False)
    assert main(["fmt"]) == 2
