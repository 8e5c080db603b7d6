"""The words of a question on a command line or in a batch, and the question they spell.

Knows how subjects, resources, methods and credentials are written. It must not know who
answers.
"""

from __future__ import annotations

import argparse

from rbac.authorizer import Authorizer
from rbac.decision import Decision
from rbac.errors import RequestError, UnknownName
from rbac.light import NamedTuple
from rbac.terms import Credential, InstanceQuestion, Question, Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

ANY = "any"
"""In place of a role: every role that the subject holds."""


class Words(NamedTuple):
    """A question as it was written."""

    subject: str
    role: str
    resource: str
    action: str | None = None
    own: bool = False
    read_only: bool = False
    impersonated: bool = False


def question_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of a question, in the order in which `check` takes them."""
    parser.add_argument(
        "subject", metavar="SUBJECT", help="a principal (user, runner, ...), or user:UUID; or -"
    )
    parser.add_argument(
        "role", metavar="ROLE", nargs="?", help="project_editor, ...; of somebody, also 'any'"
    )
    parser.add_argument("resource", metavar="RESOURCE", nargs="?", help="a type, or project:UUID")
    parser.add_argument("action", metavar="ACTION", nargs="?", help="an action: update, ...")
    parser.add_argument(
        "--method",
        metavar="METHOD",
        help="instead of an action: the API method, gitpod.v1.ProjectService/UpdateProject",
    )
    parser.add_argument("--own", action="store_true", help="on a resource that is its own")
    credential_arguments(parser)


def credential_arguments(parser: argparse.ArgumentParser) -> None:
    """What somebody authenticated with."""
    parser.add_argument("--read-only", action="store_true", help="with a read-only credential")
    parser.add_argument(
        "--impersonated", action="store_true", help="with a credential taken to act for it"
    )


def words(options: argparse.Namespace, authorizer: Authorizer) -> Words:
    """The words of a command line; a method stands for its action, and for its type if it has one.

    Raises `RequestError` for words that make no question.
    """
    resource, action = options.resource, options.action
    if options.method is not None:
        if action is not None:
            raise RequestError("a method says the action; name one of them")
        kind, _, id = (resource or "").partition(":")
        type = ResourceType.parse(kind) if kind else None
        permission = authorizer.permission_of(options.method, type)
        resource = ":".join(filter(None, (permission.type.short, id)))
        action = permission.action.short
    if options.role is None or resource is None:
        raise RequestError("a question names a subject, a role and a resource; see --help")
    flags = (options.own, options.read_only, options.impersonated)
    return Words(options.subject, options.role, resource, action, *flags)


def question(written: Words) -> Question | InstanceQuestion:
    """The question that the words spell; raises `RequestError` where they mix two forms."""
    if (":" in written.subject) is not (":" in written.resource):
        raise RequestError("subject and resource are both kinds, or both have an id")
    if ":" in written.subject:
        return _about_somebody(written)
    if written.read_only or written.impersonated:
        raise RequestError("a credential is somebody's: give the subject and the resource ids")
    return Question(
        Principal.parse(written.subject),
        ResourceRole.parse(written.role),
        ResourceType.parse(written.resource),
        None if written.action is None else Action.parse(written.action),
        written.own,
    )


def _about_somebody(written: Words) -> InstanceQuestion:
    if written.own:
        raise RequestError("own is worked out for a subject and a resource; leave it out")
    role = None if written.role.lower() == ANY else ResourceRole.parse(written.role)
    action = None if written.action is None else Action.parse(written.action)
    return InstanceQuestion(
        subject(written.subject), role, resource(written.resource), action, credential(written)
    )


def subject(text: str) -> Subject:
    """The subject that ``principal:id`` spells."""
    principal, _, id = text.partition(":")
    return Subject(Principal.parse(principal), id)


def resource(text: str) -> Resource:
    """The resource that ``type:id`` spells."""
    type, _, id = text.partition(":")
    return Resource(ResourceType.parse(type), id)


def credential(written: Words | argparse.Namespace) -> Credential | None:
    """The credential that was described, if one was."""
    if not (written.read_only or written.impersonated):
        return None
    return Credential(read_only=written.read_only, impersonated=written.impersonated)


def ask(authorizer: Authorizer, asked: Question | InstanceQuestion) -> Decision:
    """The decision on a question of either form."""
    if isinstance(asked, Question):
        return authorizer.check(*asked[:4], own=asked.own)
    somebody, role, thing, action, used = asked
    assert somebody is not None, "words name a subject"
    assert isinstance(thing, Resource), "words name what exists"
    if role is not None:
        return authorizer.check(somebody, role, thing, action, credential=used)
    if action is None:
        return authorizer.explain(somebody, None, thing, credential=used).decision
    return authorizer.authorize(somebody, action, thing, credential=used)


_TEXTS = ("subject", "role", "resource", "action")
_FLAGS = ("own", "read_only", "impersonated")


def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object; one that names a member twice says two things and is refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RequestError("a member is named twice")
    return found


def request(given: object) -> Words:
    """The words of one request of a batch; anything but the known members is refused."""
    if not isinstance(given, dict):
        raise RequestError("a request is a JSON object")
    for member in given:
        if member not in (*_TEXTS, *_FLAGS):
            raise UnknownName("member", member, (*_TEXTS, *_FLAGS))
    flags = [given.get(member, False) for member in _FLAGS]
    for member, flag in zip(_FLAGS, flags, strict=True):
        if not isinstance(flag, bool):
            raise RequestError(f"{member} must be a JSON boolean")
    texts = [_text(given, member) for member in _TEXTS[:3]]
    action = None if given.get("action") is None else _text(given, "action")
    return Words(*texts, action, *flags)


def _text(given: dict[str, object], member: str) -> str:
    value = given.get(member)
    if not isinstance(value, str):
        missing = "" if member in given else "; it is missing"
        raise RequestError(f"{member} must be a JSON string{missing}")
    return value
