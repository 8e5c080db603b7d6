"""Why somebody may do something, and what would change it.

Knows how to list every way that a role reaches somebody, and behind a denial every single
change that would allow it. It must not decide: that a change allows is asked of an access
to the directory, or the policy, as it would then be.

A change is a group to join, a role to be given, a place in the organization, ownership, a
standing, a credential, or a grant to add to the policy.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.abilities import Ability
from rbac.access import Access, Asked
from rbac.decision import Decision, Hold
from rbac.directory import Directory
from rbac.entries import BITS, ResourceEntry, SubjectEntry
from rbac.errors import DirectoryError, PolicyError
from rbac.light import NamedTuple
from rbac.policy import Policy
from rbac.records import Assignment, Group, Membership
from rbac.relations import owns
from rbac.rows import Grant, Permission, Reach, Relation
from rbac.table import Basis, DecisionTable
from rbac.terms import Credential, InstanceQuestion, Resource
from rbac.vocabulary import Action, OrganizationRole, ResourceRole, UserStatus


class Path(NamedTuple):
    """One way of being allowed: how a role is held, and the grant that it leads to."""

    hold: Hold
    basis: Basis

    def as_dict(self) -> dict[str, object]:
        """The path as plain JSON values."""
        grant = self.basis.grant
        return {
            "hold": self.hold.as_dict(),
            "through": [role.short for role in self.basis.through],
            "grant": [name.short for name in grant[:4]],
            "place": str(grant.place),
            "rationale": str(grant.rationale or ""),
        }


class AccessChange(NamedTuple):
    """One change that would allow what is denied.

    `kind` is ``join`` (a `group` that holds `role` on `on`), ``assign`` (`role` on `on`),
    ``organization_role``, ``own`` (`on`), ``activate``, ``credential`` or ``grant``.
    """

    kind: str
    role: ResourceRole | None = None
    on: Resource | None = None
    group: str | None = None
    organization_role: OrganizationRole | None = None
    credential: Credential | None = None
    grant: Grant | None = None

    def __str__(self) -> str:
        role = self.role.short if self.role else ""
        place = self.organization_role.short if self.organization_role else ""
        row = ", ".join(name.short for name in self.grant[:4]) if self.grant else ""
        impersonated = self.credential is not None and self.credential.impersonated
        use = "taken to act for it" if impersonated else "that may write"
        return {
            "join": f"join group {self.group}, which holds {role} on {self.on}",
            "assign": f"be given {role} on {self.on}",
            "organization_role": f"be {place} of the organization",
            "own": f"own {self.on}",
            "activate": "be active",
            "credential": f"use a credential {use}",
            "grant": f"add the grant: p, {row}",
        }[self.kind]

    def as_dict(self) -> dict[str, object]:
        """What the change is made of, as plain JSON values."""
        credential = self.credential
        values: dict[str, object] = {
            "role": self.role.short if self.role else None,
            "on": str(self.on) if self.on else None,
            "group": self.group,
            "organization_role": self.organization_role.short if self.organization_role else None,
            "credential": credential.as_dict() if credential else None,
            "grant": [name.short for name in self.grant[:4]] if self.grant else None,
        }
        return {"kind": self.kind} | {
            name: value for name, value in values.items() if value is not None
        }


class Opened(NamedTuple):
    """What else a change would permit: how many permissions, on how many resources."""

    permissions: int
    resources: int


class _Then(NamedTuple):
    """Who asks what, with which credential, by which policy and directory."""

    access: Access
    who: SubjectEntry
    credential: Credential | None

    def about(self, question: InstanceQuestion) -> Asked | None:
        """The same question, asked here."""
        asked = self.access.asked(question._replace(credential=self.credential))
        return None if asked is None else asked._replace(who=self.who)

    def actions(self, about: ResourceEntry, question: InstanceQuestion) -> set[Action]:
        """All that is allowed on a resource."""
        plain = question._replace(role=None, credential=self.credential)
        return {action for action, _ in self.access.actions(self.who, None, about, plain)}


class AccessExplanation:
    """A decision about somebody with everything behind it.

    `paths` is every way of being allowed, the determining one first; empty for a denial.
    `changes` is, for a denial, every single change that allows it: some microseconds for
    each that might.
    """

    __slots__ = ("_now", "changes", "decision", "paths", "question")

    def __init__(self, access: Access, question: InstanceQuestion) -> None:
        self.question = question
        self.decision: Decision = access.decide(*question)
        self.paths: tuple[Path, ...] = ()
        self.changes: tuple[AccessChange, ...] = ()
        asked = access.asked(question)
        if asked is None or asked.about is None or asked.ability.row is None:
            return
        self._now = _Then(access, asked.who, question.credential)
        if self.decision.allowed:
            self.paths = tuple(sorted(_paths(asked, asked.about), key=_nearness))
        else:
            self.changes = tuple(filter(self._allows, dict.fromkeys(_candidates(asked))))

    def _allows(self, change: AccessChange) -> bool:
        try:
            then = _after(self._now, change).about(self.question)
        except DirectoryError:  # a subject of its kind cannot be given a role like that
            return False
        return then is not None and then.access.allowed(then)

    def opens(self, change: AccessChange) -> Opened:
        """What else `change` would permit to the subject; counted when it is read.

        It asks about every resource of the directory, some microseconds each, and about
        ownership by a directory of its own.
        """
        then, now, question = _after(self._now, change), self._now, self.question
        permissions = resources = 0
        for after in then.access.directory.resources():
            before = now.access.directory.tables.resources[after.type].get(after.id)
            if before is None:  # the group that a role would be given to
                continue
            if _same(change, then, now, after, before):
                continue
            gained = then.actions(after, question) - now.actions(before, question)
            if isinstance(question.resource, Resource) and question.resource == after.resource:
                gained.discard(question.action)
            permissions += len(gained)
            resources += bool(gained)
        return Opened(permissions, resources)

    def ranked(self) -> list[tuple[AccessChange, Opened]]:
        """Every change with what else it opens, the one that opens least first."""
        opened = [(change, self.opens(change)) for change in self.changes]
        return sorted(opened, key=lambda each: each[1])

    def as_dict(self) -> dict[str, object]:
        """The explanation as plain JSON values."""
        return {
            "decision": self.decision.as_dict(),
            "paths": [path.as_dict() for path in self.paths],
            "changes": [
                change.as_dict() | {"opens": opened._asdict()} for change, opened in self.ranked()
            ],
        }


def _same(
    change: AccessChange, then: _Then, now: _Then, after: ResourceEntry, before: ResourceEntry
) -> bool:
    """Whether it is plain that nothing is opened: no role added, none asked of another resource."""
    if change.kind not in ("join", "assign"):
        return False
    rows = now.access.table.policy.rows.requirements
    if any(row.type is after.type and isinstance(row.need, Permission) for row in rows):
        return False
    return then.access.given(then.who, after) == now.access.given(now.who, before)


def _nearness(path: Path) -> tuple[int, object]:
    return len(path.basis.through), path.basis.grant.place


def _paths(asked: Asked, about: ResourceEntry) -> Iterator[Path]:
    """Every hold that permits it, with every grant that it leads to."""
    own = owns(asked.who, about)
    for hold in asked.access.holds(asked.who, about):
        if BITS[hold.role] & asked.ability.held:
            role = asked.question.role or hold.role
            for basis in asked.access.table.bases(role, asked.permission):
                if own or basis.grant.reach is Reach.ANY:
                    yield Path(hold, basis)


def _candidates(asked: Asked) -> Iterator[AccessChange]:
    """Every single change that might allow it."""
    assert asked.about is not None, "what is not known cannot be allowed"
    yield from _standing(asked)
    for ability, about in _needed(asked, asked.about):
        yield from _holding(asked, ability, about)
    yield from _granting(asked)


def _needed(asked: Asked, about: ResourceEntry) -> Iterator[tuple[Ability, ResourceEntry]]:
    """What is asked for, and each second permission that it requires, on what it is about."""
    yield asked.ability, about
    for row in asked.ability.requirements:
        if isinstance(row.need, Permission):
            for resource in asked.access.named(about, row.need.type):
                yield asked.access.ability(asked.who, row.need), resource


def _standing(asked: Asked) -> Iterator[AccessChange]:
    yield AccessChange("activate")
    for role in (OrganizationRole.MEMBER, OrganizationRole.ADMIN):
        if asked.who.organization is not None and asked.who.role is not role:
            yield AccessChange("organization_role", organization_role=role)
    given = asked.credential or Credential()
    if given.read_only:
        writes = Credential(impersonated=given.impersonated)
        yield AccessChange("credential", credential=writes)
    if not given.impersonated:
        acts = Credential(read_only=given.read_only, impersonated=True)
        yield AccessChange("credential", credential=acts)


def _holding(asked: Asked, ability: Ability, about: ResourceEntry) -> Iterator[AccessChange]:
    """Groups to join, roles to be given and resources to own, for one permission."""
    access, who = asked.access, asked.who
    tables = access.directory.tables
    roles = access.table.policy.rows.roles
    for scope in (about, *about.above) if about.id else about.above:
        for assignment in access.directory.assignments(scope):
            group = tables.groups[assignment.group]
            gives = BITS[assignment.role] & ability.own and group.id not in who.groups
            if gives and group.organization == who.organization:
                yield AccessChange("join", assignment.role, scope.resource, group.id)
        for row in roles:
            if row.assignable and row.assigned_on is scope.type and BITS[row.role] & ability.own:
                yield AccessChange("assign", row.role, scope.resource)
        if not scope.implied and _owning_helps(asked, ability, scope):
            yield AccessChange("own", on=scope.resource)


def _owning_helps(asked: Asked, ability: Ability, scope: ResourceEntry) -> bool:
    """Whether owning it gives a role that permits, or is what a role held there lacks."""
    access, who = asked.access, asked.who
    gives = any(
        row.relation is Relation.OWNER and row.type is scope.type and BITS[row.role] & ability.own
        for row in access.table.policy.rows.derived_roles
    )
    return gives or bool(scope is asked.about and access.given(who, scope) & ability.own)


def _granting(asked: Asked) -> Iterator[AccessChange]:
    """Grants of the permission to roles that the subject holds there already."""
    action, type = asked.permission
    roles = [asked.question.role] if asked.question.role else sorted(asked.holds, key=str)
    for role in roles:
        for reach in (Reach.OWN, Reach.ANY):
            yield AccessChange("grant", role, grant=Grant(role, type, action, reach))


def _after(now: _Then, change: AccessChange) -> _Then:
    """The same subject once `change` is made."""
    access, who, credential = now
    if change.kind == "join":
        assert change.group is not None
        return now._replace(who=SubjectEntry(who.record, {**who.groups, change.group: ""}))
    if change.kind == "credential":
        return now._replace(credential=change.credential)
    if change.kind == "organization_role":
        assert change.organization_role is not None
        record = who.record._replace(role=change.organization_role)
        return now._replace(who=SubjectEntry(record, who.groups))
    if change.kind == "activate":
        record = who.record._replace(status=UserStatus.ACTIVE, valid_until=None)
        return now._replace(who=SubjectEntry(record, who.groups))
    if change.kind == "grant":
        assert change.grant is not None
        return now._replace(access=_with_grant(access, change.grant))
    directory = _with_hold(access.directory, who, change)
    entry = directory.tables.subjects[who.principal][who.id]
    return _Then(Access(access.table, directory, access.guards), entry, credential)


def _with_grant(access: Access, grant: Grant) -> Access:
    """Access by the policy with one more grant, or by the same if it has as much already."""
    rows = access.table.policy.rows
    try:
        policy = Policy(rows._replace(grants=(*rows.grants, grant)))
    except PolicyError:
        return access
    return Access(DecisionTable(policy), access.directory, access.guards)


def _with_hold(directory: Directory, who: SubjectEntry, change: AccessChange) -> Directory:
    """The directory in which the subject owns a resource, or a group of its own has a role."""
    assert change.on is not None
    if change.kind == "own":
        record = directory.tables.resources[change.on.type][change.on.id].record
        return directory.changed(remove=[record], add=[record._replace(owner=who.subject)])
    assert change.role is not None
    # The id of the subject is no group's: nothing here is ever written.
    group = Group(who.id, who.organization or "", direct_share=True)
    return directory.changed(
        add=[
            group,
            Membership(who.id, group.id, who.subject),
            Assignment(who.id, group.id, change.on, change.role),
        ]
    )
