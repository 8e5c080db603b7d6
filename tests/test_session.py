"""Sessions: somebody acting in some of the roles they have, and in no other."""

import copy
import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac import (
    Action,
    Authorizer,
    Credential,
    DirectoryRequired,
    Reason,
    RequestError,
    Resource,
    ResourceRole,
    ResourceType,
    Subject,
)
from rbac.constraint_rows import DynamicSeparation
from rbac.constraints import Constraints
from rbac.records import Assignment
from rbac.review import permissions_of
from rbac.review_holders import authorized_roles
from rbac.session import Session, create_session
from tests.organization import (
    ACME,
    DIRECTORY,
    EDITOR,
    EDITORS,
    OWNER,
    RECORDS,
    STRANGER,
    SUSPENDED,
    WEB,
    WORKFLOW,
    uuid,
)
from tests.strategies import ROLES, examples
from tests.worlds import EVERY, SUBJECTS, World, worlds

R = ResourceRole
AUTHORIZER = Authorizer(directory=DIRECTORY)
APART = Constraints(
    [DynamicSeparation("apart", "one hat at a time", 1, (R.PROJECT_EDITOR, R.WORKFLOW_EXECUTOR))]
)


@examples(40)
@given(worlds(), st.data())
def test_a_session_may_what_some_active_role_may(world: World, data: st.DataObject) -> None:
    """CheckAccess: allowed iff a check in some active role is, on every permission and resource."""
    authorizer = Authorizer(world.policy, world.directory)
    catalogue = [(row.type, row.action) for row in world.policy.rows.catalogue]
    for subject in SUBJECTS:
        if world.directory.subject(subject) is None:
            continue
        has = sorted(authorized_roles(authorizer.access, subject), key=str)
        if not has:
            continue
        roles = data.draw(st.lists(st.sampled_from(has), min_size=1, max_size=3, unique=True))
        session = create_session(authorizer, subject, roles)
        for resource, (type, action) in itertools.product(EVERY, catalogue):
            if resource.type is type:
                decision = session.authorize(action, resource)
                checks = [authorizer.check(subject, role, resource, action) for role in roles]
                assert decision.allowed is any(checks)
                assert decision in checks
                if decision:
                    assert authorizer.authorize(subject, action, resource)


def test_only_roles_that_are_had_can_be_active() -> None:
    """Every role of every subject: a session is made exactly where it is authorized for it."""
    for entry in DIRECTORY.subjects():
        for role, on in itertools.product(ROLES, (None, ACME, WEB, WORKFLOW)):
            has = authorized_roles(AUTHORIZER.access, entry.subject, on)
            if role in has:
                session = create_session(AUTHORIZER, entry.subject, [role], on=on)
                assert session.roles == (role,)
            else:
                with pytest.raises(RequestError, match=f"does not have {role.short}"):
                    create_session(AUTHORIZER, entry.subject, [role], on=on)


def test_a_junior_may_be_active_alone() -> None:
    """Who is admin of a project may act in it as its user, and then may no more than that."""
    session = create_session(AUTHORIZER, OWNER, [R.PROJECT_USER])
    assert session.authorize(Action.GET, WEB)
    refused = session.authorize(Action.DELETE, WEB)
    assert not refused
    assert refused.reason is Reason.NO_GRANT
    assert AUTHORIZER.authorize(OWNER, Action.DELETE, WEB)
    assert session.permissions == permissions_of(AUTHORIZER.access.table, R.PROJECT_USER)


def test_roles_are_activated_and_dropped_in_new_sessions() -> None:
    """A session never changes; another has one role more or one less."""
    one = create_session(AUTHORIZER, EDITOR, [R.PROJECT_USER, R.PROJECT_USER])
    two = one.add_active_role(R.WORKFLOW_EXECUTOR)
    assert (one.roles, two.roles) == ((R.PROJECT_USER,), (R.PROJECT_USER, R.WORKFLOW_EXECUTOR))
    assert two.drop_active_role(R.WORKFLOW_EXECUTOR) == one
    assert two == create_session(AUTHORIZER, EDITOR, [R.WORKFLOW_EXECUTOR, R.PROJECT_USER])
    assert hash(two) == hash(create_session(AUTHORIZER, EDITOR, reversed(two.roles)))
    assert two != one
    assert copy.copy(one) is one
    assert repr(one) == f"<Session of {EDITOR} as project_user>"
    with pytest.raises(AttributeError):
        one.roles = ()
    with pytest.raises(TypeError, match="belongs to its authorizer"):
        pickle.dumps(one)


def activate(roles: list[ResourceRole], added: ResourceRole | None) -> None:
    """Makes a session in some roles, then activates one more."""
    session = create_session(AUTHORIZER, EDITOR, roles, APART)
    if added is not None:
        session.add_active_role(added)


@pytest.mark.parametrize(
    ("roles", "added", "message"),
    [
        ([], None, "without an active role"),
        ([R.PROJECT_USER], R.PROJECT_USER, "project_user is active already"),
        ([R.PROJECT_USER], R.PROJECT_ADMIN, "does not have project_admin anywhere"),
        ([R.PROJECT_USER, R.UNSPECIFIED], None, "UNSPECIFIED"),
        ([R.PROJECT_USER], R.UNSPECIFIED, "UNSPECIFIED"),
        ([R.PROJECT_EDITOR, R.WORKFLOW_EXECUTOR], None, "apart: project_editor and workflow_exec"),
        ([R.PROJECT_EDITOR], R.WORKFLOW_EXECUTOR, "at most 1 of them may be: one hat at a time"),
    ],
)
def test_what_cannot_be_active_is_refused(
    roles: list[ResourceRole], added: ResourceRole | None, message: str
) -> None:
    """Each refusal says which role, or which constraint."""
    with pytest.raises(RequestError, match=message):
        activate(roles, added)


def test_dynamic_separation_holds_for_what_active_roles_include() -> None:
    """A senior counts as its junior: the admin of a project cannot run its workflow as well."""
    both = create_session(AUTHORIZER, OWNER, [R.PROJECT_ADMIN, R.WORKFLOW_ADMIN])
    assert both.roles == (R.PROJECT_ADMIN, R.WORKFLOW_ADMIN)
    with pytest.raises(RequestError, match="apart"):
        create_session(AUTHORIZER, OWNER, [R.PROJECT_ADMIN, R.WORKFLOW_ADMIN], APART)
    create_session(AUTHORIZER, OWNER, [R.PROJECT_USER, R.WORKFLOW_ADMIN], APART)


def test_dropping_is_refused_where_it_means_nothing() -> None:
    """The last role, and one that is not active, cannot be dropped."""
    session = create_session(AUTHORIZER, EDITOR, [R.PROJECT_USER])
    with pytest.raises(RequestError, match="without an active role"):
        session.drop_active_role(R.PROJECT_USER)
    with pytest.raises(RequestError, match="project_admin is not active"):
        session.drop_active_role(R.PROJECT_ADMIN)
    with pytest.raises(TypeError):
        session.drop_active_role("project_user")  # type: ignore[arg-type]


def test_a_session_outlives_no_role_that_was_taken_away() -> None:
    """After a reload without the assignment the same session denies."""
    authorizer = Authorizer(directory=DIRECTORY)
    session = create_session(authorizer, EDITOR, [R.PROJECT_EDITOR])
    assert session.authorize(Action.UPDATE, WEB)
    taken = Assignment(uuid(50), EDITORS, WEB, R.PROJECT_EDITOR)
    assert taken in RECORDS.assignments
    authorizer.reload(directory=DIRECTORY.changed(remove=[taken]))
    assert session.authorize(Action.UPDATE, WEB).reason is Reason.NOT_HELD


def test_guards_refuse_in_sessions_too() -> None:
    """A suspended subject and a read-only credential get no further than without a session."""
    suspended = create_session(AUTHORIZER, SUSPENDED, [R.PROJECT_EDITOR])
    assert suspended.authorize(Action.UPDATE, WEB).reason is Reason.SUBJECT_INACTIVE
    session = create_session(AUTHORIZER, EDITOR, [R.PROJECT_EDITOR])
    used = Credential(read_only=True)
    assert not session.authorize(Action.UPDATE, WEB, credential=used)
    assert session.authorize(Action.GET, WEB, credential=used)


def test_wrong_arguments_are_refused_loudly() -> None:
    """Without a directory, for nobody known and with other types there is no session."""
    with pytest.raises(DirectoryRequired):
        create_session(Authorizer(), EDITOR, [R.PROJECT_USER])
    with pytest.raises(RequestError, match="unknown subject"):
        create_session(AUTHORIZER, STRANGER, [R.PROJECT_USER])
    nowhere = Resource(ResourceType.PROJECT, uuid(99))
    with pytest.raises(RequestError, match="unknown resource"):
        create_session(AUTHORIZER, EDITOR, [R.PROJECT_USER], on=nowhere)
    with pytest.raises(TypeError, match="authorizer must be"):
        create_session(None, EDITOR, [R.PROJECT_USER])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="subject must be"):
        create_session(AUTHORIZER, "user", [R.PROJECT_USER])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="role must be"):
        create_session(AUTHORIZER, EDITOR, ["project_user"])  # type: ignore[list-item]
    session = create_session(AUTHORIZER, EDITOR, [R.PROJECT_USER])
    assert isinstance(session, Session)
    assert isinstance(session.subject, Subject)
