"""What grants are good for, against policies without them and policies of nothing else."""

from hypothesis import given

from rbac.audit.cells import Numbering, allowed
from rbac.audit.necessity import uses
from rbac.policy import Policy, unvalidated
from rbac.rows import Place, Rows
from rbac.table import DecisionTable
from tests.building import small_policy
from tests.strategies import examples, valid_rows
from tests.test_laws import allowed as asked


@examples(15)
@given(valid_rows())
def test_needed_is_what_taking_the_grant_away_loses(rows: Rows) -> None:
    """Without a grant, exactly the cells that need it are no longer allowed."""
    before = asked(rows)
    for use in uses(DecisionTable(Policy(rows))):
        fewer = tuple(grant for grant in rows.grants if grant is not use.grant)
        table = DecisionTable(unvalidated(rows._replace(grants=fewer)))
        assert set(use.needed) == {cell for cell in before if not table.allows(cell)}


@examples(15)
@given(valid_rows())
def test_allows_is_what_the_grant_alone_would_allow(rows: Rows) -> None:
    """A policy with no other grant allows exactly the cells that the grant allows."""
    for use in uses(DecisionTable(Policy(rows))):
        table = DecisionTable(unvalidated(rows._replace(grants=(use.grant,))))
        assert set(use.allows) == set(allowed(table, Numbering(table)))


@examples(15)
@given(valid_rows())
def test_decides_is_what_answers_name(rows: Rows) -> None:
    """Each allowed cell is decided by one grant, the one that its decision carries."""
    # Which of two grants decides is a matter of their places, so each has one of its own.
    grants = (
        grant._replace(place=Place("grants/drawn.csv", line))
        for line, grant in enumerate(rows.grants, 1)
    )
    rows = rows._replace(grants=tuple(grants))
    table = DecisionTable(Policy(rows))
    decided = {
        cell: use.grant
        for use in sorted(uses(table), key=lambda use: use.grant.place)
        for cell in use.decides
    }
    assert decided.keys() == asked(rows)
    for cell, grant in decided.items():
        assert table.decide(cell).grant == grant


def test_every_shipped_grant_is_needed() -> None:
    """No grant of the shipped policy could go without losing a cell."""
    table = DecisionTable(Policy.shipped())
    found = uses(table)
    assert [use.grant for use in found] == list(Policy.shipped().rows.grants)
    assert all(len(use.needed) for use in found)
    assert sum(len(use.decides) for use in found) == len(allowed(table, Numbering(table)))


def test_a_spare_grant_is_seen() -> None:
    """A grant on own resources beside an unrelated wider one is needed by no cell of a senior."""
    policy = small_policy(
        ["project_editor project get any", "project_user project get any"],
        seniority=["project_admin project_user", "project_admin project_editor"],
    )
    counts = {
        use.grant.role.short: (len(use.allows), len(use.decides), len(use.needed))
        for use in uses(DecisionTable(policy))
    }
    assert counts == {"project_editor": (4, 4, 2), "project_user": (4, 2, 2)}
    assert uses(DecisionTable(policy))[0].as_dict()["needed"] == 2
