"""Questions about somebody, on directories of up to a million assignments, beside peers.

The peers are asked about projects only, by people who are active and at home, so that each
can say all that decides in its own terms; every answer is compared before it is timed.
"""

from __future__ import annotations

import gc
import sqlite3
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from benchmarks.measurement import Figure, Measurement, Scale, Series, measured
from benchmarks.population import population
from benchmarks.requests import Request, Requests
from rbac import Authorizer, Directory, Policy, Principal, ResourceType
from rbac.counting import count
from rbac.hierarchy import paths, successors
from rbac.records import Records
from rbac.rows import Reach
from rbac.vocabulary import OrganizationRole, UserStatus

_T = TypeVar("_T")

SIZES = (1_000, 100_000, 1_000_000)
"""How many assignments the directories have; a quick run takes the first alone."""

ALLOW, DENY, LATE = Figure("time", "<=", 3), Figure("time", "<=", 8), Figure("time", "<=", 25)
BUILT, BYTES, COUNTED = Figure("time", "<=", 6), 150, Figure("time", "<=", 30)


def directories(scale: Scale) -> Iterator[Measurement]:
    """Authorize on a warm and on a cold random mix, building, memory, and counting everything."""
    for size in SIZES if scale.whole_proof else SIZES[:1]:
        records = population(size)
        directory, built = _timed(partial(Directory, records))
        largest = size == SIZES[-1]
        name = f"{size:,} assignments"
        note = f"{_bytes(records, directory):.0f} bytes an assignment beyond the ids; <= {BYTES}"
        yield measured(
            Series(f"build, {name}", [built]), "s", figure=BUILT if largest else None, note=note
        )
        authorizer = Authorizer(directory=directory)
        requests = Requests(records).take_distinct(min(40_000, size * 4))
        gc.collect()
        for mix in ("cold", "warm"):
            yield from _asked(f"authorize, {mix}, {name}", authorizer, requests, largest)
        yield from _peers(records, authorizer, requests, name)
        counted, seconds = _timed(partial(count, authorizer.access))
        yield measured(
            Series(f"count of everything permitted, {name}", [seconds]),
            "s",
            figure=COUNTED if largest else None,
            note=f"{counted.total:,} permitted (subject, action, resource)",
        )


def _timed(make: Callable[[], _T]) -> tuple[_T, float]:
    start = time.perf_counter()
    made = make()
    return made, time.perf_counter() - start


def _bytes(records: Records, directory: Directory) -> float:
    """What a directory with its assignments takes more than one without, for each of them.

    Counted on a sample of a tenth where there are many: tracing takes its time.
    """
    some = records.assignments[:: max(1, len(records.assignments) // 100_000)]
    sizes = []
    for assignments in ((), some):
        gc.collect()
        tracemalloc.start()
        kept = Directory(records._replace(assignments=assignments))
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert kept.policy is directory.policy
    return (sizes[1] - sizes[0]) / len(some)


def _asked(
    name: str, authorizer: Authorizer, requests: list[Request], judged: bool
) -> Iterator[Measurement]:
    authorize, clock = authorizer.authorize, time.perf_counter
    allowed: list[float] = []
    denied: list[float] = []
    for subject, action, resource in requests:
        start = clock()
        decision = authorize(subject, action, resource)
        taken = clock() - start
        (allowed if decision.allowed else denied).append(taken)
    latest = sorted([*allowed, *denied])[len(requests) * 99 // 100]
    yield measured(Series(f"{name}: allow", allowed), "us", figure=ALLOW if judged else None)
    yield measured(Series(f"{name}: deny", denied), "us", figure=DENY if judged else None)
    yield measured(Series(f"{name}: p99", [latest]), "us", figure=LATE if judged else None)


Ask = Callable[[Request], bool]


def _peers(
    records: Records, authorizer: Authorizer, requests: Iterable[Request], name: str
) -> Iterator[Measurement]:
    """The same questions about projects, asked of us, of SQLite and of a walk of plain dicts."""
    plain = _Plain(records)
    asked = [request for request in requests if plain.says_all(request)][:2_000]
    peers: dict[str, Ask] = {
        "authorize": lambda request: authorizer.authorize(*request).allowed,
        "plain dicts": plain.allows,
        "SQLite, one recursive query": plain.in_sqlite(),
    }
    seconds: dict[str, list[float]] = {peer: [] for peer in peers}
    for request in asked:
        answers = set()
        for peer, ask in peers.items():
            start = time.perf_counter()
            answers.add(ask(request))
            seconds[peer].append(time.perf_counter() - start)
        if len(answers) != 1:
            raise RuntimeError(f"they differ on {request}: there is nothing to time")
    ours = Series("authorize, the same questions", seconds.pop("authorize"))
    for peer, taken in seconds.items():
        yield measured(Series(f"{peer}, {name}", taken), "us", ours)


class _Plain:
    """Records as plain dicts and sets, and a walk over them; also as tables of SQLite."""

    def __init__(self, records: Records) -> None:
        rows = Policy.shipped().rows
        self.home = {
            each.subject: each.organization
            for each in records.subjects
            if each.subject.principal is Principal.USER and each.status is UserStatus.ACTIVE
        }
        self.groups: dict[str, set[str]] = {}
        for membership in records.memberships:
            self.groups.setdefault(membership.subject.id, set()).add(membership.group)
        self.given: dict[str, set[tuple[str, str]]] = {}
        for assignment in records.assignments:
            giving = self.given.setdefault(assignment.resource.id, set())
            giving.add((assignment.group, assignment.role.short))
        self.derived: dict[str, set[tuple[str, str]]] = {}
        for record in records.resources:
            if record.owner and record.resource.type is ResourceType.PROJECT:
                self._derive(record.resource.id, record.owner.id, "project_admin")
        for who in records.subjects:
            role = {OrganizationRole.ADMIN: "org_admin", OrganizationRole.MEMBER: "org_member"}
            if who.organization and who.role in role:
                self._derive(who.organization, who.subject.id, role[who.role])
        self.within = {
            each.resource.id: [parent.id for parent in each.parents]
            for each in records.resources
            if each.resource.type is ResourceType.PROJECT
        }
        self.juniors = successors((row.senior.short, row.junior.short) for row in rows.seniority)
        required = {(row.type, row.action) for row in rows.requirements}
        self.granted = {
            (row.role.short, row.action.short)
            for row in rows.grants
            if row.type is ResourceType.PROJECT
            and row.reach is Reach.ANY
            and (row.type, row.action) not in required
        }
        self.actions = {action for _, action in self.granted}

    def _derive(self, resource: str, subject: str, role: str) -> None:
        self.derived.setdefault(resource, set()).add((subject, role))

    def says_all(self, request: Request) -> bool:
        """Whether these records alone decide a request."""
        subject, action, resource = request
        return (
            resource.type is ResourceType.PROJECT
            and action.short in self.actions
            and subject in self.home
            and self.home[subject] in self.within.get(resource.id, ())
        )

    def allows(self, request: Request) -> bool:
        subject, action, resource = request
        groups, roles = self.groups.get(subject.id, set()), set()
        for scope in (resource.id, *self.within[resource.id]):
            roles |= {role for group, role in self.given.get(scope, ()) if group in groups}
            roles |= {role for who, role in self.derived.get(scope, ()) if who == subject.id}
        return any(
            (junior, action.short) in self.granted
            for role in roles
            for junior in paths(self.juniors, role)
        )

    def in_sqlite(self) -> Ask:
        """The same in an indexed database in memory, asked by one prepared query."""
        base = sqlite3.connect(":memory:")
        tables: dict[str, tuple[str, Iterable[tuple[str, str] | tuple[str, str, str]]]] = {
            "member": ("s, g", ((s, g) for s, groups in self.groups.items() for g in groups)),
            "given": (
                "r, g, role",
                ((r, *each) for r, some in self.given.items() for each in some),
            ),
            "derived": (
                "r, s, role",
                ((r, *each) for r, some in self.derived.items() for each in some),
            ),
            "within": ("c, p", ((c, p) for c, parents in self.within.items() for p in parents)),
            "senior": ("a, b", ((a, b) for a, juniors in self.juniors.items() for b in juniors)),
            "granted": ("role, action", iter(self.granted)),
        }
        for table, (columns, rows) in tables.items():
            base.execute(f"create table {table} ({columns}, primary key ({columns})) without rowid")
            marks = ", ".join("?" for _ in columns.split(", "))
            base.executemany(f"insert into {table} values ({marks})", rows)  # noqa: S608 - ours
        base.execute("create index by_member on derived (s, r)")
        base.execute("analyze")

        def ask(request: Request) -> bool:
            subject, action, resource = request
            words = {"s": subject.id, "r": resource.id, "a": action.short}
            return base.execute(_QUERY, words).fetchone() is not None

        return ask


_QUERY = """
with recursive
scope(r) as (values (:r) union select p from within join scope on c = r),
held(role) as (
    select role from given join scope using (r) join member using (g) where s = :s
    union select role from derived join scope using (r) where s = :s
    union select b from senior join held on a = role)
select 1 from granted join held using (role) where action = :a limit 1
"""
