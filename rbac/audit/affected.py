"""What may be answered otherwise after a change: permissions, resources and subjects.

Knows what an answer about somebody depends on. It must not know any answer: what is named
here may be answered as before, what is not named is.

An answer depends on the cells of its permission, on the requirements of that and their
cells, and on derived roles; on the resource, its containers and whatever it names, with
the assignments there; and on the subject, its groups, and the resource that it is itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rbac.access import Access
from rbac.audit.cells import Numbering, allowed
from rbac.directory import Directory
from rbac.entries import NO_ASSIGNMENTS, ResourceEntry, SubjectEntry
from rbac.guards import LooksAt
from rbac.records import ITSELF
from rbac.rows import Permission, Requirement
from rbac.table import DecisionTable
from rbac.vocabulary import Action, Principal, ResourceType

ByType = Mapping[ResourceType, tuple[Action, ...]]
Thing = tuple[ResourceType, str]
Somebody = tuple[Principal, str]


def anything_guarded(access: Access) -> bool:
    """Whether a guard may look at anything, so that nobody can be asked for others."""
    return any(guard.looks_at is LooksAt.ANYTHING for guard in access.guards)


def every_action(old: DecisionTable, new: DecisionTable) -> ByType:
    """Every action that exists in either policy, by type."""
    rows = (*old.policy.rows.catalogue, *new.policy.rows.catalogue)
    return _by_type(old, new, {Permission(row.action, row.type) for row in rows})


def affected_actions(old: DecisionTable, new: DecisionTable) -> ByType:
    """The actions whose answer may differ between two policies on one directory."""
    found = _of_changed_cells(old, new) | set(_of_derived_roles(old, new))
    before, after = _requirements(old), _requirements(new)
    found |= {Permission(row.action, row.type) for row in before ^ after}
    found |= {Permission(row.action, row.type) for row in before | after if row.need in found}
    return _by_type(old, new, found)


def asked_actions(old: DecisionTable, new: DecisionTable, actions: ByType) -> ByType:
    """The same actions, and those that their requirements need."""
    wanted = {Permission(action, type) for type, some in actions.items() for action in some}
    needs = {
        row.need
        for row in _requirements(old) | _requirements(new)
        if Permission(row.action, row.type) in wanted and isinstance(row.need, Permission)
    }
    return _by_type(old, new, wanted | needs)


def _by_type(old: DecisionTable, new: DecisionTable, wanted: set[Permission]) -> ByType:
    """Permissions by type, in the order of the catalogues."""
    found: dict[ResourceType, dict[Action, None]] = {}
    for table in (old, new):
        for row in table.policy.rows.catalogue:
            if Permission(row.action, row.type) in wanted:
                found.setdefault(row.type, {})[row.action] = None
    return {type: tuple(actions) for type, actions in found.items()}


def _of_changed_cells(old: DecisionTable, new: DecisionTable) -> set[Permission]:
    numbering = Numbering(old, new)
    before, after = allowed(old, numbering).masks, allowed(new, numbering).masks
    changed = 0
    for line in before.keys() | after.keys():
        changed |= before.get(line, 0) ^ after.get(line, 0)
    return set(numbering.named(changed))


def _of_derived_roles(old: DecisionTable, new: DecisionTable) -> Iterator[Permission]:
    before, after = ({row[:3] for row in table.policy.rows.derived_roles} for table in (old, new))
    for _, _, role in before ^ after:
        for table in (old, new):
            for type, cells in table.holdings(role).items():
                yield from (Permission(action, type) for action in cells)


def _requirements(table: DecisionTable) -> set[Requirement]:
    """The requirements of a policy, wherever they stand."""
    return {Requirement(*row[:3]) for row in table.policy.rows.requirements}


def changed_things(old: Directory, new: Directory) -> set[Thing]:
    """The resources that are new, gone or otherwise, and all that lies within or names one."""
    if old.tables is new.tables:
        return set()
    found = {
        (type, id)
        for type in ResourceType
        for id in old.tables.resources[type].keys() | new.tables.resources[type].keys()
        if _changed(old, new, type, id)
    }
    entries = [*old.resources(), *new.resources()]
    grown = bool(found)
    while grown:
        left = [each for each in entries if (each.type, each.id) not in found]
        added = {(each.type, each.id) for each in left if not found.isdisjoint(_near(each))}
        grown, entries = bool(added), left
        found |= added
    return found


def _near(entry: ResourceEntry) -> Iterator[Thing]:
    yield from ((each.type, each.id) for each in entry.above)
    yield from ((each.type, each.id) for each in entry.references)


def _changed(old: Directory, new: Directory, type: ResourceType, id: str) -> bool:
    one, other = (each.tables.resources[type].get(id) for each in (old, new))
    if one is None or other is None:
        return True
    return (
        (one is not other and _said_of(one) != _said_of(other))
        or _given(old, one) != _given(new, other)
        or (
            type is ResourceType.ORGANIZATION
            and old.tables.organizations[id] != new.tables.organizations[id]
        )
    )


def _said_of(entry: ResourceEntry) -> tuple[object, ...]:
    within = {(each.type, each.id) for each in entry.parents}
    return within, entry.creator, entry.owner, entry.executor, set(entry.references)


def _given(directory: Directory, entry: ResourceEntry) -> set[tuple[str, int]]:
    groups, bits, _ = directory.tables.assigned.get(entry, NO_ASSIGNMENTS)
    return set(zip(groups, bits, strict=True))


def changed_subjects(old: Directory, new: Directory, things: set[Thing]) -> set[Somebody]:
    """The subjects that are new, gone, of another standing or in other groups.

    And those that are themselves one of the `things` that changed.
    """
    found: set[Somebody] = set()
    for principal in Principal if old.tables is not new.tables else ():
        before, after = (each.tables.subjects[principal] for each in (old, new))
        itself = ITSELF.get(principal)
        for id in before.keys() | after.keys():
            one, other = before.get(id), after.get(id)
            if (itself is not None and (itself, id) in things) or _differ(one, other):
                found.add((principal, id))
    return found


def _differ(one: SubjectEntry | None, other: SubjectEntry | None) -> bool:
    if one is None or other is None:
        return True
    return one is not other and (
        one.groups.keys() != other.groups.keys() or one.record != other.record
    )
