"""The directory: one value, found valid, that becomes another without changing."""

import itertools
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Directory, DirectoryError, Policy, RequestError, Resource
from rbac.changes import records_of
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    ResourceRecord,
    SubjectRecord,
)
from rbac.vocabulary import OrganizationRole, ResourceRole, ResourceType, UserStatus
from tests.organization import (
    ACME,
    DIRECTORY,
    EDITOR,
    MEMBER,
    OWNER,
    READERS,
    RECORDS,
    RUNNER,
    WEB,
    uuid,
)
from tests.strategies import examples
from tests.worlds import GROUPS, World, records, worlds

EDITING, READING, _, DERIVED = RECORDS.assignments
JOINED = RECORDS.memberships[0]
WEB_RECORD = RECORDS.resources[0]


def said(directory: Directory) -> set[Any]:
    """Everything a directory says."""
    return {record for table in directory.records for record in table}


def test_a_directory_says_what_its_records_say() -> None:
    """Nothing is lost and nothing is added, in whatever order the records stood."""
    assert said(DIRECTORY) == {record for table in RECORDS for record in table}
    backwards = records_of(list(reversed([record for table in RECORDS for record in table])))
    assert Directory(backwards) == DIRECTORY
    assert Directory(backwards).digest == DIRECTORY.digest


def test_a_revision_is_the_digest_unless_it_is_given() -> None:
    """A snapshot is called what it was called, or by what it says."""
    assert DIRECTORY.revision == DIRECTORY.digest
    assert Directory(RECORDS, revision="monday").revision == "monday"
    assert DIRECTORY.changed(remove=[JOINED]).revision != DIRECTORY.revision


@examples(40)
@given(worlds(), st.data())
def test_a_changed_directory_is_one_built_anew(world: World, data: st.DataObject) -> None:
    """Records taken out and put in give the directory of the remaining ones, or its problems."""
    present = sorted(said(world.directory), key=repr)
    removable = [each for each in present if not isinstance(each, Organization)]
    remove = (
        data.draw(st.lists(st.sampled_from(removable), max_size=3, unique=True))
        if removable
        else []
    )
    other = data.draw(records(world.policy))
    new = [
        each
        for each in (*other.memberships, *other.assignments, *other.subjects)
        if each not in present
    ]
    add: list[Any] = (
        data.draw(st.lists(st.sampled_from(new), max_size=3, unique=True)) if new else []
    )
    outcome = attempt(lambda: world.directory.changed(add=add, remove=remove))
    kept = remaining(present, add, remove)
    expected = attempt(lambda: Directory(records_of([*kept, *add]), policy=world.policy))
    assert (outcome is None) is (expected is None), (add, remove)
    if outcome is not None:
        assert outcome == expected
        for group in GROUPS:
            assert set(outcome.members(group)) == set(expected.members(group))
    assert Directory(world.directory.records, policy=world.policy) == world.directory


def attempt(make: Any) -> Any:
    """A directory, or None where it is refused."""
    try:
        return make()
    except DirectoryError:
        return None


def remaining(present: list[Any], add: list[Any], remove: list[Any]) -> list[Any]:
    """The records that stay: with groups and subjects goes what hangs on them."""
    again = {each[0] for each in add}
    groups = {each.id for each in remove if isinstance(each, Group)} - again
    people = {each.subject for each in remove if isinstance(each, SubjectRecord)} - again
    return [
        each
        for each in present
        if each not in remove
        and not (isinstance(each, Membership | Assignment) and each.group in groups)
        and not (isinstance(each, Membership) and each.subject in people)
        and not (
            isinstance(each, Assignment)
            and each.resource.type is ResourceType.GROUP
            and each.resource.id in groups
        )
    ]


def test_what_did_not_change_is_shared() -> None:
    """A change of one membership leaves every other entry the very same."""
    changed = DIRECTORY.changed(remove=[JOINED])
    for entry in DIRECTORY.resources():
        assert changed.resource(entry.resource) is entry
    for who in DIRECTORY.subjects():
        assert (changed.subject(who.subject) is who) is (who.subject != EDITOR)


CHANGES: dict[str, tuple[list[Any], list[Any]]] = {
    "a membership": ([Membership(uuid(60), READERS, MEMBER)], []),
    "an assignment": ([Assignment(uuid(60), READERS, RUNNER, ResourceRole.RUNNER_USER)], []),
    "an assignment taken away": ([], [EDITING]),
    "a derived assignment taken away": ([], [DERIVED]),
    "a group with members and roles": ([], [next(each for each in RECORDS.groups)]),
    "a subject's standing": (
        [SubjectRecord(EDITOR, ACME.id, UserStatus.SUSPENDED, OrganizationRole.MEMBER)],
        [next(each for each in RECORDS.subjects if each.subject == EDITOR)],
    ),
    "an owner": ([WEB_RECORD._replace(owner=MEMBER)], [WEB_RECORD]),
    "a resource": ([ResourceRecord(Resource(ResourceType.PROJECT, uuid(60)), (ACME,))], []),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_can_be_undone(name: str) -> None:
    """Putting back what was taken out, and taking out what was put in, gives it again."""
    add, remove = CHANGES[name]
    changed = DIRECTORY.changed(add=add, remove=remove)
    lost = said(DIRECTORY) - said(changed)
    assert set(add) <= said(changed)
    assert set(remove) <= lost
    assert changed.changed(add=sorted(lost, key=repr), remove=add) == DIRECTORY


@pytest.mark.parametrize(
    "record",
    [
        JOINED._replace(id=uuid(99)),
        JOINED._replace(group=READERS),
        EDITING._replace(id=uuid(99)),
        EDITING._replace(role=ResourceRole.PROJECT_ADMIN),
        EDITING._replace(resource=Resource(ResourceType.PROJECT, uuid(99))),
        Group(uuid(99), ACME.id),
        WEB_RECORD._replace(owner=None),
    ],
    ids=repr,
)
def test_what_is_not_there_cannot_be_taken_out(record: Any) -> None:
    """A record to remove that the directory has not is an error, and changes nothing."""
    with pytest.raises(RequestError, match="no such record"):
        DIRECTORY.changed(remove=[record])


@pytest.mark.parametrize("record", [7, "group", ("id", "group"), None], ids=repr)
def test_only_records_change_a_directory(record: Any) -> None:
    """Anything but a record is refused."""
    with pytest.raises(TypeError, match="a directory has no"):
        DIRECTORY.changed(add=[record])


def test_an_id_is_taken_once_also_by_changes() -> None:
    """A second assignment with an id that is there is refused."""
    second = Assignment(EDITING.id, READERS, RUNNER, ResourceRole.RUNNER_USER)
    with pytest.raises(DirectoryError, match="a second assignment"):
        DIRECTORY.changed(add=[second])
    assert second in said(DIRECTORY.changed(remove=[EDITING], add=[second]))
    with pytest.raises(DirectoryError, match="a second assignment"):
        DIRECTORY.changed(add=[second._replace(id=DERIVED.id)])
    with pytest.raises(DirectoryError, match="a second membership"):
        DIRECTORY.changed(add=[Membership(JOINED.id, READERS, MEMBER)])


def test_of_two_records_of_one_subject_neither_wins() -> None:
    """A subject whose record is replaced by two at once is refused."""
    old = next(each for each in RECORDS.subjects if each.subject == EDITOR)
    two = [old._replace(status=status) for status in (UserStatus.SUSPENDED, UserStatus.ACTIVE)]
    with pytest.raises(DirectoryError, match="a second subject"):
        DIRECTORY.changed(remove=[old], add=two)


def test_another_policy_validates_it_again() -> None:
    """Under the same policy it is itself; under one that refuses a record, an error."""
    assert DIRECTORY.under(Policy.shipped()) is DIRECTORY
    rows = Policy.shipped().rows
    apart = tuple(row for row in rows.containment if row.child is not ResourceType.SECRET)
    with pytest.raises(DirectoryError, match="a secret does not lie within a project"):
        DIRECTORY.under(Policy(rows._replace(containment=apart)))


def test_singletons_need_no_record() -> None:
    """Billing, policies and the like are there with their container, under its id."""
    for type, container in (
        (ResourceType.BILLING, ACME),
        (ResourceType.CUSTOM_DOMAIN, ACME),
        (ResourceType.PROJECT_ENVIRONMENT_CLASS, WEB),
        (ResourceType.USER_PREFERENCE, Resource(ResourceType.USER, OWNER.id)),
    ):
        entry = DIRECTORY.resource(Resource(type, container.id))
        assert entry
        assert entry.above[0].resource == container
        assert DIRECTORY.resource(Resource(type, uuid(99))) is None


def test_many_assignments_on_one_resource_are_found_by_each_group() -> None:
    """A resource with a crowd of groups gives each its own role, before and after changes."""
    groups = [Group(uuid(1000 + number), ACME.id) for number in range(40)]
    roles = itertools.cycle([ResourceRole.PROJECT_USER, ResourceRole.PROJECT_ADMIN])
    given_roles = [
        Assignment(uuid(2000 + number), group.id, WEB, role)
        for number, (group, role) in enumerate(zip(groups, roles, strict=False))
    ]
    crowded = DIRECTORY.changed(add=[*groups, *given_roles])
    entry = crowded.resource(WEB)
    assert entry
    assert set(given_roles) < set(crowded.assignments(entry))
    assert len(crowded.tables.crowds[entry]) == 42
    thin = crowded.changed(remove=given_roles)
    assert entry not in thin.tables.crowds
    assert set(thin.assignments(entry)) == {EDITING, READING}


def test_entries_belong_to_their_directory() -> None:
    """An entry cannot be changed, copied or sent away."""
    entry = DIRECTORY.resource(WEB)
    who = DIRECTORY.subject(EDITOR)
    for each in (entry, who):
        with pytest.raises(TypeError):
            pickle.dumps(each)
    with pytest.raises(AttributeError):
        entry.owner = None  # type: ignore[union-attr]
    with pytest.raises(AttributeError):
        DIRECTORY.policy = None  # type: ignore[assignment]
