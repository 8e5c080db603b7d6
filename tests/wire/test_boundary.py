"""From wire models to subjects and resources: never a guess."""

import json
from typing import Any

import pytest

import rbac
from rbac import Principal, RequestError, Resource, ResourceType, Subject, UnknownName, wire
from tests.wire.shapes import ID, SHAPES, TASK, TASK_EXECUTION

RESOURCES: dict[str, tuple[ResourceType, dict[str, Any]]] = {
    "Task": (ResourceType.TASK, TASK),
    "TaskExecution": (ResourceType.TASK_EXECUTION, TASK_EXECUTION),
    "EnvironmentClass": (ResourceType.ENVIRONMENT_CLASS, {"id": ID, "runnerId": ID}),
}


@pytest.mark.parametrize("name", RESOURCES)
def test_a_model_that_is_a_resource_gives_one(name: str) -> None:
    """A task, its execution and an environment class are resources by their ids."""
    type, value = RESOURCES[name]
    thing = getattr(wire, name).from_json(json.dumps(value))
    assert Resource.of(thing) == thing.to_resource() == Resource(type, ID)


@pytest.mark.parametrize("principal", list(Principal)[1:], ids=repr)
def test_a_wire_subject_gives_a_subject(principal: Principal) -> None:
    """A subject on the wire, with its two parts, names one of ours."""
    thing = wire.Subject.from_json(json.dumps({"id": ID, "principal": principal.value}))
    assert Subject.of(thing) == thing.to_subject() == Subject(principal, ID)


def test_the_creator_of_a_task_is_a_subject() -> None:
    """The subject that metadata names is given like any other."""
    task = wire.Task.from_json(json.dumps(TASK))
    assert task.metadata
    assert task.metadata.creator
    assert Subject.of(task.metadata.creator) == Subject(Principal.SERVICE_ACCOUNT, ID)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "the subject has no principal"),
        ({"id": ID}, "the subject has no principal"),
        ({"id": ID, "principal": None}, "the subject has no principal"),
        ({"principal": "PRINCIPAL_USER"}, "the subject has no id"),
        ({"principal": "PRINCIPAL_USER", "id": None}, "the subject has no id"),
        ({"principal": "PRINCIPAL_UNSPECIFIED", "id": ID}, "principal is UNSPECIFIED"),
    ],
)
def test_half_a_subject_is_none(value: Any, said: str) -> None:
    """A part that is missing or unspecified is never filled in."""
    thing = wire.Subject.from_json(json.dumps(value))
    with pytest.raises(RequestError, match=said):
        Subject.of(thing)


@pytest.mark.parametrize("text", ["PRINCIPAL_TEAM", "user", "USER", "principal_user", ""])
def test_a_principal_of_a_newer_api_is_never_believed(text: str) -> None:
    """It is no subject and cannot be asked about, even where it spells one of our names."""
    thing = wire.Subject.from_json(json.dumps({"id": ID, "principal": text}))
    assert thing.principal == text
    with pytest.raises(UnknownName) as caught:
        Subject.of(thing)
    assert str(caught.value) == f'unknown principal "{text}"'
    with pytest.raises(TypeError):
        rbac.check(thing.principal, rbac.ResourceRole.USER_ADMIN, ResourceType.USER)  # type: ignore[call-overload]


def test_an_environment_class_with_another_id_is_no_resource() -> None:
    """Its id is any text on the wire, but that of a resource is a UUID."""
    thing = wire.EnvironmentClass.from_json('{"id": "small", "runnerId": "r"}')
    with pytest.raises(RequestError, match='"small" is not a canonical lower-case UUID'):
        Resource.of(thing)


@pytest.mark.parametrize("name", SHAPES)
def test_no_other_model_gives_either(name: str) -> None:
    """What merely has an id is no resource, and what merely has a creator no subject."""
    assert hasattr(getattr(wire, name), "to_resource") == (name in RESOURCES)
    assert hasattr(getattr(wire, name), "to_subject") == (name == "Subject")


class Odd:
    """Something whose methods do not give what they are called for."""

    def to_subject(self) -> str:
        return "user"

    def to_resource(self) -> Subject:
        return Subject(Principal.USER, ID)


FORGED = '{"to_subject": "user", "to_resource": "task"}'


@pytest.mark.parametrize(
    "thing",
    [None, "user", 1, wire.Task, wire.TaskMetadata.from_json(FORGED), Odd()],
    ids=lambda thing: type(thing).__name__,
)
def test_nothing_else_is_taken_for_one(thing: Any) -> None:
    """Anything without the method is a wrong type, a member of that name included."""
    with pytest.raises(TypeError):
        Subject.of(thing)
    with pytest.raises(TypeError):
        Resource.of(thing)
