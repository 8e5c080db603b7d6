"""The report as JSON, for programs: every name written out, nothing left out.

Knows the shape of the object. It must not know what it is read for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from rbac.audit.report.data import (
    Answer,
    Changes,
    Gain,
    GroupLine,
    Holding,
    Person,
    Report,
    RoleLine,
    Turnover,
)
from rbac.audit.report.phrases import evidence, reason
from rbac.rows import Grant
from rbac.vocabulary import Name

Object = dict[str, object]


def written(report: Report) -> str:
    """The report as one JSON object, in ASCII."""
    return json.dumps(as_dict(report), indent=1) + "\n"


def as_dict(report: Report) -> Object:
    """The report as plain JSON values."""
    return {
        **report.heading._asdict(),
        "cells": report.cells,
        "allowed": report.allowed,
        "roles": [_role(line) for line in report.roles],
        "grants": [_grant(grant) for grant in report.rows.grants],
        "requirements": [
            {"type": row.type.short, "action": row.action.short, "requires": row.text}
            for row in report.rows.requirements
        ],
        "seniority": _pairs("senior", "junior", report.rows.seniority),
        "containment": _pairs("child", "parent", report.rows.containment),
        "invariants": None
        if report.proofs is None
        else [
            {**each._asdict(), "against": list(each.against), "holds": each.holds}
            for each in report.proofs
        ],
        "changes": _changes(report.changes) if report.changes else None,
        "findings": [each.as_dict() for each in report.audit.findings],
        "accepted": [each.as_dict() for each in report.audit.accepted],
        "turnover": _turnover(report.turnover) if report.turnover else None,
        "directory_holds": _holding(report.holding) if report.holding else None,
    }


def _pairs(one: str, other: str, rows: Iterable[tuple[object, ...]]) -> list[Object]:
    return [{one: _short(row[0]), other: _short(row[1])} for row in rows]


def _short(name: object) -> str:
    return name.short if isinstance(name, Name) else str(name)


def _shorts(names: Iterable[Name]) -> list[str]:
    return [name.short for name in names]


def _role(line: RoleLine) -> Object:
    return {
        "role": line.role.short,
        "held_on": line.row.assigned_on.short if line.row.assigned_on else None,
        "assignable": line.row.assignable,
        "note": line.row.note,
        "principals": _shorts(line.principals),
        "permits": [
            {
                "type": cell.permission.type.short,
                "action": cell.permission.action.short,
                "level": cell.level.short,
                "reach": cell.reach.short,
                "grant": str(cell.grant.place),
                "through": _shorts(cell.through),
            }
            for cell in line.cells
        ],
    }


def _grant(grant: Grant) -> Object:
    return {
        "role": grant.role.short,
        "type": grant.type.short,
        "action": grant.action.short,
        "reach": grant.reach.short,
        "place": str(grant.place),
        "evidence": evidence(grant),
        "why": reason(grant),
    }


def _changes(changes: Changes) -> Object:
    return {
        "since": changes.since,
        "old": changes.old,
        "verdict": changes.verdict,
        "gained": {"cells": changes.gained, "blocks": [each.as_dict() for each in changes.more]},
        "lost": {"cells": changes.lost, "blocks": [each.as_dict() for each in changes.less]},
        "rows": [each.as_dict() for each in changes.causes],
        "others": [each.as_dict() for each in changes.shifts],
    }


def _turnover(turnover: Turnover) -> Object:
    return {
        "since": turnover.since,
        "gained": _gain(turnover.gained),
        "lost": _gain(turnover.lost),
    }


def _gain(gain: Gain) -> Object:
    return {
        **gain.total._asdict(),
        "permissions": [
            {"permission": str(each), **sum._asdict()} for each, sum in gain.permissions
        ],
        "through": [
            {
                "role": each.role.short,
                "by": each.by,
                "type": each.type.short,
                "actions": _shorts(each.actions),
                **each.sum._asdict(),
            }
            for each in gain.ways
        ],
        "most": [
            {
                "subject": str(each.subject),
                "triples": each.triples,
                "permissions": {str(one): count for one, count in each.permissions},
            }
            for each in gain.shares
        ],
    }


def _holding(found: Holding) -> Object:
    return {
        "records": dict(found.counts),
        "permitted": found.permitted,
        "administrators": [str(person.subject) for person in found.administrators],
        "subjects": None if found.people is None else [_person(each) for each in found.people],
        "groups": None if found.groups is None else [_group(each) for each in found.groups],
        "answers": None if found.answers is None else [_answer(each) for each in found.answers],
    }


def _person(person: Person) -> Object:
    return {
        "subject": str(person.subject),
        "status": person.status.short,
        "organization_role": person.standing.short,
        "groups": list(person.groups),
        "holds": [{**each.hold.as_dict(), "eligible": each.eligible} for each in person.held],
    }


def _group(line: GroupLine) -> Object:
    return {
        **line.group._asdict(),
        "members": [str(each) for each in line.members],
        "roles": [{"role": role.short, "on": str(on)} for role, on in line.roles],
    }


def _answer(answer: Answer) -> Object:
    path = answer.path
    return {
        "type": answer.permission.type.short,
        "action": answer.permission.action.short,
        "role": path.given.short,
        "on": None if answer.on is None else str(answer.on),
        "relation": path.relation or None,
        "group": path.group or None,
        "grant": str(path.grant.place),
        "through": _shorts(path.through),
        "subjects": [str(each) for each in answer.subjects],
        "resources": [str(each) for each in answer.resources],
    }
