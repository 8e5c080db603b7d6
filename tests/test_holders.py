"""Holders: access read the other way, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from rbac.access import Access
from rbac.entries import BITS
from rbac.holders import Holders
from rbac.table import DecisionTable
from rbac.vocabulary import Principal, ResourceRole
from tests.strategies import PRINCIPALS, examples
from tests.worlds import World, worlds

EVERY = sum(BITS.values())


@examples(80)
@given(worlds(), st.sets(st.sampled_from(PRINCIPALS)))
def test_holders_are_exactly_those_that_access_says(
    world: World, principals: set[Principal]
) -> None:
    """A subject is found with a role iff access gives it there, and it may hold it."""
    access = Access(DecisionTable(world.policy), world.directory, ())
    holders = Holders(access, principals)
    for entry in world.directory.resources():
        found = {(bit, who) for bit, all in holders.on(entry, EVERY) for who in all}
        assert found == {
            (BITS[hold.role], who)
            for who in world.directory.subjects()
            if who.principal in (principals or PRINCIPALS)
            for hold in access.holds_on(who, entry)
            if access.table.eligible(who.principal, hold.role)
        }


@examples(20)
@given(worlds(), st.sets(st.sampled_from(ResourceRole)))
def test_only_the_wanted_roles_are_looked_for(world: World, roles: set[ResourceRole]) -> None:
    """Asking for some roles finds those of all that are among them."""
    holders = Holders(Access(DecisionTable(world.policy), world.directory, ()))
    wanted = sum(BITS[role] for role in roles)
    for entry in world.directory.resources():
        found = [(bit, who) for bit, who in holders.on(entry, EVERY) if bit & wanted]
        assert list(holders.on(entry, wanted)) == found
