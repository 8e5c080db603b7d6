"""A browser without a window, and the page of the sample directory in it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from rbac.audit.report.html import written
from tests.audit.report.sample import sample_report, small_report

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--disable-dev-shm-usage", "--window-size=1400,1000"),
)

SEEN = "[...document.querySelectorAll(arguments[0])].filter(each => each.checkVisibility())"


@pytest.fixture(name="browser", scope="session")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Chromium with a fresh profile, which notes every request and every message."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.timeouts = {"script": 240_000}
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options, Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture(name="file", scope="session")
def _file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the shipped policy and the sample directory."""
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(written(sample_report()), encoding="utf-8", newline="")
    return file


@pytest.fixture(name="page")
def _page(browser: Chrome, file: Path) -> Iterator["Page"]:
    """The page, just opened; whatever a test did, it asked for nothing and had no error."""
    page = Page(browser, file.as_uri())
    page.colours(None)
    page.open()
    yield page
    page.fits(1400, 1000)
    page.colours(None)
    assert page.messages() == []
    assert {each for each in page.requests() if not each.startswith("data:")} <= {page.address}


@pytest.fixture(name="small")
def _small(browser: Chrome, tmp_path: Path) -> Iterator["Page"]:
    """The page of a small policy and directory, with whatever a page may have."""
    file = tmp_path / "small.html"
    file.write_text(written(small_report(tmp_path)), encoding="utf-8", newline="")
    page = Page(browser, file.as_uri())
    page.colours(None)
    page.open()
    yield page
    page.fits(1400, 1000)
    page.colours(None)


class Page:
    """One page in the browser, and what it did."""

    def __init__(self, browser: Chrome, address: str) -> None:
        self.browser, self.address = browser, address

    def open(self, view: str = "") -> None:
        """Opens the page anew, as a view that an address names."""
        self.browser.get("about:blank")
        self.browser.get_log("performance")
        self.browser.get(self.address + view)

    def one(self, selector: str) -> Any:
        """The first element that a selector finds."""
        return self.browser.find_element("css selector", selector)

    def seen(self, selector: str) -> list[Any]:
        """Every element that a selector finds and that can be seen."""
        found: list[Any] = self.run(f"return {SEEN}", selector)
        return found

    def texts(self, selector: str) -> list[str]:
        """What each element says that a selector finds and that can be seen."""
        found: list[str] = self.run(f"return {SEEN}.map(each => each.textContent)", selector)
        return found

    def said(self, selector: str) -> str:
        """What an element says."""
        return str(self.one(selector).text)

    def run(self, script: str, *arguments: object) -> Any:
        """What a script of the test gives; it runs outside the page's own rules."""
        return self.browser.execute_script(script, *arguments)

    def fits(self, width: int, height: int) -> None:
        """Makes the window so wide and high, as a phone or a desk has it."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def colours(self, scheme: str | None) -> None:
        """What the reader prefers, light or dark; and nothing that moves."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme or ""},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def messages(self) -> list[str]:
        """Everything that went to the console."""
        return [each["message"] for each in self.browser.get_log("browser")]

    def requests(self) -> list[str]:
        """The address of everything that was asked for since the page was opened."""
        log = self.browser.get_log("performance")
        noted = [json.loads(each["message"])["message"] for each in log]
        return [
            each["params"]["request"]["url"]
            for each in noted
            if each["method"] == "Network.requestWillBeSent"
        ]
