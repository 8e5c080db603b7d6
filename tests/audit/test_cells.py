"""Sets of cells against plain sets of questions: what is allowed, and how sets combine."""

from hypothesis import given

from rbac.audit.cells import Cells, Line, Numbering, allowed
from rbac.policy import Policy, unvalidated
from rbac.rows import Permission, Rows
from rbac.table import DecisionTable
from rbac.terms import Question
from rbac.verification import cells
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.building import small_rows
from tests.strategies import examples, valid_rows

SHIPPED = DecisionTable(Policy.shipped())


def asked(table: DecisionTable) -> set[Question]:
    """Every cell that the table allows, each asked by itself."""
    return {question for question in cells(table.policy) if table.allows(question)}


def test_the_shipped_policy_allows_the_cells_that_its_table_does() -> None:
    """Read as bits or asked one at a time, the same cells are allowed, and counted once."""
    found = allowed(SHIPPED, Numbering(SHIPPED))
    assert set(found) == asked(SHIPPED)
    assert len(found) == len(list(found)) == len(set(found))


@examples(20)
@given(valid_rows(), valid_rows())
def test_sets_of_cells_are_sets(left: Rows, right: Rows) -> None:
    """Difference, intersection, union, length and equality are those of plain sets."""
    tables = [DecisionTable(Policy(rows)) for rows in (left, right)]
    numbering = Numbering(*tables)
    one, other = (allowed(table, numbering) for table in tables)
    plain, others = (asked(table) for table in tables)
    assert set(one) == plain
    assert set(one - other) == plain - others
    assert set(one & other) == plain & others
    assert set(one | other) == plain | others
    assert len(one) == len(plain)
    assert (one == other) is (plain == others)


def test_a_grant_of_no_permission_allows_no_cell() -> None:
    """A supposed grant of what the catalogue does not list opens nothing until it does."""
    rows = small_rows(["project_user project get any", "project_user billing setup any"])
    table = DecisionTable(unvalidated(rows._replace(catalogue=rows.catalogue[1:])))
    gone = rows.catalogue[0]
    missing = Permission(gone.action, gone.type)
    whole = Numbering(DecisionTable(Policy(rows)))
    assert missing in whole.permissions
    found = {Permission(each.action or Action.GET, each.type) for each in allowed(table, whole)}
    assert missing not in found
    assert found


def test_some_roles_are_asked_alone() -> None:
    """The cells of some roles are those of the whole policy whose role is among them."""
    roles = [ResourceRole.ORG_ADMIN, ResourceRole.PROJECT_USER]
    numbering = Numbering(SHIPPED)
    some = allowed(SHIPPED, numbering, roles)
    assert set(some) == {cell for cell in allowed(SHIPPED, numbering) if cell.role in roles}


def test_permissions_and_bits_are_one_to_one() -> None:
    """Each permission has a bit of its own, and bits name their permissions back."""
    numbering = Numbering(SHIPPED, SHIPPED)
    for permission in numbering.permissions:
        mask = numbering.mask([permission])
        assert mask.bit_count() == 1
        assert list(numbering.named(mask)) == [permission]
    assert numbering.catalogue(SHIPPED).bit_count() == len(SHIPPED.policy.rows.catalogue)
    assert numbering.mask([Permission(Action.SIGNUP, ResourceType.PROJECT)]) == 0


def test_sets_of_cells_are_no_keys() -> None:
    """A set of cells equals another by what it holds, and nothing else."""
    numbering = Numbering(SHIPPED)
    line = Line(Principal.USER, ResourceRole.ORG_ADMIN, own=True)
    assert Cells(numbering, {line: 0}) == Cells(numbering, {})
    assert Cells(numbering, {}) != {}
    assert Cells.__hash__ is None
