"""Access: what one policy, one directory and the guards in force say about somebody.

Knows how roles are given (assignments, relations, containers), what they permit together,
and what takes access away. It must not know how a question is put, nor change anything:
an `Access` belongs to its policy and directory for ever.

Sets of roles are sums of bits (`rbac.entries.BITS`), so that the roles a subject is given
and the roles that permit something meet in one operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.abilities import Abilities, Ability
from rbac.decision import Decision, Hold, Reason
from rbac.directory import Directory
from rbac.entries import BITS, ROLES, ResourceEntry, SubjectEntry, assignments_on, roles_in
from rbac.guards import Guard
from rbac.light import NamedTuple
from rbac.prospects import entry_of_new, known
from rbac.records import Organization
from rbac.relations import Relations, owns
from rbac.rows import CredentialKind, Level, Permission, Requirement
from rbac.table import Basis, DecisionTable
from rbac.terms import Credential, InstanceQuestion, NewResource, Resource, Subject
from rbac.vocabulary import Action, ErrorCode, Principal, ResourceRole, ResourceType

# Looking a member up on its enum costs more than comparing with it.
_ORGANIZATION = ResourceType.ORGANIZATION
_GRANTED, _OWN_ONLY, _NO_GRANT = Reason.GRANTED, Reason.OWN_ONLY, Reason.NO_GRANT
_NOT_HELD, _NOT_MET = Reason.NOT_HELD, Reason.REQUIREMENT_NOT_MET
_SHOWN = (_GRANTED, _OWN_ONLY, _NOT_MET)
"""The reasons of decisions that rest on a grant."""

_PRECEDENCE = {reason: number for number, reason in enumerate(Reason)}
_new_tuple = tuple.__new__


class Access:
    """Answers about the subjects of one directory; every answer belongs to both snapshots.

    The policy is the one of `table`, by which the directory was validated. Reading it is
    safe in any thread. What it keeps is bounded: an ability for each kind of question, and
    the roles that each subject has on its organization.
    """

    __slots__ = (
        "_abilities",
        "_assigned",
        "_crowds",
        "_on_organization",
        "_relations",
        "_resources",
        "_subjects",
        "directory",
        "guards",
        "table",
    )

    def __init__(self, table: DecisionTable, directory: Directory, guards: Iterable[Guard]) -> None:
        self.table = table
        self.directory = directory
        self.guards = tuple(guards)
        self._abilities = Abilities(table)
        self._subjects = directory.tables.subjects
        self._resources = directory.tables.resources
        self._assigned = directory.tables.assigned
        self._crowds = directory.tables.crowds
        self._relations = Relations(table.policy.rows.derived_roles, table.eligible)
        self._on_organization: dict[SubjectEntry, int] = {}

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
        question = _new_tuple(InstanceQuestion, (subject, role, resource, action, credential))
        assert subject is not None, "nobody is asked about apart"
        who = self._subjects[subject.principal].get(subject.id)
        if isinstance(resource, NewResource):
            about: ResourceEntry | None = entry_of_new(self.directory, resource)
        else:
            about = self._resources[resource.type].get(resource.id)
        if who is None:
            return Decision.about_somebody(Reason.UNKNOWN_SUBJECT, Unknown(self, question))
        if action is None:
            return self._furthest(question, who, about)
        ability = self._abilities.of(who.principal, role, resource.type, action)
        asked = _new_tuple(Asked, (self, question, who, about, ability, credential))
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

    def ability(self, who: SubjectEntry, permission: Permission) -> Ability:
        """What it takes for a subject to have a permission in any role."""
        return self._abilities.of(who.principal, None, permission.type, permission.action)

    def unauthenticated(self, question: InstanceQuestion) -> Decision:
        """The decision where nobody signed in."""
        return Decision.about_somebody(Reason.UNKNOWN_SUBJECT, Unknown(self, question))

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
        if furthest is Reason.UNKNOWN_SUBJECT:  # no action exists there
            furthest = _NO_GRANT if about is not None else Reason.UNKNOWN_RESOURCE
        name = refusing.name if refusing else None
        return Decision.about_somebody(furthest, Whole(self, question, who, about), name)

    def refusing(self, asked: Asked) -> Guard | None:
        """The first guard that refuses, or fails, or does not answer False."""
        for guard in self.guards:
            try:
                if guard.refuses(asked) is not False:
                    return guard
            except Exception:
                return guard
        return None

    def _reason(self, asked: Asked) -> Reason:
        """Why it is what it is, guards aside."""
        _, _, who, about, ability, _ = asked
        if about is None:
            return Reason.UNKNOWN_RESOURCE
        if ability.barred is not None:
            return ability.barred
        given = self.given(who, about)
        if given & ability.any or (given & ability.own and owns(who, about)):
            if ability.requirements and self.unmet(asked):
                return _NOT_MET
            return _GRANTED
        if not given & ability.held:
            return _NOT_HELD
        return _OWN_ONLY if given & ability.own else _NO_GRANT

    def given(self, who: SubjectEntry, about: ResourceEntry) -> int:
        """Every role given on a resource or what contains it, eligible for it or not."""
        bits = self._on(who, about) if about.id else 0
        for container in about.above:
            bits |= self._on(who, container)
        return bits

    def _on(self, who: SubjectEntry, scope: ResourceEntry) -> int:
        """Every role given on a resource itself; kept for the subject's own organization."""
        if scope.type is _ORGANIZATION and scope.id == who.organization:
            bits = self._on_organization.get(who)
            if bits is None:
                bits = self._on_organization[who] = self._work_out(who, scope)
            return bits
        return self._work_out(who, scope)

    def _work_out(self, who: SubjectEntry, scope: ResourceEntry) -> int:
        bits = 0
        block = self._assigned.get(scope)
        if block is not None:
            groups, crowd = who.groups, self._crowds.get(scope)
            if crowd is not None:
                for group in groups.keys() & crowd.keys():
                    bits |= crowd[group]
            elif not groups.keys().isdisjoint(block):
                count = len(block) // 3
                for number in range(count):
                    if block[number] in groups:
                        bits |= block[count + number]  # type: ignore[operator]
        for relates, bit, _ in self._relations.of(who.principal, scope.type):
            if relates(self.directory, who, scope):
                bits |= bit
        return bits

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
        resources = self.named(about, need.type)
        ability = self._abilities.of(who.principal, None, need.type, need.action)
        return bool(resources) and all(
            each.organization == about.organization and self.permits(ability, who, each)
            for each in resources
        )

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

    def holds(self, who: SubjectEntry, about: ResourceEntry) -> Iterator[Hold]:
        """How each role is given, on the resource itself first, eligible for it or not."""
        for scope in (about, *about.above) if about.id else about.above:
            yield from self.holds_on(who, scope)

    def holds_on(self, who: SubjectEntry, scope: ResourceEntry) -> Iterator[Hold]:
        """How each role is given on a resource itself; relations first, then by group."""
        for relates, bit, relation in self._relations.of(who.principal, scope.type):
            if relates(self.directory, who, scope):
                yield Hold(ROLES[bit], scope.resource, None, relation)
        given = assignments_on(scope, self._assigned.get(scope, ()), who.groups)
        for assignment in sorted(given, key=lambda each: (each.group, each.id)):
            yield Hold(assignment.role, scope.resource, assignment)


class Asked(NamedTuple):
    """A question about somebody who is known: what guards see, and what a decision rests on."""

    access: Access
    question: InstanceQuestion
    who: SubjectEntry
    about: ResourceEntry | None
    ability: Ability
    credential: Credential | None

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
        found = self._determining() if reason in _SHOWN else None
        return {
            **_common(self.access, self.question, self.who, self.about, reason),
            "grant": found[0].grant if found else None,
            "through": found[0].through if found else (),
            "hold": found[1] if found else None,
            "requirements": self.ability.requirements,
            "unmet": self.access.unmet(self) if reason is _NOT_MET else (),
        }

    def _determining(self) -> tuple[Basis, Hold]:
        """The nearest grant, and the hold by which it is reached; of equals, the first place."""
        assert self.about is not None, "what is granted is known"
        table, (action, type) = self.access.table, self.permission
        own = owns(self.who, self.about)
        found = []
        for hold in self.access.holds(self.who, self.about):
            if BITS[hold.role] & self.ability.held & self.ability.own:
                cell = table.holdings(self.question.role or hold.role)[type][action]
                basis = cell.own if own or cell.any is None else cell.any
                found.append((basis, hold))
        return min(found, key=lambda each: (len(each[0].through), each[0].grant.place))


class Whole(NamedTuple):
    """A question without an action about somebody who is known."""

    access: Access
    question: InstanceQuestion
    who: SubjectEntry
    about: ResourceEntry | None

    def attributes(self, reason: Reason) -> dict[str, object]:
        """The attributes of the decision that were not needed to decide."""
        return _NOTHING | _common(self.access, self.question, self.who, self.about, reason)


class Unknown(NamedTuple):
    """A question about nobody, or somebody who is not known."""

    access: Access
    question: InstanceQuestion

    def attributes(self, reason: Reason) -> dict[str, object]:  # noqa: ARG002 - there is one
        """The attributes of the decision that were not needed to decide."""
        nobody = self.question.subject is None
        return _NOTHING | {
            "_policy": self.access.table.policy,
            "_directory": self.access.directory,
            "question": self.question,
            "actions": frozenset(),
            "error_code": ErrorCode.UNAUTHENTICATED if nobody else ErrorCode.NOT_FOUND,
        }


_NOTHING = {"grant": None, "through": (), "hold": None, "requirements": (), "unmet": ()}


def _common(
    access: Access,
    question: InstanceQuestion,
    who: SubjectEntry,
    about: ResourceEntry | None,
    reason: Reason,
) -> dict[str, object]:
    """What every decision about somebody has; whether it may be read decides its error code."""
    error_code = None
    if reason is not _GRANTED:
        reads = any(level is Level.READ for _, level in access.actions(who, None, about, question))
        error_code = ErrorCode.PERMISSION_DENIED if reads else ErrorCode.NOT_FOUND
    return {
        "_policy": access.table.policy,
        "_directory": access.directory,
        "question": question,
        "actions": frozenset(
            action for action, _ in access.actions(who, question.role, about, question)
        ),
        "error_code": error_code,
    }
