"""The NIST review functions about users and role sets, against their set definitions."""

import pytest
from hypothesis import given

from rbac import review_holders as review
from rbac.access import Access
from rbac.errors import RequestError
from rbac.policy import Policy
from rbac.records import Records, SubjectRecord
from rbac.review import permissions_of
from rbac.rows import Permission, Reach
from rbac.semantics import given as roles_given
from rbac.semantics import includes, permits, thing
from rbac.table import DecisionTable
from rbac.terms import Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.organization import ADMIN, DIRECTORY, EDITOR, OWNER, ROBOT, STRANGER, WEB, uuid
from tests.strategies import ROLES, examples
from tests.worlds import EVERY, World, worlds

R, T = ResourceRole, ResourceType
Where = Resource | None


def assigned(
    policy: Policy, records: Records, who: SubjectRecord, places: list[Where]
) -> dict[Where, set[ResourceRole]]:
    """The definition: what is given on each resource or around it, and on any of them."""
    found: dict[Where, set[ResourceRole]] = {None: set()}
    for resource in places:
        about = thing(records, resource) if resource else None
        if about is not None:
            found[resource] = set(roles_given(policy, records, who, about))
            found[None] |= found[resource]
    return found


@examples(25)
@given(worlds())
def test_review_functions_are_their_set_definitions(world: World) -> None:
    """Every function, on every role, subject and resource of a world, and anywhere."""
    policy, records = world.policy, world.directory.records
    access = Access(DecisionTable(policy), world.directory, ())
    places: list[Where] = [each.resource for each in world.directory.resources()]
    has = {each.subject: assigned(policy, records, each, places) for each in records.subjects}
    matter = sorted({role for held in has.values() for role in held[None]}, key=str)
    below = {a: {b for b in ROLES if includes(policy, a, b)} for a in matter}
    catalogue = [Permission(row.action, row.type) for row in policy.rows.catalogue]
    for on in [None, *(each for each in EVERY if each in places)]:
        roles = {subject: held[on] for subject, held in has.items()}
        every = {
            subject: set().union(*(below[each] for each in own)) for subject, own in roles.items()
        }
        for subject in has:
            assert review.assigned_roles(access, subject, on) == roles[subject]
            assert review.authorized_roles(access, subject, on) == every[subject]
            permitted = review.user_permissions(access, subject, on)
            for permission in catalogue:
                anywhere, own = (
                    any(permits(policy, role, *permission, mine) for role in roles[subject])
                    for mine in (False, True)
                )
                expected = Reach.ANY if anywhere else Reach.OWN if own else None
                assert permitted.get(permission) is expected
            assert permitted.keys() <= set(catalogue)
        for role in ROLES if on is None else matter:
            holders = {subject for subject, own in roles.items() if role in own}
            assert review.assigned_users(access, role, on) == holders
            authorized = {subject for subject, all in every.items() if role in all}
            assert review.authorized_users(access, role, on) == authorized


def test_the_laws_of_the_standard_hold() -> None:
    """Users and roles mirror each other; a user's permissions are those of its roles together."""
    access = Access(DecisionTable(Policy.shipped()), DIRECTORY, ())
    subjects = [entry.subject for entry in DIRECTORY.subjects()]
    for on in (None, *(entry.resource for entry in DIRECTORY.resources())):
        roles = {each: review.authorized_roles(access, each, on) for each in subjects}
        for role in ROLES:
            users = review.authorized_users(access, role, on)
            assert users == {each for each in subjects if role in roles[each]}
            assert review.assigned_users(access, role, on) <= users
        for subject in subjects:
            union: set[Permission] = set()
            for role in roles[subject]:
                union |= permissions_of(access.table, role).keys()
            assert review.user_permissions(access, subject, on).keys() == union


def test_somebody_is_found_by_name() -> None:
    """The editors of a project are its editor, by group; its owner is an editor by seniority."""
    access = Access(DecisionTable(Policy.shipped()), DIRECTORY, ())
    suspended = Subject(Principal.USER, uuid(14))
    assert review.assigned_users(access, R.PROJECT_EDITOR, WEB) == {EDITOR, suspended}
    assert review.authorized_users(access, R.PROJECT_EDITOR, WEB) == {
        *(EDITOR, OWNER, ADMIN),
        suspended,
    }
    assert review.assigned_roles(access, ROBOT, WEB) == {R.PROJECT_USER}
    assert Permission(Action.USE, T.PROJECT) in review.user_permissions(access, ROBOT, WEB)


def test_who_or_what_is_unknown_has_no_answer() -> None:
    """An unknown subject or resource is refused, never an empty answer."""
    access = Access(DecisionTable(Policy.shipped()), DIRECTORY, ())
    nowhere = Resource(T.PROJECT, uuid(99))
    with pytest.raises(RequestError, match="unknown subject"):
        review.assigned_roles(access, STRANGER)
    with pytest.raises(RequestError, match="unknown resource"):
        review.authorized_roles(access, ADMIN, nowhere)
    with pytest.raises(RequestError, match="unknown resource"):
        review.assigned_users(access, R.PROJECT_USER, nowhere)
