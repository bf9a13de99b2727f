"""Do the shells and the refusals draw, without anything a strict content policy would stop?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory

from gongqing.ui import slots, web

UI = Path(__file__).parent.parent
SHELLS = ("ui/phone.html", "ui/desk.html", "ui/plain.html", "ui/wall.html", "ui/refused.html", "ui/offline.html")
REFUSALS = ("400.html", "403.html", "403_csrf.html", "404.html", "409.html", "422.html", "500.html")
CONTEXT = {
    "scenarios": [{"name": "甲", "url": "/a", "current": True}],
    "applications": [{"heading": "乙", "items": [{"name": "丙", "url": "/b", "count": 0, "late": True}]}],
    "search_url": "/search",
    "inbox_url": "/inbox",
    "inbox_count": 3,
    "viewer_name": "<b>丁</b>",
    "sign_out_url": "/out",
    "watermark": "丁 0417",
    "csrf_token": "token",
    "messages": [],
}


@pytest.mark.parametrize("name", SHELLS + REFUSALS)
def test_a_page_obeys_the_content_policy(name: str) -> None:
    page = render_to_string(name, CONTEXT)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert "<b>丁</b>" not in page


@pytest.mark.parametrize("name", SHELLS + REFUSALS)
def test_every_static_file_named_exists(name: str) -> None:
    for address in re.findall(r'"/static/([^"]+)"', render_to_string(name, CONTEXT)):
        assert finders.find(re.sub(r"\.[0-9a-f]{12}(\.\w+)$", r"\1", address)), address


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_draws_without_any_context(name: str) -> None:
    assert "回首页" in render_to_string(name)


def test_a_count_of_nothing_is_not_late() -> None:
    assert 'class="n late"' not in render_to_string("ui/desk.html", CONTEXT)


def test_scripts_leave_no_door_for_eval() -> None:
    for script in (UI / "static" / "ui").rglob("*.js"):
        assert not re.search(r"\beval\(|new Function|innerHTML", script.read_text(encoding="utf-8")), script.name


def test_the_worker_keeps_the_offline_page_and_no_other() -> None:
    request = RequestFactory().get("/sw.js")
    answer = web.service_worker(request)
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert re.findall(r"cache\.put\((\w+)", answer.content.decode()) == ["OFFLINE"]
    assert web.manifest(request)["Content-Type"].startswith("application/manifest+json")


def test_a_slot_answers_in_order_and_leaves_out_none() -> None:
    def first(subject: object, actor: object) -> object:
        return ("first", subject, actor)

    def silent(subject: object, actor: object) -> object:
        return None

    for filling in (first, silent, first):
        slots.register("test.slot", filling)
    try:
        assert slots.filled("test.slot", "thing", "somebody") == [("first", "thing", "somebody")]
        assert slots.filled("test.unknown", 1, 2) == []
    finally:
        slots.remove("test.slot", first)
        slots.remove("test.slot", silent)
    assert slots.filled("test.slot", 1, 2) == []
