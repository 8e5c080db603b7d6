"""Writes a policy as a policy folder, in canonical order.

Knows how rows, paragraphs and files are laid out, so that reading what was written gives
the same policy. It must not know whether the policy is any good.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Mapping

from rbac.notation.grammar import END, MODEL
from rbac.rows import Grant, Rationale, Rows
from rbac.vocabulary import Principal, ResourceRole, ResourceType

WIDTH = 88


def write(rows: Rows, folder: str) -> None:
    """Writes `rows` as the policy folder `folder`, whole or not at all.

    The folder appears in one rename when every file is on disk. Raises `FileExistsError`
    if something that is not an empty folder is there already. Comments that are not
    rationales are not part of rows and are not written.
    """
    folder = os.path.abspath(folder)
    if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise FileExistsError(f"{folder} exists already")
    parent = os.path.dirname(folder)
    os.makedirs(parent, exist_ok=True)
    building = tempfile.mkdtemp(prefix=".rbac-", dir=parent)
    try:
        os.mkdir(os.path.join(building, "grants"))
        for name, text in texts(rows).items():
            _save(os.path.join(building, name), text)
        os.chmod(building, 0o755)  # noqa: S103 - a policy is there to be read
        os.replace(building, folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _save(path: str, text: str) -> None:
    with open(path, "x", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def texts(rows: Rows) -> Mapping[str, str]:
    """The text of every file of the policy, by its name relative to the folder."""
    role, kind, principal = _order(ResourceRole), _order(ResourceType), _order(Principal)
    tables = {
        "roles.csv": [
            f"{row.role.short}, {row.assigned_on.short if row.assigned_on else '-'}, "
            f"{'yes' if row.assignable else 'system'}, {row.note}"
            for row in sorted(rows.roles, key=lambda row: role(row.role))
        ],
        "catalogue.csv": [
            f"{row.type.short}, {row.action.short}, {row.level.short}, {' '.join(row.methods)}"
            for row in sorted(rows.catalogue, key=lambda row: (kind(row.type), row.action.short))
        ],
        "containment.csv": [
            f"g3, {row.child.short}, {row.parent.short}"
            for row in sorted(rows.containment, key=lambda row: (kind(row.child), kind(row.parent)))
        ],
        "eligibility.csv": [
            f"g2, {row.principal.short}, {row.role.short}"
            for row in sorted(
                rows.eligibility, key=lambda row: (principal(row.principal), role(row.role))
            )
        ],
        "seniority.csv": [
            f"g, {row.senior.short}, {row.junior.short}"
            for row in sorted(rows.seniority, key=lambda row: (role(row.senior), role(row.junior)))
        ],
        "derived_roles.csv": [
            f"{row.relation.short}, {row.type.short}, {row.role.short}"
            for row in sorted(
                rows.derived_roles,
                key=lambda row: (row.relation.short, kind(row.type), role(row.role)),
            )
        ],
        "requirements.csv": [
            f"{row.type.short}, {row.action.short}, {row.text}"
            for row in sorted(
                rows.requirements, key=lambda row: (kind(row.type), row.action.short, row.text)
            )
        ],
    }
    files = {
        name: "".join(f"{line.rstrip()}\n" for line in lines) for name, lines in tables.items()
    }
    files |= _families(rows)
    return {"model.conf": f"{MODEL}\n{END}\n"} | {
        name: f"{text}\n{END}\n" for name, text in files.items()
    }


def _families(rows: Rows) -> dict[str, str]:
    """The grants, a file for each family of roles, a paragraph for each role and rationale."""
    role, kind = _order(ResourceRole), _order(ResourceType)
    held = {row.role: row.assigned_on for row in rows.roles}
    paragraphs: dict[tuple[ResourceType, ResourceRole, Rationale], list[Grant]] = {}
    for grant in rows.grants:
        on = held[grant.role]
        if on is None or grant.rationale is None:
            raise ValueError(f"a grant of {grant.role.short} has no family or no rationale")
        paragraphs.setdefault((on, grant.role, grant.rationale), []).append(grant)
    files: dict[str, str] = {}
    for (on, holder, why), grants in sorted(
        paragraphs.items(), key=lambda item: (kind(item[0][0]), role(item[0][1]), str(item[0][2]))
    ):
        grants.sort(key=lambda grant: (kind(grant.type), grant.action.short, grant.reach.short))
        lines = [*_comment(why), *(_grant(holder, grant) for grant in grants), ""]
        name = f"grants/{on.short}.csv"
        files[name] = files.get(name, "") + "\n".join(lines) + "\n"
    return {name: text.removesuffix("\n") for name, text in files.items()}


def _grant(role: ResourceRole, grant: Grant) -> str:
    return f"p, {role.short}, {grant.type.short}, {grant.action.short}, {grant.reach.short}"


def _comment(why: Rationale) -> Iterable[str]:
    """The rationale as comment lines, none of which may look like the end of the file."""
    for width in range(WIDTH, 40, -1):
        lines = textwrap.wrap(
            str(why),
            width,
            initial_indent="# ",
            subsequent_indent="# ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        if END not in lines:
            return lines
    return [f"# {why}"]


def _order(names: Iterable[object]) -> Callable[[object], int]:
    """Sorts by the order of the specification."""
    position = {name: index for index, name in enumerate(names)}
    return position.__getitem__
