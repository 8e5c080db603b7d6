"""The lattice of roles: which includes which by what it permits, and which nearly does.

Knows what each role permits, with reach, as bits. It must not decide, nor take seniority
for inclusion: a role includes another if it permits all that the other does, said or not.

Roles that permit nothing are left out: every role includes them.
"""

from __future__ import annotations

from rbac.audit.cells import Numbering, permitted
from rbac.light import NamedTuple
from rbac.rows import Grant, Reach
from rbac.table import DecisionTable
from rbac.vocabulary import ResourceRole


class Inclusion(NamedTuple):
    """A role that permits all that another does, with nothing between the two.

    `said` is whether seniority says so; `beyond` how many permissions it has besides,
    counting a wider reach as one.
    """

    role: ResourceRole
    other: ResourceRole
    said: bool
    beyond: int

    def as_dict(self) -> dict[str, object]:
        """The inclusion as plain JSON values."""
        names = {"role": self.role.short, "includes": self.other.short}
        return {**names, "said": self.said, "beyond": self.beyond}


class NearMiss(NamedTuple):
    """A role that would include another with one grant more; `equal` if it would equal it."""

    role: ResourceRole
    other: ResourceRole
    grant: Grant
    equal: bool

    def as_dict(self) -> dict[str, object]:
        """The near miss as plain JSON values."""
        return {
            "role": self.role.short,
            "would_include": self.other.short,
            "with": [name.short for name in self.grant[:4]],
            "equal": self.equal,
        }


class Lattice(NamedTuple):
    """Every direct inclusion, every set of roles that permit the same, every near miss."""

    inclusions: tuple[Inclusion, ...]
    duplicates: tuple[tuple[ResourceRole, ...], ...]
    near: tuple[NearMiss, ...]


FEWEST = 3
"""How many permissions a role has at least whose near misses are told: to lack one of one
or two is nothing near."""

Reached = tuple[int, int]
"""What a role permits on any resource, and on an own one, as bits."""


def lattice(table: DecisionTable) -> Lattice:
    """The lattice of the roles of a policy; a few milliseconds."""
    numbering = Numbering(table)
    reached = {role: permitted(table, role, numbering) for role in table.roles}
    reached = {role: each for role, each in reached.items() if each[1]}
    by_value: dict[Reached, list[ResourceRole]] = {}
    for role, each in reached.items():
        by_value.setdefault(each, []).append(role)
    below = {
        each: [other for other in by_value if other != each and _covers(each, other)]
        for each in by_value
    }
    inclusions = [
        Inclusion(role, other, other in table.includes(role), _beyond(each, value))
        for each, lower in below.items()
        for value in lower
        if not any(value in below[between] for between in lower)
        for role in by_value[each]
        for other in by_value[value]
    ]
    duplicates = tuple(tuple(roles) for roles in by_value.values() if len(roles) > 1)
    return Lattice(tuple(inclusions), duplicates, _near_misses(reached, numbering))


def _covers(one: Reached, other: Reached) -> bool:
    return not other[0] & ~one[0] and not other[1] & ~one[1]


def _beyond(one: Reached, other: Reached) -> int:
    return ((one[0] & ~other[0]) | (one[1] & ~other[1])).bit_count()


def _near_misses(
    reached: dict[ResourceRole, Reached], numbering: Numbering
) -> tuple[NearMiss, ...]:
    found = []
    for role, has in reached.items():
        for other, wanted in reached.items():
            missing = (wanted[0] & ~has[0]) | (wanted[1] & ~has[1])
            if missing.bit_count() != 1 or wanted[1].bit_count() < FEWEST:
                continue
            (permission,) = numbering.named(missing)
            reach = Reach.ANY if missing & wanted[0] else Reach.OWN
            anywhere = has[0] | (missing if reach is Reach.ANY else 0)
            equal = (anywhere, has[1] | missing) == wanted
            grant = Grant(role, permission.type, permission.action, reach)
            found.append(NearMiss(role, other, grant, equal))
    return tuple(found)
