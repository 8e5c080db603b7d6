"""The plan of the library, held by tests: floors, light imports, public names, size."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest

import rbac

PACKAGE = Path(rbac.__file__).parent
MODULES = {
    path.relative_to(PACKAGE)
    .with_suffix("")
    .as_posix()
    .replace("/", ".")
    .removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}

FLOORS: list[set[str]] = [
    {"light"},
    {"collector", "errors", "hierarchy", "whole"},
    {"vocabulary"},
    {"rows"},
    {"notation", "notation.grammar", "terms", "validation"},
    {"arguments", "constraint_rows", "records"},
    {"constraint_files"},
    {"decision", "entries"},
    {"wire.formats"},
    {"wire.sentences"},
    {"wire.model"},
    {"wire.environments"},
    {"wire.tasks"},
    {"wire"},
    {"notation.reader"},
    {"notation.writer", "notation.adapter"},
    {"notation.formatter"},
    {"policy"},
    {"semantics", "table", "enforcer", "casbin_files", "guards", "record_rules"},
    {"intake"},
    {"abilities", "changes", "compiled", "explain", "review", "verification"},
    {"snapshots"},
    {"snapshots.lines", "snapshots.responses"},
    {"snapshots.files", "snapshots.members"},
    {"snapshots.shapes"},
    {"snapshots.api", "snapshots.reader"},
    {"snapshots.writer"},
    {"directory"},
    {"prospects", "relations"},
    {"inverse", "related"},
    {"evidence", "giving"},
    {"access"},
    {"candidates", "crowds"},
    {"tenants"},
    {"counting"},
    {"constraint_rules"},
    {"constraints"},
    {"explain_access", "holders", "searches"},
    {"review_holders", "violations"},
    {"administration", "authorization", "excess", "role_sets"},
    {"affected", "movement"},
    {"places"},
    {"constraint_changes"},
    {"granting_rules"},
    {"authorizer"},
    {"granting", "session", "what_if"},
    {"__init__"},
    {"audit", "audit.formats"},
    {
        "audit.cells",
        "audit.cohorts",
        "audit.decision_log",
        "audit.findings",
        "audit.formats.commands",
        "audit.formats.fields",
        "audit.formats.markup",
        "audit.lines",
        "audit.numbers",
        "audit.revisions",
    },
    {"audit.log_files", "audit.replay", "audit.toml_files", "audit.vocabularies"},
    {
        "audit.access_review",
        "audit.affected",
        "audit.blocks",
        "audit.difference",
        "audit.formats.junit",
        "audit.selections",
    },
    {
        "audit.access_count",
        "audit.access_files",
        "audit.causes",
        "audit.drift",
        "audit.escalation",
        "audit.facts",
        "audit.lattice",
        "audit.necessity",
        "audit.suggestion",
        "audit.usage",
    },
    {"audit.sides", "audit.supposing", "audit.uses"},
    {"audit.standins"},
    {
        "audit.access_parquet",
        "audit.ascent",
        "audit.comparison",
        "audit.invariants",
        "audit.unused",
        "audit.ways",
    },
    {"audit.people", "audit.radius", "audit.routes"},
    {"audit.conflicts", "audit.statements"},
    {
        "audit.baseline_findings",
        "audit.exercise",
        "audit.methods",
        "audit.pages",
        "audit.records",
        "audit.standing",
        "audit.waivers",
    },
    {
        "audit.baseline",
        "audit.directory_findings",
        "audit.formats.cases",
        "audit.formats.github",
        "audit.formats.markdown",
        "audit.formats.sarif",
        "audit.formats.sheet",
        "audit.policy_checks",
        "audit.validity_findings",
    },
    {"audit.policy_findings", "audit.role_findings"},
    {"audit.auditing"},
    {"audit.report"},
    {"audit.report.data", "audit.report.layers", "audit.report.markup"},
    {"audit.report.answers", "audit.report.drawing", "audit.report.phrases"},
    {"audit.report.elements", "audit.report.gathering", "audit.report.packing"},
    {"audit.report.heatmap", "audit.report.holders", "audit.report.sections"},
    {
        "audit.report.csv",
        "audit.report.html",
        "audit.report.json",
        "audit.report.markdown",
    },
    {"testing", "testing.nodes"},
    {"testing.reading"},
    {"testing.fixtures"},
    {"testing.suites"},
    {"testing.matrices", "testing.running", "testing.scenarios", "testing.writer"},
    {"testing.coverage", "testing.reader"},
    {"testing.mutants"},
    {"testing.additions"},
    {"cli"},
    {"cli.progress"},
    {"cli.options"},
    {
        "cli.annotations",
        "cli.bounds",
        "cli.phrases",
        "cli.saving",
        "cli.shells",
        "cli.tables",
        "cli.words",
    },
    {"testing.reports"},
    {"pytest_plugin"},
    {"cli.ascents", "cli.audit_report", "cli.findings", "cli.logs", "cli.people"},
    {"cli.unused"},
    {
        "cli.audit",
        "cli.blame",
        "cli.check",
        "cli.ci",
        "cli.completion",
        "cli.constraints",
        "cli.diff",
        "cli.directory",
        "cli.drift",
        "cli.escalation",
        "cli.export",
        "cli.fmt",
        "cli.listing",
        "cli.prove",
        "cli.replay",
        "cli.report",
        "cli.review",
        "cli.roles",
        "cli.suggest",
        "cli.test",
        "cli.validate",
        "cli.verify",
        "cli.version",
        "cli.what_if",
        "cli.who_can",
    },
    {"cli.explain"},
    {"__main__"},
]
"""Each module imports only from floors above it in this list; drawn in docs/design.md."""


def imports(path: Path) -> set[str]:
    """Every module of the package that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "rbac":
            base = (node.module or "").removeprefix("rbac").removeprefix(".")
            names = [f"{base}.{alias.name}".removeprefix(".") for alias in node.names]
            found |= {name if name in MODULES else base or "__init__" for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "rbac"}
    return found


def test_every_module_has_a_floor() -> None:
    """A new module is given its place, one, before it is used."""
    assert sorted(name for floor in FLOORS for name in floor) == sorted(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_modules_import_from_lower_floors_only(module: str) -> None:
    """No module imports from its own floor or a higher one, not even inside a function."""
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    for imported in imports(MODULES[module]):
        assert floor[imported] < floor[module], f"{module} imports {imported}"


def run(code: str) -> str:
    """What a fresh interpreter prints for `code`."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


HEAVY = (
    *("yaml", "casbin", "cachetools", "pydantic", "rich", "shtab"),
    *("dataclasses", "json", "pathlib", "hashlib"),
)


@pytest.mark.parametrize(
    "use",
    [
        "import rbac",
        "from rbac.cli import main; main('check user project_user project get --quiet'.split())",
    ],
)
def test_importing_and_checking_stay_light(use: str) -> None:
    """Neither the import nor a check on the command line loads a heavy module."""
    code = f"import sys; {use}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    assert run(code) == ""


def test_deciding_never_loads_the_audit() -> None:
    """Neither the import, nor a check, nor its command line knows the audit, or policy tests."""
    code = (
        "import sys; from rbac.cli import main; "
        "main('check user project_user project get --quiet'.split()); "
        "print(*(name for name in sys.modules if name.startswith(('rbac.audit', 'rbac.testing'))))"
    )
    assert run(code) == ""


def test_importing_reads_no_policy() -> None:
    """The shipped policy is read by the first question, not by the import."""
    code = "import rbac; print(rbac.Policy.shipped.__func__.cache_info().currsize)"
    assert run(code) == "0"


def test_public_names_are_exactly_these() -> None:
    """What can be imported from the package is a promise, listed here."""
    assert all(hasattr(rbac, name) for name in rbac.__all__)
    public = {name for name in vars(rbac) if not name.startswith("_")}
    modules = {name for name in public if inspect.ismodule(getattr(rbac, name))}
    assert public - modules - {"default"} == set(rbac.__all__)
    assert set(rbac.__all__) == {
        *("Change", "Explanation", "explain"),
        *("AccessDenied", "Credential", "Directory", "DirectoryError", "Hold", "InstanceQuestion"),
        *("Action", "Authorizer", "Decision", "DirectoryRequired", "EnforcerError", "ErrorCode"),
        *("OrganizationRole", "Policy", "PolicyError", "Principal", "Problem", "Question"),
        *("RbacError", "Reason", "RequestError", "Resource", "ResourceRole", "ResourceType"),
        *("Subject", "UnknownName", "UserStatus", "check"),
        *("Constraints", "Granting", "Session", "create_session"),
    }


def functions(path: Path) -> list[ast.FunctionDef]:
    """Every function of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("module", MODULES)
def test_functions_and_modules_stay_short(module: str) -> None:
    """No function is over 40 lines and no module over 400, but for the enums."""
    path = MODULES[module]
    for node in functions(path):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        assert length <= 40, f"{module}.{node.name} has {length} lines"
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 400 or module == "vocabulary"


@pytest.mark.parametrize("module", MODULES)
def test_modules_say_what_they_know_and_must_not_know(module: str) -> None:
    """Every module that decides or reads anything says its business and its limits."""
    text = ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8"))) or ""
    text = " ".join(text.split())
    assert text
    if "cli." not in module and module not in ("__init__", "__main__", "errors", "semantics"):
        assert "must not" in text or "None of them knows" in text, module


@pytest.mark.parametrize("name", rbac.__all__)
def test_public_names_are_documented(name: str) -> None:
    """Every public name, and every public method of its own, has a docstring."""
    thing = getattr(rbac, name)
    assert inspect.getdoc(thing)
    for method_name, method in vars(thing).items() if inspect.isclass(thing) else ():
        if isinstance(method, FunctionType | property) and not method_name.startswith("_"):
            assert inspect.getdoc(method), f"{name}.{method_name}"
