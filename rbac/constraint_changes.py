"""What a change would break: the violations after it that were none before.

Knows which resources a change of members and assignments reaches, so that it need not look
at all. It must not count anything itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.access import Access
from rbac.constraint_rows import Cardinality, Scoped
from rbac.constraints import Constraints
from rbac.entries import ResourceEntry
from rbac.terms import Resource, Subject
from rbac.violations import Count, Scopes, Violation

Key = tuple[str, Subject | None]


def broken_by(before: Access, after: Access, constraints: Constraints) -> list[Violation]:
    """The violations in the directory of `after` that were none in that of `before`.

    To be asked before a change is made, with access to the directory it would lead to.
    Where only groups' members and assignments differ, it looks only at the resources they
    reach; otherwise at everything.
    """
    found = []
    for constraint in constraints.under(after.table.policy).scoped:
        reached = _Difference(before, after, constraint)
        found += reached.fresh()
    return found


class _Difference:
    """What one constraint says of two directories."""

    def __init__(self, before: Access, after: Access, constraint: Scoped) -> None:
        self.before, self.after, self.constraint = before, after, constraint
        self.old, self.new = (Scopes(each, constraint.scope) for each in (before, after))
        self.touched = touched(before, after)

    def fresh(self) -> list[Violation]:
        old = self._known(Count(self.before, self.constraint), self.old)
        new = Count(self.after, self.constraint).violations(self._nodes(self.new), self.new)
        return [each for each in new if self._is_new(each, old)]

    def _nodes(self, scopes: Scopes) -> Iterable[ResourceEntry]:
        """What is looked at: what the change reaches, and all that contains it."""
        if self.touched is None:
            return scopes.nodes
        touched = self.touched
        reached = [each for each in scopes.nodes if each in touched or _within(each, touched)]
        around = {container for each in reached for container in each.above}.difference(reached)
        return [*sorted(around, key=lambda each: len(each.above)), *reached]

    def _known(self, count: Count, scopes: Scopes) -> dict[Key, set[Resource]]:
        found: dict[Key, set[Resource]] = {}
        for each in count.violations(self._nodes(scopes), scopes):
            found.setdefault(_key(each), set()).add(each.on)
        return found

    def _is_new(self, violation: Violation, old: dict[Key, set[Resource]]) -> bool:
        """Whether any scope that it is about was kept before, or was not there."""
        where = old.get(_key(violation), set())
        about = self.after.directory.resource(violation.on)
        for scope in self.new.all if where else ():
            if scope is about or about in scope.above:
                known = self.before.directory.resource(scope.resource)
                around = (known, *known.above) if known else ()
                if where.isdisjoint(each.resource for each in around):
                    return True
        return not where


def _within(entry: ResourceEntry, touched: set[ResourceEntry]) -> bool:
    return not touched.isdisjoint(entry.above)


def _key(violation: Violation) -> Key:
    constraint = violation.constraint
    many = isinstance(constraint, Cardinality) and constraint.at_most is not None
    too_many = many and len(violation.holders) > (constraint.at_most or 0)  # type: ignore[union-attr]
    return ("many" if too_many else "", violation.subject)


def touched(before: Access, after: Access) -> set[ResourceEntry] | None:
    """The resources on which somebody is given something else; None: it may be anywhere."""
    old, new = before.directory.tables, after.directory.tables
    if old.resources != new.resources or before.table.policy != after.table.policy:
        return None
    found = {
        entry
        for entry in old.assigned.keys() | new.assigned.keys()
        if old.assigned.get(entry) is not new.assigned.get(entry)
    }
    for principal, subjects in new.subjects.items():
        others = old.subjects[principal]
        if subjects.keys() != others.keys():
            return None
        for id, who in subjects.items():
            was = others[id]
            if who is not was:
                if who.record != was.record:
                    return None
                changed = who.groups.keys() ^ was.groups.keys()
                found.update(entry for group in changed for entry in new.holds.get(group, ()))
    return found
