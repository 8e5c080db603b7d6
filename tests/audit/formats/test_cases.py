"""JUnit: valid reports in which each rule and each finding is told of, whatever it says."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.auditing import audit
from rbac.audit.findings import Severity
from rbac.audit.formats.cases import junit
from rbac.policy import shipped_folder
from rbac.rows import Place
from tests.audit.formats.reports import ACCEPTED, EMPTY, FINDINGS, HOSTILE, REPORT, RULE
from tests.finding_examples import DAY
from tests.junit import parsed
from tests.strategies import examples


def test_each_finding_is_a_case_of_its_rule() -> None:
    """What is open failed, with its evidence; what is accepted is skipped, with its reason."""
    root = parsed(junit(REPORT, FINDINGS))
    assert root.get("failures") == str(len(FINDINGS))
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == [f"{rule.id} {rule.title}" for rule in REPORT.rules]
    (case,) = suites["RBAC902 made up"]
    assert case.get("name") == "an error"
    assert (case.get("file"), case.get("line")) == ("policies/grants/a b.csv", "7")
    assert case[0].get("message") == "error: an error"
    assert case[0].text == f"seen\ntwice\nMend it.\n{RULE._replace(id='RBAC902').page}"
    skipped = [each.get("message") for each in root.iter("skipped")]
    assert skipped == ["accepted until 2027-01-31: =reason", "accepted: why"]
    assert suites["RBAC901 made up"].get("skipped") == str(len(ACCEPTED))


def test_what_does_not_fail_is_skipped_with_its_evidence() -> None:
    """What is not bad enough to fail is told, and fails nothing."""
    errors = REPORT.at_least(Severity.ERROR)
    root = parsed(junit(REPORT, errors))
    assert root.get("failures") == str(len(errors)) == "1"
    found = {case.get("name"): case[0] for case in root.iter("testcase")}
    assert (found["nowhere"].tag, found["nowhere"].get("message")) == (
        "skipped",
        "warning: nowhere",
    )
    assert (found["nowhere"].text or "").startswith("Mend it.")


def test_a_rule_that_finds_nothing_passes() -> None:
    """It is asked, and so it is told of; no rule is there without a case."""
    root = parsed(junit(EMPTY, ()))
    assert [[case.get("name") for case in suite] for suite in root] == [["nothing found"]] * 2
    assert root.get("failures") == "0"
    assert not [child for case in root.iter("testcase") for child in case]


def test_the_shipped_policy_and_the_sample_are_told_whole() -> None:
    """As many failures and skipped cases in each suite as its rule has findings."""
    report = audit(shipped_folder(), directory="examples/organization", day=DAY)
    root = parsed(junit(report, report.findings))
    open_ = Counter(each.rule.id for each in report.findings)
    accepted = Counter(each.finding.rule.id for each in report.accepted)
    told = [
        ((suite.get("name") or "").partition(" ")[0], suite.get("failures"), suite.get("skipped"))
        for suite in root
    ]
    assert told == [(rule.id, str(open_[rule.id]), str(accepted[rule.id])) for rule in report.rules]
    assert report.findings


def test_no_finding_is_lost() -> None:
    """One of a rule that the report does not list is told all the same."""
    root = parsed(junit(REPORT._replace(rules=()), FINDINGS))
    assert root.get("tests") == str(len(FINDINGS) + len(ACCEPTED))


@examples(50)
@given(st.sampled_from(HOSTILE) | st.text())
def test_any_text_is_valid(text: str) -> None:
    """Whatever a message, an evidence, a path or a reason holds."""
    finding = RULE.found(text, Place(text or "x", 1), (text,), [text], text)
    accepted = ACCEPTED[0]._replace(finding=finding, reason=text)
    root = parsed(junit(REPORT._replace(findings=(finding,), accepted=(accepted,)), (finding,)))
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
