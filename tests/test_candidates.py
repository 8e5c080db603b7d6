"""Candidates of searches: everybody and everything that asking one by one would find."""

import itertools

from hypothesis import given

from benchmarks.population import population
from rbac.access import Access
from rbac.candidates import candidate_resources, candidate_subjects
from rbac.directory import Directory
from rbac.policy import Policy
from rbac.table import DecisionTable
from rbac.terms import NewResource, Resource
from tests.strategies import examples
from tests.worlds import EVERY, SUBJECTS, World, new_resources, worlds


def holds_subjects(access: Access, resource: Resource | NewResource) -> int:
    """Holds the candidates to those who may act on a resource; gives how many are none."""
    more = 0
    for action in access.table.actions_on(resource.type):
        candidates = list(candidate_subjects(access, action, resource))
        assert candidates == sorted(
            set(candidates), key=lambda each: (each.principal.short, each.id)
        )
        everybody = [entry.subject for entry in access.directory.subjects()]
        may = {each for each in everybody if access.decide(each, None, resource, action, None)}
        assert may <= set(candidates) <= set(everybody)
        more += len(candidates) - len(may)
    return more


@examples(40)
@given(worlds())
def test_whoever_may_is_a_candidate(world: World) -> None:
    """Nobody who may do something to a resource, old or new, is left out of a search."""
    access = Access(DecisionTable(world.policy), world.directory, ())
    for resource in EVERY:
        holds_subjects(access, resource)
    for new in itertools.islice(new_resources(world.directory), 20):
        holds_subjects(access, new)


@examples(40)
@given(worlds())
def test_whatever_somebody_may_act_on_is_a_candidate(world: World) -> None:
    """No resource that a subject may do something to is left out of a search."""
    access = Access(DecisionTable(world.policy), world.directory, ())
    for subject, row in itertools.product(SUBJECTS, world.policy.rows.catalogue):
        candidates = list(candidate_resources(access, subject, row.action, row.type))
        assert candidates == sorted(set(candidates), key=lambda each: each.id)
        every = [Resource(row.type, each.id) for each in access.directory.resources(row.type)]
        may = {each for each in every if access.decide(subject, None, each, row.action, None)}
        assert may <= set(candidates) <= set(every)


def test_candidates_are_few() -> None:
    """Without guards and requirements, and with grants on any resource, nobody else is one."""
    access = Access(DecisionTable(Policy.shipped()), Directory(population(40)), ())
    extra = {entry.type: 0 for entry in access.directory.resources()}
    for entry in access.directory.resources():
        extra[entry.type] += holds_subjects(access, entry.resource)
    own = {row.type for row in access.table.policy.rows.grants if row.reach.short == "own"}
    demanding = {row.type for row in access.table.policy.rows.requirements}
    assert {type for type, more in extra.items() if more} <= own | demanding
