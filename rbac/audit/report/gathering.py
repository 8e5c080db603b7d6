"""Gathers what a report says from the analyses, each asked once.

Knows which analysis each part comes from. It must not decide a cell, nor know how any of
it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.access import Access
from rbac.audit.blocks import cover
from rbac.audit.causes import causes
from rbac.audit.difference import difference
from rbac.audit.invariants import Invariant, Result, Space
from rbac.audit.people import Gains, people
from rbac.audit.report.answers import answers
from rbac.audit.report.data import (
    Audit,
    Cell,
    Changes,
    Gain,
    GroupLine,
    Heading,
    Held,
    Holding,
    Person,
    Proof,
    Report,
    RoleLine,
    Share,
    Turnover,
)
from rbac.audit.report.phrases import sentence
from rbac.counting import count
from rbac.decision import Hold
from rbac.entries import ROLES, ResourceEntry, SubjectEntry
from rbac.rows import Permission, Reach, RoleRow
from rbac.table import DecisionTable
from rbac.terms import Resource
from rbac.vocabulary import Principal, ResourceRole, ResourceType

MOST_PERMITTED = 200_000
"""How many permitted (subject, action, resource) a report lists before it only counts them."""

MOST_RECORDS = 50_000
"""How many memberships and assignments it lists before it only counts them."""

MOST_HELD = 50_000
"""How many roles that subjects are given it lists, subject by subject."""

MOST_SHARES = 200
"""How many of those that gain or lose something it lists."""


def gather(
    heading: Heading,
    space: Space,
    invariants: Iterable[Invariant] | None,
    since: tuple[str, DecisionTable] | None,
    access: Access | None,
    before: tuple[str, Access] | None,
    audit: Audit,
) -> Report:
    """The report on a policy and on a directory, and on what is older of both.

    `since` is an older policy, `before` what it, or the present one, said of an older
    directory or of this one, each with its name; `audit` is what was found of the present
    ones. A tenth of a second, and tens of microseconds for each permitted (subject,
    action, resource) of the directory.
    """
    table = space.table
    return Report(
        heading=heading,
        rows=table.policy.rows,
        roles=tuple(_role(table, row) for row in table.policy.rows.roles),
        types=_types(table),
        cells=space.size,
        allowed=len(space.allowed),
        proofs=None if invariants is None else tuple(_proof(space, each) for each in invariants),
        changes=None if since is None else _changes(*since, table),
        holding=None if access is None else _holding(access),
        turnover=None if access is None or before is None else _turnover(*before, access),
        audit=audit,
    )


def _role(table: DecisionTable, row: RoleRow) -> RoleLine:
    order = {Permission(each.action, each.type): each.level for each in table.policy.rows.catalogue}
    holdings = table.holdings(row.role)
    cells = []
    for permission, level in order.items():
        cell = holdings.get(permission.type, {}).get(permission.action)
        if cell is not None:
            basis = cell.any or cell.own
            reach = Reach.ANY if cell.any else Reach.OWN
            cells.append(Cell(permission, level, reach, basis.grant, basis.through))
    principals = tuple(each for each in Principal if table.eligible(each, row.role))
    return RoleLine(row, principals, tuple(cells))


def _types(table: DecisionTable) -> tuple[ResourceType, ...]:
    """The types that have a permission, in the order of the specification."""
    return tuple(type for type in ResourceType if table.actions_on(type))


def _proof(space: Space, invariant: Invariant) -> Proof:
    result = space.prove(invariant)
    noun = "cells" if invariant.about == "cells" else "rows"
    return Proof(
        invariant.name,
        invariant.says,
        invariant.because,
        str(invariant.place),
        noun,
        result.looked,
        _against(space, result),
    )


def _against(space: Space, result: Result) -> tuple[str, ...]:
    """Everything that contradicts a statement: rows, or one decision of each block of cells."""
    if result.facts:
        return tuple(f"{fact} ({fact.place})" for fact in result.facts)
    return tuple(
        f"{sentence(block)}, as in: {space.table.decide(next(block.cells()))}"
        for block in cover(result.cells).blocks
    )


def _changes(since: str, old: DecisionTable, new: DecisionTable) -> Changes:
    found = difference(old, new)
    return Changes(
        since,
        found.verdict.value,
        old.policy.digest,
        len(found.gained),
        len(found.lost),
        cover(found.gained).blocks,
        cover(found.lost).blocks,
        causes(found),
        found.shifts,
    )


def _turnover(since: str, before: Access, access: Access) -> Turnover:
    found = people(before, access)
    return Turnover(since, _gain(found.gained), _gain(found.lost))


def _gain(gains: Gains) -> Gain:
    shares = (
        Share(who, triples, tuple(gains.of(who).items()))
        for who, triples in gains.subjects[:MOST_SHARES]
    )
    permissions = tuple(gains.permissions.items())
    return Gain(gains.total, permissions, gains.through, tuple(shares))


def _holding(access: Access) -> Holding:
    directory = access.directory
    records = directory.records
    permitted = count(access).total
    few = len(records.memberships) + len(records.assignments) <= MOST_RECORDS
    return Holding(
        tuple((name, len(table)) for name, table in records._asdict().items()),
        permitted,
        _administrators(access),
        _people(access) if _expected(access) <= MOST_HELD else None,
        _groups(access) if few else None,
        answers(access) if permitted <= MOST_PERMITTED else None,
    )


def _expected(access: Access) -> int:
    """About how many roles are given: each to every member, and some by relations."""
    directory = access.directory
    given = (each for about in directory.tables.assigned for each in directory.assignments(about))
    members = sum(len(directory.tables.members.get(each.group, ())) for each in given)
    return members + sum(map(len, directory.tables.subjects.values()))


def _administrators(access: Access) -> tuple[Person, ...]:
    """Every subject that administers an organization, with what it holds on organizations."""
    given = _given(access, access.directory.resources(ResourceType.ORGANIZATION))
    people = (_person(access, who, holds) for who, holds in given.items())
    found = (person for person in people if person.administers)
    return tuple(sorted(found, key=lambda person: str(person.subject)))


def _people(access: Access) -> tuple[Person, ...]:
    """Every subject with all that it is given, in the order of their names."""
    given = _given(access, access.directory.resources())
    people = (_person(access, who, given.get(who, [])) for who in access.directory.subjects())
    return tuple(sorted(people, key=lambda person: str(person.subject)))


def _given(access: Access, resources: Iterable[ResourceEntry]) -> dict[SubjectEntry, list[Hold]]:
    """What each subject that is given anything is given on some resources themselves."""
    directory = access.directory
    given: dict[SubjectEntry, list[Hold]] = {}
    for about in resources:
        near = {who for who, _ in access.related.to(about)}
        for group in {each.group for each in directory.assignments(about)}:
            members = (directory.subject(each.subject) for each in directory.members(group))
            near.update(who for who in members if who is not None)
        for who in near:
            given.setdefault(who, []).extend(access.holds_on(who, about))
    return given


def _person(access: Access, who: SubjectEntry, holds: list[Hold]) -> Person:
    held = tuple(
        Held(hold, access.table.eligible(who.principal, hold.role))
        for hold in sorted(holds, key=str)
    )
    return Person(who.subject, who.status, who.role, tuple(sorted(who.groups)), held)


def _groups(access: Access) -> tuple[GroupLine, ...]:
    tables = access.directory.tables
    lines = []
    for id, group in sorted(tables.groups.items()):
        members = (each.subject for each in access.directory.members(id))
        given: list[tuple[ResourceRole, Resource]] = []
        for entry in tables.holds.get(id, ()):
            names, bits, _ = tables.assigned[entry]
            given += [
                (ROLES[bit], entry.resource)
                for name, bit in zip(names, bits, strict=True)
                if name == id
            ]
        roles = tuple(sorted(given, key=lambda each: (each[0].short, str(each[1]))))
        lines.append(GroupLine(group, tuple(sorted(members, key=str)), roles))
    return tuple(lines)
