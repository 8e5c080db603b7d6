"""Questions about somebody, as a service puts them: authorize, require, many at once."""

import pickle
from typing import Any

import pytest

import rbac
from rbac import (
    AccessDenied,
    Action,
    Authorizer,
    Credential,
    DirectoryError,
    DirectoryRequired,
    ErrorCode,
    Policy,
    Principal,
    Reason,
    RequestError,
    Resource,
    ResourceRole,
    ResourceType,
    Subject,
)
from rbac.guards import Guard
from rbac.records import Membership, ResourceRecord
from rbac.rows import Eligibility, Reach
from tests.organization import (
    ACME,
    BOX,
    DIRECTORY,
    DOCS,
    EDITOR,
    EDITORS,
    MEMBER,
    OWNER,
    RUNNER,
    SECRET,
    STRANGER,
    SUSPENDED,
    WEB,
    WORKFLOW,
    uuid,
)

AUTHORIZER = Authorizer(directory=DIRECTORY)


def test_an_allow_rests_on_an_assignment_and_a_grant() -> None:
    """The decision names the group's assignment, the grant, and both snapshots."""
    decision = AUTHORIZER.authorize(EDITOR, Action.UPDATE, WEB)
    assert decision
    assert decision.reason is Reason.GRANTED
    assert decision.assignment
    assert decision.assignment.group == EDITORS
    assert decision.grant
    assert decision.grant.role is ResourceRole.PROJECT_EDITOR
    assert decision.directory_revision == DIRECTORY.digest
    assert decision.policy_digest == Policy.shipped().digest
    assert Action.UPDATE in decision.actions
    assert decision.error_code is None
    assert f"given to group {EDITORS}" in str(decision)


def test_an_allow_may_rest_on_a_relation() -> None:
    """An owner holds a role without an assignment."""
    decision = AUTHORIZER.authorize(OWNER, Action.GRANT, WEB)
    assert decision.assignment is None
    assert decision.hold
    assert str(decision.hold) == f"project_admin on {WEB}, as its owner"


def test_a_role_must_be_held_to_act_in_it() -> None:
    """A caller's word for a role is not taken; a senior holds what its juniors may."""
    ask = AUTHORIZER.check
    assert ask(EDITOR, ResourceRole.PROJECT_EDITOR, WEB, Action.UPDATE)
    assert ask(OWNER, ResourceRole.PROJECT_EDITOR, WEB, Action.UPDATE)
    denied = ask(EDITOR, ResourceRole.PROJECT_ADMIN, WEB, Action.GRANT)
    assert denied.reason is Reason.NOT_HELD
    acting = ask(OWNER, ResourceRole.PROJECT_USER, WEB, Action.UPDATE)
    assert acting.reason is Reason.NO_GRANT


def test_without_an_action_all_that_is_allowed_is_listed() -> None:
    """Whether somebody may act in a role at all, and how; requirements included."""
    decision = AUTHORIZER.check(EDITOR, ResourceRole.PROJECT_EDITOR, WEB)
    assert decision
    assert decision.actions
    assert decision.actions == {
        action
        for action in Action
        if AUTHORIZER.check(EDITOR, ResourceRole.PROJECT_EDITOR, WEB, action)
    }
    assert Action.USE not in decision.actions


def test_nobody_is_unauthenticated() -> None:
    """Where nobody signed in, the answer is no, and says so."""
    decision = AUTHORIZER.authorize(None, Action.GET, WEB)
    assert decision.reason is Reason.UNKNOWN_SUBJECT
    assert decision.error_code is ErrorCode.UNAUTHENTICATED
    assert str(decision) == "denied: nobody is signed in"


@pytest.mark.parametrize(
    ("subject", "action", "code"),
    [
        (EDITOR, Action.GRANT, ErrorCode.PERMISSION_DENIED),
        (MEMBER, Action.UPDATE, ErrorCode.NOT_FOUND),
        (STRANGER, Action.GET, ErrorCode.NOT_FOUND),
        (SUSPENDED, Action.GET, ErrorCode.NOT_FOUND),
    ],
)
def test_what_may_not_be_read_is_not_found(
    subject: Subject, action: Action, code: ErrorCode
) -> None:
    """Whoever may read something there is refused; to all others it does not exist."""
    assert AUTHORIZER.authorize(subject, action, WEB).error_code is code


def test_require_raises_the_denial() -> None:
    """A required permission gives its decision, or raises it."""
    assert AUTHORIZER.require(EDITOR, Action.UPDATE, WEB).allowed
    with pytest.raises(AccessDenied, match="has no grant for") as refused:
        AUTHORIZER.require(EDITOR, Action.GRANT, WEB)
    assert refused.value.decision == AUTHORIZER.authorize(EDITOR, Action.GRANT, WEB)


def test_many_are_the_single_answers_in_order() -> None:
    """Order is kept, duplicates are answered twice, an error says which request it was."""
    asked = [(EDITOR, Action.UPDATE, WEB), (None, Action.GET, WEB), (EDITOR, Action.UPDATE, WEB)]
    credential = Credential(read_only=True)
    many = AUTHORIZER.authorize_many([*asked, (EDITOR, Action.UPDATE, WEB, credential)])
    assert many[:3] == [AUTHORIZER.authorize(*each) for each in asked]
    assert many[3].reason is Reason.REFUSED_BY_GUARD
    assert many[3].guard == "read_only_credential"
    for wrong in ((EDITOR, Action.UPDATE), "abc", 7, (EDITOR, "update", WEB)):
        with pytest.raises(TypeError) as refused:
            AUTHORIZER.authorize_many([asked[0], wrong])  # type: ignore[list-item]
        assert refused.value.__notes__[0].startswith("request 1: ")
    mixed = AUTHORIZER.check_many(
        [
            (EDITOR, ResourceRole.PROJECT_EDITOR, WEB, Action.UPDATE),
            (Principal.USER, ResourceRole.PROJECT_EDITOR, ResourceType.PROJECT, Action.UPDATE),
        ]
    )
    assert [bool(decision) for decision in mixed] == [True, True]


WRONG: list[tuple[Any, ...]] = [
    (EDITOR, Action.UPDATE, ResourceType.PROJECT),
    (Principal.USER, Action.UPDATE, WEB),
    (EDITOR, "update", WEB),
    ("user", Action.UPDATE, WEB),
    (EDITOR, Action.UPDATE, "web"),
    (WEB, Action.UPDATE, EDITOR),
    (None, "update", WEB),
]


@pytest.mark.parametrize("arguments", WRONG, ids=repr)
def test_wrong_types_raise(arguments: tuple[Any, ...]) -> None:
    """A value of another type is never an answer, whoever asks."""
    for ask in (AUTHORIZER.authorize, AUTHORIZER.require):
        with pytest.raises(TypeError):
            ask(*arguments)
    with pytest.raises(TypeError, match="credential"):
        AUTHORIZER.authorize(EDITOR, Action.UPDATE, WEB, credential=True)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="own"):
        AUTHORIZER.check(EDITOR, ResourceRole.PROJECT_EDITOR, WEB, own=True)  # type: ignore[call-overload]


def test_a_credential_belongs_to_somebody() -> None:
    """A question about kinds has no credential, also when it was answered before."""
    cell = (Principal.USER, ResourceRole.PROJECT_EDITOR, ResourceType.PROJECT, Action.UPDATE)
    assert AUTHORIZER.check(*cell)
    with pytest.raises(TypeError, match="both"):
        AUTHORIZER.check(*cell, credential=Credential())  # type: ignore[call-overload]


def test_without_a_directory_nobody_gets_an_answer() -> None:
    """Every question about somebody raises, and none is denied or allowed."""
    plain = Authorizer()
    asks: list[Any] = [
        lambda: plain.authorize(EDITOR, Action.UPDATE, WEB),
        lambda: plain.authorize(None, Action.UPDATE, WEB),
        lambda: plain.require(EDITOR, Action.UPDATE, WEB),
        lambda: plain.authorize_many([(EDITOR, Action.UPDATE, WEB)]),
        lambda: plain.check(EDITOR, ResourceRole.PROJECT_EDITOR, WEB),
        lambda: plain.explain(EDITOR, None, WEB, Action.UPDATE),
        lambda: plain.may_see(EDITOR, WEB),
        lambda: list(plain.search_subjects(Action.UPDATE, WEB)),
        lambda: list(plain.search_resources(EDITOR, Action.UPDATE, ResourceType.PROJECT)),
        lambda: list(plain.search_actions(EDITOR, WEB)),
    ]
    for ask in asks:
        with pytest.raises(DirectoryRequired):
            ask()
    assert plain.directory is None


def test_what_does_not_exist_yet_is_asked_about_by_what_it_lies_within() -> None:
    """A member makes a project in its organization; an environment takes a runner to use."""
    project = Resource.new(ResourceType.PROJECT, (ACME,), owner=MEMBER)
    assert AUTHORIZER.authorize(MEMBER, Action.CREATE, project)
    environment = Resource.new(ResourceType.ENVIRONMENT, (ACME,), owner=MEMBER, naming=(RUNNER,))
    denied = AUTHORIZER.authorize(MEMBER, Action.CREATE, environment)
    assert [row.text for row in denied.unmet] == ["runner use"]
    assert str(denied).endswith("would also have to meet: runner use")


@pytest.mark.parametrize(
    "resource",
    [
        Resource.new(ResourceType.PROJECT),
        Resource.new(ResourceType.PROJECT, (WEB,)),
        Resource.new(ResourceType.PROJECT, (Resource(ResourceType.ORGANIZATION, uuid(98)),)),
        Resource.new(ResourceType.SECRET, (ACME,)),
        Resource.new(ResourceType.ENVIRONMENT, (ACME,), naming=(WEB, DOCS)),
        Resource.new(ResourceType.ENVIRONMENT, (ACME,), naming=(BOX, SECRET)),
        Resource.new(
            ResourceType.ENVIRONMENT, (ACME,), naming=(Resource(ResourceType.RUNNER, uuid(98)),)
        ),
    ],
    ids=str,
)
def test_a_new_resource_needs_known_containers_that_fit(resource: Any) -> None:
    """Without a container, in one that does not fit, or in an unknown one, it cannot be asked."""
    with pytest.raises(RequestError):
        AUTHORIZER.authorize(MEMBER, Action.CREATE, resource)


@pytest.mark.parametrize("answer", [True, None, 1, "", [], 0])
def test_only_false_lets_a_guard_pass(answer: Any) -> None:
    """A guard that answers anything but False has refused."""
    guard = Guard("odd", lambda _: answer)
    decision = Authorizer(directory=DIRECTORY, guards=[guard]).authorize(EDITOR, Action.UPDATE, WEB)
    assert decision.reason is Reason.REFUSED_BY_GUARD
    assert decision.guard == "odd"
    assert str(decision) == f"denied: the guard odd keeps {EDITOR} from it"


def test_a_guard_that_fails_has_refused() -> None:
    """An exception inside a guard denies."""

    def fails(_: object) -> bool:
        raise RuntimeError("the guard is broken")

    guards = [Guard("broken", fails)]
    decision = Authorizer(directory=DIRECTORY, guards=guards).authorize(EDITOR, Action.GET, WEB)
    assert (decision.reason, decision.guard) == (Reason.REFUSED_BY_GUARD, "broken")


def test_decisions_about_somebody_travel() -> None:
    """A decision that was pickled is equal, and needs neither policy nor directory."""
    for action in (Action.UPDATE, Action.GRANT, Action.USE):
        decision = AUTHORIZER.authorize(EDITOR, action, WEB)
        other = pickle.loads(pickle.dumps(decision))  # noqa: S301 - our own
        assert other == decision
        assert str(other) == str(decision)
        assert other.as_dict() == decision.as_dict()


def test_reload_swaps_the_directory_whole() -> None:
    """After a reload, answers are by the new directory; a refused one changes nothing."""
    authorizer = Authorizer(directory=DIRECTORY)
    membership = next(each for each in DIRECTORY.members(EDITORS) if each.subject == EDITOR)
    without = DIRECTORY.changed(remove=[membership])
    authorizer.reload(directory=without)
    assert authorizer.directory is without
    assert not authorizer.authorize(EDITOR, Action.UPDATE, WEB)
    with pytest.raises(TypeError, match="directory must be a Directory") as refused:
        authorizer.reload(directory=7)  # type: ignore[arg-type]
    assert refused.value.__notes__[0].startswith("the policy in force is kept")
    assert authorizer.directory is without


def test_a_policy_that_refuses_the_directory_is_not_put_in_force() -> None:
    """A policy under which a member may not hold its group's role keeps the old one in force."""
    rows = Policy.shipped().rows
    roles = tuple(
        row._replace(assignable=False) if row.role is ResourceRole.PROJECT_EDITOR else row
        for row in rows.roles
    )
    authorizer = Authorizer(directory=DIRECTORY)
    before = authorizer.policy
    with pytest.raises(DirectoryError, match="project_editor is never assigned"):
        authorizer.reload(Policy(rows._replace(roles=roles)))
    assert authorizer.policy is before
    assert authorizer.authorize(EDITOR, Action.UPDATE, WEB)
    with pytest.raises(DirectoryError):
        Authorizer(Policy(rows._replace(roles=roles)), DIRECTORY)


def test_a_directory_is_validated_by_the_policy_in_force() -> None:
    """A policy that differs only in what the directory does not use takes it as it is."""
    rows = Policy.shipped().rows
    dropped = Eligibility(Principal.USER, ResourceRole.TEAM_VIEWER)
    kept = tuple(row for row in rows.eligibility if row[:2] != dropped[:2])
    other = Policy(
        rows._replace(eligibility=(*kept, Eligibility(Principal.RUNNER, ResourceRole.TEAM_VIEWER)))
    )
    authorizer = Authorizer(other, DIRECTORY)
    assert authorizer.directory
    assert authorizer.directory.policy == other
    assert authorizer.authorize(EDITOR, Action.UPDATE, WEB)


def test_the_module_itself_has_no_directory() -> None:
    """The default authorizer answers about kinds only."""
    with pytest.raises(DirectoryRequired):
        rbac.check(EDITOR, ResourceRole.PROJECT_EDITOR, WEB, Action.UPDATE)


def test_guards_are_asked_where_no_action_exists() -> None:
    """On a type without any action, whoever may not act is refused for that, as anywhere."""
    resource = Resource(ResourceType.GROUP_MEMBERSHIP_CHANGED, uuid(97))
    nothing = {row.type for row in Policy.shipped().rows.catalogue}
    assert resource.type not in nothing
    directory = DIRECTORY.changed(add=[ResourceRecord(resource, (ACME,))])
    ask = Authorizer(directory=directory).check
    role = ResourceRole.ORG_MEMBER
    assert ask(SUSPENDED, role, resource).reason is Reason.SUBJECT_INACTIVE
    assert ask(MEMBER, role, resource).reason is Reason.NO_GRANT
    read_only = Credential(read_only=True)
    assert ask(MEMBER, role, resource, credential=read_only).reason is Reason.REFUSED_BY_GUARD
    unknown = Resource(ResourceType.GROUP_MEMBERSHIP_CHANGED, uuid(98))
    assert ask(MEMBER, role, unknown).reason is Reason.UNKNOWN_RESOURCE


def test_an_allow_rests_on_a_grant_that_reaches_the_resource() -> None:
    """A grant on own resources, however near, is not what allows it on somebody else's."""
    other = Resource(ResourceType.WORKFLOW_EXECUTION, uuid(96))
    joins = Membership(uuid(95), EDITORS, OWNER)
    directory = DIRECTORY.changed(add=[ResourceRecord(other, (WORKFLOW,)), joins])
    ask = Authorizer(directory=directory).authorize
    decision = ask(OWNER, Action.GET, other)
    assert decision.grant
    assert (decision.grant.role, decision.grant.reach) == (ResourceRole.WORKFLOW_VIEWER, Reach.ANY)
    assert str(decision.hold) == f"workflow_admin on {WORKFLOW}, as its owner"
    denied = ask(EDITOR, Action.GET, other)
    assert denied.reason is Reason.OWN_ONLY
    assert denied.grant
    assert denied.grant.reach is Reach.OWN
