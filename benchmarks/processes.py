"""What whole processes take: importing the library, one answer on the command line, a report."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence

import rbac
from benchmarks.measurement import (
    Figure,
    Measurement,
    Scale,
    Series,
    difference,
    interleave,
    measured,
    not_installed,
    timer,
)

IMPORT_FIGURE = Figure("time", "<=", 25)
COLD_FIGURE = Figure("ratio", "<=", 4.5)
REPORT_FIGURE = Figure("time", "<=", 2_000)
PAGE_FIGURE = Figure("time", "<=", 1_500_000)

_QUESTION = ("check", "user", "project_editor", "project", "update")
_BARE = "python -c pass"


def importing(scale: Scale) -> Iterator[Measurement]:
    """``import rbac`` in a process of its own, over one that does nothing."""
    name = 'python -c "import rbac"'
    commands = {_BARE: _python("-c", "pass"), name: _python("-c", "import rbac")}
    bare, imported = _interleave(commands, scale).values()
    yield measured(imported, "ms", bare)
    extra = difference("import rbac, less a bare interpreter", imported, bare)
    yield measured(extra, "ms", figure=IMPORT_FIGURE)


def cold(scale: Scale) -> Iterator[Measurement]:
    """``rbac check``, the whole process, over one that does nothing."""
    module, script = "python -m rbac check", "rbac check"
    commands = {_BARE: _python("-c", "pass"), module: _python("-m", "rbac", *_QUESTION)}
    executable = _console_script()
    if executable is not None:
        commands[script] = (executable, *_QUESTION)
    bare, *answers = _interleave(commands, scale).values()
    for series in answers:
        yield measured(series, "ms", bare, figure=COLD_FIGURE, note="the aim is 3x")
    if executable is None:
        yield not_installed(f"{script} (console script)", "ms", COLD_FIGURE)


def reporting(scale: Scale) -> Iterator[Measurement]:
    """The report on the shipped policy and the sample directory: the whole process, its bytes."""
    sample = os.path.join("examples", "organization")
    with tempfile.TemporaryDirectory() as folder:
        page, other = (os.path.join(folder, name) for name in ("whole.html", "policy.html"))
        words = ("-m", "rbac", "report", "--quiet", "--output")
        commands = {
            "rbac report": _python(*words, other),
            "rbac report --directory": _python(*words, page, "--directory", sample),
        }
        alone, whole = _interleave(commands, scale).values()
        yield measured(alone, "ms")
        yield measured(whole, "ms", alone, figure=REPORT_FIGURE)
        size = Series("the page with the directory", [float(os.path.getsize(page))])
        yield measured(size, "B", figure=PAGE_FIGURE)


def _interleave(commands: Mapping[str, Sequence[str]], scale: Scale) -> dict[str, Series]:
    return interleave(
        {name: timer(1, _run, command) for name, command in commands.items()},
        scale.process_rounds,
    )


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def _console_script() -> str | None:
    """The installed command beside this interpreter, if there is one."""
    name = "rbac.exe" if os.name == "nt" else "rbac"
    path = os.path.join(os.path.dirname(sys.executable), name)
    return path if os.path.exists(path) else None


_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(rbac.__file__)))
"""Where every process is started: a checkout is found there without being installed."""

# Without cached bytecode a process would measure the compiler; and what is asked is the
# policy as shipped, whatever this shell has configured.
_ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name != "PYTHONDONTWRITEBYTECODE" and not name.startswith("RBAC_")
}


def _run(command: Sequence[str]) -> None:
    subprocess.run(
        command,
        check=True,
        cwd=_FOLDER,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
