"""The rules of the audit: each shows in an example, and no longer once a row is changed."""

import difflib
from pathlib import Path

import pytest

from rbac.audit.auditing import rules
from tests.finding_examples import Example, apply, audited, examples, folders, found

EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_a_rule_finds_what_its_example_shows_and_not_what_is_a_row_apart(
    example: Example, tmp_path: Path
) -> None:
    """The finding is there, at a line of a file, and one edited row makes it go."""
    parent = folders(tmp_path)
    for edit in example.shows:
        apply(edit, parent)
    directory = example.rule.startswith(("RBAC2", "RBAC3"))
    shown = audited(parent, directory=directory)
    assert found(shown, example), [each.what for each in shown.findings]
    place = next(each.place for each in shown.findings if each.rule.id == example.rule)
    assert place is not None
    assert Path(place.file).is_file()
    before = (parent / example.mended.file).read_text(encoding="utf-8").splitlines()
    apply(example.mended, parent)
    after = (parent / example.mended.file).read_text(encoding="utf-8").splitlines()
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert len([line for line in changed if line[0] == "+"]) <= 1
    assert len([line for line in changed if line[0] == "-"]) <= 1
    assert not found(audited(parent, directory=directory), example)


def test_every_rule_has_an_example() -> None:
    """No rule is without an example, and no example without a rule."""
    assert EXAMPLES.keys() == {rule.id for rule in rules()}
