"""Journey: whoever writes more than a line finds it again, until it is sent."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import sign_in_staff, sign_in_worker

# somebody who has not said anything yet; the demo worker's phone got its code in an earlier journey
NEW_PHONE = "13900006699"
WISH = "我的出生年月登记错了，应该是一九八六年三月。"
REASON = "这一班的人调走了，下周起换人。"
LONG = "改" * 501


def test_a_workers_words_are_kept_until_they_are_sent(phone: Page) -> None:
    sign_in_worker(phone, NEW_PHONE)
    phone.goto("/me/data/correct")
    words = phone.get_by_label("请写明")
    words.fill(WISH)
    expect(phone.locator("[data-draft-state]")).to_contain_text("已存在本机")
    phone.goto("/")
    phone.goto("/me/data/correct")
    expect(words).to_have_value(WISH)
    phone.get_by_role("button", name="提出").click()
    expect(phone.locator(".field.bad, .error").first).to_be_visible()
    expect(words).to_have_value(WISH)
    phone.get_by_role("radio").first.check()
    phone.get_by_role("button", name="提出").click()
    expect(phone.get_by_text("收到了。")).to_be_visible()
    phone.goto("/me/data/correct")
    expect(phone.get_by_role("button", name="提出")).to_be_visible()
    expect(words).to_have_value("")


def test_drafts_of_one_account_are_not_shown_to_another(desk: Page) -> None:
    sign_in_staff(desk, "city")
    desk.goto("/desk/lists/new")
    words = desk.locator("textarea").first
    words.fill(REASON)
    expect(desk.locator("[data-draft-state]")).to_contain_text("已存在本机")
    desk.goto("/desk/")
    desk.goto("/desk/lists/new")
    expect(words).to_have_value(REASON)
    desk.context.clear_cookies()
    sign_in_staff(desk, "county")
    desk.goto("/desk/lists/new")
    desk.wait_for_load_state("networkidle")
    expect(words).to_have_value("")


def test_a_named_draft_belongs_to_its_account_as_well(desk: Page) -> None:
    sign_in_staff(desk, "town")
    desk.goto("/desk/new")
    words = desk.get_by_label("职工怎么说")
    words.fill(WISH)
    expect(desk.locator("[data-draft-state]")).to_contain_text("已存在本机")
    desk.context.clear_cookies()
    sign_in_staff(desk, "county")
    desk.goto("/desk/new")
    desk.wait_for_load_state("networkidle")
    expect(words).to_have_value("")
    desk.context.clear_cookies()
    sign_in_staff(desk, "town")
    desk.goto("/desk/new")
    expect(words).to_have_value(WISH)


def test_what_was_typed_before_signing_in_goes_along_once(phone: Page) -> None:
    phone.goto("/say")
    words = phone.get_by_label("用自己的话说")
    words.fill(WISH)
    expect(phone.locator("[data-draft-state]")).to_contain_text("已存在本机")
    sign_in_worker(phone, "13900006698")
    phone.goto("/say")
    expect(words).to_have_value(WISH)
    phone.context.clear_cookies()
    phone.goto("/say")
    phone.wait_for_load_state("networkidle")
    expect(words).to_have_value("")
