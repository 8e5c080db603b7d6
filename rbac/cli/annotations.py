"""What GitHub shows beside the lines of a pull request: workflow commands, printed.

Knows where they are wanted, and how to print text that must not become one. It must not
know what is said.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable

from rbac.audit.formats.commands import ERROR, WARNING, command
from rbac.cli.options import say
from rbac.light import NamedTuple


class Annotation(NamedTuple):
    """A message beside a line of a file, or beside none; an error, or else a warning."""

    message: str
    file: str = ""
    line: int = 0
    error: bool = True

    def __str__(self) -> str:
        kind = ERROR if self.error else WARNING
        return command(kind, self.message, file=self.file, line=self.line)


def wanted() -> bool:
    """Whether this is a job of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotate(annotations: Iterable[Annotation | str]) -> None:
    """Prints annotations, or commands that are some already, each once, where they are shown."""
    if wanted():
        for each in dict.fromkeys(annotations):
            print(each)


def say_only(lines: Iterable[str]) -> None:
    """Prints lines of which none is a command, whatever it says."""
    if not wanted():
        say(*lines)
        return
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}")
    say(*lines)
    print(f"::{token}::")
