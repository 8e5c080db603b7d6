"""The report as one page of HTML that loads nothing, from anywhere.

Knows how the template, the style, the script and the data become one file, and what the
page is allowed to do. It must not know what any section says.

A policy of content that names the style and the script by their digests forbids the page
everything else: no request, no form, no other script. Bytes depend on the report alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator

from rbac.audit.report.data import Report
from rbac.audit.report.elements import code, defined, section
from rbac.audit.report.heatmap import heat_map
from rbac.audit.report.holders import holding
from rbac.audit.report.markup import Markup, joined, tag, text
from rbac.audit.report.packing import Packed
from rbac.audit.report.phrases import TOO_MANY, counted, since
from rbac.audit.report.sections import changed, containment, found, grants, proved, roles, words

_PART = re.compile(r"\{\{(\w+)\}\}")


def written(report: Report) -> str:
    """The page, whole; a few tens of milliseconds for the shipped policy."""
    style, script = _file("report.css"), _file("report.js")
    sections = dict(_sections(report))
    parts = {
        "policy": _allowed(style, script),
        "title": text(report.heading.title),
        "style": style,
        "script": script,
        "heading": _heading(report),
        "links": joined(_link(id, name) for id, (name, _) in sections.items()),
        "main": joined([_tiles(report), *(part for _, part in sections.values())]),
        "footer": _footer(report),
        "data": _embedded(Packed(report).as_dict()),
    }
    return _PART.sub(lambda match: parts[match[1]], _file("report.html"))


def _file(name: str) -> str:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _allowed(style: str, script: str) -> str:
    """What the page may do: be styled and run by exactly this style and script."""
    return (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _source(inline: str) -> str:
    digest = hashlib.sha256(inline.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _embedded(data: dict[str, object]) -> str:
    """JSON that cannot end the element it stands in."""
    written = json.dumps(data, separators=(",", ":"))
    for letter in "<>&":
        written = written.replace(letter, f"\\u{ord(letter):04x}")
    return written


def _sections(report: Report) -> Iterator[tuple[str, tuple[str, Markup]]]:
    """Each section, by its id, with its name in the list of sections."""
    yield "who", ("Who can", _who(report))
    yield "map", ("Heat map", _map(report))
    if since(report):
        yield "changes", ("What changed", changed(report))
    yield "findings", ("Findings", found(report.audit))
    yield "invariants", ("Invariants", proved(report.proofs, report.cells))
    if report.holding is not None:
        yield "holders", ("Who holds what", holding(report.holding))
    yield "roles", ("Roles", roles(report))
    yield "containment", ("Containment", containment(report))
    yield "grants", ("Grants", grants(report))
    yield "words", ("Words", words())


def _link(id: str, name: str) -> Markup:
    return tag("li", tag("a", name, href=f"#{id}"))


def _heading(report: Report) -> Markup:
    """What the report is about, as a list of facts."""
    about = report.heading
    facts: list[tuple[str, object]] = [("Policy", code(about.policy))]
    if about.directory is not None:
        facts.append(("Directory", code(about.directory)))
    if since(report):
        facts.append(("Since", code(since(report))))
    if about.date:
        facts.append(("Date", about.date))
    facts.append(("Made by", code(about.command)))
    return defined(facts, "facts")


def _tiles(report: Report) -> Markup:
    tiles = [
        tag("li", tag("strong", number), tag("span", what)) for number, what in _counts(report)
    ]
    return tag("ul", *tiles, class_="tiles", aria_label="Counts")


def _counts(report: Report) -> Iterator[tuple[str, str]]:
    rows = report.rows
    yield f"{len(report.roles):,}", f"roles, {counted(len(rows.grants), 'grant')}"
    permissions = counted(len(rows.catalogue), "permission")
    yield f"{len(report.types):,}", f"types of resources, {permissions}"
    yield f"{report.allowed:,}", f"of {report.cells:,} cells allowed"
    if report.proofs is not None:
        hold = len(report.proofs) - len(report.refuted)
        yield f"{hold}/{len(report.proofs)}", "invariants proved"
    if report.changes is not None:
        gained, lost = report.changes.gained, report.changes.lost
        yield f"+{gained:,} -{lost:,}", "cells gained and lost since the older policy"
    if report.turnover is not None:
        sums = (report.turnover.gained.total.triples, report.turnover.lost.total.triples)
        yield f"+{sums[0]:,} -{sums[1]:,}", "(subject, action, resource) gained and lost"
    yield (
        f"{len(report.audit.findings):,}",
        f"findings open, {len(report.audit.accepted):,} accepted",
    )
    if report.holding is not None:
        yield f"{dict(report.holding.counts)['subjects']:,}", "subjects in the directory"
        yield f"{len(report.holding.administrators):,}", "of them administer an organization"
        yield f"{report.holding.permitted:,}", "(subject, action, resource) permitted"


def _who(report: Report) -> Markup:
    about = (
        "Choose something that can be done. Every role that permits it is listed with the grant "
        "that decides and the evidence behind it"
    )
    form = tag("div", id="who-form")
    if report.holding is None:
        return section("who", "Who can ...?", f"{about}.", form)
    if report.holding.answers is None:
        note = tag("p", TOO_MANY, class_="note")
        return section("who", "Who can ...?", f"{about}.", note, form)
    more = "below, everybody who may, on what, and why"
    return section("who", "Who can ...?", f"{about}; {more}.", form)


def _map(report: Report) -> Markup:
    about = (
        "Point at a cell, or move with the arrow keys, to see its actions; choose it to pin them. "
        "Filters apply to the map, the grants and who holds what, and stay in the address."
    )
    filters = tag("div", id="map-form")
    pins = tag("div", id="pins", role="region", aria_label="Pinned cells")
    return section("map", "What each role may do", about, filters, heat_map(report), pins)


def _footer(report: Report) -> Markup:
    said = (
        "Every answer was worked out from the policy's rows; nothing was sampled. The same "
        "inputs give the same bytes. This file asks nothing of any network."
    )
    return joined([tag("p", said), tag("p", "Policy ", code(report.heading.policy))])
