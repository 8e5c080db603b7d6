"""The findings of the rows of a policy: each rule a function, asked of the policy alone.

Knows what makes a grant, a role or a permission questionable, and reads what it needs from
the decision table. It must not decide a cell, nor know who holds what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rbac.audit.causes import written
from rbac.audit.findings import Finding, Rule, Severity, registering
from rbac.audit.policy_checks import Check, Policies, names, placed
from rbac.rows import CatalogueRow, Grant, Mark, Permission, Place, Reach
from rbac.table import DecisionTable
from rbac.vocabulary import ResourceRole, ResourceType

CHECKS: dict[Rule, Check] = {}
"""Every rule about rows, with the function that finds what it says."""

_checks = registering(CHECKS)


COVERED = Rule(
    "RBAC101",
    "a grant that others cover",
    Severity.WARNING,
    "A grant that decides nothing: every role through which anybody could use it has the "
    "permission, as far or further, by another grant as well. Asked about the role alone it "
    "still decides; what anybody may do does not rest on it.",
    "Whoever takes the permission away here will believe it gone, and nothing will have changed.",
    "Remove the grant, or one of those that cover it, so that the permission is said once.",
)


@_checks(COVERED)
def _covered(about: Policies) -> Iterator[Finding]:
    for grant in about.table.policy.rows.grants:
        covers: dict[Grant, None] = {}
        roles = {each.role for each in about.exercise.through(grant)}
        for role in roles:
            others = _others(about.table, role, grant)
            if not others:
                break
            covers |= dict.fromkeys(others)
        else:
            if roles:
                message = f"the grant {written(grant)} decides nothing that others do not"
                evidence = [f"covered by {placed(each)}" for each in covers]
                yield COVERED.found(message, grant.place, names(grant), sorted(evidence))


def _others(table: DecisionTable, role: ResourceRole, grant: Grant) -> list[Grant]:
    """The other grants by which `role` has that permission as far."""
    wide = (Reach.ANY,) if grant.reach is Reach.ANY else (Reach.ANY, Reach.OWN)
    found = [basis.grant for basis in table.bases(role, grant.permission)]
    return [each for each in found if each != grant and each.reach in wide]


UNHELD = Rule(
    "RBAC102",
    "a role nobody may hold",
    Severity.WARNING,
    "A role that nothing gives: no assignment, no relation, and no senior role that something "
    "gives to a kind of subject that is eligible.",
    "It looks like access that somebody has, is reviewed for nothing, and starts to count on "
    "the day that one unrelated row leads to it.",
    "Make it assignable, derive it from a relation, give it a senior, or say in a baseline why "
    "it is there.",
)


@_checks(UNHELD)
def _unheld(about: Policies) -> Iterator[Finding]:
    for row in about.table.policy.rows.roles:
        if about.exercise.holders(row.role):
            continue
        role = row.role
        seniors = [
            each.short
            for each in about.table.roles
            if each is not role and role in about.table.includes(each)
        ]
        evidence = [
            "it is held on no type of resource"
            if row.assigned_on is None
            else f"{'people may' if row.assignable else 'nobody may'} assign it",
            "no relation gives it to anybody that is eligible",
            f"senior to it: {', '.join(seniors) or 'no role'}",
        ]
        yield UNHELD.found(f"nobody can hold {role.short}", row.place, (role.short,), evidence)


IDLE_TYPE = Rule(
    "RBAC103",
    "a type nobody can use",
    Severity.WARNING,
    "A resource type that has no permission, or none that anybody could ever use.",
    "Either the policy forgot who works with such resources, or the catalogue lists what the "
    "policy does not rule.",
    "Grant what is needed, or take the permissions of the type out of the catalogue.",
)

IDLE_PERMISSION = Rule(
    "RBAC104",
    "a permission nobody can use",
    Severity.WARNING,
    "A permission of the catalogue that no grant gives to a role that somebody could use it in.",
    "The API methods that need it are closed to everybody, which is either a mistake or a fact "
    "worth saying.",
    "Grant it to the role that needs it, or take it out of the catalogue.",
)


@_checks(IDLE_TYPE)
def _idle_types(about: Policies) -> Iterator[Finding]:
    catalogued = _by_type(about)
    for type in ResourceType:
        rows = catalogued.get(type, [])
        if type is ResourceType.UNSPECIFIED or any(_used(about, row) for row in rows):
            continue
        message = f"nobody can do anything to a resource of type {type.short}"
        evidence = [_permission_line(about, row) for row in rows]
        place = rows[0].place if rows else Place("catalogue.csv", 0)
        none = ["the catalogue has no permission on it"]
        yield IDLE_TYPE.found(message, place, (type.short,), evidence or none)


@_checks(IDLE_PERMISSION)
def _idle_permissions(about: Policies) -> Iterator[Finding]:
    for rows in _by_type(about).values():
        idle = [row for row in rows if not _used(about, row)]
        for row in idle if len(idle) < len(rows) else ():
            permission = Permission(row.action, row.type)
            methods = [f"needed by the API method {method}" for method in row.methods]
            evidence = [_permission_line(about, row), *methods]
            subject = (row.type.short, row.action.short)
            yield IDLE_PERMISSION.found(
                f"nobody can {permission}, whatever the directory", row.place, subject, evidence
            )


def _by_type(about: Policies) -> dict[ResourceType, list[CatalogueRow]]:
    found: dict[ResourceType, list[CatalogueRow]] = {}
    for row in about.table.policy.rows.catalogue:
        found.setdefault(row.type, []).append(row)
    return found


def _used(about: Policies, row: CatalogueRow) -> bool:
    return any(any(about.exercise.through(grant)) for grant in _granted(about, row))


def _granted(about: Policies, row: CatalogueRow) -> Collection[Grant]:
    return about.exercise.grants(Permission(row.action, row.type))


def _permission_line(about: Policies, row: CatalogueRow) -> str:
    grants = ", ".join(f"{each.role.short} ({each.place})" for each in _granted(about, row))
    if not grants:
        return f"{row.action.short} {row.type.short} is granted to no role"
    return f"{row.action.short} {row.type.short} is granted out of reach, to {grants}"


OUT_OF_REACH = Rule(
    "RBAC105",
    "a grant out of reach",
    Severity.NOTE,
    "A grant of a role that can be held, on a type of resource that never lies within what the "
    "role is held on, or to subjects that a requirement excludes.",
    "It reads like access and is none; a new containment row would make it so in silence.",
    "Remove the grant, or say in a baseline what it waits for.",
)


@_checks(OUT_OF_REACH)
def _out_of_reach(about: Policies) -> Iterator[Finding]:
    for grant in about.table.policy.rows.grants:
        holders = dict.fromkeys(about.exercise.holders(grant.role))
        if not holders or any(about.exercise.through(grant)):
            continue
        message = f"nobody can use the grant {written(grant)}, whatever the directory"
        places = {f"{each.role.short} is given on {each.on.short} resources" for each in holders}
        yield OUT_OF_REACH.found(message, grant.place, names(grant), sorted(places))


OPEN = Rule(
    "RBAC106",
    "a permission on open evidence alone",
    Severity.NOTE,
    "A permission all of whose grants rest on an open question: no source states or implies any "
    "of them.",
    "Somebody decided it, and nothing outside this policy confirms it.",
    "Find a source and mark the grants stated or implied, or confirm the decision in a baseline.",
)


@_checks(OPEN)
def _open(about: Policies) -> Iterator[Finding]:
    for row in about.table.policy.rows.catalogue:
        grants = _granted(about, row)
        marks = {each.rationale.mark for each in grants if each.rationale is not None}
        if grants and marks == {Mark.OPEN} and all(each.rationale for each in grants):
            permission = Permission(row.action, row.type)
            message = f"only open evidence supports that anybody may {permission}"
            evidence = [f"{placed(each)}: {each.rationale}" for each in grants]
            subject = (row.type.short, row.action.short)
            yield OPEN.found(message, next(iter(grants)).place, subject, evidence)


METHOD = Rule(
    "RBAC112",
    "an API method without a permission",
    Severity.ERROR,
    "A method in the list of all methods of the API that no permission of the catalogue names.",
    "No role can be asked about it, so whatever guards the method is not this policy.",
    "Add the method to the catalogue row of the permission that it needs.",
)


@_checks(METHOD)
def _methods(about: Policies) -> Iterator[Finding]:
    for method in sorted(set(about.methods) - set(about.table.methods)):
        message = f"no permission of the catalogue is needed by the API method {method}"
        yield METHOD.found(message, Place("catalogue.csv", 0), (method,))
