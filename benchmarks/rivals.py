"""Other ways to answer who may do what to which resource: a walk, SQL, Cedar and Rego.

Each is given the same facts beforehand, in the form that is fastest for it, and is asked by
prepared requests. The only module that knows `regorus`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from benchmarks.facts import Facts, Named


class Rival(Protocol):
    """Another evaluator with a directory in it."""

    def prepared(self, request: Named) -> object:
        """The request as it is asked; making it is not measured."""

    def allows(self, request: Any) -> bool:
        """Whether it is allowed."""


class Walk:
    """What one writes in an afternoon: dicts, and a walk up the containers."""

    def __init__(self, facts: Facts) -> None:
        self._home, self._active = facts.organization, facts.active
        self._groups: dict[str, set[str]] = {}
        for subject, group in facts.memberships:
            self._groups.setdefault(subject, set()).add(group)
        self._parents: dict[str, list[str]] = {}
        for child, parent in facts.within:
            self._parents.setdefault(child, []).append(parent)
        self._given: dict[str, list[tuple[str, str]]] = {}
        for holder, role, resource in (*facts.assignments, *facts.derived):
            self._given.setdefault(resource, []).append((holder, role))
        self._owners = set(facts.owners)
        self._any, self._own = facts.any, facts.own

    def prepared(self, request: Named) -> object:
        return request

    def allows(self, request: Any) -> bool:
        subject, kind, action, type, resource = request
        if subject not in self._active or self._home[subject] != self._home[resource]:
            return False
        own = (subject, resource) in self._owners
        return any(
            (kind, role, type, action) in self._any
            or (own and (kind, role, type, action) in self._own)
            for role in self._roles(subject, resource)
        )

    def _roles(self, subject: str, resource: str) -> Iterator[str]:
        groups = self._groups.get(subject, ())
        for holder, role in self._given.get(resource, ()):
            if holder == subject or holder in groups:
                yield role
        for parent in self._parents.get(resource, ()):
            yield from self._roles(subject, parent)


_SCHEMA = """
create table subject(id text primary key, organization text, active int) without rowid;
create table resource(id text primary key, organization text) without rowid;
create table member(subject text, holder text, primary key(subject, holder)) without rowid;
create table within(child text, parent text, primary key(child, parent)) without rowid;
create table given(resource text, holder text, role text,
    primary key(resource, holder, role)) without rowid;
create table owner(subject text, resource text, primary key(subject, resource)) without rowid;
create table permits(kind text, type text, action text, role text, reach text,
    primary key(kind, type, action, role)) without rowid;
"""

_QUERY = """
with recursive scope(id) as (
    select :resource union select parent from within join scope on child = id)
select exists(select 1 from subject join resource using (organization)
    where subject.id = :subject and active and resource.id = :resource)
and exists(
    select 1 from scope
    join given on given.resource = scope.id
    join member on member.subject = :subject and member.holder = given.holder
    join permits on kind = :kind and type = :type and action = :action and permits.role = given.role
    where reach = 'any'
        or exists(select 1 from owner where subject = :subject and resource = :resource))
"""


class Sql:
    """SQLite in memory, every table its own index, one recursive query a request."""

    def __init__(self, facts: Facts) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.executescript(_SCHEMA)
        subjects = {name for name, _ in facts.memberships} | facts.active
        subjects |= {name for name, _, _ in facts.derived}
        tables: dict[str, Iterable[tuple[object, ...]]] = {
            "subject": (
                (each, facts.organization[each], each in facts.active) for each in subjects
            ),
            "resource": facts.organization.items(),
            "member": (*facts.memberships, *((each, each) for each in subjects)),
            "within": facts.within,
            "given": ((resource, *given) for *given, resource in facts.assignments + facts.derived),
            "owner": facts.owners,
            "permits": (
                (
                    kind,
                    type,
                    action,
                    role,
                    "any" if (kind, role, type, action) in facts.any else "own",
                )
                for kind, role, type, action in facts.own
            ),
        }
        for table, rows in tables.items():
            self._fill(table, rows)
        self._connection.execute("analyze")

    def _fill(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        columns = len(self._connection.execute(f"select * from {table}").description)  # noqa: S608
        places = ", ".join("?" * columns)
        statement = f"insert or ignore into {table} values ({places})"  # noqa: S608
        self._connection.executemany(statement, rows)

    def prepared(self, request: Named) -> object:
        return request._asdict()

    def allows(self, request: Any) -> bool:
        (answer,) = self._connection.execute(_QUERY, request).fetchone()
        return bool(answer)


_REGO = """
package authz
import rego.v1
default allow := false
subject := data.subjects[input.subject]
permits := data.permits[input.kind][input.type][input.action]
same if { subject.active; subject.organization == data.resources[input.resource].organization }
holds contains role if {
    some scope in data.resources[input.resource].scopes
    some given in data.given[scope]
    subject.holders[given[0]]
    role := given[1]
}
allow if { same; some role in holds; permits[role] == "any" }
allow if {
    same
    data.resources[input.resource].owners[input.subject]
    some role in holds
    permits[role]
}
"""


class Rego:
    """Rego compiled to bytecode by regorus, its data loaded once.

    Rego has no recursion, so that each resource lists all that contains it.
    """

    def __init__(self, facts: Facts) -> None:
        from regorus import regorus

        program = regorus.Program.compile_from_modules(
            "{}", [("authz.rego", _REGO)], ["data.authz.allow"]
        )
        self._machine = regorus.Rvm()
        self._machine.load_program(program)
        self._machine.set_data_json(json.dumps(_rego_data(facts)))

    def prepared(self, request: Named) -> object:
        return json.dumps(request._asdict())

    def allows(self, request: Any) -> bool:
        machine = self._machine
        machine.set_input_json(request)
        return machine.execute() == "true"


def _rego_data(facts: Facts) -> dict[str, object]:
    subjects: dict[str, dict[str, object]] = {}
    resources: dict[str, dict[str, object]] = {}
    scopes = containers(facts)
    for name, organization in facts.organization.items():
        about = {"organization": organization, "active": name in facts.active}
        subjects[name] = {**about, "holders": {name: True}}
        resources[name] = {"organization": organization, "scopes": scopes(name), "owners": {}}
    for subject, group in facts.memberships:
        subjects[subject]["holders"][group] = True  # type: ignore[index]
    for subject, resource in facts.owners:
        resources[resource]["owners"][subject] = True  # type: ignore[index]
    given: dict[str, list[tuple[str, str]]] = {}
    for holder, role, resource in facts.assignments + facts.derived:
        given.setdefault(resource, []).append((holder, role))
    permits: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
    for kind, role, type, action in facts.own:
        reach = "any" if (kind, role, type, action) in facts.any else "own"
        by_type = permits.setdefault(kind, {}).setdefault(type, {})
        by_type.setdefault(action, {})[role] = reach
    return {"subjects": subjects, "resources": resources, "given": given, "permits": permits}


class _Containers:
    def __init__(self, facts: Facts) -> None:
        self._parents: dict[str, list[str]] = {}
        for child, parent in facts.within:
            self._parents.setdefault(child, []).append(parent)

    def __call__(self, resource: str) -> list[str]:
        found = [resource]
        for parent in self._parents.get(resource, ()):
            found += self(parent)
        return found


def containers(facts: Facts) -> _Containers:
    """A function that gives a resource and all that contains it."""
    return _Containers(facts)
