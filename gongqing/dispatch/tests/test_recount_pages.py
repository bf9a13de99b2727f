"""Does the page of a change show who gains and who loses, and how far the open clocks are?"""

from __future__ import annotations

import re
from datetime import timedelta

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.dispatch import actions
from gongqing.dispatch.models import RuleChange
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.dispatch.tests.test_rule_changes import colleague
from gongqing.lib import times


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def day_off(browser):
    """A draft of the calendar that takes the next but one working day out."""
    answer = browser.post("/desk/rules/changes/start", {"kind": "calendar"})
    address = answer["Location"]
    calendar_day = times.now().date() + timedelta(days=2)
    while calendar_day.weekday() > 4:
        calendar_day += timedelta(days=1)
    row = {"day": calendar_day.isoformat(), "is_workday": "no", "note": "台风停工"}
    assert browser.post(f"{address}/rows/new", row).status_code == 302
    return address, calendar_day


def test_the_page_counts_lists_and_hands_out_what_moves(cast, browser_of):
    received(WAGES, by=cast.worker.actor, at=times.now(), employer=cast.places.factory.name)
    city = browser_of("city")
    address, _ = day_off(city)
    page = words(city.get(f"{address}?preview=1"))
    assert "谁多时间、谁少时间" in page
    assert "推后最多的" in page
    assert "新碶街道" in page
    answer = city.get(f"{address}/open-clocks.csv")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("编号,时限,责任单位")
    assert len(rows) > 1
    assert all("推后" in row for row in rows[1:])
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="list.exported", reason__contains="在办期限预演").count() == 1
    assert browser_of("town").get(f"{address}/open-clocks.csv").status_code == 403
    assert "推后最多的" not in words(browser_of("town").get(address))


def test_a_past_day_comes_back_with_its_fault_and_what_was_typed(cast, browser_of):
    city = browser_of("city")
    address = city.post("/desk/rules/changes/start", {"kind": "calendar"})["Location"]
    gone = (times.now().date() - timedelta(days=5)).isoformat()
    row = {"day": gone, "is_workday": "no", "note": "停工一天"}
    answer = city.post(f"{address}/rows/new", row)
    assert answer.status_code == 422
    assert "已经过去" in words(answer)
    assert 'value="停工一天"' in answer.content.decode()
    assert city.post(f"{address}/rows/new", row | {"past_reason": "市里补发的停工通知"}).status_code == 302


def test_the_option_is_kept_with_the_draft_and_shown(cast, browser_of):
    city = browser_of("city")
    address = city.post("/desk/rules/changes/start", {"kind": "limits"})["Location"]
    sent = {
        "effective_from": (times.now().date() + timedelta(days=3)).isoformat(),
        "reason": "市总工会新的办理时限",
        "applies_to_open": "on",
        "press": "save",
    }
    assert city.post(f"{address}/terms", sent).status_code == 302
    with scope.acting_as(SYSTEM):
        assert RuleChange.objects.get(kind="limits").applies_to_open is True
    assert "也适用：生效那天重算" in words(city.get(address))
    sent.pop("applies_to_open")
    assert city.post(f"{address}/terms", sent).status_code == 302
    assert "不适用：仍按进来那天的期限" in words(city.get(address))
    assert city.get(f"{address}/open-clocks.csv").status_code == 409


def test_the_progress_is_shown_until_it_is_done(cast, browser_of, monkeypatch):
    from gongqing.dispatch.rules import recounting

    received(WAGES, by=cast.worker.actor, at=times.now(), employer=cast.places.factory.name)
    at = times.now()
    city = browser_of("city")
    address, _ = day_off(city)
    change_id = int(address.rsplit("/", 1)[1])
    with scope.acting_as(cast.city.actor):
        actions.submit_rule_change(change_id=change_id, reason="台风停工一天", by=cast.city.actor, at=at)
    second = colleague(cast, at)
    monkeypatch.setattr(recounting, "MOST_AT_ONCE", 0)
    with scope.acting_as(second):
        actions.approve_rule_change(change_id=change_id, by=second, at=at)
    running = city.get(f"{address}/recount")
    assert "正在重算" in words(running)
    assert 'hx-trigger="every 3s"' in running.content.decode()
    with scope.acting_as(SYSTEM):
        while actions.recount_slice(at=at):
            pass
    done = city.get(f"{address}/recount")
    assert "已算完" in words(done)
    assert "hx-trigger" not in done.content.decode()
