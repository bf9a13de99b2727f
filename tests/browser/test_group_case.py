"""Journey: two that are one matter are merged with one key, and one of them is taken out again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff


def test_merging_two_and_taking_one_out_again(desk: Page) -> None:
    sign_in_staff(desk, "city")
    desk.goto("/desk/groups")
    suggestion = desk.locator("article", has_text="工资拖欠与克扣").first
    lead = suggestion.locator("tbody tr").first.get_by_role("link")
    part = suggestion.locator("tbody tr").nth(1).get_by_role("link")
    title, part_url = part.inner_text(), part.get_attribute("href") or ""
    check_accessible(desk)
    expect(lead).to_be_visible()
    suggestion.get_by_role("button", name="并成一件").click()
    desk.get_by_role("dialog").get_by_role("button", name="并成一件").click()
    expect(desk).to_have_url(re.compile(r"/desk/groups/GQ"))
    row = desk.locator("#group tbody tr", has_text=title)
    expect(row).to_contain_text("已合并")
    check_accessible(desk)
    row.get_by_text("拆出", exact=True).first.click()
    row.get_by_label("为什么拆出").fill("核实后是两个不同的包工头")
    row.get_by_role("button", name="拆出").click()
    expect(desk.locator("#toasts")).to_contain_text("已拆出")
    expect(desk.locator("#group tbody tr", has_text=title)).to_have_count(0)
    desk.goto(part_url)
    expect(desk.get_by_text("待签收").first).to_be_visible()


def test_the_zone_checks_a_team_on_the_phone(phone: Page) -> None:
    sign_in_staff(phone, "zone")
    phone.goto("/desk/groups")
    phone.locator("a[data-item]").first.click()
    check_fits(phone)
    phone.get_by_role("link", name="到现场核对").last.click()
    check_fits(phone)
    check_accessible(phone)
    first = phone.locator("ul.claims > li").first
    first.get_by_label("核对数（元）").fill("9000")
    first.get_by_text("和登记数不一样、有争议").click()
    first.get_by_label("说明").fill("少干了两天，对过记工本")
    first.get_by_role("button", name="核对", exact=True).click()
    expect(first).to_contain_text("已核对")
    expect(first).to_contain_text("9000")
