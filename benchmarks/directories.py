"""Questions about somebody, on directories of a thousand to a million assignments.

Every request is timed by itself, with the clock's own time in it, and names its subject and
resource anew, as a service does. *Warm* requests are asked again and again; of *cold* ones,
no two are about the same subject and resource.
"""

from __future__ import annotations

import gc
import importlib.util
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.facts import Facts, facts, named
from benchmarks.measurement import (
    Figure,
    Measurement,
    Scale,
    Series,
    interleave,
    measured,
    not_installed,
    timer,
)
from benchmarks.population import population
from benchmarks.requests import Request, Requests, anew
from benchmarks.rivals import Rego, Rival, Sql, Walk
from rbac import Authorizer, Decision, Directory
from rbac.candidates import candidate_resources, candidate_subjects
from rbac.counting import count
from rbac.records import Records

ALLOWED = Figure("time", "<=", 3)
DENIED = Figure("time", "<=", 8)
SLOWEST = Figure("time", "<=", 25)
BUILT = Figure("time", "<=", 6)
COUNTED = Figure("time", "<=", 30)
BYTES = Figure("time", "<=", 150)

_WARM = 1_000
"""How many requests are asked again and again."""


def directory(scale: Scale) -> Iterator[Measurement]:
    """Asking about somebody; building, loading, changing, counting and searching a directory."""
    for size in scale.assignments:
        records = population(size)
        requests = Requests(records)
        label = f"{size:,} assignments"
        yield from _building(records, label, scale)
        held = Directory(records)
        yield from _changing(held, records, label)
        del records
        yield _loading(held, label)
        yield from _asking(Authorizer(directory=held), requests, label, scale)
        yield from _everything(Authorizer(directory=held), requests, label)
        yield from _others(Authorizer(directory=held), requests, size, scale)


def _building(records: Records, label: str, scale: Scale) -> Iterator[Measurement]:
    timers = {f"Directory from records, {label}": timer(1, Directory, records)}
    rounds = 2 if len(records.assignments) > 100_000 else scale.directory_rounds
    (series,) = interleave(timers, rounds).values()
    counts = (
        f"{len(table):,} {name}" for name, table in zip(Records._fields, records, strict=True)
    )
    yield measured(series, "s", figure=BUILT, note=", ".join(counts))
    if len(records.assignments) == max(scale.assignments):
        bytes = (_traced(records) - _traced(records._replace(assignments=()))) / len(
            records.assignments
        )
        name = f"memory for an assignment beyond its ids, {label}"
        yield measured(Series(name, [bytes]), "B", figure=BYTES)


def _traced(records: Records) -> int:
    """The bytes that a directory allocates and keeps; what its records hold is there before."""
    gc.collect()
    tracemalloc.start()
    held = Directory(records)
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del held
    return size


def _changing(held: Directory, records: Records, label: str) -> Iterator[Measurement]:
    membership = records.memberships[len(records.memberships) // 2]
    timers = {f"changed, one membership less, {label}": lambda: _changed(held, membership)}
    (series,) = interleave(timers, 5).values()
    yield measured(series, "ms")


def _changed(held: Directory, membership: object) -> float:
    start = time.perf_counter()
    held.changed(remove=[membership])  # type: ignore[list-item]
    return time.perf_counter() - start


def _loading(held: Directory, label: str) -> Measurement:
    """Reading a folder of JSON lines, strictly, and building the directory that it says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "directory")
        held.write(path)
        size = sum(each.stat().st_size for each in path.iterdir())
        start = time.perf_counter()
        loaded = Directory.load(path)
        series = Series(f"Directory.load, {label}", [time.perf_counter() - start])
    if repr(loaded) != repr(held):
        raise RuntimeError("what was written and read is another directory: nothing is timed")
    return measured(series, "s", note=f"{size / 1e6:,.1f} MB of JSON lines")


class Taken(NamedTuple):
    """What single requests took, in seconds."""

    allowed: list[float]
    denied: list[float]

    @property
    def slowest(self) -> float:
        """What all but one in a hundred keep to."""
        return statistics.quantiles(self.allowed + self.denied, n=100)[98]


def _asking(
    authorizer: Authorizer, requests: Requests, label: str, scale: Scale
) -> Iterator[Measurement]:
    warm = requests.take_distinct(_WARM)
    mixes: dict[str, Callable[[], Iterable[Request]]] = {
        "warm": lambda: warm,
        "cold": lambda: requests.take_distinct(scale.requests),
    }
    for mix, draw in mixes.items():
        _taken(authorizer, draw())
        rounds = [_taken(authorizer, draw()) for _ in range(scale.directory_rounds)]
        name = f"authorize, {{}}, {mix}, {label}"
        allowed = Series(
            name.format("allowed"), [statistics.median(each.allowed) for each in rounds]
        )
        denied = Series(name.format("denied"), [statistics.median(each.denied) for each in rounds])
        slowest = Series(name.format("p99"), [each.slowest for each in rounds])
        share = len(rounds[0].allowed) / len(rounds[0].allowed + rounds[0].denied)
        yield measured(allowed, "us", figure=ALLOWED, note=f"{share:.0%} are allowed")
        yield measured(denied, "us", figure=DENIED)
        yield measured(slowest, "us", figure=SLOWEST)
    yield _in_a_role(authorizer, warm, label, scale)


def _taken(authorizer: Authorizer, requests: Iterable[Request]) -> Taken:
    """Asks each request once."""
    taken, authorize, clock = Taken([], []), authorizer.authorize, time.perf_counter
    for request in requests:
        subject, action, resource = anew(request)
        start = clock()
        decision = authorize(subject, action, resource)
        seconds = clock() - start
        (taken.allowed if decision.allowed else taken.denied).append(seconds)
    return taken


def _in_a_role(
    authorizer: Authorizer, warm: list[Request], label: str, scale: Scale
) -> Measurement:
    """`check` in the role that each allowed request rests on."""
    allowed = [(request, authorizer.authorize(*request)) for request in warm]
    asked = [(request, decision) for request, decision in allowed if decision.hold]
    timers = {
        f"check in a role, allowed, warm, {label}": timer(
            len(asked), _check_each, authorizer, asked
        )
    }
    (series,) = interleave(timers, scale.directory_rounds).values()
    return measured(series, "us")


def _check_each(authorizer: Authorizer, asked: list[tuple[Request, Decision]]) -> None:
    for (subject, action, resource), decision in asked:
        assert decision.hold is not None, "only what is allowed is asked"
        authorizer.check(subject, decision.hold.role, resource, action)


def _everything(authorizer: Authorizer, requests: Requests, label: str) -> Iterator[Measurement]:
    start = time.perf_counter()
    total = count(authorizer.access).total
    series = Series(f"every permitted triple counted, {label}", [time.perf_counter() - start])
    yield measured(series, "s", figure=COUNTED, note=f"{total:,} are permitted")
    sample = [each for each in requests.take(400) if authorizer.authorize(*each)][:50]
    access = authorizer.access
    next(iter(candidate_resources(access, sample[0][0], sample[0][1], sample[0][2].type)), None)
    for name, search in (("who may", _who_may), ("what somebody may", _what)):
        seconds, found = [], 0
        for request in sample:
            start = time.perf_counter()
            found += search(authorizer, request)
            seconds.append(time.perf_counter() - start)
        note = f"{found / len(sample):,.0f} results each, all found"
        yield measured(Series(f"search, {name}, {label}", seconds), "ms", note=note)


def _who_may(authorizer: Authorizer, request: Request) -> int:
    _, action, resource = request
    candidates = candidate_subjects(authorizer.access, action, resource)
    return sum(authorizer.authorize(each, action, resource).allowed for each in candidates)


def _what(authorizer: Authorizer, request: Request) -> int:
    subject, action, resource = request
    candidates = candidate_resources(authorizer.access, subject, action, resource.type)
    return sum(authorizer.authorize(subject, action, each).allowed for each in candidates)


def _others(
    authorizer: Authorizer, requests: Requests, size: int, scale: Scale
) -> Iterator[Measurement]:
    """Other evaluators on the same requests; all must answer alike first."""
    demanding = {(row.action, row.type) for row in authorizer.policy.rows.requirements}
    drawn = requests.take_distinct(2 * scale.peer_cells)
    asked = [each for each in drawn if (each[1], each[2].type) not in demanding]
    answers = [authorizer.authorize(*request).allowed for request in asked]
    told = facts(authorizer.access)
    for name, (most, module, make) in RIVALS.items():
        label = f"{name}, {size:,} assignments"
        if size > most:
            continue
        if module is not None and importlib.util.find_spec(module) is None:
            yield not_installed(label, "us")
            continue
        rival = make(told)
        prepared = [rival.prepared(named(request)) for request in asked]
        if [rival.allows(each) for each in prepared] != answers:
            raise RuntimeError(f"{name} and authorize differ: there is nothing to time")
        timers = {
            label: timer(len(asked), _ask_each, rival.allows, prepared),
            "authorize, the same requests": timer(len(asked), _authorize_each, authorizer, asked),
        }
        peer, ours = interleave(timers, scale.peer_rounds).values()
        yield measured(peer, "us", ours)
        del rival, prepared


def _ask_each(allows: Callable[[object], bool], prepared: Iterable[object]) -> None:
    for request in prepared:
        allows(request)


def _authorize_each(authorizer: Authorizer, requests: Iterable[Request]) -> None:
    authorize = authorizer.authorize
    for subject, action, resource in requests:
        authorize(subject, action, resource)


def _cedar(told: Facts) -> Rival:
    from benchmarks.cedar import CedarDirectory  # cedarpy is optional

    return CedarDirectory(told)


RIVALS: dict[str, tuple[int, str | None, Callable[[Facts], Rival]]] = {
    "a walk over dicts": (1_000_000, None, Walk),
    "SQLite in memory, a recursive query": (1_000_000, None, Sql),
    "regorus, Rego as bytecode": (100_000, "regorus", Rego),
    "cedarpy, a policy per role": (1_000, "cedarpy", _cedar),
}
"""Every other evaluator: how many assignments it is given at most, and what it takes."""
