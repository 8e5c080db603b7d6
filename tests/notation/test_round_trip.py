"""What is written is read back as it was, and looks the same however it came to be."""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.errors import PolicyError
from rbac.policy import Policy
from rbac.rows import NOWHERE, Mark, Rationale, Rows
from tests.building import small_rows
from tests.strategies import examples, shuffled, valid_rows

SMALL = Policy(small_rows(["project_user project get any", "org_admin organization update own"]))


def written(policy: Policy) -> dict[str, bytes]:
    """The files that the policy is written to, by name; reading them gives the policy again."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "policy"
        policy.write(folder)
        again = Policy.load(folder)
        assert again == policy
        assert again.digest == policy.digest
        assert statements(again.rows) == statements(policy.rows)
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def statements(rows: Rows) -> list[list[str]]:
    """Every row in words, table by table, without its place."""
    return [sorted(str(row._replace(place=NOWHERE)) for row in table) for table in rows]


def rewritten(policy: Policy) -> dict[str, bytes]:
    """The files of the policy after it was written, read and written again."""
    with tempfile.TemporaryDirectory() as place:
        policy.write(Path(place) / "policy")
        return written(Policy.load(Path(place) / "policy"))


def test_the_shipped_policy_reads_back_as_it_was_written() -> None:
    """Reading what was written gives the shipped policy, row by row, with its digest."""
    assert written(Policy.shipped()) == rewritten(Policy.shipped())


@examples(60)
@given(valid_rows())
def test_every_policy_reads_back_as_it_was_written(rows: Rows) -> None:
    """Reading what was written gives an equal policy, and writing that gives the same bytes."""
    policy = Policy(rows)
    assert written(policy) == rewritten(policy)


@examples(40)
@given(st.data())
def test_the_order_of_rows_does_not_show_in_files(data: st.DataObject) -> None:
    """Two policies that say the same are written alike, in whatever order they say it."""
    rows = data.draw(valid_rows())
    assert written(Policy(data.draw(shuffled(rows)))) == written(Policy(rows))


@pytest.mark.parametrize("length", range(1, 95))
def test_a_reason_that_speaks_of_the_end_is_not_taken_for_it(length: int) -> None:
    """However a rationale is broken into lines, none of them is the end of its file."""
    text = f"{'a' * length} end {'b' * 100} end {'c' * length} end".strip()
    (first, *others) = SMALL.rows.grants
    why = Rationale(Mark.STATED, ("DOC_END", "runner-api"), text)
    policy = Policy(SMALL.rows._replace(grants=(first._replace(rationale=why), *others)))
    assert text in written(policy)["grants/project.csv"].decode().replace("\n# ", " ")


def test_files_are_for_everybody_to_read(tmp_path: Path) -> None:
    """A written policy is no secret: its folder can be entered like any other."""
    SMALL.write(tmp_path / "policy")
    assert stat.S_IMODE((tmp_path / "policy").stat().st_mode) == 0o755


def test_folders_above_are_made(tmp_path: Path) -> None:
    """A policy can be written where no folder is yet."""
    SMALL.write(tmp_path / "a" / "b" / "policy")
    assert Policy.load(tmp_path / "a" / "b" / "policy") == SMALL


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    """An empty folder becomes the policy, and nothing else is left beside it."""
    (tmp_path / "policy").mkdir()
    SMALL.write(tmp_path / "policy")
    assert Policy.load(tmp_path / "policy") == SMALL
    assert os.listdir(tmp_path) == ["policy"]


def a_folder_with_a_file(place: Path) -> None:
    """Makes a folder that is not empty."""
    place.mkdir()
    (place / "kept").write_text("kept")


def a_file(place: Path) -> None:
    """Makes a file."""
    place.write_text("kept")


def a_link_to_nothing(place: Path) -> None:
    """Makes a link that leads nowhere."""
    place.symlink_to(place.parent / "nothing")


@pytest.mark.parametrize("obstacle", [a_folder_with_a_file, a_file, a_link_to_nothing, SMALL.write])
def test_what_is_there_is_never_written_over(
    obstacle: Callable[[Path], None], tmp_path: Path
) -> None:
    """Writing refuses a place that is taken, and touches nothing of what is there."""
    obstacle(tmp_path / "policy")
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    with pytest.raises(FileExistsError):
        Policy.shipped().write(tmp_path / "policy")
    assert before == {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("before", range(9))
def test_an_interrupted_write_leaves_nothing(
    before: int, error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever file it was busy with, a write that fails leaves no part of a policy."""
    calls: list[int] = []

    def fails(stream: int) -> None:
        calls.append(stream)
        if len(calls) > before:
            raise error

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(error):
        SMALL.write(tmp_path / "policy")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("name", ["replace", "mkdir", "chmod"])
def test_a_write_that_cannot_finish_leaves_nothing(
    name: str, error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy appears whole in its last step, or an empty folder stays as it was."""
    (tmp_path / "policy").mkdir()

    def fails(*paths: object) -> None:
        if name != "mkdir" or str(paths[0]).endswith("grants"):
            raise error
        make(*paths)  # type: ignore[arg-type]

    make = os.mkdir
    monkeypatch.setattr(os, name, fails)
    with pytest.raises(error):
        SMALL.write(tmp_path / "policy")
    assert os.listdir(tmp_path) == ["policy"]
    assert not os.listdir(tmp_path / "policy")


def with_note(note: str) -> Rows:
    """A small policy in which one role has this note."""
    rows = SMALL.rows
    change = {row: row._replace(note=note) for row in rows.roles if row.role is rows.grants[0].role}
    return rows._replace(roles=tuple(change.get(row, row) for row in rows.roles))


def with_method(method: str) -> Rows:
    """A small policy in which one permission is needed by this API method."""
    rows = SMALL.rows
    return rows._replace(catalogue=tuple(row._replace(methods=(method,)) for row in rows.catalogue))


def with_reason(why: Rationale | None) -> Rows:
    """A small policy in which every grant has this rationale."""
    rows = SMALL.rows
    return rows._replace(grants=tuple(row._replace(rationale=why) for row in rows.grants))


UNWRITABLE = {
    "a comma in a note": with_note("one, two"),
    "a quote in a note": with_note('the "one"'),
    "a comment in a note": with_note("one # two"),
    "a second line in a note": with_note("one\nproject_admin, project, yes, two"),
    "an invisible character in a note": with_note("one\u200btwo"),
    "space around a note": with_note(" one "),
    "no note": with_note(""),
    "a comma in a method": with_method("A,B"),
    "a space in a method": with_method("A B"),
    "a second line in a method": with_method("A\norganization, leave, read,"),
    "no rationale": with_reason(None),
    "a rationale without a key": with_reason(Rationale(Mark.OPEN, (), "why")),
    "a rationale with a lower case key": with_reason(Rationale(Mark.OPEN, ("doc",), "why")),
    "a rationale without a reason": with_reason(Rationale(Mark.OPEN, ("DOC",), "")),
    "two spaces in a reason": with_reason(Rationale(Mark.OPEN, ("DOC",), "one  two")),
    "an invisible character in a reason": with_reason(Rationale(Mark.OPEN, ("DOC",), "a\u200bb")),
}


@pytest.mark.parametrize("rows", UNWRITABLE.values(), ids=UNWRITABLE.keys())
def test_what_the_notation_cannot_say_is_refused(rows: Rows, tmp_path: Path) -> None:
    """A policy that would not read back as it is is refused before anything is written."""
    with pytest.raises((PolicyError, ValueError)):
        Policy(rows).write(tmp_path / "policy")
    assert not list(tmp_path.iterdir())
