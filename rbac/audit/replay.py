"""Replay: the decisions of a log asked again, of another policy or another directory.

Knows how a logged question is put again and which answers differ. It must not decide: the
one evaluator does, for a question about somebody at the time that the log gives.

An answer differs if it allows what was denied (*gained*) or denies what was allowed
(*lost*). A question that cannot be asked any more, because what is new would lie in a
container that is not there, has no answer and is neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbac.audit.decision_log import LoggedDecision, Period
from rbac.authorizer import Authorizer
from rbac.decision import Decision, Reason
from rbac.directory import Directory
from rbac.errors import DirectoryRequired, RequestError
from rbac.guards import DEFAULT, Guard, inactive_subject
from rbac.light import NamedTuple
from rbac.policy import Policy
from rbac.terms import InstanceQuestion, Question
from rbac.vocabulary import Action, Name, ResourceRole, ResourceType


class Outcome(Name, noun="outcome"):
    """What became of a logged decision."""

    UNCHANGED = "unchanged"
    GAINED = "gained"
    LOST = "lost"
    UNASKED = "cannot be asked"


class Replayed(NamedTuple):
    """A logged decision and what is decided now; `now` is None where `error` says why.

    `line` is where it stands in the log.
    """

    line: int
    logged: LoggedDecision
    now: Decision | None
    error: str = ""

    @property
    def outcome(self) -> Outcome:
        """Whether access was gained or lost."""
        if self.now is None:
            return Outcome.UNASKED
        if self.now.allowed is self.logged.allowed:
            return Outcome.UNCHANGED
        return Outcome.GAINED if self.now.allowed else Outcome.LOST

    @property
    def unknown(self) -> bool:
        """Whether the subject or the resource was known then and is not any more."""
        now = None if self.now is None else self.now.reason
        return now in _UNKNOWN and self.logged.reason not in _UNKNOWN

    @property
    def role(self) -> ResourceRole | None:
        """The role asked about, else the one that the grant gives which allows; None: any."""
        asked = self.logged.question.role
        if asked is not None:
            return asked
        if self.logged.grant is not None and self.logged.allowed:
            return self.logged.grant.role
        gained = self.now is not None and self.now.allowed and not self.logged.allowed
        grant = self.now.grant if gained and self.now is not None else None
        return None if grant is None else grant.role


_UNKNOWN = (Reason.UNKNOWN_SUBJECT, Reason.UNKNOWN_RESOURCE)


class Replay:
    """Asks logged questions of a policy and, if there is one, a directory.

    The default guards are in force, and the time of a decision is the one it was logged at:
    who was active then is not refused because time has passed.
    """

    def __init__(self, policy: Policy, directory: Directory | None = None) -> None:
        self._clock = 0.0
        self._authorizer = Authorizer(policy, directory, guards=self._guards())

    def _guards(self) -> Iterator[Guard]:
        then = inactive_subject(lambda: self._clock)
        return (then if guard.name == then.name else guard for guard in DEFAULT)

    @property
    def authorizer(self) -> Authorizer:
        """The policy and the directory that are asked."""
        return self._authorizer

    def of(self, decisions: Iterable[tuple[int, LoggedDecision]]) -> Iterator[Replayed]:
        """Each decision, asked again; some microseconds each, and memory does not grow.

        Raises `DirectoryRequired` at a question about somebody, without a directory.
        """
        for line, logged in decisions:
            self._clock = logged.instant.timestamp()
            try:
                yield Replayed(line, logged, self._ask(logged.question))
            except DirectoryRequired:
                message = f"line {line} is about somebody: give the directory that knows whom"
                raise DirectoryRequired(message) from None
            except RequestError as error:
                yield Replayed(line, logged, None, str(error))

    def _ask(self, question: Question | InstanceQuestion) -> Decision:
        authorizer = self._authorizer
        if isinstance(question, Question):
            return authorizer.check(*question[:4], own=question.own)
        access = authorizer.access
        if question.subject is None:
            return access.unauthenticated(question)
        return access.decide(*question)


class Count:
    """How many of some decisions are unchanged, gained, lost, and cannot be asked."""

    __slots__ = ("by_outcome",)

    def __init__(self) -> None:
        self.by_outcome = dict.fromkeys(Outcome, 0)

    def __getitem__(self, outcome: Outcome) -> int:
        return self.by_outcome[outcome]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_outcome.values())

    @property
    def differ(self) -> int:
        """All but the unchanged."""
        return self.total - self[Outcome.UNCHANGED]

    def as_dict(self) -> dict[str, int]:
        """The counts as plain JSON values."""
        return {outcome.short: count for outcome, count in self.by_outcome.items()}


By = tuple[ResourceRole | None, Action | None, ResourceType]
"""What decisions are counted by: role (None: any), action (None: any), type."""


class Summary:
    """Counts of a replay: by role and action, by digest, and what is odd about it.

    `otherwise` counts unchanged answers with another reason, `unknown` the answers about
    somebody or something that is not known any more. `contradicted` counts answers that
    differ although the log names the very policy and directory that were asked: the log is
    not what was decided, or other guards were in force. `digests` and `revisions` say which
    policies and directories the log names, and how often.
    """

    def __init__(self, replay: Replay) -> None:
        authorizer = replay.authorizer
        self.digest = authorizer.policy.digest
        directory = authorizer.directory
        self.revision = None if directory is None else directory.revision
        self.all = Count()
        self.by: dict[By, Count] = {}
        self.digests: dict[str, int] = {}
        self.revisions: dict[str, int] = {}
        self.otherwise = self.unknown = self.contradicted = 0
        self.period = Period()

    def add(self, replayed: Replayed) -> Outcome:
        """Counts one; gives what became of it."""
        logged, outcome = replayed.logged, replayed.outcome
        question = logged.question
        thing = question.type if isinstance(question, Question) else question.resource.type
        by = replayed.role, question.action, thing
        for count in (self.all, self.by.get(by) or self.by.setdefault(by, Count())):
            count.by_outcome[outcome] += 1
        self._note(self.digests, logged.policy_digest)
        if logged.directory_revision is not None:
            self._note(self.revisions, logged.directory_revision)
        self.unknown += replayed.unknown
        if outcome is not Outcome.UNCHANGED:
            self.contradicted += self._is_same(logged)
        elif replayed.now is not None and replayed.now.reason is not logged.reason:
            self.otherwise += 1
        self.period.add(logged)
        return outcome

    def _note(self, counts: dict[str, int], name: str) -> None:
        if name in counts or len(counts) < MOST_NAMES:
            counts[name] = counts.get(name, 0) + 1
        else:
            counts[OTHERS] = counts.get(OTHERS, 0) + 1

    def _is_same(self, logged: LoggedDecision) -> bool:
        same = logged.policy_digest == self.digest
        return same and logged.directory_revision in (None, self.revision)


MOST_NAMES = 1_000
"""How many policies and directories of a log are told apart."""

OTHERS = "others"
