"""The terms of a question and of its answer: subjects, resources, decisions and reasons.

Knows what may be asked, checked as it is built, and what an answer carries and how it
reads. It must not know how an answer is found.
"""

from __future__ import annotations

from rbac.errors import RequestError, quoted
from rbac.light import TYPE_CHECKING, NamedTuple, Protocol
from rbac.rows import Grant, Permission, Reach, Requirement
from rbac.vocabulary import Action, ErrorCode, Name, Principal, ResourceRole, ResourceType

if TYPE_CHECKING:
    from typing import NoReturn, Self, TypeVar

    _N = TypeVar("_N", bound=Name)
    _T = TypeVar("_T")


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


class Frozen:
    """A value whose attributes are set once, while it is built."""

    __slots__: tuple[str, ...] = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} cannot be changed")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), {name: getattr(self, name) for name in self.__slots__})


def _rebuilt(kind: type[Frozen], state: dict[str, object]) -> Frozen:
    """A value from its attributes, as they were when it was pickled."""
    value = object.__new__(kind)
    for name, attribute in state.items():
        object.__setattr__(value, name, attribute)
    return value


class Subject(Frozen):
    """Who asks (AuthZEN subject, NIST user): a principal and an id.

    Raises `TypeError` for anything but a `Principal` and a string, `RequestError` for
    `Principal.UNSPECIFIED` or an id that is not a canonical lower-case UUID.
    """

    __slots__ = ("id", "principal")

    principal: Principal
    id: str

    def __init__(self, principal: Principal, id: str) -> None:
        object.__setattr__(self, "principal", specified("principal", principal, Principal))
        object.__setattr__(self, "id", canonical_id(id))

    @classmethod
    def of(cls, thing: NamesSubject) -> Subject:
        """The subject that `thing` names, which may be any object with a ``to_subject``.

        Raises `TypeError` if it has none, and what ``to_subject`` raises.
        """
        return _given(thing, "to_subject", Subject)

    def __eq__(self, other: object) -> bool:
        if type(other) is not Subject:
            return NotImplemented
        return self.principal is other.principal and self.id == other.id

    def __hash__(self) -> int:
        return hash((self.principal, self.id))

    def __repr__(self) -> str:
        return f"Subject({self.principal!r}, {self.id!r})"

    def __str__(self) -> str:
        return f"{self.principal.short}:{self.id}"


class Resource(Frozen):
    """What is asked about (AuthZEN resource, NIST object): a resource type and an id.

    Raises as `Subject` does.
    """

    __slots__ = ("id", "type")

    type: ResourceType
    id: str

    def __init__(self, type: ResourceType, id: str) -> None:
        object.__setattr__(self, "type", specified("type", type, ResourceType))
        object.__setattr__(self, "id", canonical_id(id))

    @classmethod
    def of(cls, thing: IsResource) -> Resource:
        """The resource that `thing` is, which may be any object with a ``to_resource``.

        Raises `TypeError` if it has none, and what ``to_resource`` raises.
        """
        return _given(thing, "to_resource", Resource)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Resource):
            return NotImplemented
        return self.type is other.type and self.id == other.id

    def __hash__(self) -> int:
        return hash((self.type, self.id))

    def __repr__(self) -> str:
        return f"Resource({self.type!r}, {self.id!r})"

    def __str__(self) -> str:
        return f"{self.type.short}:{self.id}"


class NamesSubject(Protocol):
    """Something of another module that names a subject."""

    def to_subject(self) -> Subject: ...


class IsResource(Protocol):
    """Something of another module that is a resource."""

    def to_resource(self) -> Resource: ...


def _given(thing: object, method: str, kind: type[_T]) -> _T:
    """What `method` of `thing` gives, looked up on its class, as it must be its own."""
    kind_of_thing = type(thing)
    give = getattr(kind_of_thing, method, None)
    if give is None:
        raise TypeError(f"{kind_of_thing.__name__} has no {method}()")
    given = give(thing)
    if not isinstance(given, kind):
        message = f"gives no {kind.__name__} but {type(given).__name__}"
        raise TypeError(f"{kind_of_thing.__name__}.{method}() {message}")
    return given


class Question(NamedTuple):
    """A question to the policy alone: may any such principal, in this role, do this?

    Without an action: may it act in the role on that type at all? `own` asks of a
    resource that is the subject's own. With an action, a question is a cell.
    """

    principal: Principal
    role: ResourceRole
    type: ResourceType
    action: Action | None = None
    own: bool = False


class Evaluator(Protocol):
    """Anything that decides (XACML PDP engine); every one of them answers alike."""

    def allows(self, question: Question) -> bool:
        """Whether the policy allows what `question` asks, which must name an action."""


class Digested(Protocol):
    """Something with a digest of its meaning."""

    @property
    def digest(self) -> str: ...


class _Digest(NamedTuple):
    """What is left of a policy in a decision that travels."""

    digest: str


class Decision(Frozen):
    """An answer: true or false in a condition, and why. It is never an exception.

    `grant` is the row the answer rests on (for `OWN_ONLY`, the one that would allow it on
    an own resource) and `through` the roles from the one asked about down to the one
    granted; `requirements` what the permission takes besides, which only a question about
    somebody can meet; `actions` all that the role permits there. `assignment` and
    `directory_revision` are None where no directory was asked.
    """

    __slots__ = (
        "_policy",
        "actions",
        "allowed",
        "assignment",
        "directory_revision",
        "error_code",
        "grant",
        "question",
        "reason",
        "requirements",
        "through",
    )

    question: Question
    allowed: bool
    reason: Reason
    grant: Grant | None
    through: tuple[ResourceRole, ...]
    requirements: tuple[Requirement, ...]
    actions: frozenset[Action]
    error_code: ErrorCode | None
    assignment: None
    directory_revision: None
    _policy: Digested

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
        put(self, "assignment", None)
        put(self, "directory_revision", None)

    @property
    def policy_digest(self) -> str:
        """The digest of the policy that decided; worked out when it is first read."""
        return self._policy.digest

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
        return _rebuilt, (Decision, state | {"_policy": _Digest(self.policy_digest)})

    def __repr__(self) -> str:
        return f"<Decision {self}>"

    def __str__(self) -> str:
        return sentence(self)

    def as_dict(self) -> dict[str, object]:
        """The decision as plain JSON values, names in their short spelling."""
        question = self.question
        return {
            "allowed": self.allowed,
            "reason": self.reason.short,
            "subject": question.principal.short,
            "role": question.role.short,
            "resource": question.type.short,
            "action": question.action.short if question.action else None,
            "own": question.own,
            "grant": _grant_as_dict(self.grant) if self.grant else None,
            "through": [role.short for role in self.through],
            "requirements": [row.text for row in self.requirements],
            "actions": sorted(action.short for action in self.actions),
            "error_code": self.error_code.short if self.error_code else None,
            "policy_digest": self.policy_digest,
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
    if decision.reason is Reason.NOT_ELIGIBLE:
        why = f"{with_article(question.principal.short)} cannot hold {question.role.short}"
    elif question.action is None:
        why = _why_it_acts(decision)
    else:
        why = _why(decision, str(Permission(question.action, question.type)))
    return f"{verdict}: {why}"


def _why(decision: Decision, what: str) -> str:
    role = decision.question.role.short
    if decision.reason is Reason.NO_SUCH_PERMISSION:
        return f"there is no permission {quoted(what)}"
    if decision.grant is None:
        return f"{role} has no grant for {quoted(what)}"
    basis = f"by {decision.grant.place}"
    if len(decision.through) > 1:
        basis += f" through {' > '.join(junior.short for junior in decision.through)}"
    if not decision.allowed:
        return f"{role} may {what} only where it is the subject's own, {basis}"
    own = " of its own" if decision.grant.reach is Reach.OWN else ""
    return f"{role} may {what}{own}, {basis}"


def _why_it_acts(decision: Decision) -> str:
    role, on = decision.question.role.short, with_article(decision.question.type.short)
    if decision.allowed:
        actions = ", ".join(sorted(action.short for action in decision.actions))
        return f"{role} may, on {on}: {actions}"
    if decision.reason is Reason.OWN_ONLY:
        return f"{role} may act on {on} only where it is the subject's own"
    return f"{role} has no grant on {on}"


def with_article(noun: str) -> str:
    """``a user``, ``an account``."""
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def specified(argument: str, value: object, names: type[_N]) -> _N:
    """`value` if it is a member of `names` other than the zero value, by identity of type.

    Raises `TypeError` or `RequestError`, naming `argument`.
    """
    if not isinstance(value, names):
        message = f"must be a member of {names.__name__}, not {type(value).__name__}"
        raise TypeError(f"{argument} {message}")
    if value.name == "UNSPECIFIED":
        raise RequestError(f"{argument} is UNSPECIFIED, the zero value, and names no {names.noun}")
    return value


_HEXADECIMAL = frozenset("0123456789abcdef")


def canonical_id(value: str) -> str:
    """`value` if it is a canonical lower-case UUID; ids are never normalised (RFC 9562, 4)."""
    if not isinstance(value, str):
        raise TypeError(f"id must be a string, not {type(value).__name__}")
    parts = value.split("-")
    if [len(part) for part in parts] != [8, 4, 4, 4, 12] or not _HEXADECIMAL.issuperset(
        "".join(parts)
    ):
        raise RequestError(f"id {quoted(value)} is not a canonical lower-case UUID")
    return value
