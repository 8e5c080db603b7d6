"""How a matrix is written, and everything that could make one say less than it seems to.

Knows the notation. It must not know what a policy allows.

    principals: [user, service_account]
    roles: [project_editor]
    types: [project, secret]
    allowed:
      project: [get, list, update]
      secret: [list]
    own:
      project: [delete]
    reasons:
      no_grant: {project: [grant]}

With one type, a list of actions may stand in place of the mapping; ``allowed: nothing``
says that all is denied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rbac.decision import Reason
from rbac.errors import quoted
from rbac.light import TYPE_CHECKING
from rbac.rows import Permission, Reach
from rbac.table import DecisionTable
from rbac.testing.nodes import Items, Text
from rbac.testing.nodes import Mapping as MappingNode
from rbac.testing.reading import ALL, Reading, names
from rbac.testing.suites import Matrix
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

if TYPE_CHECKING:
    from rbac.testing.nodes import Node

AXES = ("principals", "roles", "types")
KEYS = (*AXES, "allowed", "own", "reasons")
NOTHING = "nothing"
REASONS = (Reason.NO_GRANT, Reason.NOT_ELIGIBLE)
"""The reasons for which a policy denies on own resources and on others alike."""


def read(reading: Reading, node: Node, fields: Mapping[str, Node], table: DecisionTable) -> Matrix:
    """The matrix that `fields` of `node` write; what is wrong with it becomes problems."""
    return _Reader(reading, node, fields, table).matrix()


class _Reader:
    """Reads one matrix."""

    def __init__(
        self, reading: Reading, node: Node, fields: Mapping[str, Node], table: DecisionTable
    ) -> None:
        self.reading = reading
        self.node = node
        self.fields = fields
        self.table = table

    def matrix(self) -> Matrix:
        for key in AXES:
            if key not in self.fields:
                self.reading.problem(self.node, f"{key} is missing; a matrix has {', '.join(AXES)}")
        principals = self.names("principals", Principal)
        roles = self.names("roles", ResourceRole)
        self.types = self.known_types(self.names("types", ResourceType))
        reaches: dict[Permission, Reach] = {}
        for key, reach in (("allowed", Reach.ANY), ("own", Reach.OWN)):
            if key in self.fields:
                for permission, at in self.permissions(self.fields[key], key):
                    if permission in reaches:
                        self.reading.problem(at, f"{quoted(str(permission))} is listed twice")
                    reaches.setdefault(permission, reach)
        if "allowed" not in self.fields and "own" not in self.fields:
            message = f"allowed is missing; write 'allowed: {NOTHING}' if that is meant"
            self.reading.problem(self.node, message)
        reasons = dict(self.reasons(reaches)) if "reasons" in self.fields else {}
        return Matrix(principals, roles, self.types, reaches, reasons)

    def names(self, key: str, kind: type) -> tuple:  # type: ignore[type-arg]
        if key not in self.fields:
            return ()
        return self.reading.names(self.fields[key], key, kind)

    def known_types(self, types: tuple[ResourceType, ...]) -> tuple[ResourceType, ...]:
        """The types on which actions exist; one that was named and has none is a problem."""
        node = self.fields.get("types")
        named = (
            {each.text: each for each in node.items if isinstance(each, Text)}
            if isinstance(node, Items)
            else {}
        )
        found = []
        for type in types:
            if self.table.actions_on(type):
                found.append(type)
            elif type.short in named:
                self.reading.problem(named[type.short], f"no action exists on {quoted(type.short)}")
        if types and not found and not named.keys() & names(ResourceType).keys():
            assert node is not None, "the types were named somewhere"
            self.reading.problem(node, "no action exists on any of these; the matrix is empty")
        return tuple(found)

    def permissions(self, node: Node, key: str) -> Iterator[tuple[Permission, Node]]:
        """The permissions listed under a key, each with where it stands."""
        if isinstance(node, Text) and node.text == NOTHING and key == "allowed":
            return
        if isinstance(node, Items):
            if len(self.types) == 1:
                yield from self.actions(self.types[0], node)
            elif self.types:
                self.reading.problem(node, f"{key} lists actions by type, as there are several")
            return
        if not isinstance(node, MappingNode) or not node.pairs:
            self.reading.problem(node, f"{key} lists actions by type: {{project: [get, list]}}")
            return
        for name, actions in node.pairs:
            type = self.reading.name(name, ResourceType)
            if type is None or not self.types:
                continue
            if type not in self.types:
                self.reading.problem(name, f"{quoted(name.text)} is not among the types")
                continue
            yield from self.actions(type, actions)

    def actions(self, type: ResourceType, node: Node) -> Iterator[tuple[Permission, Node]]:
        for item in self.reading.texts(node, "what may be done"):
            action = self.reading.name(item, Action)
            if action is None:
                continue
            permission = Permission(action, type)
            if self.table.row(permission) is None:
                message = f"there is no permission {quoted(str(permission))}"
                self.reading.problem(item, message)
                continue
            yield permission, item

    def reasons(self, allowed: Mapping[Permission, Reach]) -> Iterator[tuple[Permission, Reason]]:
        """The reason that is expected of each permission that is listed under one."""
        known = [reason.short for reason in REASONS]
        fields = self.reading.mapping(self.fields["reasons"], "reasons", known)
        seen: set[Permission] = set()
        for name, node in fields.items():
            reason = Reason.parse(name)
            if isinstance(node, Text) and node.text == ALL:
                yield from ((each, reason) for each in self.denied(allowed) if each not in seen)
                continue
            for permission, at in self.permissions(node, name):
                if permission in allowed:
                    message = f"{quoted(str(permission))} is expected to be allowed"
                    self.reading.problem(at, message)
                elif permission in seen:
                    self.reading.problem(at, f"{quoted(str(permission))} has two reasons")
                else:
                    seen.add(permission)
                    yield permission, reason

    def denied(self, allowed: Mapping[Permission, Reach]) -> Iterator[Permission]:
        for type in self.types:
            for action in self.table.actions_on(type):
                if Permission(action, type) not in allowed:
                    yield Permission(action, type)
