"""Journey: staff and workers come in and leave."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff, sign_in_worker

# a phone gets one code a minute, and the demo worker's is asked for by another journey
OTHER_PHONE = "13900006677"


def test_staff_sign_in_and_out(desk: Page) -> None:
    desk.goto("/desk/sign-in")
    check_accessible(desk)
    sign_in_staff(desk, "auditor")
    desk.goto("/desk/account")
    expect(desk.get_by_role("main")).to_contain_text("审计员")
    check_accessible(desk)
    desk.context.clear_cookies()
    desk.goto("/desk/account")
    expect(desk).to_have_url(re.compile(r"/desk/sign-in\?next="))


def test_a_wrong_password_is_told_in_plain_words(desk: Page) -> None:
    desk.goto("/desk/sign-in")
    desk.get_by_label("用户名").fill("town")
    desk.get_by_label("密码").fill("not-the-password")
    desk.get_by_role("button", name="登录").click()
    expect(desk.get_by_role("main")).to_contain_text("用户名或密码")
    check_accessible(desk)


def test_a_worker_signs_in_by_phone(phone: Page) -> None:
    phone.goto("/me/sign-in")
    check_fits(phone)
    check_accessible(phone)
    sign_in_worker(phone, OTHER_PHONE)
    phone.goto("/me/account")
    check_fits(phone)
    check_accessible(phone)


@pytest.mark.parametrize("path", ["/desk", "/desk/staff", "/mine", "/me/account"])
def test_closed_doors_lead_to_the_sign_in_page(phone: Page, path: str) -> None:
    phone.goto(path)
    expect(phone).to_have_url(re.compile("sign-in"))
