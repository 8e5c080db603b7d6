"""The authorizer: the policy in force, and the questions services ask it.

Knows which decision table is in force, checks what callers pass, and swaps tables whole.
It must not decide anything itself: every answer comes from the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rbac.compiled import compiled
from rbac.errors import DirectoryRequired, PolicyError, Problem, RequestError, UnknownName
from rbac.explain import Explanation
from rbac.light import overload
from rbac.policy import PathLike, Policy
from rbac.rows import Permission
from rbac.terms import Decision, Question, Resource, Subject, specified
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType


class Authorizer:
    """Answers by one policy at a time (XACML PDP); share one among all threads.

    Without a policy it uses the shipped one, which is read when the first question is
    asked. Every answer belongs to one whole policy, also while `reload` swaps it. A process
    compiles a policy once, however many authorizers use it in turn.
    """

    def __init__(self, policy: Policy | None = None) -> None:
        if policy is not None and not isinstance(policy, Policy):
            raise TypeError(f"policy must be a Policy, not {type(policy).__name__}")
        self._table = compiled(policy)

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._table.policy

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
        resource: Resource,
        action: Action | None = None,
    ) -> Decision: ...
    def check(
        self,
        subject: Principal | Subject,
        role: ResourceRole,
        resource: ResourceType | Resource,
        action: Action | None = None,
        *,
        own: bool = False,
    ) -> Decision:
        """May `subject`, acting in `role`, do `action` to `resource`?

        With a `Principal` and a `ResourceType` it asks the policy alone: may any such
        principal that holds the role? `own` asks of a resource that is the subject's own.
        With a `Subject` and a `Resource` it asks about somebody. Without an action it asks
        whether the role may act there at all; ``decision.actions`` says how.

        About a tenth of a microsecond once asked before. Raises `TypeError` for a value
        of the wrong type, both forms mixed included, `RequestError` for an ``UNSPECIFIED``
        name, `DirectoryRequired` for a question about somebody: no directory is in force,
        and a caller's word for a role is not taken.
        """
        table = self._table
        if own is False:
            decisions = table.plain
        elif own is True:
            decisions = table.own
        else:
            raise TypeError(f"own must be True or False, not {type(own).__name__}")
        try:
            return decisions[subject][role][resource][action]  # type: ignore[index]
        except (KeyError, TypeError):
            return table.decide(_question(subject, role, resource, action, own))

    def explain(
        self,
        subject: Principal,
        role: ResourceRole,
        resource: ResourceType,
        action: Action | None = None,
        *,
        own: bool = False,
    ) -> Explanation:
        """The decision of `check` on the same arguments, with everything behind it.

        For an allow, every grant that allows and how it is reached; for a denial, every
        smallest change that would allow it. Tens of microseconds; raises what `check` raises.
        """
        return Explanation(self._table, _question(subject, role, resource, action, own))

    def check_many(self, requests: Iterable[Sequence[object]]) -> list[Decision]:
        """The decision on each request, in order, all by one policy.

        A request is what `check` takes, as a sequence: subject, role, resource, and
        optionally action and own; a `Question` is one. Raises what `check` raises, with a
        note that says which request it was, counted from 0.
        """
        table = self._table
        decisions = []
        for number, request in enumerate(requests):
            try:
                decisions.append(table.decide(_question(*_five(request))))
            except Exception as error:
                error.add_note(f"request {number}: {request!r}")
                raise
        return decisions

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

    def reload(self, policy: Policy | PathLike, *, allow_loss: bool = False) -> Policy:
        """Puts another policy in force, a folder's or one at hand, and returns it.

        If it is refused, the policy in force stays, and the error says so: `PolicyError`
        for a folder that is not a policy, or for one that lost more than half of the
        grants, as a folder that is being copied has, unless `allow_loss`.
        """
        before = self.policy
        try:
            after = policy if isinstance(policy, Policy) else Policy.load(policy)
            if not allow_loss:
                _refuse_loss(before, after)
        except Exception as error:
            error.add_note(f"the policy in force is kept: {before.digest}")
            raise
        self._table = compiled(after)
        return after


def _refuse_loss(before: Policy, after: Policy) -> None:
    had, has = len(before.rows.grants), len(after.rows.grants)
    if has * 2 < had:
        message = f"{has} grants where the policy in force has {had}; pass allow_loss if meant"
        raise PolicyError([Problem("grants", 0, 0, message)])


def _five(request: Sequence[object]) -> tuple[object, object, object, object, object]:
    if isinstance(request, str | bytes) or not hasattr(request, "__len__"):
        raise TypeError(f"a request is a sequence, not {type(request).__name__}")
    if not 3 <= len(request) <= 5:
        raise TypeError(f"a request has 3 to 5 parts, not {len(request)}")
    subject, role, resource, *rest = request
    action = rest[0] if rest else None
    return subject, role, resource, action, rest[1] if len(rest) > 1 else False


def _question(
    subject: object, role: object, resource: object, action: object, own: object
) -> Question:
    """A question of the kinds form, if that is what the arguments are; raises otherwise."""
    if isinstance(subject, Subject) != isinstance(resource, Resource):
        raise TypeError(
            "subject and resource must both be kinds (a Principal, a ResourceType) or both "
            f"be somebody and something, not {type(subject).__name__} and "
            f"{type(resource).__name__}"
        )
    if not isinstance(own, bool):
        raise TypeError(f"own must be True or False, not {type(own).__name__}")
    asked = specified("role", role, ResourceRole)
    does = None if action is None else specified("action", action, Action)
    if isinstance(subject, Subject):
        if own:
            raise TypeError("own is worked out for a subject and a resource; do not pass it")
        raise DirectoryRequired(
            f"whether {subject} holds {asked.short} takes a directory, and none is in force"
        )
    principal = specified("subject", subject, Principal)
    kind = specified("resource", resource, ResourceType)
    return Question(principal, asked, kind, does, own)


default = Authorizer()
"""The authorizer behind `rbac.check`: the shipped policy, read on the first question."""
