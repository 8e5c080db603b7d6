"""The formats of the shared models' fields: ids, timestamps, open enums, maps, anything.

Knows what text or number each format takes and how it is kept so that it is written back
unchanged. It must not know the models that use them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from math import isfinite
from typing import Annotated, Any, NoReturn, Self, TypeVar

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from rbac.errors import RequestError, quoted
from rbac.vocabulary import Name

_K = TypeVar("_K")
_V = TypeVar("_V")

CANONICAL_ID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
"""What `rbac.terms.canonical_id` takes, for a validator that does not run Python."""

Id = Annotated[str, StringConstraints(pattern=CANONICAL_ID)]
"""Format ``uuid``: canonical and lower-case, never normalised."""

Int32 = Annotated[int, Field(ge=-(2**31), lt=2**31)]
"""Format ``int32``."""

# A calendar, because a validator that does not run Python takes only a pattern: February has
# 28 days in every year and 29 in those that 4 divides, of whole centuries in those that 400
# does. There is no year 0.
_DATE = (
    "(?:(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-"
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)"
    "|(?:0[13578]|1[02])-31)"
    "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])"
    "|(?:0[48]|[2468][048]|[13579][26])00)-02-29)"
)
_HOUR = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
RFC_3339 = f"^{_DATE}[Tt]{_HOUR}:[0-5][0-9](?:[.][0-9]{{1,9}})?(?:[Zz]|[+-]{_HOUR})$"


class Timestamp(str):
    """Format ``date-time``: an RFC 3339 timestamp, kept as the text that was received.

    A `datetime` has microseconds, the wire nanoseconds and more than one spelling of an
    instant, so only the text can be given back. Two timestamps are equal when their texts
    are; they have no order, because that of the texts would not be that of the instants.

    Raises `RequestError` for any other text, a leap second included.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not isinstance(text, str):
            raise TypeError(f"a timestamp is a string, not {type(text).__name__}")
        if not re.fullmatch(RFC_3339, text):
            raise RequestError(f"{quoted(text)} is not an RFC 3339 timestamp")
        return super().__new__(cls, text)

    @property
    def datetime(self) -> datetime:
        """The instant as an aware `datetime`, cut to whole microseconds."""
        return datetime.fromisoformat(self.upper())

    def _no_order(self, _: object) -> NoReturn:
        raise TypeError("timestamps are texts without an order: compare their .datetime")

    __lt__ = __le__ = __gt__ = __ge__ = _no_order

    def __repr__(self) -> str:
        return f"Timestamp({str.__repr__(self)})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            partial(str.__new__, cls), core_schema.str_schema(strict=True, pattern=RFC_3339)
        )


class OpenEnum:
    """Annotates ``names | str``: the wire value of a member is read as the member.

    Any other text is kept as it is, because a newer API may have more names; it is no
    member, so nothing that takes a member takes it.
    """

    def __init__(self, names: type[Name]) -> None:
        self.names = names

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.union_schema(
            [
                core_schema.enum_schema(self.names, list(self.names), strict=False),
                core_schema.str_schema(strict=True),
            ],
            mode="left_to_right",
            custom_error_type="string_type",
        )


class FrozenDict(dict[_K, _V]):
    """A JSON object inside a frozen model: a dict that cannot be changed."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("an object inside a wire model cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (dict(self),)


# Tuples, as a union would be built anew for every value; the likeliest kind comes first.
_ARRAYS = (list, tuple)
_OBJECTS = (dict, Mapping)
_SCALARS = (str, int)


def frozen(value: object) -> object:
    """`value`, which must be a JSON value, so that no part of it can be changed."""
    if value is None or isinstance(value, _SCALARS):
        return value
    if isinstance(value, _OBJECTS):
        return FrozenDict({_key(key): frozen(item) for key, item in value.items()})
    if isinstance(value, _ARRAYS):
        return tuple(frozen(item) for item in value)
    if isinstance(value, float):
        if not isfinite(value):
            raise PydanticCustomError("json_value", "not finite")
        return value
    raise PydanticCustomError("json_value", "not JSON")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise PydanticCustomError("json_value", "not JSON")
    return key


Texts = Annotated[dict[str, str], AfterValidator(FrozenDict)]
"""A map from string to string."""

Json = Annotated[object, AfterValidator(frozen)]
"""A value of no stated type; also the value of a field that a newer API has added."""
