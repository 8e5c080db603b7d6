"""Who gains and loses what, against asking both accesses about everybody and everything."""

from collections import Counter
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.population import population
from rbac.access import Access
from rbac.audit.comparison import Comparison
from rbac.audit.people import Gains, Triple, people, triples
from rbac.directory import Directory
from rbac.entries import BITS
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, Guard, inactive_subject
from rbac.policy import Policy, unvalidated
from rbac.records import Records
from rbac.relations import owns
from rbac.rows import Permission, Reach, Rows
from rbac.table import DecisionTable
from rbac.vocabulary import Action, ResourceType
from tests.strategies import examples
from tests.test_counting import one_by_one
from tests.worlds import NOW, World, records, worlds

USUAL = (inactive_subject(lambda: NOW), FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL)
PECULIAR = Guard("peculiar", lambda asked: asked.about is None or "1" in asked.about.id[-1:])
GUARDS = {"none": (), "usual": USUAL, "peculiar": (*USUAL, PECULIAR)}


class Pair(NamedTuple):
    """An access before, and one after."""

    old: Access
    new: Access


def holds_exactly(pair: Pair) -> int:
    """Holds what is said of two accesses to what each answers; gives how much differs."""
    old, new = (set(one_by_one(access)) for access in pair)
    found, listed = people(*pair), list(triples(*pair))
    gained, lost = ({triple for more, triple in listed if more is which} for which in (True, False))
    assert (gained, lost) == (new - old, old - new)
    assert len(listed) == len(gained | lost)
    assert (old - lost) | gained == new
    holds_added_up(found.gained, gained, pair.new)
    holds_added_up(found.lost, lost, pair.old)
    assert bool(found) is bool(listed)
    return len(listed)


def holds_added_up(gains: Gains, triples: set[Triple], access: Access) -> None:
    """Holds every sum of a side to its triples."""
    assert gains.total == added_up(triples)
    by_permission: dict[Permission, set[Triple]] = {}
    for triple in triples:
        by_permission.setdefault(Permission(triple[1], triple[2].type), set()).add(triple)
    assert gains.permissions == {each: added_up(of) for each, of in by_permission.items()}
    counts = Counter(subject for subject, _, _ in triples)
    assert dict(gains.subjects) == counts
    for subject in counts:
        mine = Counter(
            Permission(action, thing.type) for who, action, thing in triples if who == subject
        )
        assert gains.of(subject) == mine
    holds_explained(gains, triples, access)


def added_up(triples: set[Triple]) -> tuple[int, int, int]:
    """How many triples, subjects and resources."""
    return len(triples), len({each[0] for each in triples}), len({each[2] for each in triples})


def holds_explained(gains: Gains, triples: set[Triple], access: Access) -> None:
    """Holds the ways to every hold of a role that permits it, asked one by one."""
    expected: Counter[tuple[object, ...]] = Counter()
    for subject, action, thing in triples:
        who, about = access.directory.subject(subject), access.directory.resource(thing)
        assert who
        assert about
        ability = access.ability(who, Permission(action, thing.type))
        bits = ability.own if owns(who, about) else ability.any
        ways = set()
        for hold in access.holds(who, about):
            if BITS[hold.role] & bits:
                group = f"group:{hold.assignment.group}" if hold.assignment else ""
                by = hold.relation.short if hold.relation else group
                ways.add((hold.role, by))
        assert ways
        expected.update((*way, Permission(action, thing.type)) for way in ways)
    found: Counter[tuple[object, ...]] = Counter()
    for row in gains.through:
        each, left = divmod(row.sum.triples, len(row.actions))
        assert not left
        assert each >= max(row.sum.subjects, row.sum.resources)
        for action in row.actions:
            found[row.role, row.by, Permission(action, row.type)] += each
    assert found == expected


@st.composite
def other_rows(draw: st.DrawFn, rows: Rows) -> Rows:
    """A policy's rows with some of them left out."""
    drop = st.sampled_from([False, False, True])
    tables = rows._asdict()
    for name in draw(st.sets(st.sampled_from(CHANGED), min_size=1)):
        tables[name] = tuple(row for row in tables[name] if not draw(drop))
    return Rows(**tables)


CHANGED = ("grants", "seniority", "derived_roles", "requirements", "eligibility", "catalogue")


@st.composite
def thinned(draw: st.DrawFn, whole: Records) -> Records:
    """Records of which some are left out."""
    left = st.sampled_from([True] * 6 + [False])
    return Records._make([each for each in table if draw(left)] for table in whole)


def access(policy: Policy, directory: Directory, guards: str) -> Access:
    """An access; what a directory has that the policy refuses is left out."""
    return Access(DecisionTable(policy), directory.under(policy), GUARDS[guards])


@examples(20)
@given(worlds(), st.data(), st.sampled_from(sorted(GUARDS)))
def test_two_policies_on_a_directory_differ_as_asked(
    world: World, data: st.DataObject, guards: str
) -> None:
    """Who gains and loses what between two policies is what asking by both finds."""
    other = unvalidated(data.draw(other_rows(world.policy.rows)))
    directory = Directory.sound(world.directory.records, policy=other)[0]
    before, after = access(world.policy, directory, guards), access(other, directory, guards)
    holds_exactly(Pair(before, after))
    holds_exactly(Pair(after, before))


@examples(20)
@given(worlds(), st.data(), st.sampled_from(sorted(GUARDS)), st.booleans())
def test_two_directories_differ_as_asked(
    world: World, data: st.DataObject, guards: str, thin: bool
) -> None:
    """So is it between two directories by one policy or by two, whatever moved or went."""
    policy, directory = world
    other = unvalidated(data.draw(st.just(policy.rows) | other_rows(policy.rows)))
    drawn = data.draw(thinned(directory.records) if thin else records(policy))
    later = Directory.sound(drawn, policy=other)[0]
    holds_exactly(Pair(access(policy, directory, guards), access(other, later, guards)))


SHIPPED = Policy.shipped().rows
RUNNERS_USE = Permission(Action.USE, ResourceType.RUNNER)
OTHERS = {
    "grants on any and on own": SHIPPED._replace(
        grants=tuple(
            grant._replace(reach=Reach.OWN) if number % 3 else grant
            for number, grant in enumerate(SHIPPED.grants)
            if number % 5
        )
    ),
    "the last steps of seniority": SHIPPED._replace(seniority=SHIPPED.seniority[:-4]),
    "no requirement": SHIPPED._replace(requirements=()),
    "what requirements need": SHIPPED._replace(
        grants=tuple(each for each in SHIPPED.grants if each.permission != RUNNERS_USE)
    ),
    "derived roles": SHIPPED._replace(derived_roles=SHIPPED.derived_roles[::2]),
}


@pytest.mark.parametrize("other", OTHERS)
def test_organizations_differ_as_asked(other: str) -> None:
    """So it is where groups are large, things lie three deep and permissions take others."""
    directory = Directory(population(60))
    policies = Policy.shipped(), unvalidated(OTHERS[other])
    for old, new in (policies, policies[::-1]):
        assert holds_exactly(Pair(access(old, directory, "usual"), access(new, directory, "usual")))


def test_nothing_differs_from_itself() -> None:
    """An access compared with itself is no difference, and costs no question."""
    itself = access(Policy.shipped(), Directory(population(100)), "usual")
    assert not people(itself, itself)
    assert not Comparison(itself, itself).affected
