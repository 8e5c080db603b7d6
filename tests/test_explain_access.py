"""Explanations of somebody's access: every path is one, every change allows, none is missing."""

import itertools
import json

from hypothesis import given

from rbac import Action, Authorizer, Credential, Reason, ResourceRole
from rbac.access import Access
from rbac.entries import BITS
from rbac.explain_access import AccessChange, AccessExplanation
from rbac.guards import DEFAULT
from rbac.policy import Policy
from rbac.records import Assignment, Group, Membership, SubjectRecord
from rbac.table import DecisionTable
from rbac.terms import InstanceQuestion
from rbac.vocabulary import UserStatus
from tests.organization import (
    DIRECTORY,
    DOCS,
    EDITOR,
    EDITORS,
    EXECUTION,
    MEMBER,
    OWNER,
    READERS,
    RUNNER,
    SUSPENDED,
    WEB,
    uuid,
)
from tests.strategies import examples
from tests.worlds import EVERY, SUBJECTS, World, worlds


def explained(access: Access, question: InstanceQuestion) -> AccessExplanation:
    """The explanation under test."""
    return AccessExplanation(access, question)


def allowed_after(access: Access, question: InstanceQuestion, change: AccessChange) -> bool:
    """Whether the change, made in earnest, allows what was asked."""
    directory, table = access.directory, access.table
    subject, role, resource, action, credential = question
    assert subject is not None
    who = directory.subject(subject)
    assert who is not None
    record = who.record
    if change.kind == "credential":
        credential = change.credential
    elif change.kind == "join":
        assert change.group
        directory = directory.changed(add=[Membership(uuid(90), change.group, subject)])
    elif change.kind == "assign":
        assert change.on
        assert change.role
        group = Group(uuid(91), record.organization or "")
        joins = Membership(uuid(90), group.id, subject)
        given_role = Assignment(uuid(92), group.id, change.on, change.role)
        directory = directory.changed(add=[group, joins, given_role])
    elif change.kind == "own":
        assert change.on
        entry = directory.resource(change.on)
        assert entry
        owned = entry.record._replace(owner=subject)
        directory = directory.changed(remove=[entry.record], add=[owned])
    elif change.kind == "grant":
        assert change.grant
        rows = table.policy.rows
        table = DecisionTable(Policy(rows._replace(grants=(*rows.grants, change.grant))))
    else:
        directory = directory.changed(remove=[record], add=[standing(record, change)])
    after = Access(table, directory, access.guards)
    return after.decide(subject, role, resource, action, credential).allowed


def standing(record: SubjectRecord, change: AccessChange) -> SubjectRecord:
    """The record of a subject whose standing has changed."""
    if change.kind == "activate":
        return record._replace(status=UserStatus.ACTIVE, valid_until=None)
    assert change.organization_role
    return record._replace(role=change.organization_role)


@examples(12)
@given(worlds())
def test_each_change_made_in_earnest_allows(world: World) -> None:
    """Whatever is proposed to somebody who is refused, done to the directory, allows it."""
    access = Access(DecisionTable(world.policy), world.directory, DEFAULT)
    for row, subject in itertools.product(world.policy.rows.catalogue, SUBJECTS):
        for resource in (each for each in EVERY if each.type is row.type):
            question = InstanceQuestion(subject, None, resource, row.action)
            explanation = explained(access, question)
            assert explanation.decision == access.decide(*question)
            assert bool(explanation.paths) is explanation.decision.allowed
            for change in explanation.changes:
                assert not explanation.decision.allowed
                assert allowed_after(access, question, change), change


@examples(12)
@given(worlds())
def test_no_group_to_join_is_missing(world: World) -> None:
    """Every group whose membership alone would allow it is among the changes."""
    access = Access(DecisionTable(world.policy), world.directory, DEFAULT)
    groups = world.directory.tables.groups
    for row, subject in itertools.product(world.policy.rows.catalogue, SUBJECTS[:3]):
        for resource in (each for each in EVERY if each.type is row.type):
            question = InstanceQuestion(subject, None, resource, row.action)
            who = world.directory.subject(subject)
            if who is None or access.decide(*question).allowed:
                continue
            proposed = {change.group for change in explained(access, question).changes}
            for group in set(groups) - set(who.groups):
                if groups[group].organization == who.organization:
                    change = AccessChange("join", group=group)
                    try:
                        would = allowed_after(access, question, change)
                    except Exception:
                        would = False
                    assert (group in proposed) is would


@examples(12)
@given(worlds())
def test_paths_are_ways_of_being_allowed(world: World) -> None:
    """Each path starts at a role that is given there and ends at a grant that permits."""
    access = Access(DecisionTable(world.policy), world.directory, DEFAULT)
    for row, subject in itertools.product(world.policy.rows.catalogue, SUBJECTS):
        for resource in (each for each in EVERY if each.type is row.type):
            question = InstanceQuestion(subject, None, resource, row.action)
            explanation = explained(access, question)
            for hold, basis in explanation.paths:
                who, about = access.directory.subject(subject), access.directory.resource(resource)
                assert who
                assert about
                assert BITS[hold.role] & access.given(who, about)
                assert basis.through[0] is hold.role
                assert basis.through[-1] is basis.grant.role
                assert basis.grant in world.policy.rows.grants
                assert basis.grant.permission == (row.action, row.type)
            if explanation.paths:
                first = explanation.paths[0]
                assert len(explanation.decision.through) == len(first.basis.through)


AUTHORIZER = Authorizer(directory=DIRECTORY)


def changes(subject: object, action: Action, resource: object, **more: object) -> set[str]:
    """What would allow it, in words."""
    explanation = AUTHORIZER.explain(subject, None, resource, action, **more)  # type: ignore[call-overload]
    return {str(change) for change in explanation.changes}


def test_a_denial_says_what_would_allow_it() -> None:
    """A member who may not update a project is told the group, the roles and the rest."""
    assert changes(MEMBER, Action.UPDATE, WEB) == {
        f"join group {EDITORS}, which holds project_editor on {WEB}",
        f"be given project_editor on {WEB}",
        f"be given project_admin on {WEB}",
        f"be given org_admin on organization:{uuid(1)}",
        f"be given org_projects_admin on organization:{uuid(1)}",
        f"own {WEB}",
        "be admin of the organization",
        "add the grant: p, org_member, project, update, any",
    }


def test_who_only_executes_is_told_to_own() -> None:
    """Where a role reaches own resources only, owning the resource would do."""
    assert AUTHORIZER.authorize(EDITOR, Action.GET, EXECUTION).allowed
    joined = Authorizer(directory=DIRECTORY.changed(add=[Membership(uuid(90), EDITORS, MEMBER)]))
    explanation = joined.explain(MEMBER, None, EXECUTION, Action.GET)
    assert explanation.decision.reason is Reason.OWN_ONLY
    assert f"own {EXECUTION}" in map(str, explanation.changes)


def test_an_inactive_subject_is_told_to_be_active() -> None:
    """What only the standing of the subject forbids, the standing would allow."""
    assert changes(SUSPENDED, Action.UPDATE, WEB) == {"be active"}


def test_a_read_only_credential_is_told_to_be_another() -> None:
    """What only the credential forbids, another credential would allow."""
    read_only = Credential(read_only=True)
    assert changes(EDITOR, Action.UPDATE, WEB, credential=read_only) == {
        "use a credential that may write"
    }


def test_an_unmet_requirement_is_met_on_what_it_is_about() -> None:
    """To use a project, its editor would need to use the runner that the project names."""
    found = changes(EDITOR, Action.USE, WEB)
    assert f"be given runner_user on {RUNNER}" in found
    assert not any(f"on {WEB}" in change for change in found)


def test_what_nobody_can_do_has_no_changes() -> None:
    """Where nothing single would do, nothing is proposed."""
    assert changes(MEMBER, Action.SIGNUP, WEB) == set()


def test_opening_is_counted_over_the_directory() -> None:
    """A change to a group of one project opens that project; an organization role, everything."""
    explanation = AUTHORIZER.explain(MEMBER, None, WEB, Action.UPDATE)
    opened = {str(change): explanation.opens(change) for change in explanation.changes}
    editor = opened[f"be given project_editor on {WEB}"]
    admin = opened["be admin of the organization"]
    assert editor.resources == 3  # the project, its list of classes, and its secret
    assert editor.permissions < admin.permissions
    assert editor.resources < admin.resources


def test_the_least_opening_change_comes_first() -> None:
    """Whoever takes the first proposal gives away the least."""
    explanation = AUTHORIZER.explain(MEMBER, None, WEB, Action.UPDATE)
    ranked = explanation.ranked()
    assert {change for change, _ in ranked} == set(explanation.changes)
    assert [opened for _, opened in ranked] == sorted(opened for _, opened in ranked)
    assert all(opened == explanation.opens(change) for change, opened in ranked)


def test_opening_counts_what_a_second_permission_opens() -> None:
    """To use a runner opens the projects that take it and that one may use already."""
    lent = Assignment(uuid(95), READERS, RUNNER, ResourceRole.RUNNER_USER)
    before = Authorizer(directory=DIRECTORY.changed(add=[lent]))
    explanation = before.explain(EDITOR, None, RUNNER, Action.USE)
    (join,) = (change for change in explanation.changes if change.kind == "join")
    joined = Membership(uuid(90), READERS, EDITOR)
    assert before.directory
    after = Authorizer(directory=before.directory.changed(add=[joined]))
    assert after.authorize(EDITOR, Action.USE, WEB)
    gained = [
        (action, entry.resource)
        for entry in DIRECTORY.resources()
        for action in after.search_actions(EDITOR, entry.resource)
        if not before.authorize(EDITOR, action, entry.resource)
    ]
    assert explanation.opens(join).permissions == len(gained) - 1


def test_opening_is_what_asking_about_everything_finds() -> None:
    """The count is of all that is allowed after the change and was not before."""
    explanation = AUTHORIZER.explain(MEMBER, None, WEB, Action.UPDATE)
    for change in explanation.changes:
        if change.kind != "join":
            continue
        after = Authorizer(directory=DIRECTORY.changed(add=[Membership(uuid(90), EDITORS, MEMBER)]))
        gained = [
            (action, entry.resource)
            for entry in DIRECTORY.resources()
            for action in after.search_actions(MEMBER, entry.resource)
            if not AUTHORIZER.authorize(MEMBER, action, entry.resource)
        ]
        opened = explanation.opens(change)
        assert opened.permissions == len(gained) - 1
        others = {
            resource for action, resource in gained if (action, resource) != (Action.UPDATE, WEB)
        }
        assert opened.resources == len(others)


def test_an_explanation_is_plain_json() -> None:
    """Machines get the decision, every path and every change."""
    for subject, resource in ((EDITOR, WEB), (MEMBER, WEB), (OWNER, DOCS)):
        explanation = AUTHORIZER.explain(subject, None, resource, Action.UPDATE)
        data = json.loads(json.dumps(explanation.as_dict()))
        assert data["decision"]["allowed"] is bool(data["paths"])
        assert len(data["changes"]) == len(explanation.changes)


def test_a_role_may_be_named() -> None:
    """In a role, only that role counts: an owner acting as user may not update."""
    acting = AUTHORIZER.explain(OWNER, ResourceRole.PROJECT_USER, WEB, Action.UPDATE)
    assert not acting.decision.allowed
    held = AUTHORIZER.explain(OWNER, ResourceRole.PROJECT_EDITOR, WEB, Action.UPDATE)
    assert held.decision.allowed
    assert {path.basis.through[0] for path in held.paths} == {ResourceRole.PROJECT_EDITOR}
