"""Searches: who may do something, on what, and what else; answers found by asking.

Knows the order of results and how a search is gone on with. It must not decide: every
result is an answer of the access that `authorize` asks, about every candidate there is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from rbac.access import Access
from rbac.candidates import candidate_resources, candidate_subjects
from rbac.errors import RequestError
from rbac.terms import Credential, NewResource, Resource, Subject
from rbac.vocabulary import Action, Principal, ResourceType

R = TypeVar("R")


class Page(NamedTuple, Generic[R]):
    """Some results of a search, and the token of the next ones; empty where there are none."""

    results: tuple[R, ...]
    next_token: str


class Search(Generic[R]):
    """The results of a search, each found when it is read; every iteration searches anew.

    The order of results does not depend on anything but the results, so that a token means
    the same place after the directory has changed.
    """

    def __init__(self, question: str, found: Callable[[str], Iterator[tuple[str, R]]]) -> None:
        """`found` gives the results behind a key, each with its key, in the order of keys."""
        self._fingerprint = hashlib.sha256(question.encode()).hexdigest()[:12]
        self._found = found

    def __iter__(self) -> Iterator[R]:
        return (result for _, result in self._found(""))

    def page(self, limit: int, token: str = "") -> Page[R]:
        """Up to `limit` results, from the beginning or where the page with `token` ended.

        Raises `RequestError` for a limit below one, or a token of another search.
        """
        if type(limit) is not int:
            raise TypeError(f"limit must be an int, not {type(limit).__name__}")
        if limit < 1:
            raise RequestError("a page has at least one result")
        results: list[R] = []
        last = ""
        for key, result in self._found(self._key(token)):
            if len(results) == limit:
                return Page(tuple(results), self._token(last))
            results.append(result)
            last = key
        return Page(tuple(results), "")

    def _token(self, key: str) -> str:
        return base64.urlsafe_b64encode(f"{self._fingerprint}{key}".encode()).decode()

    def _key(self, token: str) -> str:
        """The key behind `token`; a token is only good for the search that gave it."""
        if type(token) is not str:
            raise TypeError(f"token must be a string, not {type(token).__name__}")
        if not token:
            return ""
        try:
            text = base64.b64decode(token, altchars=b"-_", validate=True).decode("ascii")
        except (ValueError, binascii.Error):
            text = ""
        if not text.startswith(self._fingerprint):
            raise RequestError("the token belongs to another search")
        return text[len(self._fingerprint) :]


def search_subjects(
    access: Access,
    action: Action,
    resource: Resource | NewResource,
    principal: Principal | None,
    credential: Credential | None,
) -> Search[Subject]:
    """Every subject that may do `action` to `resource`, by principal, then id."""

    def found(after: str) -> Iterator[tuple[str, Subject]]:
        for subject in candidate_subjects(access, action, resource):
            key = str(subject)
            if (
                principal in (None, subject.principal)
                and key > after
                and access.decide(subject, None, resource, action, credential)
            ):
                yield key, subject

    return Search(repr(("subjects", action, resource, principal, credential)), found)


def search_resources(
    access: Access,
    subject: Subject,
    action: Action,
    type: ResourceType,
    credential: Credential | None,
) -> Search[Resource]:
    """Every resource of a type that `subject` may do `action` to, by id."""

    def found(after: str) -> Iterator[tuple[str, Resource]]:
        for resource in candidate_resources(access, subject, action, type):
            if resource.id > after and access.decide(subject, None, resource, action, credential):
                yield resource.id, resource

    return Search(repr(("resources", subject, action, type, credential)), found)


def search_actions(
    access: Access,
    subject: Subject,
    resource: Resource | NewResource,
    credential: Credential | None,
) -> Search[Action]:
    """Every action that `subject` may do to `resource`, by name."""

    def found(after: str) -> Iterator[tuple[str, Action]]:
        for action in sorted(access.table.actions_on(resource.type), key=lambda each: each.short):
            if action.short > after and access.decide(subject, None, resource, action, credential):
                yield action.short, action

    return Search(repr(("actions", subject, resource, credential)), found)
