"""What records must be to be a directory: what is kept of them, and what is refused."""

import pytest

from rbac.directory import Directory
from rbac.errors import DirectoryError
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
from rbac.vocabulary import Principal, ResourceRole, ResourceType
from tests.small_directory import (
    ANA,
    BEN,
    BEN_EDITS,
    BOT,
    EDITORS,
    HERE,
    NEW,
    ORGANIZATION,
    PROJECT,
    RESOURCES,
    SECOND,
    SMALL,
    small,
)
from tests.worlds import uuid


def messages(records: Records) -> list[str]:
    """What is wrong with `records`, which must be refused."""
    with pytest.raises(DirectoryError) as refused:
        Directory(records)
    return [str(problem) for problem in refused.value.problems]


def test_a_directory_gives_back_the_records_it_was_built_from() -> None:
    """Nothing is added to what was written, and nothing of it is lost."""
    directory = Directory(SMALL)
    for given_, kept in zip(SMALL, directory.records, strict=True):
        assert set(given_) == set(kept)
    assert [each.organization for each in directory.subjects(Principal.USER)] == [
        ORGANIZATION.id,
        ORGANIZATION.id,
    ]
    implied = [each.resource for each in directory.resources() if each.implied]
    assert {HERE, Resource(ResourceType.BILLING, ORGANIZATION.id)} < set(implied)
    assert Resource(ResourceType.USER_PREFERENCE, BEN.id) in implied
    assert Resource(ResourceType.PROJECT_ENVIRONMENT_CLASS, PROJECT.id) in implied


NO_TIMES = [float("nan"), float("inf"), -float("inf"), 1e18, -1e18, True, "soon"]


@pytest.mark.parametrize("until", NO_TIMES)
def test_an_expiry_that_is_no_time_is_refused(until: float) -> None:
    """What no calendar has cannot be compared with a clock, nor be written down."""
    new = SubjectRecord(NEW, ORGANIZATION.id, valid_until=until)
    (message,) = messages(small(subjects=[new]))
    assert message.startswith("subjects:4: valid until ")
    before = SubjectRecord(BOT, ORGANIZATION.id)
    after = before._replace(valid_until=until)
    with pytest.raises(DirectoryError, match="valid until"):
        Directory(SMALL).changed(remove=[before], add=[after])


@pytest.mark.parametrize("id", ["", "x", uuid(0xABCD, 1).upper(), f"{uuid(5, 2)}\n"])
def test_every_record_has_a_canonical_id(id: str) -> None:
    """An id is a canonical lower-case UUID in every table; none is normalised."""
    wrong: dict[str, list[Record]] = {
        "organizations": [Organization(id)],
        "groups": [Group(id, ORGANIZATION.id)],
        "memberships": [Membership(id, EDITORS.id, ANA)],
        "assignments": [Assignment(id, EDITORS.id, PROJECT, ResourceRole.PROJECT_USER)],
    }
    for table, told in wrong.items():
        (message,) = messages(small(**{table: told}))
        assert "is not a canonical lower-case UUID" in message


def test_a_resource_of_which_there_is_one_lies_within_its_container() -> None:
    """What a container has exactly one of has its id; another container cannot take it over."""
    classes = Resource(ResourceType.PROJECT_ENVIRONMENT_CLASS, PROJECT.id)
    preference = Resource(ResourceType.USER_PREFERENCE, BEN.id)
    ana = Resource(ResourceType.USER, ANA.id)
    taken_over = [ResourceRecord(classes, (SECOND,)), ResourceRecord(preference, (ana,))]
    for told in (taken_over, taken_over[::-1]):
        found = messages(SMALL._replace(resources=[*told, *RESOURCES]))
        assert sorted(message.split(": ", 1)[1] for message in found) == [
            f"a {name} has its container's id: it lies within {place} alone"
            for name, place in [
                ("project_environment_class", f'"{PROJECT}"'),
                ("user_preference", f'"user:{BEN.id}"'),
            ]
        ]
    stray = ResourceRecord(Resource(ResourceType.PROJECT_ENVIRONMENT_CLASS, uuid(4, 7)), (SECOND,))
    assert "has its container's id" in messages(small(resources=[stray]))[0]
    made_by_ben = ResourceRecord(classes, (PROJECT,), creator=BEN)
    entry = Directory(SMALL._replace(resources=[made_by_ben, *RESOURCES])).resource(classes)
    assert entry is not None
    assert not entry.implied
    assert entry.creator == BEN


def test_a_second_membership_in_a_group_is_refused() -> None:
    """Of two memberships in one group, neither is dropped in silence: removing one would keep it.

    That holds for a directory that is built and for one that is changed.
    """
    again = Membership(uuid(5, 9), EDITORS.id, BEN)
    message = f"user:{BEN.id} is in the group already"
    assert messages(small(memberships=[again])) == [f"memberships:3: {message}"]
    with pytest.raises(DirectoryError, match=message):
        Directory(SMALL).changed(add=[again])
    moved = Directory(SMALL).changed(remove=[BEN_EDITS], add=[again])
    assert moved.members(EDITORS.id) == (again,)


def test_messages_have_the_right_article() -> None:
    """What is wrong is said in a sentence."""
    environment = Subject(Principal.ENVIRONMENT, uuid(2, 5))
    account = Subject(Principal.ACCOUNT, uuid(2, 5))
    wrong = [SubjectRecord(environment), SubjectRecord(account, ORGANIZATION.id)]
    assert messages(small(subjects=wrong)) == [
        "subjects:4: an environment needs an organization",
        "subjects:5: an account has no organization",
    ]
