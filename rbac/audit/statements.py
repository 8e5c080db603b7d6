"""The notation of invariants: ``invariants.toml``, read strictly, problems by file and line.

Knows how statements are written. It must not know how they are proved.

    [[invariant]]
    name = "viewers_change_nothing"
    says = "A role that is named a viewer only reads."
    because = "people hand it out without a second thought"
    never.roles = ["*_viewer"]
    never.levels = ["write", "credential", "grant"]

Everything is refused that could make a statement say less than it seems to: an unknown
key or name, a pattern that matches nothing, a selection without a single permission, two
forms at once, a file that was cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rbac.audit.invariants import FORMS, IMPLIES, NEVER, ONLY, REQUIRES, TOGETHER, Invariant, Space
from rbac.audit.lines import Path, line_of
from rbac.audit.selections import KINDS, SUBJECTS, Names, names_of, permissions_of
from rbac.audit.toml_files import Document
from rbac.errors import PolicyError, meant, nearest, quoted
from rbac.notation.grammar import TABLES, complaint
from rbac.rows import Place

_NEED = TABLES["requirements.csv"].fields[-1]

TEXTS = ("name", "says", "because")
OTHERS = ("about", "on", "except")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PARTNERS = {
    NEVER: (),
    ONLY: ("on",),
    IMPLIES: ("on",),
    REQUIRES: ("on",),
    TOGETHER: (),
}
"""The selection that each form is said of; ``together`` may have one."""


def read(file: str, space: Space) -> tuple[Invariant, ...]:
    """The statements in `file`, about the policy of `space`.

    Raises `PolicyError` with everything that is wrong with it, by line; nothing is read in
    part.
    """
    reader = _Reader(file, space)
    found = tuple(reader.invariants())
    if reader.problems:
        raise PolicyError(reader.problems)
    return found


class _Reader(Document):
    """Reads one file and collects what is wrong with it."""

    def __init__(self, file: str, space: Space) -> None:
        super().__init__(file)
        self.space = space

    def invariants(self) -> Iterator[Invariant]:
        for key in self.document:
            if key != "invariant":
                self.problem((key,), f"unknown key {quoted(key)}; a statement is an [[invariant]]")
        tables = self.document.get("invariant", [])
        if not isinstance(tables, list) or not tables:
            if not self.problems:
                self.problem((), "no [[invariant]]; a file without statements proves nothing")
            return
        seen: dict[str, int] = {}
        for number, table in enumerate(tables):
            before = len(self.problems)
            found = self.invariant(("invariant", number), table)
            if len(self.problems) > before or found is None:
                continue
            if found.name in seen:
                message = f"a second {quoted(found.name)}; the first is at line {seen[found.name]}"
                self.problem(("invariant", number, "name"), message)
            seen.setdefault(found.name, found.place.line)
            yield found

    def invariant(self, path: Path, table: object) -> Invariant | None:
        """One statement; None if it is so wrong that nothing more can be said of it."""
        if not isinstance(table, dict):
            self.problem(path, "a statement is a table: [[invariant]]")
            return None
        self.known(path, table, (*TEXTS, *OTHERS, *FORMS))
        name, says, because = (self.text(path, table, key) for key in TEXTS)
        if name and not _NAME.fullmatch(name):
            message = "a name is lower-case letters, digits and underscores"
            self.problem((*path, "name"), message)
        about = table.get("about", "cells")
        if about not in SUBJECTS:
            offered = meant(nearest(str(about), SUBJECTS))
            self.problem((*path, "about"), f"unknown subject {quoted(str(about))}{offered}")
            return None
        form = self.form(path, table, str(about))
        if form is None:
            return None
        place = Place(self.file, line_of(self.places, path))
        selections = dict(self.selections(path, table, form, str(about)))
        requirements = self.requirements(path, table) if form == REQUIRES else ()
        found = Invariant(name, says, because, str(about), form, selections, requirements, place)
        if about == "cells":
            self.not_empty(path, found)
        return found

    def known(self, path: Path, table: Mapping[str, object], keys: Sequence[str]) -> None:
        for key in table:
            if key not in keys:
                self.problem((*path, key), f"unknown key {quoted(key)}{meant(nearest(key, keys))}")

    def text(self, path: Path, table: Mapping[str, object], key: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value
        missing = "is missing" if key not in table else "is one line of text"
        self.problem((*path, key), f"{key} {missing}; every statement has a name, says and because")
        return ""

    def form(self, path: Path, table: Mapping[str, object], about: str) -> str | None:
        """The one form of a statement, with what it has to stand beside."""
        forms = [form for form in FORMS if form in table]
        if len(forms) != 1:
            many = f"it has {' and '.join(forms)}" if forms else "it has none"
            self.problem(path, f"a statement has one of {', '.join(FORMS)}; {many}")
            return None
        form = forms[0]
        if about != "cells" and form not in (NEVER, ONLY):
            self.problem((*path, form), f"{form} is said of cells only, not of {about}")
            return None
        if "on" in _PARTNERS[form] and "on" not in table:
            self.problem((*path, form), f"{form} needs on: what it is said of")
            return None
        if form == NEVER and "on" in table:
            self.problem((*path, "on"), "never says by itself what it is about; remove on")
            return None
        return form

    def selections(
        self, path: Path, table: Mapping[str, object], form: str, about: str
    ) -> Iterator[tuple[str, Names]]:
        keys = SUBJECTS[about]
        for key in ("on", "except", *(form,) * (form in (NEVER, ONLY, IMPLIES))):
            if key in table:
                held = ("types", "actions", "levels", "permissions") if key == IMPLIES else keys
                yield key, self.selection((*path, key), table[key], held)
        if form == TOGETHER:
            parts = table[TOGETHER]
            if not isinstance(parts, list) or len(parts) < 2:
                self.problem((*path, TOGETHER), "together is a list of two selections or more")
                return
            for number, part in enumerate(parts):
                held = ("types", "actions", "levels", "permissions")
                yield str(number), self.selection((*path, TOGETHER, number), part, held)

    def selection(self, path: Path, value: object, keys: Sequence[str]) -> Names:
        if not isinstance(value, dict) or not value:
            self.problem(path, f"a selection has one or more of {', '.join(keys)}")
            return {}
        self.known(path, value, keys)
        found: dict[str, frozenset[object]] = {}
        for key, given in value.items():
            if key in keys:
                names = self.names((*path, key), key, given)
                if names:
                    found[key] = names
        return found

    def names(self, path: Path, key: str, given: object) -> frozenset[object]:
        """The names, or truth values, that one key of a selection allows."""
        if key in ("own", "assignable"):
            if isinstance(given, bool):
                return frozenset([given])
            self.problem(path, f"{key} is true or false")
            return frozenset()
        patterns = given if isinstance(given, list) else []
        if not patterns or not all(isinstance(each, str) for each in patterns):
            self.problem(path, f"{key} is a list of one or more patterns")
            return frozenset()
        try:
            if key == "permissions":
                return frozenset(permissions_of(self.space.table, patterns))
            return names_of(KINDS[key], patterns)
        except ValueError as error:
            self.problem(path, str(error))
            return frozenset()

    def requirements(self, path: Path, table: Mapping[str, object]) -> tuple[str, ...]:
        """The texts of requirements, as ``requirements.csv`` writes them."""
        given = table[REQUIRES]
        if not isinstance(given, list) or not given:
            self.problem((*path, REQUIRES), "requires is a list of one or more requirements")
            return ()
        for text in given:
            try:
                _NEED.convert(text if isinstance(text, str) else "")
            except (KeyError, ValueError) as error:
                self.problem((*path, REQUIRES), complaint(_NEED, str(text), error))
        return tuple(map(str, given))

    def not_empty(self, path: Path, found: Invariant) -> None:
        """Refuses a selection that holds no cell, and a statement that is left none."""
        for key, names in found.selections.items():
            if not self.space.box(names).size:
                where = (*path, found.form) if key.isdecimal() else (*path, key)
                self.problem(where, "selects no cell: no permission of the catalogue is like this")
                return
        if found.form == ONLY:
            scope = self.space.box(found.selections["on"])
            if scope.both(self.space.box(found.selections[ONLY])) == scope:
                self.problem((*path, ONLY), "lets everything of on through; it could never fail")
        scope = self.space.box(found.selections.get(NEVER, found.selections.get("on", {})))
        if "except" in found.selections:
            out = scope.both(self.space.box(found.selections["except"]))
            if out == scope:
                self.problem((*path, "except"), "leaves nothing; the statement could never fail")
            elif not out.size:
                self.problem((*path, "except"), "leaves nothing out; remove it")
