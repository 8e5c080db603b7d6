"""How one directory becomes another, and that nobody can tell it from one built anew."""

from typing import NamedTuple

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from rbac.directory import Directory
from rbac.errors import DirectoryError, RequestError
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
from rbac.terms import Resource
from rbac.vocabulary import OrganizationRole, ResourceRole, ResourceType
from tests.small_directory import (
    ADMINS,
    ANA,
    BEN,
    BEN_ADMINISTERS,
    BEN_EDITS,
    BOT,
    DERIVED,
    EDIT,
    EDITORS,
    HERE,
    NEW,
    ORGANIZATION,
    PROJECT,
    RESOURCES,
    SECOND,
    SMALL,
    SUBJECTS,
    everything,
    small,
)
from tests.strategies import examples
from tests.worlds import World, records, uuid, worlds


def assert_is_built_from(directory: Directory, records: Records) -> None:
    """Holds that `directory` is the one that `records` give, in all that can be seen."""
    expected = Directory(records, policy=directory.policy)
    assert directory == expected
    assert everything(directory) == everything(expected)


def rebuilt(directory: Directory) -> Directory:
    """A directory of the same records, built anew."""
    return Directory(directory.records, policy=directory.policy)


class Change(NamedTuple):
    """What is done to the small directory, and the records that are then told."""

    remove: list[Record]
    add: list[Record]
    told: Records


PROMOTED = SUBJECTS[1]._replace(role=OrganizationRole.ADMIN)
GROUP = Group(uuid(3, 9), ORGANIZATION.id)
GRANT = Assignment(uuid(6, 9), GROUP.id, PROJECT, ResourceRole.PROJECT_ADMIN)
TASK_CLASS = ResourceRecord(Resource(ResourceType.USER, BEN.id), (HERE,), creator=ANA)
CHANGES = {
    "a_member_more": Change(
        [], [join := Membership(uuid(5, 9), EDITORS.id, ANA)], small(memberships=[join])
    ),
    "a_member_less": Change([BEN_EDITS], [], SMALL._replace(memberships=[BEN_ADMINISTERS])),
    "an_assignment_less": Change([EDIT], [], SMALL._replace(assignments=[DERIVED])),
    "a_derived_assignment_less": Change([DERIVED], [], SMALL._replace(assignments=[EDIT])),
    "another_role_in_the_organization": Change(
        [SUBJECTS[1]], [PROMOTED], SMALL._replace(subjects=[SUBJECTS[0], PROMOTED, SUBJECTS[2]])
    ),
    "a_subject_more": Change(
        [], [new := SubjectRecord(NEW, ORGANIZATION.id)], small(subjects=[new])
    ),
    "a_subject_less": Change(
        [SUBJECTS[1]],
        [],
        SMALL._replace(subjects=[SUBJECTS[0], SUBJECTS[2]], memberships=[]),
    ),
    "a_group_more_that_is_given_a_role": Change(
        [], [GRANT, GROUP], small(groups=[GROUP], assignments=[GRANT])
    ),
    "a_group_less": Change(
        [ADMINS],
        [],
        SMALL._replace(groups=[EDITORS], memberships=[BEN_EDITS], assignments=[EDIT]),
    ),
    "a_resource_less": Change([RESOURCES[2]], [], SMALL._replace(resources=RESOURCES[:2])),
    "a_resource_that_is_moved": Change(
        [RESOURCES[2]],
        [moved := RESOURCES[2]._replace(parents=(SECOND,))],
        SMALL._replace(resources=[*RESOURCES[:2], moved]),
    ),
    "a_record_of_what_needs_none": Change([], [TASK_CLASS], small(resources=[TASK_CLASS])),
    "shared_with_one_subject": Change(
        [],
        [
            share := Group(uuid(3, 8), ORGANIZATION.id, direct_share=True),
            shared := Membership(uuid(5, 8), share.id, BOT),
            gives := Assignment(uuid(6, 8), share.id, PROJECT, ResourceRole.PROJECT_USER),
        ],
        small(groups=[share], memberships=[shared], assignments=[gives]),
    ),
    "nothing": Change([], [], SMALL),
    "a_membership_in_place_of_another_with_its_id": Change(
        [BEN_EDITS],
        [instead := Membership(BEN_EDITS.id, EDITORS.id, ANA)],
        SMALL._replace(memberships=[BEN_ADMINISTERS, instead]),
    ),
    "an_assignment_with_the_id_of_a_group": Change(
        [],
        [same := Assignment(EDITORS.id, ADMINS.id, PROJECT, ResourceRole.PROJECT_USER)],
        small(assignments=[same]),
    ),
    "a_group_less_and_a_membership_with_its_id": Change(
        [EDITORS],
        [like := Membership(EDITORS.id, ADMINS.id, ANA)],
        SMALL._replace(groups=[ADMINS], memberships=[BEN_ADMINISTERS, like], assignments=[DERIVED]),
    ),
    "a_subject_that_comes_again_and_leaves_a_group": Change(
        [SUBJECTS[1], BEN_EDITS],
        [PROMOTED],
        SMALL._replace(
            subjects=[SUBJECTS[0], PROMOTED, SUBJECTS[2]], memberships=[BEN_ADMINISTERS]
        ),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_directory_is_one_built_from_what_is_then_told(change: Change) -> None:
    """Whatever is shared, nobody can tell a changed directory from one that is built anew."""
    before = Directory(SMALL)
    seen = everything(before)
    after = before.changed(add=change.add, remove=change.remove)
    assert_is_built_from(after, change.told)
    assert everything(before) == seen


ID = EDIT.id
REFUSED: dict[str, tuple[list[Record], list[Record], str]] = {
    "the_id_of_another_assignment": (
        [],
        [Assignment(EDIT.id, ADMINS.id, SECOND, ResourceRole.PROJECT_USER)],
        "a second assignment",
    ),
    "the_id_of_a_derived_assignment": (
        [],
        [Assignment(DERIVED.id, ADMINS.id, SECOND, ResourceRole.PROJECT_USER)],
        "a second assignment",
    ),
    "the_id_of_another_membership": (
        [],
        [Membership(BEN_EDITS.id, EDITORS.id, ANA)],
        "a second membership",
    ),
    "a_subject_that_comes_twice": (
        [SUBJECTS[1]],
        [SUBJECTS[1], PROMOTED],
        "a second subject",
    ),
    "a_subject_that_is_there": ([], [PROMOTED], "a second subject"),
    "an_unknown_group": ([], [GRANT], "unknown group"),
    "a_container_that_is_needed": ([RESOURCES[0]], [], "unknown"),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED.keys())
def test_a_change_that_breaks_a_rule_is_refused(
    change: tuple[list[Record], list[Record], str],
) -> None:
    """A directory that could not be built cannot be reached by a change either."""
    remove, add, message = change
    with pytest.raises(DirectoryError, match=message):
        Directory(SMALL).changed(remove=remove, add=add)


@pytest.mark.parametrize("record", [BEN_EDITS, EDIT, DERIVED, EDITORS, SUBJECTS[1]], ids=str)
def test_nothing_is_removed_twice(record: Record) -> None:
    """The second time it is not there any more."""
    add = [record] if isinstance(record, SubjectRecord) else []
    with pytest.raises(RequestError, match="there is no such record to remove"):
        Directory(SMALL).changed(remove=[record, record], add=add)


def test_a_resource_is_removed_as_it_was_told() -> None:
    """The order in which containers were told does not make it another record."""
    snapshot = ResourceRecord(Resource(ResourceType.SNAPSHOT, uuid(4, 9)), (PROJECT, HERE))
    directory = Directory(SMALL).changed(add=[snapshot])
    assert directory.changed(remove=[snapshot]) == Directory(SMALL)


@st.composite
def changes(draw: st.DrawFn, world: World) -> list[tuple[list[Record], list[Record]]]:
    """Changes, one after another, of records that the world has and of others like them."""
    told = [record for table in world.directory.records for record in table]
    others = [record for table in draw(records(world.policy)) for record in table]
    pool = st.lists(st.sampled_from([*told, *others]), max_size=4, unique=True)
    return draw(st.lists(st.tuples(pool, pool), min_size=1, max_size=4))


@examples(60)
@given(st.data())
def test_a_sequence_of_changes_is_a_directory_built_at_the_end(data: st.DataObject) -> None:
    """Each change succeeds just where the records after it are a directory, which it then is."""
    world = data.draw(worlds())
    directory = world.directory
    for remove, add in data.draw(changes(world)):
        expected = by_hand(directory, remove, add)
        try:
            directory = directory.changed(remove=remove, add=add)
        except (DirectoryError, RequestError):
            event("refused")
            assert expected is None
            continue
        event("changed")
        assert expected is not None
        assert directory == expected
        assert everything(directory) == everything(expected)
        assert everything(directory) == everything(rebuilt(directory))


def by_hand(directory: Directory, remove: list[Record], add: list[Record]) -> Directory | None:
    """The directory after a change, by the sentence that says what one is; None if refused."""
    told: list[Record] = [record for table in directory.records for record in table]
    for record in remove:
        if record not in told:
            return None
        told.remove(record)
    groups = {each.id for each in remove if isinstance(each, Group)}
    groups -= {each.id for each in add if isinstance(each, Group)}
    people = {each.subject for each in remove if isinstance(each, SubjectRecord)}
    people -= {each.subject for each in add if isinstance(each, SubjectRecord)}
    kept = [
        record
        for record in told
        if not (isinstance(record, Membership | Assignment) and record.group in groups)
        and not (isinstance(record, Membership) and record.subject in people)
        and not (
            isinstance(record, Assignment)
            and record.resource.type is ResourceType.GROUP
            and record.resource.id in groups
        )
    ]
    every = [*kept, *add]
    kinds: tuple[type[Record], ...]
    kinds = (Organization, SubjectRecord, Group, ResourceRecord, Membership, Assignment)
    tables = ([each for each in every if isinstance(each, kind)] for kind in kinds)
    try:
        return Directory(Records._make(tables), policy=directory.policy)
    except DirectoryError:
        return None


@examples(30)
@given(worlds(), worlds())
def test_a_directory_under_another_policy_is_validated_by_it(one: World, two: World) -> None:
    """The same records by another policy are what that policy makes of them, or refused."""
    expected, problems = Directory.sound(one.directory.records, policy=two.policy)
    event("refused" if problems else "valid")
    if problems:
        with pytest.raises(DirectoryError) as refused:
            one.directory.under(two.policy)
        assert refused.value.problems == problems
    else:
        assert everything(one.directory.under(two.policy)) == everything(expected)
