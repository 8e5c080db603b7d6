"""What the page of a report looks up, packed into few letters: names once, then numbers.

Knows the shape that `report.js` reads. It must not know how a page looks, nor
leave out anything that a report says of cells and answers.

Numbers name what stands at that place of a list. ``cells`` has, for each role, four
numbers a cell: permission, reach, grant, path. ``answers`` has, for each permission, lists
of: the role held, the relation, the group, where (a resource, or -1 for the resource
itself), grant, path, a set of subjects, a set of resources.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from rbac.audit.report.data import Answer, Report, RoleLine
from rbac.rows import Level, Permission, Reach
from rbac.vocabulary import Principal, ResourceRole, ResourceType

REACHES = tuple(Reach)
LEVELS = tuple(Level)


class _Numbers:
    """Gives each thing a number, the next one when it is first met."""

    def __init__(self, things: Iterable[Hashable] = ()) -> None:
        self.of: dict[Hashable, int] = {}
        for thing in things:
            self[thing]

    def __getitem__(self, thing: Hashable) -> int:
        return self.of.setdefault(thing, len(self.of))

    @property
    def things(self) -> list[Hashable]:
        """All things, by number."""
        return list(self.of)


class Packed:
    """The numbers of one report, and what is packed with them."""

    def __init__(self, report: Report) -> None:
        rows = report.rows
        self.roles = _Numbers(line.role for line in report.roles)
        self.principals = _Numbers(each for each in Principal if each.name != "UNSPECIFIED")
        self.types = _Numbers(report.types)
        self.actions = _Numbers(row.action for row in rows.catalogue)
        self.permissions = _Numbers(Permission(row.action, row.type) for row in rows.catalogue)
        self.grants = _Numbers((grant.role, *grant.permission) for grant in rows.grants)
        self.rationales, self.paths = _Numbers(), _Numbers()
        self.subjects, self.resources, self.sets = _Numbers(), _Numbers(), _Numbers()
        self.relations, self.groups = _Numbers([""]), _Numbers([""])
        self.report = report

    def as_dict(self) -> dict[str, object]:
        """Everything, as plain JSON values."""
        report = self.report
        found: dict[str, object] = {
            "cells": [self._cells(line) for line in report.roles],
            "eligible": [
                [self.principals[each] for each in line.principals] for line in report.roles
            ],
            "permissions": self._permissions(),
            "grants": self._grants(),
            "answers": self._answers(),
        }
        names = {
            "roles": [line.role.short for line in report.roles],
            "principals": [each.short for each in Principal if each.name != "UNSPECIFIED"],
            "types": [each.short for each in report.types],
            "actions": list(dict.fromkeys(row.action.short for row in report.rows.catalogue)),
            "levels": [each.short for each in LEVELS],
            "reaches": [each.short for each in REACHES],
        }
        lists = ("rationales", "paths", "relations", "groups", "subjects", "resources", "sets")
        return {**names, **found, **{name: getattr(self, name).things for name in lists}}

    def _cells(self, line: RoleLine) -> list[int]:
        numbers: list[int] = []
        for cell in line.cells:
            grant = self.grants[(cell.grant.role, *cell.grant.permission)]
            reach = REACHES.index(cell.reach)
            numbers += [self.permissions[cell.permission], reach, grant, self._path(cell.through)]
        return numbers

    def _path(self, through: tuple[ResourceRole, ...]) -> int:
        return self.paths[tuple(self.roles[role] for role in through)]

    def _permissions(self) -> list[list[object]]:
        """Type, action and level of each permission, and what it requires, in words."""
        needs: dict[tuple[ResourceType, object], list[str]] = {}
        for row in self.report.rows.requirements:
            needs.setdefault((row.type, row.action), []).append(row.text)
        return [
            [
                self.types[row.type],
                self.actions[row.action],
                LEVELS.index(row.level),
                *needs.get((row.type, row.action), ()),
            ]
            for row in self.report.rows.catalogue
        ]

    def _grants(self) -> list[list[object]]:
        """Role, reach, place and rationale of each grant; what it grants, its cells say."""
        found = []
        for grant in self.report.rows.grants:
            said = grant.rationale
            words = (said.mark.short, " ".join(said.keys), said.text) if said else ("", "", "")
            numbers = self.roles[grant.role], REACHES.index(grant.reach)
            found.append([*numbers, str(grant.place), self.rationales[words]])
        return found

    def _answers(self) -> dict[int, list[list[int]]] | None:
        holding = self.report.holding
        if holding is None or holding.answers is None:
            return None
        found: dict[int, list[list[int]]] = {}
        for answer in holding.answers:
            found.setdefault(self.permissions[answer.permission], []).append(self._answer(answer))
        return found

    def _answer(self, answer: Answer) -> list[int]:
        path = answer.path
        return [
            self.roles[path.given],
            self.relations[path.relation],
            self.groups[path.group],
            -1 if answer.on is None else self.resources[str(answer.on)],
            self.grants[(path.grant.role, *path.grant.permission)],
            self._path(path.through),
            self.sets[tuple(self.subjects[str(each)] for each in answer.subjects)],
            self.sets[tuple(self.resources[str(each)] for each in answer.resources)],
        ]
