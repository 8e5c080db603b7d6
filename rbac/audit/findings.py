"""Findings: what an audit reports, each by a rule with a stable id and a page of its own.

Knows the shape of a rule, of a finding and of a report. It must not know any rule, nor
how a finding is printed.

A finding's *subject* is the names it is about: roles, permissions, ids. Its fingerprint
is of the rule and the subject alone, so that a baseline still knows the finding when lines
move or words change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.rows import Place
from rbac.vocabulary import Name

if TYPE_CHECKING:
    import datetime
    from typing import TypeVar

    _C = TypeVar("_C")


class Severity(Name, noun="severity"):
    """How much a finding matters, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    def reaches(self, least: Severity) -> bool:
        """Whether this is as bad as `least`, or worse."""
        order = tuple(Severity)
        return order.index(self) <= order.index(least)


class Rule(NamedTuple):
    """One kind of finding: its stable id, what it says, why it matters, how it is mended.

    `severity` is the default; a baseline may set another.
    """

    id: str
    title: str
    severity: Severity
    says: str
    matters: str
    remedy: str

    @property
    def page(self) -> str:
        """The page that documents it, from the top of the project."""
        return f"docs/findings/{self.id}.md"

    def found(
        self,
        message: str,
        place: Place | None,
        subject: Iterable[object],
        evidence: Iterable[object] = (),
        remedy: str = "",
    ) -> Finding:
        """A finding by this rule, with the rule's severity; its remedy too, unless given one."""
        return Finding(
            self,
            self.severity,
            message,
            place if place is not None and place.file else None,
            tuple(map(str, evidence)),
            remedy or self.remedy,
            tuple(map(str, subject)),
        )

    def as_dict(self) -> dict[str, object]:
        """The rule as plain JSON values."""
        return {
            "id": self.id,
            "title": self.title,
            "severity": self.severity.short,
            "says": self.says,
            "matters": self.matters,
            "remedy": self.remedy,
            "page": self.page,
        }


class Finding(NamedTuple):
    """One thing an audit reports: by which rule, how bad, where, on what evidence.

    `message` is one sentence. `place` is the row it stands at, with the file as it is to be
    shown and line 0 for a whole file; None if it stands nowhere. `subject` is the names it
    is about.
    """

    rule: Rule
    severity: Severity
    message: str
    place: Place | None
    evidence: tuple[str, ...]
    remedy: str
    subject: tuple[str, ...]

    @property
    def what(self) -> str:
        """The names it is about, in one text: how a baseline may name it."""
        return " ".join(self.subject)

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of rule and subject; places and words are not part of it."""
        import hashlib  # only baselines and machines ask for it

        text = "\n".join((self.rule.id, *self.subject))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def as_dict(self) -> dict[str, object]:
        """The finding as plain JSON values."""
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "severity": self.severity.short,
            "message": self.message,
            "file": self.place.file if self.place else None,
            "line": self.place.line or None if self.place else None,
            "what": self.what,
            "evidence": list(self.evidence),
            "remedy": self.remedy,
            "page": self.rule.page,
            "fingerprint": self.fingerprint,
        }


class Accepted(NamedTuple):
    """A finding that somebody has accepted: why, until when, and where that is written.

    `inline` is whether it is a waiver beside the row itself, rather than in a baseline.
    """

    finding: Finding
    reason: str
    expires: datetime.date | None
    place: Place
    inline: bool

    def as_dict(self) -> dict[str, object]:
        """The finding and its acceptance as plain JSON values."""
        return self.finding.as_dict() | {
            "accepted": {
                "reason": self.reason,
                "expires": self.expires.isoformat() if self.expires else None,
                "place": str(self.place),
                "inline": self.inline,
            }
        }


class Report(NamedTuple):
    """What an audit found: every rule it asked, what is open, and what is accepted.

    Findings are in order: the worst first, then by rule, place and subject. `policy` is
    the digest of the policy, `directory` the revision of the directory, empty without one.
    """

    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...] = ()
    policy: str = ""
    directory: str = ""

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """The open findings that are as bad as `severity`, or worse."""
        return tuple(each for each in self.findings if each.severity.reaches(severity))

    def counts(self) -> dict[Severity, int]:
        """How many open findings there are of each severity."""
        found = dict.fromkeys(Severity, 0)
        for each in self.findings:
            found[each.severity] += 1
        return found

    def as_dict(self) -> dict[str, object]:
        """The report as plain JSON values."""
        return {
            "policy": self.policy,
            "directory": self.directory or None,
            "counts": {severity.short: count for severity, count in self.counts().items()}
            | {"accepted": len(self.accepted)},
            "findings": [each.as_dict() for each in self.findings],
            "accepted": [each.as_dict() for each in self.accepted],
        }


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, each once, in the order of reports."""
    order = {severity: number for number, severity in enumerate(Severity)}
    return tuple(
        sorted(
            set(findings),
            key=lambda each: (
                order[each.severity],
                each.rule.id,
                each.place or Place("", 0),
                each.subject,
                each.message,
            ),
        )
    )


def registering(checks: dict[Rule, _C]) -> Callable[[Rule], Callable[[_C], _C]]:
    """A decorator that puts the function of a rule into `checks`."""

    def of(rule: Rule) -> Callable[[_C], _C]:
        def register(check: _C) -> _C:
            checks[rule] = check
            return check

        return register

    return of
