"""Whether a check takes as long on a large policy as on a small one, and what loading takes.

The policies are made up, valid, and alike at every size: half as many permissions as
grants, each granted to two roles; ten roles in a chain, the deepest there may be; every
role open to two principals.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator

from benchmarks.asking import ask_each, empty, random_plain
from benchmarks.loading import load
from benchmarks.measurement import (
    Figure,
    Measurement,
    Scale,
    Timer,
    interleave,
    measured,
    timer,
)
from rbac import Action, Authorizer, Policy, Principal, ResourceRole, ResourceType
from rbac.rows import (
    CatalogueRow,
    Eligibility,
    Grant,
    Level,
    Mark,
    Place,
    Rationale,
    Reach,
    RoleRow,
    Rows,
    Seniority,
)

SIZES = (100, 1_000, 10_000)
"""How many grants the policies have."""

FLAT = Figure("ratio", "<=", 1.25)
"""What counts as flat: the spread of two equal things on a busy machine is as wide."""

_CHAIN = 10
_PARTNER = 30
"""How far apart the two roles of a permission are: never both within the chain, or the
senior's grant would be refused as one its junior has already."""


def growth(scale: Scale) -> Iterator[Measurement]:
    """The same number of random warm cells on policies of 100, 1,000 and 10,000 grants."""
    policies = {size: Policy(synthetic(size)) for size in SIZES}
    yield from _checking(policies, scale)
    yield from _loading(policies, scale)


def _checking(policies: dict[int, Policy], scale: Scale) -> Iterator[Measurement]:
    timers: dict[str, Timer] = {}
    for size, policy in policies.items():
        check = Authorizer(policy).check
        plain = random_plain(policy, scale.cells // 5)
        ask_each(check, plain)
        timers[f"check, {size:,} grants"] = timer(len(plain), ask_each, check, plain)
    timers["empty function"] = timer(len(plain), ask_each, empty, plain)
    smallest, *larger, nothing = interleave(timers, scale.rounds).values()
    yield measured(smallest, "ns", nothing)
    for series in larger:
        yield measured(series, "ns", smallest, figure=FLAT)


def _loading(policies: dict[int, Policy], scale: Scale) -> Iterator[Measurement]:
    with tempfile.TemporaryDirectory() as folder:
        timers: dict[str, Timer] = {}
        for size, policy in policies.items():
            path = os.path.join(folder, str(size))
            policy.write(path)
            timers[f"load, {size:,} grants"] = timer(1, load, path)
        smallest, *larger = interleave(timers, max(2, scale.load_rounds // 3)).values()
    yield measured(smallest, "ms")
    for series in larger:
        yield measured(series, "ms", smallest)


def synthetic(grants: int) -> Rows:
    """The rows of a valid policy with `grants` grants, 100 of them or more."""
    roles = [role for role in ResourceRole if role is not ResourceRole.UNSPECIFIED]
    permissions = _permissions(grants // 2)
    given = [
        (roles[(number + step) % len(roles)], *permission)
        for number, permission in enumerate(permissions)
        for step in (0, _PARTNER)
    ]
    return Rows(
        roles=tuple(RoleRow(role, ResourceType.ORGANIZATION, True, "made up") for role in roles),
        catalogue=tuple(CatalogueRow(*permission, Level.READ) for permission in permissions),
        eligibility=tuple(
            Eligibility(principal, role)
            for principal in (Principal.USER, Principal.SERVICE_ACCOUNT)
            for role in roles
        ),
        seniority=tuple(
            Seniority(senior, junior) for senior, junior in itertools.pairwise(roles[:_CHAIN])
        ),
        grants=tuple(_grant(number, *each) for number, each in enumerate(given)),
    )


def _permissions(count: int) -> list[tuple[ResourceType, Action]]:
    """The first `count` permissions, spread over all types before any type has two."""
    types = [type for type in ResourceType if type is not ResourceType.UNSPECIFIED]
    actions = [action for action in Action if action.name != "UNSPECIFIED"]
    return [(types[number % len(types)], actions[number // len(types)]) for number in range(count)]


_WHY = Rationale(Mark.OPEN, ("name",), "made up, to measure with")


def _grant(number: int, role: ResourceRole, type: ResourceType, action: Action) -> Grant:
    reach = Reach.OWN if number % 4 == 0 else Reach.ANY
    return Grant(role, type, action, reach, Place("grants/synthetic.csv", number + 1), _WHY)
