"""Files and folders that are written whole or not at all.

Knows how one takes the place of another in one step. It must not know what is in it.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rbac.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO


@contextmanager
def whole(path: str, *, new: bool = False) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when all of it is on disk, and never before.

    An error leaves what was there as it was. What is replaced keeps its permissions, and a
    link to it stays one. With `new` nothing is replaced: raises `FileExistsError` if
    something is there, at the start or in the end. What is no file, as a pipe, is written to.
    """
    if new and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as stream:
            yield stream
        return
    path = os.path.realpath(path)
    descriptor, building = tempfile.mkstemp(prefix=".rbac-", dir=os.path.dirname(path))
    try:
        with open(descriptor, "wb", buffering=1 << 20) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(building, _mode(path))
        (_appear if new else os.replace)(building, path)
    except BaseException:
        os.unlink(building)
        raise


def save(path: str, text: str) -> None:
    """Writes `text` as the whole of a file, as UTF-8; see `whole`."""
    with whole(path) as stream:
        stream.write(text.encode())


@contextmanager
def whole_folder(path: str) -> Iterator[str]:
    """A folder to put files into, which becomes `path` in one rename; an error leaves nothing.

    Raises `FileExistsError` if something that is not an empty folder is there already.
    """
    path = os.path.abspath(path)
    if os.path.lexists(path) and (not os.path.isdir(path) or os.listdir(path)):
        raise FileExistsError(f"{path} exists already")
    parent = os.path.dirname(path)
    os.makedirs(parent, exist_ok=True)
    building = tempfile.mkdtemp(prefix=".rbac-", dir=parent)
    try:
        yield building
        os.chmod(building, 0o755)  # noqa: S103 - as any new folder
        _sync(building)
        os.replace(building, path)
        _sync(parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def put(path: str, lines: Iterable[str]) -> None:
    """Writes a new file into such a folder, and has it stay on the disk."""
    with open(path, "x", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: str) -> None:
    """Makes what a folder lists stay on the disk, where the system can do that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _appear(building: str, path: str) -> None:
    os.link(building, path)  # unlike a rename, it never replaces anything
    os.unlink(building)


def _mode(path: str) -> int:
    """The permissions of the file that is replaced, or those of any new file."""
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
