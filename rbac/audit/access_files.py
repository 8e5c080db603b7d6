"""The rows of an access review as text: CSV, JSON lines, sentences; and files written whole.

Knows the columns and how each format spells them. It must not know how rows are found. The
text of what many subjects may do is put together once, and then only joined by their ids.

Every column but the last ones is a name, an id or empty, and rows are in the order of their
columns: a CSV file is sorted as text, so that ``diff`` and ``comm`` compare two of them.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from rbac.audit.access_review import Holders
from rbac.audit.shares import Right
from rbac.errors import printable

COLUMNS = (
    *("organization", "resource_type", "resource_id", "principal", "subject_id", "action"),
    *("level", "reach", "role", "scope_type", "scope_id", "group_id", "relation", "grant"),
)
"""What a row says; docs/audit.md tells what each of them means."""

SIGN_OFF = ("reviewer", "decision", "comment")
"""Empty columns for whoever reviews the rows."""

_BATCH = 1_000
"""How many subjects are written at a time."""

Fields = tuple[str | None, ...]


def about_fields(found: Holders) -> Fields:
    """The columns before the id of the subject."""
    about = found.about
    return about.organization, about.type.short, about.id, found.principal.short


def right_fields(right: Right) -> Fields:
    """The columns after the id of the subject."""
    hold, grant = right.hold, right.grant
    return (
        right.action.short,
        right.level.short,
        grant.reach.short,
        hold.role.short,
        hold.on.type.short,
        hold.on.id,
        hold.assignment.group if hold.assignment else None,
        hold.relation.short if hold.relation else None,
        str(grant.place),
    )


class Format(NamedTuple):
    """How rows are spelled: what stands first, and what stands around the id of a subject."""

    header: Callable[[bool], str]
    before: Callable[[Holders], str]
    after: Callable[[Holders, Right, bool], str]


def text_of(found: Iterable[Holders], form: Format, sign_off: bool = False) -> Iterator[str]:
    """A review in one of `FORMATS`, in pieces of whole rows; `sign_off` adds its columns."""
    header = form.header(sign_off)
    if header:
        yield header
    for some in found:
        before = form.before(some)
        parts: list[list[str]] = []
        for rights in some.rights:
            rows = [form.after(some, right, sign_off) for right in rights]
            parts.append([before, *(row + before for row in rows[:-1]), *rows[-1:]])
        for start in range(0, len(some.ids), _BATCH):
            ids = some.ids[start : start + _BATCH]
            which = some.which[start : start + _BATCH]
            yield "".join(map(str.join, ids, map(parts.__getitem__, which)))


def csv_field(value: str | None) -> str:
    """A field as RFC 4180 has it, that no spreadsheet takes for a formula; none is empty."""
    text = value or ""
    if text[:1] in _FORMULA:
        text = f"'{text}"
    if any(each in text for each in '",\r\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text


_FORMULA = {"=", "+", "-", "@", "\t", "\r"}


def _csv_header(sign_off: bool) -> str:
    return ",".join((*COLUMNS, *(SIGN_OFF if sign_off else ()))) + "\r\n"


def _csv_before(found: Holders) -> str:
    return "".join(f"{csv_field(each)}," for each in about_fields(found))


def _csv_after(_: Holders, right: Right, sign_off: bool) -> str:
    fields = "".join(f",{csv_field(each)}" for each in right_fields(right))
    return fields + ("," * len(SIGN_OFF) if sign_off else "") + "\r\n"


def _json_before(found: Holders) -> str:
    """The beginning of an object, up to the id of the subject, which needs no escape."""
    members = _members(COLUMNS, about_fields(found))
    return f'{{{members},"{COLUMNS[4]}":"'


def _json_after(_: Holders, right: Right, sign_off: bool) -> str:
    members = _members(COLUMNS[5:], right_fields(right))
    if sign_off:
        members += "," + _members(SIGN_OFF, (None,) * len(SIGN_OFF))
    return f'",{members}}}\n'


def _members(names: Iterable[str], values: Iterable[str | None]) -> str:
    pairs = zip(names, values, strict=False)
    return ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs)


def _text_before(found: Holders) -> str:
    return f"{found.principal.short}:"


def _text_after(found: Holders, right: Right, _: bool) -> str:
    own = "its own " if right.grant.reach.short == "own" else ""
    about = f"{found.about.type.short}:{found.about.id}"
    what = f"{right.action.short} {own}{about}, holding {right.hold}, by {right.grant.place}"
    return f" may {printable(what)}\n"


FORMATS = {
    "text": Format(lambda _: "", _text_before, _text_after),
    "csv": Format(_csv_header, _csv_before, _csv_after),
    "jsonl": Format(lambda _: "", _json_before, _json_after),
}


@contextmanager
def whole(path: str) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when all of it is on disk, and never before.

    An error leaves what was there as it was.
    """
    folder = os.path.dirname(os.path.abspath(path))
    descriptor, building = tempfile.mkstemp(prefix=".rbac-", dir=folder)
    try:
        with open(descriptor, "wb", buffering=1 << 20) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(building, _mode(path))
        os.replace(building, path)
    except BaseException:
        os.unlink(building)
        raise


def _mode(path: str) -> int:
    """The permissions of the file that is replaced, or those of any new file."""
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
