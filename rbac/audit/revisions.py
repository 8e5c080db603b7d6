"""Policies as they stand in a git repository, read without checking anything out.

Knows how to copy the files of one revision to a temporary folder, byte for byte, and how
to say where a problem in them is. It must not know how a policy is read, and asks git for
nothing that runs a hook, a filter or a pager, changes the repository, or uses a network.
"""

from __future__ import annotations

import os
import subprocess
import tempfile

from rbac.errors import PolicyError, Problem
from rbac.policy import Policy

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}

FOLDER = "policies"
"""The folder a range means that names none."""


def names_revision(text: str) -> bool:
    """Whether `text` names a revision of a folder rather than a folder: ``REV:PATH``."""
    return ":" in text and not os.path.isdir(text)


def names_range(text: str) -> bool:
    """Whether `text` names two revisions of one folder: ``OLD..NEW`` or ``OLD...NEW``."""
    path = text.startswith((".", "/")) or os.path.isdir(text)
    return ".." in text.partition(":")[0] and not path


def ends(text: str) -> tuple[str, str]:
    """The two revisions that a range names, each as ``REV:PATH``.

    With three dots the first is the one where both sides parted, as ``git diff`` has it.
    Raises `PolicyError` if git does not know them.
    """
    revisions, _, folder = text.partition(":")
    folder = folder or FOLDER
    dots = "..." if "..." in revisions else ".."
    old, _, new = revisions.partition(dots)
    new = new or "HEAD"
    if dots == "...":
        commits = [_object(text, f"{revision}^{{commit}}") for revision in (old, new)]
        old = _git(text, "merge-base", *commits).decode().split()[0]
    return f"{old}:{folder}", f"{new}:{folder}"


def named(text: str) -> Policy:
    """The policy that `text` names: a folder, or a revision of one in git as ``REV:PATH``.

    Raises `PolicyError` as `load` does.
    """
    return load(text) if names_revision(text) else Policy.load(text)


def load(revision: str) -> Policy:
    """The policy that ``REV:PATH`` names, as git resolves it; nothing is checked out.

    A path is taken from the top of the repository, or from here if it starts with ``./``.
    Raises `PolicyError` for what git cannot show and for everything that is wrong with the
    policy, each problem placed as ``REV:PATH/file``.
    """
    tree = _object(revision, revision)
    with tempfile.TemporaryDirectory(prefix="rbac-") as folder:
        _copy(revision, tree, folder)
        try:
            return Policy.load(folder)
        except PolicyError as error:
            raise PolicyError(_placed(error, folder, revision)) from None


def _placed(error: PolicyError, folder: str, revision: str) -> list[Problem]:
    return [
        problem._replace(file=problem.file.replace(folder, revision.rstrip("/"), 1))
        for problem in error.problems
    ]


def _object(revision: str, name: str) -> str:
    """The object that git knows by `name`, which is never taken for an option."""
    found = _git(revision, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
    return found.decode().strip()


_FILE_MODES = ("100644", "100755")


def _copy(revision: str, tree: str, folder: str) -> None:
    """Writes every file of `tree` into `folder`; anything but a plain file is a problem."""
    problems = []
    for entry in _git(revision, "ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")[:-1]:
        description, _, raw = entry.partition(b"\t")
        mode, _, name = description.decode().split()
        path = os.fsdecode(raw)
        if mode not in _FILE_MODES or not {"", os.curdir, os.pardir}.isdisjoint(path.split("/")):
            problems.append(Problem(f"{revision}/{path}", 0, 0, "not a plain file"))
            continue
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(_git(revision, "cat-file", "blob", name))
    if problems:
        raise PolicyError(problems)


def _git(revision: str, *words: str) -> bytes:
    """What git prints; raises `PolicyError` about `revision` if it cannot say."""
    try:
        done = subprocess.run(  # noqa: S603  # a list of words, no shell, options ended
            ["git", "--no-pager", *words],  # noqa: S607  # the user's own git
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **_ENVIRONMENT},
        )
    except OSError as error:
        raise PolicyError([Problem(revision, 0, 0, f"git: {error.strerror}")]) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        message = said[-1] if said else "git knows no such revision or folder"
        raise PolicyError([Problem(revision, 0, 0, message)])
    return done.stdout
