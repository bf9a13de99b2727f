"""Journey: a worker comes in, the matter is registered, and going back does not register it again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import sign_in_staff

SAID = "厂里欠我两个月工资，老板说年底再给，一共八千元。"


def test_going_back_finds_an_empty_form(desk: Page) -> None:
    sign_in_staff(desk, "town")
    desk.goto("/desk/new")
    words = desk.get_by_label("职工怎么说")
    words.fill(SAID)
    expect(desk.locator("[data-draft-state]")).to_contain_text("已存在本机")
    desk.goto("/desk/")
    desk.go_back()
    expect(words).to_have_value(SAID)
    desk.get_by_role("button", name="登记并赋码").click()
    expect(desk.get_by_role("heading", name="已登记，请读给职工听")).to_be_visible()
    desk.go_back()
    expect(desk.get_by_role("heading", name="登记诉求")).to_be_visible()
    expect(words).to_have_value("")
