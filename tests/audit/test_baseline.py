"""The baseline and waivers: what they accept, when they stop to, and what is refused of them."""

import datetime
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.audit import baseline
from rbac.audit.auditing import accepted_by, audit, rules
from rbac.audit.baseline import Baseline, Entry, judge
from rbac.audit.findings import Finding, Report, Rule, Severity
from rbac.audit.waivers import Waiver
from rbac.errors import PolicyError, Problem
from rbac.notation.formatter import formatted
from rbac.policy import Policy
from rbac.rows import Place
from tests.finding_examples import DAY, Edit, apply, audited, folders
from tests.strategies import examples

RULE = Rule("RBAC101", "made up", Severity.WARNING, "Says.", "Matters.", "Mend.")
ONE, TWO = (
    RULE.found(f"about {name}", Place("p/grants/x.csv", line), (name,))
    for line, name in enumerate(("one", "two"), 4)
)


def entry(finding: Finding, *, by: str = "what", expires: datetime.date | None = None) -> Entry:
    """An acceptance of a finding, by what it is about or by its fingerprint."""
    named = ("", finding.what) if by == "what" else (finding.fingerprint, "")
    return Entry(finding.rule.id, *named, "made up", expires, Place("p/baseline.toml", 3))


def judged(
    *entries: Entry, waivers: tuple[Waiver, ...] = (), asked: tuple[str, ...] = ("RBAC101",)
) -> tuple[list[str], list[str]]:
    """What is open and what is accepted of the two findings, by rule and subject."""
    result = judge([ONE, TWO], Baseline({}, entries), waivers, day=DAY, asked=asked)
    names = [f"{each.rule.id} {each.what}" for each in result.findings]
    return names, [each.finding.what for each in result.accepted]


@pytest.mark.parametrize("by", ["what", "fingerprint"])
def test_an_entry_accepts_the_finding_it_names_and_no_other(by: str) -> None:
    """By what it is about or by its fingerprint, exactly."""
    assert judged(entry(ONE, by=by)) == (["RBAC101 two"], ["one"])


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (1, True)])
def test_an_entry_holds_through_its_last_day(days: int, holds: bool) -> None:
    """The day after, the finding is back, and the entry is one itself."""
    found, accepted = judged(entry(ONE, expires=DAY + datetime.timedelta(days=days)))
    assert accepted == (["one"] if holds else [])
    assert ("RBAC101 one" in found) is not holds
    assert ('RBAC401 RBAC101 "one"' in found) is not holds


def test_an_entry_that_matches_nothing_is_found_if_its_rule_was_asked() -> None:
    """Without a directory, an acceptance of what only a directory shows says nothing wrong."""
    gone = entry(ONE)._replace(what="gone")
    assert 'RBAC402 RBAC101 "gone"' in judged(gone)[0]
    assert judged(gone, asked=()) == (["RBAC101 one", "RBAC101 two"], [])


def test_a_waiver_accepts_its_rule_at_its_rows_alone() -> None:
    """Of another rule, file or row it accepts nothing, and is a finding itself."""
    waiver = Waiver("RBAC101", "made up", Place("p/grants/x.csv", 3), 4, 4)
    assert judged(waivers=(waiver,)) == (["RBAC101 two"], ["one"])
    for other in (
        waiver._replace(rule="RBAC102"),
        waiver._replace(place=Place("p/roles.csv", 3)),
        waiver._replace(first=6, last=9),
        waiver._replace(first=4, last=3),
    ):
        found, accepted = judged(waivers=(other,), asked=("RBAC101", "RBAC102"))
        assert accepted == []
        assert any(name.startswith("RBAC403") for name in found)


def test_what_is_waived_and_in_the_baseline_is_accepted_once() -> None:
    """The waiver is the reason shown; the entry is no finding, since it matches."""
    waiver = Waiver("RBAC101", "beside it", Place("p/grants/x.csv", 3), 4, 5)
    result = judge([ONE], Baseline({}, (entry(ONE),)), [waiver], day=DAY, asked=["RBAC101"])
    assert result.findings == ()
    assert [(each.reason, each.inline) for each in result.accepted] == [("beside it", True)]


def test_severities_are_set_by_rule() -> None:
    """Of open findings and of accepted ones; of other rules they stay."""
    said = Baseline({"RBAC101": Severity.ERROR}, (entry(ONE),))
    result = judge([ONE, TWO], said, (), day=DAY, asked=["RBAC101"])
    assert [each.severity for each in result.findings] == [Severity.ERROR]
    assert [each.finding.severity for each in result.accepted] == [Severity.ERROR]


GOOD = '[[accepted]]\nrule = "RBAC102"\nwhat = "x"\nreason = "y"\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (GOOD, 5, "the file is cut"),
        ("# end", 1, "the file is cut"),
        ("x = \n# end\n", 1, "not TOML"),
        pytest.param(f"x = {'[' * 100_000}\n# end\n", 1, "nested too deep", id="deep"),
        ("accpted = 1\n# end\n", 1, 'unknown key "accpted"; did you mean "accepted"?'),
        ("severities = 1\n# end\n", 1, "[severities] is a table"),
        ('[severities]\nRBAC999 = "note"\n# end\n', 2, 'unknown rule "RBAC999"'),
        ('[severities]\nRBAC101 = "off"\n# end\n', 2, "one of error, warning, note"),
        ("[severities]\nRBAC101 = 1\n# end\n", 2, "one of error, warning, note"),
        ("accepted = 1\n# end\n", 1, "an acceptance is a table"),
        ("accepted = [1]\n# end\n", 1, "an acceptance is a table"),
        (f"{GOOD}reasn = 1\n# end\n", 5, 'unknown key "reasn"; did you mean "reason"?'),
        (GOOD.replace("102", "999") + "# end\n", 2, '"RBAC999" is no rule'),
        (GOOD.replace("102", "402") + "# end\n", 2, '"RBAC402" cannot be accepted'),
        (GOOD.replace('reason = "y"\n', "") + "# end\n", 1, "reason is missing"),
        (GOOD.replace('"y"', '" "') + "# end\n", 4, "reason is one line of text"),
        (GOOD.replace('"y"', "1") + "# end\n", 4, "reason is one line of text"),
        (GOOD.replace('what = "x"\n', "") + "# end\n", 1, "by its fingerprint or by what"),
        (f'{GOOD}fingerprint = "{"0" * 16}"\n# end\n', 1, "by its fingerprint or by what"),
        (GOOD.replace("what", "fingerprint") + "# end\n", 3, "16 hexadecimal digits"),
        (f'{GOOD}expires = "2027-01-01"\n# end\n', 5, "expires is a date"),
        (f"{GOOD}expires = 2027-01-01T00:00:00\n# end\n", 5, "expires is a date"),
        (f"{GOOD}expires = 2027-02-30\n# end\n", 5, "not TOML"),
        (f"{GOOD}\n{GOOD}# end\n", 6, "a second acceptance of RBAC102"),
    ],
)
def test_what_is_wrong_with_a_baseline_is_refused(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    """Every problem is named by file and line, and nothing is read in part."""
    file = tmp_path / "baseline.toml"
    file.write_text(text)
    with pytest.raises(PolicyError) as caught:
        baseline.read(str(file), rules())
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(file), line)
    assert says in problem.message


PIECES = [
    *GOOD.splitlines(keepends=True),
    "[severities]\n",
    'RBAC101 = "note"\n',
    "# end\n",
    "[",
    "]",
    '"',
    "=",
    "\n",
]


@examples(100)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever a file holds: a baseline, or every problem by its line, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "baseline.toml")
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = Baseline()
        problems: tuple[Problem, ...] = ()
        try:
            found = baseline.read(str(file), rules())
        except PolicyError as error:
            problems = error.problems
    last = text.count("\n") + 1
    assert all(0 <= problem.line <= last for problem in problems)
    assert all(entry.reason and (entry.what or entry.fingerprint) for entry in found.entries)


def test_a_baseline_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A missing one that was asked for, and one that is not text."""
    with pytest.raises(PolicyError, match="cannot be read"):
        baseline.read(str(tmp_path / "none.toml"), rules())
    (tmp_path / "bytes.toml").write_bytes(b"\xff\n# end\n")
    with pytest.raises(PolicyError, match="not UTF-8"):
        baseline.read(str(tmp_path / "bytes.toml"), rules())


def test_writing_a_baseline_accepts_all_but_what_expired(tmp_path: Path) -> None:
    """What is open is accepted for a while; what stood there stays, and is never renewed."""
    parent = folders(tmp_path)
    text = '[[accepted]]\nrule = "RBAC102"\nwhat = "team_admin"\nreason = "why"\nexpires = '
    apply(Edit("policy/baseline.toml", f"# ours\n{text}2026-06-30"), parent)
    report = audited(parent, directory=False)
    file = str(parent / "policy" / "baseline.toml")
    known = accepted_by(str(parent / "policy"), None)
    added = baseline.extend(file, known, report.findings, 'a "reason"', DAY)
    again = audited(parent, directory=False)
    assert sorted(each.what for each in again.findings) == ['RBAC102 "team_admin"', "team_admin"]
    assert len(again.accepted) == added == len(report.findings) - 2
    assert {each.reason for each in again.accepted} == {'a "reason"'}
    until = DAY + datetime.timedelta(days=baseline.DAYS)
    assert {each.expires for each in again.accepted} == {until}
    assert Path(file).read_text().startswith(f"# ours\n{text}")
    assert baseline.extend(file, accepted_by(file[:-14], None), again.findings, "x", DAY) == 0


ROW = "workflow_user, workflow, system,"


def waived(tmp_path: Path, line: str) -> Report:
    """The report on the shipped policy with a line above the row of a role nobody may hold."""
    parent = folders(tmp_path)
    apply(Edit("policy/roles.csv", f"{line}\n{ROW}", ROW), parent)
    return audit(str(parent / "policy"), day=DAY)


def test_a_waiver_beside_the_row_accepts_its_finding(tmp_path: Path) -> None:
    """With its reason, and where it stands."""
    report = waived(tmp_path, "# waive RBAC102: kept for old clients")
    (accepted,) = report.accepted
    assert (accepted.finding.what, accepted.reason) == ("workflow_user", "kept for old clients")
    assert accepted.inline
    assert accepted.finding.place is not None
    assert accepted.place.line == accepted.finding.place.line - 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("# waive RBAC102", 'a waiver is a line like "# waive RBAC105: reason"'),
        ("#waive RBAC102: x", 'a waiver is a line like "# waive RBAC105: reason"'),
        ("# Waive RBAC102: x", 'a waiver is a line like "# waive RBAC105: reason"'),
        ("# waive RBAC102:  ", "a waiver of RBAC102 without a reason"),
        ("# waive RBAC199: x", 'unknown rule "RBAC199"; rbac audit --list-rules has all'),
        ("# waive RBAC403: x", 'unknown rule "RBAC403"'),
    ],
)
def test_a_waiver_that_is_not_well_said_is_refused(tmp_path: Path, line: str, says: str) -> None:
    """A waiver without a reason, or of no rule, is no waiver and no comment either."""
    with pytest.raises(PolicyError) as caught:
        waived(tmp_path, line)
    (problem,) = caught.value.problems
    assert problem.file == str(tmp_path / "policy" / "roles.csv")
    assert says in problem.message


def test_a_waiver_is_no_part_of_the_rationale_nor_of_the_meaning(tmp_path: Path) -> None:
    """Above grants it changes neither the rows, nor the digest, nor what the formatter keeps."""
    parent = folders(tmp_path)
    row = "p, environment_user, environment, start, any"
    apply(Edit("policy/grants/environment.csv", f"# waive RBAC106: decided\n{row}", row), parent)
    policy = Policy.load(parent / "policy")
    assert policy == Policy.shipped()
    assert policy.digest == Policy.shipped().digest
    before, after = formatted(str(parent / "policy"))["grants/environment.csv"]
    assert before == after
    accepted = audited(parent, directory=False).accepted
    assert [each.finding.what for each in accepted] == ["environment start"]


@pytest.mark.parametrize(("between", "accepts"), [("", True), ("\n", False), ("# x\n", False)])
def test_a_waiver_holds_down_to_an_empty_line_or_the_next_comment(
    tmp_path: Path, between: str, accepts: bool
) -> None:
    """Rows of other paragraphs are not waived."""
    parent = folders(tmp_path)
    viewer = "workflow_viewer, workflow, yes, may be shared"
    above = f"# waive RBAC102: made up\n{viewer}\n{between}"
    apply(Edit("policy/roles.csv", "", f"\n{viewer}"), parent)
    apply(Edit("policy/roles.csv", f"{above}{ROW}", ROW), parent)
    report = audited(parent, directory=False)
    assert [each.finding.what for each in report.accepted] == ["workflow_user"] * accepts
    assert any(each.rule.id == "RBAC403" for each in report.findings) is not accepts


def test_a_waiver_is_no_rationale(tmp_path: Path) -> None:
    """A grant needs a reason of its own, whatever is waived above it."""
    parent = folders(tmp_path)
    row = "p, webhook_viewer, webhook, get, any"
    apply(Edit("policy/grants/webhook.csv", f"{row}\n\n# waive RBAC106: made up", row), parent)
    with pytest.raises(PolicyError, match="a rationale opens with how well it is supported"):
        Policy.load(parent / "policy")


def test_what_cannot_be_written_is_accepted_by_its_fingerprint(tmp_path: Path) -> None:
    """A name that holds what a line of text may not."""
    file = str(tmp_path / "baseline.toml")
    odd = RULE.found("odd", None, ("a\nb",))
    assert baseline.extend(file, Baseline(), [odd, ONE], "made up", DAY) == 2
    said = baseline.read(file, rules())
    assert [each.matches(odd) for each in said.entries] == [True, False]
    assert [each.matches(ONE) for each in said.entries] == [False, True]


def test_every_file_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    """Policy, baseline, methods and directory: all problems, and no report."""
    parent = folders(tmp_path)
    apply(Edit("policy/baseline.toml", "x = 1"), parent)
    apply(Edit("methods.txt", "not a method"), parent)
    apply(Edit("directory/groups.jsonl", "no json"), parent)
    with pytest.raises(PolicyError) as caught:
        audited(parent)
    assert [Path(problem.file).name for problem in caught.value.problems] == [
        "groups.jsonl",
        "methods.txt",
        "baseline.toml",
    ]
    apply(Edit("policy/roles.csv", "x"), parent)
    with pytest.raises(PolicyError) as caught:
        audited(parent)
    assert {Path(problem.file).name for problem in caught.value.problems} == {
        "methods.txt",
        "baseline.toml",
        "roles.csv",
    }
