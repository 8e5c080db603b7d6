"""Files of policy tests that are not well written: all that is wrong, by line, and nothing run."""

import sys
from pathlib import Path

import pytest
import yaml

from rbac.errors import PolicyError, RbacError
from rbac.testing import nodes
from rbac.testing.reader import find, read
from tests.testing.helping import SHIPPED, put, suites

HEAD = "tests:\n  - name: some\n"
MATRIX = "principals: [user]\nroles: [project_user]\ntypes: [project]"


def one(*lines: str) -> str:
    """A file with one test of these lines."""
    body = "\n".join(lines).strip("\n").split("\n")
    return HEAD + "".join(f"    {line}\n" for line in body)


PEOPLE = "directory:\n  organizations: [acme]\n  subjects: [ada, bob]\n"
"""Three lines that say who there is."""

WRONG: dict[str, tuple[str, list[tuple[int, str]]]] = {
    # no file of tests
    "an empty file": ("", [(1, "no tests; a file without tests proves nothing")]),
    "a list": ("- a", [(1, "a file of tests is a mapping")]),
    "no tests": ("directory: x", [(1, "tests is missing")]),
    "an empty list": ("tests: []", [(1, "tests is a list of one or more")]),
    "a test that is a word": ("tests: [a]", [(1, "a scenario is a mapping")]),
    "not YAML": ("tests: [a", [(3, "not YAML")]),
    "a second document": (
        f"{one(MATRIX, 'allowed: [get]')}---\na: b",
        [(7, "second document")],
    ),
    # what YAML would turn into something else
    "an alias": (one(MATRIX, "allowed: [*get]"), [(6, "an alias")]),
    "an anchor": (one(MATRIX, "allowed: &a [get]"), [(6, "an anchor")]),
    "a tag": (one(MATRIX, "allowed: !!seq [get]"), [(6, "a tag")]),
    "an unquoted exception": (
        one("principals: [!user]", "roles: all", "types: all", "allowed: nothing"),
        [(3, "a tag"), (4, "a pattern that begins with ! or * is quoted")],
    ),
    "a merge key": (one(MATRIX, "allowed: [get]", "<<: {skip: a}"), [(7, '"<<" is no text')]),
    "a word that is a boolean": (one(MATRIX, "allowed: [get]", "skip: yes"), [(7, "(bool)")]),
    "another one": (one(MATRIX, "allowed: [get, on]"), [(6, '"on" is no text to YAML (bool)')]),
    "a number": (one(MATRIX, "allowed: [get, 12]"), [(6, '"12" is no text to YAML (int)')]),
    "nothing": (one(MATRIX, "allowed:"), [(6, "nothing is given here")]),
    "a tilde": (one(MATRIX, "allowed: ~"), [(6, "is no text to YAML (null)")]),
    "a key twice": (
        one(MATRIX, "allowed: [get]", "types: [project]"),
        [(7, '"types" is given twice; first at line 5')],
    ),
    "a key that is a list": (
        one(MATRIX, "allowed: [get]", "? [a]", ": b"),
        [(7, "a key is a")],
    ),
    "nested too deep": ("tests: " + "[" * 20 + "]" * 20, [(1, "nested too deep")]),
    "a tab": ("tests:\n\t- a", [(2, "nobody sees: U+0009")]),
    "an invisible letter": ("tests: a\u3164", [(1, "nobody sees: U+3164")]),
    "a bidirectional override": ("tests: a\u202e", [(1, "nobody sees: U+202E")]),
    # keys
    "an unknown key of a file": (
        "test: []",
        [(1, 'unknown key "test" in a file of tests; did'), (1, "tests is missing")],
    ),
    "an unknown key of a matrix": (
        one(MATRIX, "alowed: [get]"),
        [
            (6, 'unknown key "alowed" in a matrix; did you mean "allowed"?'),
            (2, "allowed is missing"),
        ],
    ),
    "an unknown key of a scenario": (
        PEOPLE + one("denied: [ada get acme]", "reasons: {no_grant: all}"),
        [(7, 'unknown key "reasons" in a scenario; it has name, skip, allowed, denied')],
    ),
    "no name": (
        "tests:\n  - principals: all\n    roles: all\n    types: all\n    allowed: nothing",
        [(2, "name is missing; a test says in words what it holds")],
    ),
    "a name twice": (
        one(MATRIX, "allowed: [get]") + HEAD[7:] + one(MATRIX, "allowed: [get]")[21:],
        [(7, 'a second "some"; the first is at line 2')],
    ),
    "a skip without a reason": (one(MATRIX, "allowed: [get]", 'skip: ""'), [(7, "the reason")]),
    "nothing expected": ("tests:\n  - name: some", [(2, "a test expects something")]),
    # matrices
    "an unknown role": (
        one("principals: [user]", "roles: [project_usr]", "types: all", "allowed: nothing"),
        [(4, 'no role is "project_usr"; did you mean "project_user"')],
    ),
    "a pattern that matches nothing": (
        one("principals: [user]", 'roles: ["x*"]', "types: all", "allowed: nothing"),
        [(4, 'no role is "x*"')],
    ),
    "a pattern that leaves nothing": (
        one('principals: [user, "!user"]', "roles: all", "types: all", "allowed: nothing"),
        [(3, "selects no principal")],
    ),
    "the zero value": (
        one("principals: [unspecified]", "roles: all", "types: all", "allowed: nothing"),
        [(3, 'no principal is "unspecified"')],
    ),
    "a name that is no list": (
        one("principals: user", "roles: all", "types: all", "allowed: nothing"),
        [(3, "principals is a list, or all")],
    ),
    "an empty axis": (
        one("principals: []", "roles: all", "types: all", "allowed: nothing"),
        [(3, "principals is a list of one or more")],
    ),
    "a missing axis": (
        one("principals: [user]", "allowed: nothing"),
        [(2, "roles is missing"), (2, "types is missing")],
    ),
    "a name listed twice": (
        one("principals: [user, user]", "roles: all", "types: all", "allowed: nothing"),
        [(3, '"user" is listed twice; first at line 3')],
    ),
    "an empty matrix": (
        one("principals: all", "roles: all", 'types: ["*_changed"]', "allowed: nothing"),
        [(5, "no action exists on any of these; the matrix is empty")],
    ),
    "a type without actions": (
        one("principals: all", "roles: all", "types: [project, role_assignment_changed]")
        + "    allowed: nothing",
        [(5, 'no action exists on "role_assignment_changed"')],
    ),
    "no answer": (one(MATRIX), [(2, "allowed is missing; write 'allowed: nothing'")]),
    "an unknown action": (
        one(MATRIX, "allowed: [gett]"),
        [(6, 'unknown action "gett"; did you mean "get"')],
    ),
    "a permission that does not exist": (
        one(MATRIX, "allowed: [start]"),
        [(6, 'there is no permission "start project"')],
    ),
    "a type beside the matrix": (
        one(MATRIX, "allowed: {secret: [list]}"),
        [(6, '"secret" is not among the types')],
    ),
    "a list for two types": (
        one("principals: [user]", "roles: all", "types: [project, secret]", "allowed: [get]"),
        [(6, "allowed lists actions by type")],
    ),
    "a word for a list": (one(MATRIX, "allowed: get"), [(6, "allowed lists actions by type")]),
    "any and own": (
        one(MATRIX, "allowed: [get]", "own: [get]"),
        [(7, '"get project" is listed twice')],
    ),
    "an own nothing": (one(MATRIX, "own: nothing"), [(6, "own lists actions by type")]),
    "an unknown reason": (
        one(MATRIX, "allowed: [get]", "reasons: {no_grants: all}"),
        [(7, 'unknown key "no_grants" in reasons; did you mean "no_grant"?')],
    ),
    "a reason for what is allowed": (
        one(MATRIX, "allowed: [get]", "reasons: {no_grant: [get]}"),
        [(7, '"get project" is expected to be allowed')],
    ),
    "two reasons": (
        one(MATRIX, "allowed: [get]", "reasons: {no_grant: [use], not_eligible: [use]}"),
        [(7, '"use project" has two reasons')],
    ),
    # scenarios
    "nobody to ask about": (one("allowed: [ada get acme]"), [(2, "its file has no directory")]),
    "no organization": (
        "directory:\n  subjects: [ada]\n" + one("denied: [ada get acme]"),
        [(2, "organizations is missing")],
    ),
    "an unknown table": (
        "directory:\n  organizations: [acme]\n  subject: [ada]\n" + one("denied: [ada get a]"),
        [(3, 'unknown key "subject" in a directory; did you mean "subjects"?')],
    ),
    "an unknown subject": (
        PEOPLE + one("allowed: [adda get acme]"),
        [(6, 'unknown subject "adda"; did you mean "ada"')],
    ),
    "an unknown resource": (
        PEOPLE + one("allowed: [ada get acm]"),
        [(6, 'unknown resource "acm"; did you mean "acme"')],
    ),
    "a question without a resource": (
        PEOPLE + one("allowed: [ada get]"),
        [(6, "a question is a subject, an action and a resource")],
    ),
    "a question with too much": (
        PEOPLE + one("allowed: [ada get acme now]"),
        [(6, '"acme now" is one resource')],
    ),
    "an unknown action of a question": (
        PEOPLE + one("allowed: [ada gte acme]"),
        [(6, 'unknown action "gte"; did you mean "get"')],
    ),
    "an unknown role of a question": (
        PEOPLE + one("allowed: [ada get acme as org_membr]"),
        [(6, 'unknown role "org_membr"')],
    ),
    "an unknown credential": (
        PEOPLE + one("allowed: [ada get acme with readonly]"),
        [(6, 'unknown credential "readonly"; did you mean "read_only"')],
    ),
    "an empty clause": (
        PEOPLE + one("allowed: [ada get acme as]"),
        [(6, 'nothing follows "as"')],
    ),
    "a question twice": (
        PEOPLE + one("allowed: [ada get acme]", "denied: [ada get acme]"),
        [(7, '"ada get acme" is asked twice')],
    ),
    "a reason that is none": (
        PEOPLE + one("denied: {ada get acme: nogrant}"),
        [(6, 'unknown reason "nogrant"; did you mean "no_grant"')],
    ),
    "granted and denied": (
        PEOPLE + one("denied: {ada get acme: granted}"),
        [(6, "what is denied is not granted")],
    ),
    "something new in what is not known": (
        PEOPLE + one("allowed: [ada create new environment in project:ada]"),
        [(6, "an environment does not lie within a project")],
    ),
    "a new thing without a type": (
        PEOPLE + one("allowed: [ada create new in acme]"),
        [(6, "what is new has a type")],
    ),
    "a record that breaks a rule": (
        "directory:\n  organizations: [acme]\n  resources: [web project]\n"
        + one("denied: [user:acme get web]"),
        [(3, "a project needs a container: organization")],
    ),
    "an unknown word of a subject": (
        "directory:\n  organizations: [acme]\n  subjects: [ada admn]\n" + one("denied: [a b c]"),
        [(3, 'unknown word "admn"; did you mean "admin"')],
    ),
    "two subjects of one name": (
        "directory:\n  organizations: [acme]\n  subjects: [ada, ada runner]\n"
        + one("denied: [ada get acme]"),
        [(3, 'a second subject is called "ada"')],
    ),
    "two resources of one name": (
        PEOPLE
        + "  resources: [web project in acme, web runner in acme]\n"
        + one("denied: [ada get acme]"),
        [(4, 'a second resource is called "web"')],
    ),
    "no name at all": (
        PEOPLE + '  resources: ["new project in acme"]\n' + one("denied: [ada get acme]"),
        [(4, '"new" cannot be a name')],
    ),
    "two kinds at once": (
        "directory:\n  organizations: [acme]\n  subjects: [ada user runner]\n"
        + one("denied: [a b c]"),
        [(3, "one principal is enough")],
    ),
    "an unknown member": (
        PEOPLE + '  groups: ["team: adda"]\n' + one("denied: [ada get acme]"),
        [(4, 'unknown subject "adda"')],
    ),
    "a group without a colon": (
        PEOPLE + "  groups: [team]\n" + one("denied: [ada get acme]"),
        [(4, "a group is a name, a colon and its members")],
    ),
    "an unknown group": (
        PEOPLE + "  assignments: [team org_admin acme]\n" + one("denied: [ada get acme]"),
        [(4, 'unknown group "team"')],
    ),
    "an unknown clause": (
        PEOPLE + "  resources: [web project by ada as owner]\n" + one("denied: [ada get acme]"),
        [(4, '"as" does not belong here')],
    ),
    "a folder that is not there": (
        "directory: no/such\n" + one("denied: [ada get acme]"),
        [(1, '"no/such" is no directory')],
    ),
    "names without a folder": (
        PEOPLE + "names: {eve: acme}\n" + one("denied: [ada get acme]"),
        [(4, "names are given to what is in a folder: directory")],
    ),
    "guards without a directory": (
        "guards: [tier]\n" + one(MATRIX, "allowed: [get]"),
        [(1, "guards keep somebody out; the file has no directory")],
    ),
    "an unknown guard": (
        PEOPLE + "guards: [tear]\n" + one("denied: [ada get acme]"),
        [(4, 'unknown guard "tear"')],
    ),
}
"""What is wrong with a file, and where: by line, the beginning of what is said of it."""


@pytest.fixture(autouse=True, params=["C", "Python"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers of PyYAML say the same."""
    if request.param == "Python":
        monkeypatch.delattr(yaml, "CSafeLoader")


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_well_written_is_refused_with_the_line(tmp_path: Path, name: str) -> None:
    """Each mistake is named where it stands, with what may have been meant."""
    text, wanted = WRONG[name]
    with pytest.raises(PolicyError) as refused:
        suites(tmp_path, text)
    problems = [each for each in refused.value.problems if each.file.endswith("some.yaml")]
    said = sorted((each.line, each.message) for each in problems)
    assert len(said) == len(wanted), said
    for (line, message), (at, words) in zip(said, sorted(wanted), strict=True):
        assert (line, words in message) == (at, True), said


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    """Nothing is read in part: whatever is wrong anywhere is said, and nothing is returned."""
    files = [
        put(tmp_path, one(MATRIX, "allowed: [gett, usee]"), "a.yaml"),
        put(tmp_path, one(MATRIX, "allowed: [get]"), "b.yaml"),
        put(tmp_path, one(MATRIX, "allow: [get]"), "c.yaml"),
        str(tmp_path / "d.yaml"),
    ]
    with pytest.raises(PolicyError) as refused:
        read(files, SHIPPED)
    places = [(Path(each.file).name, each.line) for each in refused.value.problems]
    assert places == [("a.yaml", 6), ("a.yaml", 6), ("c.yaml", 2), ("c.yaml", 6), ("d.yaml", 0)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"tests: []\n", "the file is cut"),
        (b"tests: [\xff]\n# end\n", "not UTF-8"),
        (b"\xef\xbb\xbftests: []\n# end\n", "nobody sees: U.FEFF"),
        (b"tests: [\x00]\n# end\n", "nobody sees: U.0000"),
    ],
)
def test_what_is_no_whole_text_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    """A file that was cut, or that is no plain text, is not read."""
    file = tmp_path / "some.yaml"
    file.write_bytes(data)
    with pytest.raises(PolicyError, match=message):
        read([str(file)], SHIPPED)


def test_files_are_found_at_any_depth_in_one_order(tmp_path: Path) -> None:
    """Both endings that YAML files have count, in folders and in folders within."""
    (tmp_path / "inner").mkdir()
    for name in ("b.yaml", "a.YML", "inner/c.yaml", "README.md", "d.csv"):
        (tmp_path / name).write_text("")
    assert [Path(file).name for file in find(str(tmp_path))] == ["a.YML", "b.yaml", "c.yaml"]


def test_without_the_library_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyYAML is asked for by name, by whoever needs it and by nobody else."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(RbacError, match="pip install 'PyYAML"):
        nodes.read(put(tmp_path, "tests: []"))
