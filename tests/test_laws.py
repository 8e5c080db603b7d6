"""The laws of a decision: each has a name that can be said and one sentence."""

from hypothesis import assume, given
from hypothesis import strategies as st

from rbac.hierarchy import paths, successors
from rbac.policy import Policy
from rbac.rows import Rows, Seniority
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.verification import cells
from rbac.vocabulary import ResourceRole
from tests.strategies import examples, shuffled, valid_rows


def allowed(rows: Rows) -> set[Question]:
    """Every cell that the policy of `rows` allows."""
    policy = Policy(rows)
    table = DecisionTable(policy)
    return {question for question in cells(policy) if table.allows(question)}


def renoted(rows: Rows) -> Rows:
    """The rows with each role's note saying whether it has grants, as validation asks."""
    granted = {grant.role for grant in rows.grants}
    juniors = successors((row.senior, row.junior) for row in rows.seniority)
    includes = {row.role: frozenset(paths(juniors, row.role)) for row in rows.roles}
    roles = [
        row._replace(note="some" if granted & includes[row.role] else "no grants: law")
        for row in rows.roles
    ]
    return rows._replace(roles=tuple(roles))


def juniors_of(rows: Rows) -> dict[ResourceRole, tuple[ResourceRole, ...]]:
    """Who includes whom, directly."""
    return successors((row.senior, row.junior) for row in rows.seniority)


@examples(20)
@given(valid_rows())
def test_default_deny(rows: Rows) -> None:
    """A cell is denied unless a grant on its very permission says otherwise."""
    granted = {(grant.type, grant.action) for grant in rows.grants}
    assert {(question.type, question.action) for question in allowed(rows)} <= granted


@examples(20)
@given(valid_rows(), st.data())
def test_adding_a_grant_never_takes_access_away(rows: Rows, data: st.DataObject) -> None:
    """With one grant fewer, nothing is allowed that was not allowed with it."""
    assume(len(rows.grants) > 1)
    lost = data.draw(st.sampled_from(rows.grants))
    fewer = rows._replace(grants=tuple(grant for grant in rows.grants if grant is not lost))
    assert allowed(renoted(fewer)) <= allowed(rows)


@examples(20)
@given(valid_rows(), st.data())
def test_adding_a_step_of_seniority_never_takes_access_away(
    rows: Rows, data: st.DataObject
) -> None:
    """With one step of seniority fewer, nothing is allowed that was not allowed with it."""
    assume(rows.seniority)
    lost = data.draw(st.sampled_from(rows.seniority))
    fewer = rows._replace(seniority=tuple(row for row in rows.seniority if row is not lost))
    assert allowed(renoted(fewer)) <= allowed(rows)


@examples(20)
@given(valid_rows().flatmap(lambda rows: st.tuples(st.just(rows), shuffled(rows))))
def test_order_does_not_matter(pair: tuple[Rows, Rows]) -> None:
    """The same rows in another order decide the same, mean the same and are the same policy."""
    rows, others = pair
    assert allowed(rows) == allowed(others)
    assert Policy(rows).digest == Policy(others).digest
    assert Policy(rows) == Policy(others)


@examples(20)
@given(valid_rows())
def test_a_senior_may_all_that_its_junior_may(rows: Rows) -> None:
    """Whoever may do something in a junior role may do it in any senior role it may hold."""
    cells_allowed = allowed(rows)
    may_hold = {(row.principal, row.role) for row in rows.eligibility}
    for question in cells_allowed:
        for row in rows.seniority:
            if row.junior is question.role and (question.principal, row.senior) in may_hold:
                assert question._replace(role=row.senior) in cells_allowed


@examples(20)
@given(valid_rows())
def test_what_holds_anywhere_holds_on_own_resources(rows: Rows) -> None:
    """A cell that is allowed on any resource is allowed on the subject's own ones."""
    cells_allowed = allowed(rows)
    assert {question._replace(own=True) for question in cells_allowed} <= cells_allowed


@examples(20)
@given(valid_rows())
def test_two_spellings_of_one_policy_share_a_digest(rows: Rows) -> None:
    """A step of seniority that others already imply changes rows, but not the meaning."""
    juniors = juniors_of(rows)
    present = {(row.senior, row.junior) for row in rows.seniority}
    implied = [
        Seniority(senior, junior)
        for senior in juniors
        for junior in paths(juniors, senior)
        if junior is not senior and (senior, junior) not in present
    ]
    assume(implied)
    respelled = rows._replace(seniority=(*rows.seniority, implied[0]))
    assert Policy(respelled).digest == Policy(rows).digest
    assert Policy(respelled) != Policy(rows)


@examples(20)
@given(valid_rows(), st.data())
def test_policies_that_decide_differently_differ_in_digest(rows: Rows, data: st.DataObject) -> None:
    """Losing a grant that nothing else covers changes the digest."""
    assume(len(rows.grants) > 1)
    lost = data.draw(st.sampled_from(rows.grants))
    fewer = renoted(
        rows._replace(grants=tuple(grant for grant in rows.grants if grant is not lost))
    )
    assert Policy(fewer).digest != Policy(rows).digest
