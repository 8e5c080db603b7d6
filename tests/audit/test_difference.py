"""The difference of two policies, against asking both about every cell."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.causes import causes
from rbac.audit.cells import Numbering, allowed
from rbac.audit.difference import Difference, Direction, Shift, Verdict, difference
from rbac.policy import Policy, unvalidated
from rbac.rows import (
    CatalogueRow,
    Containment,
    DerivedRole,
    Eligibility,
    Level,
    Permission,
    Reach,
    Relation,
    Requirement,
    Row,
    Rows,
    Seniority,
)
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.verification import cells
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.building import small_policy, small_rows
from tests.strategies import examples, valid_rows
from tests.test_laws import renoted


def asked(policy: Policy) -> set[Question]:
    """Every cell that the policy allows, each asked by itself."""
    table = DecisionTable(policy)
    return {question for question in cells(policy) if table.allows(question)}


def compared(old: Policy, new: Policy) -> Difference:
    """The difference of two policies."""
    return difference(DecisionTable(old), DecisionTable(new))


@examples(20)
@given(valid_rows(), valid_rows())
def test_cells_gained_and_lost_are_exact(left: Rows, right: Rows) -> None:
    """Gained is what the new policy allows and the old one does not, and lost the reverse."""
    old, new = Policy(left), Policy(right)
    found = compared(old, new)
    before, after = asked(old), asked(new)
    assert set(found.gained) == after - before
    assert set(found.lost) == before - after


@examples(20)
@given(valid_rows(), valid_rows())
def test_a_difference_applied_to_the_old_cells_gives_the_new(left: Rows, right: Rows) -> None:
    """Old cells without the lost and with the gained ones are the new cells."""
    found = compared(Policy(left), Policy(right))
    numbering = Numbering(found.old, found.new)
    before, after = (allowed(table, numbering) for table in (found.old, found.new))
    assert (set(before) - set(found.lost)) | set(found.gained) == set(after)


@examples(20)
@given(valid_rows())
def test_a_policy_does_not_differ_from_itself(rows: Rows) -> None:
    """diff(p, p) is empty, and its verdict equal."""
    found = compared(Policy(rows), Policy(rows))
    assert not found
    assert found.verdict is Verdict.EQUAL
    assert causes(found) == ()


@examples(20)
@given(valid_rows(), valid_rows())
def test_a_difference_turned_round_is_the_difference_the_other_way(left: Rows, right: Rows) -> None:
    """What is gained one way is lost the other way."""
    there = compared(Policy(left), Policy(right))
    back = compared(Policy(right), Policy(left))
    assert set(there.gained) == set(back.lost)
    assert set(there.lost) == set(back.gained)
    assert len(there.shifts) == len(back.shifts)


@st.composite
def edited(draw: st.DrawFn) -> tuple[Rows, Rows]:
    """Valid rows, and the same with a few of them taken away."""
    rows = draw(valid_rows())
    name = draw(st.sampled_from(["seniority", "requirements", "containment", "derived_roles"]))
    table: tuple[Row, ...] = getattr(rows, name)
    kept: Any = tuple(row for row in table if draw(st.booleans()))
    return rows, renoted(rows._replace(**{name: kept}))


@examples(40)
@given(edited())
def test_a_difference_is_empty_exactly_if_the_digests_are_the_same(pair: tuple[Rows, Rows]) -> None:
    """All that a policy means is compared: what the digest sees, the difference names."""
    old, new = map(unvalidated, pair)
    assert bool(compared(old, new)) is (old.digest != new.digest)


BASE = small_rows(
    ["project_user project get any", "project_editor project update own"],
    seniority=["project_editor project_user"],
)
MORE, LESS, NEITHER = Direction.MORE, Direction.LESS, Direction.NEITHER


def with_rows(**tables: Any) -> Rows:
    """The base with some tables replaced."""
    return BASE._replace(**tables)


def role_row(**changes: Any) -> Rows:
    """The base with the first role's row changed."""
    return with_rows(roles=(BASE.roles[0]._replace(**changes), *BASE.roles[1:]))


def level(value: Level) -> Rows:
    """The base with another level on its first permission."""
    return with_rows(catalogue=(BASE.catalogue[0]._replace(level=value), *BASE.catalogue[1:]))


OTHERS: dict[str, tuple[Rows, Shift]] = {
    "eligibility": (
        with_rows(
            eligibility=(
                *BASE.eligibility,
                Eligibility(Principal.RUNNER, ResourceRole.TEAM_ADMIN),
            )
        ),
        Shift("eligibility", "+ runner, team_admin", MORE),
    ),
    "seniority": (
        with_rows(
            seniority=(
                *BASE.seniority,
                Seniority(ResourceRole.TEAM_ADMIN, ResourceRole.TEAM_VIEWER),
            )
        ),
        Shift("seniority", "+ team_admin, team_viewer", MORE),
    ),
    "containment": (
        with_rows(containment=(Containment(ResourceType.SECRET, ResourceType.PROJECT),)),
        Shift("containment", "+ secret, project", MORE),
    ),
    "derived role": (
        with_rows(
            derived_roles=(
                DerivedRole(Relation.OWNER, ResourceType.PROJECT, ResourceRole.PROJECT_USER),
            )
        ),
        Shift("derived role", "+ owner, project, project_user", MORE),
    ),
    "requirement": (
        with_rows(requirements=(Requirement(ResourceType.PROJECT, Action.UPDATE, Principal.USER),)),
        Shift("requirement", "+ project, update, principal user", LESS),
    ),
    "level": (
        level(Level.CREDENTIAL),
        Shift("level", "project, get: read -> credential", LESS),
    ),
    "permission": (
        with_rows(
            catalogue=(
                *BASE.catalogue,
                CatalogueRow(ResourceType.PROJECT, Action.DELETE, Level.WRITE),
            )
        ),
        Shift("permission", "+ project, delete, write", NEITHER),
    ),
    "held on": (
        role_row(assigned_on=ResourceType.GROUP),
        Shift("held on", "org_admin: project -> group", Direction.BOTH),
    ),
    "assignable": (
        role_row(assignable=False),
        Shift("assignable", "org_admin: yes -> system", LESS),
    ),
}
BACK = {MORE: LESS, LESS: MORE, NEITHER: NEITHER, Direction.BOTH: Direction.BOTH}
VERDICTS = {
    MORE: Verdict.MORE,
    LESS: Verdict.LESS,
    NEITHER: Verdict.EQUAL,
    Direction.BOTH: Verdict.MIXED,
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_changes_besides_cells_is_named_and_has_a_direction(kind: str) -> None:
    """Each kind of change alone is one shift, its direction makes the verdict, and it turns."""
    rows, expected = OTHERS[kind]
    old, new = unvalidated(BASE), unvalidated(rows)
    there, back = compared(old, new), compared(new, old)
    assert there.shifts == (expected,)
    assert there.shifts[0].as_dict()["kind"] == kind
    assert there.verdict is VERDICTS[expected.direction]
    assert [shift.direction for shift in back.shifts] == [BACK[expected.direction]]
    assert bool(there)
    assert bool(back)
    assert old.digest != new.digest


@pytest.mark.parametrize("kind", OTHERS)
def test_access_without_a_count_is_everything_that_gives_but_does_not_open_cells(kind: str) -> None:
    """Whatever gives more than cells say is named, so that no gate lets it through."""
    rows, expected = OTHERS[kind]
    found = compared(unvalidated(BASE), unvalidated(rows))
    counted = kind in ("eligibility", "seniority")
    gives = expected.direction in (MORE, Direction.BOTH)
    assert bool(found.uncounted) is (gives and not counted)


def alone(found: Difference) -> dict[str, tuple[int, int]]:
    """Each cause with how many cells it explains alone, and how many need it."""
    return {cause.text: (len(cause.alone), len(cause.needed)) for cause in causes(found)}


CAUSES: dict[str, tuple[Policy, Policy, dict[str, tuple[int, int]]]] = {
    "a grant and its senior's inheritance": (
        small_policy(["project_user project get any"], seniority=["project_admin project_user"]),
        small_policy(
            ["project_user project get any", "project_user project update own"],
            seniority=["project_admin project_user"],
        ),
        {"+ p, project_user, project, update, own": (2, 2)},
    ),
    "a grant made wider": (
        small_policy(["project_user project get own"]),
        small_policy(["project_user project get any"]),
        {
            "+ p, project_user, project, get, any": (1, 1),
        },
    ),
    "two rows that each explain the same": (
        small_policy(
            ["project_user project get any", "project_user project update any"],
        ),
        small_policy(
            [
                "project_user project get any",
                "project_user project update any",
                "project_editor project get any",
            ],
            seniority=["team_admin project_user", "team_admin project_editor"],
        ),
        {
            "+ g, team_admin, project_user": (4, 2),
            "+ g, team_admin, project_editor": (0, 0),
            "+ p, project_editor, project, get, any": (2, 2),
        },
    ),
    "a permission and its grant": (
        small_policy(["project_user project get any"]),
        small_policy(["project_user project get any", "project_user billing setup any"]),
        {
            "+ billing, setup, write": (0, 2),
            "+ p, project_user, billing, setup, any": (0, 2),
        },
    ),
    "a principal that may no longer hold a role": (
        small_policy(
            ["project_user project get any"],
            eligible=["user project_user", "runner project_user"],
        ),
        small_policy(["project_user project get any"], eligible=["user project_user"]),
        {"- g2, runner, project_user": (2, 2)},
    ),
}


@pytest.mark.parametrize("case", CAUSES)
def test_causes_say_what_each_row_explains(case: str) -> None:
    """Each changed row has the cells it changes alone, and the cells that need it."""
    old, new, expected = CAUSES[case]
    found = alone(compared(old, new))
    assert found == {text: counts for text, counts in expected.items() if any(counts)}


@examples(10)
@given(valid_rows(), valid_rows(), st.randoms(use_true_random=False))
def test_every_count_of_a_cause_is_what_making_that_change_shows(
    left: Rows, right: Rows, draw: Random
) -> None:
    """Alone and needed are the cells that a naive reading gives of the edited policies."""
    right = right._replace(roles=left.roles)
    old, new = unvalidated(left), unvalidated(right)
    found = causes(compared(old, new))
    if not found:
        return
    cause = draw.choice(found)
    questions = {*cells(old), *cells(new)}
    before, after = defined(left, questions), defined(right, questions)
    only = defined(_edit(left, cause.row, add=cause.added), questions)
    without = defined(_edit(right, cause.row, add=not cause.added), questions)
    assert set(cause.alone) == (only ^ before) & (before ^ after)
    assert set(cause.needed) == (without ^ after) & (before ^ after)


def defined(rows: Rows, questions: set[Question]) -> set[Question]:
    """The questions that rows allow, even rows that are no policy: worked out naively."""
    grants: dict[tuple[object, ...], set[ResourceRole]] = {}
    for grant in rows.grants:
        for own in (False, True)[grant.reach is Reach.OWN :]:
            grants.setdefault((grant.type, grant.action, own), set()).add(grant.role)
    exists = {row[:2] for row in rows.catalogue}
    may_hold = {row[:2] for row in rows.eligibility}
    includes = {role: {role} for role in ResourceRole}
    for _ in ResourceRole:
        for row in rows.seniority:
            includes[row.senior] |= includes[row.junior]
    return {
        cell
        for cell in questions
        if cell[:2] in may_hold
        and cell[2:4] in exists
        and includes[cell.role] & grants.get(cell[2:], set())
    }


def _edit(rows: Rows, row: Row, *, add: bool) -> Rows:
    name = {
        "CatalogueRow": "catalogue",
        "Eligibility": "eligibility",
        "Seniority": "seniority",
        "Grant": "grants",
    }[type(row).__name__]
    width = 2 if name == "catalogue" else {"eligibility": 2, "seniority": 2, "grants": 4}[name]
    kept = [each for each in getattr(rows, name) if each[:width] != row[:width]]
    return rows._replace(**{name: tuple([*kept, row] if add else kept)})


def test_every_changed_row_behind_a_changed_cell_is_named() -> None:
    """Taking any grant from the shipped policy is explained by that grant, alone and needed."""
    shipped = Policy.shipped()
    for grant in shipped.rows.grants[::20]:
        fewer = tuple(each for each in shipped.rows.grants if each is not grant)
        found = compared(shipped, unvalidated(shipped.rows._replace(grants=fewer)))
        (cause,) = causes(found)
        assert cause.row is grant
        assert cause.alone == cause.needed == found.lost
        assert cause.as_dict()["place"] == str(grant.place)
        assert Permission(grant.action, grant.type) in found.lost.numbering.permissions
