"""What callers pass, checked: questions from arguments of any type, or an error.

Knows which types and names make a question, and that no value is mended. It must not know
who answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from rbac.terms import (
    Credential,
    InstanceQuestion,
    NewResource,
    Question,
    Resource,
    Subject,
    specified,
)
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

_SOMETHING = (Resource, NewResource)  # a union is built, and tried, each time


def is_about_somebody(subject: object, resource: object) -> bool:
    """Whether a question is of the instances form, or tries to be."""
    return isinstance(subject, Subject) or isinstance(resource, _SOMETHING)


def kinds(subject: object, role: object, resource: object, action: object, own: object) -> Question:
    """A question of the kinds form; raises `TypeError` or `RequestError` for any other."""
    if not isinstance(own, bool):
        raise TypeError(f"own must be True or False, not {type(own).__name__}")
    asked = specified("role", role, ResourceRole)
    does = None if action is None else specified("action", action, Action)
    principal = specified("subject", subject, Principal)
    kind = specified("resource", resource, ResourceType)
    return Question(principal, asked, kind, does, own)


def instance(
    subject: object,
    role: object,
    resource: object,
    action: object,
    own: object,
    credential: object,
    *,
    any_role: bool = False,
) -> InstanceQuestion:
    """A question about somebody in a role; raises `TypeError` or `RequestError`.

    With `any_role`, the role may be None.
    """
    if not (isinstance(subject, Subject) and isinstance(resource, _SOMETHING)):
        raise TypeError(
            "subject and resource must both be kinds (a Principal, a ResourceType) or both "
            f"be somebody and something, not {type(subject).__name__} and "
            f"{type(resource).__name__}"
        )
    if own is not False:
        raise TypeError("own is worked out for a subject and a resource; do not pass it")
    acting = None if any_role and role is None else specified("role", role, ResourceRole)
    does = None if action is None else specified("action", action, Action)
    return InstanceQuestion(subject, acting, resource, does, _credential(credential))


def any_role(
    subject: object, action: object, resource: object, credential: object
) -> InstanceQuestion:
    """A question about somebody in any role; the subject may be None."""
    if subject is not None and not isinstance(subject, Subject):
        raise TypeError(f"subject must be a Subject, not {type(subject).__name__}")
    if not isinstance(resource, _SOMETHING):
        raise TypeError(f"resource must be a Resource, not {type(resource).__name__}")
    does = specified("action", action, Action)
    return InstanceQuestion(subject, None, resource, does, _credential(credential))


def somebody(subject: object, credential: object) -> None:
    """Raises `TypeError` unless these are a subject and a credential, or none."""
    if not isinstance(subject, Subject):
        raise TypeError(f"subject must be a Subject, not {type(subject).__name__}")
    _credential(credential)


def parts(request: Sequence[object], fewest: int, most: int) -> list[object]:
    """The parts of a request that is given as a sequence."""
    if isinstance(request, str | bytes) or not hasattr(request, "__len__"):
        raise TypeError(f"a request is a sequence, not {type(request).__name__}")
    if not fewest <= len(request) <= most:
        raise TypeError(f"a request has {fewest} to {most} parts, not {len(request)}")
    return list(request)


def _credential(credential: object) -> Credential | None:
    if credential is not None and not isinstance(credential, Credential):
        raise TypeError(f"credential must be a Credential, not {type(credential).__name__}")
    return credential
