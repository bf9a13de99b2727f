"""Journey: a worker says it on the phone, loses the network, sends it, and follows it with code and password."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_worker

WORDS = "厂里三个月没发工资了，我一个人被欠了八千块，问了主管一直说再等等，请工会帮我讨回来。"


def test_a_worker_says_it_without_signing_in(phone: Page) -> None:
    phone.goto("/")
    check_fits(phone)
    check_accessible(phone)
    phone.get_by_role("link", name="说一说").click()
    phone.get_by_label("用自己的话说").fill(WORDS)
    phone.get_by_label("区县市").select_option(label="北仑区")
    expect(phone.get_by_label("镇、街道").locator("optgroup")).to_have_count(1)
    phone.get_by_label("镇、街道").select_option(index=1)
    phone.get_by_label("不让单位知道是我说的").check()
    expect(phone.locator("[data-draft-state]")).to_contain_text("已存在本机")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="发出去").click()
    expect(phone.get_by_text("现在没网。")).to_be_visible()
    phone.context.set_offline(False)
    phone.goto("/say")
    expect(phone.get_by_label("用自己的话说")).to_have_value(WORDS)
    check_fits(phone)
    check_accessible(phone)
    phone.get_by_role("button", name="发出去").click()
    expect(phone).to_have_url(re.compile("/sent/"))
    main = phone.get_by_role("main")
    expect(main).to_contain_text("单位不知道是您说的")
    expect(main).to_contain_text("给您答复")
    check_fits(phone)
    check_accessible(phone)
    code = phone.url.rpartition("/")[2]
    password = phone.locator(".pin").inner_text()
    phone.context.clear_cookies()
    phone.goto("/lookup")
    phone.get_by_label("编号").fill(code)
    phone.get_by_label("查询密码").fill(password)
    phone.get_by_role("button", name="查", exact=True).click()
    expect(main).to_contain_text("您说了这件事")
    phone.get_by_role("button", name="催一催").click()
    expect(main).to_contain_text("已经替您催了")
    phone.get_by_text("再补充几句、加照片").click()
    phone.get_by_label("补充几句").fill("工资条找到了")
    phone.get_by_role("button", name="加上").click()
    expect(main).to_contain_text("工资条找到了")
    check_accessible(phone)
    phone.goto("/say")
    expect(phone.get_by_label("用自己的话说")).to_have_value("")


def test_the_own_matters_in_large_letters(phone: Page) -> None:
    sign_in_worker(phone)
    phone.get_by_role("button", name="大字").click()
    for page in ("/", "/mine", "/me", "/say"):
        phone.goto(page)
        check_fits(phone)
        check_accessible(phone)
