"""Journey: a seat takes a call, writes, registers, reads out and takes the next one, without touching the mouse."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from gongqing.accounts.rules import DEMO_PHONE
from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff

WORDS = "我在集士港的五金厂做冲压，老板三个月没发工资，一共欠我一万二千元，厂里就我一个人没拿到。"
DANGER = "我真的不想活了，想从楼上跳楼。"
CONSULTED = "问年休假有几天，按工龄答了。"


def test_a_call_without_the_mouse(desk: Page) -> None:
    sign_in_staff(desk, "hotline")
    desk.goto("/desk/seat")
    check_accessible(desk)
    begin(desk, DEMO_PHONE)
    expect(desk.locator("#history")).to_contain_text("先核对姓名再说内容")
    expect(desk.locator("body")).not_to_contain_text(DEMO_PHONE)
    write(desk)
    survive_a_reload(desk)
    urge_an_old_matter(desk)
    code = register(desk)
    expect(desk.get_by_role("heading", name="请读给职工听")).to_be_visible()
    desk.keyboard.press("F9")
    begin(desk, "")
    expect(desk.locator("#seat-text")).to_have_value("")
    calm_somebody(desk)
    end_without_a_matter(desk)
    desk.goto(f"/desk/appeals/{code}")
    expect(desk.locator(".case-head")).to_contain_text("热线难点件")
    expect(desk.get_by_role("main")).to_contain_text(WORDS)


def begin(desk: Page, number: str) -> None:
    """Type the number, press Enter; the page waits there with its field focused."""
    expect(desk.get_by_label("来电号码")).to_be_focused()
    desk.keyboard.type(number)
    desk.keyboard.press("Enter")
    expect(desk.locator("#seat-text")).to_be_focused()


def write(desk: Page) -> None:
    """Words, employer, town by name, kind and shield; the reading comes beside the words."""
    desk.keyboard.type(WORDS)
    beside = desk.locator("#seat-reading")
    expect(beside).to_contain_text("工资拖欠与克扣")
    expect(beside).to_contain_text("要问清的")
    expect(beside).to_contain_text("在哪个区县、哪个镇街")
    desk.keyboard.press("Tab")
    desk.keyboard.type("宁波集士港五金（虚构）厂")
    desk.keyboard.press("Tab")
    desk.keyboard.type("集士港")
    expect(beside).to_contain_text("地点：集士港镇")
    expect(beside).not_to_contain_text("在哪个区县、哪个镇街")
    desk.keyboard.press("Escape")
    desk.keyboard.press("Alt+Digit2")
    desk.keyboard.press("Alt+Digit4")
    expect(desk.get_by_label("难点", exact=False)).to_be_checked()
    expect(desk.get_by_label("不让单位知道", exact=False)).to_be_checked()
    check_fits(desk)
    check_accessible(desk)


def survive_a_reload(desk: Page) -> None:
    """What was typed is there again after the page was lost."""
    expect(desk.locator("[data-draft-state]")).to_contain_text("已存在本机")
    desk.reload()
    expect(desk.locator("#seat-text")).to_have_value(WORDS)
    expect(desk.get_by_label("难点", exact=False)).to_be_checked()
    expect(desk.locator("#seat-reading")).to_contain_text("工资拖欠与克扣")


def urge_an_old_matter(desk: Page) -> None:
    """Alt+9 goes to the caller's matters; a refusal waits in its field; the words beside stay."""
    desk.keyboard.press("Alt+Digit9")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    note = desk.get_by_placeholder("来电人怎么说").first
    supplement(desk)
    expect(desk.locator("#history").get_by_role("alert")).to_be_visible()
    expect(note).to_be_focused()
    desk.keyboard.press("F4")
    desk.keyboard.press("Alt+Digit9")
    expect(note).to_be_focused()
    desk.keyboard.type("来电人补充：还要再快一点。")
    supplement(desk)
    expect(desk.locator("#history")).to_contain_text("已补充到这件诉求")
    expect(desk.locator("#seat-text")).to_have_value(WORDS)
    expect(desk.locator("#seat-text")).to_be_focused()


def supplement(desk: Page) -> None:
    """From the field of an old matter to its second button, which is pressed."""
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")


def register(desk: Page) -> str:
    """Ctrl+Enter gives code, password, the next step and the day; a reload shows the same again."""
    desk.keyboard.press("F4")
    desk.keyboard.press("Control+Enter")
    main = desk.get_by_role("main")
    expect(main).to_contain_text("读法：G Q，三三零二")
    expect(main).to_contain_text(re.compile(r"最晚 \d+月\d+日（周.）"))
    check_fits(desk)
    check_accessible(desk)
    code = "".join(desk.locator(".seat-code").first.locator("span").all_inner_texts())
    password = desk.locator(".seat-code").nth(1).inner_text()
    desk.reload()
    assert "".join(desk.locator(".seat-code").first.locator("span").all_inner_texts()) == code
    assert desk.locator(".seat-code").nth(1).inner_text() == password
    return code


def calm_somebody(desk: Page) -> None:
    """Words of danger bring the calm panel; F8 notes the number, and the words stay."""
    desk.keyboard.type(DANGER)
    expect(desk.locator(".seat-red")).to_contain_text("先稳住人，别挂电话")
    check_accessible(desk)
    desk.keyboard.press("F8")
    expect(desk.locator("#crisis-given")).to_contain_text("转接或告知 12356")
    expect(desk.locator("#seat-text")).to_have_value(DANGER)


def end_without_a_matter(desk: Page) -> None:
    """F9 goes to the endings; Enter in the note ends the call, once the seat says that the words may go."""
    desk.keyboard.press("F9")
    desk.keyboard.press("Space")
    desk.keyboard.press("Tab")
    desk.keyboard.type(CONSULTED)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("dialog")).to_contain_text("还没有登记成诉求")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("button", name="不登记，结束")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("main")).to_contain_text("开始接听")
