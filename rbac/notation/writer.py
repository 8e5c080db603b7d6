"""Writes a policy as a policy folder, in canonical order.

Knows how rows, paragraphs and files are laid out, so that reading what was written gives
the same policy. It must not know whether the policy is any good.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Mapping

from rbac.notation.grammar import END, MODEL, WAIVER
from rbac.notation.reader import read
from rbac.rows import (
    CatalogueRow,
    Containment,
    CredentialKind,
    Eligibility,
    Grant,
    Level,
    Rationale,
    Reach,
    Relation,
    Requirement,
    RoleRow,
    Row,
    Rows,
    Seniority,
    statements,
)
from rbac.vocabulary import Action, Name, Principal, ResourceRole, ResourceType
from rbac.whole import put, whole_folder

WIDTH = 88


def write(rows: Rows, folder: str) -> None:
    """Writes `rows` as the policy folder `folder`, whole or not at all.

    The folder appears in one rename when every file is on disk and reads back as `rows`.
    Raises `FileExistsError` if something that is not an empty folder is there already,
    `ValueError` for rows that the notation cannot say. Comments that are not
    rationales are not part of rows and are not written.
    """
    with whole_folder(folder) as building:
        os.mkdir(os.path.join(building, "grants"))
        for name, text in texts(rows).items():
            put(os.path.join(building, name), [text])
        if not _reads_back(rows, building):
            raise ValueError("these rows cannot be written: the notation would not read them back")


def _reads_back(rows: Rows, folder: str) -> bool:
    """Whether the folder says just what `rows` say; a note or a reason may hold anything."""
    found, problems = read(folder)
    return not problems and statements(found) == statements(rows)


def texts(rows: Rows) -> Mapping[str, str]:
    """The text of every file of the policy, by its name relative to the folder."""
    files = {
        f"{table}.csv": "".join(f"{line_of(row)}\n" for row in sorted(each, key=position))
        for table, each in rows._asdict().items()
        if table != "grants"
    }
    files |= _families(rows)
    return {"model.conf": f"{MODEL}\n{END}\n"} | {
        name: f"{text}\n{END}\n" for name, text in files.items()
    }


def position(row: Row) -> tuple[list[int], str]:
    """Sorts by the order of the specification, field by field."""
    places = [_ORDER[field] for field in row if isinstance(field, Name)]
    return places, row.text if isinstance(row, Requirement) else ""


def line_of(row: Row) -> str:
    """The row as its file has it."""
    match row:
        case RoleRow(role, on, assignable, note):
            given = "yes" if assignable else "system"
            return f"{role.short}, {on.short if on else '-'}, {given}, {note}"
        case CatalogueRow(kind, action, level, methods):
            return f"{kind.short}, {action.short}, {level.short}, {' '.join(methods)}".rstrip()
        case Requirement(kind, action):
            return f"{kind.short}, {action.short}, {row.text}"
    names = [field.short for field in row if isinstance(field, Name)]
    return ", ".join([*_MARKERS.get(type(row), ()), *names])


_MARKERS = {Containment: ("g3",), Eligibility: ("g2",), Seniority: ("g",), Grant: ("p",)}
_ORDER = {
    name: place
    for names in (
        ResourceRole,
        ResourceType,
        Principal,
        Action,
        Relation,
        Level,
        Reach,
        CredentialKind,
    )
    for place, name in enumerate(names)
}


def _families(rows: Rows) -> dict[str, str]:
    """The grants, a file for each family of roles, a paragraph for each role and rationale."""
    held = {row.role: row.assigned_on for row in rows.roles}
    paragraphs: dict[tuple[ResourceType, ResourceRole, Rationale], list[Grant]] = {}
    for grant in sorted(rows.grants, key=position):
        on = held[grant.role]
        if on is None or grant.rationale is None:
            raise ValueError(f"a grant of {grant.role.short} has no family or no rationale")
        paragraphs.setdefault((on, grant.role, grant.rationale), []).append(grant)
    families: dict[str, list[str]] = {}
    for (on, _, why), grants in sorted(
        paragraphs.items(),
        key=lambda item: (_ORDER[item[0][0]], _ORDER[item[0][1]], str(item[0][2])),
    ):
        lines = [*_comment(why), *map(line_of, grants)]
        families.setdefault(f"grants/{on.short}.csv", []).append("\n".join(lines) + "\n")
    return {name: "\n".join(texts) for name, texts in families.items()}


def _comment(why: Rationale) -> Iterable[str]:
    """The rationale as comment lines, none of which may look like something else."""
    for width in range(WIDTH, 40, -1):
        lines = textwrap.wrap(
            str(why),
            width,
            initial_indent="# ",
            subsequent_indent="# ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        if END not in lines and not any(line.startswith(WAIVER) for line in lines):
            return lines
    return [f"# {why}"]
