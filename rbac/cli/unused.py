"""What ``rbac suggest --log`` prints: what was never used, and the smaller roles that would do.

Knows how usage is said, by holder, by assignment and of one subject. It must not know how
it is found.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from rbac.audit.unused import AssignedRole, HeldRole, Holder, LeastPrivilege
from rbac.audit.usage import Usage, Used
from rbac.authorizer import Authorizer
from rbac.cli import ALLOWED, DENIED, INVALID
from rbac.cli.logs import Log
from rbac.cli.options import policy, print_json, say, with_directory
from rbac.cli.phrases import counted
from rbac.cli.progress import loading
from rbac.cli.tables import Table, show
from rbac.cli.words import subject
from rbac.errors import RequestError
from rbac.rows import Permission, Reach
from rbac.vocabulary import ResourceRole

MOST = 30
"""How many rows people are shown."""


def run(options: argparse.Namespace) -> int:
    """Reads the log, and prints what was never used of what is assigned."""
    authorizer = with_directory(Authorizer(policy(options.policies)), options)
    usage = Usage(authorizer.access)
    with loading(options.quiet) as progress:
        log = Log(options.log, progress)
        for _, logged in log.decisions():
            usage.add(logged)
    if not log.answers(options.partial):
        return INVALID
    found = _Found(LeastPrivilege(usage), log, options)
    if not options.quiet:
        found.print()
    return INVALID if log.bad else DENIED if found.any else ALLOWED


class _Found:
    """What was asked for, of everybody, of one subject, or of every assignment."""

    def __init__(self, least: LeastPrivilege, log: Log, options: argparse.Namespace) -> None:
        self.usage, self.log, self.options = least.usage, log, options
        self.holders: list[Holder] = []
        self.assignments: list[AssignedRole] = []
        if options.subject is not None:
            somebody = subject(options.subject)
            who = least.usage.access.directory.subject(somebody)
            if who is None:
                raise RequestError(f"{somebody} is not known")
            self.holders = [least.holder(who)]
        elif options.by == "assignment":
            self.assignments = sorted(least.assignments(), key=_spare)
        else:
            self.holders = sorted(least.holders(), key=lambda each: -len(each.never_used))

    @property
    def roles(self) -> list[HeldRole] | list[AssignedRole]:
        """Every role that is told about."""
        return self.assignments or [role for holder in self.holders for role in holder.roles]

    @property
    def any(self) -> bool:
        """Whether something was never used, or less would do."""
        return any(role.smaller is not None for role in self.roles)

    def print(self) -> None:
        """Prints it in the form that was asked for."""
        form, color = self.options.format, self.options.color
        if form == "json":
            print_json(self._as_dict())
            return
        if form != "csv":
            self.log.say_what_is_left_out(color)
            say(*_head(self.usage))
        if form == "text":
            say(*self._lines())
        else:
            show(self._table(), form, color)

    def _lines(self) -> Iterator[str]:
        """For people: ids are too long for columns."""
        if self.options.subject is not None:
            yield from _one(self.holders[0])
            return
        shown = [_assigned(each) for each in self.assignments[:MOST]]
        shown += [_held(each) for each in self.holders[:MOST]]
        for name, what in shown:
            yield name
            yield f"  {what}"
        left = len(self.assignments) + len(self.holders) - MOST
        if left > 0:
            yield f"and {left:,} more, of which less is unused; --format csv has all"

    def _table(self) -> Table:
        if self.options.by == "assignment":
            return _by_assignment(self.assignments)
        if self.options.subject is not None:
            return _of_roles(self.holders[0].roles)
        return _by_holder(self.holders)

    def _as_dict(self) -> dict[str, object]:
        usage = self.usage
        found: dict[str, object] = {
            **usage.period.as_dict(),
            "unreadable": self.log.bad,
            "allowed": sum(usage.allowed.values()),
            "denied": usage.denied,
            "about_kinds": usage.about_kinds,
            "without_action": usage.without_action,
            "unexplained": usage.unexplained,
        }
        if self.options.by == "assignment":
            return found | {"assignments": [_assigned_as_dict(each) for each in self.assignments]}
        return found | {"holders": [_holder_as_dict(each) for each in self.holders]}


def _spare(role: AssignedRole) -> int:
    """Assignments sort by how much of them is never used."""
    return len(role.used.permissions) - role.permits


def _head(usage: Usage) -> Iterator[str]:
    period = usage.period
    yield f"{counted(period.decisions, 'decision')}, from {period.first} to {period.last}"
    counts = {
        "allowed": sum(usage.allowed.values()),
        "denied": usage.denied,
        "about kinds": usage.about_kinds,
        "without an action": usage.without_action,
    }
    yield f"  {', '.join(f'{count:,} {name}' for name, count in counts.items() if count)}"
    if usage.unexplained:
        yield f"  {usage.unexplained:,} allowed ones rest on nothing that is held now"
    yield "  what was not used in this period may be needed outside it"


def _held(holder: Holder) -> tuple[str, str]:
    """A subject in two lines."""
    roles, permissions = len(holder.roles), len(holder.permissions)
    never = sum(role.never_used for role in holder.roles)
    unused = f"{never:,} of {counted(roles, 'assigned role')}"
    unused += f" and {len(holder.never_used):,} of {counted(permissions, 'permission')}"
    less = sum(bool(role.smaller) for role in holder.roles)
    would = f"; less would do for {less:,}" if less else ""
    decisions = counted(holder.allowed, "decision")
    return str(holder.subject), f"{decisions} allowed; never used: {unused}{would}"


def _assigned(role: AssignedRole) -> tuple[str, str]:
    """An assignment in two lines."""
    assignment = role.assignment
    given = f"{assignment.role.short} on {assignment.resource}, given to group {assignment.group}"
    members = counted(role.members, "member")
    if not role.users:
        return given, f"never used, by {members}"
    used = f"{len(role.used.permissions):,} of {counted(role.permits, 'permission')}"
    would = f"would do: {_would_do(role.smaller)}"
    return given, f"{role.users:,} of {members} used {used} of it; {would}"


def _by_holder(holders: Iterable[Holder]) -> Table:
    rows = [
        (
            str(holder.subject),
            f"{holder.allowed:,}",
            f"{len(holder.roles):,}",
            f"{sum(role.never_used for role in holder.roles):,}",
            f"{sum(bool(role.smaller) for role in holder.roles):,}",
            f"{len(holder.permissions):,}",
            f"{len(holder.never_used):,}",
        )
        for holder in holders
    ]
    columns = (
        "subject",
        "decisions",
        "roles",
        "never used",
        "less would do",
        "permissions",
        "unused",
    )
    return Table(f"{counted(len(rows), 'subject')} with an assigned role", columns, rows)


def _by_assignment(roles: Iterable[AssignedRole]) -> Table:
    rows = [
        (
            *_names(role.assignment.role, str(role.assignment.resource), role.assignment.group),
            f"{role.users:,} of {role.members:,}",
            f"{len(role.used.permissions):,} of {role.permits:,}",
            _would_do(role.smaller),
        )
        for role in roles
    ]
    columns = ("role", "on", "group", "members that used it", "permissions used", "would do")
    return Table(f"{counted(len(rows), 'assigned role')}", columns, rows)


def _of_roles(roles: Iterable[HeldRole]) -> Table:
    rows = [
        (
            *_names(role.hold.role, str(role.hold.on), _group(role)),
            f"{role.used.decisions:,}",
            f"{len(role.used.permissions):,} of {role.permits:,}",
            _would_do(role.smaller),
        )
        for role in roles
    ]
    columns = ("role", "on", "group", "decisions", "permissions used", "would do")
    return Table(f"{counted(len(rows), 'assigned role')}", columns, rows)


def _names(role: ResourceRole, on: str, group: str) -> tuple[str, str, str]:
    return role.short, on, group


def _group(role: HeldRole) -> str:
    return role.hold.assignment.group if role.hold.assignment else ""


def _would_do(smaller: tuple[ResourceRole, ...] | None) -> str:
    if smaller is None:
        return "nothing smaller"
    return " + ".join(role.short for role in smaller) or "none: never used"


def _one(holder: Holder) -> Iterator[str]:
    """Everything about one subject."""
    never = sum(role.never_used for role in holder.roles)
    roles = f"{counted(len(holder.roles), 'assigned role')}, {never:,} never used"
    yield f"{holder.subject}: {roles}"
    used, size = len(holder.used), len(holder.permissions)
    yield f"  {counted(size, 'permission')} by them, {used:,} used, {size - used:,} never used"
    for role in sorted(holder.roles, key=lambda role: -role.used.decisions):
        yield f"  {role.hold}"
        if role.never_used:
            yield "    never used"
            continue
        yield f"    used: {', '.join(_used(role.used))}"
        alone = f"{role.used.alone:,} of them on nothing else"
        yield f"    {counted(role.used.decisions, 'decision')} could rest on it, {alone}"
        yield f"    would do: {_would_do(role.smaller)}"


def _used(used: Used) -> list[str]:
    return sorted(
        f"{permission}{' (own)' if reach is Reach.OWN else ''}"
        for permission, reach in used.permissions.items()
    )


def _holder_as_dict(holder: Holder) -> dict[str, object]:
    return {
        "subject": str(holder.subject),
        "allowed": holder.allowed,
        "used": _permissions(holder.used),
        "never_used": _permissions(holder.never_used),
        "roles": [
            role.hold.as_dict() | {"permits": role.permits} | _used_as_dict(role.used, role.smaller)
            for role in holder.roles
        ],
    }


def _permissions(permissions: Iterable[Permission]) -> list[str]:
    return sorted(str(permission) for permission in permissions)


def _assigned_as_dict(role: AssignedRole) -> dict[str, object]:
    assignment = role.assignment
    return {
        "role": assignment.role.short,
        "on": str(assignment.resource),
        "group": assignment.group,
        "assignment": assignment.id,
        "members": role.members,
        "users": role.users,
        "permits": role.permits,
        **_used_as_dict(role.used, role.smaller),
    }


def _used_as_dict(used: Used, smaller: tuple[ResourceRole, ...] | None) -> dict[str, object]:
    """`would_do` is null where nothing smaller would, empty where nothing was used."""
    return {
        "used": _used(used),
        "decisions": used.decisions,
        "alone": used.alone,
        "would_do": None if smaller is None else [role.short for role in smaller],
    }
