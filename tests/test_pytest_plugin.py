"""Policy tests in pytest: collected where a policy is named, and only there."""

from pathlib import Path
from textwrap import dedent

import pytest
import yaml  # noqa: F401 - and then there would be two of each

from rbac.policy import Policy
from tests.building import small_policy

pytest_plugins = ["pytester"]

TESTS = """
tests:
  - name: a user of a project reads it
    principals: [user]
    roles: [project_user]
    types: [project]
    allowed: [get]
  - name: and nobody shares it
    skip: waits for a decision
    principals: [user]
    roles: [project_user]
    types: [project]
    allowed: nothing
  - name: a user of a project changes it
    principals: [user]
    roles: [project_user]
    types: [project]
    allowed: [get, update]
# end
"""


@pytest.fixture(name="policy")
def _policy(pytester: pytest.Pytester) -> Policy:
    """A policy in ``policies`` with tests beside it, and a Python test in ``tests``."""
    policy = small_policy(["project_user project get any"])
    policy.write(pytester.path / "policies")
    pytester.mkdir("tests").joinpath("test_some.py").write_text("def test_some(): pass\n")
    folder = pytester.path / "policies" / "tests"
    folder.mkdir()
    (folder / "projects.yaml").write_text(TESTS.lstrip(), encoding="utf-8")
    return policy


def test_each_policy_test_is_an_item(pytester: pytest.Pytester, policy: Policy) -> None:
    """It passes, is skipped with its reason, or fails with what was expected and the decision."""
    result = pytester.runpytest("--rbac-policies", "policies", "-rs")
    result.assert_outcomes(passed=2, skipped=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "policies/tests/projects.yaml:13: a user of a project changes it",
            "  expected allowed: user as project_user: update on project, any  (2 cells)",
            '    denied: project_user has no grant for "update project"',
            "SKIPPED * waits for a decision",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_without_a_policy_nothing_is_collected(pytester: pytest.Pytester, policy: Policy) -> None:
    """Files of policy tests are no business of a pytest that was told of no policy."""
    (pytester.path / "other.rbac.yaml").write_text(TESTS, encoding="utf-8")
    pytester.runpytest().assert_outcomes(passed=1)
    result = pytester.runpytest("policies/tests/projects.yaml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_the_policy_may_be_named_in_the_configuration(
    pytester: pytest.Pytester, policy: Policy
) -> None:
    """Its tests are then collected beside the other paths, but not where paths are named."""
    pytester.makeini("[pytest]\ntestpaths = tests\nrbac_policies = policies\n")
    pytester.runpytest().assert_outcomes(passed=2, skipped=1, failed=1)
    pytester.runpytest("tests").assert_outcomes(passed=1)
    pytester.runpytest("policies").assert_outcomes(passed=1, skipped=1, failed=1)
    inner = pytester.runpytest("-k", "reads").parseoutcomes()
    assert inner == {"passed": 1, "deselected": 3}


def test_files_with_the_double_ending_are_collected_anywhere(
    pytester: pytest.Pytester, policy: Policy
) -> None:
    """A file of policy tests may lie beside Python tests; other YAML there is left alone."""
    folder = pytester.path / "tests"
    (folder / "more.rbac.yaml").write_text(TESTS.lstrip(), encoding="utf-8")
    (folder / "data.yaml").write_text("no: tests\n", encoding="utf-8")
    result = pytester.runpytest("--rbac-policies", "policies", "tests")
    result.assert_outcomes(passed=2, skipped=1, failed=1)


def test_a_file_that_is_not_well_written_is_an_error_with_its_lines(
    pytester: pytest.Pytester, policy: Policy
) -> None:
    """Every problem is shown, none of its tests runs, and pytest fails."""
    wrong = TESTS.lstrip().replace("roles:", "role:").replace("[get]", "[gett]")
    (pytester.path / "policies" / "tests" / "projects.yaml").write_text(wrong, encoding="utf-8")
    result = pytester.runpytest("--rbac-policies", "policies")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            'policies/tests/projects.yaml:4:5: unknown key "role" in a matrix; *"roles"?',
            'policies/tests/projects.yaml:6:*: unknown action "gett"; did you mean *',
        ]
    )


def test_a_policy_that_cannot_be_read_is_an_error(
    pytester: pytest.Pytester, policy: Policy
) -> None:
    """The problems of the policy are those of the files about it."""
    (pytester.path / "policies" / "roles.csv").unlink()
    result = pytester.runpytest("--rbac-policies", "policies")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*policies/roles.csv: this file is missing*"])


def test_policy_tests_are_chosen_by_name(pytester: pytest.Pytester, policy: Policy) -> None:
    """They are named as other tests are, and chosen by name."""
    chosen = "policies/tests/projects.yaml::a user of a project reads it"
    result = pytester.runpytest("--rbac-policies", "policies", chosen, "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["policies/tests/projects.yaml::a user of a project reads it PASSED*"]
    )
    collected = pytester.runpytest("--rbac-policies", "policies", "--collect-only", "-q")
    collected.stdout.fnmatch_lines([chosen])


def test_a_policy_test_may_ask_about_somebody(pytester: pytest.Pytester) -> None:
    """Scenarios are items as well, and name what was asked at its line."""
    Policy.shipped().write(pytester.path / "policies")
    text = """
        directory:
          organizations: [acme]
          subjects: [ada]
        tests:
          - name: a member leaves
            allowed: [ada leave acme]
          - name: a member closes the organization
            allowed:
              - ada delete acme
        # end
    """
    (pytester.path / "some.rbac.yaml").write_text(dedent(text).lstrip(), encoding="utf-8")
    result = pytester.runpytest("--rbac-policies", "policies")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["  some.rbac.yaml:9: expected allowed: ada delete acme", "    denied: user:ada has no *"]
    )


def test_those_who_do_not_use_it_load_nothing(pytester: pytest.Pytester) -> None:
    """Without a policy, neither YAML, nor the reader, nor any policy is loaded."""
    pytester.makepyfile(
        """
        import sys

        def test_light():
            assert "rbac.pytest_plugin" in sys.modules
            heavy = ("yaml", "rbac.testing", "rbac.audit", "rbac.cli", "pydantic", "casbin")
            assert [name for name in heavy if name in sys.modules] == []
        """
    )
    (pytester.path / "data.yaml").write_text("a: b\n")
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)


def test_the_shipped_suite_runs_in_pytest(pytester: pytest.Pytester) -> None:
    """All that `rbac test` runs, pytest runs."""
    folder = Path(__file__).parents[1] / "policies"
    result = pytester.runpytest("--rbac-policies", str(folder), str(folder / "tests"), "-q")
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}
    assert outcomes["passed"] > 70
