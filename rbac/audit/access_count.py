"""How much an access review lists, counted exactly without listing it.

Knows what rows can be counted by. It must not decide: it adds up what sets of subjects may
do, which is what the review lists, or what was counted of everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from rbac.access import Access
from rbac.audit.access_review import Progress, cohorts
from rbac.audit.cohorts import ALL, Cohorts, Right, Rights, Selection, numbers_of
from rbac.counting import count
from rbac.crowds import Crowd
from rbac.rows import Level, Permission
from rbac.vocabulary import Principal

Counts = dict[str, int]

_Cell = tuple[Principal, Permission, Level]

_BY_CELL: dict[str, Callable[[_Cell], str]] = {
    "action": lambda cell: cell[1].action.short,
    "level": lambda cell: cell[2].short,
    "permission": lambda cell: str(cell[1]),
    "principal": lambda cell: cell[0].short,
    "type": lambda cell: cell[1].type.short,
}
"""What does not depend on who exactly, nor on why: everything is then counted at once."""

BY = tuple(sorted({*_BY_CELL, "organization", "role", "subject"}))
"""What the rows can be counted by; a role is the one that the right rests on."""


def counts(
    access: Access, by: str, selection: Selection = ALL, progress: Progress | None = None
) -> Counts:
    """How many rows of the review there are of each of `by`, one of `BY`, in order.

    Half a minute for a million assignments by kinds and permissions; some minutes by what
    is asked of each resource: role, subject or organization.
    """
    found: Counter[str] = Counter()
    if by in _BY_CELL and selection.subject is None and selection.organization is None:
        for cell, number in _cells(access):
            if _selected(cell, selection):
                found[_BY_CELL[by](cell)] += number
    else:
        add = _ADDING[by] if by in _ADDING else _adding_cells(_BY_CELL[by])
        for each in cohorts(access, selection, progress):
            add(found, each)
    return dict(sorted(found.items()))


def _cells(access: Access) -> Iterator[tuple[_Cell, int]]:
    counted = count(access)
    for (principal, permission), number in counted.cells.items():
        yield (principal, permission, counted.levels[permission]), number


def _selected(cell: _Cell, selection: Selection) -> bool:
    _, (action, type), level = cell
    return (
        selection.action in (None, action)
        and selection.type in (None, type)
        and selection.level in (None, level)
    )


def _sets(each: Cohorts) -> Iterator[tuple[Principal, int, Rights]]:
    """How many of a kind have which rights."""
    for crowd, members, rights in each.crowds:
        yield crowd.principal, members.bit_count(), rights
    for who, rights in each.strangers:
        yield who.principal, 1, rights


def _adding_cells(name: Callable[[_Cell], str]) -> Callable[[Counter[str], Cohorts], None]:
    def add(found: Counter[str], each: Cohorts) -> None:
        for principal, size, rights in _sets(each):
            for right in rights:
                permission = Permission(right.action, each.about.type)
                found[name((principal, permission, right.level))] += size

    return add


def _add_roles(found: Counter[str], each: Cohorts) -> None:
    for _, size, rights in _sets(each):
        for right in rights:
            found[_role(right)] += size


def _role(right: Right) -> str:
    return right.hold.role.short


def _add_organizations(found: Counter[str], each: Cohorts) -> None:
    for _, size, rights in _sets(each):
        found[each.about.organization or ""] += size * len(rights)


def _add_subjects(found: Counter[str], each: Cohorts) -> None:
    for crowd, members, rights in each.crowds:
        for number in numbers_of(members):
            found[_subject(crowd, number)] += len(rights)
    for who, rights in each.strangers:
        found[str(who.subject)] += len(rights)


def _subject(crowd: Crowd, number: int) -> str:
    return f"{crowd.principal.short}:{crowd.subjects[number].id}"


_ADDING: dict[str, Callable[[Counter[str], Cohorts], None]] = {
    "organization": _add_organizations,
    "role": _add_roles,
    "subject": _add_subjects,
}
