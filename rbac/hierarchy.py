"""Directed relations between names: what is reachable, by which shortest path, and cycles.

Knows nodes and edges only; it must not know which relation it walks. Paths are of any
length; that Casbin follows nine edges is a matter of `rbac.validation`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from rbac.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeVar

    N = TypeVar("N", bound=Hashable)
    Edges = Mapping[N, tuple[N, ...]]


def successors(pairs: Iterable[tuple[N, N]]) -> dict[N, tuple[N, ...]]:
    """The nodes each node leads to, in the order of `pairs`."""
    found: dict[N, list[N]] = {}
    for source, target in pairs:
        found.setdefault(source, []).append(target)
    return {source: tuple(targets) for source, targets in found.items()}


def paths(edges: Edges[N], start: N) -> dict[N, tuple[N, ...]]:
    """Every node reachable from `start`, itself included, with a shortest path to it.

    Nearest first; among equals, in the order of the edges. Linear in the edges reached.
    """
    found: dict[N, tuple[N, ...]] = {start: (start,)}
    level = [start]
    while level:
        following: list[N] = []
        for node in level:
            for target in edges.get(node, ()):
                if target not in found:
                    found[target] = (*found[node], target)
                    following.append(target)
        level = following
    return found


def cycles(edges: Edges[N]) -> list[tuple[N, ...]]:
    """The nodes of each cycle, once each cycle, in the order of the edges."""
    seen: set[N] = set()
    found: list[tuple[N, ...]] = []
    for node in edges:
        if node in seen:
            continue
        around = [
            other
            for other in paths(edges, node)
            if any(node in paths(edges, target) for target in edges.get(other, ()))
        ]
        if any(node in paths(edges, target) for target in edges[node]):
            seen.update(around)
            found.append(tuple(around))
    return found


def longest_path(edges: Edges[N]) -> tuple[N, ...]:
    """A longest path; `edges` must be free of cycles. Linear in the edges."""
    best: dict[N, tuple[N, ...]] = {}

    def from_node(node: N) -> tuple[N, ...]:
        if node not in best:
            tails = [from_node(target) for target in edges.get(node, ())]
            best[node] = (node, *max(tails, key=len, default=()))
        return best[node]

    return max((from_node(node) for node in edges), key=len, default=())
