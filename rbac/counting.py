"""Everything that is permitted: every subject, action and resource, counted or one by one.

Knows the order of answers and how they add up. It must not decide: sets of subjects are
asked about by their crowds, everybody else by the access itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.access import Access
from rbac.collector import uncollected
from rbac.crowds import Crowd, Permits, asked_of
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.guards import LooksAt
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.rows import Level, Permission
from rbac.tenants import Tenants
from rbac.terms import Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceType

if TYPE_CHECKING:
    from typing import TypeVar

    _K = TypeVar("_K")

Triple = tuple[Subject, Action, Resource]
Cells = dict[tuple[Principal, Permission], int]


class Count(NamedTuple):
    """How many (subject, action, resource) are permitted, by kind of subject and permission.

    `levels` says of each permission what using it does.
    """

    cells: Cells
    levels: dict[Permission, Level]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.cells.values())

    @property
    def by_principal(self) -> dict[Principal, int]:
        """By the kind of the subject."""
        return _summed((principal, count) for (principal, _), count in self.cells.items())

    @property
    def by_type(self) -> dict[ResourceType, int]:
        """By the type of the resource."""
        return _summed((each.type, count) for (_, each), count in self.cells.items())

    @property
    def by_level(self) -> dict[Level, int]:
        """By what is done to the resource."""
        return _summed((self.levels[each], count) for (_, each), count in self.cells.items())


def _summed(pairs: Iterator[tuple[_K, int]]) -> dict[_K, int]:
    found: dict[_K, int] = {}
    for key, count in pairs:
        found[key] = found.get(key, 0) + count
    return found


def count(access: Access) -> Count:
    """Counts all that anybody may do without a credential, exactly as `authorize` answers.

    Half a minute for a million assignments. With a guard that may look at anything, every
    answer is asked for by itself, which takes a microsecond each.
    """
    with uncollected:
        cells = _cells(access)
    rows = access.table.policy.rows.catalogue
    return Count(cells, {Permission(row.action, row.type): row.level for row in rows})


def _cells(access: Access) -> Cells:
    cells: Cells = {}
    if _one_by_one(access):
        for subject, action, resource in permitted(access):
            _add(cells, subject.principal, Permission(action, resource.type), 1)
    else:
        for tenants, resources in _organizations(access):
            # What lies together together, so that its containers are looked at once.
            resources.sort(key=lambda about: id(about.above))
            _count(tenants, resources, cells)
    return cells


def _count(tenants: Tenants, resources: list[ResourceEntry], cells: Cells) -> None:
    sizes: dict[Permits, int] = {}
    for about in resources:
        for crowd, permits, members in tenants.sets(about):
            sizes[permits] = sizes.get(permits, 0) + members.bit_count()
            for action, requirements in permits.demanding:
                met = tenants.meeting(about, requirements, crowd, members)
                if met:
                    permission = Permission(action, about.type)
                    _add(cells, crowd.principal, permission, met.bit_count())
        for who in tenants.strangers(about):
            for action in tenants.access.table.actions_on(about.type):
                if tenants.access.allowed(asked_of(tenants.access, who, about, action)):
                    _add(cells, who.principal, Permission(action, about.type), 1)
    for permits, size in sizes.items():
        for action in permits.plain:
            _add(cells, permits.principal, Permission(action, permits.type), size)


def _add(cells: Cells, principal: Principal, permission: Permission, size: int) -> None:
    cells[principal, permission] = cells.get((principal, permission), 0) + size


def permitted(access: Access) -> Iterator[Triple]:
    """All that anybody may do without a credential, one by one.

    By organization (what lies in none first), type, resource, action, principal, subject:
    types, actions and principals as the policy and the specification list them, ids as they
    sort. Memory does not grow with the number of answers.
    """
    for tenants, resources in _organizations(access):
        resources.sort(key=lambda about: (_TYPES[about.type], about.id))
        for about in resources:
            for action, who in _who(tenants, about):
                yield who.subject, action, about.resource


def _who(tenants: Tenants, about: ResourceEntry) -> Iterator[tuple[Action, SubjectEntry]]:
    """Who may do what to a resource, in order."""
    access = tenants.access
    sets = list(tenants.sets(about))
    strangers = tenants.strangers(about)
    alone = _one_by_one(access)
    for action in access.table.actions_on(about.type):
        found = [
            who
            for crowd in tenants.crowds
            for who in crowd.of(_may(tenants, about, action, crowd, sets))
            if not alone or access.allowed(asked_of(access, who, about, action))
        ]
        others = [who for who in strangers if access.allowed(asked_of(access, who, about, action))]
        if others:
            found = sorted(found + others, key=_place)
        for who in found:
            yield action, who


def _may(
    tenants: Tenants,
    about: ResourceEntry,
    action: Action,
    crowd: Crowd,
    sets: list[tuple[Crowd, Permits, int]],
) -> int:
    """Who of a crowd may do something."""
    found = 0
    for each, permits, members in sets:
        if each is not crowd:
            continue
        if action in permits.plain:
            found |= members
        for demanding, requirements in permits.demanding:
            if demanding is action:
                found |= tenants.meeting(about, requirements, crowd, members)
    return found


def _one_by_one(access: Access) -> bool:
    """Whether a guard may look at anything, so that nobody can be asked for others."""
    return any(guard.looks_at is LooksAt.ANYTHING for guard in access.guards)


def _organizations(access: Access) -> Iterator[tuple[Tenants, list[ResourceEntry]]]:
    """Each organization, in order, with all that lies in it."""
    within: dict[str, list[ResourceEntry]] = {}
    for about in access.directory.resources():
        within.setdefault(about.organization or "", []).append(about)
    for organization in sorted(within):
        yield Tenants(access, organization or None), within.pop(organization)


_TYPES = {type: number for number, type in enumerate(ResourceType)}
_KINDS = {kind: number for number, kind in enumerate(Principal)}


def _place(who: SubjectEntry) -> tuple[int, str]:
    return _KINDS[who.principal], who.id
