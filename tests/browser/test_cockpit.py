"""Does the wall change by itself when something happens, say so when it cannot, and open under a finger?"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff
from tests.browser.test_walk_in import SAID

SOON = 20_000


def _open(page: Page, path: str = "/cockpit") -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(path)
    expect(page.locator("[data-sign]")).to_have_text("实时", timeout=SOON)


def test_a_number_on_the_wall_changes_when_an_appeal_comes_in(desk: Page, other_desk: Page) -> None:
    sign_in_staff(desk, "city")
    _open(desk)
    in_hand = desk.locator("[data-key=open]")
    before = int(in_hand.inner_text().replace(",", ""))
    desk.evaluate("window.sameDocument = true")
    sign_in_staff(other_desk, "hotline")
    other_desk.goto("/desk/new")
    other_desk.get_by_label("职工怎么说").fill(SAID)
    other_desk.get_by_role("button", name="登记并赋码").click()
    expect(other_desk.get_by_role("heading", name="已登记，请读给职工听")).to_be_visible()
    expect(in_hand).to_have_text(re.compile(rf"^{before + 1:,}$"), timeout=SOON)
    assert desk.evaluate("window.sameDocument") is True, "the page was not loaded again"
    check_accessible(desk)
    check_fits(desk)


def test_a_wall_without_its_stream_asks_and_without_network_says_since_when(desk: Page) -> None:
    sign_in_staff(desk, "county")
    _open(desk)
    stream = re.compile(r"/live/cockpit")
    desk.route(stream, lambda route: route.fulfill(status=404))
    desk.reload()
    sign = desk.locator("[data-sign]")
    expect(sign).to_have_text(re.compile("每分钟更新，数据截至 .+"), timeout=SOON)
    desk.route("**/cockpit/picture", lambda route: route.fulfill(status=404))
    desk.reload()
    expect(sign).to_have_text(re.compile("连接中断，数据截至 .+"), timeout=SOON)
    desk.unroute("**/cockpit/picture")
    desk.unroute(stream)
    expect(sign).to_have_text("实时", timeout=40_000)


def test_a_county_opens_by_touch_and_a_town_leads_to_its_cases(desk: Page) -> None:
    sign_in_staff(desk, "city")
    _open(desk)
    desk.locator(".map a[data-key='330203']").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("海曙区职工诉求")
    expect(desk.locator("[data-sign]")).to_have_text("实时", timeout=SOON)
    check_accessible(desk)
    town = desk.locator(".map a[aria-label^='集士港镇']")
    count = int(re.findall(r"在办 (\d+) 件", town.get_attribute("aria-label") or "")[0])
    name = desk.locator(".towns .nm").filter(has_text="集士港镇").bounding_box()
    assert name
    desk.mouse.click(
        name["x"] + name["width"] / 2, name["y"] + name["height"] / 2
    )  # where a finger touches: on the name
    expect(desk.locator("main")).to_contain_text(f"{count} 件")
    desk.go_back()
    desk.get_by_role("link", name="回全市").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("宁波市职工诉求")


def test_a_hung_screen_shows_the_city_and_leads_nowhere_else(desk: Page) -> None:
    sign_in_staff(desk, "city")
    _open(desk)
    desk.get_by_text("挂屏", exact=True).click()
    desk.get_by_role("button", name="挂上大屏").click()
    expect(desk.get_by_role("button", name="取下大屏")).to_be_visible()
    expect(desk.locator("[data-sign]")).to_have_text("实时", timeout=SOON)
    assert [
        a for a in desk.locator("main a").evaluate_all("all => all.map(a => a.getAttribute('href'))") if "/desk" in a
    ] == []
    desk.get_by_role("button", name="换浅色").click()
    check_accessible(desk)
    desk.get_by_role("button", name="取下大屏").click()
    desk.wait_for_url("**/desk/sign-in*")


def test_on_a_phone_it_is_one_column(phone: Page) -> None:
    sign_in_staff(phone, "city")
    phone.goto("/cockpit")
    expect(phone.locator("[data-sign]")).to_have_text("实时", timeout=SOON)
    check_accessible(phone)
    check_fits(phone)
    phone.goto("/cockpit?area=330203")
    expect(phone.locator(".tile").filter(has_text="集士港镇")).to_be_visible()
    check_accessible(phone)
    check_fits(phone)
