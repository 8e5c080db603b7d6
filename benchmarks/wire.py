"""Reading task executions from JSON: the shared models, and plain pydantic on the same fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, create_model
from pydantic.alias_generators import to_camel

from benchmarks.measurement import Figure, Measurement, Scale, interleave, measured, timer
from rbac.vocabulary import Principal, TaskExecutionPhase
from rbac.wire import TaskExecution

FIGURE = Figure("ratio", "<=", 2)
"""No fewer than half as many in the same time."""

_ID = "3f1b6c1e-0000-4000-8000-0123456789ab"


def parsing(scale: Scale) -> Iterator[Measurement]:
    """Task executions read from JSON text, over plain pydantic models of the same fields."""
    texts = [_text(number) for number in range(scale.texts)]
    readers: dict[str, Callable[[bytes], object]] = {
        "rbac.wire, a task execution": TaskExecution.from_json,
        "plain pydantic": _plain(UUID).model_validate_json,
        "plain pydantic, ids as any text": _plain(str).model_validate_json,
    }
    timers = {name: timer(len(texts), _read, reader, texts) for name, reader in readers.items()}
    ours, plain, loose = interleave(timers, scale.text_rounds).values()
    note = f"{scale.text_rounds * len(texts):,} texts each, of {len(texts[0]):,} bytes"
    yield measured(ours, "us", plain, figure=FIGURE, note=note)
    yield measured(ours, "us", loose, name=f"{ours.name}, over ids as any text")


def _read(reader: Callable[[bytes], object], texts: Iterable[bytes]) -> None:
    for text in texts:
        reader(text)


def _plain(id: type) -> type[BaseModel]:
    """A task execution as somebody would declare it who knows its fields and pydantic."""
    plan = _plain_plan(id)
    subject = _model("Subject", id=id, principal=Principal)
    outcome = _model(
        "TaskExecutionStatusStep",
        id=id,
        failure_message=str,
        output=dict[str, str],
        phase=TaskExecutionPhase,
    )
    return _model(
        "TaskExecution",
        id=id,
        metadata=_model(
            "TaskExecutionMetadata",
            completed_at=datetime,
            created_at=datetime,
            creator=subject,
            environment_id=id,
            started_at=datetime,
            started_by=str,
            task_id=id,
        ),
        spec=_model("TaskExecutionSpec", desired_phase=TaskExecutionPhase, plan=list[plan]),  # type: ignore[valid-type]
        status=_model(
            "TaskExecutionStatus",
            failure_message=str,
            log_url=str,
            phase=TaskExecutionPhase,
            status_version=str,
            steps=list[outcome],  # type: ignore[valid-type]
        ),
    )


def _model(name: str, /, **fields: Any) -> type[BaseModel]:
    """A model whose fields may all be missing."""
    config = ConfigDict(alias_generator=to_camel)
    optional: dict[str, Any] = {key: (kind | None, None) for key, kind in fields.items()}
    made: type[BaseModel] = create_model(name, __config__=config, **optional)
    return made


def _plain_plan(id: type) -> type[BaseModel]:
    """What a task execution is to do."""
    secret = _model("EnvironmentVariableSource", secret_ref=_model("SecretRef", id=id))
    variable = _model("EnvironmentVariableItem", name=str, value=str, value_from=secret)
    docker = _model("RunsOnDocker", environment=list[str], image=str)
    runs_on = _model("RunsOn", docker=docker, machine=dict[str, Any])
    spec = _model("TaskSpec", command=str, env=list[variable], runs_on=runs_on)  # type: ignore[valid-type]
    task = _model("TaskExecutionSpecPlanStepsTask", id=id, spec=spec)
    step = _model("Step", id=id, depends_on=list[str], label=str, service_id=id, task=task)
    return _model("TaskExecutionSpecPlan", steps=list[step])  # type: ignore[valid-type]


def _text(number: int) -> bytes:
    """The text of a task execution with every field; no two numbers make the same."""
    id = f"{number:08x}{_ID[8:]}"
    steps = _steps(id)
    value = {
        "id": id,
        "metadata": {
            "completedAt": "2024-05-01T10:00:09.123456789Z",
            "createdAt": f"2024-05-01T10:00:00.{number:09}Z",
            "creator": {"id": id, "principal": Principal.USER.value},
            "environmentId": id,
            "startedAt": "2024-05-01T10:00:01Z",
            "startedBy": "manual",
            "taskId": id,
        },
        "spec": {
            "desiredPhase": TaskExecutionPhase.SUCCEEDED.value,
            "plan": [{"steps": steps[:1]}, {"steps": steps[1:]}],
        },
        "status": {
            "failureMessage": "",
            "logUrl": f"https://logs.example/{number}",
            "phase": TaskExecutionPhase.RUNNING.value,
            "statusVersion": str(number),
            "steps": [
                {"id": id, "output": {"port": "3000"}, "phase": TaskExecutionPhase.SUCCEEDED.value},
                {"id": id, "failureMessage": "", "phase": TaskExecutionPhase.RUNNING.value},
            ],
        },
    }
    return json.dumps(value, separators=(",", ":")).encode()


def _steps(id: str) -> list[dict[str, object]]:
    """The steps of a plan, as they travel."""
    variables = [
        {"name": "CI", "value": "true"},
        {"name": "TOKEN", "valueFrom": {"secretRef": {"id": id}}},
    ]
    task = {
        "id": id,
        "spec": {
            "command": "make all",
            "env": variables,
            "runsOn": {"docker": {"environment": ["A=b"], "image": "alpine"}, "machine": {}},
        },
    }
    return [
        {"id": id, "dependsOn": [id], "label": "build", "task": task},
        {"id": id, "label": "serve", "serviceId": id},
    ]
