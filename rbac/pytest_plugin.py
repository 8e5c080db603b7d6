"""Policy tests as pytest items: each file of tests collected, each test run and reported.

Knows how pytest asks for files and items. It must not know how a test is read or run, and
imports nothing that does until a policy was named: whoever installs this library for other
reasons pays for two options, and collects nothing.

    [tool.pytest.ini_options]
    rbac_policies = "policies"

or ``pytest --rbac-policies policies``. The files are those in the ``tests`` folder of the
policy, which is collected too where no paths are named, and ``*.rbac.yaml`` anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rbac.light import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from rbac.testing.running import Outcome, Runner
    from rbac.testing.suites import PolicyTest, Suite

OPTION = "rbac_policies"
FOLDER = "tests"
SUFFIXES = (".rbac.yaml", ".rbac.yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares where the policy is: on the command line, or in the configuration."""
    about = "the policy folder whose tests are collected, and *.rbac.yaml anywhere"
    parser.getgroup("rbac").addoption("--rbac-policies", metavar="DIR", help=about)
    parser.addini(OPTION, about, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Adds the tests of the policy to what is collected, where nobody said what is."""
    folder = _policies(config)
    if folder is None or config.args_source is pytest.Config.ArgsSource.ARGS:
        return
    tests = os.path.join(folder, FOLDER)
    if os.path.isdir(tests) and not any(_within(tests, path) for path in config.args):
        config.args.append(tests)


def _policies(config: pytest.Config) -> str | None:
    """The policy folder that was named, from the root of the tests; None if none was."""
    named = config.getoption("--rbac-policies")
    if named:
        return os.path.join(config.invocation_params.dir, named)
    named = config.getini(OPTION)
    return os.path.join(config.rootpath, named) if named else None


def _within(path: str, folder: str) -> bool:
    """Whether `path` is `folder`, or lies in it."""
    inner, outer = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath([inner, outer]) == outer


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RbacFile | None:
    """A file of policy tests, if it is one and a policy was named."""
    if file_path.suffix.lower() not in (".yaml", ".yml"):
        return None
    folder = _policies(parent.config)
    if folder is None:
        return None
    inside = _within(str(file_path), os.path.join(folder, FOLDER))
    if not inside and not file_path.name.endswith(SUFFIXES):
        return None
    found = RbacFile.from_parent(parent, path=file_path)
    assert isinstance(found, RbacFile), "pytest makes what it is asked for"
    return found


_RUNNER = pytest.StashKey["Runner"]()


def _runner(config: pytest.Config) -> Runner:
    """What runs tests against the policy that was named; made for the first file of them."""
    if _RUNNER not in config.stash:
        from rbac.policy import Policy
        from rbac.table import DecisionTable
        from rbac.testing.running import Runner

        folder = _policies(config)
        assert folder is not None, "files are collected where a policy was named"
        config.stash[_RUNNER] = Runner(DecisionTable(Policy.load(folder)))
    return config.stash[_RUNNER]


class RbacFile(pytest.File):
    """A file of policy tests."""

    def collect(self) -> Iterator[RbacItem]:
        """Its tests, in order; whatever is wrong with it, or with the policy, is an error."""
        from rbac.errors import RbacError
        from rbac.testing.reader import read

        try:
            runner = _runner(self.config)
            (suite,) = read([self._shown()], runner.table)
        except RbacError as error:
            raise self.CollectError(str(error)) from None
        for test in suite.tests:
            yield RbacItem.from_parent(self, name=test.name, runner=runner, suite=suite, test=test)

    def _shown(self) -> str:
        """The path of the file as one would name it, standing where pytest was run."""
        path = os.path.relpath(self.path, self.config.invocation_params.dir)
        reachable = os.path.realpath(path) == os.path.realpath(self.path)
        return path if reachable and not path.startswith(os.pardir) else str(self.path)


class Unexpected(Exception):
    """A policy test failed; pytest shows what was not as expected in place of a traceback."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.test.name)


class RbacItem(pytest.Item):
    """One policy test."""

    def __init__(self, *, runner: Runner, suite: Suite, test: PolicyTest, **others: object) -> None:
        super().__init__(**others)  # type: ignore[arg-type]
        self._runner = runner
        self._suite = suite
        self._test = test
        if test.skip:
            self.add_marker(pytest.mark.skip(reason=test.skip))

    def runtest(self) -> None:
        """Fails with everything that is not as the test expects."""
        outcome = self._runner.run(self._suite, self._test)
        if outcome.wrong:
            raise Unexpected(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """What was expected, what was answered, and the grant that it rests on."""
        if not isinstance(excinfo.value, Unexpected):
            return str(super().repr_failure(excinfo))
        from rbac.testing.reports import against, title

        outcome = excinfo.value.outcome
        return "\n".join([title(outcome), *(f"  {line}" for line in against(outcome))])

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands; pytest counts lines from 0."""
        return self.path, self._test.place.line - 1, self._test.name
