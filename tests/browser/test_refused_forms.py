"""Journey: a form that is refused stands where it was filled in: back, reload and the tabs of its page still work."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.people import sign_in_staff


def test_a_refused_step_leaves_the_case_page_whole(desk: Page) -> None:
    sign_in_staff(desk, "town")
    desk.goto("/desk/?view=mine&status=dispatched")
    case = re.search(r"case=(\w+)", desk.locator(".item").first.get_attribute("href") or "")
    assert case is not None
    address = f"/desk/appeals/{case[1]}"
    desk.goto(address)
    note = desk.locator("details[name=step]").filter(has=desk.locator("summary", has_text="记一笔"))
    note.locator("summary").click()
    note.locator("form").evaluate("form => form.noValidate = true")
    note.get_by_role("button", name="记下").click()
    expect(desk.locator(".field.bad").first).to_be_in_viewport()
    expect(desk).to_have_url(re.compile(f"{address}$"))
    desk.get_by_role("link", name="期限").last.click()
    expect(desk.get_by_text("期限是怎么算出来的")).to_be_visible()
    desk.go_back()
    expect(desk.locator(".case-head")).to_contain_text(case[1])
    desk.reload()
    expect(desk.locator(".case-head")).to_contain_text(case[1])
