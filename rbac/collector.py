"""The collector of cyclic garbage, kept waiting while millions of things are made at a time.

Knows how to keep it waiting in a process whose threads do so at once. It must not know what
is loaded, or counted.

Records, entries and sets of subjects hang together in no cycle: the collector would find no
garbage, and look for it in all that is there already, again and again, for half of the time
of a load and a quarter of a count.
"""

from __future__ import annotations

import gc
from _thread import allocate_lock as Lock  # noqa: N812 - threading costs a cold start more


class Waiting:
    """What keeps the collector from running while anybody is within; share one of them.

    The first who comes stops it, the last who leaves starts it again, however they leave,
    if it was running when the first one came.
    """

    __slots__ = ("_inside", "_lock", "_ran")

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._ran = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._ran = gc.isenabled()
                gc.disable()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._ran:
                gc.enable()


uncollected = Waiting()
"""``with uncollected:`` keeps the collector of this process waiting."""
