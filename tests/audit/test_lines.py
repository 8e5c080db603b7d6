"""Where things stand in a TOML text, against what the standard parser reads there."""

import tomllib
from pathlib import Path as File

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.lines import Path, line_of, lines
from rbac.policy import shipped_folder
from tests.strategies import examples

TEXT = '''\
# [[not_a_table]]
title = "a # [[table]] = here" # and = here
[[invariant]]
name = 'first # = "x"'
says = """
several = lines
[[invariant]]
"""
never.roles = ["a]", 'b[',  # c = [
  "d = e",
]
[invariant.on]
types = [{ x = "}" }]
[[invariant]]
  "name" = "second"
  [[invariant.part]]
  x = 1
  [[invariant.part]]
  y = 2
[other]
z.w = 3
'''


def test_each_table_and_key_has_its_line() -> None:
    """Strings, comments and brackets hide what looks like a key; nothing else is missed."""
    assert lines(TEXT) == {
        (): 1,
        ("title",): 2,
        ("invariant", 0): 3,
        ("invariant", 0, "name"): 4,
        ("invariant", 0, "says"): 5,
        ("invariant", 0, "never"): 9,
        ("invariant", 0, "never", "roles"): 9,
        ("invariant", 0, "on"): 12,
        ("invariant", 0, "on", "types"): 13,
        ("invariant", 1): 14,
        ("invariant", 1, "name"): 15,
        ("invariant", 1, "part", 0): 16,
        ("invariant", 1, "part", 0, "x"): 17,
        ("invariant", 1, "part", 1): 18,
        ("invariant", 1, "part", 1, "y"): 19,
        ("other",): 20,
        ("other", "z"): 21,
        ("other", "z", "w"): 21,
    }


def test_what_has_no_line_is_found_at_what_is_around_it() -> None:
    """A path into a list, or to a key that is missing, is at the nearest thing that has a line."""
    found = lines(TEXT)
    assert line_of(found, ("invariant", 0, "never", "roles", 1)) == 9
    assert line_of(found, ("invariant", 1, "because")) == 14
    assert line_of(found, ("nothing",)) == 1


def test_every_key_of_the_shipped_statements_is_found() -> None:
    """The line of each table and key of the shipped file holds its name."""
    text = (File(shipped_folder()) / "invariants.toml").read_text()
    found, written = lines(text), text.split("\n")
    tables = tomllib.loads(text)["invariant"]
    for number, table in enumerate(tables):
        assert written[found["invariant", number] - 1] == "[[invariant]]"
        for key in table:
            assert written[found["invariant", number, key] - 1].startswith(key)


KEYS = st.sampled_from(["a", "b_1", "key", "z"])
STRINGS = st.text(alphabet="ab\"'#=[]{}\n\\ .", max_size=12)


def quoted(text: str) -> str:
    """A text as a basic string of TOML, on one line or, with three quotes, on several."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{escaped}"""' if "\n" in text else f'"{escaped}"'


@examples(100)
@given(st.lists(st.dictionaries(KEYS, STRINGS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_no_value_moves_a_line(tables: list[dict[str, str]]) -> None:
    """Whatever strings hold, each key is found where it was written."""
    text = ""
    expected: dict[Path, int] = {}
    for number, table in enumerate(tables):
        expected["t", number] = text.count("\n") + 1
        text += "[[t]]\n"
        for key, value in table.items():
            expected["t", number, key] = text.count("\n") + 1
            text += f"{key} = {quoted(value)} # {key} = 1\n"
    assert [list(table) for table in tomllib.loads(text)["t"]] == [list(each) for each in tables]
    found = dict(lines(text))
    del found[()]
    assert found == expected
