"""Sessions: somebody acting in some of the roles they have, and in no other (NIST RBAC).

Knows which roles are active, and that dynamic separation of duty holds among them. It must
not decide anything: every question is put to `Authorizer.check`, once for each role.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.authorizer import Authorizer
from rbac.constraints import Constraints
from rbac.decision import Decision, Reason
from rbac.errors import RequestError
from rbac.light import TYPE_CHECKING
from rbac.review_holders import authorized_roles, permissions_by
from rbac.terms import Credential, Frozen, NewResource, Resource, Subject, specified
from rbac.vocabulary import Action, ResourceRole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from rbac.rows import Permission, Reach

_PRECEDENCE = {reason: number for number, reason in enumerate(Reason)}


class Session(Frozen):
    """A subject and the roles it has activated: a value, made by `create_session`.

    `roles` are in the order in which they were activated. Whether a role is still held is
    asked anew in every question, so a session outlives no role that was taken away.
    """

    __slots__ = ("authorizer", "constraints", "on", "roles", "subject")

    authorizer: Authorizer
    subject: Subject
    roles: tuple[ResourceRole, ...]
    constraints: Constraints | None
    on: Resource | None

    def __init__(
        self,
        authorizer: Authorizer,
        subject: Subject,
        roles: tuple[ResourceRole, ...],
        constraints: Constraints | None,
        on: Resource | None,
    ) -> None:
        put = object.__setattr__
        put(self, "authorizer", authorizer)
        put(self, "subject", subject)
        put(self, "roles", roles)
        put(self, "constraints", constraints)
        put(self, "on", on)
        self._check()

    def _check(self) -> None:
        """Raises `RequestError` unless every role is held and no constraint is broken."""
        if not self.roles:
            raise RequestError("a session without an active role can do nothing; end it instead")
        held = authorized_roles(self.authorizer.access, self.subject, self.on)
        where = "anywhere" if self.on is None else f"on {self.on}"
        for role in self.roles:
            if role not in held:
                raise RequestError(f"{self.subject} does not have {role.short} {where}")
        includes = self.authorizer.access.table.includes
        active = {each for role in self.roles for each in includes(role)}
        for constraint in self.constraints.dynamic if self.constraints else ():
            both = [role.short for role in constraint.roles if role in active]
            if len(both) > constraint.at_most:
                raise RequestError(
                    f"{constraint.name}: {' and '.join(both)} would be active together, "
                    f"at most {constraint.at_most} of them may be: {constraint.reason}"
                )

    def add_active_role(self, role: ResourceRole) -> Session:
        """Another session with `role` active as well (AddActiveRole).

        Raises `RequestError` for a role that is active already or not held, or if a dynamic
        separation would be broken.
        """
        specified("role", role, ResourceRole)
        if role in self.roles:
            raise RequestError(f"{role.short} is active already")
        return self._with((*self.roles, role))

    def drop_active_role(self, role: ResourceRole) -> Session:
        """Another session without `role` (DropActiveRole).

        Raises `RequestError` for a role that is not active, or the last one.
        """
        if role not in self.roles:
            raise RequestError(f"{specified('role', role, ResourceRole).short} is not active")
        return self._with(tuple(each for each in self.roles if each is not role))

    def _with(self, roles: tuple[ResourceRole, ...]) -> Session:
        return Session(self.authorizer, self.subject, roles, self.constraints, self.on)

    def authorize(
        self,
        action: Action,
        resource: Resource | NewResource,
        *,
        credential: Credential | None = None,
    ) -> Decision:
        """May the subject do `action` to `resource` in an active role (CheckAccess)?

        The decision of the first active role that allows it, else of the one that gets
        furthest. Raises what `Authorizer.check` raises.
        """
        check = self.authorizer.check
        best: Decision | None = None
        for role in self.roles:
            decision = check(self.subject, role, resource, action, credential=credential)
            if best is None or _PRECEDENCE[decision.reason] > _PRECEDENCE[best.reason]:
                best = decision
            if decision.allowed:
                return decision
        assert best is not None, "a session has an active role"
        return best

    @property
    def permissions(self) -> Mapping[Permission, Reach]:
        """All that the active roles permit (SessionPermissions), with the widest reach."""
        return permissions_by(self.authorizer.access, self.roles)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Session):
            return NotImplemented
        return self.authorizer is other.authorizer and _parts(self) == _parts(other)

    def __hash__(self) -> int:
        return hash((self.subject, frozenset(self.roles)))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Session belongs to its authorizer")

    def __repr__(self) -> str:
        roles = ", ".join(role.short for role in self.roles)
        return f"<Session of {self.subject} as {roles}>"


def _parts(session: Session) -> tuple[object, ...]:
    return session.subject, frozenset(session.roles), session.constraints, session.on


def create_session(
    authorizer: Authorizer,
    subject: Subject,
    roles: Iterable[ResourceRole],
    constraints: Constraints | None = None,
    *,
    on: Resource | None = None,
) -> Session:
    """A session of `subject` in some of the roles it has (CreateSession).

    Each role must be had, or a senior of it: on the resource `on`, or else anywhere, which
    takes time linear in the resources. The dynamic separations of `constraints` hold for
    the active roles with all that they include, which is stricter than the standard's.
    Raises `RequestError` if not, for no role at all and for an unknown subject;
    `DirectoryRequired` without a directory, `TypeError` for a value of the wrong type.
    """
    if not isinstance(authorizer, Authorizer):
        raise TypeError(f"authorizer must be an Authorizer, not {type(authorizer).__name__}")
    if not isinstance(subject, Subject):
        raise TypeError(f"subject must be a Subject, not {type(subject).__name__}")
    active = tuple(dict.fromkeys(specified("role", role, ResourceRole) for role in roles))
    if constraints is not None:
        constraints = constraints.under(authorizer.policy)
    return Session(authorizer, subject, active, constraints, on)
