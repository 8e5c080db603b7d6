"""The names of the role model: complete, in order, and parsed strictly."""

import pickle
import subprocess
import sys
from enum import Enum
from typing import get_args

import pytest
from gitpod.types.shared import (
    CountResponseRelation,
    ErrorCode,
    OrganizationRole,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    SortOrder,
    State,
    TaskExecutionPhase,
    UserStatus,
)
from hypothesis import given
from hypothesis import strategies as st

from rbac import vocabulary
from rbac.errors import UnknownName
from rbac.vocabulary import Name

PUBLISHED = {
    "CountResponseRelation": CountResponseRelation,
    "ErrorCode": ErrorCode,
    "OrganizationRole": OrganizationRole,
    "OrganizationTier": OrganizationTier,
    "Principal": Principal,
    "ResourceRole": ResourceRole,
    "ResourceType": ResourceType,
    "SortOrder": SortOrder,
    "State": State,
    "TaskExecutionPhase": TaskExecutionPhase,
    "UserStatus": UserStatus,
}
ENUMS = [getattr(vocabulary, name) for name in (*PUBLISHED, "Action")]
MEMBERS = [member for names in ENUMS for member in names]


@pytest.mark.parametrize("name", PUBLISHED)
def test_enums_are_those_of_the_published_client(name: str) -> None:
    """Every enum of the specification has the published values, in their order."""
    ours = [member.value for member in getattr(vocabulary, name)]
    assert ours == list(get_args(PUBLISHED[name]))


def test_enums_have_the_sizes_of_the_specification() -> None:
    """There are 62 roles, 50 resource types, 7 principals and 16 error codes, zero included."""
    sizes = {name: len(getattr(vocabulary, name)) for name in PUBLISHED}
    assert sizes["ResourceRole"] == 62
    assert sizes["ResourceType"] == 50
    assert sizes["Principal"] == 7
    assert sizes["ErrorCode"] == 16


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_every_spelling_of_a_name_is_understood(member: Name) -> None:
    """The wire value, the member's name and the short name parse in any ASCII case."""
    for text in (member.value, member.name, member.short):
        for spelling in (text, text.lower(), text.upper(), text.title()):
            assert type(member).parse(spelling) is member


@pytest.mark.parametrize("names", ENUMS, ids=lambda names: names.__name__)
def test_members_are_named_without_the_prefix(names: type[Name]) -> None:
    """The short name is the member's name in lower case, and the value ends with the name."""
    for member in names:
        assert member.short == member.name.lower()
        assert member.value.upper().endswith(member.name)


@given(st.text(max_size=40), st.sampled_from(ENUMS))
def test_nothing_else_is_understood(text: str, names: type[Name]) -> None:
    """A text that is no spelling of a name is unknown, however near it comes."""
    spellings = {member.value.lower() for member in names} | {member.short for member in names}
    if not text.isascii() or text.lower() not in spellings:
        with pytest.raises(UnknownName):
            names.parse(text)


@pytest.mark.parametrize(
    "text", ["", " project", "project ", "proj\u0435ct", "pro\u017fect", "project\n", "k\u0131nd"]
)
def test_look_alikes_are_unknown(text: str) -> None:
    """Blanks, foreign letters and letters that fold to ASCII do not spell a name."""
    with pytest.raises(UnknownName):
        vocabulary.ResourceType.parse(text)


def test_an_unknown_name_is_told_the_nearest_ones() -> None:
    """The error names the list, quotes the name and offers what may have been meant."""
    with pytest.raises(UnknownName) as caught:
        vocabulary.ResourceRole.parse("project_editr")
    assert str(caught.value).startswith(
        'unknown role "project_editr"; did you mean "project_editor"'
    )
    assert caught.value.nearest[0] == "project_editor"


def test_only_strings_are_parsed() -> None:
    """Anything but a string is a wrong type, not an unknown name."""
    with pytest.raises(TypeError, match="a role is parsed from a string, not int"):
        vocabulary.ResourceRole.parse(3)  # type: ignore[arg-type]


def test_members_are_no_strings() -> None:
    """A plain string is never equal to a member, so none can be passed for one."""
    for member in MEMBERS:
        assert isinstance(member, Enum)
        assert not isinstance(member, str)
        assert member != member.value
        assert member.value not in {member: True}


def test_hashing_a_member_runs_no_python() -> None:
    """Members hash by identity, in C, because every check hashes four of them."""
    assert vars(Name)["__hash__"] is vars(object)["__hash__"]


def test_members_survive_a_copy_of_the_process() -> None:
    """A member sent to another process is the same member there."""
    code = (
        "import pickle,sys; from rbac import Action; "
        "print(pickle.loads(sys.stdin.buffer.read()) is Action.UPDATE)"
    )
    data = pickle.dumps(vocabulary.Action.UPDATE)
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert done.stdout.strip() == b"True"
