"""A supervisor looks at the figures: the pictures are drawn from their tables, and a number leads to its cases."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff

DRAWN = "element => element.querySelectorAll('canvas').length"


def test_from_the_picture_to_the_cases(desk: Page) -> None:
    sign_in_staff(desk, "city")
    desk.goto("/desk/dashboard?view=area")
    expect(desk.get_by_role("heading", name="指标看板")).to_be_visible()
    pictures = desk.locator("[data-chart]")
    assert pictures.count() == 5
    for number in range(pictures.count()):
        assert pictures.nth(number).evaluate(DRAWN) == 1
    desk.get_by_text("看表格").nth(1).click()
    check_accessible(desk)
    check_fits(desk)
    number = desk.locator("#table-places tbody a").first
    count = number.inner_text()
    number.click()
    expect(desk).to_have_url(re.compile("figures/cases"))
    expect(desk.locator(".page-head")).to_contain_text(f"{count} 件")


def test_pictures_fit_a_phone_and_the_dark(desk: Page) -> None:
    sign_in_staff(desk, "county")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.goto("/desk/dashboard?view=area")
    check_fits(desk)
    before = desk.locator("[data-chart]").first.evaluate("e => e.querySelector('canvas').toDataURL()")
    desk.emulate_media(color_scheme="dark")
    desk.reload()
    desk.wait_for_function(
        "before => {const drawn = document.querySelector('[data-chart] canvas');"
        " return drawn && drawn.toDataURL() !== before}",
        arg=before,
    )
