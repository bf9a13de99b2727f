"""Journey: a look at every page of the desk, in light and dark, on a screen and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff

PAGES = {
    "city": [
        "/desk/",
        "/desk/?view=all",
        "/desk/?view=triage",
        "/desk/new",
        "/desk/supervision",
        "/desk/load",
        "/desk/figures",
        "/desk/figures/cases",
        "/desk/trace",
        "/desk/trace/looks",
        "/desk/rules",
        "/desk/rules/routing",
        "/desk/rules/categories",
        "/desk/rules/grading",
        "/desk/rules/changes",
        "/desk/duty",
        "/desk/duty/calls",
        "/desk/duty/mine",
        "/desk/deputies",
        "/desk/notices",
        "/desk/account",
        "/desk/scenarios/关爱服务",
        "/desk/messages",
        "/desk/messages/templates",
        "/desk/messages/templates/evaluate",
        "/desk/data-requests",
    ],
    "admin": [
        "/desk/staff",
        "/desk/staff/new",
        "/desk/loads",
        "/desk/loads/new",
        "/desk/first-passwords",
        "/desk/account/second-factor",
        "/desk/deputies",
        "/desk/status",
        "/desk/organisations",
        "/desk/organisations/new",
        "/desk/regions",
        "/desk/processing-records",
    ],
}


@pytest.mark.parametrize("username", PAGES)
def test_everybody_can_use_every_page(desk: Page, username: str) -> None:
    sign_in_staff(desk, username)
    for path in PAGES[username]:
        desk.goto(path)
        check_fits(desk)
        check_accessible(desk)


@pytest.mark.parametrize("username", PAGES)
def test_no_page_is_wider_than_a_phone(phone: Page, username: str) -> None:
    sign_in_staff(phone, username)
    for path in PAGES[username]:
        phone.goto(path)
        check_fits(phone)


def test_a_case_in_the_dark(desk: Page) -> None:
    desk.emulate_media(color_scheme="dark")
    sign_in_staff(desk, "town")
    desk.goto("/desk/?view=mine")
    check_accessible(desk)
    desk.locator("[data-list] .item").first.click()
    desk.locator("#reading .case-head").wait_for()
    check_accessible(desk)
    desk.locator("#reading").get_by_role("link", name="打开整页").click()
    for tab in ("process", "clocks", "related", "files"):
        desk.goto(f"{desk.url.partition('?')[0]}?tab={tab}")
        check_fits(desk)
        check_accessible(desk)
