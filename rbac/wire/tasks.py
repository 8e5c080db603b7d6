"""The shared models of tasks and of their executions.

Knows which members each has, and which of them are resources. It must not know how JSON is
read.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rbac import terms
from rbac.vocabulary import ResourceType, TaskExecutionPhase
from rbac.wire.environments import EnvironmentVariableItem, RunsOn, Subject
from rbac.wire.formats import Id, OpenEnum, Texts, Timestamp
from rbac.wire.model import Model

Phase = Annotated[TaskExecutionPhase | str, OpenEnum(TaskExecutionPhase)]
"""A phase, or the text of one that a newer API has."""


class AutomationTrigger(Model):
    """What starts a task or service; one member is set (``AutomationTrigger``)."""

    before_snapshot: bool | None = None
    manual: bool | None = None
    post_devcontainer_start: bool | None = None
    post_environment_start: bool | None = None
    post_machine_start: bool | None = None
    prebuild: bool | None = None


class TaskSpec(Model):
    """What a task runs, with which variables and where (the specification's ``TaskSpec``)."""

    command: str | None = None
    env: tuple[EnvironmentVariableItem, ...] | None = None
    runs_on: RunsOn | None = None


class TaskMetadata(Model):
    """Who made a task and when, what it is called and what starts it (``TaskMetadata``)."""

    created_at: Timestamp | None = None
    creator: Subject | None = None
    description: str | None = None
    name: Annotated[str, Field(min_length=1)] | None = None
    reference: str | None = None
    triggered_by: tuple[AutomationTrigger, ...] | None = None


class Task(Model):
    """Something that an environment can run (the specification's ``Task``)."""

    id: Id
    depends_on: tuple[str, ...] | None = None
    environment_id: Id | None = None
    metadata: TaskMetadata | None = None
    spec: TaskSpec | None = None

    def to_resource(self) -> terms.Resource:
        """The task as a resource; see `rbac.Resource.of`."""
        return terms.Resource(ResourceType.TASK, self.id)


class TaskExecutionMetadata(Model):
    """Who or what started an execution, of which task, where, and when.

    The specification's ``TaskExecutionMetadata``.
    """

    completed_at: Timestamp | None = None
    created_at: Timestamp | None = None
    creator: Subject | None = None
    environment_id: Id | None = None
    started_at: Timestamp | None = None
    started_by: str | None = None
    task_id: Id | None = None


class TaskExecutionSpecPlanStepsTask(Model):
    """The task that a step runs (``TaskExecutionSpecPlanStepsTask``)."""

    id: Id | None = None
    spec: TaskSpec | None = None


class TaskExecutionSpecPlanStep(Model):
    """One step of a plan: a task or a service (``TaskExecutionSpecPlanStep``)."""

    id: Id | None = None
    depends_on: tuple[str, ...] | None = None
    label: str | None = None
    service_id: Id | None = None
    task: TaskExecutionSpecPlanStepsTask | None = None


class TaskExecutionSpecPlan(Model):
    """Steps that run at the same time (the specification's ``TaskExecutionSpecPlan``)."""

    steps: tuple[TaskExecutionSpecPlanStep, ...] | None = None


class TaskExecutionSpec(Model):
    """What an execution should do, and how far it should come (``TaskExecutionSpec``)."""

    desired_phase: Phase | None = None
    plan: tuple[TaskExecutionSpecPlan, ...] | None = None


class TaskExecutionStatusStep(Model):
    """How far one step has come, and what it gave (``TaskExecutionStatusStep``)."""

    id: Id | None = None
    failure_message: str | None = None
    output: Texts | None = None
    phase: Phase | None = None


class TaskExecutionStatus(Model):
    """How far an execution has come, as a whole and by step (``TaskExecutionStatus``)."""

    failure_message: str | None = None
    log_url: str | None = None
    phase: Phase | None = None
    status_version: str | None = None
    steps: tuple[TaskExecutionStatusStep, ...] | None = None


class TaskExecution(Model):
    """One run of a task (the specification's ``TaskExecution``)."""

    id: Id
    metadata: TaskExecutionMetadata | None = None
    spec: TaskExecutionSpec | None = None
    status: TaskExecutionStatus | None = None

    def to_resource(self) -> terms.Resource:
        """The task execution as a resource; see `rbac.Resource.of`."""
        return terms.Resource(ResourceType.TASK_EXECUTION, self.id)
