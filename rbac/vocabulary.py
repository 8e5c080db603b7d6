"""The names of the role model: every enum of the given specification, and the actions.

Knows each name in its three spellings (the wire value, the member's name, and the short
name: the member's name in lower case) and how to parse one strictly. It must not know
what any role may do.

The members, their values and their order are those of the given shared-models
specification, whose generation the published client ``gitpod-sdk==0.11.0`` shares; a test
compares the two. `Action` is ours: the closed set of verbs that ``policies/catalogue.csv``
uses.
"""

from __future__ import annotations

import enum
import functools

from rbac.errors import UnknownName
from rbac.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Self, TypeVar

    _N = TypeVar("_N", bound="Name")


class Name(enum.Enum):
    """A closed set of names; the value of a member is how it travels on the wire."""

    noun: str

    # Enum hashes in Python by default, four times slower than the identity hash used here.
    # Members are singletons compared by identity, so both mean the same.
    __hash__ = object.__hash__

    def __init_subclass__(cls, *, noun: str) -> None:
        cls.noun = noun

    @property
    def short(self) -> str:
        """The short name: the member's name in lower case, as policy files write it."""
        return self._name_.lower()

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self._name_}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The member that `text` spells: its wire value, member name or short name.

        ASCII case does not matter; nothing else is forgiven. Constant time.
        Raises `UnknownName` with the nearest names, `TypeError` unless `text` is a string.
        """
        if not isinstance(text, str):
            raise TypeError(f"a {cls.noun} is parsed from a string, not {type(text).__name__}")
        # Lower-casing could turn a foreign letter into an ASCII one, hence the first test.
        member: Self | None = _spellings(cls).get(text.lower()) if text.isascii() else None
        if member is None:
            raise UnknownName(cls.noun, text, short_names(cls))
        return member


class ResourceRole(Name, noun="role"):
    """A role that a group or a subject may hold on a resource (NIST role)."""

    UNSPECIFIED = "RESOURCE_ROLE_UNSPECIFIED"
    ORG_ADMIN = "RESOURCE_ROLE_ORG_ADMIN"
    ORG_MEMBER = "RESOURCE_ROLE_ORG_MEMBER"
    ORG_RUNNERS_ADMIN = "RESOURCE_ROLE_ORG_RUNNERS_ADMIN"
    ORG_PROJECTS_ADMIN = "RESOURCE_ROLE_ORG_PROJECTS_ADMIN"
    ORG_AUTOMATIONS_ADMIN = "RESOURCE_ROLE_ORG_AUTOMATIONS_ADMIN"
    ORG_GROUPS_ADMIN = "RESOURCE_ROLE_ORG_GROUPS_ADMIN"
    ORG_AUDIT_LOG_READER = "RESOURCE_ROLE_ORG_AUDIT_LOG_READER"
    GROUP_ADMIN = "RESOURCE_ROLE_GROUP_ADMIN"
    GROUP_VIEWER = "RESOURCE_ROLE_GROUP_VIEWER"
    USER_IDENTITY = "RESOURCE_ROLE_USER_IDENTITY"
    USER_VIEWER = "RESOURCE_ROLE_USER_VIEWER"
    USER_ADMIN = "RESOURCE_ROLE_USER_ADMIN"
    ENVIRONMENT_IDENTITY = "RESOURCE_ROLE_ENVIRONMENT_IDENTITY"
    ENVIRONMENT_ADMIN = "RESOURCE_ROLE_ENVIRONMENT_ADMIN"
    ENVIRONMENT_USER = "RESOURCE_ROLE_ENVIRONMENT_USER"
    ENVIRONMENT_VIEWER = "RESOURCE_ROLE_ENVIRONMENT_VIEWER"
    ENVIRONMENT_RUNNER = "RESOURCE_ROLE_ENVIRONMENT_RUNNER"
    RUNNER_IDENTITY = "RESOURCE_ROLE_RUNNER_IDENTITY"
    RUNNER_ADMIN = "RESOURCE_ROLE_RUNNER_ADMIN"
    RUNNER_LOCAL_ADMIN = "RESOURCE_ROLE_RUNNER_LOCAL_ADMIN"
    RUNNER_MANAGED_ADMIN = "RESOURCE_ROLE_RUNNER_MANAGED_ADMIN"
    RUNNER_USER = "RESOURCE_ROLE_RUNNER_USER"
    RUNNER_CONFIGURATION_READER = "RESOURCE_ROLE_RUNNER_CONFIGURATION_READER"
    HOST_AUTHENTICATION_TOKEN_ADMIN = "RESOURCE_ROLE_HOST_AUTHENTICATION_TOKEN_ADMIN"
    HOST_AUTHENTICATION_TOKEN_UPDATER = "RESOURCE_ROLE_HOST_AUTHENTICATION_TOKEN_UPDATER"
    PROJECT_ADMIN = "RESOURCE_ROLE_PROJECT_ADMIN"
    PROJECT_USER = "RESOURCE_ROLE_PROJECT_USER"
    PROJECT_EDITOR = "RESOURCE_ROLE_PROJECT_EDITOR"
    ENVIRONMENT_SERVICE_ADMIN = "RESOURCE_ROLE_ENVIRONMENT_SERVICE_ADMIN"
    ENVIRONMENT_SERVICE_VIEWER = "RESOURCE_ROLE_ENVIRONMENT_SERVICE_VIEWER"
    ENVIRONMENT_SERVICE_USER = "RESOURCE_ROLE_ENVIRONMENT_SERVICE_USER"
    ENVIRONMENT_SERVICE_ENV = "RESOURCE_ROLE_ENVIRONMENT_SERVICE_ENV"
    ENVIRONMENT_TASK_ADMIN = "RESOURCE_ROLE_ENVIRONMENT_TASK_ADMIN"
    ENVIRONMENT_TASK_VIEWER = "RESOURCE_ROLE_ENVIRONMENT_TASK_VIEWER"
    ENVIRONMENT_TASK_USER = "RESOURCE_ROLE_ENVIRONMENT_TASK_USER"
    ENVIRONMENT_TASK_ENV = "RESOURCE_ROLE_ENVIRONMENT_TASK_ENV"
    SERVICE_ACCOUNT_IDENTITY = "RESOURCE_ROLE_SERVICE_ACCOUNT_IDENTITY"
    SERVICE_ACCOUNT_ADMIN = "RESOURCE_ROLE_SERVICE_ACCOUNT_ADMIN"
    AGENT_EXECUTION_USER = "RESOURCE_ROLE_AGENT_EXECUTION_USER"
    AGENT_EXECUTION_ADMIN = "RESOURCE_ROLE_AGENT_EXECUTION_ADMIN"
    AGENT_EXECUTION_RUNNER = "RESOURCE_ROLE_AGENT_EXECUTION_RUNNER"
    AGENT_EXECUTION_OUTPUTS_REPORTER = "RESOURCE_ROLE_AGENT_EXECUTION_OUTPUTS_REPORTER"
    AGENT_EXECUTION_VIEWER = "RESOURCE_ROLE_AGENT_EXECUTION_VIEWER"
    AGENT_ADMIN = "RESOURCE_ROLE_AGENT_ADMIN"
    AGENT_VIEWER = "RESOURCE_ROLE_AGENT_VIEWER"
    AGENT_EXECUTOR = "RESOURCE_ROLE_AGENT_EXECUTOR"
    WORKFLOW_ADMIN = "RESOURCE_ROLE_WORKFLOW_ADMIN"
    WORKFLOW_USER = "RESOURCE_ROLE_WORKFLOW_USER"
    WORKFLOW_VIEWER = "RESOURCE_ROLE_WORKFLOW_VIEWER"
    WORKFLOW_EXECUTOR = "RESOURCE_ROLE_WORKFLOW_EXECUTOR"
    SNAPSHOT_ADMIN = "RESOURCE_ROLE_SNAPSHOT_ADMIN"
    SNAPSHOT_RUNNER = "RESOURCE_ROLE_SNAPSHOT_RUNNER"
    WEBHOOK_ADMIN = "RESOURCE_ROLE_WEBHOOK_ADMIN"
    WEBHOOK_VIEWER = "RESOURCE_ROLE_WEBHOOK_VIEWER"
    WARMPOOL_RUNNER = "RESOURCE_ROLE_WARMPOOL_RUNNER"
    WARMPOOL_ADMIN = "RESOURCE_ROLE_WARMPOOL_ADMIN"
    WARMPOOL_VIEWER = "RESOURCE_ROLE_WARMPOOL_VIEWER"
    SESSION_ADMIN = "RESOURCE_ROLE_SESSION_ADMIN"
    SESSION_USER = "RESOURCE_ROLE_SESSION_USER"
    TEAM_ADMIN = "RESOURCE_ROLE_TEAM_ADMIN"
    TEAM_VIEWER = "RESOURCE_ROLE_TEAM_VIEWER"


class ResourceType(Name, noun="resource type"):
    """The kind of a resource (NIST object, AuthZEN resource type)."""

    UNSPECIFIED = "RESOURCE_TYPE_UNSPECIFIED"
    ENVIRONMENT = "RESOURCE_TYPE_ENVIRONMENT"
    RUNNER = "RESOURCE_TYPE_RUNNER"
    PROJECT = "RESOURCE_TYPE_PROJECT"
    TASK = "RESOURCE_TYPE_TASK"
    TASK_EXECUTION = "RESOURCE_TYPE_TASK_EXECUTION"
    SERVICE = "RESOURCE_TYPE_SERVICE"
    ORGANIZATION = "RESOURCE_TYPE_ORGANIZATION"
    USER = "RESOURCE_TYPE_USER"
    ENVIRONMENT_CLASS = "RESOURCE_TYPE_ENVIRONMENT_CLASS"
    RUNNER_SCM_INTEGRATION = "RESOURCE_TYPE_RUNNER_SCM_INTEGRATION"
    HOST_AUTHENTICATION_TOKEN = "RESOURCE_TYPE_HOST_AUTHENTICATION_TOKEN"
    GROUP = "RESOURCE_TYPE_GROUP"
    PERSONAL_ACCESS_TOKEN = "RESOURCE_TYPE_PERSONAL_ACCESS_TOKEN"
    USER_PREFERENCE = "RESOURCE_TYPE_USER_PREFERENCE"
    SERVICE_ACCOUNT = "RESOURCE_TYPE_SERVICE_ACCOUNT"
    SECRET = "RESOURCE_TYPE_SECRET"
    SSO_CONFIG = "RESOURCE_TYPE_SSO_CONFIG"
    DOMAIN_VERIFICATION = "RESOURCE_TYPE_DOMAIN_VERIFICATION"
    AGENT_EXECUTION = "RESOURCE_TYPE_AGENT_EXECUTION"
    RUNNER_LLM_INTEGRATION = "RESOURCE_TYPE_RUNNER_LLM_INTEGRATION"
    AGENT = "RESOURCE_TYPE_AGENT"
    ENVIRONMENT_SESSION = "RESOURCE_TYPE_ENVIRONMENT_SESSION"
    USER_SECRET = "RESOURCE_TYPE_USER_SECRET"
    ORGANIZATION_POLICY = "RESOURCE_TYPE_ORGANIZATION_POLICY"
    ORGANIZATION_SECRET = "RESOURCE_TYPE_ORGANIZATION_SECRET"
    PROJECT_ENVIRONMENT_CLASS = "RESOURCE_TYPE_PROJECT_ENVIRONMENT_CLASS"
    BILLING = "RESOURCE_TYPE_BILLING"
    PROMPT = "RESOURCE_TYPE_PROMPT"
    COUPON = "RESOURCE_TYPE_COUPON"
    COUPON_REDEMPTION = "RESOURCE_TYPE_COUPON_REDEMPTION"
    ACCOUNT = "RESOURCE_TYPE_ACCOUNT"
    INTEGRATION = "RESOURCE_TYPE_INTEGRATION"
    WORKFLOW = "RESOURCE_TYPE_WORKFLOW"
    WORKFLOW_EXECUTION = "RESOURCE_TYPE_WORKFLOW_EXECUTION"
    WORKFLOW_EXECUTION_ACTION = "RESOURCE_TYPE_WORKFLOW_EXECUTION_ACTION"
    SNAPSHOT = "RESOURCE_TYPE_SNAPSHOT"
    PREBUILD = "RESOURCE_TYPE_PREBUILD"
    ORGANIZATION_LLM_INTEGRATION = "RESOURCE_TYPE_ORGANIZATION_LLM_INTEGRATION"
    CUSTOM_DOMAIN = "RESOURCE_TYPE_CUSTOM_DOMAIN"
    ROLE_ASSIGNMENT_CHANGED = "RESOURCE_TYPE_ROLE_ASSIGNMENT_CHANGED"
    GROUP_MEMBERSHIP_CHANGED = "RESOURCE_TYPE_GROUP_MEMBERSHIP_CHANGED"
    WEBHOOK = "RESOURCE_TYPE_WEBHOOK"
    SCIM_CONFIGURATION = "RESOURCE_TYPE_SCIM_CONFIGURATION"
    SERVICE_ACCOUNT_SECRET = "RESOURCE_TYPE_SERVICE_ACCOUNT_SECRET"
    ANNOUNCEMENT_BANNER = "RESOURCE_TYPE_ANNOUNCEMENT_BANNER"
    SERVICE_ACCOUNT_TOKEN = "RESOURCE_TYPE_SERVICE_ACCOUNT_TOKEN"
    ROLE_ASSIGNMENT = "RESOURCE_TYPE_ROLE_ASSIGNMENT"
    WARM_POOL = "RESOURCE_TYPE_WARM_POOL"
    NOTIFICATION = "RESOURCE_TYPE_NOTIFICATION"


class Principal(Name, noun="principal"):
    """The kind of a subject."""

    UNSPECIFIED = "PRINCIPAL_UNSPECIFIED"
    ACCOUNT = "PRINCIPAL_ACCOUNT"
    USER = "PRINCIPAL_USER"
    RUNNER = "PRINCIPAL_RUNNER"
    ENVIRONMENT = "PRINCIPAL_ENVIRONMENT"
    SERVICE_ACCOUNT = "PRINCIPAL_SERVICE_ACCOUNT"
    RUNNER_MANAGER = "PRINCIPAL_RUNNER_MANAGER"


class OrganizationRole(Name, noun="organization role"):
    """What a user is to its organization, apart from the roles it holds."""

    UNSPECIFIED = "ORGANIZATION_ROLE_UNSPECIFIED"
    ADMIN = "ORGANIZATION_ROLE_ADMIN"
    MEMBER = "ORGANIZATION_ROLE_MEMBER"


class OrganizationTier(Name, noun="organization tier"):
    """The plan of an organization; it gates features and gives no role."""

    UNSPECIFIED = "ORGANIZATION_TIER_UNSPECIFIED"
    FREE = "ORGANIZATION_TIER_FREE"
    ENTERPRISE = "ORGANIZATION_TIER_ENTERPRISE"
    CORE = "ORGANIZATION_TIER_CORE"
    FREE_ONA = "ORGANIZATION_TIER_FREE_ONA"


class UserStatus(Name, noun="user status"):
    """Whether a user may act at all: only ``ACTIVE`` may."""

    UNSPECIFIED = "USER_STATUS_UNSPECIFIED"
    ACTIVE = "USER_STATUS_ACTIVE"
    SUSPENDED = "USER_STATUS_SUSPENDED"
    LEFT = "USER_STATUS_LEFT"


class ErrorCode(Name, noun="error code"):
    """How the API reports a refusal or a failure (google.rpc.Code, in lower case)."""

    CANCELED = "canceled"
    UNKNOWN = "unknown"
    INVALID_ARGUMENT = "invalid_argument"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    PERMISSION_DENIED = "permission_denied"
    RESOURCE_EXHAUSTED = "resource_exhausted"
    FAILED_PRECONDITION = "failed_precondition"
    ABORTED = "aborted"
    OUT_OF_RANGE = "out_of_range"
    UNIMPLEMENTED = "unimplemented"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    DATA_LOSS = "data_loss"
    UNAUTHENTICATED = "unauthenticated"


class SortOrder(Name, noun="sort order"):
    """The direction of a listing."""

    UNSPECIFIED = "SORT_ORDER_UNSPECIFIED"
    ASC = "SORT_ORDER_ASC"
    DESC = "SORT_ORDER_DESC"


class State(Name, noun="state"):
    """The state of a pull request."""

    UNSPECIFIED = "STATE_UNSPECIFIED"
    OPEN = "STATE_OPEN"
    CLOSED = "STATE_CLOSED"
    MERGED = "STATE_MERGED"


class TaskExecutionPhase(Name, noun="task execution phase"):
    """How far a task execution has come."""

    UNSPECIFIED = "TASK_EXECUTION_PHASE_UNSPECIFIED"
    PENDING = "TASK_EXECUTION_PHASE_PENDING"
    RUNNING = "TASK_EXECUTION_PHASE_RUNNING"
    SUCCEEDED = "TASK_EXECUTION_PHASE_SUCCEEDED"
    FAILED = "TASK_EXECUTION_PHASE_FAILED"
    STOPPED = "TASK_EXECUTION_PHASE_STOPPED"


class CountResponseRelation(Name, noun="count relation"):
    """Whether a count is exact or a lower bound."""

    UNSPECIFIED = "COUNT_RESPONSE_RELATION_UNSPECIFIED"
    EQ = "COUNT_RESPONSE_RELATION_EQ"
    GTE = "COUNT_RESPONSE_RELATION_GTE"


class Action(Name, noun="action"):
    """What a subject does to a resource (NIST operation); with a resource type, a permission."""

    ACCEPT_TERMS = "accept_terms"
    ALLOW_PORT_ACCESS = "allow_port_access"
    ARCHIVE = "archive"
    BLOCK = "block"
    CANCEL = "cancel"
    CANCEL_SUBSCRIPTION = "cancel_subscription"
    CHECK_AUTHENTICATION_FOR_HOST = "check_authentication_for_host"
    CHECK_REPOSITORY_ACCESS = "check_repository_access"
    COMPLETE_SETUP = "complete_setup"
    CREATE = "create"
    CREATE_ACCESS_TOKEN = "create_access_token"
    CREATE_ACTOR_TOKEN = "create_actor_token"
    CREATE_BULK = "create_bulk"
    CREATE_CONVERSATION_TOKEN = "create_conversation_token"
    CREATE_FROM_ENVIRONMENT = "create_from_environment"
    CREATE_FROM_PROJECT = "create_from_project"
    CREATE_INVITE = "create_invite"
    CREATE_LLM_ACCESS_TOKEN = "create_llm_access_token"
    CREATE_LOGS_TOKEN = "create_logs_token"
    CREATE_MEMBERSHIP = "create_membership"
    CREATE_POLICY = "create_policy"
    CREATE_PORT_ACCESS_TOKEN = "create_port_access_token"
    CREATE_RUNNER_TOKEN = "create_runner_token"
    CREATE_SUBSCRIPTION = "create_subscription"
    CREATE_TEAM_ALLOCATION = "create_team_allocation"
    CREATE_TELEMETRY_INGEST_TOKEN = "create_telemetry_ingest_token"
    DELETE = "delete"
    DELETE_BULK = "delete_bulk"
    DELETE_MEMBERSHIP = "delete_membership"
    DELETE_POLICY = "delete_policy"
    DELETE_TEAM_ALLOCATION = "delete_team_allocation"
    DELETE_USER_BUDGET = "delete_user_budget"
    DISABLE_INSIGHTS = "disable_insights"
    EMIT_SESSION_ACTIVITY = "emit_session_activity"
    ENABLE_INSIGHTS = "enable_insights"
    EXECUTE = "execute"
    EXPORT_TERMS_ACCEPTANCES = "export_terms_acceptances"
    GET = "get"
    GET_AUDIT_LOG = "get_audit_log"
    GET_AUTHENTICATED = "get_authenticated"
    GET_AUTHENTICATED_IDENTITY = "get_authenticated_identity"
    GET_AUTO_TOPUP = "get_auto_topup"
    GET_CONFIGURATION = "get_configuration"
    GET_CONFIGURATION_SCHEMA = "get_configuration_schema"
    GET_DEFINITION = "get_definition"
    GET_DOTFILES = "get_dotfiles"
    GET_EXECUTION_SUMMARY = "get_execution_summary"
    GET_ID_TOKEN = "get_id_token"
    GET_INFO = "get_info"
    GET_INSIGHTS_STATUS = "get_insights_status"
    GET_INSIGHTS_SUMMARY = "get_insights_summary"
    GET_INVITE = "get_invite"
    GET_INVITE_SUMMARY = "get_invite_summary"
    GET_LATEST_VERSION = "get_latest_version"
    GET_LLM_CAPABILITIES = "get_llm_capabilities"
    GET_MEMBERSHIP = "get_membership"
    GET_OIDC_CONFIG = "get_oidc_config"
    GET_SECRET = "get_secret"
    GET_SSO_LOGIN_URL = "get_sso_login_url"
    GET_STRIPE_PORTAL_URL = "get_stripe_portal_url"
    GET_TEAM_ALLOCATION = "get_team_allocation"
    GET_TERMS = "get_terms"
    GET_USER_BUDGET = "get_user_budget"
    GET_VALUE = "get_value"
    GET_WEBHOOK_SECRET = "get_webhook_secret"
    GRANT = "grant"
    GRANT_CREDITS = "grant_credits"
    JOIN = "join"
    LEAVE = "leave"
    LIST = "list"
    LIST_AUDIT_LOGS = "list_audit_logs"
    LIST_DEFINITIONS = "list_definitions"
    LIST_JOINABLE_ORGANIZATIONS = "list_joinable_organizations"
    LIST_LOGIN_PROVIDERS = "list_login_providers"
    LIST_MEMBERS = "list_members"
    LIST_MEMBERSHIPS = "list_memberships"
    LIST_OUTPUTS = "list_outputs"
    LIST_POLICIES = "list_policies"
    LIST_SCM_ORGANIZATIONS = "list_scm_organizations"
    LIST_SSO_LOGINS = "list_sso_logins"
    LIST_SUBSCRIPTIONS = "list_subscriptions"
    LIST_TERMS_ACCEPTANCES = "list_terms_acceptances"
    LIST_TERMS_VERSIONS = "list_terms_versions"
    LIST_USABLE = "list_usable"
    LIST_WORKFLOWS = "list_workflows"
    MARK_ACTIVE = "mark_active"
    MARK_READ = "mark_read"
    MARK_UNREAD = "mark_unread"
    PARSE_CONTEXT_URL = "parse_context_url"
    READ_USAGE = "read_usage"
    READ_USAGE_METRICS = "read_usage_metrics"
    RECONCILE = "reconcile"
    REGENERATE_TOKEN = "regenerate_token"
    REPORT_LLM_USAGE = "report_llm_usage"
    REPORT_METRICS = "report_metrics"
    REPORT_OUTPUTS = "report_outputs"
    RESOLVE_EDITOR_URL = "resolve_editor_url"
    ROTATE_SECRET = "rotate_secret"
    ROTATE_WEBHOOK_SECRET = "rotate_webhook_secret"
    RUNNER_GET = "runner_get"
    RUNNER_LIST = "runner_list"
    RUNNER_UPDATE = "runner_update"
    SEARCH_REPOSITORIES = "search_repositories"
    SEND_INPUT = "send_input"
    SEND_RESPONSE = "send_response"
    SET = "set"
    SET_BILLING_ADDRESS = "set_billing_address"
    SET_DOTFILES = "set_dotfiles"
    SET_LOCKDOWN = "set_lockdown"
    SET_REALM = "set_realm"
    SET_ROLE = "set_role"
    SET_STRIPE_CUSTOMER_ID = "set_stripe_customer_id"
    SET_SUSPENDED = "set_suspended"
    SET_TAX_ID = "set_tax_id"
    SET_USER_BUDGET = "set_user_budget"
    SETUP = "setup"
    SHARE = "share"
    SIGNUP = "signup"
    START = "start"
    STOP = "stop"
    UNARCHIVE = "unarchive"
    UNBLOCK = "unblock"
    UNSHARE = "unshare"
    UPDATE = "update"
    UPDATE_AUTO_TOPUP = "update_auto_topup"
    UPDATE_BULK = "update_bulk"
    UPDATE_CONFIGURATION_SCHEMA = "update_configuration_schema"
    UPDATE_METADATA = "update_metadata"
    UPDATE_OIDC_CONFIG = "update_oidc_config"
    UPDATE_POLICY = "update_policy"
    UPDATE_STATUS = "update_status"
    UPDATE_SUBSCRIPTION = "update_subscription"
    UPDATE_TEAM_ALLOCATION = "update_team_allocation"
    UPDATE_TERMS = "update_terms"
    UPDATE_VALUE = "update_value"
    UPSERT_AUTOMATIONS_FILE = "upsert_automations_file"
    USE = "use"
    VALIDATE = "validate"
    VALIDATE_CONFIGURATION = "validate_configuration"
    VERIFY = "verify"
    WATCH_EVENTS = "watch_events"
    WATCH_REQUESTS = "watch_requests"


def short_names(names: type[_N]) -> dict[str, _N]:
    """Each member of `names` by its short name, in the order of the specification."""
    return {member.short: member for member in names}


@functools.cache
def _spellings(names: type[Name]) -> dict[str, Any]:
    """Each member of `names` by its short name and by its wire value, both in lower case."""
    return {member.value.lower(): member for member in names} | short_names(names)
