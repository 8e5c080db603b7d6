"""Scenarios of who holds what, read from pages that people can read.

    subjects    = ["ada", "bob admin suspended", "robot service_account", "eve in other"]
    resources   = ["web project in acme of ada naming rig", "box environment in acme by ada"]
    groups      = ["editors: ada bob", "crowd*1000: ada"]
    assignments = ["editors project_editor web", "crowd* project_user web derived org_admin"]
    allowed     = ["ada update web", "ada create new environment in acme naming rig"]
    denied      = ["bob get web as project_user: not_held", "ada update web with read_only: ..."]

``by`` names a creator, ``of`` an owner, ``run_by`` an executor. ``type:name`` is a resource
without a record: a singleton, a group, a subject. Whoever says nothing is an active user and
a member. Ids follow from names, so that an environment is a subject and a resource.
"""

import itertools
import uuid
from typing import Any, NamedTuple

from rbac.records import (
    Assignment,
    Group,
    Membership,
    Organization,
    Records,
    ResourceRecord,
    SubjectRecord,
)
from rbac.terms import Credential, InstanceQuestion, NewResource, Resource, Subject
from rbac.vocabulary import (
    Action,
    OrganizationRole,
    OrganizationTier,
    Principal,
    ResourceRole,
    ResourceType,
    UserStatus,
)

NOW = 1_800_000_000.0
HOME = "acme"
KINDS = {each.short for each in Principal} - {"unspecified"}
WORDS = ("in", "by", "of", "run_by", "naming", "as", "with", "derived", "lets")


def id_of(name: str) -> str:
    """The id of whatever has a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def clauses(text: str) -> dict[str, list[str]]:
    """The words of a line by the word that introduces them; the first have none."""
    found: dict[str, list[str]] = {"": []}
    current = found[""]
    for word in text.split():
        if word in WORDS:
            assert word not in found, text
            current = found[word] = []
        else:
            current.append(word)
    return found


def once(text: str) -> list[str]:
    """A name, or as many as it says: ``crowd*3`` is crowd-0, crowd-1, crowd-2."""
    name, _, count = text.partition("*")
    return [f"{name}-{number}" for number in range(int(count))] if count else [name]


class Scenario(NamedTuple):
    """Records, and the names by which questions speak of them."""

    records: Records
    subjects: dict[str, Subject]
    types: dict[str, ResourceType]

    def resource(self, text: str) -> Resource:
        """The resource of a name, or of a type and a name."""
        type, _, name = text.rpartition(":")
        return Resource(ResourceType.parse(type) if type else self.types[name], id_of(name))

    def about(self, words: list[str], said: dict[str, list[str]]) -> Resource | NewResource:
        """What a question is about: ``web``, or ``new environment`` with where it will lie."""
        if words[0] != "new":
            return self.resource(words[0])
        owner = self.subjects[said["of"][0]] if "of" in said else None
        within, naming = (
            [self.resource(each) for each in said.get(word, ())] for word in ("in", "naming")
        )
        return Resource.new(ResourceType.parse(words[1]), within, owner=owner, naming=naming)

    def question(self, text: str) -> InstanceQuestion:
        """``subject action resource``, ``as`` a role, ``with`` a credential."""
        said = clauses(text)
        who, action, *about = said[""]
        role = ResourceRole.parse(said["as"][0]) if "as" in said else None
        credential = Credential(**dict.fromkeys(said["with"], True)) if "with" in said else None
        resource = self.about(about, said)
        asked = None if action == "act_on" else Action.parse(action)
        return InstanceQuestion(self.subjects[who], role, resource, asked, credential)


def read(page: dict[str, Any]) -> Scenario:
    """The scenario that a page describes."""
    organizations = [_organization(text) for text in page.get("organizations", [HOME])]
    people = [_subject(text) for text in page.get("subjects", ())]
    subjects = {name: record.subject for name, record in people}
    subjects |= {name: Subject(Principal.USER, id_of(name)) for name in page.get("unknown", ())}
    types = {
        text.split()[0]: ResourceType.ORGANIZATION for text in page.get("organizations", [HOME])
    }
    for text in page.get("resources", ()):
        name, type = text.split()[:2]
        types |= dict.fromkeys(once(name), ResourceType.parse(type))
    scenario = Scenario(Records(), subjects, types)
    groups = list(itertools.chain.from_iterable(map(_groups, page.get("groups", ()))))
    records = Records(
        organizations=organizations,
        subjects=[record for _, record in people],
        groups=[Group(id_of(name), id_of(home)) for name, home, _ in groups],
        resources=[_resource(scenario, text) for text in page.get("resources", ())],
        memberships=[
            Membership(id_of(f"{name}/{who}"), id_of(name), subjects[who])
            for name, _, members in groups
            for who in members
        ],
        assignments=[
            each
            for text in page.get("assignments", ())
            for each in _assignments(scenario, text, [name for name, _, _ in groups])
        ],
    )
    return scenario._replace(records=records)


def _organization(text: str) -> Organization:
    said = clauses(text)
    name, *tier = said[""]
    lets = said.get("lets", ())
    return Organization(
        id_of(name),
        OrganizationTier.parse(tier[0]) if tier else OrganizationTier.UNSPECIFIED,
        members_create_projects="create_projects" in lets,
        members_require_projects="no_project" not in lets,
    )


def _subject(text: str) -> tuple[str, SubjectRecord]:
    """A subject; any word after its name that differs from an active user who is a member."""
    said = clauses(text)
    name, *words = said[""]
    kinds = [Principal.parse(word) for word in words if word in KINDS]
    principal = kinds[0] if kinds else Principal.USER
    user = principal is Principal.USER
    states = [word for word in words if word.upper() in UserStatus.__members__]
    status = UserStatus.parse(states[0]) if states and states[0] != "unspecified" else None
    if status is None:
        status = UserStatus.ACTIVE if user and not states else UserStatus.UNSPECIFIED
    roles = [OrganizationRole.parse(word) for word in words if word in ("admin", "member")]
    role = OrganizationRole.MEMBER if user else OrganizationRole.UNSPECIFIED
    if "outsider" in words:
        role = OrganizationRole.UNSPECIFIED
    alone = principal in (Principal.ACCOUNT, Principal.RUNNER_MANAGER)
    home = None if alone else id_of(said.get("in", [HOME])[0])
    until = NOW - 1 if "expired" in words else NOW if "expiring" in words else None
    subject = Subject(principal, id_of(name))
    return name, SubjectRecord(subject, home, status, roles[0] if roles else role, until)


def _groups(text: str) -> list[tuple[str, str, list[str]]]:
    head, _, members = text.partition(":")
    said = clauses(head)
    home = said.get("in", [HOME])[0]
    return [(name, home, members.split()) for name in once(said[""][0])]


def _resource(scenario: Scenario, text: str) -> ResourceRecord:
    said = clauses(text)
    by, of, run_by = (
        scenario.subjects[said[word][0]] if word in said else None
        for word in ("by", "of", "run_by")
    )
    within, naming = (
        tuple(scenario.resource(each) for each in said.get(word, ())) for word in ("in", "naming")
    )
    return ResourceRecord(scenario.resource(said[""][0]), within, by, of, run_by, naming)


def _assignments(scenario: Scenario, text: str, groups: list[str]) -> list[Assignment]:
    said = clauses(text)
    group, role, resource = said[""]
    named = (
        [name for name in groups if name.startswith(group[:-1])] if group[-1] == "*" else [group]
    )
    origin = ResourceRole.parse(said["derived"][0]) if "derived" in said else None
    return [
        Assignment(
            id_of(f"{name}/{text}"),
            id_of(name),
            scenario.resource(resource),
            ResourceRole.parse(role),
            origin or ResourceRole.UNSPECIFIED,
        )
        for name in named
    ]
