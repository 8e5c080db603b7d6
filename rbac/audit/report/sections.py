"""The sections of the page about the policy: changes, proofs, roles, grants, words.

Knows how each part of a report is laid out so that it stands whole without a script. It
must not know where the report came from, nor how sections are put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rbac.audit.blocks import Block
from rbac.audit.findings import Finding
from rbac.audit.report.data import Audit, Changes, Proof, Report, Share, Turnover
from rbac.audit.report.drawing import drawn
from rbac.audit.report.elements import (
    code,
    defined,
    folded,
    level,
    listed,
    row,
    scrolling,
    section,
    table,
)
from rbac.audit.report.markup import Markup, joined, tag
from rbac.audit.report.phrases import (
    GLOSSARY,
    LEVELS,
    UNPROVED,
    VERDICTS,
    counted,
    evidence,
    names,
    owns,
    place,
    reason,
    since,
    summed,
    turned,
    way,
)
from rbac.hierarchy import successors
from rbac.rows import Grant, Level


def changed(report: Report) -> Markup:
    """What changed since an older policy, and who gained and lost what."""
    parts = [] if report.changes is None else _changes(report.changes)
    if report.turnover is not None:
        parts += _turnover(report.turnover)
    about = joined(["Compared with ", code(since(report)), "."])
    return section("changes", "What changed", about, *parts)


def _turnover(turnover: Turnover) -> list[Markup]:
    parts = [tag("h3", "Who gained and lost what"), tag("p", turned(turnover))]
    for sign, word, gain in (("+", "gained", turnover.gained), ("-", "lost", turnover.lost)):
        if not gain.total.triples:
            continue
        mark = tag("span", f"{sign} {word}", class_="sign")
        rows = (row(mark, code(each), summed(sum)) for each, sum in gain.permissions)
        parts.append(table(f"Permissions {word}", ("Change", "Permission", "How much"), rows))
        rows = (
            row(mark, way(each), names(each.actions), each.type.short, summed(each.sum))
            for each in gain.ways
        )
        parts.append(table(f"The roles behind what was {word}", _WAY, rows))
        rows = (row(mark, code(each.subject), each.triples, _share(each)) for each in gain.shares)
        most = f"{len(gain.shares):,} of {counted(gain.total.subjects, 'subject')}"
        parts.append(table(f"Who {word} the most: {most}", _SHARE, rows))
    return parts


_WAY = ("Change", "Role, given by", "Actions", "On", "How much")
_SHARE = ("Change", "Subject", "How much", "Permissions, on how many resources")


def _share(share: Share) -> Markup:
    said = [joined([code(each), f" on {count:,}"]) for each, count in share.permissions]
    return folded(said, "permission")


def _changes(changes: Changes) -> list[Markup]:
    said = VERDICTS[changes.verdict]
    counts = f"{counted(changes.gained, 'cell')} gained, {changes.lost:,} lost"
    parts = [tag("h3", "The policy"), tag("p", f"{said} {counts}.")]
    blocks = [*_blocks("+", changes.more), *_blocks("-", changes.less)]
    if blocks:
        parts.append(table("Access gained (+) and lost (-)", _BLOCK, blocks))
    if changes.causes:
        rows = (
            row(code(each.text), code(each.row.place), len(each.alone), len(each.needed))
            for each in changes.causes
        )
        parts.append(table("The lines of the policy behind it", _CAUSE, rows))
    if changes.shifts:
        rows = (row(each.kind, code(each.change), each.direction.value) for each in changes.shifts)
        parts.append(table("What else changed in the policy", _SHIFT, rows))
    return parts


_BLOCK = ("Change", "Principals", "Roles", "May", "On", "Reach", "Cells")
_CAUSE = ("Row", "Place", "Cells it explains alone", "Cells that need it")
_SHIFT = ("What", "Change", "Direction")


def _blocks(sign: str, blocks: Iterable[Block]) -> Iterator[Markup]:
    word = tag("span", "+ gained" if sign == "+" else "- lost", class_="sign")
    for block in blocks:
        cells = [names(each) for each in block[:4]]
        yield row(word, cells[0], cells[1], cells[3], cells[2], owns(block), f"{block.size:,}")


def found(audit: Audit) -> Markup:
    """The findings of the audit, the worst first, and what is accepted of them."""
    open_, accepted = counted(len(audit.findings), "finding"), len(audit.accepted)
    about = f"What an audit finds questionable. {open_} open, {accepted:,} accepted."
    rows = [_finding(each, each.severity.short) for each in audit.findings[:MOST]]
    rows += [_finding(each.finding, f"accepted: {each.reason}") for each in audit.accepted[:MOST]]
    if not rows:
        return section("findings", "Findings", about)
    left = len(audit.findings) + len(audit.accepted) - len(rows)
    more = f"{counted(left, 'finding')} more: `rbac audit` lists them." if left else ""
    note = [tag("p", more, class_="note")] if more else []
    return section("findings", "Findings", about, *note, table("Findings", _FINDING, rows))


MOST = 1_000
"""How many findings, the worst first, a page has room for; and how many accepted ones."""


_FINDING = (
    "Rule",
    "Severity",
    "What was found, why it matters, and what mends it",
    "Evidence",
    "Place",
)


def _finding(finding: Finding, severity: str) -> Markup:
    rule = joined([code(finding.rule.id), " ", finding.rule.title])
    shown = tag("strong", severity, class_=_TONES.get(severity))
    said = [
        tag("div", finding.message, class_="why"),
        tag("div", finding.rule.matters, class_="soft"),
        tag("div", "To mend: ", finding.remedy, class_="soft"),
    ]
    return row(rule, shown, joined(said), folded(finding.evidence, "line"), code(place(finding)))


_TONES = {"error": "bad", "warning": "warn"}


def proved(proofs: tuple[Proof, ...] | None, cells: int) -> Markup:
    """The invariants, the refuted ones first; that there are none, where there are none."""
    if proofs is None:
        return section("invariants", "Invariants", UNPROVED)
    holding = sum(proof.holds for proof in proofs)
    about = (
        f"What the policy must never allow, whatever its grants say. {holding} of "
        f"{counted(len(proofs), 'invariant')} hold, over all {cells:,} cells of the policy."
    )
    columns = ("Invariant", "Verdict", "What it says, and why", "Looked at", "Place")
    ordered = sorted(proofs, key=lambda proof: proof.holds)
    rows = (_proof(proof) for proof in ordered)
    return section("invariants", "Invariants", about, table("Invariants", columns, rows))


def _proof(proof: Proof) -> Markup:
    verdict, tone = ("proved", "good") if proof.holds else ("refuted", "bad")
    said = [tag("div", proof.says), tag("div", f"because {proof.because}", class_="soft")]
    if proof.against:
        said.append(listed(proof.against))
    looked = f"{proof.looked:,} {proof.noun}"
    shown = tag("strong", verdict, class_=tone)
    return row(code(proof.name), shown, joined(said), looked, code(proof.place))


def roles(report: Report) -> Markup:
    """Every role: what it is held on, who may hold it, and how much it permits."""
    columns = ("Role", "Held on", "Assigned by", "May be held by", "Permits", *_LEVEL_NAMES, "Note")
    rows = []
    for line in report.roles:
        by_level = [sum(cell.level is each for cell in line.cells) or "" for each in Level]
        held_on = line.row.assigned_on.short if line.row.assigned_on else "nothing"
        assigned = "people" if line.row.assignable else "the system"
        cells = (held_on, assigned, names(line.principals), len(line.cells), *by_level)
        rows.append(row(code(line.role.short), *cells, line.row.note))
    seniority = [(each.senior.short, each.junior.short) for each in report.rows.seniority]
    return section(
        "roles",
        "Roles and seniority",
        "A role has every grant of the roles it leads to; the strongest are on the left.",
        _figure("Which role includes which", seniority),
        table(f"All {counted(len(rows), 'role')}", columns, rows),
    )


_LEVEL_NAMES = tuple(each.short for each in Level)


def containment(report: Report) -> Markup:
    """Which types of resources lie within which."""
    within = [(row.parent.short, row.child.short) for row in report.rows.containment]
    return section(
        "containment",
        "Containment",
        "What a type of resource lies within. A role held on a container reaches what is in it.",
        _figure("Which type of resource holds which", within),
    )


def _figure(label: str, edges: list[tuple[str, str]]) -> Markup:
    """A drawing, and the same as nested lists for whoever would rather read it."""
    if not edges:
        return tag("p", "None in this policy.", class_="empty")
    below = successors(edges)
    inner = {name for _, name in edges}
    tops = [name for name in below if name not in inner]
    tree = tag("div", listed(_branch(name, below) for name in tops), class_="tree")
    words = tag("details", tag("summary", f"{label}, as a list"), tree)
    drawing = scrolling(
        label, drawn(edges, f"{label}: drawing; the list below says the same"), "scroll figure"
    )
    return joined([drawing, words])


def _branch(name: str, below: Mapping[str, tuple[str, ...]]) -> Markup:
    inner = below.get(name, ())
    parts = [listed(_branch(each, below) for each in inner)] if inner else []
    return joined([code(name), *parts])


def grants(report: Report) -> Markup:
    """Every grant with the evidence behind it; the script filters its rows."""
    levels = {(each.type, each.action): each.level for each in report.rows.catalogue}
    columns = ("Role", "Action", "On", "Level", "Reach", "Evidence", "Why", "Place")
    rows = [_grant(grant, levels[grant.type, grant.action]) for grant in report.rows.grants]
    about = "Every line of the policy that gives something, and what supports it."
    status = tag("p", f"{counted(len(rows), 'grant')}.", id="grants-count", role="status")
    return section(
        "grants",
        "Grants and their evidence",
        about,
        status,
        table("Grants", columns, rows, id="grants-table"),
    )


def _grant(grant: Grant, does: Level) -> Markup:
    cells = (grant.action.short, grant.type.short, level(does), grant.reach.short)
    why = tag("div", reason(grant), class_="why")
    return row(code(grant.role.short), *cells, evidence(grant), why, code(grant.place))


def words() -> Markup:
    """What the words of the page mean."""
    levels = [joined([level(each), " ", said, "."]) for each, said in LEVELS.items()]
    return section(
        "words",
        "Words",
        "What the words on this page mean.",
        defined(GLOSSARY.items(), "glossary"),
        tag("h3", "Levels"),
        listed(levels, class_="legend"),
    )
