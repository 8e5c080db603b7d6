"""The published client and these models read what each other writes."""

import json
from datetime import datetime
from typing import Any

import pytest
from gitpod import BaseModel
from gitpod.types import shared
from hypothesis import given
from hypothesis import strategies as st

from rbac import RequestError
from tests.strategies import examples
from tests.wire.shapes import ID, SHAPES, model, values
from tests.wire.test_models import same

NEWER = {"RunsOn": {"terminal"}}
"""Members of the client that the specification does not have."""


def theirs(name: str) -> type[BaseModel]:
    """The client's model of a struct."""
    found: type[BaseModel] = getattr(shared, name)
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_attributes_are_those_of_the_client(name: str) -> None:
    """Attributes, members and what must be there are the client's."""
    ours = {key: (field.alias, field.is_required()) for key, field in fields(model(name))}
    others = {key: (field.alias or key, field.is_required()) for key, field in fields(theirs(name))}
    assert ours.items() <= others.items()
    assert others.keys() - ours.keys() == NEWER.get(name, set())


def fields(kind: Any) -> Any:
    """The fields of a model of either side."""
    return kind.model_fields.items()


@pytest.mark.parametrize("name", SHAPES)
@given(data=st.data())
@examples(20)
def test_what_the_client_received_is_read_and_given_back(name: str, data: st.DataObject) -> None:
    """An answer, in the client's own JSON text and as data, is given back as equal values.

    Metadata by itself, or within an answer that has names unknown to the client, is data
    only: in its text are timestamps as they were received and also as the client cuts them.
    """
    newer = data.draw(st.booleans())
    answer = theirs(name).construct(None, **data.draw(values(name, newer=newer)))
    plain = json.dumps(answer.to_dict(mode="json", warnings=False))
    data_only = newer or name.endswith("Metadata")
    for written in (plain,) if data_only else (plain, answer.to_json()):
        read = model(name).from_json(written)
        assert same(json.loads(read.to_json()), json.loads(written))


@pytest.mark.parametrize("name", SHAPES)
@given(data=st.data())
@examples(20)
def test_what_the_client_serialises_is_read_and_given_back(name: str, data: st.DataObject) -> None:
    """The client's own JSON text is read, and given back as equal values."""
    value = data.draw(values(name, newer=False))
    written = theirs(name).model_validate_json(json.dumps(value)).to_json()
    read = model(name).from_json(written)
    assert same(json.loads(read.to_json()), json.loads(written))


@pytest.mark.parametrize("name", SHAPES)
@given(data=st.data())
@examples(20)
def test_what_is_written_the_client_reads(name: str, data: st.DataObject) -> None:
    """The client finds in each attribute what these models have in it."""
    value = data.draw(values(name, newer=False))
    ours = model(name).from_json(json.dumps(value))
    agree(ours, theirs(name).model_validate_json(ours.to_json()))


def agree(ours: Any, other: Any) -> None:
    """Asserts that a value of ours means what the client has."""
    if isinstance(other, BaseModel):
        for key in type(ours).model_fields:
            agree(getattr(ours, key), getattr(other, key))
    elif isinstance(other, list):
        assert len(ours) == len(other)
        for one, another in zip(ours, other, strict=True):
            agree(one, another)
    elif isinstance(other, datetime):
        assert ours.datetime == other
    elif hasattr(ours, "value"):
        assert ours.value == other
    else:
        assert json.loads(json.dumps(ours)) == other


def test_members_that_the_client_writes_twice_are_taken_once() -> None:
    """The client's text of an answer has renamed members twice, which changes nothing."""
    task = theirs("Task").construct(None, id=ID, environmentId=ID)
    written = task.to_json(indent=None)
    assert written == f'{{"id":"{ID}","environmentId":"{ID}","environmentId":"{ID}"}}'
    assert model("Task").from_json(written).to_json() == f'{{"id":"{ID}","environmentId":"{ID}"}}'


def test_two_spellings_of_a_timestamp_are_two_values() -> None:
    """What the client writes of a name unknown to it is refused, never chosen from."""
    metadata = {"createdAt": "2024-05-01T10:00:00.1Z", "creator": {"principal": "NEWER"}}
    answer = theirs("Task").construct(None, id=ID, metadata=metadata)
    with pytest.raises(RequestError, match='Task has a member with two values: "createdAt"'):
        model("Task").from_json(answer.to_json(warnings=False))
    read = model("Task").from_json(json.dumps(answer.to_dict(mode="json", warnings=False)))
    assert json.loads(read.to_json())["metadata"] == metadata
