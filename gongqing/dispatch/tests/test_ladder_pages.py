"""Do the desk and the API show the ladder, take answers and records, and refuse who may not?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions, queries
from gongqing.dispatch.models import Clock, Digest, FilterStep, Interview, Supervision
from gongqing.dispatch.rules.ladder import moment_after
from gongqing.dispatch.tests.copies import copies_of
from gongqing.dispatch.tests.make import BIRTHDAY, fresh, received
from gongqing.dispatch.tests.test_ladder import ARREARS, MINUTE
from gongqing.lib.times import now
from tests.cast import Cast

Browser = Callable[[str], Client]
LONG_AGO = timedelta(days=40)


@pytest.fixture
def late(cast: Cast):
    """A matter of the town, signed and rung, that is past every rung: two orders of days, a notice and a talk."""
    at = now() - LONG_AGO
    appeal = received(ARREARS, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    town = cast.town.actor
    with scope.acting_as(town):
        actions.sign_order(appeal_id=appeal.pk, by=town, at=at)
        actions.contact_worker(appeal_id=appeal.pk, note="电话联系，约明天谈", by=town, at=at)
    due = fresh(appeal).due_at
    for moment in (due, *(moment_after(due, days, queries.calendar()) for days in (2, 5))):
        actions.sweep_clocks(at=moment + MINUTE)
    return fresh(appeal)


def test_the_case_shows_its_rung_the_order_and_the_talk(browser_of: Browser, late):
    page = browser_of("town").get(f"/desk/appeals/{late.code}").content.decode()
    for words in ("督办梯级", "约谈：等约谈记录", "还没有回复", "北仑区总工会约谈新碶街道总工会", "回复督办单"):
        assert words in page


def test_a_case_in_time_says_what_comes_next(cast: Cast, browser_of: Browser):
    appeal = received(ARREARS, by=cast.worker.actor, at=now(), employer=cast.places.workshop.name)
    page = browser_of("town").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert "还没有到提示" in page
    assert "不办的话" in page


def test_the_handler_answers_on_the_case_and_the_list_is_empty(browser_of: Browser, late):
    town, county = browser_of("town"), browser_of("county")
    assert late.title in town.get("/desk/?view=to-answer").content.decode()
    assert late.title in county.get("/desk/?view=unanswered").content.decode()
    assert late.title not in county.get("/desk/?view=to-answer").content.decode()
    where = f"/desk/appeals/{late.code}/steps/answer-supervision"
    refused = town.post(where, {"answer": "好"})
    assert refused.status_code == 422
    assert "请写明为什么晚了" in refused.content.decode()
    assert town.post(where, {"answer": "老板出差，周五上门"}).status_code == 302
    assert "老板出差，周五上门" in county.get(f"/desk/appeals/{late.code}").content.decode()
    assert late.title not in town.get("/desk/?view=to-answer").content.decode()
    assert late.title not in county.get("/desk/?view=unanswered").content.decode()
    assert town.post(where, {"answer": "老板出差，周五上门"}).status_code == 409


def test_a_talk_is_recorded_on_its_page(cast: Cast, browser_of: Browser, late):
    with scope.acting_as(SYSTEM):
        talk = Interview.objects.get(appeal=late)
    county = browser_of("county")
    page = county.get(f"/desk/interviews?talk={talk.pk}").content.decode()
    assert "约谈新碶街道总工会" in page
    where, held = f"/desk/interviews/{talk.pk}", now() - timedelta(hours=2)
    given = {"held_at": f"{held:%Y-%m-%dT%H:%M}", "people": "主席、权益部", "said": "人手不够，老板失联", "agreed": ""}
    refused = county.post(where, given)
    assert refused.status_code == 422
    assert "请写明谈定了什么" in refused.content.decode()
    assert "人手不够，老板失联" in refused.content.decode()
    assert county.post(where, {**given, "held_at": "昨天"}).status_code == 422
    assert browser_of("outsider").post(where, given).status_code == 404
    assert browser_of("town").post(where, {**given, "agreed": "三日内上门"}).status_code == 403
    assert county.post(where, {**given, "agreed": "三日内会同监察上门"}).status_code == 302
    assert county.post(where, {**given, "agreed": "三日内会同监察上门"}).status_code == 409
    assert "三日内会同监察上门" in browser_of("auditor").get(f"/desk/interviews?talk={talk.pk}").content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("city", 200),
        ("county", 200),
        ("town", 200),
        ("zone_chief", 200),
        ("auditor", 200),
        ("zone", 403),
        ("admin", 403),
    ],
)
def test_who_sees_the_talks(browser_of: Browser, who: str, status: int):
    assert browser_of(who).get("/desk/interviews").status_code == status


def test_a_digest_leads_to_its_cases(cast: Cast, browser_of: Browser):
    at = now() - timedelta(days=3)
    appeal = received(ARREARS, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    copies_of(appeal, 2)
    with scope.acting_as(SYSTEM):
        sign = Clock.objects.get(appeal=appeal, name="sign").due_at
    actions.sweep_clocks(at=sign + MINUTE)
    with scope.acting_as(SYSTEM):
        digest = Digest.objects.get(organisation=cast.places.town)
    page = browser_of("town").get(f"/desk/digests/{digest.pk}").content.decode()
    assert "红牌，已超时 3 件" in page
    assert appeal.code in page
    assert f"/desk/digests/{digest.pk}" in browser_of("town").get("/desk/notices").content.decode()
    for who in ("outsider", "county", "zone"):
        assert browser_of(who).get(f"/desk/digests/{digest.pk}").status_code == 404


def test_passing_up_from_the_case_and_the_staircase(cast: Cast, browser_of: Browser):
    appeal = received(BIRTHDAY, by=cast.worker.actor, at=now())
    zone, where = browser_of("zone"), f"/desk/appeals/{appeal.code}/steps/pass-up"
    assert "超出本级，报上一级" in zone.get(f"/desk/appeals/{appeal.code}").content.decode()
    assert zone.post(where, {"reason": "难"}).status_code == 422
    assert zone.post(where, {"reason": "商场不肯出场地，请街道协调"}).status_code == 302
    page = browser_of("town").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert "梯次过滤" in page
    assert "商场不肯出场地，请街道协调" in page
    with scope.acting_as(SYSTEM):
        assert FilterStep.objects.get(appeal=appeal).organisation == cast.places.town


def test_the_api_passes_up_and_answers(cast: Cast, api_of: Browser, late):
    appeal = received(BIRTHDAY, by=cast.worker.actor, at=now())
    answer = api_of("zone").post(
        f"/api/v1/appeals/{appeal.code}/pass-up",
        {"reason": "商场不肯出场地，请街道协调"},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert fresh(appeal).handler == cast.places.town
    where = f"/api/v1/appeals/{late.code}/answer-supervision"
    town = api_of("town")
    assert town.post(where, {"note": "老板出差，周五上门"}, content_type="application/json").status_code == 200
    assert town.post(where, {"note": "老板出差，周五上门"}, content_type="application/json").status_code == 409
    with scope.acting_as(SYSTEM):
        assert not Supervision.objects.filter(appeal=late, due_at__isnull=False, answered_at=None).exists()
