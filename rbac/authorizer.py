"""The authorizer: the policy and the directory in force, and the questions services ask.

Knows which snapshots are in force, checks what callers pass, and swaps snapshots whole. It
must not decide anything itself: every answer comes from the table, or from the access that
stands on it.
"""

from __future__ import annotations

from _thread import allocate_lock as Lock  # noqa: N812 - threading costs a cold start more
from collections.abc import Iterable, Sequence

from rbac.arguments import instance, is_about_somebody, kinds, parts
from rbac.authorization import Authorization, each
from rbac.compiled import compiled
from rbac.decision import Decision
from rbac.errors import PolicyError, Problem, RequestError, UnknownName
from rbac.explain import Explanation
from rbac.light import TYPE_CHECKING, overload
from rbac.policy import PathLike, Policy
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.terms import Credential, NewResource, Resource, Subject, specified
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

if TYPE_CHECKING:
    from rbac.access import Access
    from rbac.directory import Directory
    from rbac.explain_access import AccessExplanation
    from rbac.guards import Guard

_NO_ROLE = ResourceRole.UNSPECIFIED


class Authorizer(Authorization):
    """Answers by one policy and one directory at a time (XACML PDP); share it among threads.

    Without a policy it uses the directory's, or the shipped one, which is read when the
    first question is asked. Without a directory, questions about somebody are refused. A
    directory that was validated by another policy is validated again, which may raise
    `DirectoryError`. `guards` are the `rbac.guards.DEFAULT` ones unless given. Every answer
    belongs to one whole policy and directory, also while `reload` swaps them. A process
    compiles a policy once, however many authorizers use it in turn.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        directory: Directory | None = None,
        *,
        guards: Iterable[Guard] | None = None,
    ) -> None:
        if policy is not None and not isinstance(policy, Policy):
            raise TypeError(f"policy must be a Policy, not {type(policy).__name__}")
        self._guards = None if guards is None else tuple(guards)
        self._reloading = Lock()
        if policy is None and directory is not None:
            policy = _policy_of(directory)
        self._table = compiled(policy)
        self._access = None if directory is None else self._reach(self._table, directory)

    def _reach(self, table: DecisionTable, directory: Directory) -> Access:
        """Access to `directory` by the policy of `table`."""
        from rbac.access import Access  # questions about kinds never need it
        from rbac.guards import DEFAULT

        guards = DEFAULT if self._guards is None else self._guards
        _policy_of(directory)
        return Access(table, directory.under(table.policy), guards)

    def _still(self) -> Authorizer:
        """An authorizer with what is in force now, whatever is reloaded meanwhile."""
        still = object.__new__(Authorizer)
        still._guards, still._reloading = self._guards, Lock()
        still._access = self._access
        still._table = still._access.table if still._access else self._table
        return still

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._table.policy

    @property
    def directory(self) -> Directory | None:
        """The directory in force, if there is one."""
        return self._access.directory if self._access else None

    @overload
    def check(
        self,
        subject: Principal,
        role: ResourceRole,
        resource: ResourceType,
        action: Action | None = None,
        *,
        own: bool = False,
    ) -> Decision: ...
    @overload
    def check(
        self,
        subject: Subject,
        role: ResourceRole,
        resource: Resource | NewResource,
        action: Action | None = None,
        *,
        credential: Credential | None = None,
    ) -> Decision: ...
    def check(
        self,
        subject: Principal | Subject,
        role: ResourceRole,
        resource: ResourceType | Resource | NewResource,
        action: Action | None = None,
        *,
        own: bool = False,
        credential: Credential | None = None,
    ) -> Decision:
        """May `subject`, acting in `role`, do `action` to `resource`?

        With a `Principal` and a `ResourceType` it asks the policy alone: may any such
        principal that holds the role? `own` asks of a resource that is the subject's own.
        With a `Subject` and a `Resource` it asks about somebody, who must hold the role
        there as the directory says; `credential` is what it authenticated with. Without an
        action it asks whether the role may act there at all; ``decision.actions`` says how.

        About a tenth of a microsecond on kinds, once asked before, some three about
        somebody. Raises `TypeError` for a value of the wrong type, both forms mixed
        included, `RequestError` for an ``UNSPECIFIED`` name, `DirectoryRequired` for a
        question about somebody without a directory: a caller's word for a role is not taken.
        """
        table = self._table
        # A subject would be looked up in vain: its hash and the error cost as much as deciding.
        if type(subject) is Subject or credential is not None:
            return self._about_somebody(subject, role, resource, action, own, credential)
        if own is False:
            decisions = table.plain
        elif own is True:
            decisions = table.own
        else:
            raise TypeError(f"own must be True or False, not {type(own).__name__}")
        try:
            return decisions[subject][role][resource][action]  # type: ignore[index]
        except (KeyError, TypeError):
            if is_about_somebody(subject, resource):
                return self._about_somebody(subject, role, resource, action, own, None)
            return table.decide(kinds(subject, role, resource, action, own))

    def _about_somebody(
        self,
        subject: object,
        role: object,
        resource: object,
        action: object,
        own: object,
        credential: object,
    ) -> Decision:
        access = self._access
        if (
            access is None
            or type(subject) is not Subject
            or type(role) is not ResourceRole
            or role is _NO_ROLE
            or type(resource) is not Resource
            or type(action) is not Action
            or own is not False
            or (credential is not None and type(credential) is not Credential)
        ):
            asked = instance(subject, role, resource, action, own, credential)
            return self.access.decide(*asked)
        return access.decide(subject, role, resource, action, credential)

    @overload
    def explain(
        self,
        subject: Principal,
        role: ResourceRole,
        resource: ResourceType,
        action: Action | None = None,
        *,
        own: bool = False,
    ) -> Explanation: ...
    @overload
    def explain(
        self,
        subject: Subject,
        role: ResourceRole | None,
        resource: Resource | NewResource,
        action: Action | None = None,
        *,
        credential: Credential | None = None,
    ) -> AccessExplanation: ...
    def explain(
        self,
        subject: Principal | Subject,
        role: ResourceRole | None,
        resource: ResourceType | Resource | NewResource,
        action: Action | None = None,
        *,
        own: bool = False,
        credential: Credential | None = None,
    ) -> Explanation | AccessExplanation:
        """The decision of `check` on the same arguments, with everything behind it.

        For an allow, every way it is allowed; for a denial, every smallest change that would
        allow it. About somebody the role may be None: the decision is then `authorize`'s.
        Tens of microseconds; raises what `check` raises.
        """
        if credential is None and not is_about_somebody(subject, resource):
            return Explanation(self._table, kinds(subject, role, resource, action, own))
        from rbac.explain_access import AccessExplanation  # questions about kinds never need it

        asked = instance(subject, role, resource, action, own, credential, any_role=True)
        return AccessExplanation(self.access, asked)

    def check_many(self, requests: Iterable[Sequence[object]]) -> list[Decision]:
        """The decision on each request, in order, all by one policy and directory.

        A request is what `check` takes, as a sequence: subject, role, resource, and
        optionally action and own; a `Question` is one. Raises what `check` raises, with a
        note that says which request it was, counted from 0.
        """
        still = self._still()

        def decide(request: Sequence[object]) -> Decision:
            subject, role, resource, *rest = parts(request, 3, 5)
            action = rest[0] if rest else None
            own = rest[1] if len(rest) > 1 else False
            if is_about_somebody(subject, resource):
                return still._about_somebody(subject, role, resource, action, own, None)
            return still._table.decide(kinds(subject, role, resource, action, own))

        return each(requests, decide)

    def permission_of(self, method: str, type: ResourceType | None = None) -> Permission:
        """The permission that a method of the API needs, by its full name.

        A few methods serve several resource types (every kind of secret is made by one):
        then `type` says which is meant. Raises `UnknownName` for a method that is not in
        the catalogue, `RequestError` where `type` is missing or does not fit.
        """
        if not isinstance(method, str):
            raise TypeError(f"method must be a string, not {method.__class__.__name__}")
        needed = self._table.methods.get(method, ())
        if not needed:
            raise UnknownName("API method", method, self._table.methods)
        if type is not None:
            specified("type", type, ResourceType)
        fitting = [each for each in needed if type in (None, each.type)]
        if len(fitting) == 1:
            return fitting[0]
        names = " or ".join(str(each.type.short) for each in needed)
        raise RequestError(f"{method} is about a resource of type {names}; name which")

    def reload(
        self,
        policy: Policy | PathLike | None = None,
        *,
        directory: Directory | PathLike | None = None,
        allow_loss: bool = False,
    ) -> Policy:
        """Puts another policy, another directory, or both in force at once; returns the policy.

        Each is at hand or a folder's; what is not given stays. If anything is refused, both
        stay in force, and the error says so: `PolicyError` for a folder that is not a
        policy, or for one that lost more than half of the grants, as a folder that is being
        copied has, unless `allow_loss`; `DirectoryError` for a folder that is not a
        directory, or one that the policy refuses.
        """
        with self._reloading:
            before = self.policy
            try:
                after = _loaded_policy(policy, before)
                if not allow_loss:
                    _refuse_loss(before, after)
                table = self._table if policy is None else compiled(after)
                holds = self.directory if directory is None else _loaded(directory, after)
                access = None if holds is None else self._reach(table, holds)
            except Exception as error:
                error.add_note(f"the policy in force is kept: {before.digest}")
                raise
            self._access, self._table = access, table
        return table.policy


def _policy_of(directory: object) -> Policy:
    from rbac.directory import Directory  # a process that asks of kinds never needs it

    if not isinstance(directory, Directory):
        raise TypeError(f"directory must be a Directory, not {type(directory).__name__}")
    return directory.policy


def _loaded_policy(policy: Policy | PathLike | None, before: Policy) -> Policy:
    if policy is None:
        return before
    return policy if isinstance(policy, Policy) else Policy.load(policy)


def _loaded(directory: Directory | PathLike, policy: Policy) -> Directory:
    from rbac.directory import Directory  # a process that asks of kinds never needs it

    if isinstance(directory, str) or hasattr(directory, "__fspath__"):
        return Directory.load(directory, policy=policy)
    return directory


def _refuse_loss(before: Policy, after: Policy) -> None:
    had, has = len(before.rows.grants), len(after.rows.grants)
    if has * 2 < had:
        message = f"{has} grants where the policy in force has {had}; pass allow_loss if meant"
        raise PolicyError([Problem("grants", 0, 0, message)])


default = Authorizer()
"""The authorizer behind `rbac.check`: the shipped policy, read on the first question."""
