"""The specification's structs transcribed, and JSON values that fit them.

A member is written as its kind: ``!`` after it is one that must be there, ``[]`` an array.
"""

from typing import Any

from hypothesis import strategies as st

from rbac import vocabulary, wire

SHAPES: dict[str, dict[str, str]] = {
    "AutomationTrigger": {
        "beforeSnapshot": "bool",
        "manual": "bool",
        "postDevcontainerStart": "bool",
        "postEnvironmentStart": "bool",
        "postMachineStart": "bool",
        "prebuild": "bool",
    },
    "EnvironmentClass": {
        "id": "text!",
        "runnerId": "text!",
        "configuration": "FieldValue[]",
        "description": "text 3 200",
        "displayName": "text 3 127",
        "enabled": "bool",
    },
    "EnvironmentVariableItem": {
        "name": "text 1",
        "value": "text",
        "valueFrom": "EnvironmentVariableSource",
    },
    "EnvironmentVariableSource": {"secretRef": "SecretRef!"},
    "FieldValue": {"key": "text", "value": "text"},
    "Gateway": {"name": "text!", "url": "text!", "region": "text"},
    "ProjectEnvironmentClass": {
        "environmentClassId": "uuid",
        "localRunner": "bool",
        "order": "int32",
    },
    "RunsOn": {"docker": "RunsOnDocker", "machine": "any"},
    "SecretRef": {"id": "uuid"},
    "Sort": {"field": "text", "order": "SortOrder"},
    "Subject": {"id": "uuid", "principal": "Principal"},
    "Task": {
        "id": "uuid!",
        "dependsOn": "text[]",
        "environmentId": "uuid",
        "metadata": "TaskMetadata",
        "spec": "TaskSpec",
    },
    "TaskExecution": {
        "id": "uuid!",
        "metadata": "TaskExecutionMetadata",
        "spec": "TaskExecutionSpec",
        "status": "TaskExecutionStatus",
    },
    "TaskExecutionMetadata": {
        "completedAt": "time",
        "createdAt": "time",
        "creator": "Subject",
        "environmentId": "uuid",
        "startedAt": "time",
        "startedBy": "text",
        "taskId": "uuid",
    },
    "TaskExecutionSpec": {
        "desiredPhase": "TaskExecutionPhase",
        "plan": "TaskExecutionSpecPlan[]",
    },
    "TaskExecutionStatus": {
        "failureMessage": "text",
        "logUrl": "text",
        "phase": "TaskExecutionPhase",
        "statusVersion": "text",
        "steps": "TaskExecutionStatusStep[]",
    },
    "TaskMetadata": {
        "createdAt": "time",
        "creator": "Subject",
        "description": "text",
        "name": "text 1",
        "reference": "text",
        "triggeredBy": "AutomationTrigger[]",
    },
    "TaskSpec": {"command": "text", "env": "EnvironmentVariableItem[]", "runsOn": "RunsOn"},
}
"""The 18 structs of the specification, member by member."""

PARTS: dict[str, dict[str, str]] = {
    "RunsOnDocker": {"environment": "text[]", "image": "text 1"},
    "TaskExecutionSpecPlan": {"steps": "TaskExecutionSpecPlanStep[]"},
    "TaskExecutionSpecPlanStep": {
        "id": "uuid",
        "dependsOn": "text[]",
        "label": "text",
        "serviceId": "uuid",
        "task": "TaskExecutionSpecPlanStepsTask",
    },
    "TaskExecutionSpecPlanStepsTask": {"id": "uuid", "spec": "TaskSpec"},
    "TaskExecutionStatusStep": {
        "id": "uuid",
        "failureMessage": "text",
        "output": "map",
        "phase": "TaskExecutionPhase",
    },
}
"""What those consist of."""

ALL = SHAPES | PARTS
MEMBERS = [(name, member) for name, members in ALL.items() for member in members]
ID = "3f1b6c1e-0000-4000-8000-0123456789ab"


def model(name: str) -> type[wire.Model]:
    """The model of a struct."""
    found: type[wire.Model] = getattr(wire, name)
    return found


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(texts, values, max_size=3),
    max_leaves=6,
)
newer_members = st.dictionaries(
    st.sampled_from(["newer", "terminal", "@type", "a b", "to_json", "model_extra", "\u0130d"]),
    json_values,
    max_size=2,
)


@st.composite
def timestamps(draw: st.DrawFn) -> str:
    """RFC 3339 timestamps in every spelling."""
    instant = draw(st.datetimes()).isoformat(timespec="seconds")
    fraction = draw(st.just("") | st.from_regex(r"\.[0-9]{1,9}", fullmatch=True))
    zone = draw(st.from_regex(r"[Zz]|[+-](0[0-9]|1[0-3]):[0-5][0-9]", fullmatch=True))
    return f"{instant}{fraction}{zone}"


KINDS: dict[str, st.SearchStrategy[Any]] = {
    "any": json_values.filter(lambda value: value is not None),
    "bool": st.booleans(),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "map": st.dictionaries(texts, texts, max_size=3),
    "text": texts,
    "text 1": texts.map(lambda text: text or "x"),
    "text 3 127": texts.map(lambda text: text + "xyz"),
    "text 3 200": texts.map(lambda text: text + "xyz"),
    "time": timestamps(),
    "uuid": st.uuids().map(str),
}


@st.composite
def values(draw: st.DrawFn, name: str, *, newer: bool = True) -> dict[str, Any]:
    """JSON values of a struct, in any order; if `newer`, with what only a newer API has.

    The latter are members and names that the specification lacks, and nulls.
    """
    value = draw(newer_members) if newer else {}
    for member, kind in ALL[name].items():
        known = _values_of(kind.removesuffix("!"), newer)
        if not kind.endswith("!"):
            if draw(st.booleans()):
                continue
            known = st.none() | known if newer else known
        value[member] = draw(known)
    return dict(draw(st.permutations(list(value.items()))))


def _values_of(kind: str, newer: bool) -> st.SearchStrategy[Any]:
    if kind.endswith("[]"):
        return st.lists(_values_of(kind.removesuffix("[]"), newer), max_size=2)
    if kind in KINDS:
        return KINDS[kind]
    if kind in ALL:
        return values(kind, newer=newer)
    names = st.sampled_from([name.value for name in getattr(vocabulary, kind)])
    return names | texts if newer else names


SPEC = {
    "command": 'echo "a: b"\n\u00e9\U0001f600',
    "env": [
        {"name": "A", "value": ""},
        {"name": "B", "valueFrom": {"secretRef": {"id": ID}}},
    ],
    "runsOn": {"docker": {"environment": ["A=b"], "image": "alpine"}, "machine": {}},
}
TASK = {
    "id": ID,
    "dependsOn": ["build"],
    "environmentId": ID,
    "metadata": {
        "createdAt": "2024-02-29T23:59:59.123456789Z",
        "creator": {"id": ID, "principal": "PRINCIPAL_SERVICE_ACCOUNT"},
        "description": "",
        "name": "Build",
        "reference": "build",
        "triggeredBy": [{"manual": True}, {"prebuild": True}],
    },
    "spec": SPEC,
}
TASK_EXECUTION = {
    "id": ID,
    "metadata": {
        "completedAt": "2024-05-01T12:00:09.000000001+02:00",
        "createdAt": "2024-05-01T10:00:00Z",
        "creator": {"id": ID, "principal": "PRINCIPAL_USER"},
        "environmentId": ID,
        "startedAt": "2024-05-01T10:00:01.1Z",
        "startedBy": "manual",
        "taskId": ID,
    },
    "spec": {
        "desiredPhase": "TASK_EXECUTION_PHASE_SUCCEEDED",
        "plan": [
            {
                "steps": [
                    {
                        "id": ID,
                        "dependsOn": [ID],
                        "label": "build",
                        "serviceId": ID,
                        "task": {"id": ID, "spec": SPEC},
                    }
                ]
            }
        ],
    },
    "status": {
        "failureMessage": "",
        "logUrl": "https://logs.example/1",
        "phase": "TASK_EXECUTION_PHASE_RUNNING",
        "statusVersion": "17",
        "steps": [
            {
                "id": ID,
                "failureMessage": "none",
                "output": {"port": "3000", "": ""},
                "phase": "TASK_EXECUTION_PHASE_PENDING",
            }
        ],
    },
}
