"""The stage of the journeys: the whole platform with demo data, a real Chromium, a phone and a desk.

One platform and one browser serve every journey; each journey gets fresh pages. A page that logs an error, throws, or
misses a file fails its journey.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, ViewportSize

from tests import database
from tests.browser.chromium import chromium
from tests.running import Platform, platform

HERE = Path(__file__).parent
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
WALL: ViewportSize = {"width": 1920, "height": 1080}
REFUSALS = "the server responded with a status of 4"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys share one worker, so that one platform is started."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def running(django_db_setup: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with the small demo, on a database of its own."""
    name = database.clone(django_db_setup, database.name_of("browser"))
    environment = {"DATABASE_URL": database.url(name), "DATABASE_OWNER_URL": database.url(name, "postgres")}
    with platform(tmp_path_factory.mktemp("home"), demo="small", environment=environment) as started:
        yield started
    database.drop_database(name)


@pytest.fixture(scope="session")
def browser(running: Platform) -> Iterator[Browser]:
    """The system's Chromium; started after the database, which Django refuses to open under Playwright's event loop."""
    with chromium() as started:
        yield started


class Watch:
    """What went wrong on a page.

    Attributes:
        faults: errors in the console, exceptions, files that are missing, answers of 500 and more.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.faults: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # a refusal (403, 409, 422) is an answer, and is looked at as a response
        if message.type == "error" and REFUSALS not in message.text:
            self.faults.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        is_file = response.request.resource_type in {"script", "stylesheet", "image", "font", "manifest"}
        if response.status >= 500 or (is_file and response.status >= 400):
            self.faults.append(f"{response.status} {response.url}")


def _page(browser: Browser, running: Platform, **options: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=running.address, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    context.set_default_timeout(15_000)
    watch = Watch(context)
    page = context.new_page()
    yield page
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def phone(browser: Browser, running: Platform) -> Iterator[Page]:
    """A page as wide as a phone (390 px), with touch."""
    yield from _page(browser, running, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def desk(browser: Browser, running: Platform) -> Iterator[Page]:
    """A page as wide as a desk's screen (1440 px)."""
    yield from _page(browser, running, viewport=DESK)


@pytest.fixture
def other_desk(browser: Browser, running: Platform) -> Iterator[Page]:
    """A second person's desk, for journeys in which work changes hands."""
    yield from _page(browser, running, viewport=DESK)


@pytest.fixture
def wall(browser: Browser, running: Platform) -> Iterator[Page]:
    """A page as large as a screen on a wall (1920 × 1080), with touch."""
    yield from _page(browser, running, viewport=WALL, has_touch=True)
