"""Take the README's screenshots: `python -m tests.shots docs/shots`, or `make shots`.

Starts the platform with the small demo, fresh each time, signs in as the demo's people and photographs real pages. With
`--address` it photographs a platform that is running already.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page

from gongqing.accounts.rules import DEMO_PHONE
from tests.browser.chromium import chromium
from tests.browser.people import sign_in_staff, sign_in_worker
from tests.running import platform

PHONE = (390, 844)
DESK = (1440, 900)
TALL = (1440, 1500)
WALL = (1920, 1080)
COLOURS = 256
SAID = (
    "我在集士港一家饭店后厨帮工，老板扣着上个月的工资三千六百元不给，说要干满半年才发。"
    "我等着这笔钱交房租，请工会帮我问一问。"
)

CALLED = "我在集士港的五金厂做冲压，老板三个月没发工资，一共欠我一万二千元，厂里就我一个人没拿到。"


def _home(page: Page) -> None:
    page.goto("/")


def _say(page: Page) -> None:
    page.goto("/say")
    page.get_by_label("用自己的话说").fill(SAID)
    page.get_by_label("用自己的话说").blur()


def _sent(page: Page) -> None:
    _say(page)
    page.get_by_label("区县市").select_option(label="海曙区")
    page.get_by_label("镇、街道").select_option(label="集士港镇")
    page.get_by_role("button", name="发出去").click()
    page.wait_for_url("**/sent/*")


def _own_case(page: Page) -> None:
    page.goto("/mine")
    page.locator('main a[href^="/a/"]').filter(has_text="已转给").first.click()
    page.wait_for_url("**/a/*")


def _list(view: str, *, item: int = 0) -> Callable[[Page], None]:
    def open_list(page: Page) -> None:
        page.goto(f"/desk/?view={view}")
        page.locator("[data-list] .item").nth(item).click()
        page.locator("#reading .case-head").wait_for()
        page.mouse.move(0, 0)

    return open_list


def _case(page: Page) -> None:
    _list("mine")(page)
    page.locator("#reading").get_by_role("link", name="打开整页").click()
    page.wait_for_url("**/desk/appeals/*")


def _seat(page: Page) -> None:
    page.goto("/desk/seat")
    page.get_by_label("来电号码").fill(DEMO_PHONE)
    page.keyboard.press("Enter")
    page.locator("#seat-text").fill(CALLED)
    page.locator("#seat-reading").get_by_text("要问清的").wait_for()


def _load(page: Page) -> None:
    page.goto("/desk/loads")
    page.locator('main a[href*="/desk/loads/"]').filter(has_text="12345").first.click()
    page.wait_for_url("**/desk/loads/*")


def _change(page: Page) -> None:
    page.goto("/desk/rules/changes")
    page.locator('main a[href*="/desk/rules/changes/"]').first.click()
    page.wait_for_url("**/desk/rules/changes/*")


def _need(page: Page) -> None:
    page.goto("/desk/needs")
    page.locator("main table a").first.click()
    page.wait_for_url("**/desk/needs/*")


def _report(page: Page) -> None:
    page.goto("/desk/reports")
    page.locator("main tr", has_text="已编发").get_by_role("link").first.click()
    page.wait_for_url("**/desk/reports/*")


def _wall(page: Page) -> None:
    page.goto("/cockpit")
    page.locator("[data-sign]").filter(has_not_text="正在连接").wait_for()


def _at(path: str) -> Callable[[Page], None]:
    def open_page(page: Page) -> None:
        page.goto(path)

    return open_page


@dataclass(frozen=True)
class Shot:
    """One picture.

    Attributes:
        who: a demo account; "worker" signs in by phone.
        open: brings the signed-in page to what is photographed.
        size: CSS pixels; phones are photographed at twice that.
    """

    name: str
    who: str
    open: Callable[[Page], None]
    size: tuple[int, int] = DESK
    colours: Literal["light", "dark"] = "light"


SHOTS = [
    Shot("worker-home", "worker", _home, PHONE),
    Shot("worker-say", "worker", _say, PHONE),
    Shot("worker-case", "worker", _own_case, PHONE),
    Shot("worker-sent", "worker", _sent, PHONE),
    Shot("desk-inbox", "town", _list("mine")),
    Shot("desk-case", "town", _case, TALL),
    Shot("desk-triage", "county", _list("triage")),
    Shot("desk-supervision", "city", _at("/desk/supervision")),
    Shot("desk-figures", "city", _at("/desk/figures")),
    Shot("desk-groups", "county", _at("/desk/groups")),
    Shot("desk-load-board", "city", _at("/desk/load")),
    Shot("desk-dashboard", "city", _at("/desk/dashboard?view=area")),
    Shot("desk-need", "county", _need, TALL),
    Shot("desk-report", "city", _report, TALL),
    Shot("cockpit", "city", _wall, WALL),
    Shot("desk-seat", "hotline", _seat),
    Shot("desk-load", "hotline", _load),
    Shot("desk-duty", "county", _at("/desk/duty")),
    Shot("desk-rule-change", "city", _change),
    Shot("desk-status", "admin", _at("/desk/status")),
    Shot("desk-inbox-dark", "town", _list("mine"), colours="dark"),
]


def take(browser: Browser, address: str, folder: Path) -> None:
    """Take every picture; whoever is in several signs in once for each size and colour."""
    by_person = {}
    for shot in SHOTS:
        seat = (shot.who, shot.size, shot.colours)
        if seat not in by_person:
            by_person[seat] = _seated(browser, address, shot)
        page = by_person[seat]
        shot.open(page)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{shot.name}.png")
        _shrink(folder / f"{shot.name}.png")


def _seated(browser: Browser, address: str, shot: Shot) -> Page:
    width, height = shot.size
    page = browser.new_page(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=2 if shot.size == PHONE else 1,
        color_scheme=shot.colours,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    if shot.who == "worker":
        sign_in_worker(page)
    else:
        sign_in_staff(page, shot.who)
    return page


def _shrink(path: Path) -> None:
    with Image.open(path) as full:
        small = full.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE
        )
    small.save(path, optimize=True)


def main(arguments: list[str]) -> None:
    """Take the pictures into a folder; a page that does not open stops it."""
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--address", default="")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as home, ExitStack() as stack:
        address = options.address or stack.enter_context(platform(Path(home), demo="small")).address
        take(stack.enter_context(chromium()), address, options.folder)


if __name__ == "__main__":
    main(sys.argv[1:])
