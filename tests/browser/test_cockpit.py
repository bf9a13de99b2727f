"""Does the wall change by itself when something happens, say so when it cannot, and open under a finger?"""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.people import sign_in_staff
from tests.browser.staged_walls import PICTURE, STREAM, hang, staged
from tests.browser.test_walk_in import SAID
from tests.browser.wall_looks import check_wall

SOON = 20_000
COUNTY = "330203"  # 海曙区
CONTRAST = """() => {
  const wall = getComputedStyle(document.querySelector("main"));
  const light = (name) => {
    const parts = wall.getPropertyValue(name).trim().slice(1).match(/../g).map((part) => parseInt(part, 16) / 255);
    const [r, g, b] = parts.map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pairs = [0, 1, 2, 3, 4].map((n) => ["--m-ink", `--m${n}`]).concat([0, 1, 2].map((n) => ["--m-late", `--m${n}`]));
  return pairs.map(([ink, ground]) => {
    const [more, less] = [light(ink), light(ground)].sort((one, other) => other - one);
    return [`${ink} on ${ground}`, (more + 0.05) / (less + 0.05)];
  });
}"""


def _open(page: Page, path: str = "/cockpit") -> None:
    page.goto(path)
    expect(page.locator("[data-sign]")).to_have_text("实时", timeout=SOON)


def _tap_middle(page: Page, where: Locator) -> None:
    box = where.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_number_on_the_wall_changes_when_an_appeal_comes_in(wall: Page, other_desk: Page) -> None:
    sign_in_staff(wall, "city")
    _open(wall)
    in_hand = wall.locator("[data-count=open]")
    before = int(in_hand.inner_text().replace(",", ""))
    wall.evaluate("window.sameDocument = true")
    sign_in_staff(other_desk, "hotline")
    other_desk.goto("/desk/new")
    other_desk.get_by_label("职工怎么说").fill(SAID)
    other_desk.get_by_role("button", name="登记并赋码").click()
    expect(other_desk.get_by_role("heading", name="已登记，请读给职工听")).to_be_visible()
    expect(in_hand).to_have_text(re.compile(rf"^{before + 1:,}$"), timeout=SOON)
    assert wall.evaluate("window.sameDocument") is True, "the page was not loaded again"


def test_everything_is_read_from_five_metres_in_the_dark_and_in_light(wall: Page) -> None:
    sign_in_staff(wall, "city")
    for path in ("/cockpit", f"/cockpit?area={COUNTY}", "/cockpit?area=330211"):
        _open(wall, path)
        check_wall(wall)
        check_accessible(wall)
        wall.get_by_role("button", name="换浅色").tap()
        check_wall(wall)
        check_accessible(wall)
        assert [each for each in wall.evaluate(CONTRAST) if each[1] < 4.5] == []
        wall.get_by_role("button", name="换深色").tap()
        assert [each for each in wall.evaluate(CONTRAST) if each[1] < 4.5] == []


def test_a_county_has_a_wall_of_its_own(wall: Page) -> None:
    sign_in_staff(wall, "county")
    _open(wall)
    expect(wall.get_by_role("heading", level=1)).to_have_text("海曙区职工诉求")
    expect(wall.get_by_role("link", name="回全市")).to_have_count(0)
    check_wall(wall)


@pytest.mark.parametrize(("width", "height", "scale"), [(3840, 2160, 2.0), (1366, 768, 1366 / 1920)])
def test_it_is_the_same_picture_on_other_screens(wall: Page, width: int, height: int, scale: float) -> None:
    wall.set_viewport_size({"width": width, "height": height})
    sign_in_staff(wall, "city")
    _open(wall)
    check_wall(wall, scale=scale)


@pytest.mark.parametrize(
    ("place", "total", "cases", "long_names", "towns"),
    [
        (0, 0, 0, False, 0),
        (128, 1_234, 3, False, 0),
        (123_456, 1_234_567, 3, True, 0),
        (128, 1_234, 3, False, 28),
        (0, 0, 0, False, 12),
    ],
    ids=["nothing yet", "a busy city", "the largest numbers and names", "a county of 28 towns", "an empty county"],
)
def test_nothing_is_cut_off_on_any_wall(
    wall: Page, place: int, total: int, cases: int, long_names: bool, towns: int
) -> None:
    sign_in_staff(wall, "city")
    wall.goto("/cockpit")
    hang(wall, staged(place=place, total=total, cases=cases, long_names=long_names, towns=towns))
    check_wall(wall, shortened=long_names)
    if not total:
        for words in ("今年还没有诉求", "没有在办的红色件", "没有收到诉求", "会列在这里"):
            expect(wall.locator("main")).to_contain_text(words)
        expect(wall.locator(".rate .value")).to_have_text(["—"] * 4)


def test_a_wall_without_its_stream_asks_and_without_network_says_since_when(wall: Page) -> None:
    sign_in_staff(wall, "county")
    _open(wall)
    wall.route(STREAM, lambda route: route.fulfill(status=404))
    wall.reload()
    sign = wall.locator("[data-sign]")
    expect(sign).to_have_text(re.compile("每分钟更新，数据截至 .+"), timeout=SOON)
    wall.route(PICTURE, lambda route: route.fulfill(status=404))
    wall.reload()
    expect(sign).to_have_text(re.compile("连接中断，数据截至 .+"), timeout=SOON)
    assert float(sign.evaluate("sign => getComputedStyle(sign).fontWeight")) >= 600, "it stands out"
    check_wall(wall)
    check_accessible(wall)
    wall.unroute(PICTURE)
    wall.unroute(STREAM)
    expect(sign).to_have_text("实时", timeout=40_000)


def test_numbers_of_yesterday_say_that_their_today_is_not_today(wall: Page) -> None:
    sign_in_staff(wall, "city")
    _open(wall)
    picture = staged(place=1, total=9)
    yesterday = picture.at - timedelta(days=1)
    body = json.dumps({"at": yesterday.isoformat(), "now": picture.at.isoformat(), "parts": {}})

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=body)

    wall.route(STREAM, lambda route: route.fulfill(status=404))
    wall.route(PICTURE, answer)
    wall.reload()
    said = re.compile(r"数据截至 \d+月\d+日 [\d:]+，“今天”指这一天")
    expect(wall.locator("[data-sign]")).to_have_text(said, timeout=SOON)
    check_wall(wall)


def test_a_finger_goes_from_the_map_to_the_cases_and_back(wall: Page) -> None:
    sign_in_staff(wall, "city")
    _open(wall)
    heading = wall.get_by_role("heading", level=1)
    _tap_middle(wall, wall.locator(".map .nm", has_text="海曙"))  # on the name, where a finger touches
    expect(heading).to_have_text("海曙区职工诉求")
    town = wall.locator(".tile").filter(has_text="集士港")
    count = int(town.locator(".ct").inner_text())
    town.tap()
    expect(heading).to_have_text(f"海曙区　集士港镇　在办 {count} 件")
    assert count > 7
    check_wall(wall)
    check_accessible(wall)
    first = wall.locator(".wall-cases").inner_text()
    wall.get_by_role("link", name="下一页").tap()
    expect(wall.get_by_role("link", name="第一页")).to_be_visible()
    assert wall.locator(".wall-cases").inner_text() != first
    assert wall.locator(".wall-cases a").count() == 0, "no way from here to a person"
    wall.get_by_role("link", name="返回").tap()
    expect(heading).to_have_text("海曙区职工诉求")
    wall.get_by_role("link", name="回全市").tap()
    expect(heading).to_have_text("宁波市职工诉求")
    for key in ("open", "overdue", "red", "due_today", "today-received", "answered_rate"):
        wall.locator(f"[data-key='{key}']").tap()
        expect(heading).to_have_text(re.compile(r"^宁波市.+ [\d,]+ 件$"))
        wall.get_by_role("link", name="返回").tap()
        expect(heading).to_have_text("宁波市职工诉求")


def test_a_hung_screen_shows_the_city_and_leads_nowhere_else(wall: Page) -> None:
    sign_in_staff(wall, "city")
    _open(wall)
    wall.get_by_text("挂屏", exact=True).tap()
    wall.get_by_role("button", name="挂上大屏").tap()
    expect(wall.get_by_role("button", name="取下大屏")).to_be_visible()
    expect(wall.locator("[data-sign]")).to_have_text("实时", timeout=SOON)
    links = wall.locator("main a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert links
    assert [link for link in links if not link.startswith("/cockpit?area=")] == []
    wall.get_by_role("button", name="换浅色").tap()
    check_accessible(wall)
    wall.get_by_role("button", name="取下大屏").tap()
    wall.wait_for_url("**/desk/sign-in*")


def test_on_a_phone_it_is_one_column(phone: Page) -> None:
    sign_in_staff(phone, "city")
    for path in ("/cockpit", f"/cockpit?area={COUNTY}", "/cockpit?area=330211"):
        _open(phone, path)
        check_accessible(phone)
        check_fits(phone)
    expect(phone.locator(".tile").filter(has_text="招宝山")).to_be_visible()
    phone.locator("[data-key=open]").tap()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("在办")
    check_accessible(phone)
    check_fits(phone)
