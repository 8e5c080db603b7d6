"""Mutants: the policy with one grant flipped, and which of them the tests would not notice.

Knows which cells each flip would change, worked out from the one table. It must not know
how tests are written.

A flip takes a grant away, turns its reach over, or gives a role a permission that it has no
grant for, on any resource or on own ones. It is a mutant if it changes a cell at all. A
mutant is *killed* if a cell that it changes is asserted, or if a scenario is answered
otherwise by it; else it *survives*: the policy could be so, and every test would pass.

No mutated policy is built to find out what a flip changes: a role permits what the grants
of the roles it includes permit, with the widest reach, so that the cells of one permission
in the senior roles are all there is to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rbac.access import Access
from rbac.audit.cells import Cells, Line, permitted
from rbac.light import NamedTuple
from rbac.policy import Policy, unvalidated
from rbac.rows import Grant, Permission, Reach
from rbac.table import DecisionTable
from rbac.testing.coverage import asserted_by
from rbac.testing.running import PASSED, Outcome, Runner
from rbac.testing.suites import Ask, Matrix
from rbac.vocabulary import Name, Principal, ResourceRole

ANY, OWN = Reach.ANY, Reach.OWN


class Flip(Name, noun="flip"):
    """What is done to a grant."""

    REMOVED = "removed"
    WIDENED = "widened"
    NARROWED = "narrowed"
    ADDED = "added"


class Mutant(NamedTuple):
    """One grant flipped: the row as it is, or for an added one, as it would be."""

    flip: Flip
    grant: Grant

    def __str__(self) -> str:
        row = ", ".join(["p", *(name.short for name in self.grant[:4])])
        if self.flip is Flip.ADDED:
            return f"added: {row}"
        return f"{self.flip.short}: {row}  ({self.grant.place})"

    def as_dict(self) -> dict[str, object]:
        """The flip, and the row with its place."""
        place = None if self.flip is Flip.ADDED else str(self.grant.place)
        return {
            "flip": self.flip.short,
            "grant": [name.short for name in self.grant[:4]],
            "place": place,
        }

    def policy(self, policy: Policy) -> Policy:
        """The policy with the one grant flipped."""
        rows = policy.rows
        grants = [grant for grant in rows.grants if grant is not self.grant]
        if self.flip is Flip.ADDED:
            grants.append(self.grant)
        elif self.flip is not Flip.REMOVED:
            grants.append(self.grant._replace(reach=turned(self.grant.reach)))
        return unvalidated(rows._replace(grants=tuple(grants)))


class Mutants(NamedTuple):
    """How many mutants there are of each flip, and those that survive."""

    counts: dict[Flip, int]
    survivors: tuple[Mutant, ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    def surviving(self, flip: Flip) -> int:
        """How many of one flip survive."""
        return sum(1 for mutant in self.survivors if mutant.flip is flip)


def turned(reach: Reach) -> Reach:
    """The other reach."""
    return OWN if reach is ANY else ANY


class Mutation:
    """Every flip of one policy, with the cells that it changes."""

    def __init__(self, runner: Runner) -> None:
        self.table = runner.table
        self.numbering = runner.numbering
        self.holders: dict[ResourceRole, list[Principal]] = {}
        for row in self.table.policy.rows.eligibility:
            self.holders.setdefault(row.role, []).append(row.principal)
        roles = self.table.roles
        self.seniors = {
            role: [each for each in roles if role in self.table.includes(each)] for role in roles
        }
        self.permits = {role: permitted(self.table, role, self.numbering) for role in roles}

    def flips(self) -> Iterator[Mutant]:
        """Every grant taken away, and turned over, whether or not that changes a cell."""
        for grant in self.table.policy.rows.grants:
            yield Mutant(Flip.REMOVED, grant)
            yield Mutant(Flip.WIDENED if grant.reach is OWN else Flip.NARROWED, grant)

    def changed(self, mutant: Mutant) -> Cells:
        """The cells that a mutant allows and the policy does not, or the other way round."""
        bit = self.numbering.mask([mutant.grant.permission])
        masks: dict[Line, int] = {}
        for role in self.seniors[mutant.grant.role]:
            before = self.table.reach(role, mutant.grant.permission)
            after = self._reach(role, mutant)
            for own in (False, True):
                if _allows(before, own) is not _allows(after, own):
                    lines = (Line(who, role, own) for who in self.holders.get(role, ()))
                    masks |= dict.fromkeys(lines, bit)
        return Cells(self.numbering, masks)

    def _reach(self, role: ResourceRole, mutant: Mutant) -> Reach | None:
        """How far a role that includes the one of the grant would have the permission then."""
        bases = self.table.bases(role, mutant.grant.permission)
        reaches = {basis.grant.reach for basis in bases if basis.grant is not mutant.grant}
        if mutant.flip is Flip.ADDED:
            reaches.add(mutant.grant.reach)
        elif mutant.flip is not Flip.REMOVED:
            reaches.add(turned(mutant.grant.reach))
        return ANY if ANY in reaches else OWN if reaches else None

    def added(self, role: ResourceRole, reach: Reach, asserted: Cells) -> tuple[int, int]:
        """The permissions, as bits, whose grant to `role` would change a cell: all, and killed.

        A role that has a grant for a permission is not given another.
        """
        changing = killed = 0
        for senior in self.seniors[role]:
            anywhere, own = self.permits[senior]
            for who in self.holders.get(senior, ()):
                opened = {True: ~own, False: ~anywhere if reach is ANY else 0}
                for on_own, mask in opened.items():
                    changing |= mask
                    killed |= mask & asserted.masks.get(Line(who, senior, on_own), 0)
        free = self.numbering.catalogue(self.table) & ~self.numbering.mask(
            grant.permission for grant in self.table.policy.rows.grants if grant.role is role
        )
        return changing & free, killed & free


def _allows(reach: Reach | None, own: bool) -> bool:
    return reach is ANY or (own and reach is OWN)


def mutants(runner: Runner, outcomes: Sequence[Outcome]) -> Mutants:
    """Every mutant, counted, and those that survive the tests that passed.

    Some 30 ms on the shipped policy; a survivor that a scenario may notice is tried on it,
    milliseconds each.
    """
    mutation = Mutation(runner)
    asserted = asserted_by(runner, outcomes)
    counts = dict.fromkeys(Flip, 0)
    left: list[Mutant] = []
    for mutant in mutation.flips():
        changed = mutation.changed(mutant)
        counts[mutant.flip] += 1 if len(changed) else 0
        if len(changed) and not len(changed & asserted):
            left.append(mutant)
    for role in runner.table.roles:
        for reach in (ANY, OWN):
            changing, killed = mutation.added(role, reach, asserted)
            counts[Flip.ADDED] += changing.bit_count()
            left += (
                Mutant(Flip.ADDED, Grant(role, type, action, reach))
                for action, type in runner.numbering.named(changing & ~killed)
            )
    noticing = Noticing(runner.table, outcomes)
    return Mutants(counts, tuple(each for each in left if not noticing.kills(each)))


class Noticing:
    """The scenarios that passed, tried on mutants that could change their answers."""

    def __init__(self, table: DecisionTable, outcomes: Iterable[Outcome]) -> None:
        self.table = table
        self.asks: dict[Permission, dict[Access, list[Ask]]] = {}
        self.behind: dict[Permission, set[Permission]] = {}
        for outcome in outcomes:
            access, expects = outcome.suite.access, outcome.test.expects
            if access is None or outcome.result != PASSED or isinstance(expects, Matrix):
                continue
            for ask in expects:
                self._take(access, ask)

    def _take(self, access: Access, ask: Ask) -> None:
        """Files a question under each permission whose grants its answer can depend on."""
        action = ask.question.action
        assert action is not None, "a question names an action"
        asked = Permission(action, ask.question.resource.type)
        needs = [row.need for row in self.table.requirements(asked)]
        behind = {asked, *(need for need in needs if isinstance(need, Permission))}
        for permission in behind:
            self.asks.setdefault(permission, {}).setdefault(access, []).append(ask)
            self.behind.setdefault(permission, set()).update(behind)

    def kills(self, mutant: Mutant) -> bool:
        """Whether a scenario is answered otherwise than expected by a mutant."""
        permission = mutant.grant.permission
        if permission not in self.asks:
            return False
        rows = mutant.policy(self.table.policy).rows
        # No other grant has a say in these answers, and without them a table is soon made.
        grants = tuple(each for each in rows.grants if each.permission in self.behind[permission])
        table = DecisionTable(unvalidated(rows._replace(grants=grants)))
        for access, asks in self.asks[permission].items():
            decide = Access(table, access.directory, access.guards).decide
            if not all(ask.expects(decide(*ask.question)) for ask in asks):
                return True
        return False
