"""An access in which some subjects are supposed to be given more roles than they are.

Knows which roles are supposed, on which resources. It must not decide: what follows from a
role that is given, by whatever, is the access's business.
"""

from __future__ import annotations

from rbac.access import Access
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.vocabulary import Principal, ResourceRole


class Supposed(Access):
    """The same answers, but for subjects that are supposed to be given something."""

    __slots__ = ("_holding", "_supposed")

    def __init__(self, access: Access) -> None:
        super().__init__(access.table, access.directory, access.guards)
        self._supposed: dict[SubjectEntry, dict[ResourceEntry, int]] = {}
        self._holding: dict[tuple[Principal, ResourceRole], int] = {}

    def suppose(self, who: SubjectEntry, scope: ResourceEntry, roles: int) -> None:
        """From now on `who` is given `roles` on `scope` as well."""
        scopes = self._supposed.setdefault(who, {})
        scopes[scope] = scopes.get(scope, 0) | roles
        self._forget(who)

    def holding(self, who: SubjectEntry, role: ResourceRole) -> int:
        """The roles by which a subject of its kind holds `role`; kept, as it is asked often."""
        key = who.principal, role
        found = self._holding.get(key)
        if found is None:
            found = self._holding[key] = super().holding(who, role)
        return found

    def given_on(self, who: SubjectEntry, scope: ResourceEntry) -> int:
        """Every role given on a resource itself."""
        return self._on(who, scope)

    def _on(self, who: SubjectEntry, scope: ResourceEntry, enough: int = 0) -> int:
        bits = super()._on(who, scope, enough)
        scopes = self._supposed.get(who)
        return bits if scopes is None else bits | scopes.get(scope, 0)
