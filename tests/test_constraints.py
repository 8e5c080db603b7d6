"""Constraints that make no sense under a policy are found and explained."""

import copy
import pickle

import pytest

from rbac.constraint_rows import (
    Cardinality,
    Constraint,
    DynamicSeparation,
    Prerequisite,
    StaticSeparation,
)
from rbac.constraints import Constraints
from rbac.errors import PolicyError, UnknownName
from rbac.policy import Policy
from rbac.rows import Permission, Place
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

R, T, P = ResourceRole, ResourceType, Principal


def static(
    name: str, *roles: ResourceRole, at_most: int = 1, scope: ResourceType = T.PROJECT
) -> StaticSeparation:
    """A separation of roles."""
    return StaticSeparation(name, "because", at_most, scope, roles)


def permissions(
    *pairs: tuple[Action, ResourceType], scope: ResourceType = T.PROJECT
) -> StaticSeparation:
    """A separation of permissions."""
    return StaticSeparation(
        "s", "because", 1, scope, permissions=tuple(Permission(*pair) for pair in pairs)
    )


def count(
    name: str,
    role: ResourceRole,
    least: int = 0,
    most: int | None = None,
    scope: ResourceType = T.ORGANIZATION,
    principals: tuple[Principal, ...] = (),
) -> Cardinality:
    """A cardinality."""
    return Cardinality(name, "because", role, scope, least, most, principals)


def needs(
    name: str, role: ResourceRole, *requires: ResourceRole, scope: ResourceType = T.PROJECT
) -> Prerequisite:
    """A prerequisite."""
    return Prerequisite(name, "because", role, requires, scope)


APART = static("s", R.PROJECT_ADMIN, R.ORG_AUDIT_LOG_READER)


@pytest.mark.parametrize(
    ("constraints", "messages"),
    [
        ([APART], []),
        ([APART, APART._replace(at_most=1)], ['"s": a second constraint of this name']),
        (
            [static("s", R.PROJECT_ADMIN, R.PROJECT_USER)],
            ["nobody could hold project_admin: with it come project_admin and project_user"],
        ),
        ([static("s", R.PROJECT_ADMIN, R.PROJECT_USER)._replace(assigned=True)], []),
        (
            [static("s", R.PROJECT_ADMIN, R.ORG_MEMBER)._replace(assigned=True)],
            ["org_member is never assigned there; leave out assigned"],
        ),
        (
            [
                needs("p", R.PROJECT_ADMIN, R.ORG_AUDIT_LOG_READER),
                APART._replace(assigned=True),
            ],
            [],  # the reader's role may come with another
        ),
        (
            [DynamicSeparation("d", "because", 1, (R.PROJECT_ADMIN, R.PROJECT_USER))],
            ["nobody could hold project_admin: with it come"],
        ),
        (
            [static("s", R.PROJECT_ADMIN, R.PROJECT_EDITOR, R.PROJECT_USER, at_most=2)],
            ["nobody could hold project_admin"],
        ),
        ([static("s", R.PROJECT_ADMIN, R.PROJECT_USER, R.ORG_AUDIT_LOG_READER, at_most=2)], []),
        (
            [static("s", R.PROJECT_ADMIN, R.ORG_AUDIT_LOG_READER, scope=T.ORGANIZATION)],
            [],  # org_projects_admin gives project_admin on the organization
        ),
        (
            [static("s", R.WORKFLOW_USER, R.ORG_AUDIT_LOG_READER, scope=T.ORGANIZATION)],
            ["nothing gives workflow_user to anybody on an organization or what contains one"],
        ),
        ([count("c", R.SESSION_ADMIN, 1)], ["nothing gives session_admin"]),
        (
            [count("c", R.PROJECT_ADMIN, 1, scope=T.RUNNER, principals=(P.RUNNER,))],
            ["nothing gives project_admin to runner on a runner"],
        ),
        ([count("c", R.ORG_ADMIN, 2), count("d", R.ORG_ADMIN, 0, 2)], []),
        (
            [count("c", R.ORG_ADMIN, 2), count("d", R.ORG_ADMIN, 0, 1)],
            ['"c": contradicts "d": at least 2 hold org_admin, at most 1 org_admin'],
        ),
        (
            [count("c", R.ORG_ADMIN, 2), count("d", R.PROJECT_ADMIN, 0, 1)],
            ["at most 1 project_admin, and with org_admin comes project_admin"],
        ),
        ([count("c", R.PROJECT_ADMIN, 2), count("d", R.ORG_ADMIN, 0, 1)], []),
        ([count("c", R.ORG_ADMIN, 2), count("d", R.ORG_ADMIN, 0, 1, T.PROJECT)], []),
        (
            [count("c", R.ORG_ADMIN, 2), count("d", R.ORG_ADMIN, 0, 1, principals=(P.USER,))],
            [],  # the others may be service accounts
        ),
        (
            [
                count("c", R.ORG_ADMIN, 2, principals=(P.USER,)),
                count("d", R.ORG_ADMIN, 0, 1, principals=(P.USER, P.SERVICE_ACCOUNT)),
            ],
            ['contradicts "d"'],
        ),
        ([count("c", R.ORG_ADMIN, 0, 0)], []),
        (
            [
                count("c", R.ORG_ADMIN, 1),
                static("s", R.RUNNER_ADMIN, R.PROJECT_ADMIN, scope=T.ORGANIZATION),
            ],
            ['"c": nobody could hold org_admin: with it come runner_admin and project_admin'],
        ),
        (
            [needs("p", R.PROJECT_EDITOR, R.PROJECT_USER)],
            ["always met: project_editor includes project_user; remove it"],
        ),
        ([needs("p", R.PROJECT_EDITOR, R.ORG_MEMBER)], []),
        (
            [needs("p", R.PROJECT_ADMIN, R.ORG_AUDIT_LOG_READER), APART],
            [
                '"p": nobody could hold project_admin: with it come project_admin and',
                '"s": nobody could hold project_admin: with it come project_admin and',
            ],
        ),
        (
            [
                needs("p", R.PROJECT_ADMIN, R.ORG_MEMBER),
                needs("q", R.ORG_MEMBER, R.ORG_AUDIT_LOG_READER),
                static("s", R.PROJECT_USER, R.ORG_AUDIT_LOG_READER),
            ],
            ['"p": nobody could hold project_admin'],
        ),
        (
            [needs("p", R.PROJECT_EDITOR, R.ORG_MEMBER), count("c", R.ORG_MEMBER, 0, 0, T.PROJECT)],
            ['"p": nobody could hold project_editor: "c" lets nobody hold org_member'],
        ),
        ([permissions((Action.UPDATE, T.PROJECT), (Action.LIST_AUDIT_LOGS, T.ORGANIZATION))], []),
        (
            [permissions((Action.UPDATE, T.PROJECT), (Action.DELETE, T.PROJECT))],
            ['nobody could have "update project"', 'nobody could have "delete project"'],
        ),
        (
            [permissions((Action.UPDATE, T.PROJECT), (Action.SIGNUP, T.PROJECT))],
            ['no permission "signup project" in the catalogue'],
        ),
        (
            [permissions((Action.UPDATE, T.PROJECT), (Action.UPDATE, T.RUNNER), scope=T.USER)],
            [],  # both come with org_projects_admin and org_runners_admin, above the user
        ),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_explained(
    constraints: list[Constraint], messages: list[str]
) -> None:
    """Constraints are refused with exactly these problems, or taken."""
    if not messages:
        assert list(Constraints(constraints)) == constraints
        return
    with pytest.raises(PolicyError) as refused:
        Constraints(constraints)
    problems = [problem.message for problem in refused.value.problems]
    assert len(problems) == len(messages), problems
    for message in messages:
        assert any(message in problem for problem in problems), problems


def test_a_problem_stands_where_the_constraint_stands() -> None:
    """The place of a constraint is the place of what is wrong with it."""
    wrong = APART._replace(at_most=5, place=Place("constraints.toml", 7))
    with pytest.raises(PolicyError) as refused:
        Constraints([wrong])
    (problem,) = refused.value.problems
    assert str(problem).startswith('constraints.toml:7: "s": at_most is 5')


def test_constraints_are_values() -> None:
    """They are found by name and kind, compare by what they say, copy, pickle, and never change."""
    session = DynamicSeparation("d", "because", 1, (R.PROJECT_ADMIN, R.GROUP_ADMIN))
    constraints = Constraints([APART, session])
    assert constraints.named("d") is session
    assert (constraints.scoped, constraints.dynamic) == ((APART,), (session,))
    assert len(constraints) == 2
    assert copy.deepcopy(constraints) == pickle.loads(pickle.dumps(constraints)) == constraints  # noqa: S301
    assert hash(constraints) == hash(Constraints([APART, session], Policy.shipped()))
    assert constraints != Constraints([APART])
    assert repr(constraints) == "<Constraints s, d>"
    with pytest.raises(UnknownName, match="constraint"):
        constraints.named("e")
    with pytest.raises(AttributeError):
        constraints.all = ()
