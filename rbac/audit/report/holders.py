"""The sections of the page about a directory: administrators, groups, everybody.

Knows how who holds what is laid out so that it stands whole without a script. It must not
know where the report came from.
"""

from __future__ import annotations

from rbac.audit.report.data import GroupLine, Held, Holding, Person
from rbac.audit.report.elements import code, folded, row, section, table
from rbac.audit.report.markup import Markup, joined, tag
from rbac.audit.report.phrases import TOO_MANY, by, counted, standing
from rbac.vocabulary import ResourceRole


def holding(found: Holding) -> Markup:
    """Who holds what: the organization's administrators first, then groups, then everybody."""
    records = ", ".join(counted(number, name.rstrip("s")) for name, number in found.counts)
    about = f"{records}. Together they permit {found.permitted:,} (subject, action, resource)."
    parts = [_administrators(found)]
    parts += [] if found.groups is None else [_groups(found.groups)]
    parts += [] if found.people is None else [_people(found.people)]
    if found.groups is None or found.people is None:
        parts.append(tag("p", TOO_MANY, class_="note"))
    return section("holders", "Who holds what", about, *parts)


def _administrators(found: Holding) -> Markup:
    heading = tag("h3", "Organization administrators")
    if not found.administrators:
        return joined([heading, tag("p", "Nobody administers an organization.")])
    rows = [
        row(code(person.subject), standing(person), code(held.hold.on), by(held))
        for person in found.administrators
        for held in person.held
        if held.eligible and held.hold.role is ResourceRole.ORG_ADMIN
    ]
    columns = ("Subject", "Standing", "Administers", "Given by")
    caption = (
        f"{counted(len(found.administrators), 'subject')} with every right of an administrator"
    )
    return joined([heading, table(caption, columns, rows)])


def _groups(groups: tuple[GroupLine, ...]) -> Markup:
    columns = ("Group", "Kind", "Members", "Roles")
    rows = (_group(each) for each in groups)
    heading = tag("h3", "By group")
    return joined([heading, table(counted(len(groups), "group"), columns, rows)])


def _group(line: GroupLine) -> Markup:
    kinds = (("direct share", line.group.direct_share), ("system", line.group.system_managed))
    members = [code(each) for each in line.members]
    roles = [joined([code(role.short), " on ", code(on)]) for role, on in line.roles]
    kind = ", ".join(kind for kind, true in kinds if true)
    shown = (folded(members, "member") if members else "nobody", folded(roles, "role"))
    return row(code(line.group.id), kind, *shown)


def _people(people: tuple[Person, ...]) -> Markup:
    columns = ("Subject", "Standing", "Groups", "Roles it is given, on what, and by what")
    rows = (_person(each) for each in people)
    heading = tag("h3", "By subject")
    status = tag("p", f"{counted(len(people), 'subject')}.", id="people-count", role="status")
    return joined([heading, status, table("Everybody", columns, rows, id="people-table")])


def _person(person: Person) -> Markup:
    held = [_held(person, each) for each in person.held]
    shown = folded(held, "role")
    return row(code(person.subject), standing(person), len(person.groups) or "", shown)


def _held(person: Person, held: Held) -> Markup:
    on = held.hold.on
    where = "itself" if str(on) == str(person.subject) else code(on)
    return joined([code(held.hold.role.short), " on ", where, f", {by(held)}"])
