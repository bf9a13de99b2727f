"""How do the demo's people sign in, as they do it themselves?"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from gongqing.accounts.rules import CODES_PER_PHONE, DEMO_PHONE, demo_password

CODE_PAUSE = CODES_PER_PHONE[0][1].total_seconds() * 1000


def sign_in_staff(page: Page, username: str) -> None:
    """Sign in on the desk with a demo account."""
    page.goto("/desk/sign-in")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(demo_password(username))
    page.get_by_role("button", name="登录").click()
    expect(page).not_to_have_url(re.compile("sign-in"))


def sign_in_worker(page: Page, phone: str = DEMO_PHONE) -> None:
    """Sign in by phone; the demo shows the code instead of sending it.

    A phone gets one code a minute: where an earlier journey has just asked for one, wait as a person would.
    """
    page.goto("/me/sign-in")
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="发验证码").click()
    code, refusal = page.locator("#demo-code"), page.get_by_role("alert")
    expect(code.or_(refusal).first).to_be_visible()
    if not code.is_visible():
        page.wait_for_timeout(CODE_PAUSE)
        page.get_by_role("button", name="发验证码").click()
    page.get_by_label("验证码").fill(code.inner_text())
    page.get_by_role("button", name="登录").click()
    expect(page).not_to_have_url(re.compile("sign-in"))
