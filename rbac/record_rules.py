"""What a policy says about records: where resources may lie, and roles be assigned.

Knows the rules of one policy by what is asked of them. It must not know which records
there are, but for those it is shown.
"""

from __future__ import annotations

from rbac.entries import ResourceEntry, Tables
from rbac.errors import RequestError, quoted
from rbac.policy import Policy
from rbac.records import REFERENCED, ResourceRecord
from rbac.terms import Resource, with_article
from rbac.vocabulary import ResourceType

_ORGANIZATION = ResourceType.ORGANIZATION
_NOTHING: frozenset[ResourceType] = frozenset()


class RecordRules:
    """What a policy says about records, by what is asked of it."""

    def __init__(self, policy: Policy) -> None:
        rows = policy.rows
        self.held_on = {row.role: row.assigned_on for row in rows.roles}
        self.assignable = {row.role: row.assigned_on for row in rows.roles if row.assignable}
        self.may_join = {row.principal for row in rows.eligibility if row.role in self.assignable}
        self.parents_of: dict[ResourceType, set[ResourceType]] = {}
        for row in rows.containment:
            self.parents_of.setdefault(row.child, set()).add(row.parent)
        self.shared: dict[tuple[ResourceEntry, ...], tuple[ResourceEntry, ...]] = {}
        self.patterns: dict[tuple[int, ...], tuple[int, ...]] = {}

    def same(self, other: RecordRules) -> bool:
        """Whether both allow the same records."""
        mine, theirs = (
            (each.held_on, each.assignable, each.may_join, each.parents_of)
            for each in (self, other)
        )
        return mine == theirs

    def parents(self, record: ResourceRecord) -> None:
        """Raises `RequestError` unless the containers of `record` are of permitted types."""
        type = record.resource.type
        if type is _ORGANIZATION:
            raise RequestError("an organization has a record of its own, among organizations")
        permitted = self.parents_of.get(type, _NOTHING)
        for parent in record.parents:
            if parent.type not in permitted:
                child, container = with_article(type.short), with_article(parent.type.short)
                raise RequestError(f"{child} does not lie within {container}")
        if len(record.parents) > 1 and len(set(record.parents)) != len(record.parents):
            raise RequestError("names a container twice")
        if permitted and not record.parents:
            kinds = " or ".join(sorted(parent.short for parent in permitted))
            raise RequestError(f"{with_article(type.short)} needs a container: {kinds}")

    def references(self, entry: ResourceEntry, tables: Tables) -> list[tuple[Resource, str]]:
        """Every resource that `entry` names and should not, with the reason."""
        types = [reference.type for reference in entry.references]
        faults = []
        for reference in entry.references:
            kind = reference.type
            if kind not in REFERENCED:
                faults.append((reference, f"{with_article(kind.short)} is never named"))
            elif len(types) > 1 and types.count(kind) > 1:
                faults.append((reference, f"names two resources of type {kind.short}"))
            elif reference.id not in tables.resources[kind]:
                faults.append((reference, f"unknown reference {quoted(str(reference))}"))
        return faults
