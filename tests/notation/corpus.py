"""Malformed policies, named by idea: edits to the shipped policy, and all that is wrong then.

Each file of ``tests/corpus/malformed`` is one scenario: a sentence, the edits that are made
to a copy of the shipped policy folder, and every problem that has to be reported. A problem
names its line by the text of the line as it is after the edits (its last occurrence, if
there are several), or by number: 0 for the whole file, below it from the end.
"""

import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rbac.errors import Problem
from rbac.policy import shipped_folder

CORPUS = Path(__file__).parents[1] / "corpus" / "malformed"
END = "\n# end\n"


class Edit(NamedTuple):
    """One change to one file: what to `do`, where, and with which text.

    `do` is ``append`` (before the end mark), ``replace`` or ``insert_bytes`` (in place of
    `find`, which stands there once), ``substitute`` (every match of the expression `find`),
    ``prefix_bytes``, ``write``, ``delete``, ``move``, ``link``, ``fifo`` or ``folder``.
    Bytes are written as hexadecimal digits; a link may lead to ``{outside}``, a folder
    beside the policy with a copy of it, whose name begins like the policy's.
    """

    file: str
    do: str
    text: str = ""
    find: str = ""


class Expected(NamedTuple):
    """A problem to come: its file, its line by text or number, its column, a part of it."""

    file: str
    says: str
    line: str | int = 0
    column: int = 0

    def matches(self, problem: Problem, folder: Path) -> bool:
        """Whether `problem` is this one, in the policy `folder`."""
        path = str(folder / self.file)
        place = path, self._number(folder), self.column
        return problem[:3] == place and self.says in problem.message

    def _number(self, folder: Path) -> int:
        if isinstance(self.line, int) and self.line >= 0:
            return self.line
        data = (folder / self.file).read_bytes()
        lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        if isinstance(self.line, int):
            return len(lines) + 1 + self.line
        return max(number for number, line in enumerate(lines, 1) if line == self.line)


class Scenario(NamedTuple):
    """One malformed policy: the sentence it stands for, how it is made, what is wrong."""

    name: str
    idea: str
    edits: tuple[Edit, ...]
    problems: tuple[Expected, ...]

    def make(self, place: Path) -> Path:
        """Makes the malformed policy as a new folder in `place`."""
        folder = shipped_copy(place)
        for edit in self.edits:
            apply(folder, edit)
        return folder


def scenarios() -> list[Scenario]:
    """Every scenario of the corpus, by name."""
    return [scenario(path) for path in sorted(CORPUS.glob("*.toml"))]


def scenario(path: Path) -> Scenario:
    """The scenario in one file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    assert data.keys() == {"idea", "edit", "problem"}, path
    edits = tuple(Edit(**edit) for edit in data["edit"])
    return Scenario(
        path.stem, data["idea"], edits, tuple(Expected(**problem) for problem in data["problem"])
    )


def shipped_copy(place: Path) -> Path:
    """A copy of the shipped policy folder, in `place`."""
    return Path(shutil.copytree(shipped_folder(), place / "policy"))


def shipped_files() -> dict[str, bytes]:
    """Every file that the shipped policy must have, by its name within the folder."""
    root = Path(shipped_folder())
    found = sorted(path for path in root.rglob("*") if path.suffix in (".csv", ".conf"))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes `files` into `folder`, which keeps what else is there."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def apply(folder: Path, edit: Edit) -> None:
    """Makes one edit to the policy in `folder`."""
    path = folder / edit.file
    match edit.do:
        case "append" | "replace" | "substitute" | "insert_bytes" | "prefix_bytes":
            path.write_bytes(_edited(path.read_bytes(), edit))
        case "write":
            path.write_bytes(edit.text.encode())
        case "delete" if path.is_dir():
            shutil.rmtree(path)
        case "delete":
            path.unlink()
        case "move":
            path.rename(folder / edit.text)
        case "link":
            outside = folder.with_name(f"{folder.name}-outside")
            shutil.copytree(shipped_folder(), outside, dirs_exist_ok=True)
            if path.is_dir():
                shutil.rmtree(path)
            path.symlink_to(edit.text.replace("{outside}", str(outside)))
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            raise ValueError(f"no edit is called {edit.do}")


def _edited(data: bytes, edit: Edit) -> bytes:
    if edit.do == "prefix_bytes":
        return bytes.fromhex(edit.text) + data
    if edit.do == "substitute":
        changed, count = re.subn(edit.find, edit.text, data.decode(), flags=re.MULTILINE)
        assert count, f"nothing in {edit.file} matches {edit.find!r}"
        return changed.encode()
    find = (END if edit.do == "append" else edit.find).encode()
    assert data.count(find) == 1, f"{edit.find!r} does not stand once in {edit.file}"
    if edit.do == "insert_bytes":
        return data.replace(find, bytes.fromhex(edit.text))
    text = f"\n{edit.text}{END}" if edit.do == "append" else edit.text
    return data.replace(find, text.encode())
