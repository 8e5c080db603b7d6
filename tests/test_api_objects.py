"""Answers of the API as directories: list responses in files, objects of the published client."""

import json
from pathlib import Path
from typing import Any

import pytest
from gitpod.pagination import SyncAssignmentsPage, SyncGroupsPage, SyncMembersPage
from gitpod.types import Group as TheirGroup
from gitpod.types.groups import GroupMembership, RoleAssignment

from rbac import Directory, DirectoryError
from rbac.records import Records
from rbac.snapshots.api import records_of
from tests.malformed_directories import directory_folder
from tests.organization import DIRECTORY, uuid

PAGES: dict[str, tuple[str, Any, Any]] = {
    "groups": ("groups", TheirGroup, SyncGroupsPage),
    "memberships": ("members", GroupMembership, SyncMembersPage),
    "role_assignments": ("assignments", RoleAssignment, SyncAssignmentsPage),
}


def objects(folder: Path, file: str) -> list[Any]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in (folder / f"{file}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("indent", [None, 2])
def test_list_responses_are_read_as_they_came(indent: int | None, tmp_path: Path) -> None:
    """The three lists of the API, as the client writes them, are the same directory."""
    folder = directory_folder(tmp_path)
    for file, (member, _, page) in PAGES.items():
        given = {"pagination": {"nextToken": ""}, member: objects(folder, file)}
        response = page.construct(None, **given).to_dict(mode="json")
        (folder / f"{file}.json").write_text(json.dumps(response, indent=indent))
        (folder / f"{file}.jsonl").unlink()
    assert Directory.load(folder) == DIRECTORY


def test_objects_of_the_client_are_records() -> None:
    """What the client's lists give, page by page, becomes records without a file."""
    told = "2026-01-01T00:00:00Z"
    group = TheirGroup.construct(
        None, id=uuid(20), organizationId=uuid(1), name="n", createdAt=told, directShare=True
    )
    membership = GroupMembership.construct(
        None,
        id=uuid(40),
        groupId=uuid(20),
        subject={"id": uuid(10), "principal": "PRINCIPAL_USER"},
    )
    assignment = RoleAssignment.construct(
        None,
        id=uuid(50),
        groupId=uuid(20),
        organizationId=uuid(1),
        resourceId=uuid(30),
        resourceType="RESOURCE_TYPE_PROJECT",
        resourceRole="RESOURCE_ROLE_PROJECT_USER",
        derivedFromOrgRole="RESOURCE_ROLE_UNSPECIFIED",
    )
    records = records_of(groups=[group], memberships=[membership], assignments=iter([assignment]))
    lines = [f"{json.dumps(each.to_dict(mode='json'))}" for each in (group, membership, assignment)]
    plain = dict(zip(("groups", "memberships", "assignments"), map(json.loads, lines), strict=True))
    assert records == records_of(**{table: [each] for table, each in plain.items()})
    assert [len(table) for table in records] == [0, 0, 1, 0, 1, 1]
    assert records.groups[0].direct_share
    assert str(records.memberships[0].subject) == f"user:{uuid(10)}"
    assert records.assignments[0].role.short == "project_user"


def test_objects_that_are_no_records_are_refused() -> None:
    """Every problem is named by table and number; strangers are mistakes of the program."""
    with pytest.raises(DirectoryError) as refused:
        records_of(groups=[TheirGroup.construct(None), {"id": 7}], assignments=[{}])
    places = {problem[:2] for problem in refused.value.problems}
    assert places == {("groups", 1), ("groups", 2), ("assignments", 1)}
    with pytest.raises(TypeError, match="a directory has no roles"):
        records_of(roles=[])
    with pytest.raises(TypeError, match="no object of the API: int"):
        records_of(groups=[7])  # type: ignore[list-item]
    assert records_of() == Records([], [], [], [], [], [])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{"groups": [], "pagination": {"nextToken": "x"}}', 0, "not the whole list"),
        ('{"groups": [], "pagination": 7}', 0, "not the whole list"),
        ('{"groups": {}}', 0, "an array groups"),
        ('{"members": []}', 0, 'unknown member "members"'),
        ("{}", 0, "an array groups"),
        ("[]", 0, "no list response"),
        ("", 1, "not JSON"),
        ('{"groups": []', 1, "not JSON"),
        ('{"groups": [], "groups": []}', 0, "a member twice"),
        ('{"groups": [\n{}\n, 7]}', 3, "a number instead of an object"),
        ('{"groups": [\n\n{"id": "x"}]}', 3, "is not a canonical"),
        ('{"groups": ' + "[" * 200_000, 0, "nested too deep"),
        ("\ufeff{}", 1, "not JSON"),
    ],
    ids=range(13),
)
def test_what_is_no_whole_list_is_refused(text: str, line: int, says: str, tmp_path: Path) -> None:
    """Half a list, another list or no list is a problem, where it is."""
    folder = directory_folder(tmp_path)
    (folder / "groups.jsonl").unlink()
    (folder / "groups.json").write_text(text, encoding="utf-8")
    with pytest.raises(DirectoryError) as refused:
        Directory.load(folder)
    wanted = (str(folder / "groups.json"), line)
    assert any(each[:2] == wanted and says in each.message for each in refused.value.problems)
