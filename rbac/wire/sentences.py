"""What is wrong with a JSON text, one sentence for each problem.

Knows pydantic's errors and how people are told of them. It must not know any model, nor
quote a value that may be a secret: only those that have a format are quoted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rbac.errors import printable, quoted
from rbac.wire.formats import CANONICAL_ID, RFC_3339

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_EXPECTED = {
    "bool_type": "a boolean",
    "dict_type": "an object",
    "int_type": "an integer",
    "model_type": "an object",
    "string_type": "a string",
    "tuple_type": "an array",
}
"""The JSON type that was expected, by the type of pydantic's error."""

_FORMS = {CANONICAL_ID: "a canonical lower-case UUID", RFC_3339: "an RFC 3339 timestamp"}
"""What a text must be, by its pattern."""


def sentences(name: str, error: ValidationError) -> Iterator[str]:
    """A sentence for each problem with a text that should have been a model called `name`."""
    for problem in error.errors(include_url=False):
        yield f"{_place(name, problem['loc'])} {_what(problem)}"


def _place(name: str, path: tuple[int | str, ...]) -> str:
    place = name
    for part in path:
        if isinstance(part, int):
            place += f"[{part}]"
        else:
            place += f".{part}" if part.isidentifier() else f"[{quoted(part)}]"
    return place


def _what(problem: ErrorDetails) -> str:
    kind, value = problem["type"], problem["input"]
    limits: dict[str, Any] = problem.get("ctx", {})
    match kind:
        case "missing":
            return "is missing"
        case "json_invalid":
            return f"is not JSON: {printable(limits['error'])}"
        case "string_pattern_mismatch":
            return f"{quoted(value)} is not {_FORMS[limits['pattern']]}"
        case "string_too_short":
            return f"must have at least {_characters(limits['min_length'])}, not {len(value)}"
        case "string_too_long":
            return f"must have at most {_characters(limits['max_length'])}, not {len(value)}"
        case "greater_than_equal" | "less_than":
            return "must be an integer of 32 bits"
        case "json_value":
            return "is or holds a number that is not finite"
        case "wire_name":
            return f"is called {quoted(limits['name'])} on the wire"
    if kind in _EXPECTED:
        return f"must be {_EXPECTED[kind]}, not {_json_type(value)}"
    return f"is refused: {printable(problem['msg'])}"


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def _json_type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "an array"
    return "an object"
