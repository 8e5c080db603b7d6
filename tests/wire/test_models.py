"""The shared models: complete, strict, frozen, and written back as they were read."""

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import RequestError, vocabulary, wire
from rbac.vocabulary import Name, Principal, TaskExecutionPhase
from tests.strategies import examples
from tests.wire.shapes import (
    ALL,
    ID,
    MEMBERS,
    PARTS,
    SHAPES,
    TASK,
    TASK_EXECUTION,
    model,
    values,
)


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal, for which Python takes 1, 1.0 and True together."""
    return repr(_sorted(one)) == repr(_sorted(other))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return [(key, _sorted(value[key])) for key in sorted(value)]
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def refusal(name: str, value: object) -> str:
    """What is said of a JSON value, or a text, that is refused."""
    text = value if isinstance(value, bytes | str) else json.dumps(value)
    with pytest.raises(RequestError) as caught:
        model(name).from_json(text)
    return str(caught.value)


def least(name: str) -> dict[str, Any]:
    """The smallest value of a struct."""
    needed: dict[str, Any] = {"uuid!": ID, "text!": "text", "SecretRef!": {}}
    return {member: needed[kind] for member, kind in ALL[name].items() if kind in needed}


def test_all_structs_of_the_specification_are_here() -> None:
    """There are 18 structs, and the package exports them, their parts and nothing else."""
    assert len(SHAPES) == 18
    assert set(wire.__all__) == {*SHAPES, *PARTS, "Model", "Timestamp"}


@pytest.mark.parametrize("name", ALL)
def test_members_are_those_of_the_specification(name: str) -> None:
    """Each model has the members of its struct, in order, and demands the ones it demands."""
    fields = {str(field.alias): field for field in model(name).model_fields.values()}
    assert sorted(fields) == sorted(ALL[name])
    for member, kind in ALL[name].items():
        assert fields[member].is_required() == kind.endswith("!")


@pytest.mark.parametrize("name", ALL)
def test_attributes_are_snake_case(name: str) -> None:
    """An attribute is called as its member, in lower case with underscores."""
    for attribute, field in model(name).model_fields.items():
        words = "".join(f"_{c.lower()}" if c.isupper() else c for c in str(field.alias))
        assert attribute == words


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
@examples(40)
def test_what_was_read_is_written_back(name: str, data: st.DataObject) -> None:
    """Every JSON value of a struct, whatever a newer API adds, comes back equal."""
    value = data.draw(values(name))
    read = model(name).from_json(json.dumps(value))
    assert same(json.loads(read.to_json()), value)
    assert model(name).from_json(read.to_json()) == read


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
@examples(20)
def test_any_spelling_of_the_text_is_read(name: str, data: st.DataObject) -> None:
    """Blanks, escapes and bytes instead of a string make no difference."""
    value = data.draw(values(name))
    read = model(name).from_json(json.dumps(value, separators=(",", ":")))
    spread = json.dumps(value, indent=2, ensure_ascii=False, separators=(" , ", "\t:\r\n"))
    assert model(name).from_json(spread) == read
    assert model(name).from_json(spread.encode()) == read


def test_members_are_read_as_attributes() -> None:
    """Values are those of the text: arrays as tuples, known names as members."""
    task = wire.Task.from_json(json.dumps(TASK))
    assert task.id == task.environment_id == ID
    assert task.depends_on == ("build",)
    assert task.metadata
    assert task.metadata.creator == wire.Subject(id=ID, principal=Principal.SERVICE_ACCOUNT)
    assert task.metadata.triggered_by
    assert task.metadata.triggered_by[0].manual is True
    assert task.metadata.triggered_by[0].prebuild is None
    execution = wire.TaskExecution.from_json(json.dumps(TASK_EXECUTION))
    assert execution.status
    assert execution.status.phase is TaskExecutionPhase.RUNNING
    assert execution.status.steps
    assert execution.status.steps[0].output == {"port": "3000", "": ""}


def test_absent_and_null_stay_apart() -> None:
    """Both read as None; what was absent stays absent, what was null stays null."""
    absent, null = wire.Subject.from_json("{}"), wire.Subject.from_json('{"id": null}')
    assert absent.id is None
    assert null.id is None
    assert absent.to_json() == "{}"
    assert null.to_json() == '{"id":null}'


WRONG: dict[str, list[Any]] = {
    "any": [],
    "bool": [0, 1, "true", "", [], {}],
    "int32": ["1", 1.0, 1.5, True, 2**31, -(2**31) - 1, 10**30, []],
    "map": [[], "a", {"a": 1}, {"a": None}, {"a": ["b"]}],
    "text": [1, True, 1.5, [], {}],
    "text 1": ["", 1],
    "text 3 127": ["", "ab", "\U0001f600" * 2, "a" * 128, "\U0001f600" * 128, 1],
    "text 3 200": ["", "ab", "a" * 201, 1],
    "time": [1, 1714557600, "", "now", "2024-05-01", "2024-05-01T10:00:00", {}],
    "uuid": [1, "", ID.upper(), ID.replace("-", ""), f"{ID}\n", f" {ID}", f"{{{ID}}}", ID[:-1]],
}


def wrong_values(kind: str) -> list[Any]:
    """Values that a member of some kind must not have."""
    kind = kind.removesuffix("!")
    if kind.endswith("[]"):
        items = [[value] for value in wrong_values(kind.removesuffix("[]"))]
        return [*items, [None], {}, "a", 1]
    if kind in WRONG:
        return WRONG[kind]
    return [[], "a", 1, True] if kind in ALL else [1, True, [], {}]


@pytest.mark.parametrize(("name", "member"), MEMBERS)
def test_nothing_is_coerced(name: str, member: str) -> None:
    """A value of the wrong type, form, size or length is refused, and the member is named."""
    kind = ALL[name][member]
    for value in wrong_values(kind):
        said = refusal(name, least(name) | {member: value})
        assert said.startswith(f"{name}.{member}"), said
        assert "\n" not in said
    if kind.endswith("!"):
        assert refusal(name, least(name) | {member: None}).startswith(f"{name}.{member} must be")
        rest = {other: value for other, value in least(name).items() if other != member}
        assert refusal(name, rest) == f"{name}.{member} is missing"


@pytest.mark.parametrize(
    ("member", "length"),
    [("displayName", 3), ("displayName", 127), ("description", 3), ("description", 200)],
)
def test_lengths_are_counted_in_characters(member: str, length: int) -> None:
    """A text is as long as it has characters, however many bytes they take."""
    value = least("EnvironmentClass") | {member: "\U0001f600" * length}
    assert same(json.loads(wire.EnvironmentClass.from_json(json.dumps(value)).to_json()), value)


@pytest.mark.parametrize("number", [-(2**31), -1, 0, 2**31 - 1])
def test_every_32_bit_integer_is_taken(number: int) -> None:
    """The ends of the range belong to it."""
    read = wire.ProjectEnvironmentClass.from_json(f'{{"order": {number}}}')
    assert read.order == number


@pytest.mark.parametrize(
    ("name", "member"),
    [(name, member) for name, member in MEMBERS if hasattr(vocabulary, ALL[name][member])],
)
def test_names_of_a_newer_api_are_kept_as_text(name: str, member: str) -> None:
    """A name that an enum does not have stays text, and is written back."""
    for text in ("NEWER", "", "user", "principal_user", "sort_order_asc"):
        read = model(name).from_json(json.dumps(least(name) | {member: text}))
        assert json.loads(read.to_json())[member] == text
        assert text in vars(read).values()
        assert not any(isinstance(value, Name) for value in vars(read).values())


def test_members_of_a_newer_api_are_kept() -> None:
    """They are in `model_extra`, are written back, and none of them hides a method."""
    text = json.dumps(TASK | {"to_resource": 1, "newer": {"a": [1, {"b": None}]}})
    task = wire.Task.from_json(text)
    assert dict(task.model_extra) == {"to_resource": 1, "newer": {"a": (1, {"b": None})}}
    assert same(json.loads(task.to_json()), json.loads(text))
    assert task.to_resource().id == ID


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"environment_id": ID}, 'Task.environment_id is called "environmentId" on the wire'),
        (
            {"environment_id": ID, "environmentId": ID},
            'Task.environment_id is called "environmentId" on the wire',
        ),
        ({"log_url": ""}, 'Task.log_url is called "logUrl" on the wire'),
    ],
)
def test_an_attribute_is_not_how_the_wire_calls_a_member(given: Any, said: str) -> None:
    """The snake_case name could hide another value from a reader that takes both."""
    assert refusal("Task", {"id": ID} | given) == said


@pytest.mark.parametrize("name", ALL)
def test_models_cannot_be_changed(name: str) -> None:
    """No attribute of a model can be set or deleted, nor one be added."""
    read = model(name).from_json(json.dumps(least(name)))
    for attribute in (*type(read).model_fields, "newer"):
        with pytest.raises(ValueError, match="frozen"):
            setattr(read, attribute, None)
        with pytest.raises(ValueError, match="frozen"):
            delattr(read, attribute)


CHANGES: list[tuple[Any, ...]] = [
    ("__setitem__", "a", "c"),
    ("__delitem__", "a"),
    ("__ior__", {"a": "c"}),
    ("update", {"a": "c"}),
    ("setdefault", "d", "c"),
    ("pop", "a"),
    ("popitem",),
    ("clear",),
]


def test_nothing_inside_a_model_can_be_changed() -> None:
    """Arrays are tuples, and objects refuse every change."""
    step = wire.TaskExecutionStatusStep.from_json('{"output": {"a": "b"}, "newer": [{"c": 1}]}')
    assert step.output
    inner: Any = step.model_extra["newer"][0]
    for inside in (step.output, inner):
        for method, *arguments in CHANGES:
            with pytest.raises(TypeError, match="cannot be changed"):
                getattr(inside, method)(*arguments)
    with pytest.raises(TypeError):
        step.model_extra["newer"] = 1  # type: ignore[index]
    assert step.to_json() == '{"output":{"a":"b"},"newer":[{"c":1}]}'


@pytest.mark.parametrize("value", [TASK, TASK_EXECUTION], ids=["task", "task execution"])
def test_models_are_values(value: Any) -> None:
    """Equal texts make equal models of one hash, which survive copies and pickles."""
    name = "Task" if value is TASK else "TaskExecution"
    text = json.dumps(value | {"newer": {"a": [1, {}]}})
    read = model(name).from_json(text)
    assert read == model(name).from_json(text)
    assert len({read, model(name).from_json(text)}) == 1
    assert read != model(name).from_json(json.dumps(value))
    for other in (copy.copy(read), copy.deepcopy(read), pickle.loads(pickle.dumps(read))):  # noqa: S301
        assert other == read
        assert other.to_json() == read.to_json()


def test_models_are_built_by_attribute_names() -> None:
    """In Python a model takes snake_case names and members of enums, or their wire values."""
    built = wire.TaskExecutionStatus(
        log_url="https://logs.example",
        phase=TaskExecutionPhase.FAILED,
        steps=(wire.TaskExecutionStatusStep(phase="TASK_EXECUTION_PHASE_STOPPED"),),
    )
    assert built.steps
    assert built.steps[0].phase is TaskExecutionPhase.STOPPED
    assert json.loads(built.to_json()) == {
        "logUrl": "https://logs.example",
        "phase": "TASK_EXECUTION_PHASE_FAILED",
        "steps": [{"phase": "TASK_EXECUTION_PHASE_STOPPED"}],
    }


@pytest.mark.parametrize(
    "arguments",
    [
        {"principal": TaskExecutionPhase.FAILED},
        {"principal": 1},
        {"id": ID.upper()},
        {"newer": float("inf")},
        {"newer": {1: 2}},
        {"newer": object()},
        {"log_url": "of another model"},
    ],
)
def test_models_are_checked_when_they_are_built(arguments: Any) -> None:
    """Building one in Python is as strict as reading it, and refuses what is no JSON."""
    with pytest.raises(ValueError, match="1 validation error"):
        wire.Subject(**arguments)
