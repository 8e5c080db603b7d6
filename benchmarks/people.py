"""Who gains and loses what, and what somebody can come to, on directories of any size.

Knows two changes of the shipped policy, one row less and very many rows less, and one of a
directory. At a thousand assignments the answer is compared with asking the authorizer about
everybody and everything twice, which is also what it is timed against.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator

from benchmarks.auditing import changed
from benchmarks.measurement import Figure, Measurement, Scale, Series, interleave, measured, timer
from benchmarks.population import population
from rbac import Authorizer, Directory, Policy, Principal, ResourceRole
from rbac.access import Access
from rbac.audit.ascent import Ascent
from rbac.audit.people import People, Triple, people, triples
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, inactive_subject
from rbac.policy import unvalidated
from rbac.rows import Permission
from rbac.table import DecisionTable
from rbac.vocabulary import Action, ResourceType

DIFFERENCE = Figure("time", "<=", 30)

_SAMPLE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "examples", "organization")
_MEMBERS = 5
"""How many subjects of a directory are asked what they can come to."""


def who(scale: Scale) -> Iterator[Measurement]:
    """Who gains and loses what between policies and directories; what somebody can come to."""
    for size in scale.assignments:
        directory = Directory(population(size))
        label = f"{size:,} assignments"
        if size <= 1_000:
            yield _over_asking(directory, label, scale)
        shipped = access(Policy.shipped(), directory)
        for name, policy in (("one row less", fewer()), ("every twentieth less", changed())):
            yield _timed(f"two policies, {name}, {label}", shipped, access(policy, directory))
        memberships = population(size).memberships
        later = directory.changed(remove=[memberships[len(memberships) // 2]])
        after = access(Policy.shipped(), later)
        yield _timed(f"two directories, one membership less, {label}", shipped, after)
        if size <= 1_000:  # everybody there can become everybody: far more is not worked out
            yield _coming(shipped, label)
    yield _everybody(scale)


def access(policy: Policy, directory: Directory) -> Access:
    """What a policy says on a directory at one moment."""
    guards = inactive_subject(lambda: 0), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL
    return Access(DecisionTable(policy), directory.under(policy), guards)


def fewer() -> Policy:
    """The shipped policy in which who edits a project may not delete it."""
    rows = Policy.shipped().rows
    delete = Permission(Action.DELETE, ResourceType.PROJECT)
    gone = (ResourceRole.PROJECT_EDITOR, delete)
    kept = tuple(each for each in rows.grants if (each.role, each.permission) != gone)
    return unvalidated(rows._replace(grants=kept))


def _timed(name: str, old: Access, new: Access) -> Measurement:
    """All sums of the difference, worked out once."""
    start = time.perf_counter()
    found = people(old, new)
    sums = _sums(found)
    seconds = time.perf_counter() - start
    note = f"{sums[0]:,} gained, {sums[1]:,} lost by {sums[2]:,} subjects"
    return measured(Series(name, [seconds]), "s", figure=DIFFERENCE, note=note)


def _sums(found: People) -> tuple[int, int, int]:
    """Everything that is printed, so that it is worked out."""
    for side in found:
        _ = side.permissions, side.through, side.subjects
    return found.gained.total.triples, found.lost.total.triples, found.lost.total.subjects


def _over_asking(directory: Directory, label: str, scale: Scale) -> Measurement:
    """The difference over asking twice about every subject, action and resource."""
    pair = access(Policy.shipped(), directory), access(changed(), directory)
    listed = {(gained, triple) for gained, triple in triples(*pair)}
    old, new = (_asked(each) for each in pair)
    if listed != {(True, each) for each in new - old} | {(False, each) for each in old - new}:
        raise RuntimeError("the difference is not the one that asking shows")
    timers = {
        f"two policies, every twentieth less, {label}, over asking": timer(1, _difference, *pair),
        "authorize, everybody and everything, twice": timer(1, _ask, *pair),
    }
    ours, asking = interleave(timers, max(1, scale.directory_rounds // 3)).values()
    return measured(ours, "s", asking, note="the same sets, compared first")


def _difference(old: Access, new: Access) -> None:
    _sums(people(old, new))


def _ask(old: Access, new: Access) -> None:
    _asked(old)
    _asked(new)


def _asked(access: Access) -> set[Triple]:
    directory, actions = access.directory, access.table.actions_on
    return {
        (who.subject, action, about.resource)
        for who in directory.subjects()
        for about in directory.resources()
        for action in actions(about.type)
        if access.decide(who.subject, None, about.resource, action, None)
    }


def _coming(access: Access, label: str) -> Measurement:
    """What a few users of the largest organization can come to, each by itself."""
    users = [who for who in access.directory.subjects(Principal.USER) if who.groups]
    seconds, steps = [], []
    for who in users[:: max(1, len(users) // _MEMBERS)][:_MEMBERS]:
        start = time.perf_counter()
        steps.append(len(Ascent(access, who).paths))
        seconds.append(time.perf_counter() - start)
    note = f"{statistics.mean(steps):,.0f} things each, of {len(users):,} users"
    return measured(Series(f"what a user can come to, {label}", seconds), "ms", note=note)


def _everybody(scale: Scale) -> Measurement:
    """What each subject of the sample organization can come to."""
    access = Authorizer(directory=Directory.load(_SAMPLE)).access
    subjects = list(access.directory.subjects())
    name = f"what every subject of the sample can come to, all {len(subjects)}"
    timers = {name: timer(1, lambda: [Ascent(access, each) for each in subjects])}
    (series,) = interleave(timers, max(2, scale.directory_rounds // 2)).values()
    return measured(series, "ms")
