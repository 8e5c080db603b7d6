"""Files that a command was asked to write.

Knows what is said of a file that cannot be written. It must not know what is in one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rbac.errors import RequestError, printable
from rbac.light import TYPE_CHECKING
from rbac.whole import whole

if TYPE_CHECKING:
    from typing import BinaryIO


@contextmanager
def saving(path: str, *, new: bool = False) -> Iterator[BinaryIO]:
    """A file that is written whole or not at all; raises `RequestError` where it cannot be."""
    try:
        with whole(path, new=new) as stream:
            yield stream
    except OSError as error:
        raise RequestError(f"{printable(path)} cannot be written: {error.strerror}") from None


def save(path: str, text: str, *, new: bool = False) -> None:
    """Writes a text so, as UTF-8."""
    with saving(path, new=new) as stream:
        stream.write(text.encode())
