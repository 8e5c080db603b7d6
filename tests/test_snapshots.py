"""Directory folders: what is written is what is read, strictly."""

import gzip
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Authorizer, Directory, DirectoryError, Problem
from rbac.directory import read
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.snapshots.files import TABLES
from rbac.snapshots.members import Invalid
from rbac.snapshots.shapes import Shapes
from rbac.snapshots.writer import timestamp
from rbac.terms import Resource, Subject
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType, UserStatus
from tests.malformed_directories import Expected, Scenario, apply, directory_folder, scenarios
from tests.organization import ACME, DIRECTORY, RECORDS
from tests.strategies import examples
from tests.worlds import NOW, World, worlds


def test_what_is_written_is_read_as_an_equal_directory(tmp_path: Path) -> None:
    """A directory that is written and loaded is equal, record by record."""
    DIRECTORY.write(tmp_path / "folder")
    loaded = Directory.load(tmp_path / "folder")
    assert loaded == DIRECTORY
    for found, records in zip(loaded.records, RECORDS, strict=True):
        assert set(found) == set(records)


@given(world=worlds())
@examples(100)
def test_every_world_is_read_as_it_was_written(world: World) -> None:
    """Whatever the records say is read back, and written again it is the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first", Path(folder) / "second"
        world.directory.write(first)
        loaded = Directory.load(first, policy=world.policy)
        assert loaded == world.directory
        loaded.write(second)
        assert files(second) == files(first)


def files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_there_already_is_never_written_over(tmp_path: Path) -> None:
    """A folder that holds anything is refused and stays as it is; an empty one is taken."""
    DIRECTORY.write(tmp_path / "folder")
    before = files(tmp_path / "folder")
    with pytest.raises(FileExistsError):
        Directory(Records()).write(tmp_path / "folder")
    assert files(tmp_path / "folder") == before
    (tmp_path / "empty").mkdir()
    DIRECTORY.write(tmp_path / "empty")
    assert files(tmp_path / "empty") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "folder"]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """An instant that no timestamp says is refused, and no file appears."""
    robot = Subject(Principal.SERVICE_ACCOUNT, ACME.id)
    records = Records([Organization(ACME.id)], [SubjectRecord(robot, ACME.id, valid_until=1e-12)])
    with pytest.raises(ValueError, match=r"cannot be written|can be written"):
        Directory(records).write(tmp_path / "folder")
    assert not list(tmp_path.iterdir())


@given(seconds=st.one_of(st.integers(-62135596800, 253402300799), st.just(NOW + 0.1)))
@examples(200)
def test_instants_are_read_as_they_were_written(seconds: float) -> None:
    """Seconds since 1970 become a timestamp and the same seconds again."""
    assert valid_until(timestamp(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01t00:00:00.5z", 0.5),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1969-12-31T23:59:59.999999999Z", -1e-9),
    ],
)
def test_instants_are_seconds_since_1970(text: str, seconds: float) -> None:
    """Offsets are taken off and nanoseconds kept, also before 1970."""
    assert valid_until(text) == seconds


def valid_until(text: str) -> float | None:
    """What the reader makes of a timestamp."""
    members = {"id": ACME.id, "principal": "PRINCIPAL_SERVICE_ACCOUNT", "validUntil": text}
    record = Shapes().read("subjects", members)
    assert isinstance(record, SubjectRecord)
    return record.valid_until


def test_a_reload_takes_a_folder_and_keeps_what_is_in_force(tmp_path: Path) -> None:
    """A folder is loaded by the policy in force; one that is refused changes nothing."""
    DIRECTORY.write(tmp_path / "folder")
    authorizer = Authorizer()
    authorizer.reload(directory=tmp_path / "folder")
    assert authorizer.directory == DIRECTORY
    (tmp_path / "folder" / "groups.jsonl").unlink()
    with pytest.raises(DirectoryError, match="missing"):
        authorizer.reload(directory=str(tmp_path / "folder"))
    assert authorizer.directory == DIRECTORY


def test_progress_tells_bytes_up_to_the_last(tmp_path: Path) -> None:
    """What is told never falls and ends with all there is."""
    DIRECTORY.write(tmp_path / "folder")
    told: list[tuple[int, int]] = []
    Directory.load(tmp_path / "folder", progress=lambda *each: told.append(each))
    size = sum(map(len, files(tmp_path / "folder").values()))
    assert told == sorted(told)
    assert told[-1] == (size, size)


def test_a_shape_names_everything_that_is_wrong() -> None:
    """An object with several mistakes is refused once, with each of them."""
    with pytest.raises(Invalid) as refused:
        Shapes().read("groups", {"id": 7.0, "directshare": True})
    assert set(refused.value.problems) == {
        "id: a number instead of a string",
        "has no organizationId",
        'unknown member "directshare"; did you mean "directShare"?',
    }


SCENARIOS = scenarios()


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_what_is_malformed_is_refused_with_every_problem(
    scenario: Scenario, tmp_path: Path
) -> None:
    """Each problem of a scenario is reported once, with its file and line, and no other."""
    folder = directory_folder(tmp_path)
    for edit in scenario.edits:
        apply(edit, folder)
    with pytest.raises(DirectoryError) as refused:
        Directory.load(folder)
    missing = list(scenario.problems)
    for problem in refused.value.problems:
        found = [each for each in missing if matches(each, problem, folder)]
        assert found, problem
        missing.remove(found[0])
    assert not missing
    assert list(refused.value.problems) == sorted(refused.value.problems)


def matches(expected: Expected, problem: Problem, folder: Path) -> bool:
    """Whether `problem` is the expected one."""
    path = str(folder / expected.file) if expected.file else str(folder)
    return problem[:2] == (path, expected.line) and expected.says in problem.message


def test_every_rule_about_records_has_a_scenario() -> None:
    """Each message that files can lead to is in what a scenario says."""
    said = " ".join(each.says for scenario in SCENARIOS.values() for each in scenario.problems)
    for kind in ("organization", "subject", "group", "resource", "membership", "assignment"):
        assert f"a second {kind}" in said
    for kind in ("organization", "group", "subject", "resource", "container", "reference"):
        assert f"unknown {kind}" in said


@pytest.mark.parametrize("packed", TABLES.values())
def test_a_packed_file_is_read_like_a_plain_one(packed: str, tmp_path: Path) -> None:
    """Any file may be packed, its lines may end as elsewhere, and a README is no matter."""
    folder = directory_folder(tmp_path)
    plain = folder / f"{packed}.jsonl"
    data = plain.read_bytes().replace(b"\n", b"\r\n")
    (folder / f"{packed}.jsonl.gz").write_bytes(gzip.compress(data))
    plain.unlink()
    (folder / "README.md").write_text("who holds what\n")
    assert Directory.load(folder) == DIRECTORY


def test_what_the_api_says_besides_is_ignored(tmp_path: Path) -> None:
    """Names, descriptions, timestamps and whatever else the API gives with an object."""
    folder = directory_folder(tmp_path)
    for file, more in {
        "organizations": {"name": "n", "createdAt": "x", "updatedAt": 1, "inviteDomains": {}},
        "subjects": {"name": "n", "email": None, "avatarUrl": "u", "description": "d"},
        "groups": {"name": "n", "memberCount": 7, "createdAt": "x", "description": "d"},
        "memberships": {"name": "n", "avatarUrl": "u"},
        "role_assignments": {"createdAt": 1e300, "newer": [[{}]]},
        "resources": {"name": "n"},
    }.items():
        path = folder / f"{file}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("".join(f"{json.dumps(json.loads(x) | more)}\n" for x in lines))
    assert Directory.load(folder) == DIRECTORY


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    """A snapshot of which one file was written over meanwhile is none."""
    folder = directory_folder(tmp_path)

    def meanwhile(done: int, total: int) -> None:
        os.utime(folder / "groups.jsonl", ns=(0, 0))

    with pytest.raises(DirectoryError, match="changed while the directory was read"):
        Directory.load(folder, progress=meanwhile)


SMALL = {
    name: data
    for name, data in files(directory_folder(Path(tempfile.mkdtemp()))).items()
    if name != "README.md"
}
PIECES = sorted({piece for data in SMALL.values() for piece in re.findall(rb'"[^"]*"|[^"]', data)})


@given(data=st.data())
@examples(400)
def test_damaged_files_say_what_they_say_or_are_refused(data: st.DataObject) -> None:
    """A changed file is refused, or read as plain JSON reads it; there is no other error."""
    damaged = dict(SMALL)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(damaged)))
        damaged[name] = data.draw(damage(damaged[name]))
    with tempfile.TemporaryDirectory() as folder:
        for name, content in damaged.items():
            (Path(folder) / name).write_bytes(content)
        loaded, problems = read(folder)
    assert problems or loaded == Directory(naive(damaged))


@st.composite
def damage(draw: st.DrawFn, content: bytes) -> bytes:
    """A file with a piece that goes, comes or takes the place of another, or a line."""
    lines = content.splitlines(keepends=True)
    kind = draw(st.sampled_from(["byte", "piece", "line", "repeat"]))
    if not lines or kind == "byte":
        at = draw(st.integers(0, len(content)))
        return content[:at] + draw(st.binary(max_size=2)) + content[at + draw(st.integers(0, 1)) :]
    number = draw(st.integers(0, len(lines) - 1))
    if kind == "line":
        return b"".join(lines[:number] + lines[number + 1 :])
    if kind == "repeat":
        return b"".join([*lines, lines[number]])
    pieces = re.findall(rb'"[^"]*"|[^"]', content)
    at = draw(st.integers(0, len(pieces) - 1))
    return b"".join([*pieces[:at], draw(st.sampled_from(PIECES)), *pieces[at + 1 :]])


def naive(damaged: dict[str, bytes]) -> Records:
    """The records of a folder as a reader would take them that trusts it."""
    tables = {
        name.removesuffix(".jsonl"): [json.loads(line) for line in content.splitlines()]
        for name, content in damaged.items()
    }
    return Records(
        organizations=[Organization(each["id"]) for each in tables["organizations"]],
        subjects=[
            SubjectRecord(
                who(each),
                each.get("organizationId"),
                UserStatus(each.get("status", "USER_STATUS_UNSPECIFIED")),
                OrganizationRole(each.get("organizationRole", "ORGANIZATION_ROLE_UNSPECIFIED")),
            )
            for each in tables["subjects"]
        ],
        groups=[Group(each["id"], each["organizationId"]) for each in tables["groups"]],
        resources=[thing(each) for each in tables["resources"]],
        memberships=[
            Membership(each["id"], each["groupId"], who(each["subject"]))
            for each in tables["memberships"]
        ],
        assignments=[
            Assignment(
                each["id"],
                each["groupId"],
                Resource(ResourceType(each["resourceType"]), each["resourceId"]),
                ResourceRole(each["resourceRole"]),
                ResourceRole(each.get("derivedFromOrgRole", "RESOURCE_ROLE_UNSPECIFIED")),
            )
            for each in tables["role_assignments"]
        ],
    )


def who(said: dict[str, str]) -> Subject:
    """The subject that an object names."""
    return Subject(Principal(said["principal"]), said["id"])


def thing(said: dict[str, Any]) -> ResourceRecord:
    """The resource that an object is."""
    people = {name: who(said[name]) for name in ("creator", "owner", "executor") if name in said}
    return ResourceRecord(
        Resource(ResourceType(said["type"]), said["id"]),
        tuple(Resource(ResourceType(each["type"]), each["id"]) for each in said.get("parents", ())),
        references=tuple(
            Resource(ResourceType.parse(type), id)
            for type, id in said.get("references", {}).items()
        ),
        **people,
    )
