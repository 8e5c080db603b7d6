"""The rows behind a difference: which changed, and what each explains by itself.

Knows how to suppose a policy with one row more or fewer and to ask its decision table. It
must not decide: every cell it counts was read from a table.

A changed row explains a cell *alone* if making that one change to the old policy already
changes the cell. A cell *needs* it if the new policy, without that one change, would
decide the cell as the old one did. Two grants of one permission each explain it alone and
neither is needed; a permission and the grant of it are both needed and neither is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.audit.cells import Cells, allowed
from rbac.audit.difference import Difference
from rbac.light import NamedTuple
from rbac.policy import unvalidated
from rbac.rows import (
    CatalogueRow,
    Eligibility,
    Grant,
    Row,
    Seniority,
)
from rbac.table import DecisionTable
from rbac.vocabulary import Name, ResourceRole


class Cause(NamedTuple):
    """A row that was added or removed, and how many changed cells it explains."""

    row: Row
    added: bool
    alone: Cells
    needed: Cells

    @property
    def text(self) -> str:
        """The row as policy files write it, with the sign of a difference."""
        return f"{'+' if self.added else '-'} {written(self.row)}"

    def as_dict(self) -> dict[str, object]:
        """The row, its place, and the counts."""
        return {
            "row": written(self.row),
            "added": self.added,
            "place": str(self.row.place),
            "alone": len(self.alone),
            "needed": len(self.needed),
        }


_MARKERS = {Grant: "p", Seniority: "g", Eligibility: "g2"}


def written(row: Row) -> str:
    """A row that can change cells, as policy files write it."""
    fields = row[:3] if isinstance(row, CatalogueRow) else row[: row._fields.index("place")]
    words = [field.short for field in fields if isinstance(field, Name)]
    return ", ".join([_MARKERS[type(row)], *words] if type(row) in _MARKERS else words)


def causes(found: Difference) -> tuple[Cause, ...]:
    """Every changed row that has to do with a changed cell; milliseconds for each row.

    The rows are grants, seniority, eligibility and permissions of the catalogue; no other
    row changes a cell. Added ones first, each kind in the order of its file.
    """
    rows = [*_changed(found, added=True), *_changed(found, added=False)]
    explained = (_cause(found, row, added) for row, added in rows)
    return tuple(cause for cause in explained if len(cause.alone) or len(cause.needed))


def _changed(found: Difference, *, added: bool) -> Iterator[tuple[Row, bool]]:
    old, new = found.old.policy.rows, found.new.policy.rows
    before, after = (old, new) if added else (new, old)
    for table in _TABLES:
        known = {_said(row) for row in getattr(before, table)}
        yield from ((row, added) for row in getattr(after, table) if _said(row) not in known)


_TABLES = ("catalogue", "eligibility", "seniority", "grants")


def _said(row: Row) -> tuple[object, ...]:
    """What a row says that can change a cell: not its level, methods, place or reason."""
    if isinstance(row, CatalogueRow):
        return row[:2]
    return row[: row._fields.index("place")]


def _cause(found: Difference, row: Row, added: bool) -> Cause:
    old, new = found.old, found.new
    alone = _supposed(old, row, add=added)
    without = _supposed(new, row, add=not added)
    numbering = found.gained.numbering
    roles = _touched(row, old, new)
    before, after = (allowed(table, numbering, roles) for table in (old, new))
    there, missing = (allowed(table, numbering, roles) for table in (alone, without))
    changed = found.gained | found.lost
    return Cause(
        row,
        added,
        ((there - before) | (before - there)) & changed,
        ((missing - after) | (after - missing)) & changed,
    )


def _supposed(table: DecisionTable, row: Row, *, add: bool) -> DecisionTable:
    """The table of the same policy with `row` added, or taken away."""
    rows = table.policy.rows
    name = next(name for name in _TABLES if isinstance(row, _KINDS[name]))
    kept = [each for each in getattr(rows, name) if _said(each) != _said(row)]
    changed = tuple([*kept, row] if add else kept)
    return DecisionTable(unvalidated(rows._replace(**{name: changed})))


_KINDS: dict[str, type] = {
    "catalogue": CatalogueRow,
    "eligibility": Eligibility,
    "seniority": Seniority,
    "grants": Grant,
}


def _touched(row: Row, *tables: DecisionTable) -> list[ResourceRole]:
    """The roles whose cells `row` can change: those that include the role it is about."""
    if isinstance(row, CatalogueRow):
        return list(tables[0].roles)
    role = row.senior if isinstance(row, Seniority) else row.role  # type: ignore[union-attr]
    return [
        each for each in tables[0].roles if any(role in table.includes(each) for table in tables)
    ]
