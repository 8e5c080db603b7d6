"""Lists of names as others have them: roles, resource types and principals.

Knows the file that lists names, and where a published client of the API keeps its own,
which is read and never imported. It must not know what differs from ours.

    {"source": "...", "roles": [...], "resource_types": [...], "principals": [...]}

A name is a wire value or a short name; the zero values may be there and say nothing.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Iterator

from rbac.errors import PolicyError, Problem, RequestError, quoted
from rbac.light import NamedTuple
from rbac.snapshots.lines import DECODER, Object, described
from rbac.vocabulary import Name, Principal, ResourceRole, ResourceType

KINDS: dict[str, type[Name]] = {
    "roles": ResourceRole,
    "resource_types": ResourceType,
    "principals": Principal,
}
"""The lists of a vocabulary, and what each is of."""


class Vocabulary(NamedTuple):
    """Where names come from, and the short names of each kind, but for the zero values."""

    source: str
    roles: tuple[str, ...]
    resource_types: tuple[str, ...]
    principals: tuple[str, ...]


ZERO = "unspecified"


def ours() -> Vocabulary:
    """The names that policies are written in."""
    lists = ([each.short for each in names] for names in KINDS.values())
    return Vocabulary("rbac", *(_specified(names) for names in lists))


def _specified(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name != ZERO)


def read(file: str) -> Vocabulary:
    """The lists in a file; raises `PolicyError` with everything that is wrong with them."""
    try:
        with open(file, "rb") as stream:
            found = DECODER.decode(stream.read().decode())
    except OSError as error:
        raise _refused(file, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _refused(file, "not UTF-8") from None
    except RecursionError:
        raise _refused(file, "nested too deep") from None
    except json.JSONDecodeError as error:
        raise PolicyError([Problem(file, error.lineno, error.colno, "not JSON")]) from None
    except RequestError as error:
        raise _refused(file, str(error)) from None
    if type(found) is not dict:
        raise _refused(file, f"{described(found)} instead of an object")
    return _vocabulary(file, found)


def _refused(file: str, *messages: str) -> PolicyError:
    return PolicyError([Problem(file, 0, 0, message) for message in messages])


def _vocabulary(file: str, given: Object) -> Vocabulary:
    problems = [
        f"unknown member {quoted(name)}" for name in given if name not in (*KINDS, "source")
    ]
    source = given.get("source", file)
    if type(source) is not str:
        problems.append(f"source: {described(source)} instead of a string")
    lists = []
    for kind in KINDS:
        names, wrong = _names(kind, given.get(kind))
        problems += wrong
        lists.append(names)
    if problems:
        raise _refused(file, *problems)
    return Vocabulary(str(source), *lists)


def _names(kind: str, given: object) -> tuple[tuple[str, ...], list[str]]:
    """The short names of a list, and what is wrong with it."""
    if type(given) is not list or not given:
        what = "is missing" if given is None else "must be an array with a name at least"
        return (), [f"{kind}: {what}"]
    names: dict[str, None] = {}
    problems = []
    for text in given:
        short = _short(kind, text)
        if short is None:
            shown = quoted(text) if type(text) is str else described(text)
            problems.append(f"{kind}: {shown} is no {KINDS[kind].noun}")
        elif short in names:
            problems.append(f"{kind}: {quoted(short)} is named twice")
        else:
            names[short] = None
    return _specified(names), problems


def _short(kind: str, text: object) -> str | None:
    """The short name that `text` spells; None if it cannot be one of this kind."""
    if type(text) is not str:
        return None
    prefix = KINDS[kind]["UNSPECIFIED"].value.removesuffix(ZERO.upper())
    if text.startswith(prefix):
        text = text.removeprefix(prefix).lower() if text.isupper() else ""
    return text if re.fullmatch("[a-z][a-z0-9_]*", text) else None


CLIENT = "gitpod-sdk"
_MODULES = {
    "roles": ("gitpod/types/shared/resource_role.py", "gitpod/v1/group_pb2.pyi"),
    "resource_types": ("gitpod/types/shared/resource_type.py", "gitpod/v1/event_pb2.pyi"),
    "principals": ("gitpod/types/shared/principal.py", "gitpod/v1/identity_pb2.pyi"),
}
"""Where a client has each list: up to its version 0.12, and since 1.0."""


def of_client(folder: str | None = None) -> Vocabulary:
    """The names of the installed ``gitpod-sdk``, or of one unpacked in `folder`.

    Its files are parsed, never run. Raises `RequestError` if it is not installed,
    `PolicyError` if its files are not there or have no such lists.
    """
    source = folder or CLIENT
    if folder is None:
        source, folder = _installed()
    given: Object = {"source": source}
    for kind, files in _MODULES.items():
        paths = [os.path.join(folder, *file.split("/")) for file in files]
        path = next((each for each in paths if os.path.isfile(each)), None)
        if path is None:
            raise _refused(folder, f"has no {' nor '.join(files)}")
        given[kind] = list(_listed(_parsed(path), KINDS[kind].__name__))
    return _vocabulary(folder, given)


def _parsed(path: str) -> ast.Module:
    try:
        with open(path, "rb") as stream:
            return ast.parse(stream.read(), path)
    except (OSError, SyntaxError, ValueError) as error:
        raise _refused(path, f"cannot be read: {error}") from None


def _installed() -> tuple[str, str]:
    """Name with version, and folder, of the client that is installed."""
    from importlib import metadata  # only who asks for it

    try:
        client = metadata.distribution(CLIENT)
    except metadata.PackageNotFoundError:
        raise RequestError(f"{CLIENT} is not installed here; name the folder it is in") from None
    return f"{CLIENT} {client.version}", str(client.locate_file(""))


def _listed(tree: ast.Module, name: str) -> Iterator[str]:
    """The names that a module lists under `name`: a literal type, or the fields of a class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            fields = (each for each in node.body if isinstance(each, ast.AnnAssign))
            yield from (each.target.id for each in fields if isinstance(each.target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value:
            texts = (each for each in ast.walk(node.value) if isinstance(each, ast.Constant))
            yield from (each.value for each in texts if isinstance(each.value, str))
