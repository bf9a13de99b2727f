"""Do the pages of rules say the numbers and how far the calendar is known?"""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from gongqing.dispatch.queries.rulebook import thresholds


def test_alternatives_are_joined() -> None:
    condition = {"labour_related": True, "any": [{"months_owed_at_least": 1}, {"days_owed_at_least": 30}]}
    assert thresholds(condition) == "拖欠不少于 1 个月或拖欠不少于 30 天"
    assert thresholds({"workers_at_least": 10, "amount_at_least": 100000}) == "不少于 10 人，金额不低于 100,000 元"
    assert thresholds({"flag": "self_harm"}) == ""


def test_the_pages_show_them(browser_of: Callable[[str], Client]) -> None:
    pages = {
        path: browser_of("town").get(f"/desk/rules{path}").content.decode()
        for path in ("", "/routing", "/categories", "/grading")
    }
    assert "放假安排" in pages[""]
    assert "R-12" in pages["/routing"]
    assert "第 1 版" in pages["/categories"]
    assert "金额不低于 500,000 元" in pages["/grading"]
