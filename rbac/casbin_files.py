"""A policy as the two files of a stock Casbin enforcer, for whoever decides with Casbin.

Knows how to write one model and one policy file that Casbin's own loader reads as they
are meant, and what a caller of that enforcer may pass. It must not import Casbin.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from rbac.notation.grammar import MODEL
from rbac.policy import PathLike, Policy
from rbac.rows import Grant
from rbac.whole import put, whole_folder

HEADER = """\
# The policy {digest}, for casbin.Enforcer("model.conf", "policy.csv").
#
# Ask enforce(principal, role, type, action, own) with names in this spelling only, and
# own as True or False. Casbin answers whatever it is passed: a name that is not among
# the principals, roles, types and actions of this policy must not reach it (a role's
# name passed as the principal is taken for one that is eligible), nor may any value that
# is not a string, own aside. One enforcer is not safe under threads. What an answer about
# somebody takes besides (requirements, guards, who holds the role) is not in these files.
"""


def export(policy: Policy, folder: PathLike) -> None:
    """Writes ``model.conf`` and ``policy.csv`` into a new folder, both or neither.

    A stock enforcer that loads them answers every cell as this library does. Raises
    `FileExistsError` if `folder` exists.
    """
    folder = os.fspath(folder)
    if os.path.lexists(folder):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), folder)
    with whole_folder(folder) as building:
        for name, text in (("model.conf", MODEL), ("policy.csv", text_of(policy))):
            put(os.path.join(building, name), [text])


def text_of(policy: Policy) -> str:
    """The policy file: a header that says what may be passed, then every row."""
    return HEADER.format(digest=policy.digest) + "".join(f"{line}\n" for line in _lines(policy))


def _lines(policy: Policy) -> Iterator[str]:
    rows = policy.rows
    for grant in rows.grants:
        yield ", ".join(("p", *_names(grant)))
    for senior in rows.seniority:
        yield f"g, {senior.senior.short}, {senior.junior.short}"
    for eligible in rows.eligibility:
        yield f"g2, {eligible.principal.short}, {eligible.role.short}"
    for contained in rows.containment:
        yield f"g3, {contained.child.short}, {contained.parent.short}"


def _names(grant: Grant) -> Iterator[str]:
    return (name.short for name in grant[:4])
