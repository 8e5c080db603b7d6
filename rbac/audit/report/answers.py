"""Who may do what to what, and why, said in few answers for a whole directory.

Knows how single permitted questions add up to sets of subjects and of resources. It must
not decide: each is listed by `rbac.counting`, and rests on what the access says it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.access import Access
from rbac.audit.report.data import Answer, Path
from rbac.counting import Triple, permitted
from rbac.crowds import asked_of
from rbac.decision import Hold, Reason
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.light import NamedTuple
from rbac.relations import owns
from rbac.rows import Grant, Permission
from rbac.table import Basis
from rbac.terms import Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

_Key = tuple[Permission, ResourceRole, str, str, Resource | None, Grant, tuple[ResourceRole, ...]]
_Found = dict[_Key, dict[Resource, list[Subject]]]
_Case = tuple[Principal, bool, tuple[ResourceRole, ...]]


class _Standing(NamedTuple):
    """What a subject is given on a resource, and whether it owns it: found once for all actions.

    `case` is all of that which decides by which of its `holds` it may do something.
    """

    who: SubjectEntry
    holds: list[Hold]
    case: _Case


def answers(access: Access) -> tuple[Answer, ...]:
    """All that anybody may do without a credential, each once; some ten microseconds each.

    Ordered as the policy lists permissions; the subjects and resources of an answer, and
    answers that differ in nothing else, in order of their names.
    """
    found: _Found = {}
    decided: dict[tuple[Action, ResourceType, _Case], tuple[Permission, Basis, int]] = {}
    for (subject, action, resource), about, standing in _permitted(access):
        case = (action, resource.type, standing.case)
        if case not in decided:
            decided[case] = _determining(access, standing, about, action)
        permission, basis, number = decided[case]
        hold = standing.holds[number]
        on = None if hold.on == resource else hold.on
        key = (permission, hold.role, *_via(hold), on, basis.grant, basis.through)
        found.setdefault(key, {}).setdefault(resource, []).append(subject)
    order = {
        Permission(row.action, row.type): number
        for number, row in enumerate(access.table.policy.rows.catalogue)
    }
    return tuple(sorted(_answers(found), key=lambda each: (order[each.permission], _order(each))))


def _permitted(access: Access) -> Iterator[tuple[Triple, ResourceEntry, _Standing]]:
    """Each thing that is permitted, and how the subject stands to the resource."""
    directory = access.directory
    about, standing = None, dict[Subject, _Standing]()
    for triple in permitted(access):
        subject, _, resource = triple
        if about is None or (about.id, about.type) != (resource.id, resource.type):
            about, standing = directory.resource(resource), {}
            assert about is not None, "what something may be done to is known"
        if subject not in standing:
            who = directory.subject(subject)
            assert who is not None, "who may do something is known"
            holds = list(access.holds(who, about))
            case = (who.principal, owns(who, about), tuple(hold.role for hold in holds))
            standing[subject] = _Standing(who, holds, case)
        yield triple, about, standing[subject]


def _determining(
    access: Access, standing: _Standing, about: ResourceEntry, action: Action
) -> tuple[Permission, Basis, int]:
    """The grant that decides in a case, and the number of the hold that leads to it."""
    asked = asked_of(access, standing.who, about, action)
    basis, hold = asked.determining(Reason.GRANTED, standing.holds)
    return asked.permission, basis, standing.holds.index(hold)


def _via(hold: Hold) -> tuple[str, str]:
    """By which relation, or else by which group, a role is held."""
    group = hold.assignment.group if hold.assignment else ""
    return hold.relation.short if hold.relation else "", group


def _answers(found: _Found) -> Iterator[Answer]:
    """Resources that the same subjects reach by the same path make one answer."""
    for (permission, role, relation, group, on, grant, through), reached in found.items():
        path = Path(role, relation, group, grant, through)
        alike: dict[tuple[Subject, ...], list[Resource]] = {}
        for resource, subjects in reached.items():
            alike.setdefault(_sorted(subjects), []).append(resource)
        for who, resources in alike.items():
            yield Answer(permission, path, on, who, tuple(sorted(resources, key=str)))


def _sorted(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    return tuple(sorted(subjects, key=str))


def _order(answer: Answer) -> tuple[object, ...]:
    path = answer.path
    return (
        path.grant.place,
        path.given.short,
        path.relation,
        path.group,
        str(answer.on or ""),
        [str(each) for each in answer.resources],
    )
