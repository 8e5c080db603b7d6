"""Malformed directories, named by idea: edits to a small directory, and all that is wrong then.

Each file of ``tests/corpus/malformed_directories`` is one scenario: a sentence, the edits
that are made to the folder of `tests.organization.DIRECTORY`, and every problem that has to
be reported. In the edits, ``<30>`` stands for the id of number 30.
"""

import gzip
import os
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.organization import DIRECTORY, uuid

CORPUS = Path(__file__).parent / "corpus" / "malformed_directories"


class Edit(NamedTuple):
    """One change to one file: what to `do`, and with which text.

    `do` is a line to ``append``, bytes to ``append_bytes`` or ``prefix_bytes``, to
    ``replace`` what stands there once, ``write``, ``delete``, a ``link`` to the text, a
    ``fifo`` or ``folder``, to ``cut`` so many bytes off, to ``pack`` another file into this
    one but for so many bytes, or to append a line that is too ``long`` or ``deep``.
    """

    file: str
    do: str
    text: str = ""
    find: str = ""


class Expected(NamedTuple):
    """A problem to come: its file, its line, a part of what it says."""

    file: str
    line: int
    says: str


class Scenario(NamedTuple):
    """A directory that is refused, and why."""

    name: str
    idea: str
    edits: tuple[Edit, ...]
    problems: tuple[Expected, ...]


def scenarios() -> dict[str, Scenario]:
    """Every scenario of the corpus by its name."""
    found = {}
    for path in sorted(CORPUS.glob("*.toml")):
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        edits = tuple(Edit(**edit) for edit in said.get("edit", ()))
        problems = tuple(Expected(**problem) for problem in said["problem"])
        found[path.stem] = Scenario(path.stem, said["idea"], edits, problems)
    return found


def directory_folder(parent: Path) -> Path:
    """The folder of a small valid directory."""
    folder = parent / "directory"
    DIRECTORY.write(folder)
    return folder


def apply(edit: Edit, folder: Path) -> None:
    """Makes one change to a directory folder."""
    path, text = folder / edit.file, _ids(edit.text)
    _DO[edit.do](path, text, _ids(edit.find))


def _ids(text: str) -> str:
    return re.sub("<([0-9]+)>", lambda found: uuid(int(found[1])), text)


def _append(path: Path, data: bytes) -> None:
    path.write_bytes(path.read_bytes() + data)


def _replace(path: Path, text: str, find: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert before.count(find) == 1, find
    path.write_text(before.replace(find, text), encoding="utf-8")


def _delete(path: Path, text: str, find: str) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _link(path: Path, text: str, find: str) -> None:
    (path.parents[1] / "outside.jsonl").write_text("")
    path.symlink_to(text)


def _cut(path: Path, text: str, find: str) -> None:
    path.write_bytes(path.read_bytes()[: -int(text)])


def _pack(path: Path, text: str, find: str) -> None:
    packed = gzip.compress(path.with_suffix("").read_bytes())
    path.write_bytes(packed[: len(packed) - int(text or 0)])


_DO: dict[str, Callable[[Path, str, str], object]] = {
    "append": lambda path, text, _: _append(path, f"{text}\n".encode()),
    "append_bytes": lambda path, text, _: _append(path, bytes.fromhex(text)),
    "prefix_bytes": lambda path, text, _: path.write_bytes(bytes.fromhex(text) + path.read_bytes()),
    "replace": _replace,
    "write": lambda path, text, _: path.write_text(text),
    "delete": _delete,
    "link": _link,
    "fifo": lambda path, *_: os.mkfifo(path),
    "folder": lambda path, *_: path.mkdir(),
    "cut": _cut,
    "pack": _pack,
    "long": lambda path, *_: _append(path, b'{"name":"' + b"x" * 2**21 + b'"}\n'),
    "deep": lambda path, *_: _append(path, b'{"name":' + b"[" * 200_000 + b"\n"),
}
