"""Workflow commands: what GitHub Actions shows beside the lines of a pull request.

Knows how a command is spelled, and how text is kept from ending it or beginning another. It
must not know what is said.
"""

from __future__ import annotations

from rbac.errors import printable

ERROR, WARNING, NOTICE = "error", "warning", "notice"


def command(kind: str, message: str, *, file: str = "", line: int = 0, title: str = "") -> str:
    """An annotation of a `kind`, on one line; with what is known of its place, and a title."""
    given = {"file": file, "line": str(line or ""), "title": title}
    words = ",".join(f"{name}={_property(text)}" for name, text in given.items() if text)
    return f"::{kind}{' ' if words else ''}{words}::{_data(message)}"


def _data(text: str) -> str:
    """What stands after the second pair of colons: lines, of which each shows as it is."""
    return "%0A".join(printable(line).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    """What stands between commas."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
