"""Policy tests as data: files of tests, and what each expects.

Knows the shape of a test. It must not know how one is written, nor what became of it.

A *matrix* asks about kinds: every principal, role and type it names, every action that
exists on those types, on own resources and on others. What it does not list is expected
to be denied. A *scenario* asks about somebody, by the directory of its file.
"""

from __future__ import annotations

from collections.abc import Mapping

from rbac.audit.cells import Cells, Line, Numbering
from rbac.decision import Decision, Reason
from rbac.light import TYPE_CHECKING, NamedTuple
from rbac.rows import Permission, Place, Reach
from rbac.terms import InstanceQuestion
from rbac.vocabulary import Principal, ResourceRole, ResourceType

if TYPE_CHECKING:
    from rbac.access import Access
    from rbac.testing.fixtures import Fixture

ALLOWED, DENIED = "allowed", "denied"


class Matrix(NamedTuple):
    """What principals in roles may do to types; whatever `allowed` does not list is denied.

    `reasons` has the reason that is expected of some of the denied permissions.
    """

    principals: tuple[Principal, ...]
    roles: tuple[ResourceRole, ...]
    types: tuple[ResourceType, ...]
    allowed: Mapping[Permission, Reach]
    reasons: Mapping[Permission, Reason]

    def lines(self) -> list[Line]:
        """Every principal in every role, on other resources and on own ones."""
        return [
            Line(principal, role, own)
            for principal in self.principals
            for role in self.roles
            for own in (False, True)
        ]

    def asserted(self, numbering: Numbering) -> Cells:
        """Every cell that it has an expectation of."""
        mask = sum(sum(numbering.bits.get(type, {}).values()) for type in self.types)
        return Cells(numbering, dict.fromkeys(self.lines(), mask))

    def expected(self, numbering: Numbering) -> Cells:
        """Those of its cells that are expected to be allowed."""
        own = numbering.mask(self.allowed)
        every = numbering.mask(
            permission for permission, reach in self.allowed.items() if reach is Reach.ANY
        )
        return Cells(numbering, {line: own if line.own else every for line in self.lines()})


class Ask(NamedTuple):
    """A question about somebody, as it is written, with the answer that is expected."""

    text: str
    question: InstanceQuestion
    allowed: bool
    reason: Reason | None
    place: Place

    def expects(self, got: Decision) -> bool:
        """Whether `got` is the answer that is expected."""
        return got.allowed is self.allowed and self.reason in (None, got.reason)

    @property
    def expected(self) -> str:
        """The expected answer in words: ``allowed``, ``denied``, ``denied: no_grant``."""
        if self.allowed:
            return ALLOWED
        return DENIED if self.reason is None else f"{DENIED}: {self.reason.short}"


class PolicyTest(NamedTuple):
    """A test: what it is called, where it stands, what it expects, or why it is skipped."""

    name: str
    place: Place
    expects: Matrix | tuple[Ask, ...]
    skip: str = ""


class Suite(NamedTuple):
    """The tests of one file; the scenarios among them ask `access`, about the fixture."""

    file: str
    tests: tuple[PolicyTest, ...]
    fixture: Fixture | None = None
    access: Access | None = None
