"""Does each page of duty show its reader the right thing, refuse the others, and say what is wrong?"""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from gongqing.accounts import actions as accounts
from gongqing.appeals.rules.intake import Intake
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.dispatch import actions
from gongqing.dispatch.models import DutyCall, DutyShift
from gongqing.dispatch.tests.test_duty_calls import DANGER
from gongqing.lib import times
from gongqing.lib.sheets import read_sheets
from gongqing.notices.models import Message


@pytest.fixture
def soon(cast):
    """Tomorrow at 17:30 to the next morning."""
    start = times.now().replace(hour=17, minute=30, second=0, microsecond=0) + timedelta(days=1)
    return start, start + timedelta(hours=15)


def add(cast, start, end, user_id=None, rank=1):
    with scope.acting_as(SYSTEM):
        return actions.add_shift(
            organisation_id=cast.places.county.pk,
            user_id=user_id or cast.county.user_id,
            rank=rank,
            starts_at=start,
            ends_at=end,
            by=SYSTEM,
            at=times.now(),
        )


def form(start, end, user_id, rank=1):
    return {
        "user": str(user_id),
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{end:%Y-%m-%dT%H:%M}",
        "rank": str(rank),
    }


def page(client, address="/desk/duty", status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


@pytest.fixture
def called(cast):
    """A red matter at the county, whose supervisor on duty has been called just now."""
    now = times.now()
    add(cast, now - timedelta(hours=1), now + timedelta(hours=5))
    with scope.acting_as(SYSTEM):
        accounts.set_staff_phone(user_id=cast.county.user_id, phone="13900000001", by=SYSTEM, at=now)
        intake = Intake(source="test", external_id="duty", channel="app", text=DANGER, region_code="330206001")
        from gongqing.appeals import actions as appeals

        appeal = appeals.receive_appeal(intake, by=SYSTEM, at=now).appeal
        call = actions.call_duty(appeal_id=appeal.pk, by=SYSTEM, at=now)
        assert call is not None
        token = Message.objects.get(template="duty").text.rpartition("/d/")[2]
    return appeal, call, token


def the_call(call):
    with scope.acting_as(SYSTEM):
        return DutyCall.objects.get(pk=call.pk)


@pytest.mark.parametrize(
    "who", ["hotline", "grassroots", "zone", "zone_helper", "town", "county", "city", "auditor", "admin"]
)
def test_every_member_of_staff_reads_the_roster(cast, browser_of, soon, who):
    add(cast, *soon)
    monday = soon[0].date() - timedelta(days=soon[0].weekday())
    text = page(browser_of(who), f"/desk/duty?place=C1&week={monday}")
    assert "演员county" in text
    assert "办公时间，本单位值守" in text
    assert ("按规律排" in text) is (who in ("county", "city", "admin"))
    assert ("值班设置" in text) is (who in ("city", "admin"))


def test_the_roster_of_no_place_and_a_week_that_is_none(cast, browser_of):
    client = browser_of("county")
    page(client, "/desk/duty?place=U1", 404)
    page(client, "/desk/duty?place=nowhere", 404)
    assert "今天" in page(client, "/desk/duty?week=yesterday")
    assert "今天" in page(client, "/desk/duty?week=0001-01-01")


def test_a_shift_is_added_and_refused_by_form(cast, browser_of, soon):
    client = browser_of("county")
    answer = client.post("/desk/duty/add?place=C1", form(*soon, cast.county.user_id))
    assert answer.status_code == 302
    assert DutyShift.objects.get().user_id == cast.county.user_id
    again = client.post("/desk/duty/add?place=C1", form(*soon, cast.county.user_id))
    assert again.status_code == 409
    assert "第 1 顺位已排" in again.content.decode()
    wrong = client.post("/desk/duty/add?place=C1", form(soon[1], soon[0], cast.county.user_id))
    assert wrong.status_code == 422
    assert "结束时间应晚于开始时间" in wrong.content.decode()
    assert browser_of("town").post("/desk/duty/add?place=C1", form(*soon, cast.county.user_id)).status_code in (
        403,
        422,
    )
    assert DutyShift.objects.count() == 1


def pattern(**change):
    first = times.now().date() + timedelta(days=7)
    given = {"people": "演员county", "first": f"{first}", "weeks": "1", "ranks": "1", "turn": "day"}
    return {**given, "nights": "on", "noons": "on", "rest_days": "on", **change}


def test_a_pattern_is_seen_before_it_is_written(cast, browser_of):
    client = browser_of("county")
    preview = client.post("/desk/duty/plan?place=C1", pattern())
    assert preview.status_code == 200
    text = preview.content.decode()
    assert "确认，写进值班表" in text
    assert DutyShift.objects.count() == 0
    seen = text.partition('name="seen" value="')[2].partition('"')[0]
    stale = client.post("/desk/duty/plan?place=C1", pattern(seen="0" * 64))
    assert "有变动" in stale.content.decode()
    assert DutyShift.objects.count() == 0
    assert client.post("/desk/duty/plan?place=C1", pattern(seen=seen)).status_code == 302
    assert DutyShift.objects.count() > 7
    assert "不排" in client.post("/desk/duty/plan?place=C1", pattern()).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"people": "没有这个人"}, "本单位没有“没有这个人”"),
        ({"ranks": "2"}, "排不出每班 2 人"),
        ({"weeks": "99"}, "12"),
        ({"nights": "", "noons": "", "rest_days": ""}, "至少选一种时段"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said(cast, browser_of, change, words):
    given = {name: value for name, value in pattern(**change).items() if value}
    answer = browser_of("county").post("/desk/duty/plan?place=C1", given)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_others_do_not_plan_copy_load_or_settle(cast, browser_of):
    client = browser_of("town")
    assert client.post("/desk/duty/plan?place=C1", pattern()).status_code == 403
    assert client.post("/desk/duty/copy?place=C1").status_code == 403
    assert client.post("/desk/duty/load?place=C1").status_code == 403
    assert client.post("/desk/duty/settings?place=C1", {"answer_minutes": "5"}).status_code == 403


def test_a_file_is_taken_in_and_its_rejects_are_listed(cast, browser_of, soon):
    client, (start, end) = browser_of("county"), soon
    rows = [
        "值班人,开始,结束,顺位",
        f"演员county,{start:%Y-%m-%d %H:%M},{end:%Y-%m-%d %H:%M},1",
        f"外人,{start:%Y-%m-%d %H:%M},{end:%Y-%m-%d %H:%M},1",
        f"演员county,明天,{end:%Y-%m-%d %H:%M},1",
        f"演员county,{start:%Y/%m/%d %H:%M},{end:%Y/%m/%d %H:%M},7",
        f"演员county,{start:%Y-%m-%d %H:%M},{end:%Y-%m-%d %H:%M},2",
    ]
    sent = io.BytesIO("\n".join(rows).encode("gb18030"))
    sent.name = "值班表.csv"
    answer = client.post("/desk/duty/load?place=C1", {"file": sent})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "排上 1 班，4 行没有排上" in text
    for words in ("本单位没有“外人”", "“明天”不是时间", "顺位填 1 到 3", "这个时段已排在第 1 顺位"):
        assert words in text
    assert DutyShift.objects.count() == 1
    empty = io.BytesIO(b"a,b\n1,2\n")
    empty.name = "x.csv"
    refused = client.post("/desk/duty/load?place=C1", {"file": empty})
    assert refused.status_code == 422
    assert "没有找到表头" in refused.content.decode()


def test_what_is_exported_is_taken_in_again(cast, browser_of, soon):
    client = browser_of("county")
    shift = add(cast, *soon)
    week = soon[0].date() - timedelta(days=soon[0].weekday())
    file = client.get(f"/desk/duty/roster.xlsx?place=C1&week={week}").content
    (sheet,) = read_sheets("x.xlsx", file)
    assert sheet.rows[3][:2] == ["演员county", "county"]
    with scope.acting_as(SYSTEM):
        look = AccessLog.objects.get(kind="roster.exported")
        assert (look.count, look.name) == (1, cast.county.actor.name)
        actions.remove_shift(shift_id=shift.pk, reason="再导入", by=SYSTEM, at=times.now())
    sent = io.BytesIO(file)
    sent.name = "值班表.xlsx"
    assert client.post("/desk/duty/load?place=C1", {"file": sent}).status_code == 302
    assert DutyShift.objects.get().starts_at == soon[0]


def test_a_shift_is_swapped_replaced_and_removed_on_its_page(cast, browser_of, soon):
    client, shift = browser_of("county"), add(cast, *soon)
    address = f"/desk/duty/shifts/{shift.pk}"
    assert "撤下这一班" in page(client, address)
    assert "撤下这一班" not in page(browser_of("town"), address)
    assert client.post(f"{address}/remove", {"reason": ""}).status_code == 422
    assert client.post(f"{address}/replace", {"user": str(cast.town.user_id), "reason": "发烧"}).status_code == 422
    assert client.post(f"{address}/swap", {"other": "0", "reason": "有事"}).status_code == 422
    assert browser_of("town").post(f"{address}/remove", {"reason": "想撤"}).status_code == 403
    assert client.post(f"{address}/remove", {"reason": "排错了"}).status_code == 302
    page(client, address, 404)


def test_my_shifts_and_their_calendar(cast, browser_of, soon):
    client = browser_of("county")
    assert "没有排到您" in page(client, "/desk/duty/mine")
    add(cast, *soon)
    assert "17:30–次日 08:30" in page(client, "/desk/duty/mine")
    answer = client.get("/desk/duty/mine.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.content.decode().count("BEGIN:VEVENT") == 1
    assert browser_of("town").get("/desk/duty/mine.ics").content.decode().count("BEGIN:VEVENT") == 0


def test_a_call_is_answered_on_the_desk(cast, browser_of, called):
    appeal, call, _ = called
    assert "我已知晓，正在处理" in page(browser_of("county"), "/desk/duty/calls")
    assert appeal.title not in page(browser_of("outsider"), "/desk/duty/calls")
    page(browser_of("admin"), "/desk/duty/calls", 403)
    case = page(browser_of("county"), f"/desk/appeals/{appeal.code}")
    assert "值班第一顺位" in case
    assert browser_of("auditor").post(f"/desk/duty/calls/{call.pk}/answer").status_code == 403
    assert browser_of("outsider").post(f"/desk/duty/calls/{call.pk}/answer").status_code == 404
    back = f"/desk/appeals/{appeal.code}"
    answer = browser_of("county").post(f"/desk/duty/calls/{call.pk}/answer", {"back": back})
    assert answer["Location"] == back
    assert the_call(call).answered_by_name == "演员county"
    assert "演员county应答" in page(browser_of("county"), back)
    elsewhere = browser_of("county").post(f"/desk/duty/calls/{call.pk}/answer", {"back": "//evil.example"})
    assert elsewhere["Location"] == "/desk/duty/calls"


def test_a_call_is_answered_by_the_link_without_signing_in(cast, browser_of, called):
    appeal, call, token = called
    client = browser_of("")
    text = page(client, f"/d/{token}")
    assert "我已知晓，正在处理" in text
    for secret in (appeal.title, appeal.code, "跳下去"):
        assert secret not in text
    assert the_call(call).answered_at is None, "opening the link answers nothing"
    answer = client.post(f"/d/{token}")
    assert "演员county已应答" in answer.content.decode()
    assert the_call(call).answered_at is not None
    assert client.post(f"/d/{token}").status_code == 409
    again = page(browser_of(""), f"/d/{token}")
    assert "演员county已经应答" in again
    assert "我已知晓，正在处理" not in again, "nothing to press when nobody is waited for"
    page(client, "/d/no-such-token", 404)
    assert client.get(f"/desk/appeals/{appeal.code}").status_code == 302, "nobody is signed in by it"


def test_the_link_is_limited_per_address(cast, browser_of):
    client = browser_of("")
    answers = {client.get("/d/guess").status_code for _ in range(61)}
    assert answers == {404, 429}
