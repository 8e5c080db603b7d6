"""The page: its data against the analyses, cell by cell, and what it may and may not do."""

import base64
import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rbac.audit.report.data import Audit
from rbac.audit.report.html import written
from rbac.rows import Mark, Place, Rationale, Reach
from rbac.terms import Question
from rbac.vocabulary import Action, Principal, ResourceRole, ResourceType
from tests.audit.report.sample import (
    RULE,
    bare_report,
    sample_access,
    sample_allowed,
    sample_permitted,
    sample_report,
    small,
    small_report,
)
from tests.audit.report.test_markup import Reader

PAGE = written(sample_report())
DATA: dict[str, Any] = json.loads(
    re.findall(r'<script id="data" type="application/json">(.*?)</script>', PAGE, re.DOTALL)[0]
)
HOSTILE = "</script><script>alert(1)</script> \" ' <img src=x onerror=alert(2)> &amp; \u202egnp"


def in_fours(numbers: list[int]) -> list[tuple[int, int, int, int]]:
    """The cells of one role, as the page has them."""
    return [tuple(numbers[at : at + 4]) for at in range(0, len(numbers), 4)]  # type: ignore[misc]


def named(number: int) -> tuple[ResourceType, Action]:
    """The permission of a number."""
    type, action = DATA["permissions"][number][:2]
    return ResourceType.parse(DATA["types"][type]), Action.parse(DATA["actions"][action])


def test_the_page_allows_what_the_table_allows_cell_by_cell() -> None:
    """Every cell of the shipped policy is allowed by the data in the page as by the table."""
    said = {
        Question(
            Principal.parse(DATA["principals"][principal]),
            ResourceRole.parse(DATA["roles"][role]),
            *named(permission),
            own,
        )
        for role, numbers in enumerate(DATA["cells"])
        for principal in DATA["eligible"][role]
        for permission, reach, _, _ in in_fours(numbers)
        for own in (False, True)
        if own or DATA["reaches"][reach] == "any"
    }
    assert said == sample_allowed()


def test_each_cell_of_the_page_names_its_deciding_grant() -> None:
    """Place, evidence and the roles in between are those of the table's basis."""
    table = sample_access().table
    for number, numbers in enumerate(DATA["cells"]):
        role = ResourceRole.parse(DATA["roles"][number])
        for permission, reach, grant, path in in_fours(numbers):
            type, action = named(permission)
            cell = table.holdings(role)[type][action]
            basis = cell.any or cell.own
            assert DATA["reaches"][reach] == ("any" if cell.any else "own")
            _, _, place, why = DATA["grants"][grant]
            assert place == str(basis.grant.place)
            assert basis.grant.rationale is not None
            assert DATA["rationales"][why][2] == basis.grant.rationale.text
            through = [DATA["roles"][each] for each in DATA["paths"][path]]
            assert through == [each.short for each in basis.through]


def test_the_answers_of_the_page_are_everything_that_is_permitted() -> None:
    """Every (subject, action, resource) that is permitted is in exactly one answer."""
    said = [
        (DATA["subjects"][subject], named(int(number)), DATA["resources"][resource])
        for number, answers in DATA["answers"].items()
        for *_, subjects, resources in answers
        for subject in DATA["sets"][subjects]
        for resource in DATA["sets"][resources]
    ]
    asked = {(str(who), (on.type, action), str(on)) for who, action, on in sample_permitted()}
    assert len(said) == len(asked)
    assert set(said) == asked


def test_the_heat_map_shows_the_strongest_level_and_the_number_of_actions() -> None:
    """Each box of the map is marked by what the table permits there, and no other box is."""
    labels = {
        attributes["aria-label"]
        for name, attributes in Reader(PAGE).elements
        if name == "button" and (attributes.get("class") or "-").split()[0] in DATA["levels"]
    }
    table = sample_access().table
    levels = {(row.type, row.action): row.level for row in table.policy.rows.catalogue}
    expected = set()
    for role in table.roles:
        for type, found in table.holdings(role).items():
            order = [levels[type, action].short for action in found]
            strongest = max(order, key=DATA["levels"].index)
            own = not any(cell.any for cell in found.values())
            number = f"{len(found)} action{'' if len(found) == 1 else 's'}"
            mark = f"{strongest[0].upper()}{len(found)}{'*' if own else ''}"
            end = ", own only" if own else ""
            said = f"{role.short} on {type.short}: {number}, strongest {strongest}"
            expected.add(f"{mark}, {said}{end}")
    assert labels == expected


def test_the_page_may_load_nothing() -> None:
    """Its policy of content allows one style and one script, by digest, and nothing else."""
    (policy,) = [
        attributes["content"]
        for name, attributes in Reader(PAGE).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.findall(r"<style>(.*?)</style>", PAGE, re.DOTALL)
    script = re.findall(r"<script>(.*?)</script>", PAGE, re.DOTALL)
    sources = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in style + script
    ]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{sources[0]}'; script-src 'sha256-{sources[1]}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_page_names_no_other_place() -> None:
    """No address of anything else is in it, no inline style, and no inline handler."""
    assert "://" not in PAGE
    for name, attributes in Reader(PAGE).elements:
        assert not {each for each in attributes if each == "style" or each.startswith("on")}
        assert name not in ("img", "iframe", "object", "embed", "base", "form")
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
        assert "src" not in attributes


def test_names_headings_and_tables_are_for_everybody() -> None:
    """Ids are unique, links lead somewhere, headings skip no level, every th has a scope."""
    elements = Reader(PAGE).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] or "" for name, attributes in elements if name == "a"]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    levels = [int(name[1]) for name, _ in elements if re.fullmatch(r"h\d", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(attributes.get("scope") for name, attributes in elements if name == "th")


def test_the_page_says_what_it_is_about_and_how_it_is_made() -> None:
    """Both digests, the counts and the command stand in it."""
    report = sample_report()
    said = "".join(Reader(PAGE).said)
    for text in (report.heading.policy, report.heading.directory, report.heading.command):
        assert text
        assert text in said
    assert f"of {report.cells:,} cells allowed" in said
    assert f"{len(report.rows.grants)} grants" in said


def test_a_hostile_text_stays_a_text(tmp_path: Path) -> None:
    """Titles, reasons, places and notes that look like markup add no element to the page."""
    rows = small()
    why = Rationale(Mark.OPEN, ("name",), HOSTILE)
    place = Place(f"grants/{HOSTILE}.csv", 1)
    hostile = rows._replace(
        grants=tuple(each._replace(rationale=why, place=place) for each in rows.grants),
        roles=tuple(each._replace(note=f"{each.note} {HOSTILE}") for each in rows.roles),
    )
    plain = written(small_report(tmp_path))
    page = written(small_report(tmp_path, hostile, title=HOSTILE))
    kinds = [[name for name, _ in Reader(each).elements] for each in (plain, page)]
    assert kinds[0] == kinds[1]
    assert "\u202e" not in page
    data = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(data[0])["rationales"] == [["open", "name", HOSTILE]]
    assert not re.search(r"[<>&]", data[0])


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    """A page depends on nothing but the report; no time of day is in it."""
    assert written(small_report(tmp_path)) == written(small_report(tmp_path))


def test_a_report_on_a_policy_alone_says_what_it_has_not() -> None:
    """Without a directory, invariants and anything older there are no sections of them."""
    page = written(bare_report())
    ids = {attributes.get("id") for name, attributes in Reader(page).elements if name == "section"}
    policy = {"who", "map", "invariants", "roles", "containment", "grants"}
    assert ids == policy | {"findings", "words"}
    assert "nothing was proved" in page


def test_a_page_that_cannot_list_everybody_says_so() -> None:
    """Where a directory is too large, each part that is not listed has a note in its place."""
    report = sample_report()
    assert report.holding is not None
    large = report.holding._replace(answers=None, people=None, groups=None)
    page = written(report._replace(holding=large))
    assert page.count("The directory is too large to list this on a page.") == 2
    assert f"{report.holding.permitted:,}" in page
    assert '"answers":null' in page


def test_a_page_has_the_worst_findings_and_counts_the_others() -> None:
    """Beyond what a page has room for, it says how many more there are."""
    findings = tuple(RULE.found(f"Number {number}.", None, [number]) for number in range(1_003))
    page = written(bare_report()._replace(audit=Audit(findings, ())))
    assert "1,003 findings open, 0 accepted" in page
    assert "3 findings more: `rbac audit` lists them." in page
    assert "Number 999." in page
    assert "Number 1000." not in page


@pytest.mark.parametrize("reach", Reach)
def test_the_template_has_no_part_left(reach: Reach, tmp_path: Path) -> None:
    """Nothing of the template is left unfilled, whatever the reaches of the grants are."""
    rows = small()
    rows = rows._replace(grants=tuple(each._replace(reach=reach) for each in rows.grants))
    assert "{{" not in written(small_report(tmp_path, rows))
