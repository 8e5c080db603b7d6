"""Reports on policy tests: whatever a test is called, each format says it and nothing else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from rbac.rows import Place
from rbac.testing.reports import as_dict, as_github, as_junit, as_markdown
from rbac.testing.running import Outcome, Wrong
from rbac.testing.suites import PolicyTest, Suite
from rbac.verification import cells
from tests.junit import parsed
from tests.strategies import examples
from tests.testing.helping import SHIPPED

GOT = SHIPPED.decide(next(cells(SHIPPED.policy)))
WORDS = st.text(st.sampled_from("a |\\<>&%:,`*_\n\r\x1b]\u202e\x00"), min_size=1, max_size=9)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    """A test with words that mean something to some format, passed, failed or skipped."""
    place = Place(draw(WORDS), draw(st.integers(1, 99)))
    asked = st.builds(Wrong, WORDS, WORDS, st.just(GOT), WORDS, st.just(place))
    wrong = tuple(draw(st.lists(asked, max_size=2)))
    skip = draw(st.sampled_from(["", "", "later"]) | WORDS) if not wrong else ""
    test = PolicyTest(draw(WORDS), place, (), skip)
    return Outcome(Suite(draw(WORDS), (test,)), test, 1, wrong, 0.5)


@examples(30)
@given(st.lists(outcomes(), max_size=3))
def test_junit_is_valid_and_counts_right(found: list[Outcome]) -> None:
    """Each test is a case with its result, whatever it is called."""
    root = parsed(as_junit(found, [("a gate", "")]))
    results = [case[0].tag if len(case) else "passed" for case in root.iter("testcase")]
    wanted = [{"failed": "failure"}.get(each.result, each.result) for each in found]
    assert sorted(results) == sorted([*wanted, "passed"])


@examples(30)
@given(st.lists(outcomes(), max_size=3))
def test_github_reads_one_command_a_line(found: list[Outcome]) -> None:
    """No name can end a command, begin another, or add to its properties."""
    lines = list(as_github(found, [("a gate", "not %\nreached")]))
    shown = [each for each in found if each.result != "passed"]
    assert len(lines) == len(shown) + 1
    for line, outcome in zip(lines, shown, strict=False):
        assert re.fullmatch(r"::(error|notice) file=[^,:\n\r]*,line=\d+::[^\n\r]*", line)
        assert line.startswith("::error") is (outcome.result == "failed")
        assert line.isprintable()
    assert lines[-1] == "::error::not %25%0Areached"


@examples(30)
@given(st.lists(outcomes(), min_size=1, max_size=3))
def test_markdown_has_a_row_of_four_cells_for_each(found: list[Outcome]) -> None:
    """No name breaks the table or brings elements of its own."""
    lines = list(as_markdown(found))
    rows = [line for line in lines if line.startswith("|")][2:]
    assert len(rows) == sum(1 for each in found if each.result != "passed")
    for row in rows:
        assert len(re.split(r"(?<!\\)(?:\\\\)*\|", row)) == 6
        assert "<" not in row.replace("<br>", "")
        assert row.isprintable()


@examples(10)
@given(outcomes())
def test_json_has_everything_as_it_is(outcome: Outcome) -> None:
    """Nothing is escaped or left out where a machine reads."""
    found = as_dict(outcome)
    assert (found["name"], found["result"]) == (outcome.test.name, outcome.result)
    assert (found["file"], found["line"]) == outcome.test.place
