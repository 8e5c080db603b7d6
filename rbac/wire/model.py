"""What the shared models have in common: JSON text to a model, and back unchanged.

Knows how a text is read strictly and written exactly, and what is said of a text that
cannot be read. It must not know any model.
"""

# Annotations are no strings here: pydantic 2.11 would look up the names in those of `Model` in
# the modules of the models.
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, from_json, to_json

from rbac.errors import RequestError, quoted
from rbac.wire.formats import Json
from rbac.wire.sentences import sentences

_WIRE_NAMES: dict[str, str] = {}
"""How a member is called on the wire, by its attribute's name, where the two differ."""


def _unknown(member: str) -> str:
    """`member`, a member that a model does not have, unless it is an attribute's name.

    Other readers take either name for the same member, so it could hide another value.
    """
    if member in _WIRE_NAMES:
        problem = "not a name of the wire, which is {name}"
        raise PydanticCustomError("wire_name", problem, {"name": _WIRE_NAMES[member]})
    return member


class Model(BaseModel):
    """What every shared model is: snake_case attributes, camelCase members on the wire.

    Frozen. Nothing is coerced; arrays are tuples. An optional member that is absent stays
    absent when the model is written, and one that is null stays null, though both read as
    None. Members that the specification does not have are kept and written back; they are
    in `model_extra`.

    `from_json` raises `RequestError`. Built in Python, a model raises pydantic's own
    `ValidationError` instead, as pydantic's other methods do.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="allow",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
        hide_input_in_errors=True,
    )

    __pydantic_extra__: dict[Annotated[str, AfterValidator(_unknown)], Json] = Field(init=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        names = {name: str(field.alias) for name, field in cls.model_fields.items()}
        _WIRE_NAMES.update((name, alias) for name, alias in names.items() if name != alias)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """The model that a JSON text holds; bytes must be UTF-8.

        Raises `RequestError` with one sentence for each problem. A member that occurs twice
        with different values is one, because two readers could each believe another.
        """
        if isinstance(text, str):
            text = _utf_8(cls.__name__, text)
        elif not isinstance(text, bytes):
            raise TypeError(f"JSON is bytes or a string, not {type(text).__name__}")
        try:
            model: Self = cls.__pydantic_validator__.validate_json(
                text, by_alias=True, by_name=False
            )
        except ValidationError as error:
            raise RequestError("\n".join(sentences(cls.__name__, error))) from None
        if _may_have_twins(text):
            _refuse_twins(cls.__name__, text)
        return model

    def to_json(self) -> str:
        """The model as compact JSON text, with the members it was given and no others."""
        return self.model_dump_json(by_alias=True, exclude_unset=True)

    @property
    def model_extra(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The members that the specification does not have, as they were received."""
        return MappingProxyType(self.__pydantic_extra__ or {})


def _utf_8(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise RequestError(f"{name} is not JSON: a lone surrogate") from None


def _may_have_twins(data: bytes) -> bool:
    """Whether an object in the JSON text `data` may have a member twice; False is certain.

    Pydantic's reader keeps the last of two. What it read, written again, is therefore the
    same text, or at least has as many colons, only if nothing was dropped: every member has
    one, and the others are within strings. A colon that was written as an escape could make
    up for a dropped one.
    """
    again = to_json(from_json(data, cache_strings="keys"))
    if again == data:
        return False
    if again.count(b":") != data.count(b":"):
        return True
    return b"\\" in data and (b"\\u003a" in data or b"\\u003A" in data)


def _refuse_twins(name: str, data: bytes) -> None:
    """Raises `RequestError` if an object in `data` has a member twice, with different values.

    Equal ones are let pass: every reader takes the same from them, and the published client
    writes them when it is asked for the text of what it received.
    """

    def once(members: list[tuple[str, object]]) -> dict[str, object]:
        kept: dict[str, object] = {}
        for member, value in members:
            if kept.setdefault(member, value) != value:
                raise RequestError(f"{name} has a member with two values: {quoted(member)}")
        return kept

    # Numbers become tuples of their digits, so 1 is equal to neither 1.0 nor "1" nor true.
    json.loads(data, object_pairs_hook=once, parse_int=tuple, parse_float=tuple)
