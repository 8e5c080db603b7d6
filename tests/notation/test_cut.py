"""A cut file is never a smaller policy."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.errors import PolicyError, Problem
from rbac.policy import Policy
from tests.notation.corpus import shipped_copy, shipped_files, write_files
from tests.strategies import examples

FILES = shipped_files()
WHOLE = 2000
"""Up to how many bytes a file is cut at each of them."""
TAIL = 400
"""How many last bytes of a longer file are each cut at."""


def positions(data: bytes) -> Iterator[int]:
    """Where to cut a file: at each byte, or of a long one at each line and in its tail."""
    for position in range(len(data)):
        at_line = data[position - 1 : position + 1].count(b"\n")
        if len(data) <= WHOLE or at_line or len(data) - position <= TAIL:
            yield position


def problems_of(folder: Path, file: str) -> list[Problem]:
    """What is wrong with `file` of the policy in `folder`, which must be refused."""
    with pytest.raises(PolicyError) as refused:
        Policy.load(folder)
    name = os.path.join(folder, file)
    return [problem for problem in refused.value.problems if problem.file == name]


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_at_any_byte_is_refused(name: str, tmp_path: Path) -> None:
    """A file that lost its end, by however few bytes, is named.

    Files of up to 2000 bytes are cut at each byte; longer ones at each of their last 400,
    before and after each line's end, and at random elsewhere by the next test. The file
    stands alone in its folder, so that what is said of it can come from nothing else.
    """
    write_files(tmp_path, {name: FILES[name]})
    assert not problems_of(tmp_path, name)
    for position in positions(FILES[name]):
        (tmp_path / name).write_bytes(FILES[name][:position])
        assert problems_of(tmp_path, name), position


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped policy, whole before and after each example."""
    return shipped_copy(tmp_path_factory.mktemp("cut"))


@examples(100)
@given(st.data())
def test_a_policy_with_one_cut_file_is_refused(copy: Path, data: st.DataObject) -> None:
    """One cut file is enough to refuse the whole policy, wherever it is cut."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    position = data.draw(st.integers(0, len(FILES[name]) - 1))
    (copy / name).write_bytes(FILES[name][:position])
    try:
        assert problems_of(copy, name)
    finally:
        (copy / name).write_bytes(FILES[name])


@examples(100)
@given(st.data())
def test_a_policy_with_several_cut_files_names_each(copy: Path, data: st.DataObject) -> None:
    """A copy that broke off leaves some files cut, and every one of them is named."""
    names = data.draw(st.sets(st.sampled_from(sorted(FILES)), min_size=2, max_size=5))
    cut = {name: FILES[name][: data.draw(st.integers(0, len(FILES[name]) - 1))] for name in names}
    write_files(copy, cut)
    try:
        with pytest.raises(PolicyError) as refused:
            Policy.load(copy)
    finally:
        write_files(copy, {name: FILES[name] for name in names})
    named = {os.path.relpath(problem.file, copy) for problem in refused.value.problems}
    assert names <= named
