"""Reports for tests: a small policy and directory in full, and the shipped and sample ones.

The small ones are made up here, so that a golden file changes only if a report does.
"""

import functools
import os
from pathlib import Path

from rbac.access import Access
from rbac.audit.findings import Accepted, Rule, Severity
from rbac.audit.invariants import Invariant, Space
from rbac.audit.report.data import Audit, Heading, Report
from rbac.audit.report.gathering import gather
from rbac.audit.statements import read
from rbac.counting import Triple, permitted
from rbac.directory import Directory
from rbac.guards import DEFAULT
from rbac.policy import Policy, shipped_folder
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.rows import (
    CatalogueRow,
    Containment,
    DerivedRole,
    Level,
    Place,
    Relation,
    Requirement,
    Rows,
)
from rbac.table import DecisionTable
from rbac.terms import Question, Resource, Subject
from rbac.verification import cells
from rbac.vocabulary import (
    Action,
    OrganizationRole,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)
from tests.building import small_rows
from tests.organization import uuid

SAMPLE = Path(__file__).parents[3] / "examples" / "organization"

GRANTS = [
    "org_admin organization get any",
    "org_admin organization grant any",
    "project_admin project grant any",
    "project_admin secret get_value any",
    "project_editor project update any",
    "project_user project get any",
    "project_user secret update_value own",
    "user_identity user get any",
]
SENIORITY = [
    "org_admin project_admin",
    "project_admin project_editor",
    "project_editor project_user",
]
LEVELS = {
    Action.GRANT: Level.GRANT,
    Action.GET_VALUE: Level.CREDENTIAL,
    Action.GET: Level.READ,
}
INVARIANTS = """
[[invariant]]
name = "users_update_no_project"
says = "A user of a project does not change it."
because = "it only uses it"
never.roles = ["project_user"]
never.permissions = ["project update"]

[[invariant]]
name = "secrets_stay_secret"
says = "Nobody reads a value."
because = "it is made up for a test"
never.permissions = ["secret get_value"]
# end
"""


def small(grants: int = len(GRANTS), seniority: int = len(SENIORITY)) -> Rows:
    """A policy of few grants, with everything that a policy may have; or of fewer."""
    rows = small_rows(GRANTS[:grants], seniority=SENIORITY[:seniority])
    held_on = {"org_": ResourceType.ORGANIZATION, "user_": ResourceType.USER}
    return rows._replace(
        roles=tuple(
            row._replace(
                assigned_on=next(
                    (type for part, type in held_on.items() if row.role.short.startswith(part)),
                    row.assigned_on,
                )
            )
            for row in rows.roles
        ),
        catalogue=tuple(
            CatalogueRow(row.type, row.action, LEVELS.get(row.action, Level.WRITE))
            for row in rows.catalogue
        ),
        containment=(
            Containment(ResourceType.PROJECT, ResourceType.ORGANIZATION),
            Containment(ResourceType.USER, ResourceType.ORGANIZATION),
            Containment(ResourceType.SECRET, ResourceType.PROJECT),
        ),
        derived_roles=(
            DerivedRole(Relation.ADMIN, ResourceType.ORGANIZATION, ResourceRole.ORG_ADMIN),
            DerivedRole(Relation.SELF, ResourceType.USER, ResourceRole.USER_IDENTITY),
            DerivedRole(Relation.OWNER, ResourceType.PROJECT, ResourceRole.PROJECT_ADMIN),
        ),
        requirements=(
            Requirement(ResourceType.PROJECT, Action.GRANT, Principal.USER, Place("r.csv", 1)),
        ),
    )


def before() -> Rows:
    """An older policy than the small one: less was granted, and users were not included."""
    return small(len(GRANTS) - 2, len(SENIORITY) - 1)


HOME = Resource(ResourceType.ORGANIZATION, uuid(1))
WEB, DOCS = (Resource(ResourceType.PROJECT, uuid(number)) for number in (30, 31))
KEY = Resource(ResourceType.SECRET, uuid(34))
ADMIN, EDITOR, OWNER, SUSPENDED = (
    Subject(Principal.USER, uuid(number)) for number in range(10, 14)
)
RECORDS = Records(
    organizations=[Organization(HOME.id)],
    subjects=[
        SubjectRecord(ADMIN, HOME.id, UserStatus.ACTIVE, OrganizationRole.ADMIN),
        SubjectRecord(EDITOR, HOME.id, UserStatus.ACTIVE, OrganizationRole.MEMBER),
        SubjectRecord(OWNER, HOME.id, UserStatus.ACTIVE, OrganizationRole.MEMBER),
        SubjectRecord(SUSPENDED, HOME.id, UserStatus.SUSPENDED, OrganizationRole.MEMBER),
    ],
    groups=[Group(uuid(20), HOME.id), Group(uuid(21), HOME.id, system_managed=True)],
    resources=[
        ResourceRecord(WEB, (HOME,), owner=OWNER),
        ResourceRecord(DOCS, (HOME,)),
        ResourceRecord(KEY, (WEB,), creator=EDITOR),
    ],
    memberships=[
        Membership(uuid(40), uuid(20), EDITOR),
        Membership(uuid(41), uuid(20), SUSPENDED),
    ],
    assignments=[
        Assignment(uuid(50), uuid(20), WEB, ResourceRole.PROJECT_EDITOR),
        Assignment(uuid(51), uuid(20), DOCS, ResourceRole.PROJECT_USER),
    ],
)


BEFORE = RECORDS._replace(
    memberships=[*RECORDS.memberships[1:], Membership(uuid(42), uuid(20), OWNER)],
    assignments=[
        RECORDS.assignments[0],
        Assignment(uuid(52), uuid(20), DOCS, ResourceRole.PROJECT_EDITOR),
    ],
)
"""An older directory, in which other people were in the group, and it held less."""

RULE = Rule(
    "TEST1",
    "made up",
    Severity.WARNING,
    "It is made up for a test.",
    "Nothing depends on it.",
    "Leave it as it is.",
)


def audited() -> Audit:
    """One finding that is open, and one that is accepted."""
    found = RULE.found("A thing was found.", Place("grants/small.csv", 2), ["a"], ["the thing"])
    other = RULE.found("Another was found.", Place("groups.jsonl", 0), ["b"])
    reason = Accepted(other, "it is meant", None, Place("baseline.toml", 3), False)
    return Audit((found,), (reason,))


def invariants(space: Space, text: str, folder: Path) -> list[Invariant]:
    """The statements of a text."""
    file = folder / "invariants.toml"
    file.write_text(text)
    found = read(str(file), space)
    return [each._replace(place=Place("invariants.toml", each.place.line)) for each in found]


def small_accesses(rows: Rows | None = None) -> tuple[Access, Access]:
    """What the older policy says of the older directory, and the small one of the small one."""
    policies = Policy(before()), Policy(small() if rows is None else rows)
    older, newer = (
        Access(DecisionTable(policy), Directory(records, policy=policy), DEFAULT)
        for policy, records in zip(policies, (BEFORE, RECORDS), strict=True)
    )
    return older, newer


def small_report(folder: Path, rows: Rows | None = None, title: str = "A small report") -> Report:
    """A report on the small policy or on other rows, on its directory, and since it had less."""
    older, access = small_accesses(rows)
    policy, space = access.table.policy, Space(access.table)
    command = "rbac report DIR --directory DIR"
    heading = Heading(title, "", command, policy.digest, access.directory.digest)
    since = ("old", older.table)
    statements = invariants(space, INVARIANTS, folder)
    return gather(heading, space, statements, since, access, ("old, older", older), audited())


def bare_report() -> Report:
    """A report on the small policy alone: no invariants, no directory, nothing older."""
    table = DecisionTable(Policy(small()))
    heading = Heading("A bare report", "", "rbac report DIR", table.policy.digest, None)
    return gather(heading, Space(table), None, None, None, None, Audit((), ()))


@functools.cache
def sample_access() -> Access:
    """What the shipped policy says of the sample directory."""
    directory = Directory.load(SAMPLE)
    return Access(DecisionTable(directory.policy), directory, DEFAULT)


@functools.cache
def sample_allowed() -> frozenset[Question]:
    """Every cell that the shipped policy allows, each asked by itself."""
    table = sample_access().table
    return frozenset(question for question in cells(table.policy) if table.allows(question))


@functools.cache
def sample_permitted() -> tuple[Triple, ...]:
    """Everything that somebody may do in the sample directory, listed one by one."""
    return tuple(permitted(sample_access()))


@functools.cache
def sample_report() -> Report:
    """The report on the shipped policy and the sample directory."""
    access = sample_access()
    space = Space(access.table)
    digests = access.table.policy.digest, access.directory.digest
    statements = read(os.path.join(shipped_folder(), "invariants.toml"), space)
    heading = Heading("Sample", "", "rbac report --directory examples/organization", *digests)
    return gather(heading, space, statements, None, access, None, Audit((), ()))
