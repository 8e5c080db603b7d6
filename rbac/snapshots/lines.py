"""Lines of JSON objects, strictly: what a line says, or why it says nothing.

Knows bytes, lines and JSON. It must not know what an object means, nor where a stream of
lines comes from.

Nothing is forgiven, because what a lenient reader skips or repairs is something that
nobody wrote: of two members of one name JSON readers take the last, and a file that was
cut still has every line but one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import NoReturn

from rbac.errors import RequestError, quoted

Object = dict[str, object]

LINE = 1 << 20
"""How many bytes a line may have."""


def whole_lines(
    stream: BufferedReader, problem: Callable[[int, str], None]
) -> Iterator[tuple[int, bytes]]:
    """The whole lines of a stream with their numbers; of every other one `problem` is told.

    An overlong line is skipped to its end; a line may end a stream only with its newline.
    """
    number = 0
    while line := stream.readline(LINE + 1):
        number += 1
        if number == 1 and line.startswith(b"\xef\xbb\xbf"):
            problem(1, "starts with a byte order mark; save it as plain UTF-8")
            return
        if line.endswith(b"\n"):
            yield number, line
        elif len(line) > LINE:
            problem(number, f"a line of more than {LINE:,} bytes")
            while line and not line.endswith(b"\n"):
                line = stream.readline(LINE)
        else:
            problem(number, "the file is cut: its last line has no end")


def object_of(line: bytes) -> Object:
    """The object that a line of JSON is; raises `RequestError` or `JSONDecodeError`."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise RequestError("not UTF-8") from None
    if "\r" in text:
        text = text.removesuffix("\r\n")
        if "\r" in text:
            raise RequestError("a lone carriage return; remove it")
    try:
        found = _decoded(text)
    except RecursionError:
        raise RequestError("nested too deep") from None
    except json.JSONDecodeError:
        if not text.strip():
            raise RequestError("an empty line; remove it") from None
        raise
    if type(found) is not dict:
        raise RequestError(f"{described(found)} instead of an object")
    return found


def _once(members: list[tuple[str, object]]) -> Object:
    found = dict(members)
    if len(found) != len(members):
        names = [name for name, _ in members]
        twice = next(name for name in found if names.count(name) > 1)
        raise RequestError(f"has a member twice: {quoted(twice)}")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise RequestError(f"{name} is not JSON")


# No member is a number, and a float is made of any digits at all.
DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=float, parse_constant=_refuse_constant
)


def _decoded(text: str) -> object:
    """The value that a line of JSON is; without the layers of `json.loads`, if it is plain."""
    try:
        found, end = DECODER.scan_once(text, 0)  # type: ignore[attr-defined]
    except StopIteration:
        return DECODER.decode(text)  # says where it is wrong, or skips what precedes
    if text[end:] in ("\n", ""):
        value: object = found
        return value
    return DECODER.decode(text)


_KINDS = {
    str: "a string",
    float: "a number",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def described(value: object) -> str:
    """What kind of JSON value this is: ``an array``."""
    return _KINDS.get(type(value), type(value).__name__)
