"""Directory folders: what is written is what is read, strictly."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Authorizer, Directory, DirectoryError
from rbac.records import Organization, Records, SubjectRecord
from rbac.snapshots.shapes import Invalid, Shapes
from rbac.snapshots.writer import timestamp
from rbac.terms import Subject
from rbac.vocabulary import Principal
from tests.organization import ACME, DIRECTORY, RECORDS
from tests.strategies import examples
from tests.worlds import NOW, World, worlds


def test_what_is_written_is_read_as_an_equal_directory(tmp_path: Path) -> None:
    """A directory that is written and loaded is equal, record by record."""
    DIRECTORY.write(tmp_path / "folder")
    loaded = Directory.load(tmp_path / "folder")
    assert loaded == DIRECTORY
    for found, records in zip(loaded.records, RECORDS, strict=True):
        assert set(found) == set(records)


@given(world=worlds())
@examples(100)
def test_every_world_is_read_as_it_was_written(world: World) -> None:
    """Whatever the records say is read back, and written again it is the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first", Path(folder) / "second"
        world.directory.write(first)
        loaded = Directory.load(first, policy=world.policy)
        assert loaded == world.directory
        loaded.write(second)
        assert files(second) == files(first)


def files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_there_already_is_never_written_over(tmp_path: Path) -> None:
    """A folder that holds anything is refused and stays as it is; an empty one is taken."""
    DIRECTORY.write(tmp_path / "folder")
    before = files(tmp_path / "folder")
    with pytest.raises(FileExistsError):
        Directory(Records()).write(tmp_path / "folder")
    assert files(tmp_path / "folder") == before
    (tmp_path / "empty").mkdir()
    DIRECTORY.write(tmp_path / "empty")
    assert files(tmp_path / "empty") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "folder"]


@pytest.mark.parametrize("until", [float("nan"), float("inf"), 1e15, 1e-12])
def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, until: float) -> None:
    """An instant that no timestamp says is refused, and no file appears."""
    robot = Subject(Principal.SERVICE_ACCOUNT, ACME.id)
    records = Records([Organization(ACME.id)], [SubjectRecord(robot, ACME.id, valid_until=until)])
    with pytest.raises(ValueError, match=r"cannot be written|can be written|NaN"):
        Directory(records).write(tmp_path / "folder")
    assert not list(tmp_path.iterdir())


@given(seconds=st.one_of(st.integers(-62135596800, 253402300799), st.just(NOW + 0.1)))
@examples(200)
def test_instants_are_read_as_they_were_written(seconds: float) -> None:
    """Seconds since 1970 become a timestamp and the same seconds again."""
    assert valid_until(timestamp(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01t00:00:00.5z", 0.5),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1969-12-31T23:59:59.999999999Z", -1e-9),
    ],
)
def test_instants_are_seconds_since_1970(text: str, seconds: float) -> None:
    """Offsets are taken off and nanoseconds kept, also before 1970."""
    assert valid_until(text) == seconds


def valid_until(text: str) -> float | None:
    """What the reader makes of a timestamp."""
    members = {"id": ACME.id, "principal": "PRINCIPAL_SERVICE_ACCOUNT", "validUntil": text}
    record = Shapes().read("subjects", members)
    assert isinstance(record, SubjectRecord)
    return record.valid_until


def test_a_reload_takes_a_folder_and_keeps_what_is_in_force(tmp_path: Path) -> None:
    """A folder is loaded by the policy in force; one that is refused changes nothing."""
    DIRECTORY.write(tmp_path / "folder")
    authorizer = Authorizer()
    authorizer.reload(directory=tmp_path / "folder")
    assert authorizer.directory == DIRECTORY
    (tmp_path / "folder" / "groups.jsonl").unlink()
    with pytest.raises(DirectoryError, match="missing"):
        authorizer.reload(directory=str(tmp_path / "folder"))
    assert authorizer.directory == DIRECTORY


def test_progress_tells_bytes_up_to_the_last(tmp_path: Path) -> None:
    """What is told never falls and ends with all there is."""
    DIRECTORY.write(tmp_path / "folder")
    told: list[tuple[int, int]] = []
    Directory.load(tmp_path / "folder", progress=lambda *each: told.append(each))
    size = sum(map(len, files(tmp_path / "folder").values()))
    assert told == sorted(told)
    assert told[-1] == (size, size)


def test_a_shape_names_everything_that_is_wrong() -> None:
    """An object with several mistakes is refused once, with each of them."""
    with pytest.raises(Invalid) as refused:
        Shapes().read("groups", {"id": 7.0, "directshare": True})
    assert set(refused.value.problems) == {
        "id: a number instead of a string",
        "has no organizationId",
        'unknown member "directshare"; did you mean "directShare"?',
    }
