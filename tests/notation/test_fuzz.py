"""Damaged policies: refused, or meaning what anybody can see in them."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from rbac.errors import PolicyError
from rbac.policy import Policy
from rbac.semantics import Definition
from rbac.table import DecisionTable
from rbac.terms import Evaluator, Question
from tests.building import small_rows
from tests.notation.corpus import shipped_files, write_files
from tests.notation.naive import Cell, cells, read_files
from tests.strategies import PRINCIPALS, ROLES, examples, valid_rows

Files = dict[str, bytes]
Damage = Callable[[Files], Files]


def written(policy: Policy) -> Files:
    """The files of the policy as the library writes them."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "policy"
        policy.write(folder)
        found = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@cache
def small_files() -> Files:
    """A small policy with a chain of roles, an own reach and somebody who may not hold them."""
    rows = small_rows(
        [
            "project_user project get any",
            "project_user project use own",
            "project_editor project update any",
            "project_admin project delete own",
            "runner_identity runner get any",
        ],
        seniority=["project_admin project_editor", "project_editor project_user"],
        eligible=[
            *(f"user {role}" for role in ("project_admin", "project_editor", "project_user")),
            "service_account project_user",
            "runner runner_identity",
        ],
    )
    return written(Policy(rows))


def loaded(files: Files) -> Policy | None:
    """The policy in `files`, or None if it is refused."""
    with tempfile.TemporaryDirectory() as place:
        write_files(Path(place), files)
        try:
            return Policy.load(place)
        except PolicyError:
            return None


def allowed(policy: Policy, evaluator: Evaluator) -> set[Cell]:
    """Every cell that the library allows, one question at a time."""
    return {
        (principal.short, role.short, row.type.short, row.action.short, own)
        for principal in PRINCIPALS
        for role in ROLES
        for row in policy.rows.catalogue
        for own in (False, True)
        if evaluator.allows(Question(principal, role, row.type, row.action, own))
    }


def assert_means_what_it_says(files: Files) -> None:
    """Holds that `files` are refused, or allow the cells that stand in their text."""
    policy = loaded(files)
    event("refused" if policy is None else "loaded")
    if policy is not None:
        assert allowed(policy, DecisionTable(policy)) == cells(read_files(files))


@st.composite
def byte_damage(draw: st.DrawFn, files: Files) -> Files:
    """One byte changed, inserted or lost, or all from there to the end."""
    name = draw(st.sampled_from(sorted(files)))
    data = files[name]
    at = draw(st.integers(0, len(data)))
    new = draw(st.binary(max_size=2) | st.sampled_from([b"#", b"\n", b",", b" ", b"\r\n", b'"']))
    lost = draw(st.sampled_from([0, 0, 1, 1, 2, len(data)]))
    return files | {name: data[:at] + new + data[at + lost :]}


@st.composite
def line_damage(draw: st.DrawFn, files: Files) -> Files:
    """One line lost, doubled, put elsewhere, commented out, or put into another file."""
    source, target = (draw(st.sampled_from(sorted(files))) for _ in range(2))
    lines = files[source].splitlines(keepends=True)
    at = draw(st.integers(0, len(lines) - 1)) if lines else 0
    line = lines[at] if lines else b"\n"
    kind = draw(st.sampled_from(["lose", "double", "comment", "move", "copy"]))
    if kind in ("lose", "move"):
        del lines[at : at + 1]
    if kind == "comment":
        lines[at : at + 1] = [b"# " + line]
    changed = files | {source: b"".join(lines)}
    if kind in ("double", "move", "copy"):
        name = source if kind == "double" else target
        there = changed[name].splitlines(keepends=True)
        there.insert(draw(st.integers(0, len(there))), line)
        changed[name] = b"".join(there)
    return changed


@st.composite
def word_damage(draw: st.DrawFn, files: Files) -> Files:
    """One field of a row exchanged for another word of the policy; it often stays valid."""
    name = draw(st.sampled_from(sorted(set(files) - {"model.conf"})))
    lines = files[name].split(b"\n")
    rows = [number for number, line in enumerate(lines) if b"," in line and line[:1] != b"#"]
    if not rows:
        return files
    at = draw(st.sampled_from(rows))
    fields = lines[at].split(b", ")
    words = sorted({word for line in lines for word in line.split(b", ") if line[:1] != b"#"})
    fields[draw(st.integers(0, len(fields) - 1))] = draw(st.sampled_from(words))
    lines[at] = b", ".join(fields)
    return files | {name: b"\n".join(lines)}


@st.composite
def splice(draw: st.DrawFn, files: Files) -> Files:
    """The beginning of one file with the end of another."""
    name, other = (draw(st.sampled_from(sorted(files))) for _ in range(2))
    start = draw(st.integers(0, len(files[name])))
    end = draw(st.integers(0, len(files[other])))
    return files | {name: files[name][:start] + files[other][end:]}


@st.composite
def damaged(draw: st.DrawFn, files: Files) -> Files:
    """The files after one to three accidents."""
    for _ in range(draw(st.integers(1, 3))):
        accident = draw(st.sampled_from([byte_damage, line_damage, word_damage, splice]))
        files = draw(accident(files))
    return files


@examples(300)
@given(st.data())
def test_a_damaged_policy_means_what_it_says_or_is_refused(data: st.DataObject) -> None:
    """Whatever happens to its bytes, a policy that still loads allows what stands in it."""
    assert_means_what_it_says(data.draw(damaged(small_files())))


@examples(300)
@given(st.data())
def test_a_changed_row_means_what_it_says_or_is_refused(data: st.DataObject) -> None:
    """A row with another name in it is read as it stands, or the policy is refused."""
    assert_means_what_it_says(data.draw(word_damage(small_files())))


@examples(60)
@given(st.data())
def test_any_damaged_policy_means_what_it_says_or_is_refused(data: st.DataObject) -> None:
    """That holds for every policy, not for one that was chosen for it."""
    files = written(Policy(data.draw(valid_rows())))
    assert_means_what_it_says(files)
    assert_means_what_it_says(data.draw(damaged(files)))


@examples(60)
@given(st.data())
def test_the_damaged_shipped_policy_allows_no_more_than_it_says(data: st.DataObject) -> None:
    """The shipped policy, damaged, permits nothing that does not stand in its text."""
    files = data.draw(damaged(shipped_files()))
    policy = loaded(files)
    event("refused" if policy is None else "loaded")
    if policy is None:
        return
    table = DecisionTable(policy)
    seen = cells(read_files(files))
    for row in policy.rows.eligibility:
        for type, held in table.holdings(row.role).items():
            for action in held:
                for own in (False, True):
                    question = Question(row.principal, row.role, type, action, own)
                    said = (row.principal.short, row.role.short, type.short, action.short, own)
                    assert table.allows(question) == (said in seen)


@pytest.mark.parametrize("evaluator", [Definition, DecisionTable])
def test_a_whole_policy_means_what_it_says(evaluator: Callable[[Policy], Evaluator]) -> None:
    """Two independent readings of undamaged files agree on every cell."""
    policy = loaded(small_files())
    assert policy is not None
    found = allowed(policy, evaluator(policy))
    assert found == cells(read_files(small_files()))
    assert ("user", "project_admin", "project", "delete", True) in found
    assert ("user", "project_admin", "project", "delete", False) not in found
    assert ("service_account", "project_admin", "project", "get", True) not in found
