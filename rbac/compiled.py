"""Compiled policies: what a process has compiled once, it does not compile again.

Knows which decision table belongs to which policy, and which of them are kept. It must not
decide anything, nor take two policies for one because they share a digest: decisions
carry the places, rationales and methods of rows, which a digest leaves out.
"""

from __future__ import annotations

from _thread import allocate_lock  # what `threading` calls Lock, without its millisecond

from rbac.light import TYPE_CHECKING
from rbac.policy import Policy
from rbac.rows import Rows
from rbac.table import DecisionTable

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    Tables = MutableMapping[int, tuple[tuple[Rows, DecisionTable], ...]]

LIMIT = 1_024
"""How many policies a process keeps compiled."""


class CompiledPolicies:
    """The decision tables of the policies used last, one for each; share it among all threads.

    Policies are the same when all their rows are, as they were written, in their order.
    Of a policy that was used too long ago nothing is kept but what others hold of it.
    """

    __slots__ = ("_limit", "_lock", "_tables")

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = allocate_lock()
        self._tables: Tables = {}

    def table(self, policy: Policy) -> DecisionTable:
        """The table of `policy`; made now if it is not kept.

        Microseconds for a hundred rows, as all of them are hashed.
        """
        rows = policy.rows
        key = hash(rows)
        with self._lock:
            alike = self._tables.get(key, ())
            for known, table in alike:
                if known == rows:
                    return table
            made = DecisionTable(policy)
            self._with_room()[key] = (*alike, (rows, made))
            return made

    def _with_room(self) -> Tables:
        """Where one more can be kept; only a second policy pays for the import."""
        if self._tables and isinstance(self._tables, dict):
            from cachetools import LRUCache

            tables: Tables = LRUCache(self._limit)
            tables.update(self._tables)
            self._tables = tables
        return self._tables


_SHIPPED = DecisionTable(Policy.shipped)
_COMPILED = CompiledPolicies()


def compiled(policy: Policy | None) -> DecisionTable:
    """The table of `policy`, one in a process; of the shipped one without, read when asked."""
    if policy is None or (Policy.shipped.cache_info().currsize and policy is Policy.shipped()):
        return _SHIPPED
    return _COMPILED.table(policy)
