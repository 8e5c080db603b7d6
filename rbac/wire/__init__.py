"""The shared models of the API as they travel: the specification's 18 structs and their parts.

Every one is a `Model`, read by ``from_json`` and written back by ``to_json``. They must not
know what any role may do. Importing this loads pydantic, which ``import rbac`` does not.
"""

from rbac.wire.environments import (
    EnvironmentClass,
    EnvironmentVariableItem,
    EnvironmentVariableSource,
    FieldValue,
    Gateway,
    ProjectEnvironmentClass,
    RunsOn,
    RunsOnDocker,
    SecretRef,
    Sort,
    Subject,
)
from rbac.wire.formats import Timestamp
from rbac.wire.model import Model
from rbac.wire.tasks import (
    AutomationTrigger,
    Task,
    TaskExecution,
    TaskExecutionMetadata,
    TaskExecutionSpec,
    TaskExecutionSpecPlan,
    TaskExecutionSpecPlanStep,
    TaskExecutionSpecPlanStepsTask,
    TaskExecutionStatus,
    TaskExecutionStatusStep,
    TaskMetadata,
    TaskSpec,
)

__all__ = [
    "AutomationTrigger",
    "EnvironmentClass",
    "EnvironmentVariableItem",
    "EnvironmentVariableSource",
    "FieldValue",
    "Gateway",
    "Model",
    "ProjectEnvironmentClass",
    "RunsOn",
    "RunsOnDocker",
    "SecretRef",
    "Sort",
    "Subject",
    "Task",
    "TaskExecution",
    "TaskExecutionMetadata",
    "TaskExecutionSpec",
    "TaskExecutionSpecPlan",
    "TaskExecutionSpecPlanStep",
    "TaskExecutionSpecPlanStepsTask",
    "TaskExecutionStatus",
    "TaskExecutionStatusStep",
    "TaskMetadata",
    "TaskSpec",
    "Timestamp",
]
