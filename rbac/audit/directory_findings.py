"""The findings of a valid directory: each rule a function, asked of who holds what.

Knows what makes a group, a membership or an assignment questionable under the policy. It
must not decide anything, and guesses nothing from what things are called: each finding
follows from the records and the policy.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from rbac.access import Access
from rbac.audit.findings import Finding, Rule, Severity, registering
from rbac.audit.standing import Standing
from rbac.entries import BITS, ROLES, ResourceEntry, SubjectEntry
from rbac.holders import Holders
from rbac.light import NamedTuple
from rbac.records import Assignment
from rbac.vocabulary import Principal, ResourceRole, ResourceType, UserStatus


class Directories(NamedTuple):
    """What the rules are asked about: a directory under its policy, on a day."""

    access: Access
    standing: Standing
    day: datetime.date


class Sighting(NamedTuple):
    """A finding, and the record it is at: its table and what it is called."""

    finding: Finding
    table: str
    name: str


Check = Callable[[Directories], Iterator[Sighting]]

CHECKS: dict[Rule, Check] = {}
"""Every rule about a valid directory, with the function that finds what it says."""


_checks = registering(CHECKS)


NOTHING_ADDED = Rule(
    "RBAC301",
    "an assignment that adds nothing",
    Severity.NOTE,
    "An assignment of a role that every member of the group has there anyway: by another "
    "assignment of the group, on the resource or on what contains it, or by being a member of "
    "the organization.",
    "Whoever removes it will believe access gone that is not, and every review looks at it.",
    "Remove the assignment, or the one that implies it.",
)


@_checks(NOTHING_ADDED)
def _nothing_added(about: Directories) -> Iterator[Sighting]:
    for entry in about.access.directory.tables.assigned:
        for group, bit, id, why in about.standing.implied(entry):
            role = ROLES[bit].short
            message = f"the assignment of {role} on {entry.resource} to group {group} adds nothing"
            subject = (group, role, entry.resource, id)
            yield Sighting(NOTHING_ADDED.found(message, None, subject, [why]), "assignments", id)


EMPTY = Rule(
    "RBAC302",
    "a group without members",
    Severity.NOTE,
    "A group that nobody is in.",
    "It gives nothing today; whoever is added gets all that it holds, which nobody has looked at "
    "since.",
    "Delete the group, or remove what it holds until somebody needs it.",
)


@_checks(EMPTY)
def _empty(about: Directories) -> Iterator[Sighting]:
    tables = about.access.directory.tables
    for id in tables.groups:
        if not tables.members.get(id):
            resources = len(tables.holds.get(id, ()))
            evidence = [f"it holds roles on {_counted(resources, 'resource')}"]
            message = f"group {id} has no members"
            yield Sighting(EMPTY.found(message, None, (id,), evidence), "groups", id)


INACTIVE = Rule(
    "RBAC303",
    "a member who is suspended or has left",
    Severity.WARNING,
    "A subject with the status suspended or left is still in a group.",
    "It can do nothing now; on the day that it is active again it has all that the group holds, "
    "without anybody deciding so.",
    "Remove the membership.",
)

EXPIRED = Rule(
    "RBAC304",
    "a member that has expired",
    Severity.WARNING,
    "A service account whose validity has ended is still in a group.",
    "It can do nothing now; once its validity is extended it has all that the group holds.",
    "Remove the membership, or the account.",
)


@_checks(INACTIVE)
def _inactive(about: Directories) -> Iterator[Sighting]:
    for who in about.access.directory.subjects():
        if who.groups and who.status in (UserStatus.SUSPENDED, UserStatus.LEFT):
            state = "is suspended" if who.status is UserStatus.SUSPENDED else "has left"
            yield from _memberships(about, INACTIVE, who, state)


@_checks(EXPIRED)
def _expired(about: Directories) -> Iterator[Sighting]:
    start = datetime.datetime.combine(about.day, datetime.time(), datetime.UTC).timestamp()
    for who in about.access.directory.subjects():
        if who.groups and who.valid_until is not None and who.valid_until <= start:
            ended = datetime.datetime.fromtimestamp(who.valid_until, datetime.UTC)
            yield from _memberships(about, EXPIRED, who, f"was valid until {ended:%Y-%m-%d}")


def _memberships(
    about: Directories, rule: Rule, who: SubjectEntry, state: str
) -> Iterator[Sighting]:
    groups = about.access.directory.tables.groups
    for membership in who.memberships:
        message = f"{who.subject} {state} and is in group {membership.group}"
        managed = groups[membership.group].system_managed
        evidence = ["the system manages this group"] if managed else []
        remedy = "Have it removed by what manages the group." if managed else ""
        subject = (who.subject, membership.group)
        finding = rule.found(message, None, subject, evidence, remedy)
        yield Sighting(finding, "memberships", membership.id)


ADMINISTRATORS = Rule(
    "RBAC305",
    "the administrators of an organization",
    Severity.NOTE,
    "Everybody who holds org_admin on an organization, and how.",
    "They may do nearly anything; the list is to be short, and known.",
    "Nothing, if each of them is meant; else change its organization role, or its groups.",
)

MACHINE_ADMINISTRATOR = Rule(
    "RBAC306",
    "an organization administered by a machine",
    Severity.WARNING,
    "A subject that is no user holds org_admin on an organization.",
    "Its credential is a file somewhere, and whoever reads the file administers the organization.",
    "Give it the roles it needs instead; rbac suggest finds the fewest.",
)


@_checks(ADMINISTRATORS)
def _administrators(about: Directories) -> Iterator[Sighting]:
    for entry, holders in _who_administers(about):
        if not holders:
            continue
        users = sum(each.principal is Principal.USER for each in holders)
        others = len(holders) - users
        message = (
            f"organization {entry.id} has {_counted(len(holders), 'administrator')}: "
            f"{_counted(users, 'user')} and {_counted(others, 'other')}"
        )
        evidence = [_administrates(about, each, entry) for each in holders]
        finding = ADMINISTRATORS.found(message, None, (entry.id,), evidence)
        yield Sighting(finding, "organizations", entry.id)


@_checks(MACHINE_ADMINISTRATOR)
def _machines(about: Directories) -> Iterator[Sighting]:
    for entry, holders in _who_administers(about):
        for who in holders:
            if who.principal is not Principal.USER:
                message = f"{who.subject} administers organization {entry.id}"
                subject = (entry.id, who.subject)
                evidence = [_administrates(about, who, entry)]
                finding = MACHINE_ADMINISTRATOR.found(message, None, subject, evidence)
                yield Sighting(finding, "subjects", str(who.subject))


UNADMINISTERED = Rule(
    "RBAC309",
    "an organization nobody administers",
    Severity.WARNING,
    "An organization on which nobody holds org_admin.",
    "Nobody can mend anything there, and whoever is made its administrator is so alone.",
    "Make somebody its administrator.",
)


@_checks(UNADMINISTERED)
def _unadministered(about: Directories) -> Iterator[Sighting]:
    for entry, holders in _who_administers(about):
        if not holders:
            message = f"nobody administers organization {entry.id}"
            yield Sighting(
                UNADMINISTERED.found(message, None, (entry.id,)), "organizations", entry.id
            )


def _who_administers(about: Directories) -> Iterator[tuple[ResourceEntry, list[SubjectEntry]]]:
    """Each organization with everybody who holds ``org_admin`` on it, in order."""
    wanted = about.standing.seniors(ResourceRole.ORG_ADMIN)
    holders = Holders(about.access)
    for entry in about.access.directory.resources(ResourceType.ORGANIZATION):
        found = {who for _, those in holders.on(entry, wanted) for who in those}
        yield entry, sorted(found, key=lambda each: str(each.subject))


def _administrates(about: Directories, who: SubjectEntry, entry: ResourceEntry) -> str:
    """A holder of ``org_admin``, its status, and how it comes to hold it."""
    wanted = about.standing.seniors(ResourceRole.ORG_ADMIN)
    ways = [
        f"group {each.assignment.group}"
        if each.assignment
        else f"its organization role, {who.role.short}"
        for each in about.access.holds_on(who, entry)
        if BITS[each.role] & wanted and about.access.table.eligible(who.principal, each.role)
    ]
    standing = "" if who.status in (UserStatus.ACTIVE, UserStatus.UNSPECIFIED) else who.status.short
    return f"{who.subject}{f' ({standing})' if standing else ''}, by {' and '.join(ways)}"


OUTLIVED = Rule(
    "RBAC307",
    "a derived assignment that outlived its role",
    Severity.WARNING,
    "A derived assignment whose group no longer holds the organization role it was derived from.",
    "It gives nothing here; a system that takes it at its word gives access that was taken away.",
    "Remove the assignment, or give the group its role on the organization again.",
)


@_checks(OUTLIVED)
def _outlived(about: Directories) -> Iterator[Sighting]:
    for entry, derived in about.access.directory.tables.derived.items():
        for each in derived:
            if not _origin_is_held(about, entry, each):
                role, origin = each.role.short, each.derived_from.short
                message = (
                    f"the assignment of {role} on {entry.resource} to group {each.group} was "
                    f"derived from {origin}, which the group does not hold"
                )
                subject = (each.group, role, entry.resource, origin, each.id)
                finding = OUTLIVED.found(message, None, subject)
                yield Sighting(finding, "assignments", each.id)


def _origin_is_held(about: Directories, entry: ResourceEntry, derived: Assignment) -> bool:
    organization = next(
        (each for each in (entry, *entry.above) if each.type is ResourceType.ORGANIZATION), None
    )
    held = about.standing.of_group(organization, derived.group) if organization else 0
    return bool(held & about.standing.seniors(derived.derived_from))


BESIDE = Rule(
    "RBAC308",
    "a role held directly beside a stronger one",
    Severity.NOTE,
    "A resource is shared directly with a subject that has the same role there, or a stronger "
    "one, in another way.",
    "When the stronger role is taken away, the direct share is what stays behind.",
    "Remove the direct share.",
)


@_checks(BESIDE)
def _beside(about: Directories) -> Iterator[Sighting]:
    tables = about.access.directory.tables
    for group, record in tables.groups.items():
        if record.direct_share:
            for entry in tables.holds.get(group, ()):
                for who in map(about.access.directory.subject, tables.members.get(group, ())):
                    if who is not None:
                        yield from _beside_stronger(about, entry, group, who)


def _beside_stronger(
    about: Directories, entry: ResourceEntry, group: str, who: SubjectEntry
) -> Iterator[Sighting]:
    """The roles that a direct share gives a subject on a resource, and something else too."""
    groups, bits, ids = about.access.directory.tables.assigned[entry]
    for name, bit, id in zip(groups, bits, ids, strict=True):
        role = ROLES[bit]
        if name == group and about.access.table.eligible(who.principal, role):
            why = about.standing.otherwise(who, entry, group, role)
            if why is not None:
                message = f"{who.subject} holds {role.short} on {entry.resource} directly"
                subject = (who.subject, role.short, entry.resource, id)
                finding = BESIDE.found(f"{message}, beside {why}", None, subject)
                yield Sighting(finding, "assignments", id)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
