"""Evidence: what a decision about somebody has besides its reason, worked out when it is read.

Knows the attributes of a decision, and what they are where no grant was looked at. It must
not decide: which actions are allowed, the access says.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbac.decision import Reason
from rbac.directory import Directory
from rbac.entries import ResourceEntry, SubjectEntry
from rbac.light import NamedTuple, Protocol
from rbac.rows import Level
from rbac.table import DecisionTable
from rbac.terms import InstanceQuestion
from rbac.vocabulary import Action, ErrorCode, ResourceRole


class Answers(Protocol):
    """What says which actions are allowed: an `rbac.access.Access`."""

    @property
    def table(self) -> DecisionTable: ...
    @property
    def directory(self) -> Directory: ...
    def actions(
        self,
        who: SubjectEntry,
        role: ResourceRole | None,
        about: ResourceEntry | None,
        question: InstanceQuestion,
    ) -> Iterable[tuple[Action, Level]]: ...


class Whole(NamedTuple):
    """A question without an action about somebody who is known."""

    access: Answers
    question: InstanceQuestion
    who: SubjectEntry
    about: ResourceEntry | None

    def attributes(self, reason: Reason) -> dict[str, object]:
        """The attributes of the decision that were not needed to decide."""
        return _NOTHING | common(self.access, self.question, self.who, self.about, reason)


class Nobody(NamedTuple):
    """A question about nobody, or somebody who is not known."""

    access: Answers
    question: InstanceQuestion

    def attributes(self, reason: Reason) -> dict[str, object]:  # noqa: ARG002 - there is one
        """The attributes of the decision that were not needed to decide."""
        nobody = self.question.subject is None
        return _NOTHING | {
            "_policy": self.access.table.policy,
            "_directory": self.access.directory,
            "question": self.question,
            "actions": frozenset(),
            "error_code": ErrorCode.UNAUTHENTICATED if nobody else ErrorCode.NOT_FOUND,
        }


_NOTHING = {"grant": None, "through": (), "hold": None, "requirements": (), "unmet": ()}


def common(
    access: Answers,
    question: InstanceQuestion,
    who: SubjectEntry,
    about: ResourceEntry | None,
    reason: Reason,
) -> dict[str, object]:
    """What every decision about somebody known has; `error_code` by whether it may be read."""
    error_code = None
    if reason is not Reason.GRANTED:
        reads = any(level is Level.READ for _, level in access.actions(who, None, about, question))
        error_code = ErrorCode.PERMISSION_DENIED if reads else ErrorCode.NOT_FOUND
    return {
        "_policy": access.table.policy,
        "_directory": access.directory,
        "question": question,
        "actions": frozenset(
            action for action, _ in access.actions(who, question.role, about, question)
        ),
        "error_code": error_code,
    }
