"""The shared models around environments: classes, variables, secrets, gateways; subjects.

Knows which members each has, and which names a subject or a resource. It must not know
how JSON is read.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rbac import terms
from rbac.errors import RequestError, UnknownName
from rbac.vocabulary import Principal, ResourceType, SortOrder
from rbac.wire.formats import Id, Int32, Json, OpenEnum
from rbac.wire.model import Model


class Subject(Model):
    """Who did or may do something, as it travels (the specification's ``Subject``)."""

    id: Id | None = None
    principal: Annotated[Principal | str, OpenEnum(Principal)] | None = None

    def to_subject(self) -> terms.Subject:
        """The subject that this names; see `rbac.Subject.of`.

        Raises `RequestError` where a part is missing or unspecified, `UnknownName` for a
        principal of a newer API.
        """
        if self.principal is None or self.id is None:
            part = "principal" if self.principal is None else "id"
            raise RequestError(f"the subject has no {part}")
        if isinstance(self.principal, str):
            # Not a misspelling to be put right: whatever it means was defined elsewhere.
            raise UnknownName(Principal.noun, self.principal, ())
        return terms.Subject(self.principal, self.id)


class FieldValue(Model):
    """One setting of a configuration (the specification's ``FieldValue``)."""

    key: str | None = None
    value: str | None = None


class EnvironmentClass(Model):
    """A size and shape of environments that a runner offers (``EnvironmentClass``)."""

    id: str
    runner_id: str
    configuration: tuple[FieldValue, ...] | None = None
    description: Annotated[str, Field(min_length=3, max_length=200)] | None = None
    display_name: Annotated[str, Field(min_length=3, max_length=127)] | None = None
    enabled: bool | None = None

    def to_resource(self) -> terms.Resource:
        """The environment class as a resource; `RequestError` unless its id is a UUID."""
        return terms.Resource(ResourceType.ENVIRONMENT_CLASS, self.id)


class ProjectEnvironmentClass(Model):
    """An environment class that a project offers, and where it stands in its list.

    The specification's ``ProjectEnvironmentClass``: a fixed class, or the user's own runner.
    """

    environment_class_id: Id | None = None
    local_runner: bool | None = None
    order: Int32 | None = None


class SecretRef(Model):
    """The secret that a value comes from, by its id (the specification's ``SecretRef``)."""

    id: Id | None = None


class EnvironmentVariableSource(Model):
    """Where a variable's value comes from (``EnvironmentVariableSource``)."""

    secret_ref: SecretRef


class EnvironmentVariableItem(Model):
    """A variable and its value, literal or from a secret (``EnvironmentVariableItem``)."""

    name: Annotated[str, Field(min_length=1)] | None = None
    value: str | None = None
    value_from: EnvironmentVariableSource | None = None


class RunsOnDocker(Model):
    """The container that something runs in (the specification's ``RunsOnDocker``)."""

    environment: tuple[str, ...] | None = None
    image: Annotated[str, Field(min_length=1)] | None = None


class RunsOn(Model):
    """Where a task or service runs: a container or the machine itself (``RunsOn``)."""

    docker: RunsOnDocker | None = None
    machine: Json | None = None


class Gateway(Model):
    """An entry point to services, in some region (the specification's ``Gateway``)."""

    name: str
    url: str
    region: str | None = None


class Sort(Model):
    """By which member a listing is sorted, and how (the specification's ``Sort``)."""

    field: str | None = None
    order: Annotated[SortOrder | str, OpenEnum(SortOrder)] | None = None
