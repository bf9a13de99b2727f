"""Journey: the city's supervisor finds the three worst cases in two clicks and acts on them in the third."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff


class Hand:
    """Counts what it clicks."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1


def test_the_three_worst_in_two_clicks_and_a_third(desk: Page) -> None:
    sign_in_staff(desk, "city")
    hand = Hand()
    hand.click(desk.get_by_role("navigation", name="应用").get_by_role("link", name="到期看板"))
    worst = desk.get_by_role("region", name="最急的几件").get_by_role("listitem")
    expect(worst).to_have_count(3)
    for place in range(3):
        expect(worst.nth(place)).to_contain_text(re.compile(r"\+\d+"))
        expect(worst.nth(place).get_by_role("checkbox")).to_be_checked()
    points = [int(re.findall(r"急 (\d+) 分", worst.nth(place).inner_text())[0]) for place in range(3)]
    assert points == sorted(points, reverse=True)
    expect(desk.get_by_role("form", name="一起办")).to_contain_text("3 件")
    check_fits(desk)
    check_accessible(desk)

    hand.click(desk.get_by_role("button", name="督办"))
    expect(desk.get_by_role("heading", name="督办 3 件")).to_be_visible()
    assert desk.get_by_label("写给办理单位的话").input_value()
    assert hand.clicks == 2
    check_accessible(desk)

    hand.click(desk.get_by_role("button", name="督办"))
    expect(desk.get_by_role("heading", name="督办：3 件已办")).to_be_visible()
    assert hand.clicks == 3
    check_fits(desk)
    check_accessible(desk)

    desk.get_by_role("region", name="每件的结果").get_by_role("link").first.click()
    expect(desk).to_have_url(re.compile("/desk/appeals/GQ"))
    expect(desk.get_by_role("main")).to_contain_text("请两个工作日内办出结果")


def test_the_board_by_keyboard(desk: Page) -> None:
    sign_in_staff(desk, "city")
    desk.goto("/desk/supervision")
    picked = desk.locator("[data-picked]")
    expect(picked).to_have_text(" 3 件")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    expect(picked).to_have_text(" 2 件")
    desk.keyboard.press("x")
    expect(picked).to_have_text(" 3 件")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    desk.keyboard.press("u")
    expect(desk.get_by_role("heading", name="催办 2 件")).to_be_visible()
    desk.keyboard.press("y")
    expect(desk.get_by_role("heading", name=re.compile("催办："))).to_be_visible()
    desk.keyboard.press("b")
    expect(desk).to_have_url(re.compile("/desk/supervision"))


def test_down_to_the_town_and_by_category(desk: Page) -> None:
    sign_in_staff(desk, "city")
    desk.goto("/desk/supervision")
    county = desk.get_by_role("region", name="看板").get_by_role("rowheader").get_by_role("link").first
    name = county.inner_text()
    county.click()
    trail = desk.get_by_role("navigation", name="位置")
    expect(trail).to_contain_text(name)
    desk.get_by_role("link", name="按类别").click()
    expect(trail).to_contain_text(name)
    desk.get_by_label("等级").select_option("yellow")
    expect(desk).to_have_url(re.compile(r"within=\d+.*grade=yellow"))
    check_fits(desk)
    check_accessible(desk)


@pytest.mark.parametrize("path", ["/desk/supervision", "/desk/supervision?group=category", "/desk/load"])
def test_on_a_phone(phone: Page, path: str) -> None:
    sign_in_staff(phone, "city")
    phone.goto(path)
    check_fits(phone)
    check_accessible(phone)


def test_the_load_board_says_what_if(desk: Page) -> None:
    sign_in_staff(desk, "city")
    desk.get_by_role("navigation", name="应用").get_by_role("link", name="办理负荷").click()
    check_accessible(desk)
    desk.get_by_role("region", name="各单位的负荷").get_by_role("rowheader").get_by_role("link").first.click()
    desk.get_by_label("如果再来几件").fill("20")
    desk.get_by_label("如果有几个人不在岗").fill("1")
    desk.get_by_role("button", name="算一算").click()
    expect(desk.get_by_text("现有的件预计还会逾期")).to_be_visible()
    expect(desk).to_have_url(re.compile("more=20"))
    check_fits(desk)
    check_accessible(desk)
