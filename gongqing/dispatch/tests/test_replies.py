"""Is an answer read before it goes, kept with what was found, shown to the reviewer, and its promise remembered?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from gongqing.appeals import actions as appeals
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.models import ReplyCheck
from gongqing.dispatch.queries import replies
from gongqing.dispatch.tests.make import received
from gongqing.dispatch.tests.test_desk_pages import now, sent_to, step
from gongqing.lib import times
from gongqing.lib.errors import NotPermitted
from gongqing.notices.models import Message

ASKED = "厂里拖欠我两个月工资。请问什么时候能发？没签劳动合同能不能要赔偿？"
FORWARDED = "您反映的问题已收悉，已转有关部门处理，感谢您的支持。"
FULL = "单位答应{}前付清两个月工资。没签劳动合同可以要两倍工资，先申请劳动仲裁，工会派律师陪您去。"


def answer(cast, words, place="town", **more):
    appeal = sent_to(cast, place, text=ASKED)
    at = more.pop("at", times.now())
    with scope.acting_as(getattr(cast, place).actor):
        return actions.resolve_order(appeal_id=appeal.pk, result=words, by=getattr(cast, place).actor, at=at, **more)


def full(days=3):
    day = times.now().date() + timedelta(days=days)
    return FULL.format(f"{day.year}年{day.month}月{day.day}日")


def kept(appeal):
    with scope.acting_as(SYSTEM):
        return list(ReplyCheck.objects.filter(appeal_id=appeal.pk).order_by("id"))


def test_an_answer_is_kept_with_what_was_found(cast):
    appeal = answer(cast, FORWARDED)
    (check,) = kept(appeal)
    assert (check.is_empty, check.warning_count, check.warned_of) == (True, 1, ["没有内容"])
    assert check.organisation_id == cast.places.town.pk
    with scope.acting_as(SYSTEM):
        event = Event.objects.filter(subject_kind="appeal", subject_id=appeal.pk, data__has_key="reply").get()
    assert event.data["reply"] == {"warnings": ["empty"], "promised_on": None}


def test_a_good_answer_leaves_no_word(cast):
    appeal = answer(cast, full())
    (check,) = kept(appeal)
    assert check.warning_count == 0
    assert check.promised_on == times.now().date() + timedelta(days=3)
    assert "付清" in check.promise


def test_what_is_typed_is_read_and_kept_nowhere(cast, browser_of):
    appeal = sent_to(cast, "town", text=ASKED)
    town = browser_of("town")
    address = f"/desk/appeals/{appeal.code}/reply-check"
    page = town.post(address, {"result": FORWARDED}, headers={"HX-Request": "true"})
    assert "发出前再看 1 处" in page.content.decode()
    assert "<html" not in page.content.decode()
    part = town.post(address, {"result": "没签合同可以要两倍工资，先仲裁。"}, headers={"HX-Request": "true"})
    assert "什么时候能发" in part.content.decode()
    good = town.post(address, {"result": full(), "amount": "abc"}, headers={"HX-Request": "true"})
    assert "都答到了" in good.content.decode()
    assert "还没有写答复" in town.post(address, {}, headers={"HX-Request": "true"}).content.decode()
    assert kept(appeal) == []
    assert now(appeal).result == ""


def test_without_scripts_the_page_comes_back_with_what_was_typed(cast, browser_of):
    appeal = sent_to(cast, "town", text=ASKED)
    page = browser_of("town").post(
        f"/desk/appeals/{appeal.code}/reply-check", {"result": FORWARDED, "evidence": "转账记录一份"}
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert "发出前再看 1 处" in text
    assert FORWARDED in text
    assert "转账记录一份" in text


def test_only_who_answers_may_have_the_answer_read(cast, browser_of):
    appeal = sent_to(cast, "town", text=ASKED)
    address = f"/desk/appeals/{appeal.code}/reply-check"
    assert browser_of("outsider").post(address, {"result": "好"}).status_code == 404
    assert browser_of("auditor").post(address, {"result": "好"}).status_code == 403


def test_a_warning_never_holds_an_answer_back(cast, browser_of):
    appeal = sent_to(cast, "town", text=ASKED)
    done = step(browser_of("town"), appeal, "resolve", result=FORWARDED)
    assert done.status_code == 302
    assert now(appeal).result == FORWARDED


def test_the_case_shows_what_was_found(cast, browser_of):
    appeal = answer(cast, FORWARDED)
    page = browser_of("county").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert "答复检查有 1 处提醒" in page
    assert '<mark class="warning">已转有关部门处理</mark>' in page


def test_the_reviewer_sees_it_in_the_list_and_in_the_case(cast, browser_of):
    appeal = answer(cast, FORWARDED, "zone")
    assert now(appeal).status == "in_review"
    page = browser_of("town").get("/desk/?view=review").content.decode()
    assert "答复有 1 处提醒" in page
    case = browser_of("town").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert '<details class="reply-kept" open>' in case


def test_an_answer_given_again_has_a_check_of_its_own_and_the_last_counts(cast):
    appeal = answer(cast, FORWARDED, "zone")
    at = times.now()
    with scope.acting_as(cast.town.actor):
        actions.review_resolution(appeal_id=appeal.pk, approve=False, note="写明几时付", by=cast.town.actor, at=at)
    with scope.acting_as(cast.zone.actor):
        actions.resolve_order(appeal_id=appeal.pk, result=full(), by=cast.zone.actor, at=at + timedelta(minutes=1))
    assert [check.warning_count for check in kept(appeal)] == [1, 0]
    with scope.acting_as(cast.city.actor):
        today = times.now().date()
        (figure,) = replies.reply_figures(cast.city.actor, since=today, until=today)
        assert (figure.answered, figure.warned) == (1, 0)


def test_the_api_hands_the_findings_back(cast, api_of):
    appeal = sent_to(cast, "town", text=ASKED)
    done = api_of("town").post(
        f"/api/v1/appeals/{appeal.code}/resolve", {"result": FORWARDED}, content_type="application/json"
    )
    assert done.status_code == 200
    body = done.json()
    assert [each["kind"] for each in body["warnings"] if each["is_warning"]] == ["empty"]
    assert body["promised_on"] is None
    other = sent_to(cast, "town", text=ASKED, number="2")
    good = api_of("town").post(
        f"/api/v1/appeals/{other.code}/resolve", {"result": full()}, content_type="application/json"
    )
    assert [each for each in good.json()["warnings"] if each["is_warning"]] == []
    assert good.json()["promised_on"] == (times.now().date() + timedelta(days=3)).isoformat()


def test_a_worker_sees_no_check(cast):
    appeal = answer(cast, FORWARDED)
    with scope.acting_as(cast.worker.actor):
        assert not ReplyCheck.objects.visible_to(cast.worker.actor).exists()
        assert not ReplyCheck.objects.filter(appeal_id=appeal.pk).exists()
    with scope.acting_as(cast.outsider.actor):
        assert not ReplyCheck.objects.filter(appeal_id=appeal.pk).exists()


def test_a_promise_whose_day_has_come_is_told_once(cast):
    appeal = answer(cast, full(3))
    soon, later = times.now() + timedelta(days=1), times.now() + timedelta(days=3)
    assert actions.remind_of_promises(at=soon) == 0
    assert actions.remind_of_promises(at=later) == 1
    assert actions.remind_of_promises(at=later) == 0
    with scope.acting_as(SYSTEM):
        told = Message.objects.filter(
            subject_kind="appeal", subject_id=appeal.pk, text__contains="答应的日子到了"
        ).get()
        assert told.organisation_id == cast.places.town.pk
        assert Event.objects.filter(kind="appeal.promise_due", subject_id=appeal.pk).count() == 1


def test_a_promise_of_an_answer_sent_back_is_nobodys(cast):
    appeal = answer(cast, full(3), "zone")
    with scope.acting_as(cast.town.actor):
        actions.review_resolution(appeal_id=appeal.pk, approve=False, note="再核实", by=cast.town.actor, at=times.now())
    assert actions.remind_of_promises(at=times.now() + timedelta(days=4)) == 0


def test_the_figures_count_warnings_and_judgements(cast, browser_of, run_jobs):
    bad = answer(cast, FORWARDED)
    run_jobs()
    with scope.acting_as(SYSTEM):
        appeals.evaluate_appeal(
            appeal_id=bad.pk, satisfaction="not", reason="没说结果", by=SYSTEM, at=times.now() + timedelta(minutes=2)
        )
    today = times.now().date()
    with scope.acting_as(cast.city.actor):
        (figure,) = replies.reply_figures(cast.city.actor, since=today, until=today)
        assert (figure.organisation_id, figure.answered, figure.warned, figure.empty) == (cast.places.town.pk, 1, 1, 1)
        assert (figure.judged, figure.dissatisfied, figure.warned_dissatisfied) == (1, 1, 1)
        assert replies.reply_figures(cast.city.actor, since=today - timedelta(9), until=today - timedelta(1)) == []
        below = replies.reply_figures(cast.city.actor, since=today, until=today, path=cast.places.town.path)
        assert len(below) == 1
    with scope.acting_as(cast.outsider.actor):
        assert replies.reply_figures(cast.outsider.actor, since=today, until=today) == []


def test_the_board_is_for_supervisors_and_leads_to_the_cases(cast, browser_of):
    appeal = answer(cast, FORWARDED)
    page = browser_of("city").get("/desk/replies").content.decode()
    assert "100.0%" in page
    assert f"/desk/appeals/{appeal.code}" in page
    assert "没有内容" in page
    chosen = browser_of("city").get(f"/desk/replies?days=7&organisation={cast.places.town.pk}")
    assert appeal.code in chosen.content.decode()
    assert browser_of("grassroots").get("/desk/replies").status_code == 403
    with pytest.raises(NotPermitted):
        replies.check_can_read(cast.worker.actor)


def test_a_name_that_is_hidden_from_the_employer_is_not_to_be_written(cast, browser_of):
    appeal = sent_to(cast, "town", text=ASKED, person_name="陈阿春", anonymous_to_employer=True)
    page = browser_of("town").post(
        f"/desk/appeals/{appeal.code}/reply-check",
        {"result": "陈阿春的工资单位已付清，没签劳动合同可以去仲裁要赔偿。"},
        headers={"HX-Request": "true"},
    )
    assert "要求对单位匿名" in page.content.decode()


def test_an_answer_to_many_names_none_of_them(cast, browser_of):
    lead = sent_to(cast, "town", text=ASKED)
    part = received(
        "欠我两个月工资八千元。",
        by=cast.hotline.actor,
        at=times.now(),
        person_name="欧阳虚构",
        person_phone="13900007777",
        employer="小满五金加工（虚构）厂",
    )
    words = f"欧阳虚构和司徒某某的两个月工资，{full()}"
    town, address = browser_of("town"), f"/desk/appeals/{lead.code}/reply-check"
    part_of_page = {"HX-Request": "true"}
    alone = town.post(address, {"result": words}, headers=part_of_page).content.decode()
    assert "别的职工的姓名" not in alone
    with scope.acting_as(cast.county.actor):
        actions.merge_appeals(
            lead_id=lead.pk, part_ids=[part.pk], reason="同一批工资", by=cast.county.actor, at=times.now()
        )
    with scope.acting_as(cast.town.actor):
        cells = {"姓名": "司徒某某", "单位": "小满五金加工（虚构）厂", "工作期间": "2025-08", "欠款": "8000"}
        actions.enter_claim(appeal_id=lead.pk, cells=cells, by=cast.town.actor, at=times.now())
    page = town.post(address, {"result": words}, headers=part_of_page).content.decode()
    assert "别的职工的姓名" in page
    assert "别的职工的姓名" not in town.post(address, {"result": full()}, headers=part_of_page).content.decode()
    with scope.acting_as(cast.town.actor):
        actions.resolve_order(appeal_id=lead.pk, result=words, by=cast.town.actor, at=times.now())
    (check,) = kept(lead)
    assert "写了别人的信息" in check.warned_of
    (found,) = [each for each in check.findings if each["kind"] == "personal"]
    assert [words[start:end] for start, end in found["spans"]] == ["欧阳虚构", "司徒某某"]
    assert now(part).result == words
