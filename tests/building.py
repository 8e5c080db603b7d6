"""Builds small policies in one line each: only what a test is about is said."""

from collections.abc import Iterable

from rbac.hierarchy import paths, successors
from rbac.policy import Policy
from rbac.rows import (
    CatalogueRow,
    Eligibility,
    Grant,
    Level,
    Mark,
    Place,
    Rationale,
    Reach,
    Requirement,
    RoleRow,
    Rows,
    Seniority,
)
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

WHY = Rationale(Mark.OPEN, ("name",), "made up for a test")

ROLES = [role for role in ResourceRole if role is not ResourceRole.UNSPECIFIED]
PRINCIPALS = [principal for principal in Principal if principal is not Principal.UNSPECIFIED]


def small_rows(
    grants: Iterable[str],
    *,
    seniority: Iterable[str] = (),
    eligible: Iterable[str] = (),
    requirements: Iterable[Requirement] = (),
) -> Rows:
    """Rows of a whole policy from a few words.

    A grant is ``role type action reach``, seniority ``senior junior``, eligibility
    ``principal role``; every role without a word on it is open to users. The catalogue
    holds what is granted and ``get`` and ``update`` on projects.
    """
    given = [_grant(text, line) for line, text in enumerate(grants, 1)]
    ranks = [_seniority(text) for text in seniority]
    may_hold = [_eligibility(text) for text in eligible]
    named = {row.role for row in may_hold}
    may_hold += [Eligibility(Principal.USER, role) for role in ROLES if role not in named]
    return Rows(
        roles=tuple(_role_rows(given, ranks)),
        catalogue=tuple(_catalogue(given)),
        eligibility=tuple(may_hold),
        seniority=tuple(ranks),
        requirements=tuple(requirements),
        grants=tuple(given),
    )


def small_policy(
    grants: Iterable[str], *, seniority: Iterable[str] = (), eligible: Iterable[str] = ()
) -> Policy:
    """The policy of `small_rows`."""
    return Policy(small_rows(grants, seniority=seniority, eligible=eligible))


def reworded(policy: Policy, number: int) -> Policy:
    """The same policy in other words: its digest is the same, its table another."""
    first, *others = policy.rows.roles
    return Policy(
        policy.rows._replace(roles=(first._replace(note=f"{first.note} {number}"), *others))
    )


def _grant(text: str, line: int) -> Grant:
    role, type, action, reach = text.split()
    return Grant(
        ResourceRole.parse(role),
        ResourceType.parse(type),
        Action.parse(action),
        Reach.parse(reach),
        Place("grants/small.csv", line),
        WHY,
    )


def _seniority(text: str) -> Seniority:
    senior, junior = text.split()
    return Seniority(ResourceRole.parse(senior), ResourceRole.parse(junior))


def _eligibility(text: str) -> Eligibility:
    principal, role = text.split()
    return Eligibility(Principal.parse(principal), ResourceRole.parse(role))


def _role_rows(grants: list[Grant], ranks: list[Seniority]) -> Iterable[RoleRow]:
    granted = {grant.role for grant in grants}
    juniors = successors((row.senior, row.junior) for row in ranks)
    for role in ROLES:
        includes = paths(juniors, role)
        permits = granted & set(includes)
        note = "made up for a test" if permits else "no grants: made up for a test"
        yield RoleRow(role, ResourceType.PROJECT, True, note)


def _catalogue(grants: list[Grant]) -> Iterable[CatalogueRow]:
    known = {(grant.type, grant.action) for grant in grants}
    known |= {(ResourceType.PROJECT, Action.GET), (ResourceType.PROJECT, Action.UPDATE)}
    for type, action in sorted(known, key=str):
        yield CatalogueRow(type, action, Level.READ if action is Action.GET else Level.WRITE)
