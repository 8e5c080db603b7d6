"""The baseline: which findings are accepted, why and until when, and how bad each rule is.

Knows the notation of ``baseline.toml`` and what an acceptance does to a report. It must not
know any rule but by its id, nor what is found.

Nothing is forgiven: an unknown rule, a missing reason or a cut file is refused, because a
baseline that is read wrongly hides what nobody accepted.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from rbac.audit import baseline_findings
from rbac.audit.findings import Accepted, Finding, Rule, Severity
from rbac.audit.lines import Path, line_of
from rbac.audit.toml_files import Document
from rbac.audit.waivers import Waiver
from rbac.errors import PolicyError, meant, nearest, quoted
from rbac.light import NamedTuple
from rbac.notation.grammar import END
from rbac.rows import Place
from rbac.whole import save

FILE = "baseline.toml"
"""The baseline's name within a policy folder, where it is optional."""


class Entry(NamedTuple):
    """One finding that is accepted, by its fingerprint or by what it is about."""

    rule: str
    fingerprint: str
    what: str
    reason: str
    expires: datetime.date | None
    place: Place

    @property
    def about(self) -> str:
        """How messages name what is accepted."""
        return quoted(self.what) if self.what else self.fingerprint

    def matches(self, finding: Finding) -> bool:
        """Whether this is the finding that is accepted."""
        if finding.rule.id != self.rule:
            return False
        return finding.what == self.what if self.what else finding.fingerprint == self.fingerprint


class Baseline(NamedTuple):
    """What a baseline file says: severities by rule, and what is accepted."""

    severities: Mapping[str, Severity] = {}
    entries: tuple[Entry, ...] = ()


class Judged(NamedTuple):
    """Findings with their severities in force: those that are open, and the accepted ones."""

    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]


def judge(
    findings: Iterable[Finding],
    baseline: Baseline,
    waivers: Sequence[Waiver],
    *,
    day: datetime.date,
    asked: Collection[str],
) -> Judged:
    """What stays open of `findings` on a `day`, and what is wrong with what accepts them.

    Only acceptances of rules that were `asked` can be found to accept nothing.
    """
    entries: dict[tuple[str, str], Entry] = {}
    for each in baseline.entries:
        entries[each.rule, each.what or each.fingerprint] = each
    used: set[Entry | Waiver] = set()
    found: list[Finding] = []
    accepted: list[Accepted] = []
    for finding in findings:
        entry = entries.get((finding.rule.id, finding.what))
        entry = entry or entries.get((finding.rule.id, finding.fingerprint))
        waiver = next(
            (each for each in waivers if each.covers(finding.rule.id, finding.place)), None
        )
        used |= {each for each in (entry, waiver) if each is not None}
        if waiver is not None:
            accepted.append(Accepted(finding, waiver.reason, None, waiver.place, True))
        elif entry is not None and not _is_over(entry, day):
            accepted.append(Accepted(finding, entry.reason, entry.expires, entry.place, False))
        else:
            found.append(finding)
    found += _of_entries(baseline.entries, used, day, asked)
    found += _of_waivers(waivers, used, asked)
    return Judged(
        tuple(_severe(each, baseline) for each in found),
        tuple(each._replace(finding=_severe(each.finding, baseline)) for each in accepted),
    )


def _is_over(entry: Entry, day: datetime.date) -> bool:
    return entry.expires is not None and entry.expires < day


def _severe(finding: Finding, baseline: Baseline) -> Finding:
    severity = baseline.severities.get(finding.rule.id)
    return finding if severity is None else finding._replace(severity=severity)


def _of_entries(
    entries: Iterable[Entry], used: Collection[object], day: datetime.date, asked: Collection[str]
) -> Iterator[Finding]:
    for each in entries:
        if each.expires is not None and _is_over(each, day):
            on = each.expires
            yield baseline_findings.expired(each.rule, each.about, on, each.reason, each.place)
        elif each not in used and each.rule in asked:
            yield baseline_findings.unused(each.rule, each.about, each.reason, each.place)


def _of_waivers(
    waivers: Iterable[Waiver], used: Collection[object], asked: Collection[str]
) -> Iterator[Finding]:
    met: dict[tuple[str, str], int] = {}
    for each in waivers:
        key = each.place.file, each.rule
        met[key] = met.get(key, 0) + 1
        if each not in used and each.rule in asked:
            yield baseline_findings.idle(each.rule, each.reason, each.place, met[key])


def read(file: str, rules: Collection[Rule]) -> Baseline:
    """The baseline in `file`.

    Raises `PolicyError` with everything that is wrong with it, by line; nothing is read in
    part.
    """
    reader = _Reader(file, rules)
    found = reader.baseline()
    if reader.problems:
        raise PolicyError(reader.problems)
    return found


_ALL = "rbac audit --list-rules has all"
_KEYS = ("rule", "fingerprint", "what", "reason", "expires")


class _Reader(Document):
    """Reads one file and collects what is wrong with it."""

    def __init__(self, file: str, rules: Collection[Rule]) -> None:
        super().__init__(file)
        about_itself = {rule.id for rule in baseline_findings.RULES}
        self.rules = [rule.id for rule in rules]
        self.acceptable = [id for id in self.rules if id not in about_itself]

    def baseline(self) -> Baseline:
        for key in self.document:
            if key not in ("severities", "accepted"):
                offered = meant(nearest(key, ("severities", "accepted")))
                self.problem((key,), f"unknown key {quoted(key)}{offered}")
        return Baseline(dict(self.severities()), tuple(self.entries()))

    def severities(self) -> Iterator[tuple[str, Severity]]:
        given = self.document.get("severities", {})
        if not isinstance(given, dict):
            self.problem(("severities",), "[severities] is a table: a rule and its severity a line")
            return
        known = {severity.short: severity for severity in Severity}
        for rule, severity in given.items():
            path = ("severities", rule)
            if rule not in self.rules:
                self.problem(path, f"unknown rule {quoted(rule)}; {_ALL}")
            elif not isinstance(severity, str) or severity not in known:
                self.problem(path, f"the severity of {rule} is one of {', '.join(known)}")
            else:
                yield rule, known[severity]

    def entries(self) -> Iterator[Entry]:
        tables = self.document.get("accepted", [])
        if not isinstance(tables, list):
            self.problem(("accepted",), "an acceptance is a table: [[accepted]]")
            return
        seen: dict[tuple[str, str], int] = {}
        for number, table in enumerate(tables):
            entry = self.entry(("accepted", number), table)
            if entry is None:
                continue
            key = entry.rule, entry.what or entry.fingerprint
            if key in seen:
                message = f"a second acceptance of {entry.rule} for {entry.about}; the first is at "
                self.problem(("accepted", number), f"{message}line {seen[key]}")
            seen.setdefault(key, entry.place.line)
            yield entry

    def entry(self, path: Path, table: object) -> Entry | None:
        """One acceptance; None if it is not well said."""
        before = len(self.problems)
        if not isinstance(table, dict):
            self.problem(path, "an acceptance is a table: [[accepted]]")
            return None
        for key in table:
            if key not in _KEYS:
                self.problem((*path, key), f"unknown key {quoted(key)}{meant(nearest(key, _KEYS))}")
        rule = self.text(path, table, "rule")
        if rule and rule not in self.acceptable:
            wrong = "cannot be accepted; mend it" if rule in self.rules else f"is no rule; {_ALL}"
            self.problem((*path, "rule"), f"{quoted(rule)} {wrong}")
        reason = self.text(path, table, "reason")
        fingerprint, what = self.named(path, table)
        expires = self.date(path, table)
        if len(self.problems) > before:
            return None
        place = Place(self.file, line_of(self.places, path))
        return Entry(rule, fingerprint, what, reason, expires, place)

    def text(self, path: Path, table: Mapping[str, object], key: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value
        missing = "is missing" if key not in table else "is one line of text"
        self.problem((*path, key), f"{key} {missing}; an acceptance has a rule and a reason")
        return ""

    def named(self, path: Path, table: Mapping[str, object]) -> tuple[str, str]:
        """The fingerprint or what the finding is about; the other is empty."""
        given = [key for key in ("fingerprint", "what") if key in table]
        if len(given) != 1:
            self.problem(path, "an acceptance names one finding, by its fingerprint or by what")
            return "", ""
        value = self.text(path, table, given[0])
        if given == ["what"]:
            return "", value
        if value and not re.fullmatch("[0-9a-f]{16}", value):
            self.problem((*path, "fingerprint"), "a fingerprint is 16 hexadecimal digits")
        return value, ""

    def date(self, path: Path, table: Mapping[str, object]) -> datetime.date | None:
        value = table.get("expires")
        if value is None or type(value) is datetime.date:
            return value
        self.problem((*path, "expires"), "expires is a date, as 2027-01-31, without quotes")
        return None


DAYS = 90
"""How long what is written into a baseline by machine is accepted."""

_HEAD = """\
# What rbac audit finds and somebody has accepted: each with a reason, some until a date.
"""


def extend(
    file: str, baseline: Baseline, findings: Iterable[Finding], reason: str, day: datetime.date
) -> int:
    """Adds an acceptance of each finding to `file`, which says `baseline`; tells how many.

    What stands there stays as it is. An acceptance that has expired is never renewed, nor
    are findings about the baseline itself accepted. The file is replaced in one step.
    """
    about_itself = baseline_findings.RULES
    new = [
        each
        for each in findings
        if each.rule not in about_itself
        and not any(entry.matches(each) for entry in baseline.entries)
    ]
    if not new:
        return 0
    text = _HEAD
    if os.path.exists(file):
        with open(file, encoding="utf-8") as stream:
            text = stream.read().removesuffix(f"{END}\n")
    expires = day + datetime.timedelta(days=DAYS)
    blocks = [
        f"[[accepted]]\nrule = {_quoted(each.rule.id)}\n{_named(each)}\n"
        f"reason = {_quoted(reason)}\nexpires = {expires.isoformat()}\n"
        for each in new
    ]
    save(file, "\n".join([text.rstrip("\n") + "\n", *blocks, f"{END}\n"]))
    return len(new)


def _named(finding: Finding) -> str:
    """The line that says which finding is accepted: readable, if it can be written."""
    if finding.what.strip() and finding.what.isprintable():
        return f"what = {_quoted(finding.what)}"
    return f"fingerprint = {_quoted(finding.fingerprint)}"


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
