"""Casbin as the second opinion: fed exactly our rows, and never trusted blindly."""

import logging
import re
from pathlib import Path

import pytest

import rbac
from rbac import EnforcerError, Policy
from rbac import enforcer as module
from rbac.enforcer import Enforcer
from rbac.notation.grammar import MODEL
from rbac.terms import Question
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.building import small_policy

ASKED = Question(Principal.USER, ResourceRole.PROJECT_USER, ResourceType.PROJECT, Action.GET)


def test_only_one_module_imports_casbin() -> None:
    """Casbin is known to the enforcer and to nothing else."""
    package = Path(rbac.__file__).parent
    importers = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(
            r"^\s*(?:import|from) casbin\b", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert importers == ["enforcer.py"]


def test_an_enforcer_of_one_type_answers_like_the_whole_one_there() -> None:
    """Holding the grants of one type only changes no answer about that type."""
    policy = small_policy(["project_user project get any", "org_member group get any"])
    part = Enforcer(policy, [ResourceType.PROJECT])
    assert part.allows(ASKED)
    assert Enforcer(policy).allows(ASKED)
    other = Question(Principal.USER, ResourceRole.ORG_MEMBER, ResourceType.GROUP, Action.GET)
    assert Enforcer(policy).allows(other)
    assert not part.allows(other)


def test_an_enforcer_without_grants_allows_nothing() -> None:
    """A type on which nothing is granted is clear of Casbin's rule for empty policies."""
    policy = small_policy(["org_member group get any"])
    assert not Enforcer(policy, [ResourceType.PROJECT]).allows(ASKED)


def test_casbin_that_holds_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An enforcer that lost or gained a rule on the way is not used."""
    rules = module._rules

    def lossy(*arguments: object) -> module.Rules:
        monkeypatch.setattr(module._Rows, "load_policy", lambda *_: None)
        return rules(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_rules", lossy)
    with pytest.raises(EnforcerError, match="casbin holds 0 p rules and was given 2"):
        Enforcer(small_policy(["project_user project get any"]))


def test_two_owners_of_the_package_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two distributions wrote the casbin package, the error says how to mend it."""
    owners = {"casbin": ["pycasbin", "casbin"]}
    monkeypatch.setattr(module, "packages_distributions", lambda: owners)
    with pytest.raises(EnforcerError, match=r"uninstall casbin and pycasbin, then install casbin"):
        Enforcer(small_policy(["project_user project get any"]))


def test_building_an_enforcer_leaves_logging_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    """Casbin's loggers are no less enabled afterwards, and no denial of ours is logged."""
    loggers = [logging.getLogger(name) for name in ("casbin.enforcer", "casbin.policy")]
    loggers[0].disabled = False
    loggers[1].disabled = True
    enforcer = Enforcer(small_policy(["project_user project get any"]))
    assert [logger.disabled for logger in loggers] == [False, True]
    loggers[1].disabled = False
    with caplog.at_level(logging.DEBUG):
        assert not enforcer.allows(ASKED._replace(action=Action.UPDATE))
    assert not caplog.records


def test_the_model_is_the_one_the_policy_folder_carries() -> None:
    """The enforcer uses, word for word, the model that reviewers see."""
    shipped = Path(rbac.policy.shipped_folder()) / "model.conf"
    assert shipped.read_text(encoding="utf-8") == f"{MODEL}\n# end\n"
    assert Policy.load(rbac.policy.shipped_folder()) == Policy.shipped()
