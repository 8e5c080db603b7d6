"""What a report says, as frozen data: the one source of every format.

Knows the shape of each part. It must not know how a part is found, nor how it is shown.
"""

from __future__ import annotations

from rbac.audit.blocks import Block
from rbac.audit.causes import Cause
from rbac.audit.difference import Shift
from rbac.audit.findings import Accepted, Finding
from rbac.audit.people import Sum, Through
from rbac.decision import Hold
from rbac.light import NamedTuple
from rbac.records import Group
from rbac.rows import Grant, Level, Permission, Reach, RoleRow, Rows
from rbac.terms import Resource, Subject
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType, UserStatus


class Heading(NamedTuple):
    """What the report is about: enough to tell two apart, and to make it again.

    `date` is empty unless it was asked for: the same inputs give the same report.
    """

    title: str
    date: str
    command: str
    policy: str
    directory: str | None


class Cell(NamedTuple):
    """A permission that a role has: how far, by which grant, through which juniors."""

    permission: Permission
    level: Level
    reach: Reach
    grant: Grant
    through: tuple[ResourceRole, ...]


class RoleLine(NamedTuple):
    """A role, the principals that may hold it, and all that it permits."""

    row: RoleRow
    principals: tuple[Principal, ...]
    cells: tuple[Cell, ...]

    @property
    def role(self) -> ResourceRole:
        """The role itself."""
        return self.row.role

    def on(self, type: ResourceType) -> tuple[Cell, ...]:
        """What it permits on resources of a type."""
        return tuple(cell for cell in self.cells if cell.permission.type is type)


class Proof(NamedTuple):
    """What became of an invariant: how much was looked at, and what contradicts it, in words."""

    name: str
    says: str
    because: str
    place: str
    noun: str
    looked: int
    against: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts it."""
        return not self.against


class Changes(NamedTuple):
    """What changed in the policy since an older one, named as it was asked for."""

    since: str
    verdict: str
    old: str
    gained: int
    lost: int
    more: tuple[Block, ...]
    less: tuple[Block, ...]
    causes: tuple[Cause, ...]
    shifts: tuple[Shift, ...]


class Share(NamedTuple):
    """How much one subject gains or loses: each permission, on how many resources."""

    subject: Subject
    triples: int
    permissions: tuple[tuple[Permission, int], ...]


class Gain(NamedTuple):
    """All that somebody gains, or loses, three times over: by permission, way and subject.

    `total` counts every (subject, action, resource); `shares` has those of the subjects
    with the most, and `total.subjects` says how many there are.
    """

    total: Sum
    permissions: tuple[tuple[Permission, Sum], ...]
    ways: tuple[Through, ...]
    shares: tuple[Share, ...]


class Turnover(NamedTuple):
    """Who gains and loses what, since a directory that is named as it was asked for."""

    since: str
    gained: Gain
    lost: Gain


class Audit(NamedTuple):
    """What an audit found that is open, and what is accepted."""

    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]


class Held(NamedTuple):
    """A role that somebody is given, and whether such a subject may hold it at all."""

    hold: Hold
    eligible: bool


class Person(NamedTuple):
    """A subject, its standing, and every role it is given."""

    subject: Subject
    status: UserStatus
    standing: OrganizationRole
    groups: tuple[str, ...]
    held: tuple[Held, ...]

    @property
    def administers(self) -> bool:
        """Whether it is an administrator of an organization, however that came about."""
        return any(each.eligible and each.hold.role is ResourceRole.ORG_ADMIN for each in self.held)


class GroupLine(NamedTuple):
    """A group, who is in it, and which roles its members hold on what."""

    group: Group
    members: tuple[Subject, ...]
    roles: tuple[tuple[ResourceRole, Resource], ...]


class Path(NamedTuple):
    """How somebody comes to have a permission: the hold, and the grant it leads to.

    `given` is the role that is held, by a relation to a resource or by a group; `through`
    goes from it down to the role of the grant.
    """

    given: ResourceRole
    relation: str
    group: str
    grant: Grant
    through: tuple[ResourceRole, ...]


class Answer(NamedTuple):
    """Everybody in `subjects` may use a permission on everything in `resources`, by one path.

    `on` is where the role is held: the resource itself (None), or what contains it.
    """

    permission: Permission
    path: Path
    on: Resource | None
    subjects: tuple[Subject, ...]
    resources: tuple[Resource, ...]


class Holding(NamedTuple):
    """Who holds what, and who may do what to what.

    `permitted` counts every (subject, action, resource). `answers` has each of them once;
    it is None where there are more than a page can hold, and so are `people` and `groups`.
    `administrators` have what they hold on organizations, `people` all that they hold.
    """

    counts: tuple[tuple[str, int], ...]
    permitted: int
    administrators: tuple[Person, ...]
    people: tuple[Person, ...] | None
    groups: tuple[GroupLine, ...] | None
    answers: tuple[Answer, ...] | None


class Report(NamedTuple):
    """One report, whole. `cells` and `allowed` count the cells of the policy."""

    heading: Heading
    rows: Rows
    roles: tuple[RoleLine, ...]
    types: tuple[ResourceType, ...]
    cells: int
    allowed: int
    proofs: tuple[Proof, ...] | None
    changes: Changes | None
    holding: Holding | None
    turnover: Turnover | None
    audit: Audit

    @property
    def refuted(self) -> tuple[Proof, ...]:
        """The invariants that something contradicts."""
        return tuple(proof for proof in self.proofs or () if not proof.holds)
