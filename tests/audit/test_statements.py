"""The notation of invariants: what is read, and everything that is refused, by line."""

from pathlib import Path

import pytest

from rbac.audit.invariants import Space
from rbac.audit.selections import matching
from rbac.audit.statements import read
from rbac.errors import PolicyError
from rbac.policy import Policy
from rbac.rows import Level
from rbac.table import DecisionTable
from rbac.vocabulary import ResourceRole

SPACE = Space(DecisionTable(Policy.shipped()))
HEAD = '[[invariant]]\nname = "n"\nsays = "s"\nbecause = "b"\n'
GOOD = 'never.roles = ["*_viewer"]\nnever.levels = ["grant"]\n'


def problems(tmp_path: Path, text: str) -> list[str]:
    """Everything that is wrong with a file of statements, by its line."""
    file = tmp_path / "invariants.toml"
    file.write_text(text)
    with pytest.raises(PolicyError) as caught:
        read(str(file), SPACE)
    return [str(problem).removeprefix(f"{file}") for problem in caught.value.problems]


MALFORMED: dict[str, tuple[str, str]] = {
    "cut": (f"{HEAD}{GOOD}", ':7: the file is cut: its last line is not "# end"'),
    "not TOML": (f"{HEAD}never.roles = [\n# end\n", ":7: not TOML: "),
    "twice the same key": (f'{HEAD}name = "m"\n# end\n', ":5: not TOML: Cannot overwrite"),
    "no statement": ("\n# end\n", ":1: no [[invariant]]"),
    "a stranger": (f'title = "x"\n{HEAD}{GOOD}# end\n', ':1: unknown key "title"'),
    "another table": (f"[invariants]\nx = 1\n{HEAD}{GOOD}# end\n", ':1: unknown key "invariants"'),
    "one table": (f"{HEAD[1:].replace(']]', ']')}{GOOD}# end\n", ":1: no [[invariant]]"),
    "a list of texts": ('invariant = ["x"]\n# end\n', ":1: a statement is a table"),
    "an unknown key": (f"{HEAD}neverr.roles = []\n{GOOD}# end\n", ':5: unknown key "neverr"; did'),
    "what is nested too deep": (f"x = {'[' * 100_000}\n# end\n", ":1: not TOML: nested too deep"),
    "no reason": (HEAD.replace("because", "# ") + f"{GOOD}# end\n", ":1: because is missing"),
    "an empty reason": (HEAD.replace('"b"', '" "') + f"{GOOD}# end\n", ":4: because is one line"),
    "a reason of two lines": (
        HEAD.replace('"b"', '"""b\nc"""') + f"{GOOD}# end\n",
        ":4: because is one line",
    ),
    "a name with a blank": (HEAD.replace('"n"', '"N 1"') + f"{GOOD}# end\n", ":2: a name is lower"),
    "a second of its name": (
        f"{HEAD}{GOOD}{HEAD}{GOOD}# end\n",
        ':8: a second "n"; the first is at line 1',
    ),
    "no form": (f"{HEAD}# end\n", ":1: a statement has one of never, only"),
    "two forms": (f"{HEAD}{GOOD}only.roles = ['org_admin']\n# end\n", ":1: a statement has one of"),
    "only without on": (f"{HEAD}only.roles = ['org_admin']\n# end\n", ":5: only needs on"),
    "never with on": (f"{HEAD}{GOOD}on.roles = ['org_admin']\n# end\n", ":7: never says by itself"),
    "an unknown subject": (
        f'{HEAD}about = "cell"\n{GOOD}# end\n',
        ':5: unknown subject "cell"; did you mean "cells"?',
    ),
    "a subject that is a number": (f"{HEAD}about = 1\n{GOOD}# end\n", ":5: unknown subject"),
    "a form of cells": (
        f'{HEAD}about = "eligibility"\ntogether = [{{}}, {{}}]\n# end\n',
        ":6: together is said of cells only",
    ),
    "a key of cells": (
        f'{HEAD}about = "eligibility"\nnever.levels = ["grant"]\n# end\n',
        ':6: unknown key "levels"',
    ),
    "no selection": (f"{HEAD}never = {{}}\n# end\n", ":5: a selection has one or more of"),
    "a selection that is text": (f'{HEAD}never = "x"\n# end\n', ":5: a selection has one or more"),
    "an unknown selector": (
        f'{HEAD}never.rolls = ["org_admin"]\n# end\n',
        ':5: unknown key "rolls"; did you mean "roles"?',
    ),
    "an unknown name": (
        f'{HEAD}never.roles = ["org_admn"]\n# end\n',
        ':5: no role is "org_admn"; did you mean "org_admin"',
    ),
    "a pattern that matches nothing": (
        f'{HEAD}never.types = ["*_nothing"]\n# end\n',
        ':5: no resource type is "*_nothing"',
    ),
    "the zero value": (f'{HEAD}never.roles = ["unspecified"]\n# end\n', ':5: no role is "unspec'),
    "an empty list": (f"{HEAD}never.roles = []\n# end\n", ":5: roles is a list of one or more"),
    "a name for a list": (f'{HEAD}never.roles = "org_admin"\n# end\n', ":5: roles is a list of"),
    "a number in a list": (f"{HEAD}never.roles = [1]\n# end\n", ":5: roles is a list of"),
    "an empty set": (
        f'{HEAD}never.roles = ["org_admin", "!org_*"]\n# end\n',
        ":5: selects no role",
    ),
    "own that is text": (f'{HEAD}never.own = "yes"\n# end\n', ":5: own is true or false"),
    "no such permission": (
        f'{HEAD}never.permissions = ["project signup"]\n# end\n',
        ':5: no permission is "project signup"',
    ),
    "a selection without a permission": (
        f'{HEAD}never.types = ["project"]\nnever.actions = ["signup"]\n# end\n',
        ":5: selects no cell",
    ),
    "only that lets all through": (
        f'{HEAD}on.types = ["project"]\nonly.types = ["project", "group"]\n# end\n',
        ":6: lets everything of on through",
    ),
    "an exception that leaves nothing": (
        f'{HEAD}{GOOD}except.levels = ["grant"]\n# end\n',
        ":7: leaves nothing; the statement could never fail",
    ),
    "an exception of nothing": (
        f'{HEAD}{GOOD}except.levels = ["read"]\n# end\n',
        ":7: leaves nothing out; remove it",
    ),
    "one selection together": (
        f'{HEAD}together = [{{ types = ["group"] }}]\n# end\n',
        ":5: together is a list of two selections or more",
    ),
    "roles within together": (
        f'{HEAD}together = [{{ roles = ["org_admin"] }}, {{ types = ["group"] }}]\n# end\n',
        ':5: unknown key "roles"',
    ),
    "an unknown requirement": (
        f'{HEAD}on.types = ["project"]\nrequires = ["principal usr"]\n# end\n',
        ':6: unknown requirement "principal usr"',
    ),
    "a requirement that is a number": (
        f'{HEAD}on.types = ["project"]\nrequires = [1]\n# end\n',
        ":6: unknown requirement",
    ),
    "no requirement": (
        f'{HEAD}on.types = ["project"]\nrequires = []\n# end\n',
        ":6: requires is a list of one or more",
    ),
    "roles implied": (
        f'{HEAD}on.types = ["project"]\nimplies.roles = ["org_admin"]\n# end\n',
        ':6: unknown key "roles"',
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_statement_that_is_not_well_said_is_refused_by_line(case: str, tmp_path: Path) -> None:
    """Each way to say less than it seems is a problem, at the line where it is said."""
    text, expected = MALFORMED[case]
    found = problems(tmp_path, text)
    assert any(problem.startswith(expected) for problem in found), found


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """One bad statement does not hide the next one's problems."""
    text = f'{HEAD}never.rolls = ["x"]\n{HEAD}never.roles = ["org_admn"]\n# end\n'
    assert [problem.split(":")[1] for problem in problems(tmp_path, text)] == ["5", "10"]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """A file that is not there or is not text proves nothing."""
    with pytest.raises(PolicyError, match="cannot be read"):
        read(str(tmp_path / "none.toml"), SPACE)
    (tmp_path / "bad.toml").write_bytes(b"\xff\n# end\n")
    with pytest.raises(PolicyError, match="not UTF-8"):
        read(str(tmp_path / "bad.toml"), SPACE)


def test_a_statement_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Patterns become names, and the place is the line of the statement."""
    file = tmp_path / "invariants.toml"
    file.write_text(f"\n{HEAD}{GOOD}# end\n")
    (found,) = read(str(file), SPACE)
    viewers = {role for role in ResourceRole if role.short.endswith("_viewer")}
    assert found.selections == {
        "never": {"roles": viewers, "levels": {Level.GRANT}},
    }
    assert (found.name, found.says, found.because, found.place.line) == ("n", "s", "b", 2)


PATTERNS = [
    (["a_*"], ["a_x", "a_y"]),
    (["*"], ["a_x", "a_y", "b"]),
    (["!b"], ["a_x", "a_y"]),
    (["a_*", "!*_y"], ["a_x"]),
    (["!*_y", "a_*"], ["a_x"]),
    (["b", "a_x"], ["a_x", "b"]),
]


@pytest.mark.parametrize(("patterns", "expected"), PATTERNS)
def test_patterns_mean_names(patterns: list[str], expected: list[str]) -> None:
    """A name is meant if a pattern matches it whole and none with a ``!`` does, in any order."""
    assert matching(patterns, ["a_x", "a_y", "b"], "thing") == expected


@pytest.mark.parametrize("pattern", ["a", "a_.", "A_x", "a_x ", "", "[a]_x", "!", "!!b"])
def test_patterns_know_no_other_sign(pattern: str) -> None:
    """Only ``*`` and a leading ``!`` mean anything; every other character is itself."""
    with pytest.raises(ValueError, match="no thing is"):
        matching([pattern], ["a_x", "a_y", "b"], "thing")
