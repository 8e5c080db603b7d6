"""Drift: what appeared, what vanished and every cell to decide, against counting them."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.drift import drift
from rbac.audit.vocabularies import KINDS, Vocabulary, of_client, ours, read
from rbac.errors import PolicyError, Problem, RequestError
from rbac.policy import Policy
from rbac.rows import Permission
from rbac.vocabulary import Principal, ResourceRole, ResourceType
from tests.building import small_policy
from tests.strategies import examples

SHIPPED = Policy.shipped()
PUBLISHED = Path(__file__).parents[2] / "examples" / "vocabularies"
NEW = {
    "org_environments_reader",
    "org_billing_viewer",
    "org_insights_viewer",
    "org_security_admin",
    "security_policy_admin",
    "security_policy_viewer",
}


@pytest.mark.parametrize(
    ("version", "types"),
    [
        ("0.12.0", {"security_policy", "base_snapshot", "base_snapshot_config"}),
        ("1.2.0", {"security_policy"}),
    ],
)
def test_what_the_published_clients_bring(version: str, types: set[str]) -> None:
    """Six roles and a type or three are new, none vanished; each new role brings every cell."""
    found = drift(SHIPPED, read(str(PUBLISHED / f"gitpod-sdk-{version}.json")))
    assert version in found.theirs.source
    assert {kind: {*names} for kind, names in found.appeared.items()} == {
        "roles": NEW,
        "resource_types": types,
        "principals": set(),
    }
    assert not any(found.vanished.values())
    assert found.uses == ()
    principals, permissions = 6, len(SHIPPED.rows.catalogue)
    assert found.cells == len(NEW) * principals * permissions * 2
    assert found.cells_an_action == principals * (len(ours().roles) + len(NEW)) * 2


def test_the_client_of_our_generation_does_not_drift() -> None:
    """The installed client has our names, and is read without being imported."""
    found = drift(SHIPPED, of_client())
    assert found.theirs.source == "gitpod-sdk 0.11.0"
    assert not found
    assert (found.undecided, found.uses, found.cells) == ((), (), 0)


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    """Some of our names of each kind, and some that we do not have."""
    lists = []
    for kind in KINDS:
        known = list(getattr(ours(), kind))
        kept = draw(st.sampled_from([known, known[1:], known[: len(known) // 2]]))
        new = draw(st.lists(st.sampled_from(["one_more", "another", "a_third"]), unique=True))
        lists.append(tuple(draw(st.permutations([*kept[:8], *new]))) + tuple(kept[8:]))
    return Vocabulary("drawn", *lists)


SMALL = small_policy(
    ["project_user project get any", "project_user secret create own", "org_admin runner get any"],
    seniority=["project_admin project_user"],
)


@examples(40)
@given(vocabularies())
def test_every_cell_that_needs_a_decision_is_in_one_block(theirs: Vocabulary) -> None:
    """The blocks have exactly the cells of their names that ours had not, each once."""
    found = drift(SMALL, theirs)
    mine = ours()
    permissions = [
        Permission(row.action, row.type)
        for row in SMALL.rows.catalogue
        if row.type.short in theirs.resource_types
    ]
    theirs_cells = itertools.product(theirs.principals, theirs.roles, permissions, (False, True))
    known = {*itertools.product(mine.principals, mine.roles, permissions, (False, True))}
    expected = [cell for cell in theirs_cells if cell not in known]
    listed = [cell for block in found.undecided for cell in block.cells()]
    assert len(listed) == len({*listed}) == found.cells == len(expected)
    assert {*listed} == {*expected}
    for block in found.undecided:
        assert block.as_dict()["cells"] == block.size == len([*block.cells()])
    for kind in KINDS:
        here, there = {*getattr(mine, kind)}, {*getattr(theirs, kind)}
        assert {*found.appeared[kind]} == there - here
        assert {*found.vanished[kind]} == here - there
    assert bool(found) is any({*getattr(mine, kind)} != {*getattr(theirs, kind)} for kind in KINDS)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("roles", ResourceRole.PROJECT_ADMIN),
        ("resource_types", ResourceType.RUNNER),
        ("resource_types", ResourceType.ACCOUNT),
        ("principals", Principal.USER),
    ],
)
def test_every_row_that_uses_what_vanished_is_named(kind: str, name: Any) -> None:
    """The rows are those whose text has the name as a word, requirements' needs included."""
    mine = ours()
    left: Any = tuple(each for each in getattr(mine, kind) if each != name.short)
    found = drift(SHIPPED, mine._replace(**{kind: left}))
    assert {use.name for use in found.uses} <= {name.short}
    by_place = {use.place: use for use in found.uses}
    assert len(by_place) == len(found.uses)
    for table in SHIPPED.rows:
        for row in table:
            named = any(each is name for each in row) or any(
                isinstance(each, Permission) and name in each for each in row
            )
            assert (row.place in by_place) is named
            if named:
                assert name.short in by_place[row.place].text.replace(",", " ").split()


GOOD: dict[str, Any] = {
    "roles": ["RESOURCE_ROLE_UNSPECIFIED", "RESOURCE_ROLE_ORG_ADMIN", "team_lead"],
    "resource_types": ["project"],
    "principals": ["PRINCIPAL_USER", "unspecified"],
}


def test_names_may_be_written_either_way(tmp_path: Path) -> None:
    """Wire values and short names are read alike, and the zero values say nothing."""
    (tmp_path / "names.json").write_text(json.dumps(GOOD))
    file = str(tmp_path / "names.json")
    assert read(file) == Vocabulary(file, ("org_admin", "team_lead"), ("project",), ("user",))


REFUSED: dict[str, tuple[str, str]] = {
    "no JSON": ("{", "not JSON"),
    "an array": ("[]", "an array instead of an object"),
    "a list missing": (json.dumps({**GOOD, "roles": None}), "roles: is missing"),
    "an empty list": (json.dumps({**GOOD, "roles": []}), "roles: must be an array"),
    "another member": (json.dumps({**GOOD, "types": []}), 'unknown member "types"'),
    "a name twice": (json.dumps({**GOOD, "roles": ["a", "RESOURCE_ROLE_A"]}), "named twice"),
    "a number": (json.dumps({**GOOD, "roles": [1]}), "a number is no role"),
    "a name of another kind": (
        json.dumps({**GOOD, "principals": ["RESOURCE_TYPE_USER"]}),
        '"RESOURCE_TYPE_USER" is no principal',
    ),
    "a prefix alone": (json.dumps({**GOOD, "principals": ["PRINCIPAL_"]}), "is no principal"),
    "a member twice": ('{"roles": ["a"], "roles": ["b"]}', "a member twice"),
    "a source that is none": (json.dumps({**GOOD, "source": 1}), "source: a number"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_list_of_names_is_refused(tmp_path: Path, case: str) -> None:
    """Each mistake is a problem of the file."""
    text, message = REFUSED[case]
    (tmp_path / "names.json").write_text(text)
    with pytest.raises(PolicyError, match=message) as refused:
        read(str(tmp_path / "names.json"))
    assert {problem.file for problem in refused.value.problems} == {str(tmp_path / "names.json")}


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A missing file, and one that is not UTF-8."""
    (tmp_path / "latin").write_bytes(b'{"source": "\xe9"}')
    for name in ("missing", "latin"):
        with pytest.raises(PolicyError):
            read(str(tmp_path / name))


def unpacked(folder: Path, texts: dict[str, str]) -> str:
    """A client in a folder, with only the files that list names."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return str(folder)


LITERALS = {
    f"gitpod/types/shared/{file}.py": (
        f'{name}: TypeAlias = Literal["{prefix}_UNSPECIFIED", "{prefix}_ONE"]\nX: int = 3\n'
    )
    for file, name, prefix in (
        ("resource_role", "ResourceRole", "RESOURCE_ROLE"),
        ("resource_type", "ResourceType", "RESOURCE_TYPE"),
        ("principal", "Principal", "PRINCIPAL"),
    )
}
STUBS = {
    f"gitpod/v1/{file}_pb2.pyi": (
        "raise SystemExit\n"
        f"class Other(int):\n    A: int\nclass {name}(int):\n    __slots__ = ()\n"
        f"    {prefix}_UNSPECIFIED: ClassVar[{name}]\n    {prefix}_ONE: ClassVar[{name}]\n"
        f"{prefix}_ONE: {name}\n"
    )
    for file, name, prefix in (
        ("group", "ResourceRole", "RESOURCE_ROLE"),
        ("event", "ResourceType", "RESOURCE_TYPE"),
        ("identity", "Principal", "PRINCIPAL"),
    )
}


@pytest.mark.parametrize("texts", [LITERALS, STUBS], ids=["0.12", "1.2"])
def test_a_client_of_either_make_is_read_and_not_run(tmp_path: Path, texts: dict[str, str]) -> None:
    """Literal types and stubs of enums give the same lists."""
    folder = unpacked(tmp_path, texts)
    assert of_client(folder) == Vocabulary(folder, ("one",), ("one",), ("one",))


def test_a_client_without_such_lists_is_refused(tmp_path: Path) -> None:
    """A folder without the files, one whose files say nothing, and one that is no Python."""
    with pytest.raises(PolicyError, match="has no gitpod/"):
        of_client(str(tmp_path))
    with pytest.raises(PolicyError, match="roles: must be an array"):
        of_client(unpacked(tmp_path / "empty", dict.fromkeys(LITERALS, "")))
    with pytest.raises(PolicyError, match="cannot be read"):
        of_client(unpacked(tmp_path / "broken", dict.fromkeys(LITERALS, "x = (")))


def test_a_client_that_is_not_installed_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to name instead."""
    monkeypatch.setattr("rbac.audit.vocabularies.CLIENT", "no-such-client")
    with pytest.raises(RequestError, match="no-such-client is not installed"):
        of_client()


def test_problems_of_one_file_are_all_told(tmp_path: Path) -> None:
    """Nothing is read in part, and nothing is said one by one."""
    (tmp_path / "names.json").write_text('{"roles": [], "x": 1}')
    with pytest.raises(PolicyError) as refused:
        read(str(tmp_path / "names.json"))
    assert len(refused.value.problems) == 4
    assert all(isinstance(problem, Problem) for problem in refused.value.problems)
