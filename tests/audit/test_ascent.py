"""What one subject can come to, against making every permitted change until nothing changes."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given

from rbac import Action, Authorizer, Directory, Policy, Principal, Resource, ResourceRole, Subject
from rbac.access import Access
from rbac.administration import AddMember, Assign, Change, SetOrganizationRole, Share, changed
from rbac.audit.ascent import IMPERSONATING, Ascent, Path, Step, Target
from rbac.audit.escalation import Way
from rbac.audit.radius import Doing, after, before, permitted, radius
from rbac.audit.routes import paths_to, refusals, refused_as
from rbac.entries import BITS, SubjectEntry
from rbac.granting import Granting
from rbac.granting_rules import broken_rules
from rbac.records import Assignment, ResourceRecord
from rbac.vocabulary import OrganizationRole, ResourceType
from tests.company import ADMINS, COMPANY, HELD_ON, MANAGER, MANAGERS, companies
from tests.organization import (
    ACME,
    ADMIN,
    BOX,
    DOCS,
    EDITOR,
    EDITORS,
    MEMBER,
    OWNER,
    READERS,
    ROBOT,
    RUNNER,
    WEB,
    WORKFLOW,
    uuid,
)
from tests.strategies import examples

R, A, T = ResourceRole, Action, ResourceType
ACTORS = [OWNER, EDITOR, MEMBER, MANAGER, ROBOT, ADMIN]
MINTED = {
    T.SERVICE_ACCOUNT: (A.CREATE_ACCESS_TOKEN, Principal.SERVICE_ACCOUNT),
    T.RUNNER: (A.CREATE_RUNNER_TOKEN, Principal.RUNNER),
    T.ENVIRONMENT: (A.CREATE_ACCESS_TOKEN, Principal.ENVIRONMENT),
}
POLICIES = [(T.PROJECT, A.CREATE_POLICY), (T.PROJECT, A.UPDATE_POLICY)]
POLICIES += [(T.RUNNER, A.CREATE_POLICY), (T.RUNNER, A.UPDATE_POLICY)]


class Alone:
    """Somebody who makes every change it may in favour of itself, on real directories."""

    def __init__(self, directory: Directory, actor: Subject) -> None:
        self.directory, self.actor = directory, actor
        self.identities = {actor}
        while self._mints() or self._changes():
            pass

    @property
    def access(self) -> Access:
        """What answers now."""
        return Authorizer(directory=self.directory).access

    def may(self, who: Subject, action: Action, resource: Resource) -> bool:
        """Whether it may do something, itself or as another."""
        used = None if who == self.actor else IMPERSONATING
        return self.access.decide(who, None, resource, action, used).allowed

    def _mints(self) -> bool:
        """Takes every credential that acts as somebody else."""
        found: set[Subject] = set()
        for who, entry in itertools.product(self.identities, self.directory.resources()):
            action, kind = MINTED.get(entry.type, (None, None))
            if action and kind and self.may(who, action, entry.resource):
                found.add(Subject(kind, entry.id))
            if entry.type is T.AGENT_EXECUTION and self.may(
                who, A.CREATE_ACTOR_TOKEN, entry.resource
            ):
                people = (entry.owner, entry.creator, entry.executor)
                found |= {each for each in people if each and self.directory.subject(each)}
        grown = not found <= self.identities
        self.identities |= found
        return grown

    def _changes(self) -> bool:
        """Makes every change that somebody may make now and that gives something."""
        access, made = self.access, False
        granting = Granting(Authorizer(directory=self.directory))
        for change in list(self._all()):
            for who in sorted(self.identities, key=str):
                used = None if who == self.actor else IMPERSONATING
                if granting.may(who, change, credential=used) or self._by_policy(
                    who, change, access
                ):
                    self.directory, made = changed(self.directory, change), True
                    break
        return made

    def _by_policy(self, who: Subject, change: Change, access: Access) -> bool:
        """Whether it may share by editing the policy of a project or runner."""
        return isinstance(change, Share) and any(
            type is change.resource.type
            and self.may(who, action, change.resource)
            and not list(broken_rules(access, who, change))
            for type, action in POLICIES
        )

    def _all(self) -> Iterator[Change]:
        """Every change in favour of an identity that has not been made."""
        access = self.access
        for whom in sorted(self.identities, key=str):
            entry = access.directory.subject(whom)
            assert entry
            for about in access.directory.resources():
                for role in (role for role, on in HELD_ON.items() if on is about.type):
                    if not any(hold.role is role for hold in access.holds_on(entry, about)):
                        yield Share(role, whom, about.resource)
                        yield from (Assign(role, group, about.resource) for group in entry.groups)
            for group in access.directory.tables.groups:
                yield AddMember(whom, group)
            if entry.role is not OrganizationRole.ADMIN:
                yield SetOrganizationRole(whom, OrganizationRole.ADMIN)

    def reach(self) -> set[Doing]:
        """All that it may do in the end, to what was there."""
        found: set[Doing] = set()
        for each in self.identities:
            who = self.directory.subject(each)
            assert who
            used = None if each == self.actor else IMPERSONATING
            found |= permitted(self.access, who, used)
        return found


def ascent(directory: Directory, subject: Subject) -> Ascent:
    """All that a subject comes to."""
    access = Authorizer(directory=directory).access
    return Ascent(access, entry(access, subject))


def entry(access: Access, subject: Subject) -> SubjectEntry:
    """The entry of somebody who is there."""
    found = access.directory.subject(subject)
    assert found
    return found


def holds_to_the_changes(directory: Directory, actor: Subject) -> None:
    """Holds what is found to what comes of making every change."""
    found, alone = ascent(directory, actor), Alone(directory, actor)
    assert {who.subject for who in found.identities} == alone.identities
    there = {about.resource for about in directory.resources()}
    assert after(found) == {doing for doing in alone.reach() if doing[1] in there}
    assert before(found) <= after(found)
    assert radius(found) == (len(before(found)), len(after(found)))


@pytest.mark.parametrize("actor", [OWNER, EDITOR, MEMBER, MANAGER, ROBOT], ids=str)
def test_it_is_what_comes_of_every_change(actor: Subject) -> None:
    """Somebody comes to exactly what making every permitted change for itself gives."""
    holds_to_the_changes(COMPANY, actor)


@examples(5)
@given(companies())
def test_it_is_what_comes_of_every_change_anywhere(company: Directory) -> None:
    """So it is whatever roles groups hold."""
    for actor in (MANAGER, EDITOR, ROBOT):
        holds_to_the_changes(company, actor)
        holds_paths_walkable(company, actor)


def holds_paths_walkable(directory: Directory, actor: Subject) -> None:
    """Holds every path to what comes of walking it, a step at a time, on real directories."""
    found = ascent(directory, actor)
    for target, path in found.paths.items():
        walked = walk(directory, actor, path)
        if target.scope is None:
            assert path[-1].whom == target.who.subject
        else:
            access = Authorizer(directory=walked).access
            who, scope = (
                entry(access, target.who.subject),
                access.directory.resource(target.scope.resource),
            )
            assert scope
            assert access.given(who, scope) & target.role


def walk(directory: Directory, actor: Subject, path: Path) -> Directory:
    """Takes steps one after another; each must be permitted when it is taken."""
    identities = {actor}
    for step in path:
        access = Authorizer(directory=directory).access
        used = None if step.actor == actor else IMPERSONATING
        assert step.actor in identities
        action = step.permission.action
        assert access.decide(step.actor, None, step.on, action, used)
        if not step.gives:
            identities.add(step.whom)
            continue
        assert step.whom in identities
        change = change_of(step)
        assert not list(broken_rules(access, step.actor, change))
        directory = changed(directory, change)
    return directory


def change_of(step: Step) -> Change:
    """The change that a step is."""
    assert isinstance(step.on, Resource)
    if step.way is Way.JOIN:
        return AddMember(step.whom, step.on.id)
    if step.way is Way.SET_ROLE:
        return SetOrganizationRole(step.whom, OrganizationRole.ADMIN)
    assert step.way is Way.SHARE
    ((role, resource),) = step.gives
    return Share(role, step.whom, resource)


SWARM = COMPANY.changed(
    add=[
        ResourceRecord(
            Resource(T.AGENT_EXECUTION, uuid(60)), (ACME,), MEMBER, MEMBER, references=(RUNNER,)
        ),
        ResourceRecord(
            Resource(T.AGENT_EXECUTION, uuid(61)), (ACME,), OWNER, ROBOT, references=(BOX, RUNNER)
        ),
        Assignment(uuid(90), EDITORS, RUNNER, R.RUNNER_ADMIN),
    ]
)
"""An editor may act as a runner, and so as everybody whose agents run there."""


@pytest.mark.parametrize("lent", [R.PROJECT_ADMIN, R.WORKFLOW_EXECUTOR])
def test_it_is_so_for_whoever_acts_as_many(lent: ResourceRole) -> None:
    """Identities give each other what is worth more to one of them, and nothing is lost."""
    thing = WORKFLOW if HELD_ON[lent] is T.WORKFLOW else DOCS
    directory = SWARM.changed(add=[Assignment(uuid(91), READERS, thing, lent)])
    holds_to_the_changes(directory, EDITOR)
    holds_paths_walkable(directory, EDITOR)


def test_a_runner_leads_to_everybody_whose_agents_it_runs() -> None:
    """Who administers a runner acts as it, and as whoever has an agent execution on it."""
    identities = {str(who.subject) for who in ascent(SWARM, EDITOR).identities}
    assert {f"runner:{RUNNER.id}", str(MEMBER), str(OWNER), str(ROBOT)} <= identities


ROBOT_ITSELF = Resource(T.SERVICE_ACCOUNT, ROBOT.id)
ROWS = COMPANY.policy.rows
OPENED = Policy(
    ROWS._replace(
        roles=tuple(
            row._replace(assignable=True) if row.role is R.SERVICE_ACCOUNT_ADMIN else row
            for row in ROWS.roles
        )
    )
)
"""The shipped policy, but for one role that people may assign."""

LADDER = COMPANY.under(OPENED).changed(
    add=[
        Assignment(uuid(90), EDITORS, ROBOT_ITSELF, R.SERVICE_ACCOUNT_ADMIN),
        Assignment(uuid(91), READERS, Resource(T.GROUP, ADMINS), R.GROUP_ADMIN),
        Assignment(uuid(92), READERS, ACME, R.ORG_ADMIN),
    ]
)
"""An editor may act as a service account that administers the organization."""


def test_a_path_names_every_step_in_order() -> None:
    """Who can act as an administrator can make itself one: two steps, each by its permission."""
    found = ascent(LADDER, EDITOR)
    assert {ROBOT, EDITOR} <= {who.subject for who in found.identities}
    acme = found.access.directory.resource(ACME)
    assert acme
    path = paths_to(found, R.ORG_ADMIN)[acme]
    assert [str(step) for step in path] == [
        f"{EDITOR} may create_access_token {ROBOT_ITSELF}, and acts as {ROBOT}"
    ]
    own = found.paths[Target(found.actor, acme, BITS[R.ORG_ADMIN])]
    assert own[:1] == path
    assert [step.actor for step in own] == [EDITOR, ROBOT]
    assert len(own) == 2
    holds_paths_walkable(LADDER, EDITOR)
    assert radius(found).after > 2 * radius(found).before
    assert not refusals(found, R.ORG_ADMIN)
    assert not refused_as(found, entry(found.access, ROBOT))


def test_who_holds_a_role_already_takes_no_step() -> None:
    """What somebody has as it is has a path without steps."""
    found = ascent(COMPANY, ADMIN)
    assert list(paths_to(found, R.ORG_ADMIN).values()) == [()]
    assert not refusals(found, R.ORG_ADMIN)


def test_every_route_that_is_refused_says_by_what() -> None:
    """A groups admin does not become an organization admin: no route is open, each says why."""
    lent = COMPANY.changed(add=[Assignment(uuid(90), READERS, ACME, R.ORG_ADMIN)])
    found = ascent(lent, MANAGER)
    assert not paths_to(found, R.ORG_ADMIN)
    why = {each.route: each.why for each in refusals(found, R.ORG_ADMIN)}
    beyond = f"role_beyond_the_actor: org_admin on {ACME}"
    assert why == {
        f"be made an administrator of {ACME}": f"no_grant: set_role {ACME}",
        f"be given org_admin on {ACME}": f"no_grant: grant {ACME}",
        f"join group:{ADMINS}, which holds org_admin on {ACME}": beyond,
        f"join group:{READERS}, which holds org_admin on {ACME}": (
            f"role_beyond_the_actor: project_user on {WEB}"
        ),
        f"act as {ROBOT}, which holds org_admin on {ACME}": (
            f"no_grant: create_access_token {ROBOT_ITSELF}"
        ),
    }
    (refusal,) = refused_as(found, entry(found.access, ROBOT))
    assert refusal == (f"act as {ROBOT}", f"no_grant: create_access_token {ROBOT_ITSELF}")
    (refusal,) = refused_as(found, entry(found.access, ADMIN))
    assert refusal.why == "no credential acts as it"


def test_a_rule_that_falls_opens_the_route() -> None:
    """A group is joined as soon as each role that it holds could be granted."""
    shared = COMPANY.changed(
        add=[
            Assignment(uuid(90), MANAGERS, WEB, R.PROJECT_ADMIN),
            Assignment(uuid(91), EDITORS, RUNNER, R.RUNNER_USER),
        ]
    )
    found = ascent(shared, MANAGER)
    runner = found.access.directory.resource(RUNNER)
    assert runner not in paths_to(found, R.RUNNER_USER)
    named = {each.why for each in refusals(found, R.RUNNER_USER)}
    assert f"role_beyond_the_actor: runner_user on {RUNNER}" in named
    more = shared.changed(add=[Assignment(uuid(92), MANAGERS, RUNNER, R.RUNNER_ADMIN)])
    holds_to_the_changes(more, MANAGER)
    holds_paths_walkable(more, MANAGER)
