"""The heat map: what each role may do to each type of resource, at a glance.

Knows how a cell is marked: by the letter and colour of its strongest level, and by how
many actions it has. It must not know the rest of the page.
"""

from __future__ import annotations

from rbac.audit.report.data import Cell, Report, RoleLine
from rbac.audit.report.elements import level, scrolling
from rbac.audit.report.markup import Markup, joined, tag
from rbac.audit.report.phrases import LEVELS, counted
from rbac.rows import Level, Reach
from rbac.vocabulary import ResourceType

ORDER = tuple(Level)


def heat_map(report: Report) -> Markup:
    """The whole map as a table; the script filters it and tells each cell's actions."""
    corner = tag("th", "role \\ on", scope="col")
    types = [tag("th", tag("span", type.short), scope="col") for type in report.types]
    head = tag("thead", tag("tr", corner, *types))
    body = tag("tbody", *(_line(line, report.types) for line in report.roles))
    caption = "How many actions each role permits on each type of resource"
    whole = tag("table", tag("caption", caption), head, body, id="map-table")
    return joined([legend(), scrolling("Roles by types of resources", whole, "scroll map")])


def legend() -> Markup:
    """What letters, colours and stripes of the map mean."""
    levels = [
        tag("li", level(each), f" {each.short[0].upper()}: {LEVELS[each]}") for each in LEVELS
    ]
    own = tag("li", "striped, with *: on own resources only")
    number = tag("li", "number: how many actions; letter and colour: the strongest of them")
    return tag("ul", *levels, own, number, class_="legend")


def _line(line: RoleLine, types: tuple[ResourceType, ...]) -> Markup:
    cells = (_cell(line, type) for type in types)
    return tag("tr", tag("th", line.role.short, scope="row"), *cells)


def _cell(line: RoleLine, type: ResourceType) -> Markup:
    cells = line.on(type)
    if not cells:
        return tag("td")
    strongest = max((cell.level for cell in cells), key=ORDER.index)
    own = _own(cells)
    mark = f"{strongest.short[0].upper()}{len(cells)}{'*' if own else ''}"
    reach = ", own only" if own else ""
    said = f"{line.role.short} on {type.short}: {counted(len(cells), 'action')}"
    label = f"{mark}, {said}, strongest {strongest.short}{reach}"
    classes = f"{strongest.short} own" if own else strongest.short
    button = tag("button", mark, type="button", class_=classes, tabindex=-1, aria_label=label)
    return tag("td", button)


def _own(cells: tuple[Cell, ...]) -> bool:
    return all(cell.reach is Reach.OWN for cell in cells)
