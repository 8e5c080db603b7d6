"""Which flips of a grant no test would notice, against making each and running the tests."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rbac.policy import Policy, unvalidated
from rbac.rows import Grant, Reach, Rows
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.testing.mutants import Flip, Mutant, Mutation, mutants
from rbac.testing.running import PASSED, Runner
from rbac.testing.suites import Matrix
from rbac.verification import cells
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.building import small_policy
from tests.strategies import examples, valid_rows
from tests.testing.helping import outcomes, passed, put, rightly, suites


def every_flip(rows: Rows) -> Iterator[Mutant]:
    """Every grant away, every reach turned, every grant that no row gives: one by one."""
    for grant in rows.grants:
        yield Mutant(Flip.REMOVED, grant)
        yield Mutant(Flip.NARROWED if grant.reach is Reach.ANY else Flip.WIDENED, grant)
    given_already = {grant[:3] for grant in rows.grants}
    for row in rows.roles:
        for known in rows.catalogue:
            for reach in Reach:
                if (row.role, known.type, known.action) not in given_already:
                    yield Mutant(Flip.ADDED, Grant(row.role, known.type, known.action, reach))


def really_changed(policy: Policy, mutant: Mutant) -> set[Question]:
    """The cells on which the policy and the mutated one differ, each asked of both."""
    tables = DecisionTable(policy), DecisionTable(mutant.policy(policy))
    return {
        cell
        for cell in cells(policy, mutant.grant.type)
        if tables[0].allows(cell) is not tables[1].allows(cell)
    }


def sound(table: DecisionTable, drawn: Iterable[Matrix]) -> list[Matrix]:
    """Matrices about the same cells as those drawn, that pass."""
    return [part for matrix in drawn for part in rightly(table, matrix)]


FEW = [
    *(ResourceRole.PROJECT_USER, ResourceRole.PROJECT_EDITOR, ResourceRole.PROJECT_ADMIN),
    *(ResourceRole.ORG_MEMBER, ResourceRole.AGENT_ADMIN, ResourceRole.TEAM_ADMIN),
]


def small() -> Policy:
    """A policy of few roles, some of them senior to others, one that nobody may hold."""
    rows = small_policy(
        [
            *("project_user project get any", "project_editor project update own"),
            *("project_admin project update any", "org_member project get own"),
        ],
        seniority=["project_admin project_editor", "project_editor project_user"],
        eligible=["user project_user", "service_account project_user", "runner org_member"],
    ).rows
    return unvalidated(
        rows._replace(
            roles=tuple(row for row in rows.roles if row.role in FEW),
            eligibility=tuple(row for row in rows.eligibility if row.role in FEW[:5]),
        )
    )


SMALL = small()


def test_survivors_are_those_that_running_the_tests_on_each_mutant_shows() -> None:
    """Exhaustively: every flip is made, and survives exactly if all tests still pass by it."""
    table = DecisionTable(SMALL)
    runner = Runner(table)
    roles = (ResourceRole.PROJECT_EDITOR, ResourceRole.ORG_MEMBER, ResourceRole.AGENT_ADMIN)
    drawn = Matrix((Principal.USER, Principal.RUNNER), roles, (ResourceType.PROJECT,), {}, {})
    tests = passed(sound(table, [drawn]))
    assert all(runner.run(each.suite, each.test).result == PASSED for each in tests)
    found = mutants(runner, tests)
    survivors: set[Mutant] = set()
    counts = dict.fromkeys(Flip, 0)
    for mutant in every_flip(SMALL.rows):
        if not really_changed(SMALL, mutant):
            continue
        counts[mutant.flip] += 1
        mutated = Runner(DecisionTable(mutant.policy(SMALL)))
        if all(mutated.run(each.suite, each.test).result == PASSED for each in tests):
            survivors.add(mutant)
    assert found.counts == counts
    assert 0 < len(found.survivors) == len(survivors) < found.total
    assert set(found.survivors) == survivors


@examples(6)
@given(valid_rows(), st.data())
def test_the_cells_of_a_mutant_are_those_that_asking_both_policies_shows(
    rows: Rows, data: st.DataObject
) -> None:
    """What a flip changes, worked out from one table, is what the two policies differ in."""
    policy = Policy(rows)
    mutation = Mutation(Runner(DecisionTable(policy)))
    granted = {grant.role for grant in rows.grants}
    concerned = [mutant for mutant in every_flip(rows) if mutant.grant.role in granted]
    for mutant in data.draw(st.lists(st.sampled_from(concerned), max_size=12, unique=True)):
        assert set(mutation.changed(mutant)) == really_changed(policy, mutant)


def test_a_sample_of_the_shipped_policy_s_mutants_is_really_so() -> None:
    """The same for some mutants of each flip of the shipped policy."""
    policy = Policy.shipped()
    mutation = Mutation(Runner(DecisionTable(policy)))
    some = list(every_flip(policy.rows))
    for mutant in [*some[: 2 * len(policy.rows.grants) : 201], *some[:: len(some) // 4]]:
        changed = mutation.changed(mutant)
        assert set(changed) == really_changed(policy, mutant), mutant


BEHIND = """
directory:
  organizations: [acme]
  subjects: [ada, bob]
  resources: [web project in acme, rig runner in acme]
  groups: ["users: ada", "runs: ada"]
  assignments: [users project_user web, runs runner_user rig]
tests:
  - name: what it takes
    allowed: [ada get web, ada create new environment in acme naming rig]
    denied: {bob get web: no_grant, ada delete web: no_grant}
"""


def test_a_scenario_kills_what_would_change_its_answer(tmp_path: Path) -> None:
    """Also the grant behind a requirement, and one that would give what is denied."""
    table = DecisionTable(Policy.shipped())
    runner = Runner(table)
    before = set(mutants(runner, []).survivors)
    after = set(mutants(runner, outcomes(tmp_path, BEHIND)).survivors)
    killed = {(mutant.flip, *mutant.grant[:4]) for mutant in before - after}
    for row in [
        (Flip.REMOVED, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.GET, Reach.ANY),
        (Flip.NARROWED, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.GET, Reach.ANY),
        (Flip.REMOVED, ResourceRole.ORG_MEMBER, ResourceType.ENVIRONMENT, Action.CREATE, Reach.ANY),
        (Flip.REMOVED, ResourceRole.RUNNER_USER, ResourceType.RUNNER, Action.USE, Reach.ANY),
        (Flip.ADDED, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.DELETE, Reach.ANY),
        (Flip.ADDED, ResourceRole.ORG_MEMBER, ResourceType.PROJECT, Action.GET, Reach.ANY),
    ]:
        assert row in killed
    assert {row[2] for row in killed} == {
        ResourceType.PROJECT,
        ResourceType.ENVIRONMENT,
        ResourceType.RUNNER,
    }
    assert (
        Flip.REMOVED,
        ResourceRole.ORG_ADMIN,
        ResourceType.ENVIRONMENT,
        Action.STOP,
        Reach.ANY,
    ) not in killed


def test_what_a_scenario_kills_it_really_fails_on(tmp_path: Path) -> None:
    """Each mutant that the scenarios kill fails when the file is run by the mutated policy."""
    table = DecisionTable(Policy.shipped())
    runner = Runner(table)
    tests = outcomes(tmp_path, BEHIND)
    before, after = (set(mutants(runner, each).survivors) for each in ([], tests))
    killed = sorted(before - after, key=str)
    file = put(tmp_path, BEHIND)
    for mutant in [*killed[::60], *sorted(after, key=str)[::9000]]:
        mutated = Runner(DecisionTable(mutant.policy(table.policy)))
        (suite,) = suites(tmp_path, BEHIND, mutated.table)
        result = mutated.run(suite, suite.tests[0]).result
        assert (result == PASSED) is (mutant in after), (file, mutant)


def test_a_mutant_reads_like_the_row_it_is_about() -> None:
    """The flip, the row, and where it stands; an added row stands nowhere."""
    policy = small_policy(["project_user project get any"])
    grant = policy.rows.grants[0]
    removed = Mutant(Flip.REMOVED, grant)
    assert str(removed) == "removed: p, project_user, project, get, any  (grants/small.csv:1)"
    added = Mutant(Flip.ADDED, grant._replace(action=Action.UPDATE))
    assert str(added) == "added: p, project_user, project, update, any"
    assert added.as_dict() == {
        "flip": "added",
        "grant": ["project_user", "project", "update", "any"],
        "place": None,
    }
