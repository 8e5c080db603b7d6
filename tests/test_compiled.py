"""Compiled policies: each is compiled once, none is taken for another, none is kept for ever."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rbac import Action, Authorizer, Policy, Principal, Question, ResourceRole, ResourceType
from rbac.compiled import CompiledPolicies, compiled
from rbac.rows import Grant, Place, Rows
from rbac.table import DecisionTable
from rbac.verification import cells
from tests.building import WHY, reworded, small_policy

ASKED = (Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.GET)
SMALL = small_policy(["project_user project get any", "project_editor project update any"])


def copied(policy: Policy) -> Policy:
    """The same policy, built again from rows that are equal but not the same."""
    return Policy(Rows._make(tuple(row._replace() for row in table) for table in policy.rows))


def test_a_policy_is_compiled_once() -> None:
    """Authorizers of one policy, and of one built again from the same rows, share its table."""
    policy = reworded(SMALL, 1)
    first = Authorizer(policy)
    again = Authorizer(copied(policy))
    assert again.check(*ASKED) is first.check(*ASKED)
    assert compiled(policy) is compiled(copied(policy))


def test_reloading_among_policies_compiles_each_once() -> None:
    """Whoever comes back to a policy gets the decisions that were made before."""
    policies = [reworded(SMALL, number) for number in range(5)]
    authorizer = Authorizer(policies[0])
    made = []
    for _ in range(2):
        for policy in policies:
            authorizer.reload(policy)
            made.append(authorizer.check(*ASKED))
    assert len({id(decision) for decision in made}) == len(policies)
    assert made[:5] == made[5:]


def test_the_shipped_policy_has_one_table() -> None:
    """Named or not, the shipped policy is worked out once."""
    named = Authorizer(Policy.shipped())
    assert Authorizer().check(*ASKED) is named.check(*ASKED)


def grants(change: Callable[[Grant], Grant]) -> Rows:
    """The rows of the small policy with another first grant."""
    first, *others = SMALL.rows.grants
    return SMALL.rows._replace(grants=(change(first), *others))


SPELLINGS: dict[str, Rows] = {
    "another place": grants(lambda grant: grant._replace(place=Place("grants/moved.csv", 7))),
    "another rationale": grants(
        lambda grant: grant._replace(rationale=WHY._replace(text="made up anew"))
    ),
    "another method": SMALL.rows._replace(
        catalogue=(
            SMALL.rows.catalogue[0]._replace(methods=("made.up/Method",)),
            *SMALL.rows.catalogue[1:],
        )
    ),
    "another order": SMALL.rows._replace(grants=SMALL.rows.grants[::-1]),
    "another note": reworded(SMALL, 0).rows,
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_two_spellings_of_one_policy_are_told_apart(name: str) -> None:
    """Policies that share a digest do not share a table: decisions carry what was written."""
    policy = Policy(SPELLINGS[name])
    assert policy.digest == SMALL.digest
    kept = CompiledPolicies()
    assert kept.table(SMALL) is not kept.table(policy)
    assert kept.table(policy).policy.rows == policy.rows


def test_a_decision_names_the_place_in_its_own_policy() -> None:
    """The grant that an authorizer names is the one of its policy, with place and rationale."""
    for policy in (SMALL, *map(Policy, SPELLINGS.values())):
        assert Authorizer(policy).check(*ASKED).grant in policy.rows.grants


def test_policies_with_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is found by all rows, not by their hash alone."""
    monkeypatch.setattr("rbac.compiled.hash", lambda _: 0, raising=False)
    kept = CompiledPolicies()
    policies = [reworded(SMALL, number) for number in range(4)]
    tables = [kept.table(policy) for policy in policies]
    assert len(set(map(id, tables))) == 4
    assert [kept.table(copied(policy)) for policy in policies] == tables


def test_what_was_not_used_for_long_is_compiled_anew() -> None:
    """Only so many tables are kept, those used last; a new one decides as the old one did."""
    kept = CompiledPolicies(limit=3)
    policies = [reworded(SMALL, number) for number in range(4)]
    tables = [kept.table(policy) for policy in policies[:3]]
    assert kept.table(policies[0]) is tables[0]
    kept.table(policies[3])
    assert kept.table(policies[0]) is tables[0]
    assert kept.table(policies[2]) is tables[2]
    anew = kept.table(policies[1])
    assert anew is not tables[1]
    for question in cells(SMALL):
        assert anew.decide(question) == tables[1].decide(question)


def together(count: int, work: Callable[[int], None]) -> None:
    """Runs `work` in so many threads at once; raises what any of them raises."""
    errors: list[BaseException] = []
    barrier = threading.Barrier(count)

    def guarded(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    for error in errors:
        raise error


@pytest.mark.parametrize("limit", [2, 100])
def test_many_threads_may_compile_at_once(limit: int) -> None:
    """Every thread gets the table of its policy, and of no other, also while tables are dropped.

    Where nothing is dropped, all of them get one and the same.
    """
    policies = [reworded(SMALL, number) for number in range(20)]
    kept = CompiledPolicies(limit)
    given: list[tuple[int, DecisionTable]] = []

    def work(thread: int) -> None:
        for step in range(1500):
            number = (step + thread // 8) % len(policies)
            table = kept.table(policies[number])
            given.append((number, table))
            if step < len(policies):
                assert table.allows(Question(*ASKED))

    together(16, work)
    assert len(given) == 16 * 1500
    assert all(table.policy.rows == policies[number].rows for number, table in given)
    if limit >= len(policies):
        assert len({id(table) for _, table in given}) == len(policies)


def test_a_folder_is_read_every_time(tmp_path: Path) -> None:
    """What is kept belongs to rows: a folder whose files have changed gives its new policy."""
    from tests.test_verification import written

    folder = written(small_policy(["project_user project update any"]), tmp_path)
    authorizer = Authorizer(Policy.load(folder))
    assert not authorizer.check(*ASKED)
    before = authorizer.policy
    file = next((folder / "grants").glob("*.csv"))
    file.write_text(file.read_text().replace("project, update, any", "project, get, any"))
    authorizer.reload(folder)
    assert authorizer.check(*ASKED)
    assert authorizer.policy != before


ONE_POLICY = """
import sys
from rbac import Authorizer, Policy
from rbac.compiled import compiled
shipped = Policy.shipped()
other = Policy(shipped.rows._replace(grants=shipped.rows.grants[::-1]))
for policy in (shipped, other, shipped, other):
    Authorizer(policy)
print("cachetools" in sys.modules, "hashlib" in sys.modules)
Authorizer(Policy(shipped.rows._replace(requirements=())))
print("cachetools" in sys.modules, "hashlib" in sys.modules)
"""


def test_only_the_second_policy_of_a_process_pays_for_the_cache() -> None:
    """Beside the shipped policy one more may be in use before cachetools is loaded."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_POLICY], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["False False", "True False"]
