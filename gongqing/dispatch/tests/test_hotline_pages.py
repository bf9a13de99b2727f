"""Does the seat's screen lead a call, the call-back list take a call down, and the quality page check a month?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from gongqing.appeals.models import Appeal, Evaluation
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.dispatch import actions
from gongqing.dispatch.models import Call, CallBack, QualityCheck
from gongqing.dispatch.tests.make import FLED, WAGES, received
from gongqing.lib import times

CALLER = "13912340001"
DANGER = "工资再不发我就去跳楼，不想活了，已经三个月没拿到一分钱。"


def text_of(answer):
    return answer.content.decode()


@pytest.fixture
def seat(browser_of):
    """The seat's browser, with a call begun."""
    client = browser_of("hotline")
    client.post("/desk/seat/calls", {"phone": CALLER})
    return client


def led():
    with scope.acting_as(SYSTEM):
        return Call.objects.order_by("-id").first()


def register(client, text=WAGES, **given):
    call = led()
    sent = {"text": text, "place": "新碶", "hotline_kind": "ordinary", **given}
    return client.post(f"/desk/seat/calls/{call.pk}/appeal", sent)


def registered(client, text=WAGES, **given):
    assert register(client, text, **given).status_code == 302
    with scope.acting_as(SYSTEM):
        return Appeal.objects.get(source="seat", external_id=f"call-{led().pk}")


@pytest.mark.parametrize("name", ["town", "city", "auditor", "admin", "zone_helper", "department"])
def test_the_seat_s_screen_is_the_seat_s(browser_of, name):
    assert browser_of(name).get("/desk/seat").status_code == 403


def test_a_call_from_the_first_ring_to_the_next(seat):
    page = text_of(seat.get("/desk/seat"))
    assert "139****0001" in page
    assert CALLER not in page
    appeal = registered(seat, employer="小满五金加工（虚构）厂", name="周小满", anonymous_to_employer="on")
    said = text_of(seat.get("/desk/seat"))
    assert "读法：G Q，三三零二零六" in said
    assert re.search(r"最晚 \d+月\d+日（周.）", said)
    password = re.search(r"查询密码</h2><p class=\"seat-code num\">(\d{3} \d{3})</p>", said)
    assert password
    assert password[1] in text_of(seat.get("/desk/seat")), "a reload must not lose the password"
    seat.post(f"/desk/seat/calls/{led().pk}/end", {"outcome": "registered", "note": "已读编号"})
    assert (led().outcome, led().note) == ("registered", "已读编号")
    assert "开始接听" in text_of(seat.get("/desk/seat"))
    assert appeal.anonymous_to_employer
    assert appeal.hotline_kind == "ordinary"


def test_sending_twice_makes_one_appeal(seat):
    first = registered(seat)
    assert register(seat, "换了一段话").status_code == 302
    with scope.acting_as(SYSTEM):
        assert Appeal.objects.filter(source="seat").count() == 1
    assert first.text == WAGES


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"place": "街道"}, "有 3 处"),
        ({"phone": "123"}, "电话号码不对"),
        ({"text": ""}, "标红"),
        ({"category": "XX99"}, "小类"),
    ],
)
def test_a_refusal_keeps_what_was_typed(seat, given, said):
    answer = register(seat, **{"employer": "小满五金", **given})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="小满五金"' in text_of(answer)


def test_the_reading_appears_beside_the_words(seat):
    path = f"/desk/seat/calls/{led().pk}/reading"
    page = text_of(seat.post(path, {"text": "老板拖欠我们工资不发", "place": "新碶"}))
    assert "工资拖欠与克扣" in page
    assert "还要问" in page
    assert "新碶街道" in page
    assert "先稳住人" not in page
    assert "先稳住人" in text_of(seat.post(path, {"text": DANGER}))
    alone = text_of(seat.post(path, {"text": "我真的不想活了，想从楼上跳楼。"}))
    assert "心理健康与疏导：要问清的" in alone
    assert "和劳动无关" not in alone
    assert "边记边看" in text_of(seat.post(path, {"text": ""}))


def test_a_number_of_help_is_noted_without_touching_the_words(seat):
    path = f"/desk/seat/calls/{led().pk}/number"
    assert "转接或告知 12356" in text_of(seat.post(path, {"number": "12356"}))
    assert seat.post(path, {"number": "114"}).status_code == 422
    assert led().crisis_number == "12356"


def test_the_history_of_a_number_is_shown_masked_and_the_look_written_down(cast, browser_of):
    appeal = received(by=cast.worker.actor, at=times.now(), person_phone=cast.worker.phone)
    client = browser_of("hotline")
    client.post("/desk/seat/calls", {"phone": ""})
    assert "没有号码" in text_of(client.get("/desk/seat"))
    path = f"/desk/seat/calls/{led().pk}"
    page = text_of(client.post(f"{path}/caller", {"phone": cast.worker.phone}))
    assert appeal.code[:8] in page
    assert cast.worker.phone not in page
    assert WAGES[:8] not in page
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="call.history_opened", user_id=cast.hotline.user_id).exists()
    assert "已催办" in text_of(client.post(f"{path}/matter", {"code": appeal.code, "deed": "urge"}))
    again = client.post(f"{path}/matter", {"code": appeal.code, "deed": "urge", "note": "再催"})
    assert (again.status_code, "刚催过" in text_of(again)) == (422, True)
    added = client.post(f"{path}/matter", {"code": appeal.code, "deed": "supplement", "note": "又拖了半个月"})
    assert "已补充" in text_of(added)
    assert client.post(f"{path}/matter", {"code": "GQ1", "deed": "urge"}).status_code == 422


def test_what_is_pasted_into_a_matter_of_the_caller_is_refused_whole_and_never_cut(cast, browser_of):
    appeal = received(by=cast.worker.actor, at=times.now(), person_phone=cast.worker.phone)
    client = browser_of("hotline")
    client.post("/desk/seat/calls", {"phone": cast.worker.phone})
    path, pasted = f"/desk/seat/calls/{led().pk}/matter", "工资" * 1_000 + "完"
    assert "maxlength" not in text_of(client.get("/desk/seat")).partition("<textarea")[2].partition(">")[0]
    refused = client.post(path, {"code": appeal.code, "deed": "supplement", "note": pasted})
    assert refused.status_code == 422
    assert "最多 2000 字，现在 2001 字" in text_of(refused)
    assert pasted in text_of(refused)
    taken = text_of(client.post(path, {"code": appeal.code, "deed": "supplement", "note": pasted[:2_000]}))
    assert f'data-draft-clear="seat-{led().pk}-{appeal.code}"' in taken


def test_a_call_without_a_matter_says_how_it_ended(seat):
    path = f"/desk/seat/calls/{led().pk}/end"
    assert seat.post(path, {"outcome": "registered"}).status_code == 422
    assert seat.post(path, {"outcome": "answered"}).status_code == 422
    assert seat.post(path, {"outcome": "answered", "note": "问年休假，已答"}).status_code == 302
    assert led().outcome == "answered"


@pytest.mark.parametrize("name", ["town", "city", "auditor", "admin", "outsider"])
@pytest.mark.parametrize("part", ["appeal", "reading", "caller", "matter", "number", "end"])
def test_a_call_is_the_seat_s_alone(seat, browser_of, name, part):
    answer = browser_of(name).post(f"/desk/seat/calls/{led().pk}/{part}", {"text": "x", "outcome": "nuisance"})
    assert answer.status_code == 403
    assert led().ended_at is None


def test_employers_are_offered(cast, seat):
    assert cast.places.factory.name in text_of(seat.get("/desk/seat/employers?employer=海塘"))


def test_a_red_matter_says_who_rings(seat):
    registered(seat, DANGER)
    page = text_of(seat.get("/desk/seat"))
    assert "电话先不挂" in page
    assert "三十分钟内会有人打您的电话" in page


def test_how_hard_a_matter_is_may_be_changed_on_its_page(seat, browser_of):
    appeal, county = (
        registered(seat, "我的年休假单位一直不让休，也不给钱，请工会帮我问一问。", category="LE04"),
        browser_of("county"),
    )
    page = text_of(county.get(f"/desk/appeals/{appeal.code}"))
    assert "热线一般件" in page
    assert "定热线件难易" in page
    path = f"/desk/appeals/{appeal.code}/steps/hotline-kind"
    assert county.post(path, {"kind": "difficult", "reason": ""}).status_code == 422
    assert county.post(path, {"kind": "difficult", "reason": "牵涉两家单位"}).status_code == 302
    changed = text_of(county.get(f"/desk/appeals/{appeal.code}?tab=clocks"))
    assert "热线难点件" in changed
    assert "10 个工作日" in changed
    assert "12351 热线难点件（本市自定）" in changed


def test_an_answered_matter_is_not_offered_for_urging(cast, seat, browser_of):
    resolved(cast, seat)
    seat.post("/desk/seat/calls", {"phone": CALLER})
    page = text_of(seat.get("/desk/seat"))
    assert "第一次来说事" not in page
    assert "催办、补充" not in page


# ringing back


def resolved(cast, client, text=WAGES, **given):
    """A matter of a call that has ended, answered."""
    appeal = registered(client, text, **given)
    with scope.acting_as(SYSTEM):
        actions.resolve_order(appeal_id=appeal.pk, result="工资已经补发到位。", by=SYSTEM, at=times.now())
        appeal.refresh_from_db()
        if appeal.status == "in_review":
            actions.review_resolution(
                appeal_id=appeal.pk, approve=True, note="同意", by=cast.city.actor, at=times.now()
            )
    client.post(f"/desk/seat/calls/{led().pk}/end", {"outcome": "registered"})
    with scope.acting_as(SYSTEM):
        return Appeal.objects.get(pk=appeal.pk), CallBack.objects.get(appeal=appeal, done_at__isnull=True)


def test_who_left_a_land_line_is_rung_about_too(cast, seat):
    _, task = resolved(cast, seat, phone="0574-88230451")
    assert task.reason == "办结回访"
    assert "057488230451" in text_of(seat.post(f"/desk/call-backs/{task.pk}/phone"))


def test_an_answered_matter_of_the_hotline_is_rung_about(cast, seat):
    appeal, task = resolved(cast, seat)
    assert (task.reason, task.organisation_id) == ("办结回访", cast.places.hotline.pk)
    page = text_of(seat.get(f"/desk/call-backs?call={task.pk}"))
    assert "139****0001" in page
    assert CALLER not in page
    assert CALLER in text_of(seat.post(f"/desk/call-backs/{task.pk}/phone"))
    sent = {"outcome": "reached", "note": "工资收到了", "satisfaction": "satisfied"}
    assert seat.post(f"/desk/call-backs/{task.pk}", sent).status_code == 302
    with scope.acting_as(SYSTEM):
        evaluation = Evaluation.objects.get(appeal=appeal)
        assert (evaluation.satisfaction, evaluation.recorded_by_staff) == ("satisfied", True)
        assert Appeal.objects.get(pk=appeal.pk).status == "archived"
        assert Call.objects.get(direction="out").outcome == "reached"
    assert seat.post(f"/desk/call-backs/{task.pk}", sent).status_code == 404


def test_three_tries_without_an_answer_end_it(cast, seat):
    _, task = resolved(cast, seat)
    path = f"/desk/call-backs/{task.pk}"
    for number in (1, 2):
        assert seat.post(path, {"outcome": "not_reached"}).status_code == 302
        assert f"打过 {number} 次" in text_of(seat.get("/desk/call-backs"))
    seat.post(path, {"outcome": "not_reached"})
    with scope.acting_as(SYSTEM):
        task.refresh_from_db()
        assert "3 次未接通" in task.result
        assert Call.objects.filter(direction="out").count() == 3


def test_a_bad_judgement_on_the_phone_opens_the_matter_again(cast, seat):
    appeal, task = resolved(cast, seat)
    path = f"/desk/call-backs/{task.pk}"
    assert seat.post(path, {"outcome": "reached", "note": "", "satisfaction": "not"}).status_code == 422
    seat.post(path, {"outcome": "reached", "note": "钱只到了一半", "satisfaction": "not"})
    with scope.acting_as(SYSTEM):
        assert Appeal.objects.get(pk=appeal.pk).status == "reopened"
        assert CallBack.objects.get(appeal=appeal, done_at__isnull=True).reason == "不满意回访"


def test_who_has_judged_is_not_rung(cast, seat):
    from gongqing.appeals import actions as appeals

    appeal, task = resolved(cast, seat)
    with scope.acting_as(SYSTEM):
        appeals.evaluate_appeal(appeal_id=appeal.pk, satisfaction="satisfied", by=SYSTEM, at=times.now())
        task.refresh_from_db()
        assert task.done_at is not None


def test_a_supervisor_s_reopening_replaces_the_call_back(cast, seat):
    from gongqing.appeals import actions as appeals

    appeal, _ = resolved(cast, seat)
    with scope.acting_as(cast.city.actor):
        appeals.reopen_appeal(appeal_id=appeal.pk, reason="结果不对", by=cast.city.actor, at=times.now())
    with scope.acting_as(SYSTEM):
        assert CallBack.objects.get(appeal=appeal, done_at__isnull=True).reason == "不满意回访"


def test_words_of_danger_are_rung_about_until_somebody_answers(cast, seat):
    appeal = registered(seat, DANGER)
    with scope.acting_as(SYSTEM):
        task = CallBack.objects.select_related("organisation").get(appeal=appeal)
        for _ in range(4):
            actions.record_call_back(call_back_id=task.pk, outcome="not_reached", by=SYSTEM, at=times.now())
        task.refresh_from_db()
        assert task.done_at is None
        assert task.due_at <= times.now() + timedelta(minutes=10)


@pytest.mark.parametrize(("name", "status"), [("auditor", 403), ("admin", 403), ("town", 404), ("outsider", 404)])
def test_call_backs_are_done_by_those_who_owe_them(cast, seat, browser_of, name, status):
    _, task = resolved(cast, seat)
    client = browser_of(name)
    assert client.post(f"/desk/call-backs/{task.pk}", {"outcome": "refused"}).status_code == status
    assert client.post(f"/desk/call-backs/{task.pk}/phone").status_code == status


# quality


def closed(cast, client, at):
    appeal, task = resolved(cast, client)
    client.post(f"/desk/call-backs/{task.pk}", {"outcome": "reached", "note": "都办好了", "satisfaction": "satisfied"})
    return appeal


def next_month(at):
    return (at.replace(day=1) + timedelta(days=32)).replace(day=3)


def test_a_month_is_drawn_checked_and_told(cast, seat, browser_of):
    at = times.now()
    appeal, later, city = closed(cast, seat, at), next_month(at), browser_of("city")
    with scope.acting_as(SYSTEM):
        checks = actions.draw_quality_checks(hotline_id=cast.places.hotline.pk, month=at.date(), by=SYSTEM, at=later)
    assert [each.appeal_id for each in checks] == [appeal.pk]
    assert checks[0].seat_name == "演员hotline"
    page = text_of(city.get(f"/desk/quality?month={at:%Y-%m}"))
    assert "随机数" in page
    assert "1 / 1" in page
    path = f"/desk/quality/checks/{checks[0].pk}"
    marks = dict.fromkeys(["courtesy", "elements", "category", "grade", "code", "deadline", "wording"], "100")
    assert city.post(path, {**marks, "elements": "0"}).status_code == 422
    assert city.post(path, {"note": "x"}).status_code == 422
    assert city.post(path, {**marks, "elements": "0", "note": "没有问人数"}).status_code == 302
    assert city.post(path, {**marks}).status_code == 409
    with scope.acting_as(SYSTEM):
        check = QualityCheck.objects.get()
        assert (check.score, check.passed) == (80, False)
        from gongqing.notices.models import Message

        told = Message.objects.get(user_id=cast.hotline.user_id)
        assert "80 分，不合格" in told.text
        assert "要素完整" in told.text
    own = text_of(browser_of("hotline").get(f"/desk/quality?check={check.pk}"))
    assert "我的质检" in own
    assert "没有问人数" in own


def test_who_may_draw_and_who_may_read(cast, seat, browser_of):
    closed(cast, seat, times.now())
    sent = {"hotline": cast.places.hotline.pk, "month": f"{times.now():%Y-%m}"}
    assert browser_of("county").post("/desk/quality/draw", sent).status_code == 403
    assert browser_of("hotline").post("/desk/quality/draw", sent).status_code == 403
    answer = browser_of("city").post("/desk/quality/draw", sent)
    assert (answer.status_code, "还没有过完" in text_of(answer)) == (409, True)
    assert browser_of("town").get("/desk/quality").status_code == 403
    for name in ("county", "city", "auditor", "hotline"):
        assert browser_of(name).get("/desk/quality").status_code == 200


def test_partners_may_say_how_hard_a_matter_is(cast, api_of):
    from gongqing.dispatch.tests.calls import BASE, body, created, fields_of, post

    client = api_of("hotline")
    made = created(client, FLED, hotline_kind="difficult", source_due_at="2026-01-05T17:00:00+08:00")
    with scope.acting_as(SYSTEM):
        appeal = Appeal.objects.get(code=made["code"])
        assert (appeal.hotline_kind, appeal.source_due_at.year) == ("difficult", 2026)
    assert fields_of(post(client, BASE, body(hotline_kind="hard"))) == ["hotline_kind"]
