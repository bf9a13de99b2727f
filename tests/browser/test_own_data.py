"""Journey: a worker looks at the own data on the phone, takes it away, and withdraws an agreement."""

from __future__ import annotations

import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_worker

# of somebody who has not said anything yet; the demo worker's phone got its code in the journey before
NEW_PHONE = "13900006688"
PAGES = ("", "/looks", "/consents", "/correct", "/phone", "/deletion")


def test_a_worker_and_the_own_data(phone: Page, tmp_path: Path) -> None:
    phone.goto("/privacy")
    check_fits(phone)
    check_accessible(phone)
    sign_in_worker(phone)
    for page in PAGES:
        phone.goto(f"/me/data{page}")
        check_fits(phone)
        check_accessible(phone)
    phone.goto("/me/data")
    phone.get_by_role("button", name="显示完整内容").click()
    expect(phone.get_by_text("13800000417")).to_be_visible()
    with phone.expect_download() as taken:
        phone.get_by_role("button", name="下载").click()
    kept = tmp_path / taken.value.suggested_filename
    taken.value.save_as(kept)
    assert "我的个人信息.html" in zipfile.ZipFile(kept).namelist()


def test_an_agreement_is_withdrawn_after_a_question(phone: Page) -> None:
    sign_in_worker(phone, NEW_PHONE)
    phone.goto("/me/data/consents")
    contact = phone.locator("section", has_text="短信和电话联系")
    contact.get_by_role("button", name="撤回").click()
    phone.locator("dialog").get_by_role("button", name="确定").click()
    expect(phone.get_by_text("已撤回“短信和电话联系”的同意")).to_be_visible()
    contact.get_by_role("button", name="同意").click()
    expect(phone.get_by_text("已同意“短信和电话联系”")).to_be_visible()
