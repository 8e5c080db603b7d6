"""How answers about many cells are said: counts, and blocks in words.

Knows words only. It must not know what is being said of the cells.
"""

from __future__ import annotations

from rbac.audit.blocks import Block
from rbac.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rbac.vocabulary import Name


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 cell``, ``1,204 cells``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def sentence(block: Block) -> str:
    """A block in words: who, in which roles, may do what to what."""
    principals, roles, types, actions, owns = block
    return (
        f"{_names(principals)} as {_names(roles)}: {_names(actions)} on {_names(types)}, "
        f"{_OWNS[owns]}  ({counted(block.size, 'cell')})"
    )


def _names(names: Iterable[Name]) -> str:
    return ", ".join(name.short for name in names)


_OWNS = {(False, True): "any", (True,): "own only", (False,): "other than own"}
