"""The definition: what a decision means, in two pages, to be read aloud.

Knows DESIGN's section on meaning and nothing else. It is slow, it is the truth, and every
other evaluator is tested against it; so it must not share code with them: no index, no
closure, no table.

    Roles add, requirements and guards take away, invariants forbid. Default deny.

A question of the kinds form asks the policy alone: what may any such principal do that
holds the role? The requirements that an instance would have to meet are named, not asked.
A question of the instances form asks about somebody and something, by the records of a
directory, which were found valid.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbac.decision import Reason
from rbac.light import NamedTuple
from rbac.policy import Policy
from rbac.records import ITSELF, SINGLETONS, Records, SubjectRecord
from rbac.rows import CredentialKind, Level, Need, Reach, Relation
from rbac.terms import Credential, InstanceQuestion, NewResource, Question, Resource, Subject
from rbac.vocabulary import (
    Action,
    OrganizationRole,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)


def eligible(policy: Policy, principal: Principal, role: ResourceRole) -> bool:
    """A principal is eligible for a role if the policy says so."""
    return any(row.principal is principal and row.role is role for row in policy.rows.eligibility)


def includes(policy: Policy, senior: ResourceRole, junior: ResourceRole) -> bool:
    """A role includes itself, and whatever a role it is senior to includes."""
    return senior is junior or any(
        row.senior is senior and includes(policy, row.junior, junior)
        for row in policy.rows.seniority
    )


def exists(policy: Policy, action: Action, type: ResourceType) -> bool:
    """A permission exists if the catalogue lists it."""
    return any(row.type is type and row.action is action for row in policy.rows.catalogue)


def permits(
    policy: Policy, role: ResourceRole, action: Action, type: ResourceType, own: bool
) -> bool:
    """A role permits what it, or a role it includes, has a grant for, within its reach."""
    return any(
        grant.type is type
        and grant.action is action
        and (grant.reach is Reach.ANY or own)
        and includes(policy, role, grant.role)
        for grant in policy.rows.grants
    )


def allows(policy: Policy, question: Question) -> bool:
    """Allowed iff the principal may hold the role, and the role permits it."""
    assert question.action is not None, "a cell names an action"
    return eligible(policy, question.principal, question.role) and permits(
        policy, question.role, question.action, question.type, question.own
    )


def reason(policy: Policy, question: Question) -> Reason:
    """The first reason, in order of precedence, that applies."""
    principal, role, type, action, own = question
    actions = [action] if action is not None else _actions(policy, type)
    if action is not None and not exists(policy, action, type):
        return Reason.NO_SUCH_PERMISSION
    if not eligible(policy, principal, role):
        return Reason.NOT_ELIGIBLE
    if any(permits(policy, role, each, type, own) for each in actions):
        return Reason.GRANTED
    if any(permits(policy, role, each, type, True) for each in actions):
        return Reason.OWN_ONLY
    return Reason.NO_GRANT


def readable(policy: Policy, question: Question) -> bool:
    """Whether the principal, in the role, may read anything there; else it is not shown."""
    principal, role, type, _, own = question
    return eligible(policy, principal, role) and any(
        row.type is type
        and row.level is Level.READ
        and permits(policy, role, row.action, type, own)
        for row in policy.rows.catalogue
    )


def _actions(policy: Policy, type: ResourceType) -> list[Action]:
    return [row.action for row in policy.rows.catalogue if row.type is type]


class Thing(NamedTuple):
    """What is asked about: a resource that a record says or implies, or a new one."""

    type: ResourceType
    resource: Resource | None
    parents: tuple[Resource, ...] = ()
    creator: Subject | None = None
    owner: Subject | None = None
    executor: Subject | None = None
    references: tuple[Resource, ...] = ()


def thing(records: Records, resource: Resource | NewResource) -> Thing | None:
    """A resource exists if a record says so, or if its subject, group or container implies it."""
    if isinstance(resource, NewResource):
        return Thing(
            resource.type, None, resource.within, None, resource.owner, None, resource.naming
        )
    for record in records.resources:
        if record.resource == resource:
            return Thing(resource.type, *record)
    for organization in records.organizations:
        if resource == Resource(ResourceType.ORGANIZATION, organization.id):
            return Thing(resource.type, resource)
    for group in records.groups:
        if resource == Resource(ResourceType.GROUP, group.id):
            return Thing(resource.type, resource, _organization(group.organization))
    for each in records.subjects:
        if is_itself(each.subject, resource):
            return Thing(resource.type, resource, _organization(each.organization))
    container = SINGLETONS.get(resource.type)
    if container is None or thing(records, Resource(container, resource.id)) is None:
        return None
    return Thing(resource.type, resource, (Resource(container, resource.id),))


def _organization(id: str | None) -> tuple[Resource, ...]:
    return () if id is None else (Resource(ResourceType.ORGANIZATION, id),)


def is_itself(subject: Subject, resource: Resource) -> bool:
    """A subject is itself a resource if there is a type of its kind."""
    return ITSELF.get(subject.principal) is resource.type and subject.id == resource.id


def scopes(records: Records, about: Thing) -> Iterator[Thing]:
    """A role is held on a resource if it is held on it, or on anything that contains it."""
    if about.resource is not None:
        yield about
    for parent in about.parents:
        container = thing(records, parent)
        assert container is not None, "a directory knows every container"
        yield from scopes(records, container)


def among(records: Records, about: Thing, type: ResourceType) -> list[Resource]:
    """The resources of one type among those that contain a resource."""
    containers = [each.resource for each in scopes(records, about) if each is not about]
    return [each for each in containers if each is not None and each.type is type]


def organization(records: Records, about: Thing) -> str | None:
    """The organization that a resource is, or lies within."""
    every = [each.resource for each in scopes(records, about) if each.resource is not None]
    ids = [each.id for each in every if each.type is ResourceType.ORGANIZATION]
    return ids[0] if ids else None


def related(records: Records, relation: Relation, who: SubjectRecord, about: Thing) -> bool:
    """Whether a subject stands in a relation to a resource."""
    subject, resource = who.subject, about.resource
    if resource is None:
        return False
    if relation is Relation.SELF:
        return is_itself(subject, resource)
    if relation is Relation.OWNER:
        return about.owner == subject
    if relation is Relation.MEMBER:
        return who.organization == resource.id and who.role is OrganizationRole.MEMBER
    if relation is Relation.ADMIN:
        return who.organization == resource.id and who.role is OrganizationRole.ADMIN
    own = list(_itself(subject))
    if relation is Relation.RUNNER:
        return any(each in runners(records, about) for each in own)
    if relation is Relation.ENVIRONMENT:
        return any(each in environments(records, about) for each in own)
    return any(
        parent in consumed(records, environment) for environment in own for parent in about.parents
    )


def _itself(subject: Subject) -> Iterator[Resource]:
    if subject.principal in ITSELF:
        yield Resource(ITSELF[subject.principal], subject.id)


def named(about: Thing, type: ResourceType) -> list[Resource]:
    """The resources of one type that a resource names."""
    return [each for each in about.references if each.type is type]


def runners(records: Records, about: Thing) -> list[Resource]:
    """The runner that a resource names, that contains it, or that its environment names."""
    found = named(about, ResourceType.RUNNER) + among(records, about, ResourceType.RUNNER)
    for each in named(about, ResourceType.ENVIRONMENT):
        environment = thing(records, each)
        assert environment is not None, "a directory knows what its resources name"
        found += named(environment, ResourceType.RUNNER)
    return found


def environments(records: Records, about: Thing) -> list[Resource]:
    """The environment that a resource runs in: the one that contains it, else the one it names."""
    type = ResourceType.ENVIRONMENT
    return among(records, about, type) or named(about, type)


def consumed(records: Records, environment: Resource) -> list[Resource]:
    """Whose secrets an environment is handed: its project's, organization's and creator's."""
    about = thing(records, environment)
    if environment.type is not ResourceType.ENVIRONMENT or about is None:
        return []
    creator = list(_itself(about.creator)) if about.creator else []
    return [
        *named(about, ResourceType.PROJECT),
        *_organization(organization(records, about)),
        *creator,
    ]


def given(
    policy: Policy, records: Records, who: SubjectRecord, about: Thing
) -> Iterator[ResourceRole]:
    """Every role that an assignment or a relation gives on a resource or what contains it.

    Derived assignments never give anything; a role counts only for who is eligible for it.
    """
    for scope in scopes(records, about):
        for assignment in records.assignments:
            if (
                assignment.resource == scope.resource
                and assignment.derived_from is ResourceRole.UNSPECIFIED
                and any(
                    membership.group == assignment.group and membership.subject == who.subject
                    for membership in records.memberships
                )
                and eligible(policy, who.subject.principal, assignment.role)
            ):
                yield assignment.role
        for row in policy.rows.derived_roles:
            if (
                row.type is scope.type
                and related(records, row.relation, who, scope)
                and eligible(policy, who.subject.principal, row.role)
            ):
                yield row.role


def owns(records: Records, subject: Subject, about: Thing) -> bool:
    """Own is what one created, owns or executes; of an action of a workflow, its execution."""
    if subject in (about.creator, about.owner, about.executor):
        return True
    if about.type is not ResourceType.WORKFLOW_EXECUTION_ACTION:
        return False
    executions = [thing(records, parent) for parent in about.parents]
    return any(each and subject in (each.creator, each.owner, each.executor) for each in executions)


def met(
    policy: Policy,
    records: Records,
    need: Need,
    who: SubjectRecord,
    about: Thing,
    credential: Credential | None,
) -> bool:
    """A requirement is met by the principal, the credential, or a second permission.

    The permission is asked on every resource of its type that the question names, or,
    where it names none, that contains what the question is about.
    """
    if isinstance(need, Principal):
        return who.subject.principal is need
    if isinstance(need, CredentialKind):
        return credential is not None and credential.impersonated
    resources = named(about, need.type) or among(records, about, need.type)
    things = [thing(records, each) for each in resources]
    return bool(things) and all(
        each is not None
        and organization(records, each) == organization(records, about)
        and any(
            permits(policy, role, need.action, need.type, owns(records, who.subject, each))
            for role in given(policy, records, who, each)
        )
        for each in things
    )


def active(who: SubjectRecord, now: float) -> bool:
    """A user acts while its status is active; others unless suspended, gone or expired."""
    statuses = [UserStatus.ACTIVE]
    if who.subject.principal is not Principal.USER:
        statuses.append(UserStatus.UNSPECIFIED)
    return who.status in statuses and (who.valid_until is None or now < who.valid_until)


def answer(
    policy: Policy, records: Records, question: InstanceQuestion, guarded: bool, now: float
) -> Reason:
    """The first reason, in order of precedence, that applies; `guarded`: with the usual guards.

    Without an action, the furthest that any action gets; where none exists, nothing is granted.
    """
    subject, role, resource, action, credential = question
    who = next((each for each in records.subjects if each.subject == subject), None)
    if who is None:
        return Reason.UNKNOWN_SUBJECT
    about = thing(records, resource)
    actions = [action] if action is not None else _actions(policy, resource.type)
    if guarded and not active(who, now):
        return Reason.SUBJECT_INACTIVE
    if guarded and about and organization(records, about) not in (None, who.organization):
        return Reason.REFUSED_BY_GUARD
    reasons = [
        Reason.REFUSED_BY_GUARD
        if guarded and credential and credential.read_only and not reads(policy, each, resource)
        else _answer(policy, records, who, role, about, each, credential)
        for each in actions
    ]
    if reasons:
        return max(reasons, key=list(Reason).index)
    if guarded and credential and credential.read_only:
        return Reason.REFUSED_BY_GUARD
    return Reason.NO_GRANT if about else Reason.UNKNOWN_RESOURCE


def reads(policy: Policy, action: Action, resource: Resource | NewResource) -> bool:
    """Whether a permission exists and is of level ``read``."""
    return any(
        row.type is resource.type and row.action is action and row.level is Level.READ
        for row in policy.rows.catalogue
    )


def _answer(
    policy: Policy,
    records: Records,
    who: SubjectRecord,
    role: ResourceRole | None,
    about: Thing | None,
    action: Action,
    credential: Credential | None,
) -> Reason:
    principal = who.subject.principal
    if about is None:
        return Reason.UNKNOWN_RESOURCE
    if not exists(policy, action, about.type):
        return Reason.NO_SUCH_PERMISSION
    if role is not None and not eligible(policy, principal, role):
        return Reason.NOT_ELIGIBLE
    if role is None and not any(
        eligible(policy, principal, each) and permits(policy, each, action, about.type, True)
        for each in ResourceRole
    ):
        return Reason.NOT_ELIGIBLE
    held = list(given(policy, records, who, about))
    if role is not None:
        held = [role] if any(includes(policy, each, role) for each in held) else []
    if not held:
        return Reason.NOT_HELD
    own = owns(records, who.subject, about)
    if not any(permits(policy, each, action, about.type, True) for each in held):
        return Reason.NO_GRANT
    if not any(permits(policy, each, action, about.type, own) for each in held):
        return Reason.OWN_ONLY
    if not all(
        met(policy, records, row.need, who, about, credential)
        for row in policy.rows.requirements
        if row.type is about.type and row.action is action
    ):
        return Reason.REQUIREMENT_NOT_MET
    return Reason.GRANTED


class Definition:
    """The definition as an evaluator: some 30 us a question on the shipped policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def allows(self, question: Question) -> bool:
        """Whether the policy allows what `question` asks."""
        return allows(self._policy, question)
