"""Changes asked about before anybody makes them, and constraints held against a directory.

The population of `benchmarks.population`, a thousand to a million assignments; ten
constraints of every kind over it. Each change is asked about by itself: an assignment of a
project, environment or workflow to a team, by whoever owns it, as a service would ask.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Iterator

from benchmarks.measurement import Figure, Measurement, Scale, Series, measured
from benchmarks.population import population
from rbac import Action, Authorizer, Directory, Principal, ResourceRole, ResourceType, Subject
from rbac.administration import AddMember, Assign, Change, RemoveMember, Unassign
from rbac.constraint_rows import Cardinality, Prerequisite, StaticSeparation
from rbac.constraints import Constraints
from rbac.entries import ResourceEntry
from rbac.granting import Granting
from rbac.rows import Permission
from rbac.violations import violations
from rbac.what_if import what_if

A, P, R, T = Action, Principal, ResourceRole, ResourceType

MAY = Figure("time", "<=", 20)
WHAT_IF = Figure("time", "<=", 1_000)
ALL = Figure("time", "<=", 10)

SHARED = {
    T.PROJECT: (R.PROJECT_USER, R.PROJECT_EDITOR, R.PROJECT_ADMIN),
    T.ENVIRONMENT: (R.ENVIRONMENT_USER, R.ENVIRONMENT_VIEWER),
    T.WORKFLOW: (R.WORKFLOW_EXECUTOR, R.WORKFLOW_VIEWER),
}
"""What is given to teams, and in which roles."""

CONSTRAINTS = (
    StaticSeparation(
        "writers_do_not_approve",
        "because",
        1,
        T.PROJECT,
        (R.PROJECT_EDITOR, R.PROJECT_ADMIN),
        assigned=True,
    ),
    StaticSeparation(
        "projects_apart_from_runners",
        "because",
        1,
        T.ORGANIZATION,
        (R.ORG_PROJECTS_ADMIN, R.ORG_RUNNERS_ADMIN),
        principals=(P.SERVICE_ACCOUNT,),
    ),
    StaticSeparation(
        "workflows_apart_from_projects",
        "because",
        1,
        T.WORKFLOW,
        (R.WORKFLOW_ADMIN, R.ORG_GROUPS_ADMIN),
        principals=(P.SERVICE_ACCOUNT,),
    ),
    StaticSeparation(
        "environments_apart_from_groups",
        "because",
        1,
        T.ENVIRONMENT,
        (R.ENVIRONMENT_ADMIN, R.ORG_GROUPS_ADMIN),
        principals=(P.SERVICE_ACCOUNT,),
    ),
    StaticSeparation(
        "audited_apart",
        "because",
        1,
        T.PROJECT,
        permissions=(
            Permission(A.UPDATE, T.PROJECT),
            Permission(A.LIST_AUDIT_LOGS, T.ORGANIZATION),
        ),
        principals=(P.SERVICE_ACCOUNT,),
    ),
    Cardinality("administered", "because", R.ORG_ADMIN, T.ORGANIZATION, 2, 1_000),
    Cardinality("looked_after", "because", R.RUNNER_ADMIN, T.RUNNER, 1, None, (P.USER,)),
    Cardinality("few_editors", "because", R.PROJECT_EDITOR, T.PROJECT, 1, 500),
    Prerequisite(
        "editors_are_members", "because", R.PROJECT_EDITOR, (R.ORG_MEMBER,), T.PROJECT, (P.USER,)
    ),
    Prerequisite(
        "executors_are_members",
        "because",
        R.WORKFLOW_EXECUTOR,
        (R.ORG_MEMBER,),
        T.WORKFLOW,
        (P.USER,),
    ),
)
"""Ten constraints of every kind, some kept and some broken, as an organization has them."""


def granting(scale: Scale) -> Iterator[Measurement]:
    """Who may give what, what a change would do, and all constraints over a directory."""
    for size in scale.assignments:
        authorizer = Authorizer(directory=Directory(population(size)))
        gc.collect()
        label = f"{size:,} assignments"
        constraints = Constraints(CONSTRAINTS, authorizer.policy)
        asked = _assignments(authorizer, scale.peer_cells)
        yield from _may(authorizer, constraints, asked, label, scale)
        yield from _what_if(authorizer, constraints, asked, label)
        yield from _all(authorizer, constraints, label)


Asked = tuple[Subject, Assign]


def _assignments(authorizer: Authorizer, count: int) -> list[Asked]:
    """Teams that owners give their resources to."""
    source, directory = random.Random(7), authorizer.access.directory
    teams: dict[str, list[str]] = {}
    for each in directory.tables.groups.values():
        if not each.direct_share and not each.system_managed:
            teams.setdefault(each.organization, []).append(each.id)
    found = []
    for type, roles in SHARED.items():
        for entry in _some(source, list(directory.resources(type)), count // len(SHARED) + 1):
            if entry.owner is not None and entry.organization in teams:
                group = source.choice(teams[entry.organization])
                found.append((entry.owner, Assign(source.choice(roles), group, entry.resource)))
    source.shuffle(found)
    return found


def _may(
    authorizer: Authorizer, constraints: Constraints, asked: list[Asked], label: str, scale: Scale
) -> Iterator[Measurement]:
    """`may_assign` on each, without constraints and with all of them, interleaved."""
    free, bound = Granting(authorizer), Granting(authorizer, constraints)
    for each in (free, bound):  # what is worked out once for a directory
        for actor, change in asked:
            each.may(actor, change)
    taken: dict[str, list[float]] = {"no constraints": [], "ten constraints": []}
    for _ in range(scale.directory_rounds):
        for actor, (role, group, resource) in asked:
            for name, each in zip(taken, (free, bound), strict=True):
                start = time.perf_counter()
                each.may_assign(actor, role, group, resource)
                taken[name].append(time.perf_counter() - start)
    decisions = [[each.may(*one) for one in asked] for each in (free, bound)]
    for (name, seconds), said in zip(taken.items(), decisions, strict=True):
        allowed = sum(decision.allowed for decision in said)
        note = f"{allowed:,} of {len(said):,} are allowed; p99 {_p99(seconds) * 1e6:,.0f} us"
        series = Series(f"may_assign, {name}, {label}", seconds)
        yield measured(series, "us", figure=MAY, note=note)


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[-1] if len(seconds) > 1 else seconds[0]


def _what_if(
    authorizer: Authorizer, constraints: Constraints, asked: list[Asked], label: str
) -> Iterator[Measurement]:
    """What single changes would do, everything that each would break and mend included."""
    access = authorizer.access
    kinds = _changes(authorizer, [change for _, change in asked])
    for kind, changes in kinds.items():
        seconds, effects, broken = [], 0, 0
        for change in changes:
            start = time.perf_counter()
            result = what_if(access, change, constraints)
            seconds.append(time.perf_counter() - start)
            effects += len(result.effects)
            broken += len(result.broken)
        note = f"the first {seconds[0] * 1e3:,.0f} ms; {effects:,} people affected"
        note += f", {broken:,} violations new" if broken else ""
        series = Series(f"what-if, {kind}, {label}", seconds)
        yield measured(series, "ms", figure=WHAT_IF, note=note)


def _changes(authorizer: Authorizer, assigns: list[Assign]) -> dict[str, list[Change]]:
    """A few changes of each kind."""
    source, directory = random.Random(11), authorizer.access.directory
    groups = sorted({change.group for change in assigns})
    joins: list[Change] = []
    leaves: list[Change] = []
    for group in groups[:_FEW]:
        organization = directory.tables.groups[group].organization
        inside = [each.subject for each in directory.members(group)]
        users = directory.subjects(P.USER)
        outside = [
            who.subject
            for who in users
            if who.organization == organization and group not in who.groups
        ]
        joins += [AddMember(source.choice(outside), group)] if outside else []
        leaves += [RemoveMember(source.choice(inside), group)] if inside else []
    given = [each for entry in directory.tables.assigned for each in directory.assignments(entry)]
    wide: list[Change] = []
    for group in groups[:3]:
        home = directory.tables.groups[group].organization
        organization_entry = directory.tables.resources[T.ORGANIZATION][home]
        wide.append(Assign(R.ORG_PROJECTS_ADMIN, group, organization_entry.resource))
    return {
        "assign": list(assigns[:_FEW]),
        "unassign": list(map(Unassign, source.sample(given, min(len(given), _FEW)))),
        "add-member": joins,
        "remove-member": leaves,
        "assign on an organization": wide,
    }


_FEW = 20


def _all(authorizer: Authorizer, constraints: Constraints, label: str) -> Iterator[Measurement]:
    """Every violation of all constraints, with every witness."""
    start = time.perf_counter()
    found = sum(1 for _ in violations(authorizer.access, constraints))
    series = Series(f"all ten constraints, {label}", [time.perf_counter() - start])
    yield measured(series, "s", figure=ALL, note=f"{found:,} violations, each with its witness")


def _some(source: random.Random, things: list[ResourceEntry], count: int) -> list[ResourceEntry]:
    return source.sample(things, min(count, len(things)))
