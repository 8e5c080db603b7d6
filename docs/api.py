"""``python -m docs.api``: writes ``docs/api.md``, the public names and what their docstrings say.

Knows how a docstring and a signature become Markdown. It must not know any public name:
what `rbac.__all__` names is found, grouped by module, and read from its source.
"""

from __future__ import annotations

import ast
import enum
import functools
import importlib
import inspect
import os
import re
import sys
from collections.abc import Iterable, Iterator
from types import FunctionType, MethodType

import rbac
import rbac.wire
from rbac import vocabulary

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "api.md")

GROUPS = {
    "rbac.authorizer": "Asking",
    "rbac.explain": "Explanations",
    "rbac.terms": "Terms",
    "rbac.policy": "Policies",
    "rbac.errors": "Errors",
    "rbac.vocabulary": "Vocabulary",
}
"""The headings of some modules, in order; those of any other come after, under its name."""

_WIDTH = 88

Function = ast.FunctionDef | ast.AsyncFunctionDef


def page() -> str:
    """The whole page."""
    parts = [
        "# The API",
        "What `rbac` exports, in the words of its docstrings. Written by `python -m docs.api`.",
        *(part for module, names in _groups().items() for part in _group(module, names)),
        "## `rbac.vocabulary`",
        "The other enums of the specification, which nothing above takes or gives.",
        "\n".join(_other_enums()),
        "## `rbac.wire`",
        _text(inspect.getdoc(rbac.wire)),
        "\n".join(_item(name, rbac.wire) for name in rbac.wire.__all__),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _groups() -> dict[str, list[str]]:
    """The public names by module, modules in the order of `GROUPS`, enums all together."""
    found: dict[str, list[str]] = {module: [] for module in GROUPS}
    for name in sorted(rbac.__all__, key=str.lower):
        thing = getattr(rbac, name)
        found.setdefault(_home(thing), []).append(name)
    return found


def _home(thing: object) -> str:
    """The module that a public thing is described under."""
    if _is_enum(thing):
        return vocabulary.__name__
    module = _defined(thing).__module__
    return module if module.startswith("rbac.") else rbac.__name__


def _group(module: str, names: list[str]) -> Iterator[str]:
    title = module.rpartition(".")[2].replace("_", " ").capitalize()
    yield f"## {GROUPS.get(module, title)}"
    yield _summary(inspect.getdoc(importlib.import_module(module)))
    if module == vocabulary.__name__:
        yield f"Every enum is a `Name`. {_summary(inspect.getdoc(vocabulary.Name))}"
        yield from _members("Name", _class(vocabulary.Name))
        yield "\n".join(_enum(getattr(rbac, name)) for name in names)
    else:
        for name in names:
            yield from _entry(name, getattr(rbac, name))


def _entry(name: str, thing: object) -> Iterator[str]:
    """A heading, the signature, and what the docstring says; then the same of each member."""
    yield f"### `{name}`"
    if isinstance(thing, MethodType):
        owner = type(thing.__self__).__name__
        yield _code(_signatures(name, _methods(_class(type(thing.__self__)))[thing.__name__]))
        yield f"`{owner}.{thing.__name__}` of one {owner.lower()} that the whole process shares."
    elif isinstance(thing, type):
        node = _class(thing)
        constructor = _constructor(name, thing, node)
        yield _code([constructor])
        yield _text(ast.get_docstring(node))
        attributes = _attributes(node)
        if not all(f"{attribute}:" in constructor for attribute in attributes):
            yield "\n".join(f"- `{attribute}{kind}`" for attribute, kind in attributes.items())
        yield from _members(name, node)
    elif isinstance(thing, FunctionType):
        yield _code(_signatures(name, [_function(thing)]))
        yield _text(inspect.getdoc(thing))
    else:
        yield f"A value of type `{type(thing).__name__}`."


def _members(owner: str, node: ast.ClassDef) -> Iterator[str]:
    """The public properties and methods that a class has of its own."""
    for name, functions in _methods(node).items():
        if name.startswith("_"):
            continue
        function = functions[-1]
        if "property" in _decorators(function):
            returned = ast.unparse(function.returns) if function.returns else "object"
            yield f"#### `{owner}.{name}: {returned}`"
        else:
            yield f"#### `{owner}.{name}`"
            called = f"{owner}.{name}" if "classmethod" in _decorators(function) else name
            yield _code(_signatures(called, functions))
        yield _text(ast.get_docstring(function))


def _attributes(node: ast.ClassDef) -> dict[str, str]:
    """The public attributes of a class, and those its constructor sets, with their types."""
    bodies: list[ast.stmt] = list(node.body)
    for function in _methods(node).get("__init__", []):
        bodies += function.body
    found = {}
    for each in bodies:
        if isinstance(each, ast.AnnAssign):
            found[ast.unparse(each.target)] = f": {ast.unparse(each.annotation)}"
        elif isinstance(each, ast.Assign) and ast.unparse(each.targets[0]).startswith("self."):
            found[ast.unparse(each.targets[0])] = ""
    names = {name: name.removeprefix("self.") for name in found}
    return {names[name]: kind for name, kind in found.items() if not names[name].startswith("_")}


def _methods(node: ast.ClassDef) -> dict[str, list[Function]]:
    """The functions of a class by name, the overloads of one before it."""
    found: dict[str, list[Function]] = {}
    for each in node.body:
        if isinstance(each, Function):
            found.setdefault(each.name, []).append(each)
    return found


def _constructor(name: str, thing: type, node: ast.ClassDef) -> str:
    functions = _methods(node).get("__init__")
    if functions and not issubclass(thing, BaseException):
        return _signatures(name, functions)[0].removesuffix(" -> None")
    if issubclass(thing, tuple):
        defaults = {
            each.target.id: f" = {ast.unparse(each.value)}"
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value
        }
        fields = [
            f"{field}{kind}{defaults.get(field, '')}" for field, kind in _attributes(node).items()
        ]
        return _folded(f"{name}(", fields, ")")
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    return f"class {name}({bases})" if bases else f"class {name}"


def _signatures(name: str, functions: list[Function]) -> list[str]:
    """How a function is called: each overload, or else the one signature it has."""
    shown = [each for each in functions if "overload" in _decorators(each)] or functions
    return [_signature(name, each) for each in shown]


def _signature(name: str, function: Function) -> str:
    parameters = _parameters(function.args)
    if parameters and parameters[0] in ("self", "cls"):
        del parameters[0]
    returned = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return _folded(f"{name}(", parameters, f"){returned}")


def _parameters(arguments: ast.arguments) -> list[str]:
    """The parameters one by one: names, annotations and defaults as they are written."""
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    defaults: list[ast.expr | None] = [*([None] * missing), *arguments.defaults]
    found = [_parameter(*pair) for pair in zip(positional, defaults, strict=True)]
    if arguments.posonlyargs:
        found.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg:
        found.append(f"*{_parameter(arguments.vararg, None)}")
    elif arguments.kwonlyargs:
        found.append("*")
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    found += [_parameter(*pair) for pair in pairs]
    if arguments.kwarg:
        found.append(f"**{_parameter(arguments.kwarg, None)}")
    return found


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    annotation = f": {ast.unparse(argument.annotation)}" if argument.annotation else ""
    if default is None:
        return f"{argument.arg}{annotation}"
    sign = " = " if annotation else "="
    return f"{argument.arg}{annotation}{sign}{ast.unparse(default)}"


def _folded(start: str, parts: list[str], end: str) -> str:
    line = f"{start}{', '.join(parts)}{end}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([start, *(f"    {part}," for part in parts), end])


def _decorators(function: Function) -> set[str]:
    return {ast.unparse(each).rpartition(".")[2] for each in function.decorator_list}


@functools.cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(importlib.import_module(module)))


def _class(thing: type) -> ast.ClassDef:
    """The statement that defines a class."""
    found = [each for each in _tree(thing.__module__).body if isinstance(each, ast.ClassDef)]
    return next(each for each in found if each.name == thing.__name__)


def _function(thing: FunctionType) -> Function:
    """The statement that defines a function, the last one of its name."""
    found = [each for each in _tree(thing.__module__).body if isinstance(each, Function)]
    return next(each for each in reversed(found) if each.name == thing.__name__)


def _defined(thing: object) -> object:
    """What has a definition: the function of a method, the class of a value."""
    if isinstance(thing, MethodType):
        return thing.__func__
    return thing if isinstance(thing, type | FunctionType) else type(thing)


def _is_enum(thing: object) -> bool:
    return inspect.isclass(thing) and issubclass(thing, enum.Enum)


def _other_enums() -> Iterator[str]:
    for name, thing in sorted(vars(vocabulary).items()):
        if _is_enum(thing) and list(thing) and name not in rbac.__all__:
            yield _enum(thing)


def _enum(thing: type[enum.Enum]) -> str:
    """One item: how many names an enum has, what it is, and the names."""
    names = ", ".join(f"`{member.name}`" for member in thing)
    return (
        f"- **`{thing.__name__}`**, {len(thing)} names. {_summary(inspect.getdoc(thing))} {names}"
    )


def _item(name: str, module: object) -> str:
    return f"- **`{name}`**: {_summary(inspect.getdoc(getattr(module, name)))}"


def _code(lines: Iterable[str]) -> str:
    return "\n".join(["```python", *lines, "```"])


def _text(docstring: str | None) -> str:
    """A docstring in Markdown: what reStructuredText writes in two backticks takes one."""
    return re.sub("``(.+?)``", r"`\1`", inspect.cleandoc(docstring or ""), flags=re.DOTALL)


def _summary(docstring: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(_text(docstring).partition("\n\n")[0].split())


def main() -> int:
    """Writes the page."""
    text = page()
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
