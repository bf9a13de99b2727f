"""Do the pages of shared needs show, refuse and lead on?"""

from __future__ import annotations

import pytest

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.voices.models import NeedVoice, SharedNeed
from gongqing.voices.tests.make import done, heard, said, wave

TAKE_UP = {"title": "园区夜班公交", "route": "motion", "partner": "区人大代表联络站", "plan": "下周一到园区调研。"}


@pytest.fixture
def need(cast, at):
    wave(at)
    return heard(at)[0]


def test_an_empty_list_says_what_will_appear(browser_of):
    page = browser_of("town").get("/desk/needs").content.decode()
    assert "还没有听出共性需求" in page


def test_the_list_and_the_card_are_read_by_those_of_the_place(need, browser_of):
    page = browser_of("town").get("/desk/needs").content.decode()
    assert need.title in page
    card = browser_of("county").get(f"/desk/needs/{need.pk}").content.decode()
    assert "请研判" in card
    assert "提请人大代表建议、政协提案" in card
    assert 'name="title"' in card
    assert browser_of("outsider").get(f"/desk/needs/{need.pk}").status_code == 404
    assert need.title not in browser_of("outsider").get("/desk/needs").content.decode()
    assert browser_of("hotline").get("/desk/needs").status_code == 403
    assert "请研判" not in browser_of("auditor").get(f"/desk/needs/{need.pk}").content.decode()


def test_a_refused_step_shows_the_form_with_what_was_written(need, browser_of):
    town = browser_of("town")
    sent = town.post(f"/desk/needs/{need.pk}/take-up", {**TAKE_UP, "partner": ""})
    assert sent.status_code == 422
    assert "请写请谁来答复办理" in sent.content.decode()
    assert TAKE_UP["plan"] in sent.content.decode()
    assert town.post(f"/desk/needs/{need.pk}/finish", {"result": "开通了夜班公交"}).status_code == 409
    assert town.post(f"/desk/needs/{need.pk}/no-such-step").status_code == 404
    assert browser_of("auditor").post(f"/desk/needs/{need.pk}/take-up", TAKE_UP).status_code == 403


def test_from_the_list_to_the_last_step(need, browser_of):
    town, page = browser_of("town"), f"/desk/needs/{need.pk}"
    assert town.post(f"{page}/take-up", TAKE_UP).status_code == 302
    town.post(f"{page}/answer", {"answered_by": "区交通运输局", "answer": "年内开通一条夜班线。"})
    assert '<h2 id="owed">登记办成</h2>' in town.get(page).content.decode()
    town.post(f"{page}/finish", {"result": "园区开了夜班公交，末班23:30。"})
    owed = town.get(page).content.decode()
    assert "6 人还不知道" in owed
    assert "园区开了夜班公交，末班23:30。</textarea>" in owed
    town.post(f"{page}/feed-back", {"words": "园区开了夜班公交，末班23:30。"})
    ended = town.get(page).content.decode()
    assert "告诉了 6 人" in ended
    assert 'class="owe"' not in ended
    with scope.acting_as(SYSTEM):
        assert SharedNeed.objects.get(pk=need.pk).state == "fed_back"


def test_a_voice_is_left_out_on_the_page(need, browser_of):
    town, page = browser_of("town"), f"/desk/needs/{need.pk}"
    with scope.acting_as(SYSTEM):
        number = NeedVoice.objects.filter(need=need).first().appeal_id
    short = town.post(f"{page}/leave-out", {"appeal": number, "reason": "错"})
    assert short.status_code == 422
    assert "请写一句为什么不是同一件事" in short.content.decode()
    assert town.post(f"{page}/leave-out", {"appeal": number, "reason": "说的是路灯"}).status_code == 302
    assert town.post(f"{page}/leave-out", {"appeal": "x", "reason": "说的是路灯"}).status_code == 404
    assert "移出一件" in town.get(page).content.decode()


def test_a_case_says_which_need_it_is_a_part_of(need, browser_of):
    with scope.acting_as(SYSTEM):
        appeal = NeedVoice.objects.filter(need=need).select_related("appeal").first().appeal
    page = browser_of("town").get(f"/desk/appeals/{appeal.code}?tab=related").content.decode()
    assert "6 位职工都在说这件事" in page
    assert f"/desk/needs/{need.pk}" in page
    assert "相似的件和结果" in page


def test_the_worker_reads_what_came_of_it(cast, at, browser_of):
    wave(at)
    mine = said("园区下夜班没有公交车，希望开一班夜班公交。", at=at, phone=cast.worker.phone)
    need, town = heard(at)[0], cast.town.actor
    done(need, town, at)
    browser_of("town").post(f"/desk/needs/{need.pk}/feed-back", {"words": "夜班公交开了，末班23:30。"})
    page = browser_of("worker").get(f"/a/{mine.code}").content.decode()
    assert "好几位职工都说过这件事，有了结果" in page
    assert "末班23:30" in page
