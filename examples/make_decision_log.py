"""Makes the sample decision log: three made-up weeks of the made-up organization.

    python -m examples.make_decision_log FILE

Nobody in it exists and nothing in it happened. Everybody has a few habits among all that it
is permitted, so that most of what is permitted is never used, and now and then asks for
something else, which is mostly denied. The policy is the shipped one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from examples.make_organization import ORGANIZATION, SEED, T, person, records, robot, thing
from rbac import Action, Authorizer, Credential, Decision, Directory, Resource, Subject
from rbac.audit.decision_log import as_line
from rbac.counting import permitted
from rbac.guards import FOREIGN_ORGANIZATION, READ_ONLY_CREDENTIAL, inactive_subject
from rbac.vocabulary import Principal, ResourceRole

FIRST = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAYS, A_DAY = 15, 24
"""How many working days there are, and how many decisions on each."""

Habit = tuple[Action, Resource]


def lines() -> Iterator[str]:
    """The lines of the log."""
    chance = random.Random(SEED)
    directory = Directory(records())
    guards = (
        inactive_subject(FIRST.timestamp),
        FOREIGN_ORGANIZATION,
        READ_ONLY_CREDENTIAL,
    )
    authorizer = Authorizer(directory=directory, guards=guards)
    habits = _habits(authorizer, chance)
    for day in range(DAYS):
        morning = FIRST + timedelta(days=day // 5 * 7 + day % 5)
        seconds = sorted(chance.sample(range(10 * 3600), A_DAY))
        for number, second in enumerate(seconds, 1):
            decision = _decision(authorizer, habits, chance)
            time = morning + timedelta(seconds=second)
            yield as_line(decision, time, request=f"{time:%m%d}-{number:02}")


def _habits(authorizer: Authorizer, chance: random.Random) -> dict[Subject, list[Habit]]:
    """What each of some subjects is used to doing, all of it permitted."""
    everything: dict[Subject, list[Habit]] = {}
    for subject, action, resource in permitted(authorizer.access):
        everything.setdefault(subject, []).append((action, resource))
    busy = [*map(person, (1, 4, 6, 9, *range(11, 32))), *map(robot, (1, 2))]
    return {
        who: [
            *chance.sample(everything[who], 1),
            *chance.sample([each for each in everything[who] if each[1].type in _SHARED], 3),
        ]
        for who in busy
    }


_SHARED = (T.PROJECT, T.SECRET, T.WORKFLOW, T.RUNNER)
"""What is shared with some and not with others."""


def _decision(
    authorizer: Authorizer, habits: dict[Subject, list[Habit]], chance: random.Random
) -> Decision:
    drawn = chance.random()
    who = chance.choice(list(habits))
    if drawn < 0.75:
        return authorizer.authorize(who, *chance.choice(habits[who]))
    if drawn < 0.87:
        other = chance.choice(list(habits))
        return authorizer.authorize(who, *chance.choice(habits[other]))
    return _rarer(authorizer, who, chance)


def _rarer(authorizer: Authorizer, who: Subject, chance: random.Random) -> Decision:
    """A question of another form: in a role, of kinds, about what is new, by nobody."""
    project = thing(T.PROJECT, chance.randint(1, 9))
    runner = thing(T.RUNNER, chance.randint(1, 3))
    new = Resource.new(T.ENVIRONMENT, (ORGANIZATION,), owner=who, naming=(project, runner))
    editor = ResourceRole.PROJECT_EDITOR
    ways = (
        lambda: authorizer.check(who, editor, project, Action.UPDATE),
        lambda: authorizer.check(Principal.USER, editor, T.PROJECT, Action.UPDATE),
        lambda: authorizer.authorize(who, Action.CREATE, new),
        lambda: authorizer.authorize(None, Action.GET, project),
        lambda: authorizer.authorize(
            who, Action.UPDATE, project, credential=Credential(read_only=True)
        ),
    )
    return chance.choice(ways)()


def main(file: str) -> None:
    """Writes the log to `file`."""
    with open(file, "w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines())


if __name__ == "__main__":
    main(sys.argv[1])
