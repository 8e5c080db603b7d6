"""Statements about policies, against asking about every cell and every row."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.facts import facts, possible
from rbac.audit.invariants import (
    IMPLIES,
    NEVER,
    ONLY,
    REQUIRES,
    TOGETHER,
    Invariant,
    Space,
    prove,
)
from rbac.audit.selections import KINDS, SUBJECTS, Names
from rbac.hierarchy import paths, successors
from rbac.policy import Policy
from rbac.rows import NOWHERE, CatalogueRow, Level, Permission, Rows
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.verification import cells
from rbac.vocabulary import Action, ResourceRole, ResourceType
from tests.strategies import PRINCIPALS, ROLES, TYPES, examples, valid_rows


def statement(form: str, selections: dict[str, Names], **fields: Any) -> Invariant:
    """A statement with a made-up name."""
    requirements = fields.pop("requirements", ())
    about = fields.pop("about", "cells")
    return Invariant("made_up", "says", "why", about, form, selections, requirements, NOWHERE)


@st.composite
def selections(draw: st.DrawFn, rows: Rows, *, permissions_only: bool = False) -> Names:
    """Any selection of cells: some keys, each with some names."""
    known: dict[str, Sequence[object]] = {
        "types": [row.type for row in rows.catalogue],
        "actions": [row.action for row in rows.catalogue],
        "levels": list(Level),
        "permissions": [Permission(row.action, row.type) for row in rows.catalogue],
    }
    if not permissions_only:
        granted = [grant.role for grant in rows.grants]
        known |= {
            "principals": PRINCIPALS,
            "roles": [*granted, *ROLES[:3]],
            "own": [False, True],
            "assignable": [False, True],
            "held_on": TYPES,
        }
    keys = draw(st.lists(st.sampled_from(sorted(known)), max_size=3, unique=True))
    return {key: draw(st.frozensets(st.sampled_from(known[key]), min_size=1)) for key in keys}


class Naive:
    """A policy whose cells are asked one by one."""

    def __init__(self, rows: Rows) -> None:
        policy = Policy(rows)
        table = DecisionTable(policy)
        self.rows = rows
        self.cells = set(cells(policy))
        self.allowed = {cell for cell in self.cells if table.allows(cell)}
        self.roles = {row.role: row for row in rows.roles}
        self.catalogue = {(row.type, row.action): row for row in rows.catalogue}

    def row(self, cell: Question) -> CatalogueRow:
        """The permission that a cell is about."""
        assert cell.action is not None
        return self.catalogue[cell.type, cell.action]

    def holds(self, names: Names, cell: Question) -> bool:
        """Whether a selection holds a cell, key by key."""
        role = self.roles[cell.role]
        values: Mapping[str, object] = {
            "principals": cell.principal,
            "roles": cell.role,
            "assignable": role.assignable,
            "held_on": role.assigned_on,
            "types": cell.type,
            "actions": cell.action,
            "levels": self.row(cell).level,
            "permissions": (cell.action, cell.type),
            "own": cell.own,
        }
        return all(values[key] in allowed for key, allowed in names.items())

    def line(self, cell: Question) -> set[Question]:
        """What the same principal in the same role is allowed on the same resources."""
        return {
            other
            for other in self.allowed
            if (other.principal, other.role, other.own) == (cell.principal, cell.role, cell.own)
        }

    def contradicts(self, invariant: Invariant, cell: Question) -> bool:
        """Whether an allowed cell that a statement rules on is against it."""
        names = invariant.selections
        if invariant.form == NEVER:
            return True
        if invariant.form == ONLY:
            return not self.holds(names[ONLY], cell)
        if invariant.form == REQUIRES:
            needs = {
                row.text
                for row in self.rows.requirements
                if (row.type, row.action) == (cell.type, cell.action)
            }
            return not set(invariant.requirements) <= needs
        if invariant.form == IMPLIES:
            free = {"types", "permissions"} & names[IMPLIES].keys()
            return not any(
                self.holds(names[IMPLIES], other) and (free or other.type is cell.type)
                for other in self.line(cell)
            )
        raise AssertionError(invariant.form)


def check(naive: Naive, invariant: Invariant) -> None:
    """Holds a proof to what asking about every cell shows."""
    names = invariant.selections
    scope = names.get(NEVER, names.get("on", {}))
    ruled = {
        cell
        for cell in naive.cells
        if naive.holds(scope, cell)
        and not ("except" in names and naive.holds(names["except"], cell))
    }
    against = {cell for cell in ruled & naive.allowed if naive.contradicts(invariant, cell)}
    (result,) = prove(DecisionTable(Policy(naive.rows)), [invariant])
    assert result.looked == len(ruled)
    assert set(result.cells) == against
    assert result.holds is (not against)


@examples(15)
@given(valid_rows(), st.data())
def test_never_is_refuted_by_exactly_the_allowed_cells_it_selects(
    rows: Rows, data: st.DataObject
) -> None:
    """Every allowed cell of the selection is against it, but for exceptions, and no other."""
    chosen = {NEVER: data.draw(selections(rows))}
    if data.draw(st.booleans()):
        chosen["except"] = data.draw(selections(rows))
    check(Naive(rows), statement(NEVER, chosen))


@examples(15)
@given(valid_rows(), st.data())
def test_only_is_refuted_by_exactly_those_it_does_not_let_through(
    rows: Rows, data: st.DataObject
) -> None:
    """Every allowed cell of ``on`` that ``only`` does not select is against it."""
    chosen = {"on": data.draw(selections(rows)), ONLY: data.draw(selections(rows))}
    check(Naive(rows), statement(ONLY, chosen))


@examples(15)
@given(valid_rows(), st.data())
def test_implies_is_refuted_by_exactly_those_without_what_they_imply(
    rows: Rows, data: st.DataObject
) -> None:
    """A cell of ``on`` is against it if its line has nothing selected, of its type unless named."""
    implied = data.draw(selections(rows, permissions_only=True))
    check(Naive(rows), statement(IMPLIES, {"on": data.draw(selections(rows)), IMPLIES: implied}))


@examples(15)
@given(valid_rows(), st.data())
def test_requires_is_refuted_by_exactly_the_permissions_without_the_requirement(
    rows: Rows, data: st.DataObject
) -> None:
    """An allowed cell of ``on`` is against it if its permission lacks one of the requirements."""
    texts = [row.text for row in rows.requirements] + ["principal user"]
    needs = tuple(data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=2)))
    chosen = {"on": data.draw(selections(rows))}
    check(Naive(rows), statement(REQUIRES, chosen, requirements=needs))


@examples(15)
@given(valid_rows(), st.data())
def test_together_is_refuted_by_exactly_the_lines_that_have_all(
    rows: Rows, data: st.DataObject
) -> None:
    """Whoever has something of each selection is against it, with all it has of them."""
    naive = Naive(rows)
    parts = [data.draw(selections(rows, permissions_only=True)) for _ in range(2)]
    chosen = {"on": data.draw(selections(rows)), "0": parts[0], "1": parts[1]}
    inside = {cell for cell in naive.allowed if naive.holds(chosen["on"], cell)}
    against = set()
    for cell in inside:
        line = naive.line(cell) & inside
        held = [{each for each in line if naive.holds(part, each)} for part in parts]
        if all(held) and cell in held[0] | held[1]:
            against.add(cell)
    (result,) = prove(DecisionTable(Policy(rows)), [statement(TOGETHER, chosen)])
    assert set(result.cells) == against


@examples(30)
@given(valid_rows(), st.data())
def test_statements_about_rows_are_refuted_by_exactly_the_rows_they_select(
    rows: Rows, data: st.DataObject
) -> None:
    """Never and only say of containment, derived roles and the rest what they say of cells."""
    about = data.draw(st.sampled_from([each for each in SUBJECTS if each != "cells"]))
    space = Space(DecisionTable(Policy(rows)))
    chosen = {key: data.draw(_some(rows, about)) for key in ("on", ONLY)}
    found = space.prove(statement(ONLY, chosen, about=about))
    listed = list(facts(rows, about))
    against = [fact for fact in listed if _in(chosen["on"], fact) and not _in(chosen[ONLY], fact)]
    assert list(found.facts) == against
    assert found.holds is (not against)
    assert found.looked == possible(about, chosen["on"])
    never = space.prove(statement(NEVER, {NEVER: chosen["on"]}, about=about))
    assert list(never.facts) == [fact for fact in listed if _in(chosen["on"], fact)]


@st.composite
def _some(draw: st.DrawFn, rows: Rows, about: str) -> Names:
    """A selection of rows: of names that the rows have, so that it selects some."""
    listed = list(facts(rows, about))
    found = {}
    for key in draw(st.sets(st.sampled_from(SUBJECTS[about]))):
        there = [fact.names[key] for fact in listed if fact.names[key] is not None]
        names = sorted({*there, list(KINDS[key])[1]}, key=str)
        found[key] = draw(st.frozensets(st.sampled_from(names), min_size=1))
    return found


def _in(names: Names, fact: Any) -> bool:
    return all(fact.names[key] in allowed for key, allowed in names.items())


def test_facts_are_the_rows_of_the_policy() -> None:
    """Each kind of fact is what its table says, containment with all that follows from it."""
    rows = Policy.shipped().rows
    texts = {
        about: {str(fact) for fact in facts(rows, about)} for about in SUBJECTS if about != "cells"
    }
    parents = successors((row.child, row.parent) for row in rows.containment)
    assert texts["containment"] == {
        f"{child.short}, {parent.short}"
        for child in parents
        for parent in paths(parents, child)
        if parent is not child
    }
    assert len(texts["derived_roles"]) == len(rows.derived_roles)
    assert len(texts["eligibility"]) == len(rows.eligibility)
    assert len(texts["assignability"]) == sum(row.assignable for row in rows.roles)


def test_the_space_is_every_cell() -> None:
    """A statement that selects everything rules on each principal, role, permission and own bit."""
    space = Space(DecisionTable(Policy.shipped()))
    catalogue = Policy.shipped().rows.catalogue
    assert space.size == len(PRINCIPALS) * len(ROLES) * len(catalogue) * 2
    some = {"roles": frozenset([ResourceRole.ORG_ADMIN]), "types": frozenset([ResourceType.GROUP])}
    some |= {"actions": frozenset([Action.GET])}
    assert space.box(some).size == len(PRINCIPALS) * 2
