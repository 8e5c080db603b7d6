"""Examples of findings, named by rule: a policy and a directory that show one, and a mend of it.

Each file of ``tests/corpus/findings`` is one example: a sentence, what the finding is
about, the edits that make the shipped policy and a small directory show it, if they do not
anyway, and one edit more, of a row, that makes it go. In them ``<30>`` stands for the id of
number 30.
"""

import datetime
import difflib
import re
import shutil
import tomllib
from pathlib import Path
from typing import NamedTuple

from rbac.audit.auditing import audit
from rbac.audit.findings import Finding, Report
from rbac.policy import shipped_folder
from tests.organization import DIRECTORY, uuid

CORPUS = Path(__file__).parent / "corpus" / "findings"
DAY = datetime.date(2026, 11, 24)


class Edit(NamedTuple):
    """One change to one file: what is to be found there once, and what takes its place.

    Without anything to find, the text is put at the end.
    """

    file: str
    text: str
    find: str = ""


class Example(NamedTuple):
    """What shows a finding of a rule, and what mends it; `what` is how the subject begins."""

    rule: str
    idea: str
    what: str
    shows: tuple[Edit, ...]
    mended: Edit


def examples() -> dict[str, Example]:
    """Every example of the corpus, by rule."""
    found = {}
    for path in sorted(CORPUS.glob("*.toml")):
        said = tomllib.loads(ids(path.read_text(encoding="utf-8")))
        shows = tuple(Edit(**edit) for edit in said.get("shows", ()))
        found[path.stem] = Example(
            path.stem, said["idea"], said["what"], shows, Edit(**said["mended"])
        )
    return found


def ids(text: str) -> str:
    """The text with the ids that numbers stand for."""
    return re.sub("<([0-9]+)>", lambda found: uuid(int(found[1])), text)


def folders(parent: Path) -> Path:
    """The shipped policy without its baseline, and a small directory, in new folders."""
    shutil.copytree(shipped_folder(), parent / "policy")
    (parent / "policy" / "baseline.toml").unlink()
    DIRECTORY.write(parent / "directory")
    return parent


def apply(edit: Edit, parent: Path) -> list[str]:
    """Makes one change and gives it as lines, each with a sign before it."""
    path = parent / edit.file
    end = "" if path.suffix in (".jsonl", ".txt") else "# end\n"
    before = path.read_text(encoding="utf-8") if path.exists() else end
    if edit.find:
        assert before.count(edit.find) == 1, (edit.file, before.count(edit.find))
        after = before.replace(edit.find, edit.text)
    else:
        after = f"{before.removesuffix(end)}{edit.text}\n{end}"
    path.write_text(after, encoding="utf-8")
    changes = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)
    return [line for line in changes if line[0] in "+-" and line.rstrip() not in ("---", "+++")]


def audited(parent: Path, *, directory: bool = True) -> Report:
    """The report on the two folders."""
    methods = parent / "methods.txt"
    return audit(
        str(parent / "policy"),
        directory=str(parent / "directory") if directory else None,
        methods_file=str(methods) if methods.exists() else None,
        day=DAY,
    )


def found(report: Report, example: Example) -> list[Finding]:
    """What a report has of the finding that the example is about."""
    return [
        each
        for each in report.findings
        if each.rule.id == example.rule and each.what.startswith(example.what)
    ]


class Shown(NamedTuple):
    """An example carried out: what was changed to show it, the finding, what made it go."""

    changes: tuple[tuple[str, list[str]], ...]
    finding: Finding
    mend: tuple[str, list[str]]
    after: Report


def carried_out(example: Example, parent: Path) -> Shown:
    """Shows the finding in new folders within `parent`, and mends it."""
    folders(parent)
    directory = example.rule.startswith(("RBAC2", "RBAC3"))
    changes = tuple((edit.file, apply(edit, parent)) for edit in example.shows)
    report = audited(parent, directory=directory)
    (finding,) = found(report, example)
    mend = (example.mended.file, apply(example.mended, parent))
    return Shown(changes, finding, mend, audited(parent, directory=directory))
