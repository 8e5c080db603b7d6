"""The terms of a question: subjects, resources that exist or do not yet, credentials.

Knows what may be asked, checked as it is built. It must not know how an answer is found,
nor what it carries.
"""

from __future__ import annotations

from rbac.errors import RequestError, quoted
from rbac.light import TYPE_CHECKING, NamedTuple, Protocol
from rbac.vocabulary import Action, Name, Principal, ResourceRole, ResourceType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn, Self, TypeVar

    _N = TypeVar("_N", bound=Name)
    _T = TypeVar("_T")


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
        return rebuilt, (type(self), {name: getattr(self, name) for name in self.__slots__})


def rebuilt(kind: type[Frozen], state: dict[str, object]) -> Frozen:
    """A value from its attributes, as they were when it was pickled."""
    value = object.__new__(kind)
    for name, attribute in state.items():
        object.__setattr__(value, name, attribute)
    return value


def opened(kind: type[Frozen]) -> Any:
    """A class with the slots of `kind` that may be set: for values built on every question.

    Such a value gets `kind` as its class once it is whole. Setting the slots of a frozen
    value takes twice as long as all of that.
    """
    setting = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type("Open", (Frozen,), {"__slots__": kind.__slots__, **setting})


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
        return hash(self.id)

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

    @classmethod
    def new(
        cls,
        type: ResourceType,
        within: Sequence[Resource] = (),
        *,
        owner: Subject | None = None,
        naming: Sequence[Resource] = (),
    ) -> NewResource:
        """What does not exist yet and has no id: what is to be created, or a listing.

        It lies `within` every one of these containers, will belong to `owner`, and names
        other resources, as a request to make an environment names a project and a runner.
        Whether the containers are known is found out when it is asked about.
        Raises as `Resource` does, and `RequestError` for a resource that is given twice.
        """
        return NewResource(type, within, owner, naming)

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


class NewResource(Frozen):
    """A resource that does not exist yet; made by `Resource.new`, which says what it is."""

    __slots__ = ("naming", "owner", "type", "within")

    type: ResourceType
    within: tuple[Resource, ...]
    owner: Subject | None
    naming: tuple[Resource, ...]

    def __init__(
        self,
        type: ResourceType,
        within: Sequence[Resource],
        owner: Subject | None,
        naming: Sequence[Resource],
    ) -> None:
        object.__setattr__(self, "type", specified("type", type, ResourceType))
        object.__setattr__(self, "within", _resources("within", within))
        if owner is not None and not isinstance(owner, Subject):
            raise TypeError(f"owner must be a Subject, not {owner.__class__.__name__}")
        object.__setattr__(self, "owner", owner)
        object.__setattr__(self, "naming", _resources("naming", naming))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NewResource):
            return NotImplemented
        return _parts(self) == _parts(other)

    def __hash__(self) -> int:
        return hash(_parts(self))

    def __repr__(self) -> str:
        return f"<NewResource {self}>"

    def __str__(self) -> str:
        within = f" within {' and '.join(map(str, self.within))}" if self.within else ""
        return f"{self.type.short}:new{within}"


def _parts(new: NewResource) -> tuple[object, ...]:
    return new.type, frozenset(new.within), new.owner, frozenset(new.naming)


def _resources(argument: str, given: Sequence[Resource]) -> tuple[Resource, ...]:
    if not isinstance(given, tuple | list):
        raise TypeError(f"{argument} must be a sequence of Resource, not {type(given).__name__}")
    for resource in given:
        if not isinstance(resource, Resource):
            raise TypeError(f"{argument} must hold Resource only, not {type(resource).__name__}")
    if len(set(given)) != len(given):
        raise RequestError(f"{argument} has a resource twice")
    return tuple(given)


class Credential(Frozen):
    """What a subject authenticated with, as far as decisions look at it.

    A `read_only` one is good for permissions of level ``read`` alone; an `impersonated`
    one was taken by somebody else to act for the subject. Raises `TypeError` for anything
    but booleans.
    """

    __slots__ = ("impersonated", "read_only")

    read_only: bool
    impersonated: bool

    def __init__(self, *, read_only: bool = False, impersonated: bool = False) -> None:
        for name, value in (("read_only", read_only), ("impersonated", impersonated)):
            if not isinstance(value, bool):
                raise TypeError(f"{name} must be True or False, not {type(value).__name__}")
            object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Credential):
            return NotImplemented
        return (self.read_only, self.impersonated) == (other.read_only, other.impersonated)

    def __hash__(self) -> int:
        return hash((self.read_only, self.impersonated))

    def as_dict(self) -> dict[str, bool]:
        """The credential as plain JSON values."""
        return {"read_only": self.read_only, "impersonated": self.impersonated}

    def __repr__(self) -> str:
        return f"Credential(read_only={self.read_only}, impersonated={self.impersonated})"


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


class InstanceQuestion(NamedTuple):
    """A question about somebody and something (AuthZEN request).

    Without a role, every role that the subject holds counts. Without an action, it asks
    whether the subject may act there at all. The subject is None where nobody signed in.
    """

    subject: Subject | None
    role: ResourceRole | None
    resource: Resource | NewResource
    action: Action | None = None
    credential: Credential | None = None


class Evaluator(Protocol):
    """Anything that decides (XACML PDP engine); every one of them answers alike."""

    def allows(self, question: Question) -> bool:
        """Whether the policy allows what `question` asks, which must name an action."""


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
    if value._name_ == "UNSPECIFIED":  # reading `name` takes as long as all the rest
        raise RequestError(f"{argument} is UNSPECIFIED, the zero value, and names no {names.noun}")
    return value


_IN_AN_ID = "0123456789abcdef-"


def canonical_id(value: str) -> str:
    """`value` if it is a canonical lower-case UUID; ids are never normalised (RFC 9562, 4)."""
    if not isinstance(value, str):
        raise TypeError(f"id must be a string, not {type(value).__name__}")
    if not is_canonical(value):
        raise RequestError(f"id {quoted(value)} is not a canonical lower-case UUID")
    return value


def is_canonical(id: str) -> bool:
    """Whether `id` is a canonical lower-case UUID; asked a million times while reading."""
    return (
        len(id) == 36
        and id[8:24:5] == "----"
        and id.count("-") == 4
        and not id.strip(_IN_AN_ID)  # which leaves something if anything else is in it
    )


def all_canonical(ids: Sequence[str]) -> bool:
    """Whether all of `ids` are canonical: a fifth of asking each, where there are a million."""
    every = "".join(ids)
    dashes = "-" * len(ids)
    return (
        set(map(len, ids)) <= {36}
        and all(every[place::36] == dashes for place in (8, 13, 18, 23))
        and every.count("-") == 4 * len(ids)
        and every.isascii()
        and not every.encode().translate(None, _IN_AN_ID.encode())
    )
