"""``python -m docs.finding_pages``: writes ``docs/findings/``, a page for each rule of the audit.

Knows how a rule and an example of it become Markdown. It must not know any rule: the rules
say what they say, and what an example shows is what the audit finds of it.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rbac.audit.auditing import rules
from rbac.audit.findings import Rule
from tests.finding_examples import Example, Shown, carried_out, examples

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "findings")


def page(rule: Rule, example: Example, shown: Shown, parent: str) -> str:
    """The page of a rule; `parent` is the folder in which the example was carried out.

    Lines of files are left out, so that a page stays true when rows move.
    """
    text = "\n".join(_lines(rule, example, shown)).replace(f"{parent}{os.sep}", "")
    return re.sub(r"(\.csv):\d+", r"\1", text) + "\n"


def _lines(rule: Rule, example: Example, shown: Shown) -> Iterator[str]:
    yield f"# {rule.id}: {rule.title}"
    yield ""
    yield f"Severity: {rule.severity.short}, unless a baseline says otherwise."
    yield ""
    yield from (rule.says, "", "## Why it matters", "", rule.matters, "", "## An example", "")
    yield example.idea
    yield ""
    where = "directory" if shown.mend[0].startswith("directory") else "policy"
    if shown.changes:
        yield f"Put into a {where} as these lines are:"
        yield ""
        yield from _diff(*shown.changes)
        yield "it is found as"
    else:
        yield {"policy": "The shipped policy has it:", "directory": "It is found as"}[where]
    yield ""
    yield "```text"
    finding = shown.finding
    yield f"{finding.severity.short} {rule.id} {rule.title}"
    yield f"{finding.place.file if finding.place else ''}: {finding.message}"
    yield from (f"  {line}" for line in finding.evidence)
    yield "```"
    yield ""
    yield "and no more with"
    yield ""
    yield from _diff(shown.mend)
    yield "## How to mend it"
    yield ""
    yield rule.remedy
    yield ""
    yield "[Auditing](../audit.md) says how a finding is accepted, for a reason and until a day."


def _diff(*changes: tuple[str, list[str]]) -> Iterator[str]:
    yield "```diff"
    for file, lines in changes:
        yield f"@@ {file}"
        yield from (line for line in lines if line != "+")
    yield "```"
    yield ""


def main() -> int:
    """Writes every page."""
    known = examples()
    os.makedirs(FOLDER, exist_ok=True)
    for rule in rules():
        with tempfile.TemporaryDirectory() as parent:
            example = known[rule.id]
            shown = carried_out(example, Path(parent))
            text = page(rule, example, shown, parent)
        with open(os.path.join(FOLDER, f"{rule.id}.md"), "w", encoding="utf-8") as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
