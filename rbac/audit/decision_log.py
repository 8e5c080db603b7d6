"""The decision log: one decision a line, as services write it and audits read it again.

Knows what a logged decision says and how it is written, so that reading a line gives what
was written. It must not decide anything, nor know files: a log says what was decided then.

The format is described in ``docs/decision-log.md``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from rbac.decision import Decision, Reason
from rbac.errors import RequestError, quoted
from rbac.light import NamedTuple
from rbac.snapshots.lines import Object, described, object_of
from rbac.snapshots.members import (
    Invalid,
    Member,
    Shape,
    array_of,
    boolean,
    name_of,
    new_id,
)
from rbac.terms import Credential, InstanceQuestion, NewResource, Question, Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

TEXT = 200
"""How many characters a text may have: a revision, a place, the id of a request."""

_TIME = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,9})?"
    "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
).fullmatch
_DIGEST = re.compile("sha256:[0-9a-f]{64}").fullmatch


class LoggedGrant(NamedTuple):
    """What a decision rested on: the role that was granted it, and where that stood."""

    role: ResourceRole
    place: str


class LoggedDecision(NamedTuple):
    """A decision as it was logged: when, what was asked, what was answered, by what.

    The question is of the kinds form or about somebody, as `rbac.Decision.question` is;
    `directory_revision` is None for kinds. `request` is the caller's own name for it.
    """

    time: str
    question: Question | InstanceQuestion
    reason: Reason
    policy_digest: str
    directory_revision: str | None = None
    grant: LoggedGrant | None = None
    request: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether it was allowed."""
        return self.reason is Reason.GRANTED

    @property
    def instant(self) -> datetime:
        """When it was decided, cut to whole microseconds."""
        return datetime.fromisoformat(self.time)

    @classmethod
    def of(
        cls, decision: Decision, time: datetime, *, request: str | None = None
    ) -> LoggedDecision:
        """What a log says of `decision`, which was made at `time`.

        Raises `RequestError` for a time without a zone, and for a request id or a revision
        that is empty, longer than 200 characters or not printable.
        """
        grant = decision.grant
        revision = decision.directory_revision
        for name, text in (("request", request), ("directory revision", revision)):
            if text is not None and not _is_text(text):
                raise RequestError(f"the {name} {quoted(text)} cannot be logged")
        return cls(
            _written_time(time),
            decision.question,
            decision.reason,
            decision.policy_digest,
            revision,
            None if grant is None else LoggedGrant(grant.role, str(grant.place)),
            request,
        )

    def line(self) -> str:
        """The line of a log that says this, with its end."""
        said: Object = {
            "time": self.time,
            **_question_as_dict(self.question),
            "allowed": self.allowed,
            "reason": self.reason.short,
            "policy_digest": self.policy_digest,
        }
        if self.directory_revision is not None:
            said["directory_revision"] = self.directory_revision
        if self.grant is not None:
            said["grant"] = {"role": self.grant.role.short, "place": self.grant.place}
        if self.request is not None:
            said["request"] = self.request
        return json.dumps(said, separators=(",", ":")) + "\n"


class Period:
    """From the earliest to the latest of some decisions, and how many there are."""

    def __init__(self) -> None:
        self.decisions = 0
        self._first: tuple[datetime, str] | None = None
        self._last: tuple[datetime, str] | None = None

    def add(self, logged: LoggedDecision) -> None:
        """Takes in one more decision; logs are not always in order."""
        self.decisions += 1
        at = logged.instant, logged.time
        if self._first is None or at[0] < self._first[0]:
            self._first = at
        if self._last is None or at[0] > self._last[0]:
            self._last = at

    @property
    def first(self) -> str | None:
        """The time of the earliest, as it was logged; None without any."""
        return None if self._first is None else self._first[1]

    @property
    def last(self) -> str | None:
        """The time of the latest."""
        return None if self._last is None else self._last[1]

    def as_dict(self) -> Object:
        """The period as plain JSON values."""
        return {"decisions": self.decisions, "first": self.first, "last": self.last}


def as_line(decision: Decision, time: datetime, *, request: str | None = None) -> str:
    """The line of a log for `decision`, made at `time`, which must have a zone; some 20 us.

    Raises as `LoggedDecision.of` does.
    """
    return LoggedDecision.of(decision, time, request=request).line()


def read_line(line: bytes) -> LoggedDecision:
    """What a line of a log says, strictly; some ten microseconds.

    Raises `Invalid` with everything that is wrong with it.
    """
    try:
        given = object_of(line)
    except json.JSONDecodeError as error:
        raise Invalid([f"not JSON, at column {error.colno}"]) from None
    except RequestError as error:
        raise Invalid([str(error)]) from None
    logged = _LINE.read(given)
    assert isinstance(logged, LoggedDecision)
    return logged


def _written_time(time: datetime) -> str:
    if not isinstance(time, datetime):
        raise TypeError(f"time must be a datetime, not {type(time).__name__}")
    text = time.isoformat().removesuffix("+00:00")
    if time.tzinfo is not None and time.utcoffset() == _UTC_OFFSET:
        text += "Z"
    if not _TIME(text):
        raise RequestError(f"{quoted(text)} is no time of a log: it takes a zone of whole minutes")
    return text


_UTC_OFFSET = timedelta()


def _question_as_dict(question: Question | InstanceQuestion) -> Object:
    common: Object = {
        "role": question.role.short if question.role else None,
        "action": question.action.short if question.action else None,
    }
    if isinstance(question, Question):
        subject = {"principal": question.principal.short}
        about = {"type": question.type.short, "resource": None, "own": question.own}
        return {"subject": subject} | common | about
    who, thing, credential = question.subject, question.resource, question.credential
    said: Object = {"subject": None if who is None else _subject_as_dict(who)} | common
    said["type"] = thing.type.short
    if isinstance(thing, Resource):
        said["resource"] = thing.id
    else:
        said |= {"resource": None, "new": _new_as_dict(thing)}
    if credential is not None:
        said["credential"] = credential.as_dict()
    return said


def _subject_as_dict(subject: Subject) -> dict[str, str]:
    return {"principal": subject.principal.short, "id": subject.id}


def _resource_as_dict(resource: Resource) -> dict[str, str]:
    return {"type": resource.type.short, "id": resource.id}


def _new_as_dict(new: NewResource) -> Object:
    said: Object = {"within": [*map(_resource_as_dict, new.within)]}
    if new.owner is not None:
        said["owner"] = _subject_as_dict(new.owner)
    if new.naming:
        said["naming"] = [*map(_resource_as_dict, new.naming)]
    return said


def _is_text(text: str) -> bool:
    return 0 < len(text) <= TEXT and text.isprintable()


def _time(given: object) -> str:
    text = _string(given)
    try:
        known = _TIME(text) and datetime.fromisoformat(text)
    except ValueError:  # no such day
        known = None
    if known is None:
        raise Invalid([f"{quoted(text)} is not an RFC 3339 time with a zone"])
    return text


def _digest(given: object) -> str:
    text = _string(given)
    if not _DIGEST(text):
        raise Invalid([f"{quoted(text)} is no digest of a policy"])
    return text


def _text(given: object) -> str:
    text = _string(given)
    if not _is_text(text):
        raise Invalid([f"{quoted(text)} is no text of 1 to {TEXT} printable characters"])
    return text


def _string(given: object) -> str:
    if type(given) is not str:
        raise Invalid([f"{described(given)} instead of a string"])
    return given


def _or_null(read: Callable[[object], object]) -> Callable[[object], object]:
    def read_or_null(given: object) -> object:
        return None if given is None else read(given)

    return read_or_null


_KINDS = frozenset(
    {
        Reason.NO_SUCH_PERMISSION,
        Reason.NOT_ELIGIBLE,
        Reason.NO_GRANT,
        Reason.OWN_ONLY,
        Reason.GRANTED,
    }
)
"""The reasons of decisions about kinds."""

_RESTING = frozenset({Reason.GRANTED, Reason.OWN_ONLY, Reason.REQUIREMENT_NOT_MET})
"""The reasons of decisions that rest on a grant."""


class _Said(NamedTuple):
    """The members of a line."""

    time: str
    subject: tuple[Principal, str | None] | None
    role: ResourceRole | None
    action: Action | None
    type: ResourceType
    resource: str | None
    allowed: bool
    reason: Reason
    policy_digest: str
    directory_revision: str | None
    own: bool | None
    new: tuple[object, ...] | None
    credential: Credential | None
    grant: LoggedGrant | None
    request: str | None


def _logged(*members: object) -> LoggedDecision:
    """What the members of a line say together."""
    said = _Said(*members)  # type: ignore[arg-type]
    if said.allowed is not (said.reason is Reason.GRANTED):
        raise RequestError(f"allowed is {said.allowed}, but the reason is {said.reason.short}")
    if said.grant is not None and said.reason not in _RESTING:
        raise RequestError(f"a decision that is {said.reason.short} rests on no grant")
    about_kinds = said.subject is not None and said.subject[1] is None
    return LoggedDecision(
        said.time,
        _kinds(said) if about_kinds else _instance(said),
        said.reason,
        said.policy_digest,
        said.directory_revision,
        said.grant,
        said.request,
    )


def _kinds(said: _Said) -> Question:
    assert said.subject is not None, "kinds name a principal"
    if said.role is None or said.resource is not None or said.own is None:
        raise RequestError("a subject without an id takes a role, own, and no resource")
    if (said.new, said.credential, said.directory_revision) != (None, None, None):
        raise RequestError("a subject without an id takes no new, credential or revision")
    if said.reason not in _KINDS:
        raise RequestError(f"a decision about kinds is never {said.reason.short}")
    return Question(said.subject[0], said.role, said.type, said.action, said.own)


def _instance(said: _Said) -> InstanceQuestion:
    if said.own is not None or said.directory_revision is None:
        raise RequestError("a decision about somebody takes a directory_revision, and no own")
    if (said.resource is None) is (said.new is None):
        raise RequestError("a decision about somebody takes either a resource or what is new")
    thing: Resource | NewResource
    if said.resource is not None:
        thing = Resource(said.type, said.resource)
    else:
        thing = NewResource(said.type, *said.new or ())  # type: ignore[arg-type]
    if said.subject is None:
        if (said.role, said.reason) != (None, Reason.UNKNOWN_SUBJECT) or said.action is None:
            raise RequestError("where nobody signed in, an action is refused, in no role")
        return InstanceQuestion(None, None, thing, said.action, said.credential)
    principal, id = said.subject
    who = Subject(principal, id or "")
    return InstanceQuestion(who, said.role, thing, said.action, said.credential)


_PRINCIPAL = name_of(Principal, specified=True, short=True)
_ROLE = name_of(ResourceRole, specified=True, short=True)
_TYPE = Member("type", name_of(ResourceType, specified=True, short=True))
_ID = Member("id", new_id)
_SUBJECT = Shape(Subject, Member("principal", _PRINCIPAL), _ID)
_KIND_OR_SUBJECT = Shape(
    lambda *parts: parts, Member("principal", _PRINCIPAL), Member("id", new_id, None)
)
_RESOURCES = array_of(Shape(Resource, _TYPE, _ID).read)
_NEW = Shape(
    lambda *parts: parts,
    Member("within", _RESOURCES),
    Member("owner", _SUBJECT.read, None),
    Member("naming", _RESOURCES, ()),
)
_CREDENTIAL = Shape(
    lambda read_only, impersonated: Credential(read_only=read_only, impersonated=impersonated),
    Member("read_only", boolean),
    Member("impersonated", boolean),
)
_LINE = Shape(
    _logged,
    Member("time", _time),
    Member("subject", _or_null(_KIND_OR_SUBJECT.read)),
    Member("role", _or_null(_ROLE)),
    Member("action", _or_null(name_of(Action, short=True))),
    _TYPE,
    Member("resource", _or_null(new_id)),
    Member("allowed", boolean),
    Member("reason", name_of(Reason, short=True)),
    Member("policy_digest", _digest),
    Member("directory_revision", _text, None),
    Member("own", boolean, None),
    Member("new", _NEW.read, None),
    Member("credential", _CREDENTIAL.read, None),
    Member("grant", Shape(LoggedGrant, Member("role", _ROLE), Member("place", _text)).read, None),
    Member("request", _text, None),
)
