"""Run by a test: applies a change again and again, each time killed one step further on.

A step is anything the writer does that the system could be asked to do: opening, making,
renaming or changing the mode of something in the folder, each line it writes, and each time
before and after what it wrote is made to stay on the disk. Prints a line for every run.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rbac.cli import main
from rbac.directory import Directory
from rbac.snapshots import writer

ROOT, WORDS = Path(sys.argv[1]), sys.argv[2:]
OLD, NEW = ROOT / "old", ROOT / "new"
STEPS = ("open", "os.mkdir", "os.rename", "os.chmod", "os.rmdir", "os.remove")


class Steps:
    """Counts steps, and kills this process at one of them."""

    def __init__(self) -> None:
        self.left = -1

    def step(self) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and any(str(each).startswith(str(ROOT)) for each in arguments):
            self.step()

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: object) -> object:
            self.step()
            done = function(*arguments)
            self.step()
            return done

        return stepped

    def lines(self, function: Callable[..., Iterable[str]]) -> Callable[..., Iterator[str]]:
        def stepped(*arguments: object) -> Iterator[str]:
            for line in function(*arguments):
                self.step()
                yield line

        return stepped


def main_killed(steps: Steps, number: int) -> int:
    """The wait status of one run that is killed at a step."""
    child = os.fork()
    if not child:
        steps.left = number
        os._exit(main([*WORDS, "--quiet", "--directory", str(OLD), "--apply", str(NEW)]))
    return os.waitpid(child, 0)[1]


def run() -> None:
    """Kills at the first step, the second, and so on, until a run is done before it is killed."""
    # What is loaded once is not loaded again by each fork.
    assert main([*WORDS, "--quiet", "--directory", str(OLD), "--apply", str(NEW)]) == 0
    remove()
    steps = Steps()
    sys.addaudithook(steps.audit)
    os.fsync = steps.around(os.fsync)
    writer.lines = steps.lines(writer.lines)
    before = {path.name: path.read_bytes() for path in OLD.iterdir()}
    number, done = 0, False
    while not done:
        status = main_killed(steps, number)
        done = os.WIFEXITED(status)
        assert {path.name: path.read_bytes() for path in OLD.iterdir()} == before
        print(number, "done" if done else "killed", read() if NEW.exists() else "absent")
        number += 1
        remove()


def remove() -> None:
    """Makes room for the next run."""
    if NEW.exists():
        shutil.rmtree(NEW)


def read() -> str:
    """The digest of what was written; raises unless it is whole."""
    return Directory.load(NEW).digest


run()
