"""TOML files that people write beside a policy: read whole, with the line of every problem.

Knows how a file is read and what makes it no such file. It must not know what one says.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from rbac.audit.lines import Path, line_of, lines
from rbac.errors import PolicyError, Problem, quoted
from rbac.notation.grammar import END


def text_of(file: str) -> str:
    """The text of a file; raises `PolicyError` if it cannot be read, or is not UTF-8."""
    try:
        with open(file, "rb") as stream:
            return stream.read().decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise PolicyError([Problem(file, 0, 0, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise PolicyError([Problem(file, 0, 0, "not UTF-8")]) from error


class Document:
    """What a file says, and what is wrong with it so far; nothing, if it is cut or no TOML."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.places: Mapping[Path, int] = {(): 1}
        self.document: dict[str, object] = {}
        text = text_of(file)
        last = text.count("\n") + 1
        if not text.endswith(f"\n{END}\n") and text != f"{END}\n":
            self.problem_at(last, f"the file is cut: its last line is not {quoted(END)}")
        try:
            self.document = tomllib.loads(text)
            self.places = lines(text)
        except tomllib.TOMLDecodeError as error:
            match = re.search(r"at line (\d+)", str(error))
            self.problem_at(int(match[1]) if match else last, f"not TOML: {error}")
        except RecursionError:
            self.problem_at(1, "not TOML: nested too deep")

    def problem_at(self, line: int, message: str) -> None:
        """Adds a problem at a line."""
        self.problems.append(Problem(self.file, line, 0, message))

    def problem(self, path: Path, message: str) -> None:
        """Adds a problem with what is at a path."""
        self.problem_at(line_of(self.places, path), message)
