"""Numbers of subjects, so that sets of them before and after a change can be compared.

Knows which number each subject of an organization has, in whichever of two directories it
is. It must not know what anybody may do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rbac.entries import SubjectEntry
from rbac.terms import Subject
from rbac.vocabulary import Principal


class Numbers:
    """A number for each subject of an organization, by kind; whoever else is met gets the next."""

    __slots__ = ("_ids", "of")

    def __init__(self, *kinds: Mapping[Principal, list[SubjectEntry]]) -> None:
        """`kinds` are the subjects of the organization, once for each directory."""
        self.of: dict[Principal, dict[str, int]] = {}
        self._ids: dict[Principal, list[str]] = {}
        for principal in Principal:
            ids = sorted({who.id for each in kinds for who in each.get(principal, ())})
            self._ids[principal] = ids
            self.of[principal] = {id: number for number, id in enumerate(ids)}

    def place(self, who: Subject | SubjectEntry) -> int:
        """The number of a subject, given to it now if it has none."""
        numbers = self.of[who.principal]
        number = numbers.setdefault(who.id, len(numbers))
        if number == len(self._ids[who.principal]):
            self._ids[who.principal].append(who.id)
        return number

    def ids(self, principal: Principal) -> list[str]:
        """The ids of a kind, by number."""
        return self._ids[principal]

    def subjects(self, principal: Principal, members: int) -> Iterator[Subject]:
        """The subjects of a set, by number."""
        ids = self._ids[principal]
        while members:
            lowest = members & -members
            yield Subject(principal, ids[lowest.bit_length() - 1])
            members ^= lowest
