"""Elements of the page: sections, tables that scroll, names, levels, folded lists.

Knows how each is marked up so that it can be read, heard, printed and reached by keyboard.
It must not know what a report says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rbac.audit.report.markup import Markup, joined, tag
from rbac.audit.report.phrases import counted
from rbac.rows import Level

FEW = 6
"""How many names a cell shows before the others are folded."""


def section(id: str, title: str, about: object, *parts: object) -> Markup:
    """A section with its heading, and a sentence that says what it shows."""
    heading = tag("h2", title, id=f"{id}-title")
    return tag("section", heading, tag("p", about), *parts, id=id, aria_labelledby=f"{id}-title")


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Markup], *, id: str | None = None
) -> Markup:
    """A table that scrolls by itself where it is too wide or too long."""
    head = tag("tr", *(tag("th", column, scope="col") for column in columns))
    body = tag("tbody", *rows)
    whole = tag("table", tag("caption", caption), tag("thead", head), body, id=id)
    return scrolling(caption, whole, "scroll tall")


def scrolling(label: str, inside: Markup, class_: str) -> Markup:
    """A region that can be scrolled with the keyboard."""
    return tag("div", inside, class_=class_, role="region", aria_label=label, tabindex=0)


def row(first: object, *cells: object, **given: object) -> Markup:
    """A row whose first cell is its heading."""
    return tag("tr", tag("th", first, scope="row"), *(tag("td", each) for each in cells), **given)


def code(value: object) -> Markup:
    """A name, an id or a place."""
    return tag("code", value)


def level(value: Level) -> Markup:
    """A level as it is marked everywhere."""
    return tag("span", value.short, class_=f"level {value.short}")


def listed(items: Iterable[object], **given: object) -> Markup:
    """A list."""
    return tag("ul", *(tag("li", item) for item in items), **given)


def folded(items: Sequence[object], noun: str) -> Markup:
    """A list; the end of a long one is folded."""
    if len(items) <= FEW:
        return listed(items)
    more = tag("summary", f"{counted(len(items) - FEW, noun)} more")
    return joined([listed(items[:FEW]), tag("details", more, listed(items[FEW:]))])


def defined(pairs: Iterable[tuple[str, object]], class_: str) -> Markup:
    """Terms, and what each of them is."""
    parts = [part for term, what in pairs for part in (tag("dt", term), tag("dd", what))]
    return tag("dl", *parts, class_=class_)
