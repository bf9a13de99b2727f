"""Journey: said on the phone, signed, contacted and answered on the desk, judged on the phone, archived, looked up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff

WORDS = "我在饭店后厨帮工，老板拖欠上个月的工资三千六百元不发，说要干满半年才发工资，请工会帮我问一问。"
INVITED_SECONDS = 60
PHONE_NUMBER = "13900007788"
ANSWER = "老板当着我们的面把上个月的工资三千六百元补发给您，也保证以后每月十五日发。再有拖欠，请随时告诉我们。"


def test_from_the_phone_to_the_archive(phone: Page, desk: Page) -> None:
    code, password = say_it(phone)
    sign_in_staff(desk, "town")
    handle_it(desk, code)
    look_up(phone, code, password)
    judge_it(phone)
    desk.reload()
    expect(desk.locator(".case-head")).to_contain_text("已归档")
    expect(desk.get_by_role("main")).to_contain_text("职工评价：满意")
    check_accessible(desk)
    phone.context.clear_cookies()
    look_up(phone, code, password)
    expect(phone.get_by_role("main")).to_contain_text("办完了")
    expect(phone.get_by_role("button", name="催一催")).to_have_count(0)


def say_it(phone: Page) -> tuple[str, str]:
    """Say it without signing in; gives the code and the query password that the page shows."""
    phone.goto("/")
    phone.get_by_role("link", name="说一说").click()
    phone.get_by_label("用自己的话说").fill(WORDS)
    phone.get_by_label("区县市").select_option(label="海曙区")
    phone.get_by_label("镇、街道").select_option(label="集士港镇")
    phone.get_by_label("手机号").fill(PHONE_NUMBER)
    check_fits(phone)
    check_accessible(phone)
    phone.get_by_role("button", name="发出去").click()
    expect(phone).to_have_url(re.compile("/sent/"))
    promise = phone.locator(".promise")
    expect(promise).to_contain_text("集士港镇总工会")
    expect(promise).to_contain_text(re.compile(r"最晚\s*\d+月\d+日"))
    check_fits(phone)
    check_accessible(phone)
    return phone.url.rpartition("/")[2], phone.locator(".pin").inner_text()


def handle_it(desk: Page, code: str) -> None:
    """Find it in the inbox, then sign, contact and answer, each on the case's own page."""
    desk.goto("/desk/")
    desk.locator(f'.item[href*="{code}"]').click()
    reading = desk.locator("#reading")
    expect(reading).to_contain_text(WORDS)
    check_accessible(desk)
    desk.goto(f"/desk/appeals/{code}")
    step(desk, "签收", lambda owed: None)
    expect(desk.get_by_role("main")).to_contain_text("已签收。")
    check_accessible(desk)
    step(desk, "登记联系", lambda owed: owed.get_by_label("联系情况").fill("电话联系上了，今天下午去店里。"))
    expect(desk.get_by_role("main")).to_contain_text("已登记联系。")
    step(desk, "提交办结", answer)
    expect(desk.get_by_role("main")).to_contain_text("已提交办结。")
    wait_for_invitation(desk)
    check_accessible(desk)


def wait_for_invitation(desk: Page) -> None:
    """The job worker asks the worker to judge; the case says so when the page is opened again."""
    deadline = time.monotonic() + INVITED_SECONDS
    while "待评价" not in desk.locator(".case-head").inner_text() and time.monotonic() < deadline:
        desk.wait_for_timeout(500)
        desk.reload()
    expect(desk.locator(".case-head")).to_contain_text("待评价")


def step(desk: Page, button: str, fill: Callable[[Locator], None]) -> None:
    """Take the step that the case page puts first."""
    owed = desk.locator("section.owe").first
    fill(owed)
    owed.get_by_role("button", name=button).click()


def answer(owed: Locator) -> None:
    owed.get_by_label("答复职工的话").fill(ANSWER)
    owed.get_by_label("受益人数").fill("1")
    owed.get_by_label("挽回金额").fill("3600")
    owed.get_by_label("凭证").fill("补发工资的转账记录")


def look_up(phone: Page, code: str, password: str) -> None:
    """Open it with code and query password."""
    phone.goto("/lookup")
    phone.get_by_label("编号").fill(code)
    phone.get_by_label("查询密码").fill(password)
    phone.get_by_role("button", name="查", exact=True).click()
    expect(phone.get_by_role("main")).to_contain_text(ANSWER)
    check_fits(phone)
    check_accessible(phone)


def judge_it(phone: Page) -> None:
    phone.get_by_text("满意", exact=True).first.click()
    phone.get_by_role("button", name="交上去").click()
    expect(phone.get_by_role("main")).to_contain_text("谢谢您")
    check_accessible(phone)
