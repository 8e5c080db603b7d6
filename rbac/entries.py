"""The entries of a directory, subjects and resources as decisions read them, and its tables.

Knows what is worked out once for each: the groups of a subject, all that contains a
resource, the assignments on one. It must not know the policy, nor what any role gives.
"""

from __future__ import annotations

from rbac.light import TYPE_CHECKING
from rbac.records import Assignment, Group, Membership, Organization, ResourceRecord, SubjectRecord
from rbac.terms import Frozen, Resource, Subject
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType, UserStatus

if TYPE_CHECKING:
    from typing import NoReturn

BITS = {role: 1 << number for number, role in enumerate(ResourceRole)}
"""A bit for each role; a set of roles is the sum of theirs."""


ROLES = {bit: role for role, bit in BITS.items()}
"""The role of each bit."""


def roles_in(bits: int) -> tuple[ResourceRole, ...]:
    """The roles of a set, in the order of the specification."""
    return tuple(role for role, bit in BITS.items() if bits & bit)


class Entry(Frozen):
    """What a directory holds of one thing; equal only to itself, so that it hashes fast."""

    __slots__ = ()

    def __copy__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} belongs to its directory")

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} belongs to its directory")


class _Placed(Entry):
    """What lies within an organization, or in none.

    Every question reads that, and the slots of a base class lie first, with what the
    interpreter reads of every object.
    """

    __slots__ = ("organization",)

    organization: str | None


class SubjectEntry(_Placed):
    """A subject, its standing in its organization, and every group it is in.

    `groups` maps each group's id to the id of the membership. `kept` is what an access
    keeps here: its own mark, and the roles that it gives the subject on its organization.
    """

    __slots__ = ("groups", "id", "kept", "principal", "role", "status", "valid_until")

    principal: Principal
    id: str
    status: UserStatus
    role: OrganizationRole
    valid_until: float | None
    groups: dict[str, str]
    kept: tuple[object, int]

    def __init__(self, record: SubjectRecord, groups: dict[str, str]) -> None:
        put = object.__setattr__
        put(self, "principal", record.subject.principal)
        put(self, "id", record.subject.id)
        put(self, "organization", record.organization)
        put(self, "status", record.status)
        put(self, "role", record.role)
        put(self, "valid_until", record.valid_until)
        put(self, "groups", groups)
        put(self, "kept", NOTHING_KEPT)

    @property
    def subject(self) -> Subject:
        """The subject itself."""
        return Subject(self.principal, self.id)

    @property
    def record(self) -> SubjectRecord:
        """The record this was made from."""
        return SubjectRecord(
            self.subject, self.organization, self.status, self.role, self.valid_until
        )

    @property
    def memberships(self) -> tuple[Membership, ...]:
        """The groups this subject is in, as records, by the group's id."""
        subject = self.subject
        return tuple(Membership(id, group, subject) for group, id in sorted(self.groups.items()))

    def __repr__(self) -> str:
        return f"<SubjectEntry {self.principal.short}:{self.id}>"


NOTHING_KEPT: tuple[object, int] = (None, 0)


class ResourceEntry(_Placed):
    """A resource, and all that contains it.

    `above` is every container, transitively, the nearest first; `organization` the id of
    the one among them, or its own, None if it lies in none. `implied` resources have no
    record: an organization, a subject, a group, and what each container has exactly one of.
    A new one, which does not exist yet, has no id.
    """

    __slots__ = (
        "above",
        "creator",
        "executor",
        "id",
        "implied",
        "owner",
        "parents",
        "references",
        "type",
    )

    type: ResourceType
    id: str
    parents: tuple[ResourceEntry, ...]
    above: tuple[ResourceEntry, ...]
    creator: Subject | None
    owner: Subject | None
    executor: Subject | None
    references: tuple[Resource, ...]
    implied: bool

    def __init__(
        self,
        type: ResourceType,
        id: str,
        parents: tuple[ResourceEntry, ...],
        above: tuple[ResourceEntry, ...],
        *,
        record: ResourceRecord | None = None,
        owner: Subject | None = None,
        references: tuple[Resource, ...] = (),
    ) -> None:
        """`above` is given because resources of one container share it."""
        put = object.__setattr__
        put(self, "type", type)
        put(self, "id", id)
        put(self, "parents", parents)
        put(self, "above", above)
        put(self, "organization", id if type is ResourceType.ORGANIZATION else _organization(above))
        put(self, "creator", record.creator if record else None)
        put(self, "owner", record.owner if record else owner)
        put(self, "executor", record.executor if record else None)
        put(self, "references", record.references if record else references)
        put(self, "implied", record is None)

    @property
    def resource(self) -> Resource:
        """The resource itself."""
        return Resource(self.type, self.id)

    @property
    def record(self) -> ResourceRecord:
        """The record this was made from, or would be."""
        parents = tuple(parent.resource for parent in self.parents)
        people = (self.creator, self.owner, self.executor)
        return ResourceRecord(self.resource, parents, *people, self.references)

    def __repr__(self) -> str:
        return f"<ResourceEntry {self.type.short}:{self.id}>"


def _organization(above: tuple[ResourceEntry, ...]) -> str | None:
    for entry in above:
        if entry.type is ResourceType.ORGANIZATION:
            return entry.id
    return None


def containers(parents: tuple[ResourceEntry, ...]) -> tuple[ResourceEntry, ...]:
    """`parents` and all that contains them, the nearest first, each once."""
    if len(parents) == 1:
        return (*parents, *parents[0].above)
    found = dict.fromkeys(parents)
    for parent in parents:
        found |= dict.fromkeys(parent.above)
    return tuple(found)


Block = tuple[tuple[str, ...], tuple[int, ...], tuple[str, ...]]
"""The assignments on a resource: the group, the bit of the role and the id of each.

Three tuples of names and numbers take half the room of a tuple for each assignment, and
the collector need not look at them.
"""

NO_ASSIGNMENTS: Block = ((), (), ())


def assignments_on(entry: ResourceEntry, block: Block) -> tuple[Assignment, ...]:
    """The assignments of `block` as records."""
    resource = entry.resource
    return tuple(
        Assignment(id, group, resource, ROLES[bit]) for group, bit, id in zip(*block, strict=True)
    )


class Tables:
    """What a directory holds, by what it is asked for; see `rbac.directory.Directory`.

    `assigned` has the assignments that give a role, `derived` those kept for audits.
    `crowds` has the role bits of each group of a resource with many. `holds` lists the
    resources on which a group has an assignment.
    """

    __slots__ = (
        "assigned",
        "crowds",
        "derived",
        "groups",
        "holds",
        "members",
        "organizations",
        "resources",
        "subjects",
    )

    def __init__(self) -> None:
        self.organizations: dict[str, Organization] = {}
        self.groups: dict[str, Group] = {}
        self.subjects: dict[Principal, dict[str, SubjectEntry]] = {each: {} for each in Principal}
        self.resources: dict[ResourceType, dict[str, ResourceEntry]] = {
            each: {} for each in ResourceType
        }
        self.members: dict[str, dict[Subject, str]] = {}
        self.assigned: dict[ResourceEntry, Block] = {}
        self.derived: dict[ResourceEntry, tuple[Assignment, ...]] = {}
        self.crowds: dict[ResourceEntry, dict[str, int]] = {}
        self.holds: dict[str, dict[ResourceEntry, None]] = {}

    def copy(self) -> Tables:
        """Tables of their own that share every entry; milliseconds for a million."""
        other = Tables()
        for name in self.__slots__:
            setattr(other, name, getattr(self, name).copy())
        other.subjects = {each: table.copy() for each, table in self.subjects.items()}
        other.resources = {each: table.copy() for each, table in self.resources.items()}
        return other


CROWD = 8
"""How many assignments on one resource are looked through one by one."""
