"""The command line: one flat mapping from command to module, and what exit codes mean.

Knows which commands there are and turns errors into exit codes and messages. It must not
know what a command does: each is a module with a summary, its arguments and a function,
and only the module of the command that was asked for is imported.

    0  allowed; clean; every line of a batch was answered
    1  denied; the evaluators disagree; policies differ, or a gate is not passed; an invariant
       is refuted; roles that must stay apart, or lead to one another; no role permits it;
       logged decisions differ now; names have drifted; what was assigned is not used; an
       audit found something; a test failed, or none ran
    2  the command line itself: usage, an unknown name, a question that cannot be asked
    3  an invalid policy, directory or input
    4  allowed only on the subject's own resources
    5  an error of this program or its environment
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from rbac.errors import DirectoryError, PolicyError, RbacError, RequestError, printable
from rbac.light import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

ALLOWED, DENIED, USAGE, INVALID, OWN_ONLY, INTERNAL = range(6)

COMMANDS = {
    "audit": "what is questionable about a policy, and about who holds what",
    "blame": "what each grant is good for: the cells that rest on it, and on it alone",
    "check": "may a principal, in a role, do an action to a resource type?",
    "ci": "hold a policy to all its gates, and say what a change of it does",
    "completion": "complete this command line in bash, zsh or fish",
    "constraints": "who breaks a constraint of the directory, where, and by what",
    "diff": "what changes in who may do what, from one policy to another",
    "directory": "read a directory strictly, count what it holds, show one thing of it",
    "drift": "what a newer list of roles, types and principals leaves undecided",
    "escalation": "which roles lead to which, through permissions that hand out roles",
    "explain": "why it is allowed, or what would allow it",
    "export": "write the policy for another engine",
    "fmt": "rewrite a policy folder in canonical form",
    "list": "what a role permits, who may hold what, which roles reach a type",
    "prove": "prove what the policy must never allow, or show all that contradicts it",
    "replay": "ask the decisions of a log again, of another policy or directory",
    "report": "a page for auditors: who may do what and why, what is proved, what changed",
    "review": "list or count all that anybody may do to anything, and why",
    "roles": "which roles include which, are the same, nearly so, or must stay apart",
    "suggest": "the fewest roles that permit something, and what they permit beyond",
    "test": "run the tests beside a policy, and find what they leave untested",
    "validate": "read a policy strictly and name everything that is wrong",
    "verify": "prove table, definition and Casbin equal on every cell",
    "version": "versions, and the digest of the policy",
    "what-if": "what a change of the directory would do, and to whom",
    "who-can": "who may do an action to a resource, and by which role",
}
"""Every command, with what it answers; its module has its name, `listing` for ``list``."""

_MODULES = {"list": "listing", "what-if": "what_if", "who-can": "who_can"}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (default: this process's) and returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except RequestError as error:
        return _fail(USAGE, str(error))
    except (PolicyError, DirectoryError) as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return INVALID
    except RbacError as error:
        return _fail(INTERNAL, str(error))
    except BrokenPipeError:
        # The reader has gone; nothing more can be said, and no answer may look complete.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERNAL
    except OSError as error:  # a full disk, a place that cannot be written
        return _fail(INTERNAL, f"{error.filename or 'cannot go on'}: {error.strerror}")
    except KeyboardInterrupt:
        return _fail(INTERNAL, "interrupted")
    except Exception as error:
        return _fail(INTERNAL, f"internal error: {type(error).__name__}: {error}")


def _run(words: list[str]) -> int:
    if not words or words[0] not in COMMANDS:
        _top().parse_args(words or ["--help"])
        raise AssertionError("the parser has exited")
    name = words[0]
    command = module_of(name)
    parser = argparse.ArgumentParser(
        prog=f"rbac {name}",
        description=command.__doc__,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    command.arguments(parser)
    code: int = command.run(parser.parse_args(words[1:]))
    return code


def module_of(name: str) -> ModuleType:
    """The module of a command; imported only now."""
    return importlib.import_module(f"rbac.cli.{_MODULES.get(name, name)}")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help of one width: argparse imports `shutil` to measure the terminal, even unasked."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=88)


_ABOUT = """\
Role-based access control for the role model of the Ona API.

  rbac check user project_editor project update
"""


def _top() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    listing = "\n".join(f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="rbac",
        description=_ABOUT,
        epilog=f"commands:\n{listing}\n\n'rbac COMMAND --help' says more of each.",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    return parser


def _fail(code: int, message: str) -> int:
    print(f"rbac: {printable(message)}", file=sys.stderr)
    return code
