"""What became of policy tests, in the formats that people and CI systems read.

Knows how outcomes are said. It must not know how a test is run, nor measure anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rbac.audit.formats import junit
from rbac.audit.formats.commands import ERROR, NOTICE, command
from rbac.audit.formats.markup import table, text
from rbac.cli.phrases import counted, sentence
from rbac.testing.running import FAILED, PASSED, SKIPPED, Outcome, Wrong

_JUNIT = {PASSED: junit.PASSED, FAILED: junit.FAILED, SKIPPED: junit.SKIPPED}


def title(outcome: Outcome) -> str:
    """A test by its place and name."""
    return f"{outcome.test.place}: {outcome.test.name}"


def against(outcome: Outcome) -> Iterator[str]:
    """Everything that is not as a test expects: what, how often, and the decision on it."""
    for wrong in outcome.wrong:
        yield _unexpected(wrong)
        yield f"  {wrong.sentence}"


def _unexpected(wrong: Wrong) -> str:
    if isinstance(wrong.asked, str):
        return f"{wrong.place}: expected {wrong.expected}: {wrong.asked}"
    return f"expected {wrong.expected}: {sentence(wrong.asked)}"


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many tests passed, failed and were skipped, and how much they looked at."""
    results = [outcome.result for outcome in outcomes]
    parts = [f"{results.count(PASSED)} of {counted(len(results), 'test')} passed"]
    parts += [
        f"{results.count(result)} {result}" for result in (FAILED, SKIPPED) if result in results
    ]
    looked = sum(outcome.looked for outcome in outcomes)
    return f"{', '.join(parts)}; {counted(looked, 'answer')}"


def as_dict(outcome: Outcome) -> dict[str, object]:
    """A test and what became of it, as plain JSON values."""
    return {
        "name": outcome.test.name,
        "file": outcome.test.place.file,
        "line": outcome.test.place.line,
        "result": outcome.result,
        "skip": outcome.test.skip or None,
        "answers": outcome.looked,
        "wrong": [_wrong_as_dict(wrong) for wrong in outcome.wrong],
    }


def _wrong_as_dict(wrong: Wrong) -> dict[str, object]:
    asked = wrong.asked
    return {
        "line": wrong.place.line,
        "asked": asked if isinstance(asked, str) else asked.as_dict(),
        "answers": wrong.size,
        "expected": wrong.expected,
        "got": wrong.sentence,
        "decision": wrong.got.as_dict(),
    }


def as_junit(outcomes: Iterable[Outcome], gates: Iterable[tuple[str, str]]) -> str:
    """A JUnit report, a suite for each file; a gate that let nothing through is a failure.

    A gate is what it asks for, and why it did not let the tests through, if it did not.
    """
    suites: dict[str, list[junit.Case]] = {}
    for outcome in outcomes:
        suites.setdefault(outcome.suite.file, []).append(_case(outcome))
    gated = [junit.Case(name, junit.FAILED if why else junit.PASSED, why) for name, why in gates]
    if gated:
        suites["gates"] = gated
    return junit.write("rbac", [junit.Suite(name, cases) for name, cases in suites.items()])


def _case(outcome: Outcome) -> junit.Case:
    test = outcome.test
    message = test.skip
    if outcome.wrong:
        message = f"{counted(sum(wrong.size for wrong in outcome.wrong), 'answer')} not as expected"
    return junit.Case(
        test.name,
        _JUNIT[outcome.result],
        message,
        "\n".join(against(outcome)),
        outcome.seconds,
        test.place.file,
        test.place.line,
    )


def as_github(outcomes: Iterable[Outcome], gates: Iterable[tuple[str, str]] = ()) -> Iterator[str]:
    """Workflow commands that put each failure, and each skipped test, at its line."""
    for outcome in outcomes:
        test = outcome.test
        file, line = test.place
        if outcome.result == SKIPPED:
            message = f"{test.name}: skipped: {test.skip}"
            yield command(NOTICE, message, file=file, line=line)
        if outcome.result == FAILED:
            message = "\n".join([test.name, *against(outcome)])
            yield command(ERROR, message, file=file, line=line)
    yield from (command(ERROR, why) for _, why in gates if why)


def as_markdown(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A table of what failed and was skipped, for a pull request; all else is counted."""
    yield f"**{summary(outcomes)}**"
    shown = [outcome for outcome in outcomes if outcome.result != PASSED]
    if not shown:
        return
    yield ""
    yield from table(("test", "where", "result", "why"), map(_row, shown))


def _row(outcome: Outcome) -> tuple[str, ...]:
    test = outcome.test
    why = text(test.skip.strip()) or "<br>".join(text(line.strip()) for line in against(outcome))
    return text(test.name.strip()), text(test.place), outcome.result, why
