"""Resources that do not exist yet, placed in a directory as if they did.

Knows what a new resource must lie within and may name. It must not know who may make it.
"""

from __future__ import annotations

from rbac.directory import Directory
from rbac.entries import ResourceEntry, containers
from rbac.errors import RequestError, quoted
from rbac.records import REFERENCED
from rbac.terms import NewResource, Resource, with_article
from rbac.vocabulary import ResourceType


def entry_of_new(directory: Directory, new: NewResource) -> ResourceEntry:
    """The entry that `new` would have; it has no id and is in no directory.

    Raises `RequestError` unless each container is known and of a type that may contain it,
    all of one organization, and each resource that it names is known.
    """
    _check_containers(directory, new)
    _check_names(new)
    for reference in new.naming:
        known(directory, reference)
    parents = tuple(known(directory, container) for container in new.within)
    above = containers(parents)
    if sum(container.type is ResourceType.ORGANIZATION for container in above) > 1:
        raise RequestError(f"{new} lies within two organizations")
    return ResourceEntry(new.type, "", parents, above, owner=new.owner, references=new.naming)


def _check_containers(directory: Directory, new: NewResource) -> None:
    rows = directory.policy.rows.containment
    permitted = {row.parent for row in rows if row.child is new.type}
    for container in new.within:
        if container.type not in permitted:
            child, parent = with_article(new.type.short), with_article(container.type.short)
            raise RequestError(f"{child} does not lie within {parent}")
    if permitted and not new.within:
        kinds = " or ".join(sorted(kind.short for kind in permitted))
        raise RequestError(f"a new {new.type.short} lies within a container: {kinds}")


def _check_names(new: NewResource) -> None:
    types = [reference.type for reference in new.naming]
    for type in types:
        if type not in REFERENCED or types.count(type) > 1:
            kinds = ", ".join(kind.short for kind in REFERENCED)
            raise RequestError(f"naming takes at most one resource of each type: {kinds}")


def known(directory: Directory, resource: Resource) -> ResourceEntry:
    """The entry of `resource`; raises `RequestError` if it is not known."""
    entry = directory.resource(resource)
    if entry is None:
        raise RequestError(f"{quoted(str(resource))} is not known")
    return entry
