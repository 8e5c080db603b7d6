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
from rbac.rows import Grant, Permission
from rbac.terms import Resource, Subject
from rbac.vocabulary import ResourceRole

_Key = tuple[Permission, ResourceRole, str, str, Resource | None, Grant, tuple[ResourceRole, ...]]
_Found = dict[_Key, dict[Resource, list[Subject]]]


def answers(access: Access) -> tuple[Answer, ...]:
    """All that anybody may do without a credential, each once; tens of microseconds each.

    Ordered as the policy lists permissions; the subjects and resources of an answer, and
    answers that differ in nothing else, in order of their names.
    """
    found: _Found = {}
    for (subject, action, resource), who, about, holds in _permitted(access):
        asked = asked_of(access, who, about, action)
        basis, hold = asked.determining(Reason.GRANTED, holds)
        on = None if hold.on == resource else hold.on
        key = (asked.permission, hold.role, *_via(hold), on, basis.grant, basis.through)
        found.setdefault(key, {}).setdefault(resource, []).append(subject)
    order = {
        Permission(row.action, row.type): number
        for number, row in enumerate(access.table.policy.rows.catalogue)
    }
    return tuple(sorted(_answers(found), key=lambda each: (order[each.permission], _order(each))))


def _permitted(access: Access) -> Iterator[tuple[Triple, SubjectEntry, ResourceEntry, list[Hold]]]:
    """Each thing that is permitted, and all that the subject is given there, found once."""
    directory = access.directory
    about, held = None, dict[Subject, tuple[SubjectEntry, list[Hold]]]()
    for triple in permitted(access):
        subject, _, resource = triple
        if about is None or (about.id, about.type) != (resource.id, resource.type):
            about, held = directory.resource(resource), {}
            assert about is not None, "what something may be done to is known"
        if subject not in held:
            who = directory.subject(subject)
            assert who is not None, "who may do something is known"
            held[subject] = who, list(access.holds(who, about))
        yield triple, held[subject][0], about, held[subject][1]


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
