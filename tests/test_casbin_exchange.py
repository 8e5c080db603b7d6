"""Casbin both ways: what is exported answers the same, what is imported is read strictly."""

from pathlib import Path
from typing import Any

import casbin
import pytest
import sqlalchemy
from casbin_sqlalchemy_adapter import Adapter

from rbac.casbin_files import export
from rbac.cli import main
from rbac.errors import PolicyError
from rbac.policy import Policy
from rbac.verification import sample
from tests.building import small_policy

POLICY = Policy.shipped()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped policy, written for Casbin."""
    folder = tmp_path_factory.mktemp("export") / "casbin"
    export(POLICY, folder)
    return folder


@pytest.fixture(scope="module")
def stock(exported: Path) -> casbin.Enforcer:
    """A stock enforcer that loaded the exported files with its own loader."""
    return casbin.Enforcer(str(exported / "model.conf"), str(exported / "policy.csv"))


def held(enforcer: casbin.Enforcer, kind: str) -> set[tuple[str, ...]]:
    """The rules of one kind that an enforcer holds."""
    return {tuple(rule) for rule in enforcer.get_model().model[kind[0]][kind].policy}


def test_a_stock_enforcer_holds_exactly_the_rows(stock: casbin.Enforcer) -> None:
    """Casbin's own loader gets every row of the export, and not one more.

    The proof over every cell is of an enforcer that holds these rows under this model.
    """
    rows = POLICY.rows
    assert held(stock, "p") == {tuple(name.short for name in row[:4]) for row in rows.grants}
    assert held(stock, "g") == {(row.senior.short, row.junior.short) for row in rows.seniority}
    assert held(stock, "g2") == {(row.principal.short, row.role.short) for row in rows.eligibility}
    assert held(stock, "g3") == {(row.child.short, row.parent.short) for row in rows.containment}


def test_a_stock_enforcer_answers_the_same(stock: casbin.Enforcer) -> None:
    """On a sample of cells, half of them allowed, the stock enforcer agrees with the table."""
    from rbac.table import DecisionTable

    table = DecisionTable(POLICY)
    for question in sample(POLICY)[::5]:
        names = [name.short for name in question[:4] if name is not None]
        assert stock.enforce(*names, question.own) is table.allows(question)


def test_the_command_exports_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The export goes into a new folder; one that is there already is left alone."""
    folder = tmp_path / "out"
    assert main(["export", "casbin", str(folder)]) == 0
    header = (folder / "policy.csv").read_text(encoding="utf-8")
    assert POLICY.digest in header
    assert "must not reach it" in header
    assert main(["export", "casbin", str(folder)]) == 2
    assert "File exists" in capsys.readouterr().err


Store = sqlalchemy.Engine


def store(policy: Policy) -> Store:
    """A SQLite store, as Casbin's SQLAlchemy adapter keeps it, with the rows of a policy."""
    engine = sqlalchemy.create_engine(
        "sqlite://", poolclass=sqlalchemy.pool.StaticPool, connect_args={"check_same_thread": False}
    )
    Adapter(engine)
    rows = policy.rows
    for grant in rows.grants:
        insert(engine, "p", *(name.short for name in grant[:4]))
    for row in rows.seniority:
        insert(engine, "g", row.senior.short, row.junior.short)
    for eligible in rows.eligibility:
        insert(engine, "g2", eligible.principal.short, eligible.role.short)
    for contained in rows.containment:
        insert(engine, "g3", contained.child.short, contained.parent.short)
    return engine


def insert(engine: Store, kind: str | None, *values: str | None) -> None:
    """Adds one rule to a store, as it stands, past the adapter."""
    columns = ["ptype", *(f"v{number}" for number in range(len(values)))]
    marks = ", ".join(f":{column}" for column in columns)
    statement = f"INSERT INTO casbin_rule ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    with engine.begin() as connection:
        parameters = dict(zip(columns, (kind, *values), strict=True))
        connection.execute(sqlalchemy.text(statement), parameters)


SMALL = small_policy(
    [
        "project_user project get any",
        "project_editor project update own",
        "project_admin project get any",
    ],
    seniority=["project_editor project_user"],
)


@pytest.fixture(name="engine")
def _engine() -> Store:
    """A store of a small policy."""
    return store(SMALL)


def test_an_interrupted_export_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are both files, or there is no folder."""

    def interrupted(policy: Policy) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("rbac.casbin_files.text_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export(Policy.shipped(), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_policy_comes_back_from_a_casbin_store(engine: Store) -> None:
    """Rows kept in a Casbin store make the same policy again, rationales included."""
    policy = Policy.from_casbin(Adapter(engine), base=SMALL)
    assert policy == SMALL
    assert policy.digest == SMALL.digest


def test_the_shipped_policy_comes_back_from_the_exported_file(exported: Path) -> None:
    """What was exported is imported again as it was, by way of Casbin's file adapter."""
    adapter = casbin.persist.FileAdapter(str(exported / "policy.csv"))
    assert Policy.from_casbin(adapter, base=POLICY) == POLICY


def test_a_grant_that_the_base_does_not_know_is_marked_as_open(engine: Store) -> None:
    """A new grant from a store says that nobody said why."""
    insert(engine, "p", "project_admin", "project", "update", "any")
    policy = Policy.from_casbin(Adapter(engine), base=SMALL)
    (key,) = {grant[:4] for grant in policy.rows.grants} - {
        grant[:4] for grant in SMALL.rows.grants
    }
    new = next(grant for grant in policy.rows.grants if grant[:4] == key)
    assert new.rationale is not None
    assert str(new.rationale).startswith("open name: kept in a Casbin store")


BAD: dict[str, tuple[str | None, tuple[str | None, ...], str]] = {
    "a NULL within": ("p", ("project_user", None, "update", "any"), "not the 4 fields"),
    "a NULL at the end": ("p", ("project_user", "project", "update", None), "not the 4 fields"),
    "nothing but a kind": ("p", (), "not the 4 fields"),
    "a comma in a value": ("p", ("project_user", "project, update", "any", "any"), "not the 4"),
    "six values": ("p", ("project_user", "project", "update", "any", "allow", "x"), "not the 4"),
    "a deny": ("p", ("project_user", "project", "update", "any", "deny"), "not the 4 fields"),
    "a p2 rule": ("p2", ("project_user", "project", "update", "any"), 'unknown kind of rule "p2"'),
    "another kind": ("x", ("project_user", "project"), 'unknown kind of rule "x"'),
    "an upper case kind": ("P", ("project_user", "project", "get", "any"), "unknown kind of rule"),
    "an unknown role": (
        "p",
        ("project_usr", "project", "update", "any"),
        'unknown role "project_usr"',
    ),
    "the zero value": ("p", ("unspecified", "project", "update", "any"), "zero value"),
    "an empty field": ("p", ("project_user", "", "update", "any"), "unknown resource type"),
    "a quoted field": (
        "p",
        ("project_user", '"project"', "update", "any"),
        "unknown resource type",
    ),
    "no such permission": ("p", ("project_user", "billing", "setup", "any"), "no permission"),
    "a duplicate": ("p", ("project_user", "project", "get", "any"), "a duplicate of"),
    "a cycle": ("g", ("project_user", "project_editor"), "include each other"),
    "a kind that is empty": ("", ("project_user",), "unknown kind of rule"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_rule_that_means_nothing_is_refused_with_the_rule(name: str, engine: Store) -> None:
    """A rule that Casbin would drop or misread is a problem that shows the rule."""
    kind, values, message = BAD[name]
    insert(engine, kind, *values)
    with pytest.raises(PolicyError) as caught:
        Policy.from_casbin(Adapter(engine), base=SMALL)
    assert message in str(caught.value)


FIELDS = "not the 4 fields p, role, resource type, action, reach"

REFUSED: dict[str, tuple[str, tuple[str | None, ...], str]] = {
    # The adapter hands a rule over only up to its first NULL.
    "a NULL": ("p", ("project_admin", None, "update", "any"), f'{FIELDS} in the rule "p, PA"'),
    "a NULL at the end": (
        "p",
        ("project_admin", "project", "update", None),
        f'{FIELDS} in the rule "p, PA, project, update"',
    ),
    # It joins the values with commas, so that one that holds a comma makes a field more.
    "a comma in a value": (
        "p",
        ("project_admin", "project", "update, delete", "any"),
        f'{FIELDS} in the rule "p, PA, project, update, delete, any"',
    ),
    "seven columns": (
        "p",
        ("project_admin", "project", "update", "any", "allow", "x"),
        f'{FIELDS} in the rule "p, PA, project, update, any, allow, x"',
    ),
    "a p2 row": (
        "p2",
        ("project_admin", "project", "update", "any"),
        'unknown kind of rule "p2" in the rule "p2, PA, project, update, any"',
    ),
}
"""What a store may hold that is no row, and how it is refused; PA stands for project_admin."""


@pytest.mark.parametrize("name", REFUSED)
def test_the_refusal_names_the_row(name: str, engine: Store) -> None:
    """The one problem is the row's: its number after the three that are sound, and its words."""
    kind, values, sentence = REFUSED[name]
    insert(engine, kind, *values)
    with pytest.raises(PolicyError) as caught:
        Policy.from_casbin(Adapter(engine), base=SMALL)
    assert str(caught.value) == f"casbin:4: {sentence.replace('PA', 'project_admin')}"


def test_every_row_that_is_refused_is_named(engine: Store) -> None:
    """All rows that mean nothing are told at once, each with its own number and words."""
    for kind, values, _ in REFUSED.values():
        insert(engine, kind, *values)
    with pytest.raises(PolicyError) as caught:
        Policy.from_casbin(Adapter(engine), base=SMALL)
    assert [problem.line for problem in caught.value.problems] == [4, 5, 6, 7, 8]
    told = {problem.message for problem in caught.value.problems}
    assert told == {each.replace("PA", "project_admin") for _, _, each in REFUSED.values()}


class Handing:
    """An adapter that hands rules over as they are, not as lines of text."""

    def __init__(self, *rules: Any) -> None:
        self.rules = rules

    def load_policy(self, model: Any) -> None:
        """Puts every rule where Casbin's own adapters put theirs."""
        for kind, *values in self.rules:
            model.model[kind[0]][kind].policy.append(values)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (("p", "org_admin", None, "update", "any"), "a field that is no text"),
        (("p", "org_admin", "project", "update", None), "a field that is no text"),
        (("p", "org_admin", "project, update", "any"), FIELDS),
        (("p", "org_admin", "project", "update, any", "any"), 'unknown action "update, any"'),
        (("p", "org_admin", "project", "update", "any", "x", "y"), FIELDS),
        (("p", "org_admin", "project", "update", 1), "a field that is no text"),
        (("p2", "org_admin", "project", "update", "any"), 'unknown kind of rule "p2"'),
    ],
    ids=str,
)
def test_a_row_is_named_however_it_is_handed_over(rule: tuple[object, ...], sentence: str) -> None:
    """An adapter that hands over values, not text, has its rows refused and named as well."""
    good = [("p", *(name.short for name in grant[:4])) for grant in SMALL.rows.grants]
    with pytest.raises(PolicyError) as caught:
        Policy.from_casbin(Handing(*good, rule), base=SMALL)
    assert str(caught.value).startswith(f"casbin:4: {sentence}")
    assert str(caught.value).endswith(f' in the rule "{", ".join(map(str, rule))}"')


def test_an_empty_store_is_no_policy(engine: Store) -> None:
    """A store without rules is refused, as an empty policy is."""
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DELETE FROM casbin_rule"))
    with pytest.raises(PolicyError, match="without grants"):
        Policy.from_casbin(Adapter(engine), base=SMALL)
