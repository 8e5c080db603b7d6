"""Casbin's own ``enforce()`` as an evaluator, fed the rows of a policy.

The only module that knows `casbin`. It is the independent opinion that the table is
proved equal to, and never on the path of a request: an enforcer is slow, unsafe under
threads, and follows nine edges of a hierarchy. It must not choose rows by our own closure
of seniority, or the proof would be circular.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib.metadata import packages_distributions

import casbin
import casbin.persist

from rbac.errors import EnforcerError
from rbac.notation.grammar import MODEL
from rbac.policy import Policy
from rbac.rows import Rows
from rbac.terms import Question
from rbac.vocabulary import ResourceType

_NEVER = ["never", "never", "never", "any"]
"""A grant that matches no request: an enforcer without any grant has a rule of its own."""


class Enforcer:
    """One unmodified Casbin enforcer holding every rule of `policy`; milliseconds a question.

    With `types`, only the grants on those resource types are held, and all other rows:
    no request for such a type could match a grant on another, as the matcher itself shows
    (``r.type == p.type``). One thread at a time. Raises `EnforcerError` where the `casbin`
    package cannot be trusted.
    """

    def __init__(self, policy: Policy, types: Iterable[ResourceType] | None = None) -> None:
        require_one_casbin()
        rules = _rules(policy.rows, None if types is None else frozenset(types))
        model = casbin.Enforcer.new_model(text=MODEL)
        with _LoggersKept():
            self._enforcer = casbin.Enforcer(model, _Rows(rules))
        # It warns of every denial; a logger of its own, registered nowhere, keeps that here.
        self._enforcer.logger = logging.Logger("rbac.enforcer", logging.CRITICAL)
        _same(rules, self._enforcer)

    def allows(self, question: Question) -> bool:
        """Whether Casbin allows what `question` asks; only members' names ever reach it."""
        assert question.action is not None, "a cell names an action"
        allowed: bool = self._enforcer.enforce(
            question.principal.short,
            question.role.short,
            question.type.short,
            question.action.short,
            question.own is True,
        )
        return allowed


Rules = list[tuple[str, list[str]]]


def _rules(rows: Rows, types: frozenset[ResourceType] | None) -> Rules:
    grants = [grant for grant in rows.grants if types is None or grant.type in types]
    return [
        ("p", _NEVER),
        *(
            ("p", [row.role.short, row.type.short, row.action.short, row.reach.short])
            for row in grants
        ),
        *(("g", [row.senior.short, row.junior.short]) for row in rows.seniority),
        *(("g2", [row.principal.short, row.role.short]) for row in rows.eligibility),
        *(("g3", [row.child.short, row.parent.short]) for row in rows.containment),
    ]


class _Rows(casbin.persist.Adapter):
    """Hands typed rows to Casbin, so that no parser of its own reads anything."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def load_policy(self, model: casbin.Model) -> None:
        for key, values in self._rules:
            model.add_policy(key[0], key, values)


def _same(rules: Rules, enforcer: casbin.Enforcer) -> None:
    """Refuses an enforcer that does not hold exactly what it was given."""
    for key in ("p", "g", "g2", "g3"):
        given = sorted(values for kind, values in rules if kind == key)
        held = enforcer.get_model().model[key[0]][key].policy
        if sorted(held) != given:
            raise EnforcerError(f"casbin holds {len(held)} {key} rules and was given {len(given)}")


class _LoggersKept:
    """Restores Casbin's loggers, which building an enforcer disables for the whole process."""

    def __enter__(self) -> None:
        self._disabled = {
            name: logging.getLogger(name).disabled
            for name in logging.root.manager.loggerDict
            if name.startswith("casbin")
        }

    def __exit__(self, *_: object) -> None:
        for name in logging.root.manager.loggerDict:
            if name.startswith("casbin"):
                logging.getLogger(name).disabled = self._disabled.get(name, False)


def require_one_casbin() -> None:
    """Raises `EnforcerError` where two distributions have written the `casbin` package.

    ``casbin`` and ``pycasbin`` install the same package and overwrite each other's files.
    """
    owners = sorted(set(packages_distributions().get("casbin", ())))
    if len(owners) > 1:
        raise EnforcerError(
            f"the casbin package belongs to {' and '.join(owners)}, which overwrite each other; "
            f"uninstall {' and '.join(owners)}, then install casbin alone"
        )
