"""Markup: elements of a page, with every text in them escaped.

Knows HTML's rules of escaping. It must not know what a page says. `Markup` is text that is
a page already; any other text becomes one by being escaped, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from rbac.errors import printable


class Markup(str):
    """Text that is markup already, and is put into a page as it stands."""

    __slots__ = ()


def text(value: object) -> Markup:
    """What `value` says, as markup: no letter of it means anything to a browser.

    Marks that turn the direction of a text, and control characters, are written out.
    """
    return value if isinstance(value, Markup) else Markup(escape(printable(str(value))))


def attributes(**given: object) -> str:
    """Attributes of an element; ``_`` in a name is ``-``, and None leaves one out."""
    return " ".join(
        f'{name.rstrip("_").replace("_", "-")}="{text(value)}"'
        for name, value in given.items()
        if value is not None
    )


def tag(name: str, *children: object, **given: object) -> Markup:
    """An element with its children, each escaped unless it is markup."""
    opening = " ".join(filter(None, (name, attributes(**given))))
    return Markup(f"<{opening}>{''.join(map(text, children))}</{name}>")


def joined(parts: Iterable[object]) -> Markup:
    """Pieces one after the other, each escaped unless it is markup."""
    return Markup("".join(map(text, parts)))
