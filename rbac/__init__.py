"""Role-based access control for the role model of the Ona API: exact, in process, explained.

The public names, and nothing else. Importing this reads no policy and loads neither
Casbin nor pydantic.
"""

from rbac import light
from rbac.authorizer import Authorizer, default
from rbac.decision import AccessDenied, Decision, Hold, Reason
from rbac.errors import (
    DirectoryError,
    DirectoryRequired,
    EnforcerError,
    PolicyError,
    Problem,
    RbacError,
    RequestError,
    UnknownName,
)
from rbac.explain import Change, Explanation
from rbac.policy import Policy
from rbac.terms import Credential, InstanceQuestion, Question, Resource, Subject
from rbac.vocabulary import (
    Action,
    ErrorCode,
    OrganizationRole,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

if light.TYPE_CHECKING:
    from rbac.constraints import Constraints
    from rbac.directory import Directory
    from rbac.granting import Granting
    from rbac.session import Session, create_session

check = default.check
explain = default.explain

__all__ = [
    "AccessDenied",
    "Action",
    "Authorizer",
    "Change",
    "Constraints",
    "Credential",
    "Decision",
    "Directory",
    "DirectoryError",
    "DirectoryRequired",
    "EnforcerError",
    "ErrorCode",
    "Explanation",
    "Granting",
    "Hold",
    "InstanceQuestion",
    "OrganizationRole",
    "Policy",
    "PolicyError",
    "Principal",
    "Problem",
    "Question",
    "RbacError",
    "Reason",
    "RequestError",
    "Resource",
    "ResourceRole",
    "ResourceType",
    "Session",
    "Subject",
    "UnknownName",
    "UserStatus",
    "check",
    "create_session",
    "explain",
]

_LATER = {
    "Constraints": "rbac.constraints",
    "Directory": "rbac.directory",
    "Granting": "rbac.granting",
    "Session": "rbac.session",
    "create_session": "rbac.session",
}
"""What questions about kinds never need, and where it is."""


def __getattr__(name: str) -> object:
    """Imports what is only needed for questions about somebody, when it is asked for."""
    if name in _LATER:
        from importlib import import_module

        found: object = getattr(import_module(_LATER[name]), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
