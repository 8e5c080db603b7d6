"""The decision: what an answer carries, why it is what it is, and how it reads.

Knows the reasons in their order of precedence, and how a decision becomes a sentence or
plain JSON values. It must not know how an answer is found.
"""

from __future__ import annotations

from rbac.errors import RbacError, quoted
from rbac.light import TYPE_CHECKING, NamedTuple, Protocol
from rbac.rows import Grant, Permission, Reach, Relation, Requirement
from rbac.terms import Frozen, InstanceQuestion, Question, Resource, rebuilt, with_article
from rbac.vocabulary import Action, ErrorCode, Name, ResourceRole

if TYPE_CHECKING:
    from rbac.records import Assignment


class Reason(Name, noun="reason"):
    """Why a decision is what it is, closed, in order of precedence: the first that applies.

    A question about kinds is answered with `NO_SUCH_PERMISSION`, `NOT_ELIGIBLE`,
    `NO_GRANT`, `OWN_ONLY` or `GRANTED`; the others are about somebody.
    """

    UNKNOWN_SUBJECT = "unknown_subject"
    SUBJECT_INACTIVE = "subject_inactive"
    REFUSED_BY_GUARD = "refused_by_guard"
    UNKNOWN_RESOURCE = "unknown_resource"
    NO_SUCH_PERMISSION = "no_such_permission"
    NOT_ELIGIBLE = "not_eligible"
    NOT_HELD = "not_held"
    NO_GRANT = "no_grant"
    OWN_ONLY = "own_only"
    REQUIREMENT_NOT_MET = "requirement_not_met"
    GRANTED = "granted"


class Digested(Protocol):
    """Something with a digest of its meaning."""

    @property
    def digest(self) -> str: ...


class Revised(Protocol):
    """Something with a revision."""

    @property
    def revision(self) -> str: ...


class _Digest(NamedTuple):
    """What is left of a policy in a decision that travels."""

    digest: str


class _Revision(NamedTuple):
    """What is left of a directory in a decision that travels."""

    revision: str


class Hold(NamedTuple):
    """How a subject holds a role: what gives `role` on the resource `on`.

    That is an assignment to a group that the subject is in, or a relation to the resource.
    """

    role: ResourceRole
    on: Resource
    assignment: Assignment | None = None
    relation: Relation | None = None

    def __str__(self) -> str:
        if self.assignment is not None:
            return f"{self.role.short} on {self.on}, given to group {self.assignment.group}"
        relation = self.relation.short if self.relation else "nobody"
        return f"{self.role.short} on {self.on}, as its {relation}"

    def as_dict(self) -> dict[str, object]:
        """The hold as plain JSON values."""
        return {
            "role": self.role.short,
            "on": str(self.on),
            "group": self.assignment.group if self.assignment else None,
            "assignment": self.assignment.id if self.assignment else None,
            "relation": self.relation.short if self.relation else None,
        }


class Evidence(Protocol):
    """What a decision about somebody was made from; it works out the rest when it is read."""

    def attributes(self, reason: Reason) -> dict[str, object]:
        """The other attributes of the decision."""


class Decision(Frozen):
    """An answer: true or false in a condition, and why. It is never an exception.

    `grant` is the row the answer rests on (for `OWN_ONLY`, the one that would allow it on
    an own resource) and `through` the roles from the one that is held, or asked about,
    down to the one granted; `requirements` what the permission takes besides, and `actions`
    all that is permitted there. About somebody, it carries also the `hold` that the answer
    rests on, the requirements that are `unmet`, and the name of the `guard` that refused;
    what is only read to explain is worked out when it is first read.
    """

    __slots__ = (
        "_directory",
        "_evidence",
        "_policy",
        "actions",
        "allowed",
        "error_code",
        "grant",
        "guard",
        "hold",
        "question",
        "reason",
        "requirements",
        "through",
        "unmet",
    )

    question: Question | InstanceQuestion
    allowed: bool
    reason: Reason
    grant: Grant | None
    through: tuple[ResourceRole, ...]
    requirements: tuple[Requirement, ...]
    actions: frozenset[Action]
    error_code: ErrorCode | None
    hold: Hold | None
    unmet: tuple[Requirement, ...]
    guard: str | None
    _policy: Digested
    _directory: Revised | None
    _evidence: Evidence | None

    def __init__(
        self,
        policy: Digested,
        question: Question,
        reason: Reason,
        *,
        grant: Grant | None = None,
        through: tuple[ResourceRole, ...] = (),
        requirements: tuple[Requirement, ...] = (),
        actions: frozenset[Action] = frozenset(),
        readable: bool = False,
    ) -> None:
        """`readable`: the role permits something of level ``read`` there; see `error_code`."""
        allowed = reason is Reason.GRANTED
        hidden = ErrorCode.PERMISSION_DENIED if readable else ErrorCode.NOT_FOUND
        put = object.__setattr__
        put(self, "_policy", policy)
        put(self, "question", question)
        put(self, "reason", reason)
        put(self, "allowed", allowed)
        put(self, "grant", grant)
        put(self, "through", through)
        put(self, "requirements", requirements)
        put(self, "actions", actions)
        put(self, "error_code", None if allowed else hidden)
        put(self, "hold", None)
        put(self, "unmet", ())
        put(self, "guard", None)
        put(self, "_directory", None)
        put(self, "_evidence", None)

    @classmethod
    def about_somebody(
        cls, reason: Reason, evidence: Evidence, guard: str | None = None
    ) -> Decision:
        """A decision by a directory, whose further attributes `evidence` works out."""
        decision = _new(cls)
        _put_reason(decision, reason)
        _put_allowed(decision, reason is _GRANTED)
        _put_evidence(decision, evidence)
        _put_guard(decision, guard)
        return decision

    def __getattr__(self, name: str) -> object:
        """Works out what was not needed to decide; two threads at once put the same there."""
        if name not in Decision.__slots__ or name == "_evidence":
            raise AttributeError(f"a Decision has no {name}")
        evidence = self._evidence
        assert evidence is not None, "every attribute of a decision on kinds is set"
        for each, value in evidence.attributes(self.reason).items():
            object.__setattr__(self, each, value)
        return object.__getattribute__(self, name)

    @property
    def policy_digest(self) -> str:
        """The digest of the policy that decided; worked out when it is first read."""
        return self._policy.digest

    @property
    def directory_revision(self) -> str | None:
        """The revision of the directory that was asked; None for a question about kinds."""
        return self._directory.revision if self._directory else None

    @property
    def assignment(self) -> Assignment | None:
        """The assignment that the answer rests on; None where a relation gives the role."""
        return self.hold.assignment if self.hold else None

    def __bool__(self) -> bool:
        return self.allowed

    def __eq__(self, other: object) -> bool:
        if type(other) is not Decision:
            return NotImplemented
        return self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.question, self.reason))

    def __reduce__(self) -> tuple[object, ...]:
        state = {name: getattr(self, name) for name in self.__slots__}
        revision = self.directory_revision
        left = {
            "_policy": _Digest(self.policy_digest),
            "_directory": None if revision is None else _Revision(revision),
            "_evidence": None,
        }
        return rebuilt, (Decision, state | left)

    def __repr__(self) -> str:
        return f"<Decision {self}>"

    def __str__(self) -> str:
        return sentence(self)

    def as_dict(self) -> dict[str, object]:
        """The decision as plain JSON values, names in their short spelling."""
        action = self.question.action
        common = {
            "allowed": self.allowed,
            "reason": self.reason.short,
            **_asked_as_dict(self.question),
            "action": action.short if action else None,
            "grant": _grant_as_dict(self.grant) if self.grant else None,
            "through": [role.short for role in self.through],
            "requirements": [row.text for row in self.requirements],
            "actions": sorted(action.short for action in self.actions),
            "error_code": self.error_code.short if self.error_code else None,
            "policy_digest": self.policy_digest,
        }
        if isinstance(self.question, Question):
            return common
        return common | {
            "hold": self.hold.as_dict() if self.hold else None,
            "unmet": [row.text for row in self.unmet],
            "guard": self.guard,
            "directory_revision": self.directory_revision,
        }


_GRANTED = Reason.GRANTED

# Every decision about somebody is built: by name, its attributes would take twice as long.
_new = object.__new__
_put_reason, _put_allowed, _put_evidence, _put_guard = (
    vars(Decision)[name].__set__ for name in ("reason", "allowed", "_evidence", "guard")
)


class AccessDenied(RbacError):
    """Raised by `Authorizer.require` alone; `decision` is the denial."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__(str(decision))


def _asked_as_dict(question: Question | InstanceQuestion) -> dict[str, object]:
    role = question.role.short if question.role else None
    if isinstance(question, Question):
        return {
            "subject": question.principal.short,
            "role": role,
            "resource": question.type.short,
            "own": question.own,
        }
    credential = question.credential
    return {
        "subject": str(question.subject) if question.subject else None,
        "role": role,
        "resource": str(question.resource),
        "credential": credential.as_dict() if credential else None,
    }


def _grant_as_dict(grant: Grant) -> dict[str, object]:
    return {
        "role": grant.role.short,
        "type": grant.type.short,
        "action": grant.action.short,
        "reach": grant.reach.short,
        "file": grant.place.file,
        "line": grant.place.line,
        "rationale": str(grant.rationale) if grant.rationale else None,
    }


def sentence(decision: Decision) -> str:
    """The decision in one sentence, for people."""
    verdict = "allowed" if decision.allowed else "denied"
    question = decision.question
    if isinstance(question, InstanceQuestion):
        return f"{verdict}: {_why_somebody(decision, question)}"
    return f"{verdict}: {_why_kinds(decision, question)}"


def _why_kinds(decision: Decision, question: Question) -> str:
    if decision.reason is Reason.NOT_ELIGIBLE:
        return f"{with_article(question.principal.short)} cannot hold {question.role.short}"
    if question.action is None:
        return _why_it_acts(decision, question)
    return _why(decision, question.role.short, Permission(question.action, question.type))


def _why(decision: Decision, role: str, permission: Permission) -> str:
    what = str(permission)
    if decision.reason is Reason.NO_SUCH_PERMISSION:
        return f"there is no permission {quoted(what)}"
    if decision.grant is None:
        return f"{role} has no grant for {quoted(what)}"
    if not decision.allowed:
        return f"{role} may {what} only where it is the subject's own, {_basis(decision)}"
    own = " of its own" if decision.grant.reach is Reach.OWN else ""
    return f"{role} may {what}{own}, {_basis(decision)}"


def _basis(decision: Decision) -> str:
    """The grant, and the way down to it."""
    place = decision.grant.place if decision.grant else ""
    if len(decision.through) > 1:
        return f"by {place} through {' > '.join(junior.short for junior in decision.through)}"
    return f"by {place}"


def _why_it_acts(decision: Decision, question: Question) -> str:
    role, on = question.role.short, with_article(question.type.short)
    if decision.allowed:
        actions = ", ".join(sorted(action.short for action in decision.actions))
        return f"{role} may, on {on}: {actions}"
    if decision.reason is Reason.OWN_ONLY:
        return f"{role} may act on {on} only where it is the subject's own"
    return f"{role} has no grant on {on}"


def _why_somebody(decision: Decision, question: InstanceQuestion) -> str:
    subject, role, resource, action, _ = question
    does = action.short if action else "act on"
    if decision.allowed:
        if action is None:
            actions = ", ".join(sorted(action.short for action in decision.actions))
            return f"{subject} may, on {resource}: {actions}"
        return f"{subject} may {does} {resource}, holding {decision.hold}, {_basis(decision)}"
    if subject is None:
        return "nobody is signed in"
    acting = f" acting as {role.short}" if role else ""
    return _REFUSALS[decision.reason].format(
        subject=subject,
        resource=resource,
        role=role.short if role else f"a role that may {does} {with_article(resource.type.short)}",
        acting=acting,
        does=does,
        kind=subject.principal.short,
        guard=decision.guard,
        unmet=" and ".join(row.text for row in decision.unmet),
        permission=f"{does} {resource.type.short}",
    )


_REFUSALS = {
    Reason.UNKNOWN_SUBJECT: "{subject} is not known",
    Reason.SUBJECT_INACTIVE: "{subject} is not active",
    Reason.REFUSED_BY_GUARD: "the guard {guard} keeps {subject} from it",
    Reason.UNKNOWN_RESOURCE: "{resource} is not known",
    Reason.NO_SUCH_PERMISSION: 'there is no permission "{permission}"',
    Reason.NOT_ELIGIBLE: "no {kind} can hold {role}",
    Reason.NOT_HELD: "{subject} holds no such role on {resource}",
    Reason.NO_GRANT: '{subject}{acting} has no grant for "{permission}" on {resource}',
    Reason.OWN_ONLY: "{subject} may {does} such a resource only where it is its own",
    Reason.REQUIREMENT_NOT_MET: "{subject} would also have to meet: {unmet}",
}
"""Why somebody is refused, by the reason."""
