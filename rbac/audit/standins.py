"""Stand-ins: who need not be given a role, since another identity has as much of it.

Knows what a role on a resource is worth to one identity beyond what it is worth to another
of the same kind. It must not decide who may give it: whoever may give it to one may give it
to the other.

The other one has more of it where it owns something there that the role permits on own
resources alone, where it has from the start a second permission that a requirement asks
for, or where a requirement asks for its credential.
"""

from __future__ import annotations

from rbac.access import Access
from rbac.audit.supposing import Supposed
from rbac.crowds import asked_of
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.guards import LooksAt
from rbac.light import NamedTuple
from rbac.relations import owns
from rbac.rows import CredentialKind, Permission
from rbac.vocabulary import Action, ResourceRole, ResourceType


class _Worth(NamedTuple):
    """What of a role is not the same to everybody."""

    own: frozenset[ResourceType]
    needs: frozenset[Permission]
    credential: bool


class StandIns:
    """Compares what identities have of a role; what it finds stays true as more is given."""

    def __init__(self, start: Access, now: Supposed) -> None:
        self._start, self._now = start, now
        self._never = any(guard.looks_at is LooksAt.ANYTHING for guard in start.guards)
        self._worths: dict[ResourceRole, _Worth] = {}
        self._spare: set[tuple[SubjectEntry, Permission]] = set()
        self._owned: dict[ResourceType, dict[SubjectEntry, set[ResourceEntry]]] = {}

    def acts(self, who: SubjectEntry) -> bool:
        """Whether the guards let a subject act at all, in its own organization."""
        tables = self._start.directory.tables
        home = tables.resources[ResourceType.ORGANIZATION].get(who.organization or "")
        if home is None or self._never:
            return False
        asked = asked_of(self._start, who, home, Action.GET)
        return self._start.refusing(asked, LooksAt.SUBJECT) is None

    def spare(
        self, first: SubjectEntry, other: SubjectEntry, role: ResourceRole, scope: ResourceEntry
    ) -> bool:
        """Whether a role on a resource permits `other` nothing that it does not permit `first`.

        Both are of one kind, and `first` acts.
        """
        if first.organization != other.organization:
            return False
        worth = self._worths.get(role)
        if worth is None:
            worth = self._worths[role] = self._worth(role)
        return (
            not worth.credential
            and not any(scope in self._of(type).get(other, ()) for type in worth.own)
            and not any(self._has_more(first, other, need) for need in worth.needs)
        )

    def _worth(self, role: ResourceRole) -> _Worth:
        own, needs, credential = set(), set(), False
        table = self._start.table
        for type, cells in table.holdings(role).items():
            for action, cell in cells.items():
                if cell.any is None:
                    own.add(type)
                for row in table.requirements(Permission(action, type)):
                    if isinstance(row.need, Permission):
                        needs.add(row.need)
                    credential = credential or isinstance(row.need, CredentialKind)
        return _Worth(frozenset(own), frozenset(needs), credential)

    def _has_more(self, first: SubjectEntry, other: SubjectEntry, need: Permission) -> bool:
        """Whether `other` has a permission from the start where `first` still has not."""
        if (other, need) in self._spare:
            return False
        start, now = self._start, self._now
        ability = start.ability(other, need)
        for about in start.directory.resources(need.type):
            if start.permits(ability, other, about) and not now.permits(ability, first, about):
                return True
        self._spare.add((other, need))
        return False

    def _of(self, type: ResourceType) -> dict[SubjectEntry, set[ResourceEntry]]:
        """Who owns resources of a type, and on what a role reaches them."""
        found = self._owned.get(type)
        if found is None:
            found = self._owned[type] = {}
            for about in self._start.directory.resources(type):
                for each in (about, *about.parents):
                    for person in (each.owner, each.creator, each.executor):
                        who = self._start.directory.subject(person) if person else None
                        if who is not None and owns(who, about):
                            found.setdefault(who, set()).update((about, *about.above))
        return found
