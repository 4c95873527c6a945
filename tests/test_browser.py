"""Swagger UI in a real browser, with no network but the service's own host."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import (
    element_to_be_clickable,
    text_to_be_present_in_element,
)
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tools import recipes

from .conftest import Bake
from .live import Service, run

WAIT_SECONDS = 20
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # As on a machine without a network: what is on another host is not found.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
LIST = "#operations-colors-list_colors"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    """Chromium, which notes what it requests and what its console says."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.fail("This test needs the Debian packages chromium and chromium-driver.", False)
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in [*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    browser = Chrome(options=options, service=ChromeService(driver))
    yield browser
    browser.quit()


@pytest.fixture
def service(install: Bake, tmp_path: Path) -> Iterator[Service]:
    """The default service, with example data in an SQLite file."""
    root = install()
    variables = {
        "APP_CONFIG_FILE": "config/development.yaml",
        "APP_DATABASE__URL": f"sqlite:///{tmp_path / 'test.db'}",
    }
    for arguments in (["db", "upgrade"], ["seed", "--count", "3"]):
        assert run(root, "color-palette", *arguments, **variables).returncode == 0
    with Service(root, tmp_path, **variables) as service:
        yield service


@pytest.mark.timeout(180)
def test_an_operation_is_tried_out_in_swagger_ui_without_any_other_host(
    browser: Chrome, service: Service
) -> None:
    browser.get(f"{service.url}/ui/")
    click(browser, f"{LIST} .opblock-summary-control")
    click(browser, f"{LIST} .try-out__btn")
    click(browser, f"{LIST} .execute")
    response = f"{LIST} .live-responses-table .response"
    assert text(browser, f"{response} .response-col_status").splitlines()[0] == "200"
    body = json.loads(text(browser, f"{response} .highlight-code code"))
    assert {item["name"] for item in body["items"]} == {"First", "First 2", "First 3"}
    if path := os.environ.get("SCREENSHOT"):
        save_screenshot(browser, path)

    paths = requested(browser, service.url)
    assert {"/ui/", "/openapi.json", "/v1/colors"} <= paths
    console = browser.get_log("browser")
    assert [entry for entry in console if entry["level"] == "SEVERE"] == []


@pytest.mark.timeout(180)
def test_a_version_of_the_api_is_chosen(
    browser: Chrome,
    bake: Bake,
    install: Bake,
    copy: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    root = copy(bake(database="none"))
    (root / ".venv").symlink_to(install() / ".venv")
    added = run(root, "python", "-m", "tools.contract", "--version", "v2", PYTHONPATH="src")
    assert added.returncode == 0, added.stderr
    recipes.follow(root, "docs/versions.md")
    with Service(root, tmp_path, PYTHONPATH="src", APP_ENVIRONMENT="development") as service:
        browser.get(f"{service.url}/ui/")
        text(browser, LIST)
        Select(browser.find_element(By.CSS_SELECTOR, "#select")).select_by_visible_text("v2")
        WebDriverWait(browser, WAIT_SECONDS).until(
            text_to_be_present_in_element((By.CSS_SELECTOR, ".servers"), "/v2")
        )
        click(browser, f"{LIST} .opblock-summary-control")
        click(browser, f"{LIST} .try-out__btn")
        click(browser, f"{LIST} .execute")
        status = f"{LIST} .live-responses-table .response .response-col_status"
        assert text(browser, status).splitlines()[0] == "200"
        expected = {"/openapi.json", "/openapi-v2.json", "/v2/colors"}
        assert expected <= requested(browser, service.url)


def click(browser: Chrome, selector: str) -> None:
    """Clicks an element once it is there."""
    WebDriverWait(browser, WAIT_SECONDS).until(
        element_to_be_clickable((By.CSS_SELECTOR, selector))
    ).click()


def text(browser: Chrome, selector: str) -> str:
    """The text of an element once it has one."""

    def found(browser: Chrome) -> str:
        elements: list[WebElement] = browser.find_elements(By.CSS_SELECTOR, selector)
        return elements[0].text if elements else ""

    return WebDriverWait(browser, WAIT_SECONDS).until(found)


def requested(browser: Chrome, url: str) -> set[str]:
    """The paths of all requests; there is none to another host."""
    messages: list[dict[str, Any]] = [
        json.loads(entry["message"])["message"] for entry in browser.get_log("performance")
    ]
    urls = {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    # Neither pictures inside style sheets nor the browser's own pages are on the network.
    urls = {address for address in urls if urlsplit(address).scheme not in ("data", "chrome")}
    assert {address for address in urls if not address.startswith(f"{url}/")} == set()
    return {urlsplit(address).path for address in urls}


def save_screenshot(browser: Chrome, path: str) -> None:
    """Makes a picture of the operation that was executed: 1200 by 900 pixels."""
    metrics = {"width": 1500, "height": 1125, "deviceScaleFactor": 0.8, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_script(f"document.querySelector('{LIST}').scrollIntoView()")
    browser.save_screenshot(path)
