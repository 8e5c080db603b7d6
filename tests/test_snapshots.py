"""Snapshots: what is written is read back, and what is malformed is refused with its line."""

import gzip
import json
import os
import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Authorizer, Directory, DirectoryError
from rbac.directory import read
from tests.organization import DIRECTORY
from tests.strategies import examples
from tests.worlds import World, worlds

CORPUS = sorted((Path(__file__).parent / "corpus" / "malformed_directories").glob("*.toml"))
SCENARIOS = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in CORPUS}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A directory folder that is well-formed."""
    DIRECTORY.write(tmp_path / "directory")
    return tmp_path / "directory"


def apply(scenario: dict[str, Any], folder: Path) -> None:
    """Makes the folder malformed as the scenario says."""
    path = folder / scenario["file"]
    plain = folder / scenario["file"].removesuffix(".gz")
    before = plain.read_bytes() if plain.is_file() else b""
    text = scenario.get("append", "") * scenario.get("repeat", 1) + scenario.get("then", "")
    if scenario.get("remove") or scenario.get("folder") or "link" in scenario:
        path.unlink()
    if scenario.get("folder"):
        path.mkdir()
    elif "link" in scenario:
        path.symlink_to(scenario["link"])
    elif "gzip" in scenario:
        path.write_bytes(gzip.compress(before)[: scenario.get("keep")])
    elif not scenario.get("remove"):
        start = bytes.fromhex(scenario.get("hex_before", ""))
        end = bytes.fromhex(scenario.get("hex_after", ""))
        old = before if path == plain else b""
        path.write_bytes(start + old + text.encode() + end)
    if scenario.get("remove_plain"):
        plain.unlink()
    for other in ("also", "third"):
        if other in scenario:
            with (folder / scenario[f"{other}_file"]).open("a") as file:
                file.write(scenario[other])


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_malformed_is_refused_with_its_line(name: str, folder: Path) -> None:
    """Nothing of a malformed folder loads; the problem names the file, the line and the fault."""
    scenario = SCENARIOS[name]
    apply(scenario, folder)
    with pytest.raises(DirectoryError) as refused:
        Directory.load(folder)
    path = folder / scenario["file"]
    line = scenario["problem"]["line"]
    if line == "last":
        line = path.read_bytes().count(b"\n")
        line += not path.read_bytes().endswith(b"\n")
    expected = (str(path), line, scenario["problem"]["says"])
    found = [(each.file, each.line, each.message) for each in refused.value.problems]
    assert any(
        (file, number) == expected[:2] and expected[2] in said for file, number, said in found
    ), found


def test_all_problems_are_said_at_once_in_order(folder: Path) -> None:
    """Several faults in several files are one refusal, sorted by file and line."""
    for name in ("a_member_twice", "an_unknown_member", "an_orphan", "an_unknown_status"):
        apply(SCENARIOS[name], folder)
    with pytest.raises(DirectoryError) as refused:
        Directory.load(folder)
    assert len(refused.value.problems) == 4
    assert list(refused.value.problems) == sorted(refused.value.problems)


def test_an_audit_gets_what_is_sound_and_the_problems(folder: Path) -> None:
    """Read for an audit, a malformed folder gives the directory of the rest, and every problem."""
    for name in ("an_unknown_member", "an_orphan", "a_role_on_another_type"):
        apply(SCENARIOS[name], folder)
    directory, problems = read(folder)
    assert directory == DIRECTORY
    assert len(problems) == 3


def test_writing_and_reading_give_the_same(folder: Path) -> None:
    """A directory that was written is read back equal, and written again byte by byte."""
    again = Directory.load(folder)
    assert again == DIRECTORY
    assert again.digest == DIRECTORY.digest
    again.write(folder.parent / "again")
    for path in folder.iterdir():
        assert (folder.parent / "again" / path.name).read_bytes() == path.read_bytes()


@examples(30)
@given(world=worlds())
def test_every_directory_is_read_as_it_was_written(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is in a directory comes back from its folder."""
    folder = tmp_path_factory.mktemp("world") / "directory"
    world.directory.write(folder)
    assert Directory.load(folder, policy=world.policy) == world.directory


def test_compressed_files_are_read_as_well(folder: Path) -> None:
    """A file may be compressed; it says the same."""
    for path in list(folder.iterdir()):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert Directory.load(folder) == DIRECTORY


def test_what_the_api_says_besides_is_ignored(folder: Path) -> None:
    """Names, descriptions and timestamps of the API's own objects change nothing."""
    path = folder / "groups.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    more = {"name": "x", "description": "y", "memberCount": 3, "createdAt": "2026-01-01T00:00:00Z"}
    path.write_text("".join(f"{json.dumps(line | more)}\n" for line in lines))
    assert Directory.load(folder) == DIRECTORY


def test_progress_is_told_in_bytes(folder: Path) -> None:
    """A long load tells how far it is, and ends at the whole."""
    told: list[tuple[int, int]] = []
    Directory.load(folder, progress=lambda done, total: told.append((done, total)))
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert told[-1] == (size, size)
    assert told == sorted(told)


def test_an_authorizer_reloads_a_folder(folder: Path, tmp_path: Path) -> None:
    """A folder can be put in force; one that is refused changes nothing."""
    authorizer = Authorizer(directory=DIRECTORY)
    authorizer.reload(directory=folder)
    assert authorizer.directory == DIRECTORY
    before = authorizer.directory
    with pytest.raises(DirectoryError) as refused:
        authorizer.reload(directory=tmp_path / "nothing")
    assert refused.value.__notes__
    assert authorizer.directory is before


def test_a_folder_with_something_in_it_is_not_written_over(folder: Path) -> None:
    """Writing never replaces or adds to what is there."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(FileExistsError):
        DIRECTORY.write(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("at", range(40))
def test_an_interrupted_write_leaves_all_or_nothing(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever step of the system fails, the folder is whole or not there."""
    steps = 0

    def failing(name: str) -> Any:
        real = getattr(os, name)

        def call(*arguments: Any, **more: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == at + 1:
                raise OSError("the disk is full")
            return real(*arguments, **more)

        return call

    for name in ("mkdir", "fsync", "rename", "open"):
        monkeypatch.setattr(f"rbac.snapshots.writer.os.{name}", failing(name))
    target = tmp_path / "target"
    try:
        DIRECTORY.write(target)
        interrupted = False
    except OSError:
        interrupted = True
    monkeypatch.undo()
    if target.exists():
        assert Directory.load(target) == DIRECTORY
    else:
        assert interrupted


@examples(60)
@given(seed=st.integers(0, 10**9))
def test_mutations_are_refused_or_change_what_is_said(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A changed byte is refused, or says something else that is written and read as such."""
    folder = tmp_path_factory.mktemp("mutated") / "directory"
    DIRECTORY.write(folder)
    chance = random.Random(seed)
    path = chance.choice(sorted(folder.iterdir()))
    data = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(data))
        data[place] = chance.choice(b'\x00 \n{}[]",:0aA\xff')
    path.write_bytes(data)
    directory, problems = read(folder)
    if problems:
        with pytest.raises(DirectoryError):
            Directory.load(folder)
        return
    directory.write(folder.parent / "again")
    assert Directory.load(folder.parent / "again") == directory
