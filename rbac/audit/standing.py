"""What groups and subjects have anyway: whether a role somewhere follows from another one.

Knows which roles include which, and what is given to a group on a resource and on all that
contains it. It must not know what is questionable about that, nor decide anything.

A role follows from another only for those who may hold the other: where some kind of
member may hold the one and not the other, nothing follows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.access import Access
from rbac.entries import BITS, NO_ASSIGNMENTS, ROLES, ResourceEntry, SubjectEntry
from rbac.records import TENANTS
from rbac.vocabulary import OrganizationRole, Principal, ResourceRole, ResourceType

Giver = tuple[int, str]
"""The bit of a role, and the id of the assignment that gives it."""

ByGroup = dict[str, list[Giver]]

_ORGANIZATION = ResourceType.ORGANIZATION


class Standing:
    """What follows from what in one directory; keeps what it has looked up of containers."""

    def __init__(self, access: Access) -> None:
        table = access.table
        self._access = access
        self._tables = access.directory.tables
        rows = table.policy.rows
        assignable = {row.role for row in rows.roles if row.assignable}
        joining = {row.principal for row in rows.eligibility if row.role in assignable} & TENANTS
        self._may_hold = {
            each: sum(BITS[role] for role in table.open_to(each)) for each in Principal
        }
        may_join = {
            role: frozenset(each for each in joining if table.eligible(each, role))
            for role in table.roles
        }
        self._seniors = {
            role: sum(BITS[each] for each in table.roles if role in table.includes(each))
            for role in table.roles
        }
        self._implying = {
            BITS[role]: sum(
                BITS[each]
                for each in table.roles
                if role in table.includes(each) and may_join[role] <= may_join[each]
            )
            for role in table.roles
        }
        self._by_group: dict[ResourceEntry, ByGroup] = {}
        self._at_home: dict[tuple[Principal, OrganizationRole, str | None], int] = {}
        self._everyone: dict[str, int] = {}

    def seniors(self, role: ResourceRole) -> int:
        """The roles that include `role`, itself among them, as bits."""
        return self._seniors.get(role, 0)

    def of_group(self, entry: ResourceEntry, group: str) -> int:
        """The roles that a group is given on a resource itself, as bits."""
        bits = 0
        for bit, _ in self._given(entry).get(group, ()):
            bits |= bit
        return bits

    def implied(self, entry: ResourceEntry) -> Iterator[tuple[str, int, str, str]]:
        """The assignments on a resource that add nothing: group, bit of the role, id, why."""
        for group, given in self._read(entry).items():
            for bit, id in given:
                why = self._beside(given, bit, id) or self._above(entry, group, bit)
                if why is None and self._of_everyone(group) & bit:
                    why = "every member has it by its organization role"
                if why is not None:
                    yield group, bit, id, why

    def otherwise(
        self, who: SubjectEntry, entry: ResourceEntry, group: str, role: ResourceRole
    ) -> str | None:
        """How a subject has `role` on a resource other than by `group`; None if it has not."""
        wanted = self._seniors[role] & self._may_hold[who.principal]
        for scope in (entry, *entry.above):
            for relates, bit, relation in self._access.rules[who.principal].get(scope.type, ()):
                if bit & wanted and relates(self._access.directory, who, scope):
                    name = ROLES[bit].short
                    return f"{name} on {scope.resource} by the relation {relation.short}"
            given = self._given(scope)
            for other in sorted(who.groups.keys() - {group}):
                for bit, _ in given.get(other, ()):
                    if bit & wanted:
                        return f"{ROLES[bit].short} on {scope.resource} by group {other}"
        return None

    def _given(self, entry: ResourceEntry) -> ByGroup:
        """What each group is given on a resource itself; kept."""
        found = self._by_group.get(entry)
        if found is None:
            found = self._by_group[entry] = self._read(entry)
        return found

    def _read(self, entry: ResourceEntry) -> ByGroup:
        found: ByGroup = {}
        for group, bit, id in zip(*self._tables.assigned.get(entry, NO_ASSIGNMENTS), strict=True):
            found.setdefault(group, []).append((bit, id))
        return found

    def _beside(self, given: list[Giver], bit: int, id: str) -> str | None:
        """What else of one group on one resource implies it; of two that are equal, the first."""
        if len(given) == 1:
            return None
        for other, its_id in given:
            if other & self._implying[bit] and (other != bit or its_id < id):
                return f"implied by {ROLES[other].short} there, in the assignment {its_id}"
        return None

    def _above(self, entry: ResourceEntry, group: str, bit: int) -> str | None:
        """What of the group implies it on something that contains the resource."""
        for container in entry.above:
            if container in self._tables.assigned:
                for other, its_id in self._given(container).get(group, ()):
                    if other & self._implying[bit]:
                        held = f"{ROLES[other].short} on {container.resource}"
                        return f"implied by {held}, in the assignment {its_id}"
        return None

    def _of_everyone(self, group: str) -> int:
        """The roles that every member of a group has on all of its organization anyway."""
        bits = self._everyone.get(group)
        if bits is None:
            bits, subjects = 0, self._tables.subjects
            for number, each in enumerate(self._tables.members.get(group, ())):
                theirs = self._by_organization_role(subjects[each.principal][each.id])
                bits = bits & theirs if number else theirs
                if not bits:
                    break
            self._everyone[group] = bits
        return bits

    def _by_organization_role(self, who: SubjectEntry) -> int:
        """The roles that a subject has, juniors included, by its organization role alone."""
        key = who.principal, who.role, who.organization
        bits = self._at_home.get(key)
        if bits is None:
            bits, table = 0, self._access.table
            home = self._tables.resources[_ORGANIZATION].get(who.organization or "")
            for relates, bit, _ in self._access.rules[who.principal].get(_ORGANIZATION, ()):
                if home is not None and relates(self._access.directory, who, home):
                    bits |= sum(BITS[role] for role in table.includes(ROLES[bit]))
            bits = self._at_home[key] = bits & self._may_hold[who.principal]
        return bits
