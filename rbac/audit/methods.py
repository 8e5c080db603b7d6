"""A list of all methods of the API, as an audit may be given one.

Knows the notation: a method a line by its full name, empty lines and comments between. It
must not know which methods there are.
"""

from __future__ import annotations

import re

from rbac.errors import PolicyError, Problem, quoted

_METHOD = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*/[A-Z][A-Za-z0-9]*")


def read(file: str) -> frozenset[str]:
    """The methods that `file` lists.

    Raises `PolicyError` with every line that names no method, or if it lists none.
    """
    try:
        with open(file, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
    except OSError as error:
        raise PolicyError([Problem(file, 0, 0, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise PolicyError([Problem(file, 0, 0, "not UTF-8")]) from error
    named = {
        number: line.strip()
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    }
    wrong = {number: line for number, line in named.items() if not _METHOD.fullmatch(line)}
    problems = [
        Problem(file, number, 1, f"{quoted(line)} is no method; write package.Service/Method")
        for number, line in wrong.items()
    ]
    if not named:
        problems.append(Problem(file, 0, 0, "no method; a list without methods shows nothing"))
    if problems:
        raise PolicyError(problems)
    return frozenset(named.values())
