"""What `rbac test` found, and how it says so: the verdict, coverage, mutants.

Knows which findings let a run pass. It must not know how any of them is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rbac.cli.phrases import counted
from rbac.light import NamedTuple
from rbac.policy import Policy
from rbac.testing.additions import Addition
from rbac.testing.coverage import Coverage
from rbac.testing.mutants import Mutants
from rbac.testing.reports import as_dict as outcome_as_dict
from rbac.testing.reports import summary
from rbac.testing.running import FAILED, SKIPPED, Outcome

MOST_LINES = 20
"""How many grants or mutants are shown to people; JSON has all of them."""


class Gate(NamedTuple):
    """Something that a run has to reach besides passing, and why it did not, if it did not."""

    name: str
    why: str


class Findings(NamedTuple):
    """What became of the tests, and whatever else was asked for.

    `thresholds` are the percentages of the grants and of the allowed cells that have to be
    asserted; `detailed` asks for the grants that are not. `unlooked` says that mutants were
    asked for and not looked for, and `file` where the tests of the addition were written.
    """

    policy: Policy
    outcomes: Sequence[Outcome]
    coverage: Coverage | None = None
    thresholds: tuple[Fraction | None, Fraction | None] = (None, None)
    detailed: bool = False
    unlooked: bool = False
    mutants: Mutants | None = None
    addition: Addition | None = None
    file: str = ""

    @property
    def ran(self) -> int:
        """How many tests were run, and not skipped."""
        return sum(1 for outcome in self.outcomes if outcome.result != SKIPPED)

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(1 for outcome in self.outcomes if outcome.result == FAILED)

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All that the run has to reach."""
        return tuple(self._gates())

    def _gates(self) -> Iterator[Gate]:
        yield Gate("some test ran", "" if self.ran else "no test ran, which shows nothing")
        if self.coverage is None:
            return
        shares = (self.coverage.covered, self.coverage.allowed)
        for of, share, least in zip(_MEASURED, shares, self.thresholds, strict=True):
            if least is not None:
                wanted = f"{float(least):g} % of the {of} asserted"
                yield Gate(wanted, "" if share.percent >= least else f"below {wanted}: {share}")

    @property
    def passed(self) -> bool:
        """Whether every test passed and every gate lets the run through."""
        return not self.failed and not any(gate.why for gate in self.gates)


_MEASURED = ("grants", "allowed cells")


def lines(found: Findings) -> Iterator[str]:
    """The verdict first; then what is not reached, not asserted, and not noticed."""
    yield f"{'passed' if found.passed else 'failed'}: {summary(found.outcomes)}"
    yield from (f"  {gate.why}" for gate in found.gates if gate.why)
    if found.coverage:
        yield from _coverage(found.coverage, found.detailed)
    if found.unlooked:
        yield "  mutants are looked for once every test passes"
    if found.mutants:
        yield from _mutants(found.mutants)
    if found.addition:
        yield _addition(found.addition, found.file)
    yield f"  digest {found.policy.digest}"


def _coverage(coverage: Coverage, detailed: bool) -> Iterator[str]:
    yield f"  grants         {coverage.covered} with an asserted cell"
    yield f"  allowed cells  {coverage.allowed} asserted"
    yield f"  every cell     {coverage.every} asserted"
    if detailed and coverage.uncovered:
        yield "  grants without an asserted cell:"
        rows = [_row(each.grant) for each in coverage.uncovered]
        yield from (f"    {line}" for line in _some(rows))


def _mutants(mutants: Mutants) -> Iterator[str]:
    yield f"  mutants        {len(mutants.survivors):,} of {mutants.total:,} survive"
    for flip, count in mutants.counts.items():
        yield f"    {flip.short:12} {mutants.surviving(flip):,} of {count:,}"
    if mutants.survivors:
        yield "  no test would notice:"
        yield from (f"    {line}" for line in _some([str(each) for each in mutants.survivors]))


def _addition(addition: Addition, file: str) -> str:
    if not addition.squares:
        return "  no additional test is needed"
    number = counted(len(addition.squares), "combination")
    proven = "the fewest there are" if addition.minimal else f"at least {addition.least} are needed"
    return f"  written to {file}: {number} of principal, role and type ({proven})"


def _some(rows: Sequence[str]) -> Iterator[str]:
    yield from rows[:MOST_LINES]
    if len(rows) > MOST_LINES:
        yield f"and {len(rows) - MOST_LINES:,} more, which --format json lists"


def _row(grant: tuple[object, ...]) -> str:
    *names, place = grant[:5]
    return f"{', '.join(['p', *(name.short for name in names)])}  ({place})"  # type: ignore[attr-defined]


def as_dict(found: Findings) -> dict[str, object]:
    """Everything that was found, as plain JSON values."""
    return {
        "passed": found.passed,
        "ran": found.ran,
        "failed": found.failed,
        "skipped": len(found.outcomes) - found.ran,
        "answers": sum(outcome.looked for outcome in found.outcomes),
        "digest": found.policy.digest,
        "gates": [{"gate": gate.name, "reached": not gate.why} for gate in found.gates],
        "tests": [outcome_as_dict(outcome) for outcome in found.outcomes],
        "coverage": _coverage_as_dict(found.coverage) if found.coverage else None,
        "mutants": _mutants_as_dict(found.mutants) if found.mutants else None,
        "addition": _addition_as_dict(found.addition, found.file) if found.addition else None,
    }


def _coverage_as_dict(coverage: Coverage) -> dict[str, object]:
    return {
        "grants": coverage.covered.as_dict(),
        "allowed": coverage.allowed.as_dict(),
        "every": coverage.every.as_dict(),
        "by_grant": [each.as_dict() for each in coverage.grants],
    }


def _mutants_as_dict(mutants: Mutants) -> dict[str, object]:
    return {
        "total": mutants.total,
        "counts": {
            flip.short: {"total": count, "survive": mutants.surviving(flip)}
            for flip, count in mutants.counts.items()
        },
        "survivors": [mutant.as_dict() for mutant in mutants.survivors],
    }


def _addition_as_dict(addition: Addition, file: str) -> dict[str, object]:
    return {
        "file": file if addition.squares else None,
        "combinations": len(addition.squares),
        "least": addition.least,
    }
