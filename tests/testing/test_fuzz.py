"""Files of policy tests that somebody damaged: refused or read, and never anything else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbac.errors import PolicyError, Problem
from rbac.testing.reader import read
from rbac.testing.suites import Matrix, Suite
from tests.strategies import examples
from tests.testing.helping import SHIPPED

WHOLE = """\
directory:
  organizations: [acme, big enterprise]
  subjects: [ada, sus suspended, robot service_account, box environment]
  resources:
    - rig runner in acme
    - web project in acme by ada of ada naming rig
    - box environment in acme of ada naming web
  groups: ["team: ada robot", "crew in big:"]
  assignments: [team project_editor web]
guards: [tier]

tests:
  - name: an editor changes it
    skip: for now
    principals: [user, "!runner"]
    roles: [project_editor]
    types: [project, secret]
    allowed:
      project: [get, list]
    own: {secret: [list]}
    reasons: {no_grant: {project: [grant]}}
  - name: somebody
    allowed:
      - ada get web as project_admin with read_only
      - ada create new environment in acme of ada naming rig
    denied: {sus get web: subject_inactive}
# end
"""
PIECES = [
    *("\n", " ", "  ", ":", ": ", "-", "- ", "[", "]", "{", "}", ",", "#", "*", "!", "&", "|", ">"),
    *('"', "'", "?", "%", "\\", "\t", "\x00", "\u3164", "é", "---", "...", "<<", "all", "nothing"),
    *("in", "of", "as", "new", "naming", "with", "user:", "project:", "unspecified", "12", "no"),
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The file with a few stretches of it replaced by pieces that mean something."""
    text = WHOLE
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 1, 3, 9, 40])))
        text = text[:start] + draw(st.sampled_from(["", *PIECES])) + text[end:]
    return text


@examples(150)
@given(damaged())
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Whatever is left of it is either tests, or problems with places within the file."""
    file = tmp_path_factory.getbasetemp() / "damaged.yaml"
    file.write_text(text, encoding="utf-8")
    found = read_or_refused(str(file))
    if isinstance(found, Suite):
        assert found.tests
        for test in found.tests:
            assert test.name
            assert all(test.expects[:3]) if isinstance(test.expects, Matrix) else test.expects
    else:
        assert found
        lines = text.count("\n") + 2  # what is missing at the end is missing behind it
        assert all(0 <= problem.line <= lines for problem in found)
        assert all(problem.file == str(file) for problem in found)


def read_or_refused(file: str) -> Suite | tuple[Problem, ...]:
    """The tests of a file, or all that is wrong with it."""
    try:
        (suite,) = read([file], SHIPPED)
    except PolicyError as error:
        return error.problems
    return suite


def test_a_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    """Wherever it ends too soon, at a line or within one, that is seen."""
    file = tmp_path / "cut.yaml"
    file.write_text(WHOLE, encoding="utf-8")
    assert read([str(file)], SHIPPED)
    ends = [place + 1 for place, char in enumerate(WHOLE) if char == "\n"][:-1]
    for end in [*ends, *(end - 3 for end in ends), len(WHOLE) - 1]:
        file.write_text(WHOLE[:end], encoding="utf-8")
        with pytest.raises(PolicyError, match="the file is cut"):
            read([str(file)], SHIPPED)
