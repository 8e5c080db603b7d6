"""An audit: every rule asked of a policy, and of a directory under it, and the report of both.

Knows which rules there are, gathers what they find, and takes out what is accepted. It must
not know any rule's business, nor how a report is printed.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Collection, Iterable, Iterator

from rbac.access import Access
from rbac.audit import baseline, methods, waivers
from rbac.audit.baseline import Baseline
from rbac.audit.baseline_findings import RULES as BASELINE_RULES
from rbac.audit.directory_findings import CHECKS as DIRECTORY_CHECKS
from rbac.audit.directory_findings import Directories, Sighting
from rbac.audit.exercise import Exercise
from rbac.audit.findings import Finding, Report, Rule, in_order
from rbac.audit.policy_checks import Policies
from rbac.audit.policy_findings import CHECKS as ROW_CHECKS
from rbac.audit.policy_findings import METHOD
from rbac.audit.records import Broken, Loaded, load
from rbac.audit.role_findings import CHECKS as ROLE_CHECKS
from rbac.audit.standing import Standing
from rbac.audit.validity_findings import RULES as VALIDITY_RULES
from rbac.audit.validity_findings import found as found_broken
from rbac.audit.waivers import Waiver
from rbac.directory import Directory
from rbac.errors import DirectoryError, PolicyError, Problem
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.policy import Policy
from rbac.rows import Place
from rbac.table import DecisionTable

if TYPE_CHECKING:
    from typing import TypeVar

    _T = TypeVar("_T")
    Progress = Callable[[int, int], None]

POLICY_CHECKS = ROW_CHECKS | ROLE_CHECKS


def rules(*, methods: bool = True, directory: bool = True) -> tuple[Rule, ...]:
    """Every rule there is, by id; or those asked without API methods, without a directory."""
    asked = [*POLICY_CHECKS, *BASELINE_RULES]
    if directory:
        asked += [*VALIDITY_RULES, *DIRECTORY_CHECKS]
    return tuple(sorted(rule for rule in asked if methods or rule is not METHOD))


def policy_findings(
    policy: Policy, *, folder: str = "", methods: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Everything that is found of `policy`, in order; some 60 ms for the shipped one.

    Files are shown within `folder`. `methods` are all methods of the API, if they are known.
    """
    table = DecisionTable(policy)
    about = Policies(table, Exercise(table), methods)
    found = (each for check in POLICY_CHECKS.values() for each in check(about))
    return in_order(_within(folder, each) for each in found)


def directory_findings(
    directory: Directory,
    *,
    problems: Iterable[Problem] = (),
    day: datetime.date | None = None,
    loaded: Loaded | None = None,
) -> tuple[Finding, ...]:
    """Everything that is found of `directory` under its policy, in order.

    `problems` are those of a load for audits (`Directory.sound`): each becomes a finding.
    With the folder as it was `loaded`, its broken records do, and all have their places.
    `day` is the one that validity is judged by (default: today).
    """
    access = Access(DecisionTable(directory.policy), directory, ())
    about = Directories(access, Standing(access), day or datetime.date.today())
    sightings = [each for check in DIRECTORY_CHECKS.values() for each in check(about)]
    broken = [Broken("", "", Place(each.file, each.line), each.message) for each in problems]
    broken += loaded.broken if loaded else ()
    return in_order([*found_broken(broken), *_placed(sightings, loaded)])


def audit(
    folder: str,
    *,
    directory: str | None = None,
    baseline_file: str | None = None,
    new_baseline: bool = False,
    methods_file: str | None = None,
    day: datetime.date | None = None,
    progress: Progress | None = None,
) -> Report:
    """The report on the policy in `folder`, and on the directory in the folder `directory`.

    The baseline is that of the policy folder, unless given one; a `new_baseline` need not be
    there yet. Raises `PolicyError` with everything that is wrong with any of the files; then
    nothing is reported.
    """
    today = day or datetime.date.today()
    read = _read(folder, directory, baseline_file, new_baseline, methods_file, progress)
    found = list(policy_findings(read.policy, folder=folder, methods=read.methods))
    revision = ""
    if read.loaded is not None:
        found += directory_findings(read.loaded.directory, day=today, loaded=read.loaded)
        revision = read.loaded.directory.digest
    asked = rules(methods=methods_file is not None, directory=read.loaded is not None)
    ids = {rule.id for rule in asked}
    judged = baseline.judge(found, read.baseline, read.waivers, day=today, asked=ids)
    return Report(asked, in_order(judged.findings), judged.accepted, read.policy.digest, revision)


class _Read(NamedTuple):
    """All that an audit is made of, found well formed."""

    policy: Policy
    baseline: Baseline
    waivers: tuple[Waiver, ...]
    methods: Collection[str]
    loaded: Loaded | None


def _read(
    folder: str,
    directory: str | None,
    baseline_file: str | None,
    new_baseline: bool,
    methods_file: str | None,
    progress: Progress | None,
) -> _Read:
    """Reads every file; raises `PolicyError` with the problems of all of them."""
    trying = _Trying()
    accepting = trying.get(lambda: accepted_by(folder, baseline_file, new=new_baseline))
    listed = trying.get(lambda: methods.read(methods_file) if methods_file else frozenset())
    policy = trying.get(lambda: Policy.load(folder))
    waived, loaded = None, None
    if policy is not None:
        known = [rule.id for rule in rules() if rule not in BASELINE_RULES]
        waived = trying.get(lambda: waivers.read(folder, known))
        if directory is not None:
            loaded = trying.get(lambda: load(directory, policy, progress))
    if trying.problems or policy is None:
        raise PolicyError(trying.problems)
    return _Read(policy, accepting or Baseline(), waived or (), listed or (), loaded)


def accepted_by(folder: str, file: str | None, *, new: bool = False) -> Baseline:
    """What the baseline in `file` says, or that of the policy folder, if it has one.

    A `new` one need not be there yet.
    """
    path = file or os.path.join(folder, baseline.FILE)
    if (file is None or new) and not os.path.lexists(path):
        return Baseline()
    return baseline.read(path, rules())


class _Trying:
    """Reads one file after the other and collects what is wrong with any."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def get(self, read: Callable[[], _T]) -> _T | None:
        """What `read` gives; None if it could not, with its problems noted."""
        try:
            return read()
        except (PolicyError, DirectoryError) as error:
            self.problems += error.problems
            return None


def _within(folder: str, finding: Finding) -> Finding:
    """The finding with its file as it is to be shown."""
    if finding.place is None or not folder:
        return finding
    file = os.path.join(folder, finding.place.file)
    return finding._replace(place=finding.place._replace(file=file))


def _placed(sightings: list[Sighting], loaded: Loaded | None) -> Iterator[Finding]:
    """The findings, each at the line of its record."""
    wanted: dict[str, set[str]] = {}
    for each in sightings:
        wanted.setdefault(each.table, set()).add(each.name)
    places = loaded.places(wanted) if loaded else {}
    for each in sightings:
        yield each.finding._replace(place=places.get((each.table, each.name)))
