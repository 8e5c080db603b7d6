"""Subjects, resources and decisions: checked as they are built, frozen afterwards."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rbac
from rbac import (
    Action,
    Principal,
    Reason,
    RequestError,
    Resource,
    ResourceRole,
    ResourceType,
    Subject,
)
from rbac.terms import all_canonical, is_canonical

ID = "3f1b6c1e-0000-4000-8000-0123456789ab"
NO_IDS = [
    "",
    "me",
    ID.upper(),
    f"{{{ID}}}",
    ID.replace("-", ""),
    f"{ID} ",
    ID[:-1],
    ID[:-1] + "\uff11",
    ID[:-1] + "g",
    ID[:-1] + "-",
    ID[1:9] + ID[8:],
    f"urn:uuid:{ID}",
]


@pytest.mark.parametrize("id", NO_IDS)
def test_only_canonical_ids_are_taken(id: str) -> None:
    """An id is a canonical lower-case UUID; anything else is refused, never mended."""
    with pytest.raises(RequestError, match="canonical lower-case UUID"):
        Subject(Principal.USER, id)
    with pytest.raises(RequestError, match="canonical lower-case UUID"):
        Resource(ResourceType.PROJECT, id)


@pytest.mark.parametrize(
    "arguments",
    [("user", ID), (ResourceType.USER, ID), (Principal.USER, 7), (Principal.USER, None)],
)
def test_a_subject_is_a_principal_and_a_string(arguments: Any) -> None:
    """Values of other types are refused."""
    with pytest.raises(TypeError):
        Subject(*arguments)


def test_the_zero_value_is_no_kind_of_anything() -> None:
    """An unspecified principal or type makes no subject and no resource."""
    with pytest.raises(RequestError, match="UNSPECIFIED"):
        Subject(Principal.UNSPECIFIED, ID)
    with pytest.raises(RequestError, match="UNSPECIFIED"):
        Resource(ResourceType.UNSPECIFIED, ID)


def test_subjects_and_resources_are_values() -> None:
    """Equal parts make equal values with one hash, and no subject is a resource."""
    subject, resource = Subject(Principal.USER, ID), Resource(ResourceType.USER, ID)
    assert subject == Subject(Principal.USER, ID)
    assert len({subject, Subject(Principal.USER, ID), resource}) == 2
    assert subject != resource
    assert str(subject) == str(resource) == f"user:{ID}"
    assert repr(subject) == f"Subject(Principal.USER, '{ID}')"
    assert repr(resource) == f"Resource(ResourceType.USER, '{ID}')"


FROZEN: list[Any] = [
    Subject(Principal.USER, ID),
    Resource(ResourceType.USER, ID),
    rbac.check(Principal.USER, ResourceRole.ORG_ADMIN, ResourceType.GROUP, Action.GET),
    rbac.Policy.shipped(),
]


@pytest.mark.parametrize("value", FROZEN, ids=lambda value: type(value).__name__)
def test_values_cannot_be_changed(value: Any) -> None:
    """No attribute of a value can be set, added or deleted, a decision's least of all."""
    for name in ("allowed", "principal", "rows", "anything"):
        with pytest.raises(AttributeError, match="cannot be changed"):
            setattr(value, name, True)
        with pytest.raises(AttributeError, match="cannot be changed"):
            delattr(value, name)


@pytest.mark.parametrize("value", FROZEN, ids=lambda value: type(value).__name__)
def test_values_survive_copies_and_pickles(value: Any) -> None:
    """A copy, a deep copy and an unpickled value are equal to the original."""
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes


def test_reasons_are_in_order_of_precedence() -> None:
    """The enum of reasons is closed, and its order is the order in which they are asked."""
    assert [reason.short for reason in Reason] == [
        "unknown_subject",
        "subject_inactive",
        "refused_by_guard",
        "unknown_resource",
        "no_such_permission",
        "not_eligible",
        "not_held",
        "no_grant",
        "own_only",
        "requirement_not_met",
        "granted",
    ]


SENTENCES = {
    "user project_admin project update": "allowed: project_admin may update project, by grants/",
    "user project_user project delete": 'denied: project_user has no grant for "delete project"',
    "runner project_user project delete": "denied: a runner cannot hold project_user",
    "account project_user project": "denied: an account cannot hold project_user",
    "user project_user project signup": 'denied: there is no permission "signup project"',
    "user workflow_executor workflow_execution get": "denied: workflow_executor may get "
    "workflow_execution only where it is the subject's own, by grants/workflow.csv:",
    "user project_user project": "allowed: project_user may, on a project: get, list, use",
    "user project_user billing": "denied: project_user has no grant on a billing",
    "user user_identity host_authentication_token": "denied: user_identity may act on a "
    "host_authentication_token only where it is the subject's own",
}


@pytest.mark.parametrize("question", SENTENCES)
def test_a_decision_reads_as_a_sentence(question: str) -> None:
    """A decision, printed, says in one sentence what was decided and on what it rests."""
    principal, role, type, *action = question.split()
    decision = rbac.check(
        Principal.parse(principal),
        ResourceRole.parse(role),
        ResourceType.parse(type),
        Action.parse(action[0]) if action else None,
    )
    assert str(decision).startswith(SENTENCES[question])
    assert "\n" not in str(decision)


def test_a_decision_as_data_says_all_it_says() -> None:
    """The plain form of a decision has every fact, in short names."""
    decision = rbac.check(
        Principal.USER, ResourceRole.PROJECT_ADMIN, ResourceType.PROJECT, Action.USE
    )
    data = decision.as_dict()
    assert data["allowed"] is True
    assert data["through"] == ["project_admin", "project_editor", "project_user"]
    assert data["requirements"] == ["runner use"]
    assert data["policy_digest"] == rbac.Policy.shipped().digest
    assert isinstance(data["grant"], dict)
    assert data["grant"]["rationale"].startswith("stated TF_PROJECTROLE")


@given(st.lists(st.sampled_from([ID, *NO_IDS, *map(str.upper, NO_IDS)]), max_size=4))
def test_many_ids_are_canonical_if_each_is(ids: list[str]) -> None:
    """Asked of all at once, it is what it is of each; lengths that add up deceive nobody."""
    assert all_canonical(ids) is all(map(is_canonical, ids))
