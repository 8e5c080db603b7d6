"""Hypothesis strategies: random policies that are valid, and what happens to their files.

How many examples a property takes is its own matter (`examples`). Under the profile
``nightly`` (see ``conftest.py``) every property takes fifty times as many.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st

from rbac.hierarchy import paths, successors
from rbac.notation.grammar import INVISIBLE
from rbac.rows import (
    CatalogueRow,
    Containment,
    CredentialKind,
    DerivedRole,
    Eligibility,
    Grant,
    Level,
    Mark,
    Permission,
    Rationale,
    Reach,
    Relation,
    Requirement,
    RoleRow,
    Rows,
    Seniority,
)
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType

ROLES: list[ResourceRole] = [role for role in ResourceRole if role is not ResourceRole.UNSPECIFIED]
TYPES: list[ResourceType] = [type for type in ResourceType if type is not ResourceType.UNSPECIFIED]
PRINCIPALS: list[Principal] = [
    principal for principal in Principal if principal is not Principal.UNSPECIFIED
]
SELVES = [type for type in TYPES if type.short in {each.short for each in PRINCIPALS}]
DEEPEST = 10
"""How many roles the longest chain of seniority may have."""


def examples(count: int) -> settings:
    """Runs a property on `count` examples, in proportion more or fewer under a profile."""
    return settings(max_examples=count * settings().max_examples // 100, deadline=None)


def words(forbidden: str = "") -> st.SearchStrategy[str]:
    """Printable words with one space between them; the word ``end`` is among the likely ones."""
    letters = st.characters(
        exclude_categories=("C", "Z"), exclude_characters=[*forbidden, *INVISIBLE]
    )
    word = st.sampled_from(["end", "project_admin", "a" * 90]) | st.text(letters, min_size=1)
    return st.lists(word.filter(str.isprintable), min_size=1, max_size=12).map(" ".join)


def rationales() -> st.SearchStrategy[Rationale]:
    """A mark, source keys and a reason."""
    key = st.sampled_from(["name", "runner-api"]) | st.from_regex(
        r"[A-Z][A-Z0-9_]{0,9}", fullmatch=True
    )
    keys = st.lists(key, min_size=1, max_size=3).map(tuple)
    return st.builds(Rationale, st.sampled_from(Mark), keys, words())


def permissions(types: Sequence[ResourceType] = TYPES) -> st.SearchStrategy[Permission]:
    """An action on one of the types, whether or not it makes sense."""
    return st.builds(Permission, st.sampled_from(Action), st.sampled_from(types))


class Hierarchy(NamedTuple):
    """Roles, the senior before the junior, and the seniority among them."""

    roles: tuple[ResourceRole, ...]
    seniority: tuple[Seniority, ...]

    def juniors(self, role: ResourceRole) -> Iterable[ResourceRole]:
        """The role and all that it includes."""
        return paths(successors(row[:2] for row in self.seniority), role)


@st.composite
def hierarchies(draw: st.DrawFn) -> Hierarchy:
    """A few roles and a seniority without cycles that Casbin can follow."""
    roles = draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=DEEPEST, unique=True))
    chain = list(pairwise(roles)) if draw(st.booleans()) else []
    pairs = [pair for pair in combinations(roles, 2) if pair not in chain]
    further = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return Hierarchy(tuple(roles), tuple(Seniority(*pair) for pair in chain + further))


@st.composite
def valid_rows(
    draw: st.DrawFn,
    types: Sequence[ResourceType] = TYPES,
    containment: tuple[Containment, ...] | None = None,
    fewest: int = 1,
) -> Rows:
    """Rows that are a policy: small, but with a row of every role as each policy has.

    Permissions, at least `fewest`, roles and relations are about `types`; without
    `containment`, any will do.
    """
    hierarchy = draw(hierarchies())
    catalogue = draw(st.lists(permissions(types), min_size=fewest, max_size=6, unique=True))
    grants = draw(_grants(hierarchy, catalogue))
    roles = draw(_roles(hierarchy, {grant.role for grant in grants}, types))
    return Rows(
        roles=roles,
        catalogue=tuple(draw(_catalogue_row(permission)) for permission in catalogue),
        containment=draw(_containment()) if containment is None else containment,
        eligibility=draw(_eligibility(hierarchy)),
        seniority=hierarchy.seniority,
        derived_roles=draw(_derived_roles(roles, types)),
        requirements=draw(_requirements(catalogue)),
        grants=grants,
    )


@st.composite
def _grants(
    draw: st.DrawFn, hierarchy: Hierarchy, catalogue: list[Permission]
) -> tuple[Grant, ...]:
    """Grants of which none is inherited; the last role has at least one."""
    reaches: dict[ResourceRole, dict[Permission, Reach]] = {}
    permission, reach = st.sampled_from(catalogue), st.sampled_from(Reach)
    for role in reversed(hierarchy.roles):
        fewest = 0 if reaches else 1
        given = draw(st.dictionaries(permission, reach, min_size=fewest, max_size=len(catalogue)))
        for junior in hierarchy.juniors(role):
            for each, inherited in reaches.get(junior, {}).items():
                if inherited in (Reach.ANY, given.get(each)):
                    given.pop(each, None)
        reaches[role] = given
    why = draw(st.lists(rationales(), min_size=1, max_size=3))
    return tuple(
        Grant(role, each.type, each.action, given, rationale=draw(st.sampled_from(why)))
        for role, permitted in reaches.items()
        for each, given in permitted.items()
    )


@st.composite
def _roles(
    draw: st.DrawFn,
    hierarchy: Hierarchy,
    granted: set[ResourceRole],
    types: Sequence[ResourceType],
) -> tuple[RoleRow, ...]:
    """A row of every role; those that permit nothing say so, and no other."""
    notes = words(forbidden=',"#').filter(lambda note: not note.startswith("no grants:"))
    rows = []
    for role in ROLES:
        drawn = role in hierarchy.roles
        note = draw(notes) if drawn else "made up"
        on = draw(st.sampled_from([None, *types])) if drawn else None
        if role in granted and on is None:
            on = ResourceType.ORGANIZATION
        silent = granted.isdisjoint(hierarchy.juniors(role))
        assignable = on is not None and draw(st.booleans())
        rows.append(RoleRow(role, on, assignable, f"no grants: {note}" if silent else note))
    return tuple(rows)


@st.composite
def _eligibility(draw: st.DrawFn, hierarchy: Hierarchy) -> tuple[Eligibility, ...]:
    """Who may hold each role; whoever may hold a senior may hold its juniors."""
    may_hold: dict[ResourceRole, set[Principal]] = {role: {Principal.USER} for role in ROLES}
    for role in hierarchy.roles:
        chosen = st.sets(st.sampled_from(PRINCIPALS), min_size=1)
        seniors = [row.senior for row in hierarchy.seniority if row.junior is role]
        may_hold[role] = draw(chosen).union(*(may_hold[senior] for senior in seniors))
    return tuple(
        Eligibility(principal, role)
        for role in ROLES
        for principal in PRINCIPALS
        if principal in may_hold[role]
    )


@st.composite
def _catalogue_row(draw: st.DrawFn, permission: Permission) -> CatalogueRow:
    methods = draw(
        st.lists(words(forbidden=',"#').map(lambda text: text.replace(" ", ".")), max_size=2)
    )
    level = draw(st.sampled_from(Level))
    return CatalogueRow(permission.type, permission.action, level, tuple(methods))


@st.composite
def _containment(draw: st.DrawFn) -> tuple[Containment, ...]:
    """Types within types; the order of the specification keeps it free of cycles."""
    pair = st.tuples(st.sampled_from(TYPES), st.sampled_from(TYPES))
    pairs = pair.filter(lambda each: TYPES.index(each[0]) < TYPES.index(each[1]))
    return tuple(Containment(*each) for each in draw(st.lists(pairs, max_size=4, unique=True)))


@st.composite
def _derived_roles(
    draw: st.DrawFn, roles: tuple[RoleRow, ...], types: Sequence[ResourceType]
) -> tuple[DerivedRole, ...]:
    """Relations that give roles, each where it can hold."""
    organization = ResourceType.ORGANIZATION
    rows: set[DerivedRole] = set()
    for relation in draw(st.sets(st.sampled_from(Relation))):
        places = [type for type in types if relation is not Relation.SELF or type in SELVES]
        of_organization = relation in (Relation.MEMBER, Relation.ADMIN)
        if not (places or of_organization):
            continue
        type = organization if of_organization else draw(st.sampled_from(places))
        held = [row.role for row in roles if row.assigned_on is organization]
        fitting = held if type is organization else ROLES
        if fitting:
            rows.add(DerivedRole(relation, type, draw(st.sampled_from(fitting))))
    return tuple(sorted(rows, key=str))


@st.composite
def _requirements(draw: st.DrawFn, catalogue: list[Permission]) -> tuple[Requirement, ...]:
    """What permissions take besides a role."""
    needs = st.sampled_from([*catalogue, *PRINCIPALS, *CredentialKind])
    pairs = st.lists(st.tuples(st.sampled_from(catalogue), needs), max_size=3, unique=True)
    return tuple(
        Requirement(permission.type, permission.action, need) for permission, need in draw(pairs)
    )


@st.composite
def shuffled(draw: st.DrawFn, rows: Rows) -> Rows:
    """The same rows in another order, table by table."""
    return Rows._make(tuple(draw(st.permutations(table))) for table in rows)
