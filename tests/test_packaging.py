"""The package: what is built is whole, and answers like the checkout it was built from."""

import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from rbac import Policy

ROOT = Path(__file__).parents[1]


def build(source: Path, out: Path, kind: str) -> Path:
    """Builds a wheel or an sdist with the tools of this environment."""
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", str(out)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


def contents(wheel: Path) -> dict[str, bytes]:
    """Every file of a wheel with what is in it."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")


def test_the_wheel_ships_the_policy_and_the_types(wheel: Path) -> None:
    """Every file of the policy is in the wheel, byte for byte, and so is py.typed."""
    files = contents(wheel)
    policies = {path for path in (ROOT / "policies").rglob("*") if path.is_file()}
    assert policies
    for path in policies:
        assert files[f"rbac/policies/{path.relative_to(ROOT / 'policies')}"] == path.read_bytes()
    pages = list((ROOT / "docs" / "findings").iterdir())
    assert pages
    for path in pages:
        assert files[f"rbac/docs/findings/{path.name}"] == path.read_bytes()
    kinds = ("html", "css", "js")
    parts = [ROOT / "rbac" / "audit" / "report" / f"report.{kind}" for kind in kinds]
    for path in parts:
        assert files[str(path.relative_to(ROOT))] == path.read_bytes()
    assert "rbac/py.typed" in files
    assert not [
        name for name in files if name.startswith(("tests", "browser", "benchmarks", "stubs"))
    ]


def test_an_installed_wheel_answers_by_the_same_policy(wheel: Path, tmp_path: Path) -> None:
    """In a new environment, away from the checkout, the digest and the answers are the same."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*install, str(wheel)], check=True, cwd=tmp_path)
    code = "import rbac; print(rbac.Policy.shipped().digest)"
    done = subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == Policy.shipped().digest
    command = [str(python.parent / "rbac"), "check", "user", "project_user", "project", "delete"]
    assert subprocess.run(command, check=False, capture_output=True, cwd=tmp_path).returncode == 1


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """A wheel built from the sdist has the same files with the same contents."""
    archive = build(ROOT, tmp_path / "sdist", "sdist")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "source", filter="data")
    source = next((tmp_path / "source").iterdir())
    assert contents(build(source, tmp_path / "again", "wheel")) == contents(wheel)


def test_requirements_are_ranges_and_name_no_index() -> None:
    """Every requirement has a lower bound, and nothing says where packages come from."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    for requirement in project["dependencies"] + project["optional-dependencies"]["dev"]:
        assert re.search(r">=|==", requirement), requirement
    assert "index" not in text
    assert "://" not in text


def test_the_changelog_names_the_version() -> None:
    """The version that is packaged has its entry in the changelog."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
