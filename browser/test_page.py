"""What somebody does with the page: by mouse, by keyboard, in the dark, on a phone, on paper."""

import base64
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.support.select import Select

from browser.conftest import Page
from rbac.audit.report.html import written
from rbac.review import roles_with
from rbac.rows import Mark, Permission, Place, Rationale
from rbac.vocabulary import Action, ResourceType
from tests.audit.report.sample import (
    bare_report,
    sample_access,
    sample_permitted,
    small,
    small_report,
)
from tests.audit.report.test_html import HOSTILE

AXE = Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
MAP = "#map-table tbody td button"


def expected(action: Action, type: ResourceType) -> str:
    """What the page is to say of who may do something."""
    roles = roles_with(sample_access().table, Permission(action, type))
    who = {subject for subject, done, on in sample_permitted() if (done, on.type) == (action, type)}
    what = {on for _, done, on in sample_permitted() if (done, on.type) == (action, type)}
    return (
        f"{plural(len(roles), 'role')} may {action.short} {type.short}; "
        f"{plural(len(who), 'subject')} can, on {plural(len(what), 'resource')}."
    )


def plural(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def test_it_opens_with_who_reads_secrets(page: Page) -> None:
    """The first answer on the page is who may read the value of a secret, and why."""
    assert page.said("#who-count") == expected(Action.GET_VALUE, ResourceType.SECRET)
    assert "grants/environment.csv" in page.said("#who-result")
    assert "stated: DOC_SECRETS" in page.said("#who-result")


def test_asking_with_the_mouse(page: Page) -> None:
    """A type and an action are chosen; a principal narrows both lists."""
    Select(page.one("#can-type")).select_by_visible_text("project")
    Select(page.one("#can-action")).select_by_visible_text("delete")
    assert page.said("#who-count") == expected(Action.DELETE, ResourceType.PROJECT)
    before = page.said("#who-count")
    Select(page.one("select[name=as]")).select_by_visible_text("service_account")
    assert page.said("#who-count") != before
    everybody = page.texts("#who-result > :last-child tbody th code")
    assert {each.split(":")[0] for each in everybody} == {"service_account"}


def test_asking_with_the_keyboard(page: Page) -> None:
    """From the top of the page, tab and type lead to an answer."""
    page.one("body").send_keys(Keys.TAB)
    assert page.browser.switch_to.active_element.text == "Skip to the report"
    page.browser.switch_to.active_element.send_keys(Keys.ENTER)
    for _ in range(20):
        ActionChains(page.browser).send_keys(Keys.TAB).perform()
        if page.browser.switch_to.active_element.get_attribute("id") == "can-type":
            break
    ActionChains(page.browser).send_keys("group").perform()
    ActionChains(page.browser).send_keys(Keys.TAB, "create_m").perform()
    assert page.said("#who-count") == expected(Action.CREATE_MEMBERSHIP, ResourceType.GROUP)


def test_finding_one_subject_among_the_answers(page: Page) -> None:
    """Words narrow who is shown to those with that subject, group or resource."""
    page.open("#can=project.delete")
    someone = "user:00000002-0000-4000-8000-000000000020"
    page.one("input[name=who]").send_keys(someone)
    assert "; 1 subject can" in page.said("#who-count")
    assert someone in page.said("#who-result")
    assert "group 00000007-0000-4000-8000-000000000006" in page.said("#who-result")


def test_filtering_the_map(page: Page) -> None:
    """Role, type, action and principal narrow the map, the grants, and the address."""
    everything = len(page.seen(MAP))
    page.one("input[name=role]").send_keys("project_")
    assert set(page.texts("#map-table tbody th")) == {
        "project_admin",
        "project_editor",
        "project_user",
    }
    page.one("input[name=type]").send_keys("secret")
    page.one("input[name=action]").send_keys("update_value")
    assert page.texts(MAP) == ["W1", "W1"]
    assert page.said("#map-count") == "2 actions in 2 cells: 2 roles on 1 type."
    assert page.said("#grants-count").startswith("1 grant of ")
    assert "role=project_&type=secret&action=update_value" in page.browser.current_url
    page.one("#map-form form button").click()
    assert len(page.seen(MAP)) == everything
    Select(page.one("select[name=principal]")).select_by_visible_text("runner")
    table = sample_access().table
    held = [role for role in table.roles if table.holdings(role)]
    shown = set(page.texts("#map-table tbody th"))
    assert shown == {role.short for role in held if "runner" in opens(role)}


def opens(role: Any) -> set[str]:
    """The principals that may hold a role."""
    rows = sample_access().table.policy.rows.eligibility
    return {row.principal.short for row in rows if row.role is role}


def test_a_view_can_be_linked(page: Page) -> None:
    """An address leads to the same answer, the same filters and the same pins."""
    page.open("#can=runner.delete&role=runner_admin&pin=runner_admin.runner")
    assert page.said("#who-count") == expected(Action.DELETE, ResourceType.RUNNER)
    assert page.one("input[name=role]").get_attribute("value") == "runner_admin"
    assert page.said("#pins h3") == "runner_admin on runner"
    assert page.texts("#map-table tbody th") == ["runner_admin"]


def test_an_address_that_names_nothing_shows_the_first_answer(page: Page) -> None:
    """Names that do not exist, or are not names at all, are as if they were not there."""
    page.open("#can=<b>.x&as=nobody&pin=a.b%20<i>&role=%00")
    assert "may get_value secret" in page.said("#who-count")
    assert not page.seen("#pins h3")


def test_pointing_at_a_cell_tells_its_actions(page: Page) -> None:
    """The actions of a cell appear beside it, and go when the pointer does."""
    cell = page.one(f'{MAP}[aria-label*="project_editor on secret:"]')
    page.run("arguments[0].scrollIntoView({block: 'center'})", cell)
    ActionChains(page.browser).move_to_element(cell).perform()
    tip = page.said("#tip")
    assert "project_editor on secret" in tip
    table = sample_access().table
    role = next(role for role in table.roles if role.short == "project_editor")
    for action in table.holdings(role)[ResourceType.SECRET]:
        assert action.short in tip
    ActionChains(page.browser).move_by_offset(-400, 0).perform()
    assert not page.one("#tip").is_displayed()


def test_walking_the_map_with_the_keyboard(page: Page) -> None:
    """Arrows move from cell to cell, one stop of the tab key; Escape hides, Enter pins."""
    stops = [each for each in page.seen(MAP) if each.get_attribute("tabindex") == "0"]
    assert len(stops) == 1
    page.run("arguments[0].focus()", stops[0])
    first = label(page)
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.END, Keys.HOME):
        before = label(page)
        ActionChains(page.browser).send_keys(key).perform()
        assert label(page) != before
        assert page.one("#tip").is_displayed()
    assert label(page) == first
    ActionChains(page.browser).send_keys(Keys.ESCAPE).perform()
    assert not page.one("#tip").is_displayed()
    ActionChains(page.browser).send_keys(Keys.ENTER).perform()
    assert page.said("#pins h3") == "org_admin on environment"
    assert "pin=org_admin.environment" in page.browser.current_url
    page.one("#pins button").click()
    assert not page.seen("#pins h3")
    assert label(page) == first


def label(page: Page) -> str:
    """What the cell with the focus is called."""
    return str(page.browser.switch_to.active_element.get_attribute("aria-label"))


def test_searching_grants_and_subjects(page: Page) -> None:
    """Words of the evidence find grants; a group finds the subjects it gives roles to."""
    page.one("input[name=why]").send_keys("DOC_SECRETS")
    grants = page.texts("#grants-table tbody tr")
    assert grants
    assert all("DOC_SECRETS" in each for each in grants)
    page.one("input[name=find]").send_keys("group 00000007-0000-4000-8000-000000000006")
    assert page.said("#people-count").startswith("4 subjects of ")


def test_light_and_dark(page: Page) -> None:
    """The page follows what the reader prefers, and one button says otherwise."""

    def background() -> str:
        return str(page.run("return getComputedStyle(document.body).backgroundColor"))

    page.colours("light")
    light = background()
    page.colours("dark")
    dark = background()
    assert light != dark
    assert page.said("#theme") == "Light colours"
    page.one("#theme").click()
    assert background() == light
    assert page.said("#theme") == "Dark colours"


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_for_everybody(small: Page, scheme: str, width: int) -> None:
    """axe-core finds nothing serious, by day and by night, on a desk and on a phone.

    The report is one with everything that a page may have, changes and a refuted invariant
    too, of a policy so small that each of its colours is soon looked at.
    """
    small.colours(scheme)
    small.fits(width, 900)
    small.open("#can=project.get&pin=project_editor.project")
    assert violations(small, "{}") == []


def test_the_whole_sample_is_for_everybody(page: Page) -> None:
    """Nor does it in the page of the sample directory, its colours aside, which are the same."""
    page.open("#can=project.delete&pin=project_editor.secret")
    assert violations(page, "{rules: {'color-contrast': {enabled: false}}}") == []


def violations(page: Page, options: str) -> list[tuple[str, str]]:
    """What axe-core finds that is serious or worse, each with the first element it is about."""
    page.run(AXE)
    run = f"axe.run(document, {options}).then(found => arguments[0](found.violations))"
    found = page.browser.execute_async_script(run)
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    return [(each["id"], each["nodes"][0]["html"]) for each in serious]


def test_a_phone_scrolls_only_down(page: Page) -> None:
    """At 320 pixels nothing but tables and drawings is wider than the window."""
    page.fits(320, 700)
    assert page.run("return document.documentElement.scrollWidth") <= 320


def test_it_prints(page: Page) -> None:
    """On paper every fold is open, and no page of the map is cut at its side."""
    printed = page.browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    assert 5 < pdf.count(b"/Type /Page\n") < 60


def test_a_hostile_report_runs_nothing(browser: Chrome, tmp_path: Path) -> None:
    """Titles, reasons and places that look like markup are read as texts, everywhere."""
    rows = small()
    why = Rationale(Mark.OPEN, ("name",), HOSTILE)
    place = Place(f"grants/{HOSTILE}.csv", 1)
    grants = tuple(each._replace(rationale=why, place=place) for each in rows.grants)
    report = small_report(tmp_path, rows._replace(grants=grants), title=HOSTILE)
    file = tmp_path / "hostile.html"
    file.write_text(written(report), encoding="utf-8", newline="")
    page = Page(browser, file.as_uri())
    page.open("#can=project.get&pin=project_user.project")
    assert "<img src=x onerror=alert(2)>" in page.said("#who-result")
    assert "<img src=x onerror=alert(2)>" in page.said("#pins")
    assert page.run("return document.images.length") == 0
    assert page.messages() == []
    assert page.requests() == [page.address]


def test_a_page_without_a_directory(browser: Chrome, tmp_path: Path) -> None:
    """The policy alone is asked and filtered as well; nobody is named."""
    file = tmp_path / "bare.html"
    file.write_text(written(bare_report()), encoding="utf-8", newline="")
    page = Page(browser, file.as_uri())
    page.open("#can=project.update&role=project_editor")
    assert page.said("#who-count") == "3 roles may update project."
    assert page.texts("#map-table tbody th") == ["project_editor"]
    assert not page.seen("input[name=who], input[name=find]")
    assert page.messages() == []


def test_no_other_script_runs_in_the_page(page: Page) -> None:
    """A script that gets into the page all the same is refused by its policy of content."""
    page.run(
        "const script = document.createElement('script');"
        "script.textContent = 'window.intruded = true'; document.body.append(script)"
    )
    assert page.run("return window.intruded") is None
    assert any("Content Security Policy" in each for each in page.messages())
