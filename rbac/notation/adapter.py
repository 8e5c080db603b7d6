"""Rows from a Casbin adapter: a policy that is kept in a Casbin store, read strictly.

Knows how an adapter hands over its rules, and what each field of a rule must be. It must
not know Casbin's loader, which drops what it does not understand: the adapter fills a
recorder that takes every rule, whatever it is called, and each is then read by the same
grammar as a file.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.errors import PolicyError, Problem, quoted
from rbac.light import Protocol
from rbac.notation.grammar import GRANTS, TABLES, Kind, complaint
from rbac.rows import (
    Containment,
    Eligibility,
    Grant,
    Mark,
    Place,
    Rationale,
    Row,
    Rows,
    Seniority,
)

SOURCE = "casbin"
"""How places name rows that stand in no file."""

WHY = Rationale(Mark.OPEN, ("name",), "kept in a Casbin store, which says no reason")

_KINDS: dict[str, Kind] = {
    "p": GRANTS,
    "g": TABLES["seniority.csv"],
    "g2": TABLES["eligibility.csv"],
    "g3": TABLES["containment.csv"],
}


class Adapter(Protocol):
    """Any Casbin adapter: it loads its rules into the model it is given."""

    def load_policy(self, model: object) -> object: ...


class _Assertion:
    """Where an adapter puts the rules of one kind."""

    def __init__(self) -> None:
        self.policy: list[object] = []
        self.policy_map: dict[object, object] = {}


class _Everything:
    """Keys that have whatever is looked for: Casbin's loader skips what a model has not."""

    def __contains__(self, key: object) -> bool:
        return True


class _Section:
    """A section that has whatever kind of rule it is asked for."""

    def __init__(self) -> None:
        self.kinds: dict[str, _Assertion] = {}

    def __getitem__(self, kind: str) -> _Assertion:
        return self.kinds.setdefault(kind, _Assertion())

    def get(self, kind: str) -> _Assertion:
        return self[kind]

    def keys(self) -> _Everything:
        return _Everything()

    def __contains__(self, kind: object) -> bool:
        return True


class _Recorder:
    """Looks like a Casbin model to an adapter, and keeps every rule it is handed."""

    def __init__(self) -> None:
        self.sections: dict[str, _Section] = {}
        self.model = self

    def __getitem__(self, section: str) -> _Section:
        return self.sections.setdefault(section, _Section())

    def __contains__(self, section: object) -> bool:
        return True

    def keys(self) -> _Everything:
        return _Everything()

    def add_policy(self, section: str, kind: str, rule: object) -> bool:
        self[section][kind].policy.append(rule)
        return True

    def rules(self) -> Iterable[tuple[str, object]]:
        for section in self.sections.values():
            for kind, assertion in section.kinds.items():
                for rule in assertion.policy:
                    yield kind, rule


def read(adapter: Adapter, base: Rows) -> Rows:
    """`base` with its grants, seniority, eligibility and containment replaced by the adapter's.

    Raises `PolicyError` with every rule that is not a row of the notation: a kind other
    than ``p``, ``g``, ``g2``, ``g3``, a field that is missing, empty or one too many, a
    name that means nothing; also where the adapter itself fails. Grants
    that `base` has too keep their rationale.
    """
    recorder = _Recorder()
    try:
        adapter.load_policy(recorder)
    except Exception as error:
        message = f"the adapter failed: {type(error).__name__}: {error}"
        raise PolicyError([Problem(SOURCE, 0, 0, message)]) from error
    whys = {grant[:4]: grant.rationale for grant in base.grants}
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, (kind, rule) in enumerate(recorder.rules(), 1):
        row = _row(number, kind, rule, problems)
        if isinstance(row, Grant):
            row = row._replace(rationale=whys.get(row[:4], WHY))
        if row is not None:
            rows.append(row)
    if problems:
        raise PolicyError(problems)
    return base._replace(
        grants=tuple(row for row in rows if isinstance(row, Grant)),
        seniority=tuple(row for row in rows if isinstance(row, Seniority)),
        eligibility=tuple(row for row in rows if isinstance(row, Eligibility)),
        containment=tuple(row for row in rows if isinstance(row, Containment)),
    )


def _row(number: int, kind: str, rule: object, problems: list[Problem]) -> Row | None:
    def refuse(message: str) -> None:
        values = rule if isinstance(rule, list | tuple) else [rule]
        shown = ", ".join(map(str, (kind, *values)))
        problems.append(Problem(SOURCE, number, 0, f"{message} in the rule {quoted(shown)}"))

    known = _KINDS.get(kind)
    if known is None:
        refuse(f"unknown kind of rule {quoted(kind)}")
    elif not isinstance(rule, list | tuple) or len(rule) != len(known.fields):
        refuse(f"not the {len(known.fields)} fields {known.shape}")
    elif not all(isinstance(value, str) for value in rule):
        refuse("a field that is no text")
    else:
        converted = []
        for field, text in zip(known.fields, rule, strict=True):
            try:
                converted.append(field.convert(text))
            except (KeyError, ValueError) as error:
                refuse(complaint(field, text, error))
                return None
        return known.make(*converted, place=Place(SOURCE, number))
    return None
