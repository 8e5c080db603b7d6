"""Fixtures: a directory in a few words, and questions about who and what is in it.

Knows the words. It must not know what is expected of an answer.

    organizations  "acme", "big enterprise lets create_projects no_project"
    subjects       "ada", "bob admin suspended", "robot service_account in big"
    resources      "web project in acme of ada naming rig", "box environment in acme by ada"
    groups         "editors: ada bob", "others in big: robot"
    assignments    "editors project_editor web"
    questions      "ada update web as project_editor with read_only",
                   "ada create new environment in acme of ada naming rig web"

``by`` names a creator, ``of`` an owner, ``run_by`` an executor. ``type:name`` is a resource
without a record: a singleton, a group, a subject. A subject is an active user and a member
of the first organization, unless it says otherwise. Ids follow from names.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from rbac.decision import Decision
from rbac.directory import Directory
from rbac.errors import meant, nearest, quoted
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Record,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Credential, InstanceQuestion, NewResource, Resource, Subject
from rbac.testing.reading import names
from rbac.vocabulary import (
    Action,
    Name,
    OrganizationRole,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

if TYPE_CHECKING:
    from typing import TypeVar

    N = TypeVar("N", bound=Name)

INTRODUCING = ("in", "by", "of", "run_by", "naming", "as", "with", "lets")
LETS = ("create_projects", "no_project")
CREDENTIALS = ("read_only", "impersonated")
OUTSIDER, EXPIRED, NEW = "outsider", "expired", "new"

Clauses = Mapping[str, list[str]]


class Fixture(NamedTuple):
    """A directory, and the names by which questions speak of what is in it."""

    directory: Directory
    names: Names

    def question(self, text: str) -> InstanceQuestion:
        """The question that `text` asks; raises `ValueError` with what is wrong with it."""
        said = clauses(text, ("in", "of", "naming", "as", "with"))
        if len(said[""]) < 3:
            raise ValueError("a question is a subject, an action and a resource")
        who, action, *about = said[""]
        role = one(said, "as")
        given = said.get("with", [])
        for word in given:
            member(word, CREDENTIALS, "credential")
        return InstanceQuestion(
            self.names.subject(who),
            named(role, ResourceRole) if role else None,
            self.names.about(about, said),
            named(action, Action),
            Credential(**dict.fromkeys(given, True)) if given else None,
        )

    def sentence(self, decision: Decision) -> str:
        """A decision in words, with names in place of their ids."""
        text = str(decision)
        for name, id in self.names.ids.items():
            text = text.replace(id, name)
        return text


class Names:
    """What each name stands for: an id, of a subject, of a resource, or of both."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.subjects: dict[str, Subject] = {}
        self.resources: dict[str, Resource] = {}

    def id(self, name: str) -> str:
        """The id of a name; raises `ValueError` if nothing is called so."""
        if name not in self.ids:
            raise ValueError(f"unknown name {quoted(name)}{meant(nearest(name, self.ids))}")
        return self.ids[name]

    def subject(self, text: str) -> Subject:
        """The subject that is called `text`, or that ``principal:name`` spells."""
        kind, _, name = text.rpartition(":")
        if kind:
            return Subject(named(kind, Principal), self.ids.get(name, name))
        if text not in self.subjects:
            offered = meant(nearest(text, self.subjects))
            raise ValueError(f"unknown subject {quoted(text)}{offered}")
        return self.subjects[text]

    def resource(self, text: str) -> Resource:
        """The resource that is called `text`, or that ``type:name`` spells."""
        kind, _, name = text.rpartition(":")
        if kind:
            return Resource(named(kind, ResourceType), self.ids.get(name, name))
        if text not in self.resources:
            offered = meant(nearest(text, self.resources))
            raise ValueError(f"unknown resource {quoted(text)}{offered}")
        return self.resources[text]

    def about(self, words: list[str], said: Clauses) -> Resource | NewResource:
        """What a question is about: ``web``, or ``new environment`` with where it will lie."""
        if words[0] != NEW:
            if len(words) > 1 or {"in", "of", "naming"} & said.keys():
                raise ValueError(f"{quoted(' '.join(words))} is one resource; it exists, or is new")
            return self.resource(words[0])
        if len(words) != 2:
            raise ValueError("what is new has a type: new environment in acme")
        owner = one(said, "of")
        within, naming = (
            [self.resource(each) for each in said.get(word, ())] for word in ("in", "naming")
        )
        who = self.subject(owner) if owner else None
        return Resource.new(named(words[1], ResourceType), within, owner=who, naming=naming)

    def put(self, name: str) -> str:
        """Takes a name into use and gives its id; raises `ValueError` for no name."""
        if name in (*INTRODUCING, NEW) or not name.replace("_", "").replace("-", "").isalnum():
            raise ValueError(f"{quoted(name)} cannot be a name")
        return self.ids.setdefault(name, str(uuid.uuid5(uuid.NAMESPACE_OID, name)))


class Writer:
    """Turns the words of a fixture into records, one line at a time."""

    def __init__(self) -> None:
        self.names = Names()
        self.home = ""
        self.groups: dict[str, str] = {}

    def records(self, table: str, text: str) -> list[Record]:
        """The records that one line of `table` writes; raises `ValueError`."""
        return list(_WRITERS[table](self, text))

    def organizations(self, text: str) -> Sequence[Record]:
        said = clauses(text, ("lets",))
        name, *tier = said[""]
        for word in said.get("lets", ()):
            member(word, LETS, "organization policy")
        id = self.names.put(name)
        self.home = self.home or id
        self.names.resources[name] = Resource(ResourceType.ORGANIZATION, id)
        lets = said.get("lets", ())
        plan = named(tier[0], OrganizationTier) if tier else OrganizationTier.UNSPECIFIED
        return [Organization(id, plan, LETS[0] in lets, LETS[1] not in lets)]

    def subjects(self, text: str) -> Sequence[Record]:
        """A subject; any word after its name that differs from an active user who is a member."""
        said = clauses(text, ("in",))
        name, *words = said[""]
        if name in self.names.subjects:
            raise ValueError(f"a second subject is called {quoted(name)}")
        for word in words:
            member(word, _SUBJECT_WORDS, "word")
        principal = chosen(words, Principal) or Principal.USER
        user = principal is Principal.USER
        usual = UserStatus.ACTIVE if user else UserStatus.UNSPECIFIED
        status = chosen(words, UserStatus) or usual
        standing = OrganizationRole.MEMBER if user else OrganizationRole.UNSPECIFIED
        if OUTSIDER in words:
            standing = OrganizationRole.UNSPECIFIED
        standing = chosen(words, OrganizationRole) or standing
        subject = Subject(principal, self.names.put(name))
        self.names.subjects[name] = subject
        alone = principal in (Principal.ACCOUNT, Principal.RUNNER_MANAGER)
        home = None if alone else self.organization(said)
        return [SubjectRecord(subject, home, status, standing, 0.0 if EXPIRED in words else None)]

    def declare(self, text: str) -> bool:
        """Takes the name of a resource into use, so that those before it may speak of it."""
        said = clauses(text, ("in", "by", "of", "run_by", "naming"))
        if len(said[""]) != 2:
            raise ValueError("a resource is a name and a type: web project in acme")
        name, type = said[""]
        if name in self.names.resources:
            raise ValueError(f"a second resource is called {quoted(name)}")
        self.names.resources[name] = Resource(named(type, ResourceType), self.names.put(name))
        return True

    def resources(self, text: str) -> Sequence[Record]:
        said = clauses(text, ("in", "by", "of", "run_by", "naming"))
        resource = self.names.resources[said[""][0]]
        people = [one(said, word) for word in ("by", "of", "run_by")]
        by, of, run_by = (self.names.subject(each) if each else None for each in people)
        within, naming = (
            tuple(self.names.resource(each) for each in said.get(word, ()))
            for word in ("in", "naming")
        )
        return [ResourceRecord(resource, within, by, of, run_by, naming)]

    def members(self, text: str) -> Sequence[Record]:
        head, colon, members = text.partition(":")
        said = clauses(head, ("in",))
        if not colon or len(said[""]) != 1:
            raise ValueError("a group is a name, a colon and its members: editors: ada bob")
        name = said[""][0]
        id = self.groups[name] = self.names.put(name)
        joined = [
            Membership(_id(f"{name}/{who}"), id, self.names.subject(who)) for who in members.split()
        ]
        return [Group(id, self.organization(said)), *joined]

    def assignments(self, text: str) -> Sequence[Record]:
        words = clauses(text, ())[""]
        if len(words) != 3:
            raise ValueError("an assignment is a group, a role and a resource")
        group, role, resource = words
        if group not in self.groups:
            offered = meant(nearest(group, self.groups))
            raise ValueError(f"unknown group {quoted(group)}{offered}")
        held = named(role, ResourceRole)
        return [Assignment(_id(text), self.groups[group], self.names.resource(resource), held)]

    def organization(self, said: Clauses) -> str:
        """The organization that ``in`` names, or the first one."""
        name = one(said, "in")
        return self.names.id(name) if name else self.home


_WRITERS = {
    "organizations": Writer.organizations,
    "subjects": Writer.subjects,
    "resources": Writer.resources,
    "groups": Writer.members,
    "assignments": Writer.assignments,
}
TABLES = tuple(_WRITERS)
"""The tables of a fixture; each may speak of what those before it name."""


def clauses(text: str, may: Sequence[str]) -> dict[str, list[str]]:
    """The words of a line by the word that introduces them; the first have none.

    Raises `ValueError` for a clause that is not among those there may be.
    """
    found: dict[str, list[str]] = {"": []}
    current = found[""]
    for word in text.split():
        if word in INTRODUCING:
            if word not in may:
                raise ValueError(f"{quoted(word)} does not belong here")
            if word in found:
                raise ValueError(f"{quoted(word)} is said twice")
            current = found[word] = []
        else:
            current.append(word)
    for word, words in found.items():
        if not words:
            raise ValueError(f"nothing follows {quoted(word)}" if word else "nothing is named")
    return found


def one(said: Clauses, word: str) -> str | None:
    """The one word that `word` introduces; None if it introduces none."""
    words = said.get(word, [])
    if len(words) > 1:
        raise ValueError(f"{quoted(word)} takes one name")
    return words[0] if words else None


def member(word: str, known: Sequence[str], noun: str) -> None:
    """Raises `ValueError` unless `word` is one of the `known` ones."""
    if word not in known:
        raise ValueError(f"unknown {noun} {quoted(word)}{meant(nearest(word, known))}")


def named(word: str, kind: type[N]) -> N:
    """The member of `kind` whose short name `word` is; raises `ValueError`."""
    known = names(kind)
    member(word, tuple(known), kind.noun)
    return known[word]


def chosen(words: Sequence[str], kind: type[N]) -> N | None:
    """The one member of `kind` among some words, if there is one."""
    known = names(kind)
    found = [known[word] for word in words if word in known]
    if len(found) > 1:
        raise ValueError(f"{quoted(words[-1])}: one {kind.noun} is enough")
    return found[0] if found else None


_SUBJECT_WORDS = (
    *names(Principal),
    *names(UserStatus),
    *names(OrganizationRole),
    OUTSIDER,
    EXPIRED,
)


def _id(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, text))
