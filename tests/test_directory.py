"""Directories: how one becomes another, what they share, and what they say of themselves."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import Directory, DirectoryError, Policy, RequestError
from rbac.entries import CROWD
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Resource, Subject
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType, UserStatus
from tests.organization import (
    ACME,
    BOX,
    DIRECTORY,
    DOCS,
    EDITOR,
    EDITORS,
    MEMBER,
    READERS,
    RECORDS,
    ROBOT,
    RUNNER,
    WEB,
    uuid,
)
from tests.strategies import examples
from tests.worlds import World, records, worlds

OTHER = Organization(uuid(2))


def everything(directory: Directory) -> list[Record]:
    """All records of a directory."""
    return [record for table in directory.records for record in table]


def by_table(given: list[Record]) -> Records:
    """Records by their kind."""
    kinds = (Organization, SubjectRecord, Group, ResourceRecord, Membership, Assignment)
    return Records(*([each for each in given if isinstance(each, kind)] for kind in kinds))  # type: ignore[arg-type]


def rebuilt(directory: Directory, add: list[Record], remove: list[Record]) -> Directory:
    """The directory of the records that are left and come, from nothing."""
    names = {record[0] for record in add}
    gone = {record[0] for record in remove if isinstance(record, Group | SubjectRecord)} - names
    left = [
        record
        for record in everything(directory)
        if record not in remove
        and not (isinstance(record, Membership | Assignment) and record.group in gone)
        and not (isinstance(record, Membership) and record.subject in gone)
    ]
    return Directory(by_table([*left, *add]), policy=directory.policy)


def tables(directory: Directory) -> dict[str, Any]:
    """What a directory answers from, as plain data in no order."""
    held = directory.tables
    return {
        "members": {group: set(directory.members(group)) for group in held.groups},
        "groups": {entry.subject: entry.groups for entry in directory.subjects()},
        "resources": {
            entry.resource: (entry.record, [each.resource for each in entry.above], entry.implied)
            for entry in directory.resources()
        },
        "given": {
            entry.resource: sorted(directory.assignments(entry), key=str)
            for entry in directory.resources()
        },
        "kept": {
            entry.resource: sorted(directory.derived_assignments(entry), key=str)
            for entry in directory.resources()
        },
        "holds": {
            group: {entry.resource for entry in entries}
            for group, entries in held.holds.items()
            if entries
        },
        "crowds": {entry.resource: crowd for entry, crowd in held.crowds.items()},
        "belongs": all(
            directory.resource(entry.resource) is entry for entry in (*held.assigned, *held.derived)
        ),
    }


@st.composite
def changes(draw: st.DrawFn, world: World, directory: Directory) -> tuple[list[Record], ...]:
    """Records to add, some of them there already or against a rule, and some to remove."""
    there = everything(directory)
    pool = [record for table in draw(records(world.policy)) for record in table]
    add = draw(st.lists(st.sampled_from(pool), max_size=3, unique=True))
    remove = draw(st.lists(st.sampled_from(there), max_size=3, unique=True)) if there else []
    named = [record for record in remove if isinstance(record, SubjectRecord)]
    add += [
        record._replace(status=draw(st.sampled_from(UserStatus)), role=OrganizationRole.ADMIN)
        for record in named
        if draw(st.booleans()) and all(each[0] != record.subject for each in add)
    ]
    return add, remove


@given(world=worlds(), data=st.data())
@examples(60)
def test_a_changed_directory_is_the_one_built_from_its_records(
    world: World, data: st.DataObject
) -> None:
    """Step by step, a change gives what building anew gives: the same tables, or a refusal."""
    directory = world.directory
    for _ in range(4):
        add, remove = data.draw(changes(world, directory))
        before = tables(directory)
        try:
            wanted = rebuilt(directory, add, remove)
        except DirectoryError:
            with pytest.raises(DirectoryError):
                directory.changed(add=add, remove=remove)
            assert tables(directory) == before
            continue
        after = directory.changed(add=add, remove=remove)
        assert tables(directory) == before
        assert after == wanted
        assert tables(after) == tables(wanted)
        directory = after


@given(world=worlds(), data=st.data())
@examples(50)
def test_order_does_not_matter(world: World, data: st.DataObject) -> None:
    """Shuffled records are the same directory: digest, revision and hash."""
    mixed = random.Random(data.draw(st.integers()))
    shuffled = Records(*(mixed.sample(table, len(table)) for table in world.directory.records))  # type: ignore[arg-type]
    other = Directory(shuffled, policy=world.policy)
    assert (other, hash(other)) == (world.directory, hash(world.directory))
    assert other.revision == world.directory.digest == other.digest


def test_any_record_is_part_of_the_digest() -> None:
    """A directory without one of its records, or with another, has another digest."""
    digests = {DIRECTORY.digest}
    for record in RECORDS.assignments:
        digests.add(DIRECTORY.changed(remove=[record]).digest)
    for who in RECORDS.subjects:
        again = who._replace(valid_until=7.0)
        digests.add(DIRECTORY.changed(remove=[who], add=[again]).digest)
    digests.add(DIRECTORY.changed(add=[OTHER]).digest)
    assert len(digests) == 2 + len(RECORDS.assignments) + len(RECORDS.subjects)


def test_the_spelling_of_a_record_is_no_part_of_the_digest() -> None:
    """What a record names in another order, or an instant as a whole number, is the same."""
    box = next(each for each in RECORDS.resources if each.resource == BOX)
    turned = box._replace(references=box.references[::-1])
    assert DIRECTORY.changed(remove=[box], add=[turned]) == DIRECTORY
    robot = next(each for each in RECORDS.subjects if each.subject == ROBOT)
    whole, point = (robot._replace(valid_until=until) for until in (7, 7.0))
    first, second = (DIRECTORY.changed(remove=[robot], add=[each]) for each in (whole, point))
    assert first == second


def test_what_does_not_change_is_shared() -> None:
    """After a membership comes and an assignment goes, every other entry is the same object."""
    joined = Membership(uuid(60), READERS, MEMBER)
    after = DIRECTORY.changed(add=[joined], remove=[RECORDS.assignments[0]])
    for resource in DIRECTORY.resources():
        assert after.resource(resource.resource) is resource
    for who in DIRECTORY.subjects():
        assert (after.subject(who.subject) is who) is (who.subject != MEMBER)
    assert after.policy is DIRECTORY.policy


def test_nothing_changed_is_an_equal_directory_with_its_own_revision() -> None:
    """A change of nothing may give the snapshot a name; without one it is the digest's."""
    assert DIRECTORY.changed() == DIRECTORY
    assert DIRECTORY.changed(revision="tuesday").revision == "tuesday"
    assert DIRECTORY.changed(revision="tuesday").changed().revision == DIRECTORY.digest


STRANGER = Subject(Principal.USER, uuid(99))


@pytest.mark.parametrize(
    "record",
    [
        Organization(uuid(99)),
        RECORDS.subjects[0]._replace(status=UserStatus.LEFT),
        SubjectRecord(STRANGER, ACME.id),
        Group(EDITORS, ACME.id, direct_share=True),
        Membership(uuid(40), EDITORS, STRANGER),
        Membership(uuid(99), EDITORS, EDITOR),
        Membership(uuid(40), READERS, EDITOR),
        RECORDS.assignments[0]._replace(id=uuid(99)),
        RECORDS.assignments[0]._replace(resource=DOCS),
        RECORDS.assignments[3]._replace(derived_from=ResourceRole.UNSPECIFIED),
        Assignment(
            uuid(99), EDITORS, Resource(ResourceType.PROJECT, uuid(99)), ResourceRole.PROJECT_USER
        ),
        ResourceRecord(WEB, (ACME,)),
    ],
    ids=str,
)
def test_what_is_not_there_cannot_be_removed(record: Record) -> None:
    """A record is removed as it is, or not at all; nothing else is taken for it."""
    again = [record] if isinstance(record, SubjectRecord) else []
    with pytest.raises(RequestError, match="there is no such record to remove"):
        DIRECTORY.changed(remove=[record])
    with pytest.raises(RequestError, match="there is no such record to remove"):
        DIRECTORY.changed(remove=[record], add=again)


def test_only_records_are_added_and_removed() -> None:
    """Anything else is a mistake of the program."""
    with pytest.raises(TypeError, match="a directory has no tuple"):
        DIRECTORY.changed(add=[(1, 2)])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="a directory has no Subject"):
        DIRECTORY.changed(remove=[EDITOR])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (Membership(uuid(40), READERS, MEMBER), "a second membership"),
        (Assignment(uuid(50), READERS, DOCS, ResourceRole.PROJECT_USER), "a second assignment"),
        (Assignment(uuid(53), READERS, DOCS, ResourceRole.PROJECT_USER), "a second assignment"),
        (SubjectRecord(ROBOT, ACME.id), "a second subject"),
        (Group(READERS, ACME.id), "a second group"),
        (Organization(ACME.id), "a second organization"),
        (ResourceRecord(WEB, (ACME,)), "a second resource"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_there_already_cannot_be_added(record: Record, message: str) -> None:
    """Ids are those of one record, also of one that was there before the change."""
    with pytest.raises(DirectoryError, match=message):
        DIRECTORY.changed(add=[record])


def test_a_subject_does_not_move_in_beside_its_resource() -> None:
    """A subject whose own resource lies in another organization is refused."""
    elsewhere = Resource(ResourceType.RUNNER, uuid(70))
    directory = DIRECTORY.changed(add=[OTHER, ResourceRecord(elsewhere, (ACME,))])
    runner = Subject(Principal.RUNNER, elsewhere.id)
    with pytest.raises(DirectoryError, match="its resource lies within another organization"):
        directory.changed(add=[SubjectRecord(runner, OTHER.id)])
    assert directory.changed(add=[SubjectRecord(runner, ACME.id)]).subject(runner)


def test_a_crowd_is_found_and_dispersed() -> None:
    """A resource with many assignments keeps the roles of each group, however they change."""
    more = [
        Assignment(uuid(100 + number), EDITORS if number % 2 else READERS, DOCS, role)
        for number, role in enumerate([ResourceRole.PROJECT_USER, ResourceRole.PROJECT_EDITOR] * 5)
    ]
    directory = DIRECTORY.changed(add=more)
    entry = directory.resource(DOCS)
    assert entry is not None
    assert set(directory.tables.crowds[entry]) == {EDITORS, READERS}
    fewer = directory.changed(remove=more[: len(more) - CROWD])
    assert not fewer.tables.crowds
    assert fewer.changed(remove=more[len(more) - CROWD :]) == DIRECTORY


def test_under_the_same_policy_it_is_itself() -> None:
    """A policy of equal meaning takes the directory as it is; another validates it again."""
    shipped = Policy.shipped()
    assert DIRECTORY.under(shipped) is DIRECTORY
    rows = shipped.rows
    roles = tuple(
        row._replace(assignable=False) if row.role is ResourceRole.RUNNER_USER else row
        for row in rows.roles
    )
    other = Policy(rows._replace(roles=roles))
    moved = Directory(RECORDS, revision="r").under(other)
    assert (moved.policy, moved.revision, moved) == (other, "r", DIRECTORY)
    use = Assignment(uuid(99), EDITORS, RUNNER, ResourceRole.RUNNER_USER)
    with pytest.raises(DirectoryError, match="runner_user is never assigned"):
        DIRECTORY.changed(add=[use]).under(other)


def test_under_a_policy_with_the_same_rules_for_records_nothing_is_read_again() -> None:
    """Where only grants differ, the other policy's directory shares everything but its policy."""
    rows = Policy.shipped().rows
    other = Policy(rows._replace(requirements=rows.requirements[1:]))
    directory = Directory(RECORDS, revision="r")
    moved = directory.under(other)
    assert moved.tables is directory.tables
    assert (moved.policy, moved.revision, moved) == (other, "r", DIRECTORY)
