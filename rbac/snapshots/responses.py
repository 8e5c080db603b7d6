"""List responses of the API, kept as files: the objects they list, each with its line.

Knows where the objects of an answer are. It must not know what an object means.
"""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecoder

from rbac.errors import RequestError, quoted

LISTS = {"groups": "groups", "memberships": "members", "assignments": "assignments"}
"""The member of a list response that has the objects, by table."""


def items(text: str, member: str, decoder: JSONDecoder) -> Iterator[tuple[int, object]]:
    """The objects that a list response has in `member`, each with its line.

    Raises `RequestError` for what is no list response, or not the whole list.
    """
    response = decoder.decode(text)
    if not isinstance(response, dict):
        raise RequestError("no list response: not an object")
    if strangers := response.keys() - {member, "pagination"}:
        raise RequestError(f"unknown member {quoted(min(strangers))} of a list response")
    if not isinstance(response.get(member), list):
        raise RequestError(f"a list response has an array {member}")
    page = response.get("pagination", {})
    if not isinstance(page, dict) or page.get("nextToken", "") != "":
        raise RequestError("not the whole list: it has a next page, whose objects are not here")
    yield from _placed(text, member, decoder)


def _placed(text: str, member: str, decoder: JSONDecoder) -> Iterator[tuple[int, object]]:
    """The objects of `member` in a response that is known to be one."""
    at, line, counted = text.index("{") + 1, 1, 0
    while True:
        name, at = decoder.raw_decode(text, _skip(text, at))
        at = _skip(text, _skip(text, at) + 1)  # the colon
        if name == member:
            break
        at = _skip(text, decoder.raw_decode(text, at)[1]) + 1  # the comma
    at = _skip(text, at + 1)
    while text[at] != "]":
        line, counted = line + text.count("\n", counted, at), at
        found, at = decoder.raw_decode(text, at)
        yield line, found
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    """The next place with anything but white space."""
    while text[at] in " \t\n\r":
        at += 1
    return at
