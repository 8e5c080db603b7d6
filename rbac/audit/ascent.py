"""Ascent: everything that one subject can come to by itself, step by step.

Knows how each permission that hands out roles is used by somebody for itself. It must not
decide who may use it, nor what keeps from it: the access and the rules of granting do.

A subject starts as itself. In each round, whomever it can act as uses every permission it
has then, in favour of itself and of all whom it can act as already:

- a permission to *share* gives a role on the resource, if no rule of granting forbids it;
- a permission to *add members* joins a group, with all that it holds, if no rule forbids it;
- a permission to *set roles* makes an administrator of a user;
- a permission to *provision* puts into any group that is not behind a share: an identity
  provider asks nobody;
- a *credential* of a service account, a runner or an environment acts as that; one for an
  agent execution as whoever owns, created or executes it;
- one that is not known gives any role on the resource and on all that contains it.

Rounds end when nothing is new. Nothing that is given takes access away, so that the order
of steps does not matter, and the first round in which something is found is the fewest
steps that depend on one another. An identity is given nothing that would be worth no more
to it than to another of its kind, which has it or is given it: see `rbac.audit.standins`.
What somebody makes anew is left out: it opens nothing that was there before. So is what
others could do for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

from rbac.access import Access
from rbac.administration import AddMember
from rbac.audit.escalation import Way, meta_permissions
from rbac.audit.standins import StandIns
from rbac.audit.supposing import Supposed
from rbac.audit.uses import Use, Uses
from rbac.decision import Decision
from rbac.entries import BITS, ResourceEntry, SubjectEntry
from rbac.granting_rules import administers, broken_rules, granting_permission
from rbac.light import NamedTuple
from rbac.prospects import entry_of_new
from rbac.relations import owns
from rbac.rows import Permission
from rbac.terms import Credential, NewResource, Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

IMPERSONATING = Credential(impersonated=True)
"""What somebody authenticates with who acts as another subject."""


class Step(NamedTuple):
    """What one subject does: by which permission, on what, and what comes of it for whom.

    `gives` are the roles that `whom` gets, each on a resource; none: the actor then acts as
    `whom`.
    """

    actor: Subject
    permission: Permission
    on: Resource | NewResource
    way: Way
    whom: Subject
    gives: tuple[tuple[ResourceRole, Resource], ...]

    def __str__(self) -> str:
        does = f"{self.actor} may {self.permission.action.short} {self.on}"
        if not self.gives:
            return f"{does}, and acts as {self.whom}"
        given = ", ".join(f"{role.short} on {resource}" for role, resource in self.gives)
        joins = "joins it" if self.way is Way.JOIN and self.whom == self.actor else ""
        return f"{does}, and {joins or f'gives {self.whom}'}: {given}"

    def as_dict(self) -> dict[str, object]:
        """The step as plain JSON values."""
        return {
            "actor": str(self.actor),
            "permission": str(self.permission),
            "on": str(self.on),
            "way": self.way.value,
            "whom": str(self.whom),
            "gives": [
                {"role": role.short, "resource": str(resource)} for role, resource in self.gives
            ],
        }


Path = tuple[Step, ...]
"""Steps in an order in which they can be taken."""


class Target(NamedTuple):
    """What a step leads to: a role (by its bit) for somebody on a resource, or acting as it."""

    who: SubjectEntry
    scope: ResourceEntry | None = None
    role: int = 0


class Ascent:
    """All that one subject comes to; `paths` has a shortest path to each thing it comes to.

    `identities` are those it can act as, itself first. Milliseconds for a subject of a
    small organization, some hundred for its administrators; minutes for who can act as
    hundreds of others, among thousands of resources.
    """

    def __init__(self, access: Access, actor: SubjectEntry) -> None:
        self.start, self.actor = access, actor
        self.access = Supposed(access)
        self.identities: dict[SubjectEntry, Path] = {actor: ()}
        self.paths: dict[Target, Path] = {}
        self._meta = list(meta_permissions(access.table))
        self._uses = Uses(self.access)
        self._stand_ins = StandIns(access, self.access)
        self._first: dict[Principal, SubjectEntry] = {}
        self._shared: dict[ResourceEntry, int] = {}
        self._had: set[Target] = set()
        self._refused: set[tuple[SubjectEntry, str]] = set()
        while self._round():
            pass

    def credential(self, who: SubjectEntry) -> Credential | None:
        """What the subject authenticates with when it acts as somebody."""
        return None if who is self.actor else IMPERSONATING

    def _round(self) -> bool:
        """Takes every step that is new and can be taken now; whether there was one."""
        found: dict[Target, Path] = {}
        self._refused.clear()
        for actor in self.identities:
            for permission, way in self._meta:
                for about, named in self._places(actor, permission, way):
                    for target, path in self._steps(actor, permission, way, about, named):
                        if target not in found or len(path) < len(found[target]):
                            found[target] = path
                        self._had.add(target)
        for target, path in found.items():
            self.paths[target] = path
            if target.scope is None:
                self.identities[target.who] = path
            else:
                self.access.suppose(target.who, target.scope, target.role)
        return bool(found)

    def _places(
        self, actor: SubjectEntry, permission: Permission, way: Way
    ) -> Iterator[tuple[ResourceEntry, Resource | NewResource]]:
        """Every resource on which an identity has a permission now."""
        access, ability = self.access, self.access.ability(actor, permission)
        if ability.barred is not None:
            return
        if way is Way.PROVISION and permission.action is Action.CREATE:
            within = self._uses.new(permission.type, actor)
            if within is not None:
                new = Resource.new(permission.type, (within,))
                if self.decide(actor, permission.action, new):
                    yield entry_of_new(access.directory, new), new
            return
        shared, everybody = self._shared if way is Way.SHARE else {}, len(self.identities)
        for about in access.directory.tables.resources[permission.type].values():
            if shared.get(about) != everybody and access.given(actor, about) & ability.own:
                resource = about.resource
                if self.decide(actor, permission.action, resource):
                    yield about, resource

    def decide(
        self, who: SubjectEntry, action: Action, resource: Resource | NewResource
    ) -> Decision:
        """Whether one of the identities may do something, by all that is found so far."""
        return self.access.decide(who.subject, None, resource, action, self.credential(who))

    def _steps(
        self,
        actor: SubjectEntry,
        permission: Permission,
        way: Way,
        about: ResourceEntry,
        named: Resource | NewResource,
    ) -> Iterator[tuple[Target, Path]]:
        """What comes of using a permission on a resource: what is new, each with its path."""
        do = actor.subject, permission, named, way
        for who in self._uses.acted(way, about):
            if who not in self.identities:
                path = self._because(actor, permission, about)
                yield Target(who), (*path, Step(*do, who.subject, ()))
        for whom in self._takers(way, about):
            for use in self._uses.of(way, permission, about, whom, partial(self._is_new, whom)):
                if self._is_unbroken(actor, use):
                    path = _joined(
                        self._because(actor, permission, about), self._backing(actor, use)
                    )
                    gives = tuple((role, scope.resource) for role, scope in use.gives)
                    path = _joined(path, self.identities[whom], (Step(*do, whom.subject, gives),))
                    for role, scope in use.new:
                        yield Target(whom, scope, BITS[role]), path

    def _takers(self, way: Way, about: ResourceEntry) -> Iterator[SubjectEntry]:
        """The identities that a use is to give something.

        What can be shared was shared with all that there were then, whoever shared it; only
        an organization's roles are for some to give and for others not.
        """
        once = way is Way.SHARE and about.type is not ResourceType.ORGANIZATION
        first = self._shared.get(about, 0) if once else 0
        if once:
            self._shared[about] = len(self.identities)
        yield from islice(self.identities, first, None)

    def _is_new(self, whom: SubjectEntry, role: ResourceRole, scope: ResourceEntry) -> bool:
        """Whether it would hold a role that it does not hold yet, nor is given in this round."""
        target = Target(whom, scope, BITS[role])
        if target in self._had:
            return False
        holding = self.access.holding(whom, role)
        first = self._first.get(whom.principal)
        if first is None and self._stand_ins.acts(whom):
            first = self._first[whom.principal] = whom
        if (
            not holding
            or (first not in (None, whom) and self._stand_ins.spare(first, whom, role, scope))
            or self.access.given(whom, scope) & holding
        ):
            self._had.add(target)
            return False
        return True

    def _is_unbroken(self, actor: SubjectEntry, use: Use) -> bool:
        """Whether no rule of granting keeps from it; the permission is there already.

        A group that is beyond an actor is so for whomever it would add.
        """
        change = use.change
        if change is None:
            return True
        if isinstance(change, AddMember) and (actor, change.group) in self._refused:
            return False
        broken = next(broken_rules(self.access, actor.subject, change), None)
        if isinstance(change, AddMember) and broken and broken.startswith("role_beyond"):
            self._refused.add((actor, change.group))
        return broken is None

    def _because(self, who: SubjectEntry, permission: Permission, about: ResourceEntry) -> Path:
        """The steps after which an identity has a permission, and all that it takes."""
        ability = self.access.ability(who, permission)
        roles = ability.own if owns(who, about) else ability.any
        path = _joined(self.identities[who], self._given(who, roles, about))
        for row in ability.requirements:
            if isinstance(row.need, Permission):
                for each in self.access.needed(row.need, about):
                    path = _joined(path, self._because(who, row.need, each))
        return path

    def _given(self, who: SubjectEntry, roles: int, about: ResourceEntry) -> Path:
        """The steps after which one of some roles is given; none where it was at the start."""
        if self.start.given(who, about) & roles:
            return ()
        paths = [
            self.paths[target]
            for scope in (about, *about.above)
            for bit in _bits(roles)
            if (target := Target(who, scope, bit)) in self.paths
        ]
        return min(paths, key=len, default=())

    def _backing(self, actor: SubjectEntry, use: Use) -> Path:
        """The steps after which no rule keeps the actor from a change (J1, DOC_ORGROLES)."""
        directory, path = self.access.directory, self.identities[actor]
        organizations = {scope for _, scope in use.gives if scope.type is ResourceType.ORGANIZATION}
        if isinstance(use.change, AddMember):
            group = directory.tables.groups[use.change.group]
            home = directory.tables.resources[ResourceType.ORGANIZATION][group.organization]
            if administers(self.access, actor.subject, home.id):
                return _joined(path, self._as_admin(actor, home))
            for _, scope in use.gives:
                action, asked = granting_permission(self.access, scope.resource)
                about = directory.resource(asked)
                assert about is not None, "what is granted on is there"
                path = _joined(path, self._because(actor, Permission(action, asked.type), about))
        for organization in organizations:
            path = _joined(path, self._as_admin(actor, organization))
        return path

    def _as_admin(self, actor: SubjectEntry, organization: ResourceEntry) -> Path:
        return self._given(actor, self.access.holding(actor, ResourceRole.ORG_ADMIN), organization)


def _bits(roles: int) -> Iterator[int]:
    while roles:
        bit = roles & -roles
        yield bit
        roles ^= bit


def _joined(*paths: Path) -> Path:
    """All steps, each where it first is."""
    return tuple(dict.fromkeys(step for path in paths for step in path))
