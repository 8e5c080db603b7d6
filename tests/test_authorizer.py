"""The question: who may ask what, and what comes of asking wrongly."""

import itertools
import threading
from pathlib import Path
from typing import Any

import pytest

import rbac
from rbac import (
    Action,
    Authorizer,
    Decision,
    DirectoryRequired,
    ErrorCode,
    Policy,
    PolicyError,
    Principal,
    Question,
    Reason,
    RequestError,
    Resource,
    ResourceRole,
    ResourceType,
    Subject,
    UnknownName,
)
from rbac.rows import Permission
from rbac.table import DecisionTable
from tests.building import reworded, small_policy

ID = "3f1b6c1e-0000-4000-8000-0123456789ab"
ASKED = (Principal.USER, ResourceRole.PROJECT_EDITOR, ResourceType.PROJECT, Action.UPDATE)


def ask(*arguments: Any, **more: Any) -> Decision:
    """Asks with whatever arguments, as untyped callers do."""
    decision: Decision = rbac.check(*arguments, **more)
    return decision


def test_a_granted_permission_is_allowed_and_says_why() -> None:
    """An allow is true, and carries the grant it rests on with its place and rationale."""
    decision = rbac.check(*ASKED)
    assert decision
    assert decision.reason is Reason.GRANTED
    assert decision.error_code is None
    assert decision.grant is not None
    assert decision.grant.place.file == "grants/project.csv"
    assert decision.grant.rationale is not None
    assert decision.policy_digest == Policy.shipped().digest
    assert decision.assignment is None
    assert decision.directory_revision is None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            (Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.DELETE),
            "no_grant",
        ),
        ((Principal.RUNNER, *ASKED[1:]), "not_eligible"),
        ((*ASKED[:3], Action.SIGNUP), "no_such_permission"),
        ((Principal.RUNNER, *ASKED[1:3], Action.SIGNUP), "no_such_permission"),
        (
            (Principal.ACCOUNT, ResourceRole.TEAM_ADMIN, ResourceType.PROJECT, Action.GET),
            "not_eligible",
        ),
        (
            (
                Principal.USER,
                ResourceRole.WORKFLOW_EXECUTOR,
                ResourceType.WORKFLOW_EXECUTION,
                Action.GET,
            ),
            "own_only",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_denial_gives_the_first_reason_that_applies(arguments: Any, reason: str) -> None:
    """A denial is false and its reason is the first, in order of precedence, that applies."""
    decision = ask(*arguments)
    assert not decision
    assert decision.reason.short == reason


def test_an_own_grant_reaches_own_resources_only() -> None:
    """What is granted on own resources is allowed there, and denied on any other."""
    cell = (
        Principal.USER,
        ResourceRole.WORKFLOW_EXECUTOR,
        ResourceType.WORKFLOW_EXECUTION,
        Action.GET,
    )
    assert rbac.check(*cell, own=True).reason is Reason.GRANTED
    denied = rbac.check(*cell)
    assert denied.reason is Reason.OWN_ONLY
    assert denied.grant == rbac.check(*cell, own=True).grant


def test_without_an_action_it_asks_whether_the_role_may_act_there() -> None:
    """Allowed iff at least one action is permitted, and the decision lists them all."""
    decision = rbac.check(*ASKED[:3])
    assert decision
    assert decision.actions == {
        action for action in Action if rbac.check(*ASKED[:3], action).allowed
    }
    assert not rbac.check(*ASKED[:2], ResourceType.BILLING)
    own_only = (Principal.USER, ResourceRole.USER_IDENTITY, ResourceType.HOST_AUTHENTICATION_TOKEN)
    assert rbac.check(*own_only).reason is Reason.OWN_ONLY
    assert rbac.check(*own_only, own=True)


def test_a_decision_names_the_requirements_an_instance_must_meet() -> None:
    """The kinds form does not ask requirements; it names them."""
    decision = rbac.check(*ASKED[:3], Action.USE)
    assert decision
    assert [row.text for row in decision.requirements] == ["runner use"]


def test_what_may_not_be_read_is_not_found() -> None:
    """A refusal hides what the role may not read, and is a plain refusal otherwise."""
    hidden = rbac.check(*ASKED[:2], ResourceType.BILLING, Action.SETUP)
    assert hidden.error_code is ErrorCode.NOT_FOUND
    seen = rbac.check(*ASKED[:3], Action.GRANT)
    assert seen.error_code is ErrorCode.PERMISSION_DENIED


WRONG: list[tuple[tuple[Any, ...], dict[str, Any], type[Exception], str]] = [
    (("user", *ASKED[1:]), {}, TypeError, "subject"),
    ((None, *ASKED[1:]), {}, TypeError, "subject"),
    (([], *ASKED[1:]), {}, TypeError, "subject"),
    ((Principal.USER, "project_editor", *ASKED[2:]), {}, TypeError, "role"),
    ((*ASKED[:2], "project", Action.UPDATE), {}, TypeError, "resource"),
    ((*ASKED[:2], None, Action.UPDATE), {}, TypeError, "resource"),
    ((*ASKED[:3], "update"), {}, TypeError, "action"),
    ((*ASKED[:3], ""), {}, TypeError, "action"),
    ((*ASKED[:3], {}), {}, TypeError, "action"),
    ((*ASKED[:3], ResourceType.PROJECT), {}, TypeError, "action"),
    (ASKED, {"own": 1}, TypeError, "own"),
    (ASKED, {"own": "false"}, TypeError, "own"),
    (ASKED, {"own": None}, TypeError, "own"),
    ((Principal.UNSPECIFIED, *ASKED[1:]), {}, RequestError, "subject"),
    ((Principal.USER, ResourceRole.UNSPECIFIED, *ASKED[2:]), {}, RequestError, "role"),
    ((*ASKED[:2], ResourceType.UNSPECIFIED, Action.UPDATE), {}, RequestError, "resource"),
    ((Subject(Principal.USER, ID), *ASKED[1:]), {}, TypeError, "subject and resource"),
    ((*ASKED[:2], Resource(ResourceType.PROJECT, ID), Action.UPDATE), {}, TypeError, "subject and"),
    ((Principal.USER,), {}, TypeError, "role"),
]


@pytest.mark.parametrize(("arguments", "more", "error", "named"), WRONG)
def test_wrong_input_raises_and_names_the_argument(
    arguments: tuple[Any, ...], more: dict[str, Any], error: type[Exception], named: str
) -> None:
    """A value of the wrong type or an unspecified name is never an answer."""
    with pytest.raises(error, match=named):
        ask(*arguments, **more)
    with pytest.raises(error, match=named):
        ask(*arguments, **more)


def test_every_argument_swapped_for_any_other_kind_raises() -> None:
    """No order of the four arguments but the right one is ever answered."""
    for arguments in itertools.permutations(ASKED):
        if arguments != ASKED:
            with pytest.raises(TypeError):
                ask(*arguments)


def test_a_question_about_somebody_needs_a_directory() -> None:
    """A caller's word for a role is not taken: without a directory there is no answer."""
    somebody, something = Subject(Principal.USER, ID), Resource(ResourceType.PROJECT, ID)
    with pytest.raises(DirectoryRequired, match="takes a directory"):
        rbac.check(somebody, ResourceRole.PROJECT_EDITOR, something, Action.UPDATE)
    with pytest.raises(TypeError, match="own"):
        ask(somebody, ResourceRole.PROJECT_EDITOR, something, Action.UPDATE, own=True)


def test_many_questions_are_answered_in_order() -> None:
    """Asking many at once gives the single answers, in order, duplicates included."""
    types = list(ResourceType)[1:]
    requests: list[Any] = [(*ASKED[:2], type) for type in types]
    requests += [ASKED, ASKED, (*ASKED, True), Question(*ASKED)]
    authorizer = Authorizer()
    together = authorizer.check_many(requests)
    assert together[:-2] == [rbac.check(*request) for request in requests[:-2]]
    assert together[-2] == rbac.check(*ASKED, own=True)
    assert together[-1] is together[-4] is together[-3]
    assert authorizer.check_many([]) == []


def test_a_wrong_question_among_many_is_pointed_out() -> None:
    """The error is the single question's, with a note of which request it was."""
    for wrong in [("user", *ASKED[1:]), ASKED[:2], "user", 7]:
        with pytest.raises(TypeError) as caught:
            Authorizer().check_many([ASKED, wrong])  # type: ignore[list-item]
        assert caught.value.__notes__[0].startswith("request 1: ")


def test_reload_swaps_the_policy_whole() -> None:
    """After a reload every answer is by the new policy, and none by the old one."""
    authorizer = Authorizer(small_policy(["project_user project get any"]))
    question = (Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT)
    assert authorizer.check(*question, Action.GET)
    after = authorizer.reload(small_policy(["project_user project update any"]))
    assert authorizer.policy is after
    assert not authorizer.check(*question, Action.GET)
    assert authorizer.check(*question, Action.UPDATE)


def test_a_reload_that_fails_keeps_the_policy_and_says_so(tmp_path: Path) -> None:
    """A folder that is no policy changes nothing, and the error says what is kept."""
    authorizer = Authorizer()
    before = authorizer.policy
    with pytest.raises(PolicyError) as caught:
        authorizer.reload(tmp_path)
    assert authorizer.policy is before
    assert authorizer.check(*ASKED)
    assert caught.value.__notes__ == [f"the policy in force is kept: {before.digest}"]


def test_a_policy_that_lost_most_of_its_grants_is_refused_unless_meant() -> None:
    """Losing more than half of the grants looks like a cut copy; it must be said to be meant."""
    authorizer = Authorizer()
    little = small_policy(["project_user project get any"])
    with pytest.raises(PolicyError, match="allow_loss"):
        authorizer.reload(little)
    assert authorizer.check(*ASKED)
    assert authorizer.reload(little, allow_loss=True) == little
    assert not authorizer.check(*ASKED)


def test_only_a_policy_can_be_in_force() -> None:
    """Anything but a policy is refused when the authorizer is built."""
    with pytest.raises(TypeError, match="policy must be a Policy"):
        Authorizer("policies")  # type: ignore[arg-type]


SWAPPED = [
    ["project_user project get any", "project_editor project update any"],
    ["project_user project update any", "project_editor project get any"],
]
CELLS = [
    Question(Principal.USER, role, ResourceType.PROJECT, action)
    for role in (ResourceRole.PROJECT_USER, ResourceRole.PROJECT_EDITOR)
    for action in (Action.GET, Action.UPDATE)
]


def mixed(authorizer: Authorizer, expected: dict[str, list[bool]]) -> list[object]:
    """Answers that belong to no one of the policies, as one look at the authorizer finds them."""
    together = authorizer.check_many(CELLS)
    alone = authorizer.check(*CELLS[0][:4])
    wrong: list[object] = []
    if [decision.allowed for decision in together] != expected[together[0].policy_digest]:
        wrong.append(together)
    if alone.allowed is not expected[alone.policy_digest][0]:
        wrong.append(alone)
    return wrong


def test_every_answer_under_a_thousand_swaps_belongs_to_one_whole_policy() -> None:
    """Eight threads ask while a ninth swaps two policies; no answer mixes them."""
    policies = [small_policy(grants) for grants in SWAPPED]
    authorizer = Authorizer(policies[0])
    expected = {
        policy.digest: [decision.allowed for decision in Authorizer(policy).check_many(CELLS)]
        for policy in policies
    }
    wrong: list[object] = []
    stop = threading.Event()

    def watch() -> None:
        try:
            while not stop.is_set():
                wrong.extend(mixed(authorizer, expected))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=watch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(1000):
        # Every policy is new, so that each is worked out while the threads ask.
        authorizer.reload(reworded(policies[number % 2], number))
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_first_question_may_come_from_many_threads() -> None:
    """A table whose policy is not yet worked out answers all threads alike."""
    table = DecisionTable(Policy.shipped)
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(table.allows(Question(*ASKED))))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 16


def test_every_method_of_the_catalogue_leads_to_its_permissions() -> None:
    """A method needs the permission that lists it; where several do, the type says which."""
    authorizer = Authorizer()
    needed: dict[str, list[Permission]] = {}
    for row in authorizer.policy.rows.catalogue:
        for method in row.methods:
            needed.setdefault(method, []).append(Permission(row.action, row.type))
    assert len(needed) > 250
    for method, permissions in needed.items():
        for permission in permissions:
            assert authorizer.permission_of(method, permission.type) == permission
        if len(permissions) == 1:
            assert authorizer.permission_of(method) == permissions[0]
        else:
            with pytest.raises(RequestError, match="name which"):
                authorizer.permission_of(method)


def test_a_method_that_is_not_known_is_no_answer() -> None:
    """An unknown method, or one of another type, raises and never leads to a permission."""
    authorizer = Authorizer()
    update = "gitpod.v1.ProjectService/UpdateProject"
    with pytest.raises(UnknownName, match="did you mean"):
        authorizer.permission_of(update + "z")
    for wrong in ("", "UpdateProject", update.lower(), f"/{update}"):
        with pytest.raises(UnknownName):
            authorizer.permission_of(wrong)
    with pytest.raises(RequestError, match="type project"):
        authorizer.permission_of(update, ResourceType.SECRET)
    with pytest.raises(TypeError, match="method must be a string"):
        authorizer.permission_of(None)  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="UNSPECIFIED"):
        authorizer.permission_of(update, ResourceType.UNSPECIFIED)
