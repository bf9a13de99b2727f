"""Can the rules be changed on pages, by two persons, without a script and without losing a word?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import queries
from gongqing.dispatch.models import ClockPolicy, RuleChange
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.dispatch.tests.test_rule_changes import REASON, colleague
from gongqing.lib import times
from tests.cast import Player
from tests.doors import signed_in


@pytest.fixture
def second(cast):
    """A browser of the second supervisor of the city."""
    actor = colleague(cast, times.now())
    with scope.acting_as(SYSTEM):
        from gongqing.accounts.models import Posting

        posting = Posting.objects.get(user_id=actor.user_id)
    return signed_in(Player("city_second", actor.user_id, posting.pk, actor))


def started(client, kind, **more):
    answer = client.post("/desk/rules/changes/start", {"kind": kind, **more})
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def text(answer):
    return answer.content.decode()


def routing_row(**fields):
    return {"id": "R-31", "note": "生日会先由片区办", "category": ["SC01"], "level": "zone", **fields}


def test_a_row_is_added_moved_previewed_submitted_and_approved(cast, browser_of, second):
    received(WAGES, by=cast.worker.actor, at=times.now())
    city = browser_of("city")
    place = started(city, "routing")
    assert "还没有改动" in text(city.get(place))
    assert city.get(f"{place}/rows/new").status_code == 200
    refused = city.post(f"{place}/rows/new", routing_row(id="R-01", note="同号"))
    assert refused.status_code == 422
    assert "出现了 2 次" in text(refused)
    assert 'value="同号"' in text(refused)
    assert city.post(f"{place}/rows/new", routing_row()).status_code == 302
    assert city.post(f"{place}/rows/R-31/step", {"step": "up"}).status_code == 302
    assert city.post(f"{place}/rows/R-31/step", {"step": "jump"}).status_code == 404
    page = text(city.get(place))
    assert "生日会先由片区办" in page
    assert page.rindex("R-31</td>") < page.rindex("R-22</td>")
    assert "会换主办单位" in text(city.get(f"{place}?preview=1"))
    assert "日期要写成" in text(city.get(f"{place}?preview=1&since=soon"))
    today = times.now().date().isoformat()
    short = city.post(f"{place}/terms", {"effective_from": today, "reason": "改", "press": "submit"})
    assert short.status_code == 422
    assert "为什么改" in text(short)
    assert city.post(f"{place}/terms", {"effective_from": today, "reason": REASON, "press": "save"}).status_code == 302
    assert (
        city.post(f"{place}/terms", {"effective_from": today, "reason": REASON, "press": "submit"}).status_code == 302
    )
    own = city.post(f"{place}/decision", {"decision": "approve"})
    assert own.status_code == 403
    assert "另一位" in text(own)
    seen = text(second.get(place))
    assert "预演" in seen
    assert 'value="approve"' in seen
    assert second.post(f"{place}/decision", {"decision": "refuse", "answer": ""}).status_code == 422
    pasted = "不同意" * 400
    for press in ("refuse", "approve"):
        long = second.post(f"{place}/decision", {"decision": press, "answer": pasted})
        assert long.status_code == 422
        assert "最多 1000 字，现在 1200 字" in text(long)
        assert pasted in text(long)
    assert second.post(f"{place}/decision", {"decision": "approve", "answer": "同意"}).status_code == 302
    assert queries.routes_on(times.now().date()).version == 2
    rules = text(city.get("/desk/rules/routing"))
    assert "第 2 版" in rules
    assert "退回这一版" in rules
    back = started(city, "routing", version="1")
    assert "退回第 1 版的内容" in text(city.get(back))
    assert "/rows/R-01" not in text(city.get(back))
    assert city.post(f"{back}/withdrawal").status_code == 302
    assert RuleChange.objects.latest("id").state == "withdrawn"


def test_a_draft_from_a_version_that_has_not_begun_warns_that_it_brings_it_forward(browser_of, second):
    city, today = browser_of("city"), times.now().date()
    later = (today + timedelta(days=7)).isoformat()
    first = started(city, "routing")
    assert city.post(f"{first}/rows/new", routing_row()).status_code == 302
    assert (
        city.post(f"{first}/terms", {"effective_from": later, "reason": REASON, "press": "submit"}).status_code == 302
    )
    assert second.post(f"{first}/decision", {"decision": "approve"}).status_code == 302
    place = started(city, "routing")
    terms = {"effective_from": today.isoformat(), "reason": REASON, "press": "save"}
    assert city.post(f"{place}/terms", terms).status_code == 302
    assert "会把第 2 版的改动也提前" in text(city.get(place))
    assert city.post(f"{place}/terms", {**terms, "effective_from": later}).status_code == 302
    assert "也提前" not in text(city.get(place))


def test_limits_are_edited_as_numbers_and_units(browser_of):
    city = browser_of("city")
    place = started(city, "limits")
    fields = {
        "sign_0": "2",
        "sign_1": "working_hours",
        "contact_0": "",
        "contact_1": "workdays",
        "report_0": "",
        "report_1": "workdays",
        "report_every_0": "",
        "report_every_1": "workdays",
        "close_cap_0": "9",
        "close_cap_1": "workdays",
        "extension_cap_0": "",
        "extension_cap_1": "workdays",
        "extension_by": "county",
        "supervised_by": "county",
        "copied_to": "市总工会、人社",
    }
    refused = city.post(f"{place}/rows/grade:orange", fields)
    assert refused.status_code == 422
    assert "请填数和单位" in text(refused)
    assert city.post(f"{place}/rows/grade:orange", {**fields, "contact_0": "1"}).status_code == 302
    rows = {row["grade"]: row for row in RuleChange.objects.get().content["grades"]}
    assert rows["orange"]["close_cap"] == {"amount": 9, "unit": "workdays", "basis": "橙级最长 9 个工作日"}
    assert rows["orange"]["sign"]["basis"].endswith("橙级签收")
    assert (rows["orange"]["report"], rows["orange"]["copied_to"]) == (None, ["市总工会", "人社"])
    page = text(city.get(place))
    assert "按分类，最多 7 个工作日" in page
    assert "按分类，最多 9 个工作日" in page
    for key in ("special:contact:G11,G12", "special:new", "pause:waiting_for_material", "hotline:ordinary", "other"):
        assert city.get(f"{place}/rows/{key}").status_code == 200, key
    other = {"return_within_0": "2", "return_within_1": "workdays", "extensions_at_most": "1"}
    wrong = city.post(f"{place}/rows/other", {**other, "ceiling_days": "90", "ceiling_extension_days": "30"})
    assert wrong.status_code == 422
    assert "1 到 60" in text(wrong)
    short = {"clock": "sign", "limit_0": "20", "limit_1": "natural_minutes", "basis": "危机件", "rules": ["G11"]}
    assert city.post(f"{place}/rows/special:new", short).status_code == 302
    assert "20 分钟" in text(city.get(place))
    assert city.post(f"{place}/rows/special:sign:G11/step", {"step": "remove"}).status_code == 302
    assert city.post(f"{place}/rows/grade:red/step", {"step": "remove"}).status_code == 409
    assert ClockPolicy.objects.count() == 1


def test_grading_numbers_categories_and_days_are_edited(browser_of):
    city = browser_of("city")
    place = started(city, "grading")
    page = text(city.get(f"{place}/rows/G07"))
    assert "第 2 种：金额不低于（元）" in page
    numbers = {
        "number-any-0-months_owed_at_least": "2",
        "number-any-0-any-0-amount_at_least": "5000",
        "number-any-1-workers_at_least": "10",
        "number-any-1-amount_at_least": "60000",
    }
    given = {"title_zh": "欠薪达到刑事立案下限", "grade": "orange", "is_on": "on", **numbers}
    assert city.post(f"{place}/rows/G07", given).status_code == 302
    assert "金额不低于 60,000 元" in text(city.get(place))
    assert "启用这条规则" not in text(city.get(f"{place}/rows/G11"))
    assert city.get(f"{place}/rows/new").status_code == 404
    assert city.get(f"{place}/rows/G99").status_code == 404
    place = started(city, "categories")
    row = {"name": "欠薪", "definition": "拖欠和克扣工资", "level": "town", "grade": "yellow"}
    assert city.post(f"{place}/rows/LE01", {**row, "limit_working_days": "90"}).status_code == 422
    assert city.post(f"{place}/rows/LE01", {**row, "limit_working_days": "9"}).status_code == 302
    assert "9 个工作日" in text(city.get(place))
    place = started(city, "calendar")
    day = {"day": "2026-12-25", "is_workday": "no", "note": "台风停工"}
    assert city.post(f"{place}/rows/new", day).status_code == 302
    assert "2026年12月25日（周五）" in text(city.get(place))
    assert "已有一份修订在办" in text(city.post("/desk/rules/changes/start", {"kind": "calendar"}, follow=True))


@pytest.mark.parametrize("name", ["town", "county", "auditor", "admin", "hotline"])
def test_others_read_and_change_nothing(browser_of, name):
    place = started(browser_of("city"), "routing")
    client = browser_of(name)
    assert client.get("/desk/rules/changes").status_code == 200
    page = text(client.get(place))
    assert "草稿" in page
    assert "提交审批" not in page
    assert client.post("/desk/rules/changes/start", {"kind": "limits"}).status_code == 403
    assert client.get(f"{place}/rows/R-01").status_code == 403
    assert client.post(f"{place}/rows/R-01", routing_row()).status_code == 403
    assert client.post(f"{place}/rows/R-01/step", {"step": "up"}).status_code == 403
    assert client.post(f"{place}/terms", {"effective_from": "2026-12-01", "reason": REASON}).status_code == 403
    assert client.post(f"{place}/terms", {}).status_code == 403
    assert client.post(f"{place}/decision", {"decision": "approve"}).status_code == 403
    assert client.post(f"{place}/withdrawal").status_code == 403
    assert RuleChange.objects.get().state == "draft"


def test_what_is_not_there_is_not_found(browser_of):
    city = browser_of("city")
    assert city.get("/desk/rules/changes/999").status_code == 404
    assert city.post("/desk/rules/changes/999/decision", {"decision": "approve"}).status_code == 404
    assert city.post("/desk/rules/changes/999/terms", {}).status_code == 404
    assert city.post("/desk/rules/changes/start", {"kind": "weather"}).status_code == 422
    assert city.post("/desk/rules/changes/start", {"kind": "routing", "version": "7"}).status_code == 404
