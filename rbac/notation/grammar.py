"""The grammar of a policy folder: its files, the rows each holds, and the fields of a row.

Knows how the text of one field becomes a value, and the Casbin model that every policy
carries. It must not know how files are found, read or written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rbac.errors import meant, nearest, quoted
from rbac.light import NamedTuple
from rbac.rows import (
    CatalogueRow,
    Containment,
    CredentialKind,
    DerivedRole,
    Eligibility,
    Grant,
    Level,
    Mark,
    Need,
    Permission,
    Rationale,
    Reach,
    Relation,
    Requirement,
    RoleRow,
    Row,
    Seniority,
)
from rbac.vocabulary import Action, Name, Principal, ResourceRole, ResourceType, short_names

END = "# end"

WAIVER = "# waive RBAC"
"""How a line of a comment opens that accepts a finding of an audit, and says no more."""

MODEL = """\
[request_definition]
r = principal, role, type, action, own

[policy_definition]
p = role, type, action, reach

[role_definition]
g = _, _
g2 = _, _
g3 = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.type == p.type && r.action == p.action && (p.reach == "any" || r.own == True) \
&& g(r.role, p.role) && g2(r.principal, r.role)
"""
"""The Casbin model of every policy. ``== True``, because any truthy value would pass;
``g3`` is there so that Casbin keeps the containment rows."""

Converter = Callable[[str], object]


class Field(NamedTuple):
    """One field of a row: what messages call it, and how its text becomes a value."""

    noun: str
    convert: Converter
    known: Sequence[str] = ()


class Kind(NamedTuple):
    """One kind of row: the field that opens it, if any, its other fields, what it becomes."""

    marker: str
    fields: tuple[Field, ...]
    make: Callable[..., Row]

    @property
    def shape(self) -> str:
        """How a row of this kind looks, for messages."""
        names = [field.noun for field in self.fields]
        return ", ".join([self.marker, *names] if self.marker else names)


def _name(names: type[Name], noun: str | None = None) -> Field:
    known = {text: name for text, name in short_names(names).items() if text != "unspecified"}
    return Field(noun or names.noun, known.__getitem__, tuple(known))


_ROLE, _TYPE, _ACTION = _name(ResourceRole), _name(ResourceType), _name(Action)
_PRINCIPAL = _name(Principal)


def _assigned_on(text: str) -> object:
    return None if text == "-" else _TYPE.convert(text)


def _methods(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _note(text: str) -> str:
    if not text:
        raise ValueError("the note is empty")
    return text


def _need(text: str) -> Need:
    match text.split():
        case ["principal", name] if name in _PRINCIPAL.known:
            return Principal.parse(name)
        case ["credential", "impersonated"]:
            return CredentialKind.IMPERSONATED
        case [kind, action] if kind in _TYPE.known and action in _ACTION.known:
            return Permission(Action.parse(action), ResourceType.parse(kind))
    raise ValueError(
        f"unknown requirement {quoted(text)}; write a type and an action, "
        '"principal" and a principal, or "credential impersonated"'
    )


ROLES = Kind(
    "",
    (
        _ROLE,
        Field("assigned_on", _assigned_on, _TYPE.known),
        Field("assignable", {"yes": True, "system": False}.__getitem__, ("yes", "system")),
        Field("note", _note),
    ),
    RoleRow,
)
GRANTS = Kind("p", (_ROLE, _TYPE, _ACTION, _name(Reach)), Grant)
TABLES: dict[str, Kind] = {
    "roles.csv": ROLES,
    "catalogue.csv": Kind(
        "", (_TYPE, _ACTION, _name(Level), Field("method", _methods)), CatalogueRow
    ),
    "containment.csv": Kind(
        "g3", (_name(ResourceType, "child"), _name(ResourceType, "parent")), Containment
    ),
    "eligibility.csv": Kind("g2", (_PRINCIPAL, _ROLE), Eligibility),
    "seniority.csv": Kind(
        "g", (_name(ResourceRole, "senior role"), _name(ResourceRole, "junior role")), Seniority
    ),
    "derived_roles.csv": Kind("", (_name(Relation), _TYPE, _ROLE), DerivedRole),
    "requirements.csv": Kind("", (_TYPE, _ACTION, Field("requirement", _need)), Requirement),
}
FAMILIES = _TYPE.known
"""The names that a file of grants may have: the types that roles are held on."""

INVISIBLE = frozenset(
    map(
        chr,
        [
            *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
            *range(0x180B, 0x1810),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ],
    )
)
"""Characters that Python calls printable and that nobody sees: the default-ignorable ones
of Unicode (UAX #44) among letters and marks, and the blank braille pattern."""

OPTIONAL = ("README.md", "invariants.toml", "constraints.toml", "baseline.toml")

_MARKS = short_names(Mark)


def rationale(comment: Sequence[str]) -> Rationale | None:
    """What the comment lines above grants say of them; None if it is not a rationale."""
    told = [line.lstrip("#") for line in comment if not line.startswith(WAIVER)]
    text = " ".join(" ".join(told).split())
    head, colon, why = text.partition(":")
    mark, *keys = head.split() or [""]
    if mark in _MARKS and keys and all(map(_is_key, keys)) and colon and why.strip():
        return Rationale(_MARKS[mark], tuple(keys), why.strip())
    return None


def _is_key(key: str) -> bool:
    plain = key.replace("_", "")
    return key in ("name", "runner-api") or (plain.isascii() and plain.isalnum() and key.isupper())


def complaint(field: Field, text: str, error: Exception) -> str:
    """What is wrong with `text` as that field, given what its conversion raised."""
    if not isinstance(error, KeyError):
        return str(error)
    if text.lower() == "unspecified":
        return f'"unspecified" is the zero value and names no {field.noun}'
    return f"unknown {field.noun} {quoted(text)}{meant(nearest(text, field.known))}"
