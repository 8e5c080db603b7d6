"""Files written whole: until all is on disk, what was there is there."""

import os
import re
import stat
import threading
from pathlib import Path

import pytest

from rbac.whole import save, whole
from tests.test_architecture import MODULES


def interrupted(path: Path, before: bytes | None) -> None:
    """Writes half of a file and is interrupted; meanwhile what was there is there."""
    with whole(str(path)) as stream:
        stream.write(b"half of a ")
        stream.flush()
        assert (path.read_bytes() if path.exists() else None) == before
        raise KeyboardInterrupt


def test_an_interrupted_file_is_not_there(tmp_path: Path) -> None:
    """Until all is written, what stood there stands there; after an error, nothing else does."""
    path = tmp_path / "review.csv"
    for before in (None, b"the last review"):
        if before:
            path.write_bytes(before)
        with pytest.raises(KeyboardInterrupt):
            interrupted(path, before)
        assert [each.name for each in tmp_path.iterdir()] == (["review.csv"] if before else [])
    with whole(str(path)) as stream:
        stream.write(b"all of it")
    assert path.read_bytes() == b"all of it"


def test_a_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    """A new file has the usual permissions, and one that is replaced keeps its own."""
    plain, kept = tmp_path / "plain", tmp_path / "kept"
    plain.touch()
    for path in (tmp_path / "new", kept):
        with whole(str(path)) as stream:
            stream.write(b"x")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    kept.chmod(0o600)
    with whole(str(kept)) as stream:
        stream.write(b"y")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_link_stays_one(tmp_path: Path) -> None:
    """The file that a link names is replaced, not the link."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "file")
    save(str(tmp_path / "link"), "after\n")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "file").read_bytes() == b"after\n"
    assert [each.name for each in (tmp_path / "folder").iterdir()] == ["file"]


def test_a_new_file_replaces_nothing(tmp_path: Path) -> None:
    """Neither what was there before, a link to nothing too, nor what came meanwhile."""
    path = tmp_path / "new"
    with whole(str(path), new=True) as stream:
        stream.write(b"first")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    for taken in (path, tmp_path / "link"):
        with pytest.raises(FileExistsError), whole(str(taken), new=True):
            pytest.fail("nothing is written")
    meanwhile = tmp_path / "meanwhile"
    with pytest.raises(FileExistsError), whole(str(meanwhile), new=True) as stream:
        meanwhile.write_text("theirs")
    assert path.read_text() == "first"
    assert meanwhile.read_text() == "theirs"
    assert sorted(os.listdir(tmp_path)) == ["link", "meanwhile", "new"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """A pipe is written to and stays one; a folder is refused."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    save(str(pipe), "all of it")
    reader.join()
    assert read == [b"all of it"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    with pytest.raises(IsADirectoryError), whole(str(tmp_path)):
        pytest.fail("nothing is written")


def test_nothing_else_writes_over_a_file() -> None:
    """A single file is written by this module only, and the files of git into a new folder."""
    opened = re.compile(r"""open\([^)]*["'][wa]b?["']|mkstemp|write_(text|bytes)\(""")
    found = {
        name for name, path in MODULES.items() if opened.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"whole", "audit.revisions"}
