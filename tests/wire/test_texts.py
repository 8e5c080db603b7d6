"""JSON texts: what is refused, and what is said of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import RequestError, wire
from tests.strategies import examples
from tests.wire.shapes import ID, TASK, TASK_EXECUTION, model, values
from tests.wire.test_models import same

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "Subject is not JSON: EOF while parsing a value at line 1 column 0"),
    "no JSON": ("{'id': 1}", "Subject is not JSON: key must be a string at line 1 column 2"),
    "cut": ('{"id":', "Subject is not JSON: EOF while parsing"),
    "more than one": ("{} {}", "Subject is not JSON: trailing characters"),
    "byte order mark": (b"\xef\xbb\xbf{}", "Subject is not JSON: expected value"),
    "UTF-16": ("{}".encode("utf-16"), "Subject is not JSON: expected value"),
    "no UTF-8": (b'{"newer": "\xff"}', "Subject is not JSON: invalid unicode code point"),
    "overlong UTF-8": (b'{"newer": "\xc0\xaf"}', "Subject is not JSON: invalid unicode"),
    "surrogate in bytes": (b'{"newer": "\xed\xa0\x80"}', "Subject is not JSON: invalid unicode"),
    "surrogate": ('{"newer": "\ud800"}', "Subject is not JSON: a lone surrogate"),
    "escaped surrogate": ('{"newer": "\\ud800"}', "Subject is not JSON: unexpected end of hex"),
    "control character": ('{"newer": "\n"}', "Subject is not JSON: control character"),
    "comma": ('{"id": null,}', "Subject is not JSON: trailing comma"),
    "NaN": ('{"newer": NaN}', "Subject.newer is or holds a number that is not finite"),
    "Infinity": ('{"newer": [Infinity]}', "Subject.newer is or holds a number that"),
    "-Infinity": ('{"newer": {"a": -Infinity}}', "Subject.newer is or holds a number that"),
    "beyond doubles": ('{"newer": 1e999}', "Subject.newer is or holds a number that"),
    "NaN for a text": ('{"id": NaN}', "Subject.id must be a string, not a number"),
    "too deep": ('{"newer": ' + "[" * 999 + "]" * 999 + "}", "Subject is not JSON: recursion"),
    "too long": ('{"newer": ' + "1" * 5000 + "}", "Subject is not JSON: number out of range"),
    "array": ("[]", "Subject must be an object, not an array"),
    "null": ("null", "Subject must be an object, not null"),
    "string": ('"{}"', "Subject must be an object, not a string"),
    "twice": (f'{{"id": "{ID}", "id": null}}', 'Subject has a member with two values: "id"'),
    "unknown twice": ('{"new": 1, "new": 2}', 'Subject has a member with two values: "new"'),
    "within": ('{"new": [{"a": 1, "a": 2}]}', 'Subject has a member with two values: "a"'),
    "in both": (
        '{"new": {"a": 1}, "new": {"a": 1, "b": 1}}',
        'Subject has a member with two values: "new"',
    ),
    "without a name": ('{"": 1, "": 2}', 'Subject has a member with two values: ""'),
    "1 and 1.0": ('{"a": 1, "a": 1.0}', 'Subject has a member with two values: "a"'),
    "1 and a text": ('{"a": 1, "a": "1"}', 'Subject has a member with two values: "a"'),
    "1 and true": ('{"a": 1, "a": true}', 'Subject has a member with two values: "a"'),
    "12 and digits": ('{"a": 12, "a": ["1", "2"]}', 'Subject has a member with two values: "a"'),
    "0 and false": ('{"a": false, "a": 0}', 'Subject has a member with two values: "a"'),
    "escaped": ('{"new": 1, "ne\\u0077": 2}', 'Subject has a member with two values: "new"'),
    "a colon to make up": (
        '{"a": 1, "a": 2, "b": "\\u003a"}',
        'Subject has a member with two values: "a"',
    ),
    "a capital colon to make up": (
        '{"a": 1, "a": 2, "b": "\\u003A"}',
        'Subject has a member with two values: "a"',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_text_that_two_readers_could_take_apart_is_refused(case: str) -> None:
    """What is not JSON, or not certainly one value, is refused in one sentence."""
    text, said = REFUSED[case]
    with pytest.raises(RequestError) as caught:
        wire.Subject.from_json(text)
    assert str(caught.value).startswith(said)
    assert str(caught.value).isprintable()


@given(st.data())
@examples(200)
def test_a_member_with_two_values_is_always_seen(data: st.DataObject) -> None:
    """However a text is written, a member that stands in it with two values is found."""
    text = json.dumps(data.draw(values("TaskExecution")), ensure_ascii=data.draw(st.booleans()))
    places = [place for place, letter in enumerate(text, 1) if letter == "{"]
    place = data.draw(st.sampled_from(places))
    if _within_a_string(text, place):
        return
    name = data.draw(st.sampled_from(['"twin"', '"twi\\u006e"', '"\\u0074win"']))
    one, other = data.draw(st.permutations(["1", '"\\u003a"', '":"', "{}", '{"twin": 1}']))[:2]
    if {one, other} == {'"\\u003a"', '":"'}:
        return
    rest = "" if text[place:].lstrip().startswith("}") else ","
    single = f'{text[:place]} "twin" : {one}{rest}{text[place:]}'
    if _is_map(json.loads(single)):
        return
    wire.TaskExecution.from_json(single)
    with pytest.raises(RequestError, match='has a member with two values: "twin"'):
        wire.TaskExecution.from_json(
            f'{text[:place]} "twin" : {one}, {name}: {other}{rest}{text[place:]}'
        )


@pytest.mark.parametrize("value", [TASK, TASK_EXECUTION], ids=["task", "task execution"])
def test_a_member_that_is_only_repeated_is_taken_once(value: Any) -> None:
    """A member that occurs twice with one value means the same to every reader."""
    name = "Task" if value is TASK else "TaskExecution"
    text = json.dumps(value)
    members = text.removeprefix("{").removesuffix("}")
    read = model(name).from_json(f"{{{members}, {members}}}")
    assert read == model(name).from_json(text)
    assert same(json.loads(read.to_json()), value)


def _within_a_string(text: str, place: int) -> bool:
    """Whether the character before `place` is part of a string."""
    return text[:place].replace("\\\\", "").replace('\\"', "").count('"') % 2 == 1


def _is_map(execution: Any) -> bool:
    """Whether the member went into an output, which holds strings only."""
    steps = (execution.get("status") or {}).get("steps") or []
    return any("twin" in (step.get("output") or {}) for step in steps)


def test_one_sentence_for_each_problem() -> None:
    """All problems of a text are told at once, each with its place."""
    value = TASK | {
        "id": "me",
        "dependsOn": ["a", 1],
        "metadata": {"createdAt": "yesterday", "name": "", "triggeredBy": [{"manual": 1}]},
        "spec": {"env": [{"valueFrom": {}}], "runsOn": []},
    }
    with pytest.raises(RequestError) as caught:
        wire.Task.from_json(json.dumps(value))
    assert str(caught.value).splitlines() == [
        'Task.id "me" is not a canonical lower-case UUID',
        "Task.dependsOn[1] must be a string, not an integer",
        'Task.metadata.createdAt "yesterday" is not an RFC 3339 timestamp',
        "Task.metadata.name must have at least 1 character, not 0",
        "Task.metadata.triggeredBy[0].manual must be a boolean, not an integer",
        "Task.spec.env[0].valueFrom.secretRef is missing",
        "Task.spec.runsOn must be an object, not an array",
    ]


def test_sentences_name_lengths_and_ranges() -> None:
    """A text of a wrong length and a number out of range are told what was allowed."""
    with pytest.raises(RequestError) as caught:
        wire.EnvironmentClass.from_json(
            json.dumps({"id": "", "runnerId": "", "description": "a" * 201, "displayName": "a"})
        )
    assert str(caught.value).splitlines() == [
        "EnvironmentClass.description must have at most 200 characters, not 201",
        "EnvironmentClass.displayName must have at least 3 characters, not 1",
    ]
    with pytest.raises(RequestError, match=r"order must be an integer of 32 bits$"):
        wire.ProjectEnvironmentClass.from_json('{"order": 2147483648}')


def test_a_place_and_a_value_are_shown_on_one_line() -> None:
    """Names and values that a stranger wrote cannot break a message into two."""
    text = json.dumps({"output": {"a\nb": 1}, "id": "\x1b[31m" + "x" * 999})
    with pytest.raises(RequestError) as caught:
        wire.TaskExecutionStatusStep.from_json(text)
    first, second = str(caught.value).splitlines()
    assert first.startswith('TaskExecutionStatusStep.id "\\x1b[31mxxx')
    assert first.endswith('..." is not a canonical lower-case UUID')
    assert second.endswith('.output["a\\nb"] must be a string, not an integer')


def test_a_message_never_shows_what_may_be_secret() -> None:
    """The value of a variable, which may be a secret's, is in no message and no traceback."""
    text = '{"name": "", "value": ["hunter2"]}'
    with pytest.raises(RequestError) as caught:
        wire.EnvironmentVariableItem.from_json(text)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__
    with pytest.raises(ValueError, match="2 validation errors") as built:
        wire.EnvironmentVariableItem(name="", value=["hunter2"])  # type: ignore[arg-type]
    assert "hunter2" not in str(built.value)


@pytest.mark.parametrize("text", [None, {}, 1, bytearray(b"{}"), memoryview(b"{}")])
def test_only_texts_are_read(text: Any) -> None:
    """Anything but a string or bytes is a wrong type."""
    with pytest.raises(TypeError, match="JSON is bytes or a string, not"):
        wire.Subject.from_json(text)


@given(st.binary(max_size=40) | st.text(max_size=40))
@examples(200)
def test_any_text_is_read_or_refused(text: bytes | str) -> None:
    """Of any text comes a model that is written alike, or a `RequestError`."""
    try:
        read = wire.Subject.from_json(text)
    except RequestError:
        return
    assert same(json.loads(read.to_json()), json.loads(text))
