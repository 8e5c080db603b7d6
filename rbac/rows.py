"""The rows of a policy, as frozen data: what a policy folder says, one row a statement.

Knows the shape of each kind of row and how it is written in one line. It must not know
files, nor what rows decide together.

The words are those of the policy files: a *grant* gives a role a permission with a
*reach*; a *senior* role includes its *junior*; a *derived role* comes from a *relation*;
a *requirement* takes away. Names of kinds of rows follow NIST RBAC (INCITS 359): grants
are permission assignments, seniority is the role hierarchy.
"""

from __future__ import annotations

from rbac.light import NamedTuple
from rbac.vocabulary import Action, Name, Principal, ResourceRole, ResourceType


class Reach(Name, noun="reach"):
    """On which resources a grant holds: on any, or only on the subject's own ones."""

    ANY = "any"
    OWN = "own"


class Level(Name, noun="level"):
    """What using a permission does, the strongest of it (the access levels of AWS)."""

    READ = "read"
    WRITE = "write"
    CREDENTIAL = "credential"
    GRANT = "grant"


class Mark(Name, noun="mark"):
    """How well a source supports a grant."""

    STATED = "stated"
    IMPLIED = "implied"
    OPEN = "open"


class Relation(Name, noun="relation"):
    """How a subject may be related to a resource, closed; see ``policies/derived_roles.csv``."""

    SELF = "self"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"
    RUNNER = "runner"
    ENVIRONMENT = "environment"
    CONSUMER = "consumer"


class CredentialKind(Name, noun="credential"):
    """A kind of credential that a requirement may ask for."""

    IMPERSONATED = "impersonated"


class Place(NamedTuple):
    """Where a row stands: a file, relative to the policy folder, and a line from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else "nowhere"


NOWHERE = Place("", 0)


class Permission(NamedTuple):
    """An action on a resource type (NIST permission: an operation on an object)."""

    action: Action
    type: ResourceType

    def __str__(self) -> str:
        return f"{self.action.short} {self.type.short}"


class Rationale(NamedTuple):
    """Why grants were given: how well it is supported, by which sources, and in words."""

    mark: Mark
    keys: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.mark.short} {' '.join(self.keys)}: {self.text}"


class RoleRow(NamedTuple):
    """A role: the type it is held on (None: the model has no type for it), who gives it."""

    role: ResourceRole
    assigned_on: ResourceType | None
    assignable: bool
    note: str
    place: Place = NOWHERE


class CatalogueRow(NamedTuple):
    """A permission that exists, what it does, and the API methods that need it."""

    type: ResourceType
    action: Action
    level: Level
    methods: tuple[str, ...] = ()
    place: Place = NOWHERE


class Containment(NamedTuple):
    """A resource of type `child` may lie within one of type `parent`."""

    child: ResourceType
    parent: ResourceType
    place: Place = NOWHERE


class Eligibility(NamedTuple):
    """A subject of kind `principal` may hold `role`."""

    principal: Principal
    role: ResourceRole
    place: Place = NOWHERE


class Seniority(NamedTuple):
    """`senior` includes every grant of `junior` (NIST role hierarchy)."""

    senior: ResourceRole
    junior: ResourceRole
    place: Place = NOWHERE


class DerivedRole(NamedTuple):
    """Whoever stands in `relation` to a resource of `type` holds `role` on it, unassigned."""

    relation: Relation
    type: ResourceType
    role: ResourceRole
    place: Place = NOWHERE


Need = Permission | Principal | CredentialKind


class Requirement(NamedTuple):
    """What `action` on `type` needs besides a role that permits it.

    `need` is a second permission, on the resource of that type which the request names;
    or the only principal that may; or the kind of credential it takes.
    """

    type: ResourceType
    action: Action
    need: Need
    place: Place = NOWHERE

    @property
    def text(self) -> str:
        """The need as policy files write it: ``runner use``, ``principal user``."""
        if isinstance(self.need, Permission):
            return f"{self.need.type.short} {self.need.action.short}"
        return f"{self.need.noun} {self.need.short}"


class Grant(NamedTuple):
    """`role` has the permission `action` on `type`, with `reach` (NIST permission assignment)."""

    role: ResourceRole
    type: ResourceType
    action: Action
    reach: Reach
    place: Place = NOWHERE
    rationale: Rationale | None = None

    @property
    def permission(self) -> Permission:
        """The permission this grants."""
        return Permission(self.action, self.type)


Row = (
    RoleRow
    | CatalogueRow
    | Containment
    | Eligibility
    | Seniority
    | DerivedRole
    | Requirement
    | Grant
)


class Rows(NamedTuple):
    """All rows of a policy, in the order they were written; nothing about them is checked."""

    roles: tuple[RoleRow, ...] = ()
    catalogue: tuple[CatalogueRow, ...] = ()
    containment: tuple[Containment, ...] = ()
    eligibility: tuple[Eligibility, ...] = ()
    seniority: tuple[Seniority, ...] = ()
    derived_roles: tuple[DerivedRole, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    grants: tuple[Grant, ...] = ()


def statements(rows: Rows) -> frozenset[tuple[str, Row]]:
    """What `rows` say, wherever and in whatever order they stand: two policies' equality."""
    return frozenset(
        (type(row).__name__, row._replace(place=NOWHERE)) for table in rows for row in table
    )
