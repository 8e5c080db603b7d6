"""How what a report says reads, in every format: short texts without markup.

Knows words. It must not know any format.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.audit.blocks import Block
from rbac.audit.findings import Finding
from rbac.audit.people import Sum, Through
from rbac.audit.report.data import Held, Person, Report, RoleLine, Turnover
from rbac.rows import Grant, Level
from rbac.vocabulary import Name

VERDICTS = {
    "equal": "Nothing changed in who may do what.",
    "only more": "Access was added, and none taken away.",
    "only less": "Access was taken away, and none added.",
    "mixed": "Access was added, and access was taken away.",
}

LEVELS = {
    Level.READ: "reads, and changes nothing",
    Level.WRITE: "changes something",
    Level.CREDENTIAL: "hands out a credential",
    Level.GRANT: "gives roles or memberships",
}

UNPROVED = "The policy folder has no invariants.toml: nothing was proved."

TOO_MANY = (
    "The directory is too large to list this on a page. `rbac list subject NAME` shows what one "
    "subject holds, and `rbac who-can ACTION RESOURCE` who may do something."
)

GLOSSARY = {
    "principal": "the kind of whoever acts: a user, a service account, a runner, an environment",
    "role": "what grants are given to; held on a resource, it reaches what lies within",
    "permission": "an action on a type of resource; nothing is permitted but what a grant names",
    "level": "what using a permission does at most: read, write, credential or grant",
    "reach": "any: on every such resource where the role is held; own: only on what the subject "
    "created, owns or executes",
    "grant": "one line of the policy that gives a role a permission; its place is file and line",
    "deciding grant": "of all grants that would do, the one with the fewest roles in between, "
    "then the first by file and line: the one that every answer names",
    "evidence": "why a grant was given, and the names of its sources; stated: a source says so; "
    "implied: it follows from names or documentation; open: the policy's authors decided",
    "senior, junior": "a senior role has every grant of its juniors",
    "given by": "a role is held by being in a group, or by a relation to the resource: being it "
    "(self), its owner, a member or administrator of it, the runner or environment it names, or "
    "an environment that consumes it",
    "cell": "one question of the policy: principal, role, permission, own resource or any; all "
    "are worked out, none is sampled",
    "requirement": "what a permission needs besides a role; it takes away and never gives",
    "invariant": "what the policy must never allow, proved over every cell it rules on",
    "who can": "asked as a service asks: somebody suspended or expired can do nothing, and "
    "nobody is taken to have a special credential",
}


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 cell``, ``1,204 cells``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def names(some: Iterable[Name]) -> str:
    """Names one after the other."""
    return ", ".join(name.short for name in some)


def reason(grant: Grant) -> str:
    """Why a grant was given, in words."""
    return grant.rationale.text if grant.rationale else ""


def evidence(grant: Grant) -> str:
    """How well a grant is supported, and by which sources."""
    said = grant.rationale
    return f"{said.mark.short}: {' '.join(said.keys)}" if said else ""


def owns(block: Block) -> str:
    """On which resources a block of cells is about."""
    return {(False, True): "any", (True,): "own only", (False,): "other than own"}[block.owns]


def sentence(block: Block) -> str:
    """A block in words: who, in which roles, may do what to what."""
    principals, roles, types, actions, _ = block
    return (
        f"{names(principals)} as {names(roles)}: {names(actions)} on {names(types)}, "
        f"{owns(block)} ({counted(block.size, 'cell')})"
    )


def since(report: Report) -> str:
    """What the report compares with: an older policy, an older directory, or both."""
    older = report.turnover or report.changes
    return "" if older is None else older.since


def summed(sum: Sum) -> str:
    """How much, of how many subjects, on how many resources."""
    subjects, resources = counted(sum.subjects, "subject"), counted(sum.resources, "resource")
    return f"{sum.triples:,} ({subjects}, {resources})"


def turned(turnover: Turnover) -> str:
    """How much is gained and how much is lost, and by how many."""
    gained, lost = turnover.gained.total, turnover.lost.total
    if not gained.triples and not lost.triples:
        return "Nobody gained or lost anything."
    return f"Gained: {summed(gained)}. Lost: {summed(lost)}."


def way(through: Through) -> str:
    """The role by which something came or went, and what gives it."""
    kind, _, group = through.by.partition(":")
    return f"{through.role.short}, {given_by('' if group else kind, group)}"


def place(finding: Finding) -> str:
    """Where a finding stands; the file alone if it is about all of it."""
    at = finding.place
    return "" if at is None else str(at) if at.line else at.file


def given_by(relation: str, group: str) -> str:
    """What gives a role."""
    if group:
        return f"group {group}"
    return "being itself" if relation == "self" else f"being its {relation}"


def by(held: Held) -> str:
    """What gives somebody a role; that it gives nothing, if such a subject may not hold it."""
    hold = held.hold
    relation = hold.relation.short if hold.relation else ""
    words = given_by(relation, hold.assignment.group if hold.assignment else "")
    return words if held.eligible else f"{words}; gives nothing, as such a subject may not hold it"


def standing(person: Person) -> str:
    """What somebody is to its organization, and whether it may act."""
    known = (person.standing, person.status)
    return ", ".join(name.short for name in known if name.name != "UNSPECIFIED")


def strongest(line: RoleLine) -> Level | None:
    """The strongest level of what a role permits."""
    order = tuple(Level)
    return max((cell.level for cell in line.cells), key=order.index, default=None)


def counts(report: Report) -> list[tuple[str, int]]:
    """How much of everything there is, each with what one of it is called."""
    rows = report.rows
    found = [
        ("role", len(report.roles)),
        ("resource type", len(report.types)),
        ("permission", len(rows.catalogue)),
        ("grant", len(rows.grants)),
        ("cell", report.cells),
        ("allowed cell", report.allowed),
        ("open finding", len(report.audit.findings)),
        ("accepted finding", len(report.audit.accepted)),
    ]
    if report.proofs is not None:
        found.append(("proved invariant", len(report.proofs) - len(report.refuted)))
        found.append(("refuted invariant", len(report.refuted)))
    if report.holding is not None:
        found += [(name.replace("_", " ")[:-1], number) for name, number in report.holding.counts]
    return found
