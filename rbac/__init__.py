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
    from rbac.directory import Directory

check = default.check
explain = default.explain

__all__ = [
    "AccessDenied",
    "Action",
    "Authorizer",
    "Change",
    "Credential",
    "Decision",
    "Directory",
    "DirectoryError",
    "DirectoryRequired",
    "EnforcerError",
    "ErrorCode",
    "Explanation",
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
    "Subject",
    "UnknownName",
    "UserStatus",
    "check",
    "explain",
]


def __getattr__(name: str) -> object:
    """`Directory`, imported when somebody asks for it: questions about kinds need none."""
    if name == "Directory":
        from rbac.directory import Directory

        globals()[name] = Directory
        return Directory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
