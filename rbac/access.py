"""Access: what one policy, one directory and the guards in force say about somebody.

Knows how roles are given (assignments, relations, containers), what they permit together,
and what takes access away. It must not know how a question is put, nor change anything:
an `Access` belongs to its policy and directory for ever.

Sets of roles are sums of bits (`rbac.entries.BITS`), so that the roles a subject is given
and the roles that permit something meet in one operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.abilities import Ability, abilities_of
from rbac.decision import Decision, Hold, Reason
from rbac.directory import Directory
from rbac.entries import BITS, ResourceEntry, SubjectEntry, roles_in
from rbac.evidence import Nobody, Whole, common
from rbac.giving import Giving
from rbac.guards import Guard, LooksAt
from rbac.light import TYPE_CHECKING
from rbac.prospects import entry_of_new, known
from rbac.records import Organization
from rbac.relations import owns
from rbac.rows import CredentialKind, Level, Permission, Requirement
from rbac.table import Basis, DecisionTable
from rbac.terms import Credential, Frozen, InstanceQuestion, NewResource, Resource, Subject, opened
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

# Looking a member up on its enum costs more than comparing with it.
_ORGANIZATION = ResourceType.ORGANIZATION
_CREDENTIAL = LooksAt.CREDENTIAL
_GRANTED, _OWN_ONLY, _NO_GRANT = Reason.GRANTED, Reason.OWN_ONLY, Reason.NO_GRANT
_NOT_HELD, _NOT_MET = Reason.NOT_HELD, Reason.REQUIREMENT_NOT_MET
_UNKNOWN_RESOURCE = Reason.UNKNOWN_RESOURCE
_SHOWN = (_GRANTED, _OWN_ONLY, _NOT_MET)
"""The reasons of decisions that rest on a grant."""

_PRECEDENCE = {reason: number for number, reason in enumerate(Reason)}

if TYPE_CHECKING:
    _Parts = tuple[
        Subject | None,
        ResourceRole | None,
        Resource | NewResource,
        Action | None,
        Credential | None,
    ]


class Access(Giving):
    """Answers about the subjects of one directory; every answer belongs to both snapshots.

    The policy is the one of `table`, by which the directory was validated. Reading it is
    safe in any thread. What it keeps is bounded: an ability for each kind of question, and
    the roles that each subject has on its organization.
    """

    __slots__ = (
        "_abilities",
        "_in_force",
        "_known_abilities",
        "_with_credential",
        "guards",
        "table",
    )

    def __init__(self, table: DecisionTable, directory: Directory, guards: Iterable[Guard]) -> None:
        super().__init__(table, directory)
        self.table = table
        self.guards = tuple(guards)
        self._with_credential = [(each, each.refuses) for each in self.guards]
        self._in_force = [
            each for each in self._with_credential if each[0].looks_at is not _CREDENTIAL
        ]
        self._abilities = abilities_of(table)
        self._known_abilities = self._abilities.known

    def decide(
        self,
        subject: Subject | None,
        role: ResourceRole | None,
        resource: Resource | NewResource,
        action: Action | None,
        credential: Credential | None,
    ) -> Decision:
        """The decision on a question whose parts were checked; about two microseconds.

        Raises `RequestError` for a new resource whose containers are not known.
        """
        parts = subject, role, resource, action, credential
        assert subject is not None, "nobody is asked about apart"
        who = self._subjects[subject.principal].get(subject.id)
        if type(resource) is not Resource and isinstance(resource, NewResource):
            about: ResourceEntry | None = entry_of_new(self.directory, resource)
        else:
            about = self._resources[resource.type].get(resource.id)
        if who is None:
            return self.unauthenticated(InstanceQuestion(*parts))
        if action is None:
            return self._furthest(InstanceQuestion(*parts), who, about)
        try:
            ability = self._known_abilities[subject.principal][role][resource.type][action]
        except KeyError:
            ability = self._abilities.of(who.principal, role, resource.type, action)
        asked = _Open()
        asked.access, asked.who, asked.about = self, who, about
        asked.ability, asked.credential, asked._parts = ability, credential, parts
        asked.__class__ = Asked
        guard = self.refusing(asked)
        if guard is not None:
            return Decision.about_somebody(guard.reason, asked, guard.name)
        return Decision.about_somebody(self._reason(asked), asked)

    def asked(self, question: InstanceQuestion) -> Asked | None:
        """What guards would see of a question with an action; None if nobody known asks it."""
        subject, role, resource, action, credential = question
        who = self.directory.subject(subject) if subject else None
        if who is None or action is None:
            return None
        known = self.directory.resource(resource) if isinstance(resource, Resource) else None
        about = (
            entry_of_new(self.directory, resource) if isinstance(resource, NewResource) else known
        )
        ability = self._abilities.of(who.principal, role, resource.type, action)
        return Asked(self, question, who, about, ability, credential)

    def holding(self, who: SubjectEntry, role: ResourceRole) -> int:
        """The roles by which a subject of its kind holds `role`."""
        return self._abilities.holding(who.principal, role)

    def ability(self, who: SubjectEntry, permission: Permission) -> Ability:
        """What it takes for a subject to have a permission in any role."""
        return self._abilities.of(who.principal, None, permission.type, permission.action)

    def permitting(self, principal: Principal, permission: Permission) -> int:
        """The roles that permit such a principal something, if only on own resources."""
        return self._abilities.of(principal, None, permission.type, permission.action).own

    def unauthenticated(self, question: InstanceQuestion) -> Decision:
        """The decision where nobody signed in, or nobody who is known."""
        return Decision.about_somebody(Reason.UNKNOWN_SUBJECT, Nobody(self, question))

    def _furthest(
        self, question: InstanceQuestion, who: SubjectEntry, about: ResourceEntry | None
    ) -> Decision:
        """Without an action: the decision of the action that gets furthest."""
        _, role, resource, _, credential = question
        furthest, refusing = Reason.UNKNOWN_SUBJECT, None
        for action in self.table.actions_on(resource.type):
            ability = self._abilities.of(who.principal, role, resource.type, action)
            asked = Asked(self, question, who, about, ability, credential)
            guard = self.refusing(asked)
            reason = guard.reason if guard else self._reason(asked)
            if _PRECEDENCE[reason] > _PRECEDENCE[furthest]:
                furthest, refusing = reason, guard
        if furthest is Reason.UNKNOWN_SUBJECT:  # no action exists there: guards see one that is not
            ability = self._abilities.of(who.principal, role, resource.type, Action.GET)
            refusing = self.refusing(Asked(self, question, who, about, ability, credential))
            known = _NO_GRANT if about is not None else _UNKNOWN_RESOURCE
            furthest = refusing.reason if refusing else known
        name = refusing.name if refusing else None
        return Decision.about_somebody(furthest, Whole(self, question, who, about), name)

    def refusing(self, asked: Asked, looks_at: LooksAt | None = None) -> Guard | None:
        """The first guard that refuses, or fails, or does not answer False.

        All that apply are asked, or only those that look at `looks_at`.
        """
        guards = self._in_force if asked.credential is None else self._with_credential
        if looks_at is not None:
            guards = [each for each in guards if each[0].looks_at is looks_at]
        for guard, refuses in guards:
            try:
                if refuses(asked) is not False:
                    return guard
            except Exception:
                return guard
        return None

    def _reason(self, asked: Asked) -> Reason:
        """Why it is what it is, guards aside."""
        who, about, ability = asked.who, asked.about, asked.ability
        if about is None:
            return _UNKNOWN_RESOURCE
        if ability.barred is not None:
            return ability.barred
        given = self.given(who, about, ability.any)
        if given & ability.any or (given & ability.own and owns(who, about)):
            if ability.requirements and self.unmet(asked):
                return _NOT_MET
            return _GRANTED
        if not given & ability.held:
            return _NOT_HELD
        return _OWN_ONLY if given & ability.own else _NO_GRANT

    def unmet(self, asked: Asked) -> tuple[Requirement, ...]:
        """The requirements of the permission that are not met."""
        return tuple(row for row in asked.ability.requirements if not self._met(row, asked))

    def _met(self, row: Requirement, asked: Asked) -> bool:
        need, who, about = row.need, asked.who, asked.about
        if isinstance(need, Principal):
            return who.principal is need
        if isinstance(need, CredentialKind):
            return asked.credential is not None and asked.credential.impersonated
        assert about is not None, "a requirement is asked of what is known"
        ability = self.ability(who, need)
        resources = self.needed(need, about)
        return bool(resources) and all(self.permits(ability, who, each) for each in resources)

    def needed(self, need: Permission, about: ResourceEntry) -> list[ResourceEntry]:
        """The resources on which a second permission is needed; none: it cannot be met."""
        resources = self.named(about, need.type)
        foreign = any(each.organization != about.organization for each in resources)
        return [] if foreign else resources

    def named(self, about: ResourceEntry, type: ResourceType) -> list[ResourceEntry]:
        """The resources of a type that a resource names or, naming none, lies within."""
        named = [known(self.directory, each) for each in about.references if each.type is type]
        return named or [each for each in about.above if each.type is type]

    def permits(self, ability: Ability, who: SubjectEntry, about: ResourceEntry) -> bool:
        """Whether the roles given there permit it, requirements and guards aside."""
        given = self.given(who, about)
        return bool(given & ability.any or (given & ability.own and owns(who, about)))

    def allowed(self, asked: Asked) -> bool:
        """Whether the whole decision on `asked` allows."""
        return self.refusing(asked) is None and self._reason(asked) is _GRANTED

    def actions(
        self,
        who: SubjectEntry,
        role: ResourceRole | None,
        about: ResourceEntry | None,
        question: InstanceQuestion,
    ) -> Iterator[tuple[Action, Level]]:
        """Every action that is allowed on a resource, and its level."""
        if about is None:
            return
        for action in self.table.actions_on(about.type):
            ability = self._abilities.of(who.principal, role, about.type, action)
            asked = Asked(self, question, who, about, ability, question.credential)
            if ability.row is not None and self.allowed(asked):
                yield action, ability.row.level


class Asked(Frozen):
    """A question about somebody who is known: what guards see, and what a decision rests on."""

    __slots__ = ("_parts", "ability", "about", "access", "credential", "who")

    access: Access
    who: SubjectEntry
    about: ResourceEntry | None
    ability: Ability
    credential: Credential | None
    _parts: _Parts

    def __init__(
        self,
        access: Access,
        question: InstanceQuestion,
        who: SubjectEntry,
        about: ResourceEntry | None,
        ability: Ability,
        credential: Credential | None,
    ) -> None:
        put = object.__setattr__
        put(self, "access", access)
        put(self, "_parts", question)
        put(self, "who", who)
        put(self, "about", about)
        put(self, "ability", ability)
        put(self, "credential", credential)

    @property
    def question(self) -> InstanceQuestion:
        """The question itself; made when it is read, which most never are."""
        return InstanceQuestion(*self._parts)

    def by(self, who: SubjectEntry) -> Asked:
        """The same, asked by `who`."""
        return Asked(self.access, self.question, who, self.about, self.ability, self.credential)

    @property
    def permission(self) -> Permission:
        """What is asked for."""
        return self.ability.permission

    @property
    def level(self) -> Level | None:
        """What using the permission does; None if there is no such permission."""
        return self.ability.row.level if self.ability.row else None

    @property
    def organization(self) -> Organization | None:
        """The organization of the resource."""
        if self.about is None or self.about.organization is None:
            return None
        return self.access.directory.tables.organizations[self.about.organization]

    @property
    def holds(self) -> frozenset[ResourceRole]:
        """The roles given there for which the subject is eligible, without their juniors."""
        if self.about is None:
            return frozenset()
        held = self.access.table.eligible
        given = roles_in(self.access.given(self.who, self.about))
        return frozenset(role for role in given if held(self.who.principal, role))

    @property
    def granted_to(self) -> frozenset[ResourceRole]:
        """The roles whose own grants permit it, of those that the subject holds there."""
        table = self.access.table
        return frozenset(
            basis.grant.role
            for role in self.holds
            if BITS[role] & self.ability.held
            for basis in table.bases(self.question.role or role, self.permission)
        )

    def attributes(self, reason: Reason) -> dict[str, object]:
        """The attributes of the decision that were not needed to decide."""
        found = self._determining(reason) if reason in _SHOWN else None
        return {
            **common(self.access, self.question, self.who, self.about, reason),
            "grant": found[0].grant if found else None,
            "through": found[0].through if found else (),
            "hold": found[1] if found else None,
            "requirements": self.ability.requirements,
            "unmet": self.access.unmet(self) if reason is _NOT_MET else (),
        }

    def _determining(self, reason: Reason) -> tuple[Basis, Hold]:
        """The nearest grant that reaches it, and how it is held; of equals, the first place."""
        assert self.about is not None, "what is granted is known"
        own = reason is _OWN_ONLY or owns(self.who, self.about)
        return self.nearest(self.access.holds(self.who, self.about), own)

    def nearest(self, holds: Iterable[Hold], own: bool) -> tuple[Basis, Hold]:
        """The nearest grant that some of the subject's holds on the resource lead to.

        `holds` are in their order there, and `own` says whether own resources are enough.
        """
        table, (action, type) = self.access.table, self.permission
        found = []
        for hold in holds:
            if BITS[hold.role] & self.ability.held & self.ability.own:
                cell = table.holdings(self.question.role or hold.role)[type][action]
                basis = cell.own if own else cell.any
                if basis is not None:
                    found.append((basis, hold))
        return min(found, key=lambda each: (len(each[0].through), each[0].grant.place))


_Open = opened(Asked)
