"""The rules of the audit: each shows in an example, and no longer once a row is changed."""

from pathlib import Path

import pytest

from docs.finding_pages import FOLDER, page
from rbac.audit.auditing import rules
from rbac.audit.findings import Finding, Report, Rule, Severity, in_order
from rbac.audit.pages import page as shipped_page
from rbac.rows import Place
from tests.finding_examples import carried_out, examples, found

EXAMPLES = examples()
RULES = {rule.id: rule for rule in rules()}


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_rule_finds_its_example_and_not_what_is_a_row_apart(id: str, tmp_path: Path) -> None:
    """The finding is there, in a file, and one row makes it go; its page says just that."""
    example = EXAMPLES[id]
    shown = carried_out(example, tmp_path)
    assert shown.finding.place is not None
    assert Path(shown.finding.place.file).is_file()
    assert len([line for line in shown.mend[1] if line[0] == "+"]) <= 1
    assert len([line for line in shown.mend[1] if line[0] == "-"]) <= 1
    assert not found(shown.after, example)
    rule = RULES[id]
    assert shipped_page(rule) == page(rule, example, shown, str(tmp_path)), (
        "python -m docs.finding_pages"
    )


def test_every_rule_has_an_example_and_a_page() -> None:
    """No rule is without an example or a page, and neither is without a rule."""
    assert EXAMPLES.keys() == RULES.keys()
    assert {path.stem for path in Path(FOLDER).iterdir()} == RULES.keys()


def test_rules_are_said_in_full_once() -> None:
    """Ids and titles are unique, and what a rule says are sentences."""
    assert len({rule.title for rule in rules()}) == len(rules())
    for rule in rules():
        for text in (rule.says, rule.matters, rule.remedy):
            assert text[0].isupper(), text
            assert text.endswith("."), text
        assert rule.title[0].islower()


RULE = Rule("RBAC999", "made up", Severity.WARNING, "Says.", "Matters.", "Mend.")


def finding(subject: str, *, line: int = 1, severity: Severity = Severity.WARNING) -> Finding:
    """A finding of a made-up rule."""
    return RULE.found(f"about {subject}", Place("a.csv", line), (subject,))._replace(
        severity=severity
    )


def test_a_fingerprint_is_of_rule_and_subject_alone() -> None:
    """Lines, words and severities may change; a subject or rule may not."""
    one = finding("x")
    for same in (finding("x", line=9), one._replace(message="other", severity=Severity.NOTE)):
        assert same.fingerprint == one.fingerprint
    other_rule = one._replace(rule=RULE._replace(id="RBAC998"))
    parted = one._replace(subject=("x", ""))
    assert len({each.fingerprint for each in (one, finding("y"), other_rule, parted)}) == 4


def test_reports_count_and_order_by_severity() -> None:
    """The worst come first, each once; a gate takes its severity and all that is worse."""
    note, error = finding("b", severity=Severity.NOTE), finding("z", severity=Severity.ERROR)
    report = Report((RULE,), in_order([note, finding("a"), error, note]))
    assert [each.severity for each in report.findings] == list(Severity)
    assert list(report.counts().values()) == [1, 1, 1]
    assert [len(report.at_least(each)) for each in Severity] == [1, 2, 3]


def test_a_place_of_no_file_is_none() -> None:
    """A row that stands nowhere, as one made in memory, has no place to show."""
    assert RULE.found("x", Place("", 0), ("x",)).place is None
