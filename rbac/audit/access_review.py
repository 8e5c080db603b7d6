"""An access review: everything that anybody may do to anything, and why, in one order.

Knows the order of what is found, and that all of it can be read one by one without being
held. It must not decide, nor know a format: who may do what is the access's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rbac.access import Access
from rbac.audit.cohorts import ALL, Cohort, Cohorts, Division, Right, Rights, Selection, numbers_of
from rbac.entries import ResourceEntry
from rbac.tenants import Tenants
from rbac.terms import Resource, Subject
from rbac.vocabulary import Principal

Progress = Callable[[int, int], None]
"""Is told how many resources were looked at, of how many."""


class Entitlement(NamedTuple):
    """One row of an access review; `organization` is None for a resource that lies in none."""

    organization: str | None
    resource: Resource
    subject: Subject
    right: Right


class Holders(NamedTuple):
    """All of one kind that may do anything to a resource, by id.

    `which` says of each id which of `rights` it has: many have the same ones.
    """

    about: ResourceEntry
    principal: Principal
    ids: list[str]
    which: list[int]
    rights: list[Rights]


def entitlements(access: Access, selection: Selection = ALL) -> Iterator[Entitlement]:
    """Every row of the review, as `authorize` answers without a credential, one by one.

    By organization (resources in none first), type, resource, principal, subject and
    action, each as text. Lazy; memory does not grow with the number of rows.
    """
    for about, principal, ids, which, rights in holders(access, selection):
        for id, number in zip(ids, which, strict=True):
            subject = Subject(principal, id)
            for right in rights[number]:
                yield Entitlement(about.organization, about.resource, subject, right)


def holders(
    access: Access, selection: Selection = ALL, progress: Progress | None = None
) -> Iterator[Holders]:
    """The same, by resource and kind of subject: some 0.2 us a subject, however much it may."""
    for found in cohorts(access, selection, progress):
        yield from _holders(found)


def cohorts(
    access: Access, selection: Selection = ALL, progress: Progress | None = None
) -> Iterator[Cohorts]:
    """The same, by resource alone: sets are asked about, not subjects."""
    organizations = _organizations(access, selection)
    total = sum(map(len, organizations.values()))
    done = 0
    for organization in sorted(organizations):
        tenants = Tenants(access, organization or None)
        review = Division(tenants, selection)
        resources = organizations.pop(organization)
        for about in sorted(resources, key=lambda each: (each.type.short, each.id)):
            yield review.of(about)
            done += 1
            if progress is not None:
                progress(done, total)


def _organizations(access: Access, selection: Selection) -> dict[str, list[ResourceEntry]]:
    """The resources of each organization; of "", those that lie in none."""
    found: dict[str, list[ResourceEntry]] = {}
    for about in access.directory.resources(selection.type):
        if selection.organization in (None, about.organization):
            found.setdefault(about.organization or "", []).append(about)
    return found


def _holders(found: Cohorts) -> Iterator[Holders]:
    """Those of each kind in the order of their ids."""
    kinds: dict[Principal, list[Cohort]] = {}
    for cohort in found.crowds:
        kinds.setdefault(cohort.crowd.principal, []).append(cohort)
    outside: dict[Principal, dict[str, Rights]] = {}
    for who, rights in found.strangers:
        outside.setdefault(who.principal, {})[who.id] = rights
    for kind in sorted({*kinds, *outside}, key=lambda each: each.short):
        yield _merged(found.about, kind, kinds.get(kind, []), outside.get(kind, {}))


def _merged(
    about: ResourceEntry, kind: Principal, inside: list[Cohort], outside: dict[str, Rights]
) -> Holders:
    numbers: dict[int, int] = {}
    for which, cohort in enumerate(inside):
        numbers.update(dict.fromkeys(numbers_of(cohort.members), which))
    rights = [cohort.rights for cohort in inside]
    order = sorted(numbers)
    subjects = inside[0].crowd.subjects if inside else {}
    ids = [subjects[number].id for number in order]
    chosen = [numbers[number] for number in order]
    if outside:
        pairs = {**dict(zip(ids, chosen, strict=True))}
        pairs.update({id: len(rights) + number for number, id in enumerate(outside)})
        rights += outside.values()
        ids = sorted(pairs)
        chosen = [pairs[id] for id in ids]
    return Holders(about, kind, ids, chosen, rights)
