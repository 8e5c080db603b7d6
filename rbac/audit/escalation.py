"""Escalation: which roles lead to which others, because some permissions hand out roles.

Knows what the permissions of level ``grant`` and ``credential`` hand out, and reads from
the decision table which roles have them. It must not decide a cell, nor know who holds
what: what a group or an account holds is not in a policy.

Each step from a role to another rests on a permission. A step is *sure* if the policy
alone says that it can be taken, and otherwise *possible*: it takes a group, or an account,
that holds the role. Whoever takes a step may give the role to itself or to an accomplice;
that counts as having it. What somebody makes anew and then owns is left out: it opens
nothing that was there before.

A permission of those levels that is not known here is taken to give any role there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.audit.cells import Numbering, permitted
from rbac.light import NamedTuple
from rbac.rows import Level, Permission, Relation
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Name, Principal, ResourceRole, ResourceType


class Way(Name, noun="way"):
    """How a permission hands out roles."""

    SHARE = "gives any role that is assigned on such a resource"
    ASSIGN = "gives any role that is assigned at all"
    JOIN = "adds a member to a group, and so gives what the group holds"
    SET_ROLE = "makes somebody a member or an administrator"
    INVITE = "makes somebody a member"
    PROVISION = "creates members, and members of groups"
    ACT_AS = "acts as what it is a credential for, and so has its identity"
    ACT_FOR = "acts for somebody, and so has what that one holds"
    UNKNOWN = "is not known here, and is taken to give anything"
    INCLUDE = "includes it"


_T, _A = ResourceType, Action
WAYS: dict[tuple[ResourceType, Action], Way] = {
    **dict.fromkeys(
        [
            *((type, _A.GRANT) for type in (_T.ENVIRONMENT, _T.RUNNER, _T.PROJECT, _T.AGENT)),
            *((type, _A.GRANT) for type in (_T.AGENT_EXECUTION, _T.WORKFLOW, _T.WEBHOOK)),
            (_T.ORGANIZATION, _A.GRANT),
            *((type, _A.CREATE_POLICY) for type in (_T.RUNNER, _T.PROJECT)),
            *((type, _A.UPDATE_POLICY) for type in (_T.RUNNER, _T.PROJECT)),
        ],
        Way.SHARE,
    ),
    (_T.ROLE_ASSIGNMENT, _A.CREATE): Way.ASSIGN,
    (_T.ROLE_ASSIGNMENT, _A.SHARE): Way.ASSIGN,
    (_T.GROUP, _A.CREATE_MEMBERSHIP): Way.JOIN,
    (_T.ORGANIZATION, _A.SET_ROLE): Way.SET_ROLE,
    (_T.ORGANIZATION, _A.CREATE_INVITE): Way.INVITE,
    (_T.SCIM_CONFIGURATION, _A.CREATE): Way.PROVISION,
    (_T.SCIM_CONFIGURATION, _A.REGENERATE_TOKEN): Way.PROVISION,
    (_T.SERVICE_ACCOUNT, _A.CREATE_ACCESS_TOKEN): Way.ACT_AS,
    (_T.RUNNER, _A.CREATE_RUNNER_TOKEN): Way.ACT_AS,
    (_T.ENVIRONMENT, _A.CREATE_ACCESS_TOKEN): Way.ACT_AS,
    (_T.AGENT_EXECUTION, _A.CREATE_ACTOR_TOKEN): Way.ACT_FOR,
}
"""The permissions that hand out roles, and how."""

TAKES = "it only takes away"
ITSELF = "it acts as who asked for it, with nothing that one has not"
OPENS = "what it opens is no role: a log, a port, a model, a secret, a page elsewhere"
ANEW = "it speaks for what was made anew"

HARMLESS: dict[tuple[ResourceType, Action], str] = {
    (_T.RUNNER, _A.DELETE_POLICY): TAKES,
    (_T.PROJECT, _A.DELETE_POLICY): TAKES,
    (_T.GROUP, _A.DELETE_MEMBERSHIP): TAKES,
    (_T.ROLE_ASSIGNMENT, _A.DELETE): TAKES,
    (_T.ROLE_ASSIGNMENT, _A.UNSHARE): TAKES,
    (_T.USER, _A.GET_ID_TOKEN): ITSELF,
    (_T.PERSONAL_ACCESS_TOKEN, _A.CREATE): ITSELF,
    (_T.SERVICE_ACCOUNT_TOKEN, _A.CREATE): ITSELF,
    (_T.RUNNER, _A.CREATE): ANEW,
    (_T.ENVIRONMENT, _A.CREATE_LOGS_TOKEN): OPENS,
    (_T.ENVIRONMENT, _A.CREATE_PORT_ACCESS_TOKEN): OPENS,
    (_T.RUNNER, _A.CREATE_LOGS_TOKEN): OPENS,
    (_T.RUNNER, _A.CREATE_TELEMETRY_INGEST_TOKEN): OPENS,
    (_T.PREBUILD, _A.CREATE_LOGS_TOKEN): OPENS,
    (_T.HOST_AUTHENTICATION_TOKEN, _A.GET_VALUE): OPENS,
    (_T.SECRET, _A.GET_VALUE): OPENS,
    (_T.USER_SECRET, _A.GET_VALUE): OPENS,
    (_T.ORGANIZATION_SECRET, _A.GET_VALUE): OPENS,
    (_T.SERVICE_ACCOUNT_SECRET, _A.GET_VALUE): OPENS,
    (_T.AGENT_EXECUTION, _A.CREATE_CONVERSATION_TOKEN): OPENS,
    (_T.AGENT_EXECUTION, _A.CREATE_LLM_ACCESS_TOKEN): OPENS,
    (_T.WORKFLOW, _A.GET_WEBHOOK_SECRET): OPENS,
    (_T.WORKFLOW, _A.ROTATE_WEBHOOK_SECRET): OPENS,
    (_T.WEBHOOK, _A.GET_SECRET): OPENS,
    (_T.WEBHOOK, _A.ROTATE_SECRET): OPENS,
    (_T.BILLING, _A.GET_STRIPE_PORTAL_URL): OPENS,
}
"""The permissions of those levels that hand out no role, with the reason."""


class Step(NamedTuple):
    """From one role to another: by which permission (None: by seniority), how, and how surely."""

    start: ResourceRole
    end: ResourceRole
    permission: Permission | None
    way: Way
    sure: bool

    def __str__(self) -> str:
        if self.permission is None:
            return f"{self.start.short} includes {self.end.short}"
        takes = "" if self.sure else f": {self.end.short}, if that holds it"
        return f"{self.start.short} may {self.permission}, which {self.way.value}{takes}"

    def as_dict(self) -> dict[str, object]:
        """The step as plain JSON values."""
        return {
            "from": self.start.short,
            "to": self.end.short,
            "permission": str(self.permission) if self.permission else None,
            "way": self.way.value,
            "sure": self.sure,
        }


Path = tuple[Step, ...]


class Closure(NamedTuple):
    """Everything that a role leads to: a shortest path to each other role, and the radius.

    `sure` has paths of sure steps alone, `possible` shortest paths of any. The roles that
    it includes anyhow are in neither. `before`, `surely` and `possibly` count the
    permissions, those on own resources alone among them, of the role itself and of all
    that it leads to.
    """

    role: ResourceRole
    sure: dict[ResourceRole, Path]
    possible: dict[ResourceRole, Path]
    before: int
    surely: int
    possibly: int

    def as_dict(self) -> dict[str, object]:
        """The closure as plain JSON values."""
        return {
            "role": self.role.short,
            "permissions": {
                "before": self.before,
                "surely": self.surely,
                "possibly": self.possibly,
            },
            "leads_to": [
                {
                    "role": role.short,
                    "sure": role in self.sure,
                    "steps": [step.as_dict() for step in self.sure.get(role, path)],
                }
                for role, path in self.possible.items()
            ],
        }


class Escalation:
    """The steps between the roles of one policy, and what follows from them.

    Building it takes a few milliseconds, every closure less than one.
    """

    __slots__ = ("_after", "_masks", "table")

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        numbering = Numbering(table)
        self._masks = {role: permitted(table, role, numbering)[1] for role in table.roles}
        self._after: dict[ResourceRole, list[Step]] = {role: [] for role in table.roles}
        for permission, way in meta_permissions(table):
            given = list(_given(table, permission, way))
            for role in table.roles_with(permission):
                for end, sure in given:
                    if end not in table.includes(role):
                        self._after[role].append(Step(role, end, permission, way, sure))

    def steps(self, role: ResourceRole) -> tuple[Step, ...]:
        """Every step that can be taken from `role`, whatever it leads to."""
        return tuple(self._after[role])

    def closure(self, role: ResourceRole) -> Closure:
        """Everything that `role` leads to, with a shortest path to each role."""
        sure, possible = self._paths(role, only_sure=True), self._paths(role, only_sure=False)
        own = self._masks[role]
        return Closure(
            role,
            sure,
            possible,
            own.bit_count(),
            self._union(own, sure).bit_count(),
            self._union(own, possible).bit_count(),
        )

    def _union(self, mask: int, roles: Iterable[ResourceRole]) -> int:
        for role in roles:
            mask |= self._masks[role]
        return mask

    def _paths(self, start: ResourceRole, *, only_sure: bool) -> dict[ResourceRole, Path]:
        """A path of the fewest steps to every role, level by level; inclusion costs no step."""
        found: dict[ResourceRole, Path] = {start: ()}
        level = [start]
        while level:
            following: list[ResourceRole] = []
            for role in level:
                for step in self._after[role]:
                    if (step.sure or not only_sure) and step.end not in found:
                        found[step.end] = (*found[role], step)
                        following.append(step.end)
            level = [*following, *self._included(found, following)]
        included = self.table.includes(start)
        return {role: path for role, path in found.items() if role not in included}

    def _included(
        self, found: dict[ResourceRole, Path], roles: list[ResourceRole]
    ) -> Iterator[ResourceRole]:
        for role in roles:
            for junior in self.table.includes(role):
                if junior not in found:
                    found[junior] = (*found[role], Step(role, junior, None, Way.INCLUDE, True))
                    yield junior


def meta_permissions(table: DecisionTable) -> Iterator[tuple[Permission, Way]]:
    """The permissions of a policy that hand out roles, and how each does."""
    for row in table.policy.rows.catalogue:
        key = row.type, row.action
        hands_out = row.level in (Level.GRANT, Level.CREDENTIAL)
        if key in WAYS or (hands_out and key not in HARMLESS):
            yield Permission(row.action, row.type), WAYS.get(key, Way.UNKNOWN)


def _given(
    table: DecisionTable, permission: Permission, way: Way
) -> Iterator[tuple[ResourceRole, bool]]:
    """The roles that a permission hands out, and whether surely."""
    rows = table.policy.rows
    assigned = {row.role: row.assigned_on for row in rows.roles if row.assignable}
    if way is Way.SHARE:
        yield from ((role, True) for role, on in assigned.items() if on is permission.type)
    elif way in (Way.ASSIGN, Way.JOIN, Way.UNKNOWN, Way.ACT_FOR):
        yield from ((role, way is Way.ASSIGN) for role in assigned)
    if way in _RELATIONS:
        for row in rows.derived_roles:
            if row.type is ResourceType.ORGANIZATION and row.relation in _RELATIONS[way]:
                yield row.role, True
    if way is Way.PROVISION:
        yield from ((role, False) for role in assigned)
    elif way is Way.ACT_AS:
        yield from _of_identity(table, permission.type)


_RELATIONS = {
    Way.SET_ROLE: (Relation.MEMBER, Relation.ADMIN),
    Way.INVITE: (Relation.MEMBER,),
    Way.PROVISION: (Relation.MEMBER,),
}


def _of_identity(table: DecisionTable, type: ResourceType) -> Iterator[tuple[ResourceRole, bool]]:
    """What acting as a subject of `type` gives: its identity surely, what it may hold possibly."""
    principal = Principal.parse(type.short)
    selves = {
        row.role
        for row in table.policy.rows.derived_roles
        if row.relation is Relation.SELF and row.type is type
    }
    yield from ((role, True) for role in table.roles if role in selves)
    for role in table.roles:
        if role not in selves and table.eligible(principal, role):
            yield role, False
