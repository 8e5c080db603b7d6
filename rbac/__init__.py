"""Role-based access control for the role model of the Ona API: exact, in process, explained.

The public names, and nothing else. Importing this reads no policy and loads neither
Casbin nor pydantic.
"""

from rbac.authorizer import Authorizer, default
from rbac.errors import (
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
from rbac.terms import Decision, Question, Reason, Resource, Subject
from rbac.vocabulary import (
    Action,
    ErrorCode,
    OrganizationRole,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

check = default.check
explain = default.explain

__all__ = [
    "Action",
    "Authorizer",
    "Change",
    "Decision",
    "DirectoryRequired",
    "EnforcerError",
    "ErrorCode",
    "Explanation",
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
