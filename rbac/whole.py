"""Files that are written whole or not at all.

Knows how a file takes the place of another in one step. It must not know what is in it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
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
        raise FileExistsError(17, "it is there already", path)
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
