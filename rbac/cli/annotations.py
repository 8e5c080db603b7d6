"""What GitHub shows beside the lines of a pull request: workflow commands.

Knows how a command is written, and how to print text that must not become one. It must not
know what is said.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable

from rbac.cli.options import say
from rbac.errors import printable
from rbac.light import NamedTuple


class Annotation(NamedTuple):
    """A message beside a line of a file, or beside none; an error, or else a warning."""

    message: str
    file: str = ""
    line: int = 0
    error: bool = True

    def __str__(self) -> str:
        places = {"file": self.file, "line": str(self.line or "")}
        words = ",".join(f"{name}={_property(text)}" for name, text in places.items() if text)
        kind = "error" if self.error else "warning"
        return f"::{kind}{' ' if words else ''}{words}::{_data(self.message)}"


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


def _data(text: str) -> str:
    lines = (printable(line).replace("%", "%25") for line in text.splitlines())
    return "%0A".join(lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
