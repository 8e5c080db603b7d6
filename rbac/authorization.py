"""Questions about somebody, in whatever roles they hold: authorize, require, search.

Knows how such a question is put and that nobody gets an answer without a directory. It must
not decide anything itself: every answer comes from the access in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rbac.arguments import any_role, instance, parts, somebody
from rbac.decision import AccessDenied, Decision
from rbac.errors import DirectoryRequired
from rbac.light import TYPE_CHECKING
from rbac.terms import Credential, NewResource, Resource, Subject, specified
from rbac.vocabulary import Action, Principal, ResourceType

if TYPE_CHECKING:
    from rbac.access import Access
    from rbac.searches import Search


class Authorization:
    """What `Authorizer` answers about somebody without being told a role."""

    _access: Access | None

    @property
    def access(self) -> Access:
        """What answers about somebody, for the searches; raises `DirectoryRequired`."""
        if self._access is None:
            raise DirectoryRequired("a question about somebody takes a directory; none is in force")
        return self._access

    def authorize(
        self,
        subject: Subject | None,
        action: Action,
        resource: Resource | NewResource,
        *,
        credential: Credential | None = None,
    ) -> Decision:
        """May `subject` do `action` to `resource`, in any role that it holds there?

        The subject is None where nobody signed in, which is denied. Some three microseconds.
        Raises `TypeError` for a value of the wrong type, `RequestError` for an
        ``UNSPECIFIED`` name or a new resource in unknown containers, `DirectoryRequired`
        without a directory.
        """
        access = self._access
        if (
            access is None
            or type(subject) is not Subject
            or type(action) is not Action
            or type(resource) is not Resource
            or (credential is not None and type(credential) is not Credential)
        ):
            return self._authorize_with_care(subject, action, resource, credential)
        return access.decide(subject, None, resource, action, credential)

    def _authorize_with_care(
        self, subject: object, action: object, resource: object, credential: object
    ) -> Decision:
        asked = any_role(subject, action, resource, credential)
        if asked.subject is None:
            return self.access.unauthenticated(asked)
        return self.access.decide(*asked)

    def require(
        self,
        subject: Subject | None,
        action: Action,
        resource: Resource | NewResource,
        *,
        credential: Credential | None = None,
    ) -> Decision:
        """The decision of `authorize`, if it allows; raises `AccessDenied` with it if not."""
        decision = self.authorize(subject, action, resource, credential=credential)
        if not decision.allowed:
            raise AccessDenied(decision)
        return decision

    def authorize_many(self, requests: Iterable[Sequence[object]]) -> list[Decision]:
        """The decision on each request, in order, all by one policy and directory.

        A request is what `authorize` takes, as a sequence: subject, action, resource, and
        optionally the credential. Raises what `authorize` raises, with a note that says
        which request it was, counted from 0.
        """
        still = Authorization()
        still._access = self._access

        def decide(request: Sequence[object]) -> Decision:
            subject, action, resource, *rest = parts(request, 3, 4)
            credential = rest[0] if rest else None
            return still._authorize_with_care(subject, action, resource, credential)

        return each(requests, decide)

    def may_see(
        self,
        subject: Subject | None,
        resource: Resource,
        *,
        credential: Credential | None = None,
    ) -> Decision:
        """May `subject` see this one resource, as an item of a listing?

        That asks its ``get``, or its ``list`` where there is no ``get``: being allowed to
        list does not show every item.
        """
        if not isinstance(resource, Resource):
            raise TypeError(f"resource must be a Resource, not {type(resource).__name__}")
        actions = self.access.table.actions_on(resource.type)
        action = Action.LIST if Action.GET not in actions else Action.GET
        return self.authorize(subject, action, resource, credential=credential)

    def search_subjects(
        self,
        action: Action,
        resource: Resource | NewResource,
        *,
        principal: Principal | None = None,
        credential: Credential | None = None,
    ) -> Search[Subject]:
        """Every subject, or every one of a kind, that may do `action` to `resource`.

        Lazy, in a fixed order, by pages if wanted; a few microseconds for each that is
        asked about. Raises what `authorize` raises. (AuthZEN subject search)
        """
        from rbac.searches import search_subjects  # a check never needs it

        asked = any_role(None, action, resource, credential)
        if principal is not None:
            specified("principal", principal, Principal)
        return search_subjects(self.access, action, asked.resource, principal, credential)

    def search_resources(
        self,
        subject: Subject,
        action: Action,
        type: ResourceType,
        *,
        credential: Credential | None = None,
    ) -> Search[Resource]:
        """Every resource of a type that `subject` may do `action` to; as `search_subjects`."""
        from rbac.searches import search_resources  # a check never needs it

        somebody(subject, credential)
        specified("action", action, Action)
        specified("type", type, ResourceType)
        return search_resources(self.access, subject, action, type, credential)

    def search_actions(
        self,
        subject: Subject,
        resource: Resource | NewResource,
        *,
        credential: Credential | None = None,
    ) -> Search[Action]:
        """Every action that `subject` may do to `resource`; as `search_subjects`."""
        from rbac.searches import search_actions  # a check never needs it

        instance(subject, None, resource, None, False, credential, any_role=True)
        return search_actions(self.access, subject, resource, credential)


def each(
    requests: Iterable[Sequence[object]], decide: Callable[[Sequence[object]], Decision]
) -> list[Decision]:
    """Every decision, in order; an error says which request it was about."""
    decisions = []
    for number, request in enumerate(requests):
        try:
            decisions.append(decide(request))
        except Exception as error:
            error.add_note(f"request {number}: {request!r}")
            raise
    return decisions
