"""Can everybody use every page? Not only those of the journeys: whatever a person of the demonstration can come to.

The pages are found by walking: from where somebody begins, along every link; of each route a few are looked at, by
whoever comes to it first. Then the pages of every refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Error, Page, Response, Route

from tests.browser.accessibility import check_accessible, check_fits
from tests.browser.conftest import PHONE
from tests.browser.people import sign_in_staff, sign_in_worker
from tests.running import Platform

BEGINNINGS = {
    "": ["/", "/say", "/lookup", "/me/sign-in", "/desk/sign-in", "/privacy", "/nothing-here"],
    "worker": ["/", "/mine", "/me"],
    "city": ["/desk/", "/desk/?view=all", "/desk/rules/changes"],
    "town": ["/desk/", "/desk/new", "/desk/?view=done"],
    "county": ["/desk/"],
    "hotline": ["/desk/seat", "/desk/"],
    "admin": ["/desk/staff", "/desk/account"],
    "auditor": ["/desk/trace"],
    "department": ["/desk/"],
    "mediator": ["/desk/"],
    "zone": ["/desk/"],
    "grassroots": ["/desk/"],
}
# what people of every post look at, each with contents of their own
OWN = ("/desk/", "/desk/dashboard")
STAFF = ("town", "county", "city", "department", "mediator", "zone", "grassroots", "hotline", "admin", "auditor")
# words of a program that slipped onto a page; names of products and files are none
ENGLISH = re.compile(
    r"\b(?!Word|Excel|PDF|csv|Enter|Ctrl|Alt|Esc)[A-Za-z]{3,}(?:[ _][a-z]{3,})+\b|\b(?:None|True|False|null|undefined|NaN)\b"
)
# questions in an address that make another page of the same route
TELLING = ("view", "tab", "kind", "step")
MOST_OF_A_ROUTE = 3
FILES = re.compile(r"\.(xlsx|csv|docx|zip|pdf|json|js|webmanifest|svg|ics)$|^(static|api)/|/files/|attachments")
ERROR_PAGES = {
    "400.html": {},
    "403.html": {"message": "您的岗位不能打开这一页。"},
    "403_csrf.html": {},
    "404.html": {"message": "没有这件诉求。"},
    "409.html": {"message": "这件诉求已经签收过了。"},
    "422.html": {"message": "日期不对，请核对。"},
    "500.html": {},
    "503.html": {"message": "平台正在恢复。"},
    "ui/refused.html": {"message": "操作太频繁，请 12 分钟后再试。", "title": "请稍后再试"},
}


def route_of(path: str) -> str:
    """The route that answers a path; "" when none does."""
    try:
        return str(resolve(path).route)
    except Resolver404:
        return ""


def key_of(address: str) -> tuple[str, ...]:
    """What makes a page another one: its route, and the questions that change what it is."""
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    return (route_of(parts.path), *(f"{name}={asked[name][0]}" for name in TELLING if name in asked))


def links_of(page: Page) -> list[str]:
    """Where the links and the forms that ask lead, on this site."""
    found = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    here = urlsplit(page.url)
    whole = [urljoin(page.url, one) for one in found if one and not one.startswith(("tel:", "sms:", "mailto:", "#"))]
    return [one for one in whole if urlsplit(one).netloc == here.netloc and not FILES.search(urlsplit(one).path[1:])]


def opened(page: Page, address: str) -> Response | None:
    """The answer; None where a file is handed out."""
    try:
        return page.goto(address)
    except Error as fault:
        if "Download is starting" in str(fault):
            return None
        raise


@pytest.fixture(scope="module")
def seen() -> dict[tuple[str, ...], str]:
    """The pages that somebody has looked at: key → who."""
    return {}


@pytest.fixture
def visitor(browser: Browser, running: Platform) -> Iterator[Page]:
    """A page without a watch on its console: some of the pages here are errors."""
    context = browser.new_context(base_url=running.address, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("who", BEGINNINGS, ids=[who or "nobody" for who in BEGINNINGS])
def test_walk(who: str, visitor: Page, seen: dict[tuple[str, ...], str]) -> None:
    if who == "worker":
        sign_in_worker(visitor)
    elif who:
        sign_in_staff(visitor, who)
    waiting = [urljoin(visitor.url, each) if visitor.url != "about:blank" else each for each in BEGINNINGS[who]]
    faults = []
    while waiting:
        address = waiting.pop(0)
        key = key_of(address)
        if key in seen or sum(other[0] == key[0] for other in seen) >= MOST_OF_A_ROUTE or "sign-out" in address:
            continue
        seen[key] = who
        answer = opened(visitor, address)
        if answer is None or "html" not in answer.headers.get("content-type", ""):
            continue
        seen[key_of(visitor.url)] = who
        try:
            check_accessible(visitor)
        except AssertionError as fault:
            faults.append(f"{who or 'nobody'} at {fault}")
        waiting += links_of(visitor)
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize("who", STAFF)
def test_what_everybody_has_of_his_own(who: str, desk: Page) -> None:
    """With a watch on the console, at the width of a desk and of a phone, and without a word of the program's."""
    sign_in_staff(desk, who)
    for path in OWN:
        answer = desk.goto(path)
        if answer is not None and answer.status == 403:  # an administrator handles nothing
            continue
        check_fits(desk)
        check_accessible(desk)
        assert not ENGLISH.findall(desk.locator("body").inner_text())
    desk.set_viewport_size(PHONE)
    desk.goto("/desk/")
    check_fits(desk)


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_pages_of_refusal(name: str, visitor: Page, running: Platform) -> None:
    content = render_to_string(name, ERROR_PAGES[name])

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html; charset=utf-8", body=content)

    visitor.route("**/refusal", answer)
    visitor.goto(f"{running.address}/refusal")
    check_accessible(visitor)
