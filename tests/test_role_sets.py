"""Role sets: the standard's functions on separation of duty, by name."""

import pytest

from rbac import (
    Action,
    Authorizer,
    PolicyError,
    RequestError,
    ResourceRole,
    ResourceType,
    UnknownName,
)
from rbac import role_sets as review
from rbac.administration import SetOrganizationRole, changed
from rbac.constraint_rows import DynamicSeparation, StaticSeparation
from rbac.constraints import Constraints
from rbac.rows import Permission
from rbac.vocabulary import OrganizationRole
from tests.organization import ADMIN, DIRECTORY
from tests.strategies import ROLES

R, T = ResourceRole, ResourceType
CONSTRAINTS = Constraints(
    [
        StaticSeparation("s", "why", 1, T.PROJECT, roles=(R.PROJECT_ADMIN, R.ORG_AUDIT_LOG_READER)),
        StaticSeparation(
            "p",
            "why",
            1,
            T.PROJECT,
            permissions=(
                Permission(Action.UPDATE, T.PROJECT),
                Permission(Action.LIST_AUDIT_LOGS, T.ORGANIZATION),
            ),
        ),
        DynamicSeparation("d", "why", 2, (R.PROJECT_EDITOR, R.GROUP_ADMIN, R.RUNNER_ADMIN)),
    ]
)


def test_role_sets_are_those_of_the_constraints() -> None:
    """Sets are listed by role, with their roles and the number that is too many."""
    assert review.ssd_role_sets(CONSTRAINTS) == ("s",)
    assert review.dsd_role_sets(CONSTRAINTS) == ("d",)
    for role in ROLES:
        in_static = role in (R.PROJECT_ADMIN, R.ORG_AUDIT_LOG_READER)
        assert review.ssd_role_sets(CONSTRAINTS, role) == (("s",) if in_static else ())
        in_dynamic = role in (R.PROJECT_EDITOR, R.GROUP_ADMIN, R.RUNNER_ADMIN)
        assert review.dsd_role_sets(CONSTRAINTS, role) == (("d",) if in_dynamic else ())
    assert review.ssd_role_set_roles(CONSTRAINTS, "s") == {R.PROJECT_ADMIN, R.ORG_AUDIT_LOG_READER}
    assert review.ssd_role_set_cardinality(CONSTRAINTS, "s") == 2
    assert review.dsd_role_set_roles(CONSTRAINTS, "d") == {
        *(R.PROJECT_EDITOR, R.GROUP_ADMIN, R.RUNNER_ADMIN)
    }
    assert review.dsd_role_set_cardinality(CONSTRAINTS, "d") == 3
    for name in ("d", "p", "x"):
        with pytest.raises(UnknownName, match="role set"):
            review.ssd_role_set_roles(CONSTRAINTS, name)
    with pytest.raises(UnknownName, match="role set"):
        review.dsd_role_set_cardinality(CONSTRAINTS, "s")


NONE = Constraints([])
ACCESS = Authorizer(directory=DIRECTORY).access
KEPT = Authorizer(
    directory=changed(DIRECTORY, SetOrganizationRole(ADMIN, OrganizationRole.MEMBER))
).access
"""The same without its administrator, who has every role of an organization."""
PAIR = (R.PROJECT_EDITOR, R.ORG_AUDIT_LOG_READER)
THREE = (*PAIR, R.ORG_RUNNERS_ADMIN)


def test_a_static_set_is_made_changed_and_deleted() -> None:
    """Each command gives other constraints, and the ones it was given stay as they were."""
    made = review.create_ssd_set(KEPT, NONE, "s", THREE, 3, scope=T.PROJECT)
    assert review.ssd_role_set_roles(made, "s") == {*THREE}
    assert review.ssd_role_set_cardinality(made, "s") == 3
    fewer = review.set_ssd_set_cardinality(KEPT, made, "s", 2)
    assert review.ssd_role_set_cardinality(fewer, "s") == 2
    less = review.delete_ssd_role_member(fewer, "s", R.ORG_RUNNERS_ADMIN)
    assert review.ssd_role_set_roles(less, "s") == {*PAIR}
    assert review.add_ssd_role_member(KEPT, less, "s", R.ORG_RUNNERS_ADMIN) == fewer
    assert review.delete_ssd_set(less, "s") == NONE
    assert review.ssd_role_sets(NONE) == ()
    assert review.ssd_role_set_cardinality(made, "s") == 3


def test_a_dynamic_set_is_made_changed_and_deleted() -> None:
    """The same commands, without a directory: it is sessions that keep it."""
    made = review.create_dsd_set(NONE, "d", THREE, 3)
    assert review.dsd_role_set_roles(made, "d") == {*THREE}
    fewer = review.set_dsd_set_cardinality(made, "d", 2)
    less = review.delete_dsd_role_member(fewer, "d", R.ORG_RUNNERS_ADMIN)
    assert review.add_dsd_role_member(less, "d", R.ORG_RUNNERS_ADMIN) == fewer
    assert review.dsd_role_set_cardinality(less, "d") == 2
    assert review.delete_dsd_set(less, "d") == NONE


def test_a_static_set_that_somebody_breaks_now_is_refused() -> None:
    """Whoever has too many of the roles keeps the set from being made, and is named."""
    with pytest.raises(RequestError, match=f"nobody may break it now: s: {ADMIN} has "):
        review.create_ssd_set(ACCESS, NONE, "s", PAIR, 2)
    made = review.create_ssd_set(KEPT, NONE, "s", PAIR, 2)
    assert review.delete_ssd_set(made, "s") == NONE
    loose = review.create_ssd_set(KEPT, NONE, "s", THREE, 3)
    with pytest.raises(RequestError, match="nobody may break it now"):
        review.set_ssd_set_cardinality(ACCESS, loose, "s", 2)
    with pytest.raises(RequestError, match="nobody may break it now"):
        review.add_ssd_role_member(ACCESS, made, "s", R.ORG_RUNNERS_ADMIN)


@pytest.mark.parametrize("cardinality", [0, 1, 4])
def test_a_cardinality_is_from_two_to_the_number_of_roles(cardinality: int) -> None:
    """Fewer would forbid a role itself, and more nothing at all."""
    with pytest.raises(PolicyError, match="at_most is"):
        review.create_ssd_set(ACCESS, NONE, "s", THREE, cardinality)
    with pytest.raises(PolicyError, match="at_most is"):
        review.create_dsd_set(NONE, "d", THREE, cardinality)


def test_commands_are_refused_where_they_mean_nothing() -> None:
    """A name that is taken or unknown, a role that is in already or is not."""
    made = review.create_dsd_set(NONE, "d", PAIR, 2)
    with pytest.raises(PolicyError, match="a second constraint of this name"):
        review.create_dsd_set(made, "d", PAIR, 2)
    with pytest.raises(RequestError, match='is in "d" already'):
        review.add_dsd_role_member(made, "d", R.PROJECT_EDITOR)
    with pytest.raises(RequestError, match='is not in "d"'):
        review.delete_dsd_role_member(made, "d", R.ORG_ADMIN)
    with pytest.raises(PolicyError, match="separates nothing"):
        review.delete_dsd_role_member(made, "d", R.PROJECT_EDITOR)
    for name in ("x", ""):
        with pytest.raises(UnknownName, match="role set"):
            review.delete_dsd_set(made, name)
        with pytest.raises(UnknownName, match="role set"):
            review.delete_ssd_set(made, name)
