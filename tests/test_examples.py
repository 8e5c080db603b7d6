"""The sample directory: made again it is the same, it is valid, and its flaws are there."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from examples.make_organization import HOME, make, texts
from rbac import Action, Authorizer, Directory, Policy, Principal, Resource, ResourceType, Subject
from rbac.semantics import includes
from rbac.vocabulary import OrganizationRole, ResourceRole, UserStatus

EXAMPLES = Path(__file__).parents[1] / "examples"
FLAWS = tomllib.loads((EXAMPLES / "organization-flaws.toml").read_text(encoding="utf-8"))["flaw"]
RECORDS = make().records
DIRECTORY = Directory(RECORDS)
AUTHORIZER = Authorizer(directory=DIRECTORY)
NOW = 1_800_000_000.0


def test_the_files_are_what_the_script_makes() -> None:
    """Made again, every file has the same bytes, and there is no other."""
    written = {path.name: path.read_bytes() for path in (EXAMPLES / "organization").iterdir()}
    assert written == {name: text.encode() for name, text in texts(make()).items()}
    assert all(content.endswith(b"}\n") for content in written.values())


def test_the_organization_is_valid_and_of_some_size() -> None:
    """Its records make a directory in which people, resources and groups are as described."""
    assert len(list(DIRECTORY.subjects(Principal.USER))) == 60
    for type in (ResourceType.PROJECT, ResourceType.WORKFLOW_EXECUTION_ACTION, ResourceType.AGENT):
        assert list(DIRECTORY.resources(type))
    secrets = [type for type in ResourceType if type.short.endswith("secret")]
    assert len(secrets) == 4
    assert all(list(DIRECTORY.resources(type)) for type in secrets)


def subject(text: str) -> Subject:
    """A subject from ``principal:id``."""
    principal, id = text.split(":")
    return Subject(Principal.parse(principal), id)


def is_in(who: Subject, group: str) -> bool:
    """Whether a subject is in a group."""
    return any(membership.subject == who for membership in DIRECTORY.members(group))


def assignment(id: str) -> Any:
    """The assignment with an id."""
    return next(each for each in RECORDS.assignments if each.id == id)


def suspended_member(flaw: dict[str, Any]) -> bool:
    """Somebody suspended is in a group."""
    entry = DIRECTORY.subject(subject(flaw["subject"]))
    assert entry
    return entry.status is UserStatus.SUSPENDED and is_in(entry.subject, flaw["group"])


def expired_member(flaw: dict[str, Any]) -> bool:
    """Somebody expired is in a group."""
    entry = DIRECTORY.subject(subject(flaw["subject"]))
    assert entry
    return (entry.valid_until or NOW) < NOW and is_in(entry.subject, flaw["group"])


def empty_group(flaw: dict[str, Any]) -> bool:
    """A group of nobody is the only one, and holds something."""
    empty = [group.id for group in RECORDS.groups if not DIRECTORY.members(group.id)]
    return empty == [flaw["group"]] and flaw["group"] in {
        each.group for each in RECORDS.assignments
    }


def implied_assignment(flaw: dict[str, Any]) -> bool:
    """A group holds a senior role on what contains the resource."""
    junior, senior = assignment(flaw["assignment"]), assignment(flaw["by"])
    entry = DIRECTORY.resource(junior.resource)
    assert entry
    return (
        {junior.group, senior.group} == {flaw["group"]}
        and senior.resource in [each.resource for each in entry.above]
        and includes(Policy.shipped(), senior.role, junior.role)
    )


def conflicting_memberships(flaw: dict[str, Any]) -> bool:
    """Exactly these are in both groups."""
    first, second = ({each.subject for each in DIRECTORY.members(id)} for id in flaw["groups"])
    return first & second == set(map(subject, flaw["subjects"]))


def stale_derived_assignment(flaw: dict[str, Any]) -> bool:
    """A derived row's group does not hold the role it derives from."""
    row = assignment(flaw["assignment"])
    return row.derived_from is not ResourceRole.UNSPECIFIED and not any(
        each.group == row.group and each.role is row.derived_from for each in RECORDS.assignments
    )


def many_administrators(flaw: dict[str, Any]) -> bool:
    """Exactly these are administrators by their role in the organization."""
    admins = {each.subject for each in RECORDS.subjects if each.role is OrganizationRole.ADMIN}
    return admins == set(map(subject, flaw["subjects"]))


def service_account_administrator(flaw: dict[str, Any]) -> bool:
    """A service account may what only administrators may."""
    who = subject(flaw["subject"])
    return is_in(who, flaw["group"]) and bool(AUTHORIZER.authorize(who, Action.DELETE, HOME))


def self_promotion(flaw: dict[str, Any]) -> bool:
    """Whoever administers no organization may add to the group that does."""
    who, group = subject(flaw["subject"]), Resource(ResourceType.GROUP, flaw["group"])
    holds = {each.role for each in RECORDS.assignments if each.group == flaw["group"]}
    return (
        ResourceRole.ORG_ADMIN in holds
        and not AUTHORIZER.authorize(who, Action.DELETE, HOME)
        and bool(AUTHORIZER.authorize(who, Action.CREATE_MEMBERSHIP, group))
    )


IS_THERE: dict[str, Callable[[dict[str, Any]], bool]] = {
    check.__name__: check
    for check in (
        *(suspended_member, expired_member, empty_group, implied_assignment),
        *(conflicting_memberships, stale_derived_assignment, many_administrators),
        *(service_account_administrator, self_promotion),
    )
}


def test_every_kind_of_flaw_is_listed() -> None:
    """Each kind of flaw is listed once."""
    assert sorted(flaw["kind"] for flaw in FLAWS) == sorted(IS_THERE)


@pytest.mark.parametrize("flaw", FLAWS, ids=[flaw["kind"] for flaw in FLAWS])
def test_every_listed_flaw_is_there(flaw: dict[str, Any]) -> None:
    """What is said to be wrong with the organization is."""
    assert IS_THERE[flaw["kind"]](flaw), flaw["says"]
