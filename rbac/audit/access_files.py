"""The rows of an access review as text: CSV, JSON lines and sentences.

Knows the columns and how each format spells them. It must not know how rows are found. The
text of what many subjects may do is put together once, and then only joined by their ids.

Every column but the last ones is a name, an id or empty, and rows are in the order of their
columns: a CSV file is sorted as text, so that ``diff`` and ``comm`` compare two of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rbac.audit.access_review import Holders
from rbac.audit.cohorts import Right, Rights
from rbac.audit.formats.fields import defused
from rbac.decision import Hold
from rbac.errors import printable
from rbac.rows import Grant, Reach

COLUMNS = (
    *("organization", "resource_type", "resource_id", "principal", "subject_id", "action"),
    *("level", "reach", "role", "scope_type", "scope_id", "group_id", "relation", "grant"),
)
"""What a row says; docs/audit.md tells what each of them means."""

SIGN_OFF = ("reviewer", "decision", "comment")
"""Empty columns for whoever reviews the rows."""

_BATCH = 1_000
"""How many subjects are written at a time."""

_KEPT = 5_000
"""How many texts of what many subjects may do are remembered at a time."""

Fields = tuple[str | None, ...]


def about_fields(found: Holders) -> Fields:
    """The columns before the id of the subject."""
    about = found.about
    return about.organization, about.type.short, about.id, found.principal.short


def right_fields(right: Right) -> Fields:
    """The columns after the id of the subject."""
    *names, grant = grant_fields(right)
    return *names, *hold_fields(right.hold), grant


def grant_fields(right: Right) -> Fields:
    """Those that do not depend on how exactly the role is held: the first ones and the last."""
    names = right.action, right.level, right.grant.reach, right.hold.role
    return *(name.short for name in names), str(right.grant.place)


def hold_fields(hold: Hold) -> Fields:
    """Those in between: on what the role is held, and through what."""
    return (
        hold.on.type.short,
        hold.on.id,
        hold.assignment.group if hold.assignment else None,
        hold.relation.short if hold.relation else None,
    )


class Format(NamedTuple):
    """How rows are spelled: a header, and the parts of a row around the id of its subject.

    `before` it stands what the row is about; then comes the right, `around` its hold.
    """

    header: Callable[[bool], str]
    before: Callable[[Holders], str]
    around: Callable[[Holders, Right, bool], tuple[str, str]]
    hold: Callable[[Hold], str]


def text_of(found: Iterable[Holders], form: Format, sign_off: bool = False) -> Iterator[str]:
    """A review in one of `FORMATS`, in pieces of whole rows; `sign_off` adds its columns."""
    if header := form.header(sign_off):
        yield header
    spelling = _Spelling(form, sign_off)
    for some in found:
        before = form.before(some)
        parts = [
            [before, *(row + before for row in rows[:-1]), *rows[-1:]]
            for rows in (spelling.rows(some, rights) for rights in some.rights)
        ]
        for start in range(0, len(some.ids), _BATCH):
            ids = some.ids[start : start + _BATCH]
            which = some.which[start : start + _BATCH]
            yield "".join(map(str.join, ids, map(parts.__getitem__, which)))


class _Spelling:
    """The texts of rights, each part of them worked out once, for a while."""

    def __init__(self, form: Format, sign_off: bool) -> None:
        self._form = form
        self._sign_off = sign_off
        self._around: dict[object, tuple[Grant, str, str]] = {}

    def rows(self, found: Holders, rights: Rights) -> list[str]:
        """What stands after the subject in each of its rows."""
        holds: dict[int, str] = {}
        rows = []
        for right in rights:
            _, front, back = self._spelled(found, right)
            held = holds.get(id(right.hold))
            if held is None:
                held = holds[id(right.hold)] = self._form.hold(right.hold)
            rows.append(front + held + back)
        return rows

    def _spelled(self, found: Holders, right: Right) -> tuple[Grant, str, str]:
        # A grant is told by its id, since comparing two is dear; it is kept, so that it has one.
        key = id(right.grant), right.hold.role
        known = self._around.get(key)
        if known is None:
            front, back = self._form.around(found, right, self._sign_off)
            if len(self._around) == _KEPT:
                self._around.clear()
            known = self._around[key] = right.grant, front, back
        return known


def csv_field(value: str | None) -> str:
    """A field as RFC 4180 has it, that no spreadsheet takes for a formula; none is empty."""
    text = defused(value or "")
    if _SPECIAL(text):
        text = '"' + text.replace('"', '""') + '"'
    return text


_SPECIAL = re.compile('[",\r\n]').search


def _csv_header(sign_off: bool) -> str:
    return ",".join((*COLUMNS, *(SIGN_OFF if sign_off else ()))) + "\r\n"


def _csv_before(found: Holders) -> str:
    return "".join(f"{csv_field(each)}," for each in about_fields(found))


def _csv_around(_: Holders, right: Right, sign_off: bool) -> tuple[str, str]:
    *names, grant = map(csv_field, grant_fields(right))
    return "," + ",".join(names), f",{grant}{',' * len(SIGN_OFF) if sign_off else ''}\r\n"


def _csv_hold(hold: Hold) -> str:
    type, id, group, relation = hold_fields(hold)  # names and ids, which are only letters
    return f",{type},{id},{group or ''},{relation or ''}"


def _json_before(found: Holders) -> str:
    """The beginning of an object, up to the id of the subject, which needs no escape."""
    return f'{{{_members(COLUMNS, about_fields(found))},"{COLUMNS[4]}":"'


def _json_around(_: Holders, right: Right, sign_off: bool) -> tuple[str, str]:
    *names, grant = grant_fields(right)
    last = {COLUMNS[-1]: grant} | (dict.fromkeys(SIGN_OFF) if sign_off else {})
    return f'",{_members(COLUMNS[5:], names)},', f",{_members(last, last.values())}}}\n"


def _json_hold(hold: Hold) -> str:
    return _members(COLUMNS[9:], hold_fields(hold))


def _members(names: Iterable[str], values: Iterable[str | None]) -> str:
    pairs = zip(names, values, strict=False)
    return ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs)


def _text_before(found: Holders) -> str:
    return f"{found.about.type.short}:{found.about.id}: {found.principal.short}:"


def _text_around(_: Holders, right: Right, __: bool) -> tuple[str, str]:
    own = " (own)" if right.grant.reach is Reach.OWN else ""
    front = f" may {right.action.short}{own}, holding "
    return front, f", by {printable(str(right.grant.place))}\n"


FORMATS = {
    "text": Format(lambda _: "", _text_before, _text_around, str),
    "csv": Format(_csv_header, _csv_before, _csv_around, _csv_hold),
    "jsonl": Format(lambda _: "", _json_before, _json_around, _json_hold),
}
