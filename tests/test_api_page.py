"""The page of the API: it is what the docstrings say, of every public name."""

import inspect
import re
import sys
from enum import EnumType
from pathlib import Path
from types import FunctionType, MethodType, ModuleType

import pytest

import rbac
import rbac.wire
from docs.api import PATH, page
from rbac import vocabulary

COMMITTED = Path(PATH).read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    """``python -m docs.api`` would write just what is there."""
    assert page() == COMMITTED


def test_every_public_name_is_on_the_page() -> None:
    """Names and public methods have headings, enums and models an item; nothing has two."""
    enums = [name for name in rbac.__all__ if isinstance(getattr(rbac, name), EnumType)]
    wanted = [f"### `{name}`" for name in rbac.__all__ if name not in enums]
    for name in set(rbac.__all__) - set(enums):
        thing = getattr(rbac, name)
        for member, what in vars(thing).items() if inspect.isclass(thing) else ():
            if isinstance(what, FunctionType | classmethod) and not member.startswith("_"):
                wanted.append(f"#### `{name}.{member}`")
    lines = COMMITTED.splitlines()
    for heading in wanted:
        assert lines.count(heading) == 1, heading
    for name in [*enums, *rbac.wire.__all__]:
        assert len(re.findall(rf"^- \*\*`{name}`\*\*", COMMITTED, re.MULTILINE)) == 1, name


def test_enums_are_counted_and_listed() -> None:
    """An enum's item says how many names it has, and all of them."""
    for enum in vocabulary.Name.__subclasses__():
        item = re.search(rf"^- \*\*`{enum.__name__}`\*\*, (\d+) names.*", COMMITTED, re.MULTILINE)
        if enum.__module__ == vocabulary.__name__ or enum.__name__ in rbac.__all__:
            assert item is not None, enum
            assert int(item[1]) == len(enum)
            assert all(f"`{member.name}`" in item[0] for member in enum)


def test_a_method_has_its_signature() -> None:
    """What may be called is shown as it may be called: each overload, defaults and all."""
    assert "\nPolicy.from_casbin(adapter: Adapter, *, base: Policy) -> Policy\n" in COMMITTED
    assert "\ncheck_many(requests: Iterable[Sequence[object]]) -> list[Decision]\n" in COMMITTED
    section = COMMITTED.split("#### `Authorizer.check`\n")[1].split("#### ")[0]
    assert section.count("\ncheck(") == 2
    assert "    own: bool = False,\n) -> Decision" in section


ADDED = '''
"""Things that were added later. They are here for a test."""

from typing import NamedTuple, overload


class Held(NamedTuple):
    """What somebody holds."""

    role: str
    count: int = 1

    @classmethod
    def of(cls, text: str, /, *more: str, strict: bool = True, **rest: object) -> "Held":
        """The thing that ``text`` says."""


async def held(subject: str) -> Held:
    """Looks it up."""


LIMIT = 7
'''


def test_a_name_added_later_is_grouped_by_its_module(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A public name of another module needs no change of the page's writer."""
    path = tmp_path / "late_additions.py"
    path.write_text(ADDED, encoding="utf-8")
    module = ModuleType("rbac.late_additions")
    module.__file__ = str(path)
    exec(compile(ADDED, path, "exec"), vars(module))  # noqa: S102 - the text above
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for name in ("Held", "held", "LIMIT"):
        monkeypatch.setattr(rbac, name, getattr(module, name), raising=False)
    monkeypatch.setattr(rbac, "__all__", [*rbac.__all__, "Held", "held", "LIMIT"])
    text = page()
    late = text.split("## Late additions\n\nThings that were added later.")[1]
    assert "### `Held`\n\n```python\nHeld(role: str, count: int = 1)\n```" in late
    method = "Held.of(text: str, /, *more: str, strict: bool = True, **rest: object) -> 'Held'"
    assert f"#### `Held.of`\n\n```python\n{method}\n```\n\nThe thing that `text` says." in late
    assert "### `held`\n\n```python\nheld(subject: str) -> Held\n```\n\nLooks it up." in late
    assert "### `LIMIT`" in text


def test_shared_functions_lead_to_their_methods() -> None:
    """`rbac.check` is a method of one authorizer, and the page says of which class."""
    for name in rbac.__all__:
        if isinstance(getattr(rbac, name), MethodType):
            assert f"`Authorizer.{name}` of one authorizer" in COMMITTED
