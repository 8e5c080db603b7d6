"""The shape of each record as a JSON object of the API, and how it is read.

Knows members, their types and which may be absent. It must not know files, nor the rules
that hold between records.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import NamedTuple

from rbac.errors import RequestError, quoted
from rbac.records import (
    REFERENCED,
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
    ResourceRecord,
    SubjectRecord,
)
from rbac.snapshots.files import Object, described
from rbac.terms import Resource, Subject
from rbac.vocabulary import (
    Name,
    OrganizationRole,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

_ABSENT = object()
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


class Invalid(Exception):
    """A value that is not what its member says, one sentence a problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class _Member(NamedTuple):
    """A member of an object: how it is read, and what it is when it is absent."""

    name: str
    read: Callable[[object], object]
    default: object = _ABSENT


_Plan = tuple[tuple[Callable[[object], object], ...], Callable[[list[object]], tuple[object, ...]]]
"""How the values of an object are read, and put in the order of the members."""

_LAYOUTS = 1000
"""How many plans a shape remembers, whatever a file holds."""


def _ignore(_: object) -> None:
    return None


class Shape:
    """The members of an object, and what is made of them, in their order.

    A `lenient` shape is of an object that the API gives with further members: those are
    ignored, unless the name is nearly one that matters.
    """

    def __init__(
        self,
        make: Callable[..., object],
        *members: _Member,
        lenient: bool = False,
        ignored: Iterable[str] = (),
    ) -> None:
        self.make = make
        self.members = members
        self.lenient = lenient
        self.names = {member.name for member in members}
        self.ignored = set(ignored)
        self._defaults = [member.default for member in members]
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def read(self, given: object) -> object:
        """What an object says; raises `Invalid` with everything that is wrong."""
        if type(given) is not dict:
            raise Invalid([f"{described(given)} instead of an object"])
        layout = tuple(given)
        plan = self._plans.get(layout) or self._plan(layout)
        if plan is None:
            raise Invalid([*self._problems(given), *self._strangers(given)])
        readers, arrange = plan
        try:
            values = [read(value) for read, value in zip(readers, given.values(), strict=True)]
        except (Invalid, TypeError):
            raise Invalid([*self._problems(given), *self._strangers(given)]) from None
        values += self._defaults
        try:
            return self.make(*arrange(values))
        except RequestError as error:
            raise Invalid([str(error)]) from None

    def _plan(self, layout: tuple[str, ...]) -> _Plan | None:
        """How objects with just these members, in this order, are read; None: not at all.

        Most objects of a file have the members of the one before, so this is worked out once.
        """
        if any(self._strangers(layout)):
            return None
        if any(each.name not in layout and each.default is _ABSENT for each in self.members):
            return None
        reads = {each.name: each.read for each in self.members}
        places = [
            layout.index(each.name) if each.name in layout else len(layout) + number
            for number, each in enumerate(self.members)
        ]
        plan = tuple(reads.get(name, _ignore) for name in layout), itemgetter(*places)
        if len(self._plans) < _LAYOUTS:
            self._plans[layout] = plan
        return plan

    def _problems(self, given: Object) -> Iterator[str]:
        for name, read, default in self.members:
            if name not in given and default is _ABSENT:
                yield f"has no {name}"
            elif name in given:
                try:
                    read(given[name])
                except TypeError:  # what is no key of a mapping is no string either
                    yield f"{name}: {described(given[name])} instead of a string"
                except Invalid as error:
                    yield from (f"{name}: {problem}" for problem in error.problems)

    def _strangers(self, given: Iterable[str]) -> Iterator[str]:
        for name in {*given} - self.names - self.ignored:
            meant = _misspelt(name, tuple(sorted(self.names)))
            if meant:
                yield f"unknown member {quoted(name)}; did you mean {quoted(meant)}?"
            elif not self.lenient:
                yield f"unknown member {quoted(name)}"


@cache
def _misspelt(name: str, known: tuple[str, ...]) -> str | None:
    """The member that `name` would be, but for case, underscores or a letter."""
    if len(name) > 100:
        return None
    plain = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.replace("_", "").lower(), plain, n=1, cutoff=0.87)
    return plain[found[0]] if found else None


class _Ids(dict[str, str]):
    """Ids by themselves, so that equal ones are one string; checks those that are new."""

    def __missing__(self, given: object) -> str:
        id = _new_id(given)
        self[id] = id
        return id


def _new_id(given: object) -> str:
    if type(given) is not str:
        raise Invalid([f"{described(given)} instead of a string"])
    if not _UUID(given):
        raise Invalid([f"{quoted(given)} is not a canonical lower-case UUID"])
    return given


class _Names(dict[str, Name]):
    """The members of an enum by wire value."""

    def __init__(self, names: type[Name], *, specified: bool = False) -> None:
        super().__init__({each.value: each for each in names})
        self.noun = names.noun
        self.zero = names["UNSPECIFIED"].value
        if specified:
            del self[self.zero]

    def __missing__(self, given: object) -> Name:
        if type(given) is not str:
            raise Invalid([f"{described(given)} instead of a string"])
        if given == self.zero:
            raise Invalid([f"{given} names no {self.noun}"])
        meant = difflib.get_close_matches(given[:100], self, n=1, cutoff=0.6)
        hint = f"; did you mean {quoted(meant[0])}?" if meant else ""
        raise Invalid([f"unknown {self.noun} {quoted(given)}{hint}"])


def _boolean(given: object) -> bool:
    if type(given) is not bool:
        raise Invalid([f"{described(given)} instead of a boolean"])
    return given


NANO = 10**9


def _instant(given: object) -> float:
    """Seconds since 1970, of an RFC 3339 timestamp; the nearest float."""
    from rbac.wire.formats import Timestamp  # needs pydantic; few subjects expire

    if type(given) is not str:
        raise Invalid([f"{described(given)} instead of a string"])
    try:
        whole = Timestamp(given).datetime.replace(microsecond=0)
    except (RequestError, ValueError):
        raise Invalid([f"{quoted(given)} is not an RFC 3339 timestamp"]) from None
    seconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // SECOND
    digits = re.search(r"[.]([0-9]+)", given)
    nanos = int(digits[1].ljust(9, "0")) if digits else 0
    return (seconds * NANO + nanos) / NANO


SECOND = datetime(1970, 1, 1, 0, 0, 1) - datetime(1970, 1, 1)


class Shapes:
    """Reads the records of one directory; equal ids and resources are one object in memory."""

    def __init__(self) -> None:
        self.organization_of: dict[str, str] = {}
        self.resources: dict[tuple[ResourceType, str], Resource] = {}
        self.subjects: dict[tuple[Principal, str], Subject] = {}
        self.id: Callable[[object], object] = _Ids().__getitem__  # type: ignore[assignment]
        self.of = {
            "organizations": self._organizations(),
            "subjects": self._subjects(),
            "groups": self._groups(),
            "resources": self._resources(),
            "memberships": self._memberships(),
            "assignments": self._assignments(),
        }
        """The shape of each table's records."""

    def read(self, table: str, given: object) -> Record:
        """The record that an object of a table is; raises `Invalid`."""
        record = self.of[table].read(given)
        if type(record) is Group:
            self.organization_of[record.id] = record.organization
        return record  # type: ignore[return-value]

    def _organizations(self) -> Shape:
        def make(id: str, tier: OrganizationTier, lets: tuple[bool | None, bool | None]) -> object:
            return Organization(id, tier, *lets)

        policies = Shape(
            lambda *lets: lets,
            _Member("membersCreateProjects", _boolean, None),
            _Member("membersRequireProjects", _boolean, None),
            lenient=True,
        )
        return Shape(
            make,
            _Member("id", self.id),
            _Member("tier", _name(OrganizationTier), OrganizationTier.UNSPECIFIED),
            _Member("policies", policies.read, (None, None)),
            lenient=True,
        )

    def _subjects(self) -> Shape:
        def make(id: str, principal: Principal, *standing: object) -> object:
            suspended = len(standing) - 1  # is never there
            return SubjectRecord(self._subject(id, principal), *standing[:suspended])  # type: ignore[arg-type]

        return Shape(
            make,
            _Member("id", self.id),
            _Member("principal", _name(Principal, specified=True)),
            _Member("organizationId", self.id, None),
            _Member("status", _name(UserStatus), UserStatus.UNSPECIFIED),
            _Member("organizationRole", _name(OrganizationRole), OrganizationRole.UNSPECIFIED),
            _Member("validUntil", _instant, None),
            _Member("suspended", _refuse_suspended, None),
            lenient=True,
        )

    def _groups(self) -> Shape:
        return Shape(
            Group,
            _Member("id", self.id),
            _Member("organizationId", self.id),
            _Member("directShare", _boolean, False),
            _Member("systemManaged", _boolean, False),
            lenient=True,
        )

    def _memberships(self) -> Shape:
        return Shape(
            Membership,
            _Member("id", _new_id),
            _Member("groupId", self.id),
            _Member("subject", self._subject_shape().read),
            lenient=True,
        )

    def _assignments(self) -> Shape:
        def make(
            id: str,
            group: str,
            resource: str,
            type: ResourceType,
            role: ResourceRole,
            derived_from: ResourceRole,
            organization: str | None,
        ) -> Assignment:
            if organization is not None and (
                self.organization_of.get(group, organization) != organization
            ):
                raise RequestError("organizationId: not the organization of the group")
            return Assignment(id, group, self._resource(type, resource), role, derived_from)

        return Shape(
            make,
            _Member("id", _new_id),
            _Member("groupId", self.id),
            _Member("resourceId", self.id),
            _Member("resourceType", _name(ResourceType, specified=True)),
            _Member("resourceRole", _name(ResourceRole, specified=True)),
            _Member("derivedFromOrgRole", _name(ResourceRole), ResourceRole.UNSPECIFIED),
            _Member("organizationId", self.id, None),
            lenient=True,
        )

    def _resources(self) -> Shape:
        def make(type: ResourceType, id: str, *rest: object) -> object:
            return ResourceRecord(self._resource(type, id), *rest)  # type: ignore[arg-type]

        types = _name(ResourceType, specified=True)
        somebody = self._subject_shape().read
        parent = Shape(self._resource, _Member("type", types), _Member("id", self.id))
        named = Shape(
            self._references, *(_Member(each.short, self.id, None) for each in REFERENCED)
        )
        return Shape(
            make,
            _Member("type", types),
            _Member("id", self.id),
            _Member("parents", _array(parent.read), ()),
            _Member("creator", somebody, None),
            _Member("owner", somebody, None),
            _Member("executor", somebody, None),
            _Member("references", named.read, ()),
            ignored=("name",),
        )

    def _references(self, *ids: str | None) -> tuple[Resource, ...]:
        pairs = zip(REFERENCED, ids, strict=True)
        return tuple(self._resource(type, id) for type, id in pairs if id is not None)

    def _subject_shape(self) -> Shape:
        return Shape(
            self._subject,
            _Member("id", self.id),
            _Member("principal", _name(Principal, specified=True)),
        )

    def _subject(self, id: str, principal: Principal) -> Subject:
        found = self.subjects.get((principal, id))
        if found is None:
            found = self.subjects[principal, id] = Subject(principal, id)
        return found

    def _resource(self, type: ResourceType, id: str) -> Resource:
        found = self.resources.get((type, id))
        if found is None:
            found = self.resources[type, id] = Resource(type, id)
        return found


def _name(names: type[Name], *, specified: bool = False) -> Callable[[object], object]:
    return _Names(names, specified=specified).__getitem__  # type: ignore[return-value]


def _refuse_suspended(_: object) -> None:
    raise Invalid([f"is said by a status: {UserStatus.SUSPENDED.value}"])


def _array(read: Callable[[object], object]) -> Callable[[object], object]:
    def read_array(given: object) -> object:
        if type(given) is not list:
            raise Invalid([f"{described(given)} instead of an array"])
        return tuple(map(read, given))

    return read_array
