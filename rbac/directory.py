"""The directory: who holds what, immutable, indexed, found valid.

Knows how a directory comes to be from records and how one becomes another, and lists what
it holds. It must not decide: what a role gives is the policy's business.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from rbac.collector import uncollected
from rbac.entries import NO_ASSIGNMENTS, ResourceEntry, SubjectEntry, Tables, assignments_on
from rbac.errors import DirectoryError, Problem
from rbac.intake import Fault, Intake
from rbac.light import TYPE_CHECKING
from rbac.policy import PathLike, Policy
from rbac.record_rules import RecordRules
from rbac.records import (
    Assignment,
    Membership,
    Record,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Frozen, Resource, Subject
from rbac.vocabulary import Principal, ResourceType

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    Progress = Callable[[int, int], None]
    Locate = Callable[[str, int], tuple[str, int]]
    """Where record `number` of a table stands: file and line."""


class Directory(Frozen):
    """Organizations, subjects, groups, memberships, assignments and resources: a snapshot.

    Built from records, which are validated by `policy` (default: the shipped one), a few
    microseconds each; raises `DirectoryError` with every problem. A directory belongs to
    the policy it was validated by; `under` validates it by another. `revision` names the
    snapshot in decisions; by default it is the digest.
    """

    __slots__ = ("_digest", "_revision", "policy", "tables")

    policy: Policy
    tables: Tables
    _digest: str | None
    _revision: str | None

    def __init__(
        self, records: Records, *, policy: Policy | None = None, revision: str | None = None
    ) -> None:
        validated_by = Policy.shipped() if policy is None else policy
        intake = Intake(validated_by, Tables())
        intake.take(records)
        if intake.faults:
            raise DirectoryError(_problems(intake.faults))
        self._put(validated_by, intake.tables, revision)

    def _put(self, policy: Policy, tables: Tables, revision: str | None) -> None:
        object.__setattr__(self, "policy", policy)
        object.__setattr__(self, "tables", tables)
        object.__setattr__(self, "_revision", revision)
        object.__setattr__(self, "_digest", None)

    @classmethod
    def load(
        cls,
        path: PathLike,
        *,
        policy: Policy | None = None,
        revision: str | None = None,
        progress: Progress | None = None,
    ) -> Directory:
        """The directory in the folder `path`, read strictly; see ``docs/directory.md``.

        Some ten microseconds a record; `progress` is told how many bytes are read, of how
        many. Raises `DirectoryError` with every problem of every file, but for those that
        may only follow from others; nothing loads in part.
        """
        directory, problems = read(path, policy=policy, revision=revision, progress=progress)
        if problems:
            raise DirectoryError(problems)
        return directory

    def write(self, path: PathLike) -> None:
        """Writes the directory folder `path` in canonical order, whole or not at all.

        Reading it gives an equal directory. Raises `FileExistsError` unless `path` is free
        or an empty folder, `ValueError` for records that cannot be written.
        """
        from rbac.snapshots.writer import write  # deciding never needs it

        write(self.records, os.fspath(path))

    @classmethod
    def sound(
        cls,
        records: Records,
        *,
        policy: Policy | None = None,
        revision: str | None = None,
        locate: Locate | None = None,
        progress: Progress | None = None,
    ) -> tuple[Self, tuple[Problem, ...]]:
        """For audits: the directory of the records that are sound, and every problem.

        A record that breaks a rule is left out, and so is whatever needs it. `locate` says
        where a record stands; without it, problems name a table and count from 1.
        """
        validated_by = Policy.shipped() if policy is None else policy
        intake = Intake(validated_by, Tables())
        intake.take(records, progress)
        directory = object.__new__(cls)
        directory._put(validated_by, intake.tables, revision)
        return directory, tuple(sorted(_problems(intake.faults, locate)))

    @property
    def digest(self) -> str:
        """``sha256:`` and the digest of what the records say, in whatever order they stood.

        Ids of memberships and assignments are part of it. Worked out once: seconds for a
        million records.
        """
        if self._digest is None:
            import hashlib  # only whoever reads the digest pays for it

            hashed = hashlib.sha256()
            for table in self.records:
                for line in sorted(map(_statement, table)):
                    hashed.update(line.encode() + b"\n")
            object.__setattr__(self, "_digest", f"sha256:{hashed.hexdigest()}")
        return self._digest or ""

    @property
    def revision(self) -> str:
        """The name of this snapshot: the one it was given, else its digest."""
        return self.digest if self._revision is None else self._revision

    def subject(self, subject: Subject) -> SubjectEntry | None:
        """The entry of `subject`; None if it is unknown. Constant time."""
        return self.tables.subjects[subject.principal].get(subject.id)

    def resource(self, resource: Resource) -> ResourceEntry | None:
        """The entry of `resource`; None if it is unknown. Constant time."""
        return self.tables.resources[resource.type].get(resource.id)

    def subjects(self, principal: Principal | None = None) -> Iterator[SubjectEntry]:
        """Every subject, or every one of a kind."""
        for each, table in self.tables.subjects.items():
            if principal in (None, each):
                yield from table.values()

    def resources(self, type: ResourceType | None = None) -> Iterator[ResourceEntry]:
        """Every resource, or every one of a type, implied ones included."""
        for each, table in self.tables.resources.items():
            if type in (None, each):
                yield from table.values()

    def members(self, group: str) -> tuple[Membership, ...]:
        """Who is in a group (AssignedUsers, where roles are given to groups)."""
        members = self.tables.members.get(group, {})
        return tuple(Membership(id, group, subject) for subject, id in members.items())

    def assignments(self, resource: ResourceEntry) -> tuple[Assignment, ...]:
        """The assignments on a resource that give a role to the members of a group."""
        return assignments_on(resource, self.tables.assigned.get(resource, NO_ASSIGNMENTS))

    def derived_assignments(self, resource: ResourceEntry) -> tuple[Assignment, ...]:
        """The assignments on a resource that are kept for audits and give nothing."""
        return self.tables.derived.get(resource, ())

    @property
    def records(self) -> Records:
        """The records this was built from, but for their order; seconds for a million."""
        tables = self.tables
        subjects = list(self.subjects())
        given = (each for entry in tables.assigned for each in self.assignments(entry))
        kept = (each for records in tables.derived.values() for each in records)
        return Records(
            organizations=tuple(tables.organizations.values()),
            subjects=tuple(entry.record for entry in subjects),
            groups=tuple(tables.groups.values()),
            resources=tuple(entry.record for entry in self.resources() if not entry.implied),
            memberships=tuple(each for entry in subjects for each in entry.memberships),
            assignments=(*given, *kept),
        )

    def under(self, policy: Policy) -> Directory:
        """The same records validated by `policy`; itself if that means the same.

        Raises `DirectoryError` if the policy refuses a record. At once where both policies
        rule on records alike, else seconds for a million.
        """
        if policy is self.policy or policy.digest == self.policy.digest:
            return self
        if RecordRules(policy).same(RecordRules(self.policy)):
            directory = object.__new__(Directory)
            directory._put(policy, self.tables, self._revision)
            object.__setattr__(directory, "_digest", self._digest)
            return directory
        return Directory(self.records, policy=policy, revision=self._revision)

    def changed(
        self,
        *,
        add: Iterable[Record] = (),
        remove: Iterable[Record] = (),
        revision: str | None = None,
    ) -> Directory:
        """Another directory, without the records of `remove` and then with those of `add`.

        With a group or a subject go its memberships and assignments, unless `add` has it
        again. What did not change is shared: some ten milliseconds on a million assignments;
        seconds where a resource is removed or takes the place of one that needs no record.
        Raises `DirectoryError` with every problem, `RequestError` for a record to remove
        that is not there.
        """
        from rbac.changes import changed  # reading never needs it

        coming, going = tuple(add), tuple(remove)
        tables, faults = changed(self.policy, self.tables, lambda: self.records, coming, going)
        if faults:
            raise DirectoryError(_problems(faults))
        directory = object.__new__(Directory)
        directory._put(self.policy, tables, revision)
        return directory

    def __eq__(self, other: object) -> bool:
        if type(other) is not Directory:
            return NotImplemented
        return self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        tables = self.tables
        subjects = sum(map(len, tables.subjects.values()))
        given = sum(len(groups) for groups, _, _ in tables.assigned.values())
        return f"<Directory of {subjects:,} subjects and {given:,} assignments>"


def read(
    path: PathLike,
    *,
    policy: Policy | None = None,
    revision: str | None = None,
    progress: Progress | None = None,
) -> tuple[Directory, tuple[Problem, ...]]:
    """For audits: what is sound of the folder `path`, and the problems of its files.

    Where a file cannot be read in full, what is unknown may be what it would have said, and
    is left out without a problem of its own.
    """
    from rbac.snapshots.reader import read as read_snapshot  # deciding never needs it

    with uncollected:
        snapshot = read_snapshot(os.fspath(path), progress)
        directory, problems = Directory.sound(
            snapshot.records, policy=policy, revision=revision, locate=snapshot.locate
        )
    if snapshot.problems:
        problems = tuple(each for each in problems if not each.message.startswith("unknown "))
    return directory, tuple(sorted({*snapshot.problems, *problems}))


def _statement(record: Record) -> str:
    """What a record says, however it is spelled: equal for equal meanings."""
    if isinstance(record, ResourceRecord):
        parents, references = (
            tuple(sorted(each, key=str)) for each in (record.parents, record.references)
        )
        record = record._replace(parents=parents, references=references)
    elif isinstance(record, SubjectRecord) and record.valid_until is not None:
        record = record._replace(valid_until=float(record.valid_until))
    return repr(record)


def _problems(faults: Iterable[Fault], locate: Locate | None = None) -> Iterator[Problem]:
    for table, number, message in faults:
        file, line = locate(table, number) if locate else (table, number + 1)
        yield Problem(file, line, 0, message)
