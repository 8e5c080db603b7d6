"""The notation of constraints: what it says, and everything that is wrong with a file."""

import re
from pathlib import Path

import pytest

from rbac.constraint_rows import (
    Cardinality,
    Constraint,
    DynamicSeparation,
    Prerequisite,
    StaticSeparation,
)
from rbac.constraints import Constraints
from rbac.errors import PolicyError
from rbac.rows import NOWHERE, Permission
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

R, T = ResourceRole, ResourceType
GUIDE = (Path(__file__).parents[1] / "docs" / "constraints.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[0]

STATIC = """\
[[constraint]]
name = "apart"
kind = "static"
reason = "because"
roles = ["org_runners_admin", "org_projects_admin"]
at_most = 1
scope = "organization"
# end
"""
CARDINALITY = """\
[[constraint]]
name = "few"
kind = "cardinality"
reason = "because"
role = "org_admin"
at_most = 3
scope = "organization"
# end
"""


def written(tmp_path: Path, text: str | bytes) -> Path:
    """A file of that text."""
    path = tmp_path / "constraints.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(tmp_path: Path, text: str | bytes) -> list[tuple[int, str]]:
    """The line and the message of every problem of a file, which must be refused."""
    path = written(tmp_path, text)
    with pytest.raises(PolicyError) as refused:
        Constraints.load(path)
    assert {problem.file for problem in refused.value.problems} == {str(path)}
    return [(problem.line, problem.message) for problem in refused.value.problems]


def test_the_guides_example_says_what_it_shows(tmp_path: Path) -> None:
    """Every kind of constraint is read as it is written, with its place."""
    found, lines = Constraints.load(written(tmp_path, EXAMPLE)), EXAMPLE.splitlines()
    assert [lines[each.place.line - 1] for each in found] == ["[[constraint]]"] * 5
    bare = [each._replace(place=NOWHERE, reason="") for each in found]
    expected: list[Constraint] = [
        StaticSeparation(
            "runners_apart_from_projects",
            "",
            1,
            T.ORGANIZATION,
            roles=(R.ORG_RUNNERS_ADMIN, R.ORG_PROJECTS_ADMIN),
            principals=(Principal.SERVICE_ACCOUNT,),
        ),
        StaticSeparation(
            "auditors_only_audit",
            "",
            1,
            T.PROJECT,
            permissions=(
                Permission(Action.LIST_AUDIT_LOGS, T.ORGANIZATION),
                Permission(Action.UPDATE, T.PROJECT),
            ),
            principals=(Principal.SERVICE_ACCOUNT,),
        ),
        DynamicSeparation("one_hat_at_a_time", "", 1, (R.PROJECT_EDITOR, R.GROUP_ADMIN)),
        Cardinality(
            "somebody_administers", "", R.ORG_ADMIN, T.ORGANIZATION, 2, None, (Principal.USER,)
        ),
        Prerequisite(
            "editors_are_members",
            "",
            R.PROJECT_EDITOR,
            (R.ORG_MEMBER,),
            T.PROJECT,
            (Principal.USER,),
        ),
    ]
    assert bare == expected
    assert [each.reason for each in found] == re.findall(r'^reason = "(.*)"', EXAMPLE, re.MULTILINE)


def test_line_ends_and_comments_do_not_matter(tmp_path: Path) -> None:
    """A file means the same with other line ends, comments, blank lines and wrapped lists."""
    plain = Constraints.load(written(tmp_path, STATIC))
    wrapped = STATIC.replace('["org_runners_admin", ', '[\n  "org_runners_admin",  # one\n  ')
    for text in (STATIC.replace("\n", "\r\n"), "\n# why\n" + wrapped):
        assert [
            each._replace(place=NOWHERE) for each in Constraints.load(written(tmp_path, text))
        ] == [each._replace(place=NOWHERE) for each in plain]


def test_exactly_is_at_least_and_at_most(tmp_path: Path) -> None:
    """``exactly`` sets both limits."""
    text = CARDINALITY.replace("at_most = 3", "exactly = 3")
    found = Constraints.load(written(tmp_path, text)).named("few")
    assert isinstance(found, Cardinality)
    assert (found.at_least, found.at_most) == (3, 3)


@pytest.mark.parametrize(
    ("text", "old", "new", "line", "message"),
    [
        (STATIC, 'name = "apart"', "", 1, 'a static constraint needs the key "name"'),
        (STATIC, '"apart"', '"A part"', 2, "name must be a text of lower-case letters"),
        (STATIC, '"apart"', "3", 2, "name must be a text of lower-case letters"),
        (STATIC, 'kind = "static"', "", 1, "kind is missing; write one of"),
        (STATIC, '"static"', '"statik"', 3, 'unknown kind "statik"; write one of "static"'),
        (STATIC, '"static"', "1", 3, 'unknown kind "1"'),
        (STATIC, '"because"', '" "', 4, "reason must be a text that says why"),
        (STATIC, '"org_projects_admin"', '"org_project"', 5, 'unknown role "org_project"; did you'),
        (STATIC, '"org_projects_admin"', '"unspecified"', 5, 'unknown role "unspecified"'),
        (STATIC, '"org_projects_admin"', "7", 5, "a role is written as a text"),
        (
            STATIC,
            '["org_runners_admin", ',
            '[\n"org_runners_admin",\n"org_runners",\n',
            7,
            'unknown role "org_runners"',
        ),
        (
            STATIC,
            '"org_projects_admin"',
            '"org_runners_admin"',
            5,
            'roles has "org_runners_admin" twice; remove one',
        ),
        (STATIC, '"org_runners_admin", "org_projects_admin"', "", 5, "at least one"),
        (STATIC, '"org_runners_admin", ', "", 1, "separates nothing: it takes two at least"),
        (STATIC, "at_most = 1", "at_most = 0", 1, "of a set of 2 it must be from 1 to 1"),
        (STATIC, "at_most = 1", "at_most = 2", 1, "of a set of 2 it must be from 1 to 1"),
        (STATIC, "at_most = 1", "at_most = -1", 6, "at_most must be a whole number"),
        (STATIC, "at_most = 1", "at_most = true", 6, "at_most must be a whole number"),
        (STATIC, "at_most = 1", "at_most = 1.0", 6, "at_most must be a whole number"),
        (STATIC, "at_most = 1", "at_most = " + "9" * 5000, 0, "not TOML: exceeds the limit"),
        (STATIC, "at_most = 1", "", 1, 'a static constraint needs the key "at_most"'),
        (STATIC, '"organization"', '"organisation"', 7, 'unknown resource type "organisation"'),
        (
            STATIC,
            "at_most = 1",
            "at_most = 1\nprincipal = 1",
            7,
            'unknown key "principal"; did you mean',
        ),
        (STATIC, "at_most = 1", "at_most = 1\nat_least = 1", 7, 'unknown key "at_least"'),
        (
            STATIC,
            "at_most = 1",
            "at_most = 1\nat_most = 1",
            7,
            "not TOML: cannot overwrite a value",
        ),
        (STATIC, "at_most = 1", "at_most 1", 6, "not TOML: expected"),
        (
            STATIC,
            "at_most = 1",
            'at_most = 1\npermissions = ["use project"]',
            1,
            "name either roles",
        ),
        (STATIC, "at_most = 1", "at_most = 1\nprincipals = []", 7, "principals must be a list"),
        (STATIC, "at_most = 1", 'at_most = 1\nprincipals = "user"', 7, "principals must be a list"),
        (STATIC, "at_most = 1", 'at_most = 1\nprincipals = ["robot"]', 7, "unknown principal"),
        (STATIC, "roles", "permissions", 5, "a permission is written as an action and a type"),
        (
            STATIC,
            'roles = ["org_runners_admin"',
            'permissions = ["updat project"',
            5,
            'unknown action "updat"',
        ),
        (STATIC, '"because"', '"""because"""', 4, "a text over several lines"),
        (STATIC, '"because"', '"be\u200bcause"', 4, "a control or invisible character"),
        (STATIC, "# end\n", "", 8, 'the file is cut: its last line is not "# end"'),
        (STATIC, "# end\n", "# end", 8, "the file is cut"),
        (STATIC, "[[constraint]]", "[constraint]", 1, "write each constraint below"),
        (STATIC, "[[constraint]]", '[["constraint"]]', 1, "write each constraint below"),
        (STATIC, "[[constraint]]", "[[constraints]]", 1, 'unknown key "constraints"'),
        (STATIC, STATIC, "# nothing\n# end\n", 0, "no constraint; an empty file is refused"),
        (STATIC, STATIC, "constraint = [{}]\n# end\n", 1, "write each constraint below"),
        (STATIC, "at_most = 1", "at_most = 1\nassigned = 1", 7, "assigned must be true or false"),
        (
            STATIC,
            'roles = ["org_runners_admin", "org_projects_admin"]',
            'assigned = true\npermissions = ["use project", "update project"]',
            5,
            "only roles are assigned",
        ),
        (CARDINALITY, "at_most = 3", "at_most = 3\nassigned = true", 7, 'unknown key "assigned"'),
        (CARDINALITY, "at_most = 3", "", 1, "say how many: at_least, at_most or exactly"),
        (CARDINALITY, "at_most = 3", "at_least = 0", 1, "says nothing: at least 0, and no limit"),
        (CARDINALITY, "at_most = 3", "exactly = 1\nat_most = 3", 6, "exactly stands alone"),
        (CARDINALITY, "at_most = 3", "at_most = 3\nat_least = 4", 1, "contradicts itself"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_mistake_is_named_by_file_and_line(
    tmp_path: Path, text: str, old: str, new: str, line: int, message: str
) -> None:
    """Each mistake is the one problem of its file, in its place."""
    assert old in text
    (found,) = problems(tmp_path, text.replace(old, new, 1))
    assert found[0] == line
    assert message in found[1]


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """Two constraints with two mistakes each are four problems, sorted by line."""
    text = STATIC.replace("organization", "organisation").replace("at_most", "at_mos")
    found = problems(tmp_path, text.replace("# end\n", "") + text)
    assert [line for line, _ in found] == [1, 6, 7, 8, 13, 14]


def test_what_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """A missing file and bytes that are no text are refused with the same error."""
    with pytest.raises(PolicyError, match="no constraints can be read here"):
        Constraints.load(tmp_path / "missing.toml")
    assert problems(tmp_path, STATIC.encode() + b"\xff\n# end\n") == [(0, "not UTF-8")]


def test_the_guides_warning_is_true(tmp_path: Path) -> None:
    """The first constraint of the example, about everybody, contradicts the fourth."""
    wider = EXAMPLE.replace('principals = ["service_account"]\n', "", 1)
    ((line, message),) = problems(tmp_path, wider)
    assert wider.splitlines()[line].startswith('name = "somebody_administers"')
    assert "nobody could hold org_admin" in message
