"""Is a place that nobody chose proposed, agreed to, recognised, and followed by the dispatch?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Access, AccessReason, Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.queries import events_of
from gongqing.dispatch import actions
from gongqing.dispatch.tests.calls import Api, created
from gongqing.dispatch.tests.make import WAGES, fresh, received
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from tests.cast import Cast, Player

pytestmark = pytest.mark.django_db
WORDS = "我在小港街道一家厂里上班，厂里三个月没发工资了，欠我八千块，请工会帮我讨回来。"
Browser = Callable[[str], Client]


@pytest.fixture
def nowhere(cast: Cast, at: datetime) -> Appeal:
    """A wage appeal without a place: it lies with the city."""
    appeal = fresh(received(WORDS, by=cast.hotline.actor, at=at, region_code=""))
    assert appeal.status == "dispatched"
    assert str(appeal.handler) == "宁波市总工会"
    return appeal


def locate(appeal: Appeal, player: Player, at: datetime, code: str = "330206002", reason: str = "") -> Appeal:
    """Settle the place in a person's own scope."""
    with scope.acting_as(player.actor):
        return appeals.locate_appeal(appeal_id=appeal.pk, region_code=code, by=player.actor, at=at, reason=reason)


def kinds(appeal: Appeal) -> list[str]:
    """The kinds of the appeal's events, in their order."""
    with scope.acting_as(SYSTEM):
        return [each.kind for each in events_of("appeal", appeal.pk)]


def test_the_union_of_the_place_gets_it(nowhere: Appeal, cast: Cast, at: datetime) -> None:
    locate(nowhere, cast.city, at, reason="问过本人")
    now = fresh(nowhere)
    assert (now.region_id, now.code) == ("330206002", nowhere.code)
    assert str(now.handler) == "小港街道总工会"
    with scope.acting_as(SYSTEM):
        located = next(each for each in events_of("appeal", now.pk) if each.kind == "appeal.located")
        seeing = set(Access.objects.filter(appeal=now, until__isnull=True).values_list("path", "why"))
    assert located.note == "未填改为小港街道；问过本人"
    assert (cast.places.county.path, AccessReason.TRIAGE) in seeing
    assert kinds(now)[-2:] == ["appeal.located", "appeal.redispatched"]


def test_another_county_sees_it_instead(cast: Cast, at: datetime) -> None:
    appeal = received(WAGES, by=cast.hotline.actor, at=at)
    locate(appeal, cast.city, at, "330212001")
    assert str(fresh(appeal).handler) == "下应街道总工会"
    with scope.acting_as(SYSTEM):
        triage = Access.objects.filter(appeal=appeal, why=AccessReason.TRIAGE)
        assert dict(triage.values_list("path", "until")) == {
            cast.places.county.path: at,
            cast.places.other_county.path: None,
        }
    with scope.acting_as(cast.county.actor), pytest.raises(NotFound):
        appeals.locate_appeal(appeal_id=appeal.pk, region_code="330206001", by=cast.county.actor, at=at)


def test_what_was_signed_stays_where_it_is(cast: Cast, at: datetime) -> None:
    appeal = received(WAGES, by=cast.hotline.actor, at=at)
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=appeal.pk, by=cast.town.actor, at=at)
    locate(appeal, cast.city, at)
    now = fresh(appeal)
    assert (now.status, str(now.handler), now.region_id) == ("signed", "新碶街道总工会", "330206002")


def test_what_a_person_dispatched_stays_where_it_is(nowhere: Appeal, cast: Cast, at: datetime) -> None:
    with scope.acting_as(cast.city.actor):
        number = cast.places.other_town.pk
        actions.dispatch_appeal(appeal_id=nowhere.pk, organisation_id=number, by=cast.city.actor, at=at)
    locate(nowhere, cast.city, at)
    assert str(fresh(nowhere).handler) == "下应街道总工会"


def test_the_wrong_person_the_wrong_place_twice_and_too_late(cast: Cast, at: datetime) -> None:
    appeal = received(WAGES, by=cast.hotline.actor, at=at)
    with scope.acting_as(cast.worker.actor), pytest.raises((NotPermitted, NotFound)):
        appeals.locate_appeal(appeal_id=appeal.pk, region_code="330206002", by=cast.worker.actor, at=at)
    with scope.acting_as(cast.auditor.actor), pytest.raises(NotPermitted):
        appeals.locate_appeal(appeal_id=appeal.pk, region_code="330206002", by=cast.auditor.actor, at=at)
    for wrong in ("", "3302", "110101", "不是代码"):
        with pytest.raises(BadInput) as refused:
            locate(appeal, cast.city, at, wrong)
        assert refused.value.field == "place"
    with pytest.raises(NotAllowed):
        locate(appeal, cast.city, at, "330206001")
    locate(appeal, cast.hotline, at)
    with pytest.raises(NotAllowed):
        locate(appeal, cast.city, at)
    with scope.acting_as(cast.city.actor):
        appeals.invalidate_appeal(appeal_id=appeal.pk, reason="测试，不是诉求", by=cast.city.actor, at=at)
    with pytest.raises(NotAllowed):
        locate(appeal, cast.city, at, "330212001")


def test_the_page_offers_what_the_words_say(nowhere: Appeal, browser_of: Browser) -> None:
    browser = browser_of("city")
    page = browser.get(f"/desk/appeals/{nowhere.code}").content.decode()
    assert "像是<b>北仑区 小港街道</b>" in page
    sent = dict(re.findall(r'<input type="hidden" name="(place|reason)" value="([^"]*)"', page))
    assert sent == {"place": "330206002", "reason": "采纳系统识别：“小港街道”"}
    url = f"/desk/appeals/{nowhere.code}/steps/locate"
    assert browser.post(url, sent).status_code == 302
    assert fresh(nowhere).region_id == "330206002"
    again = browser.post(url, sent)
    assert again.status_code == 409
    assert "所在地已经是小港街道" in again.content.decode()
    assert "像是" not in browser.get(f"/desk/appeals/{nowhere.code}").content.decode()


def test_who_may_not_settle_it_is_offered_nothing(nowhere: Appeal, browser_of: Browser) -> None:
    page = browser_of("auditor").get(f"/desk/appeals/{nowhere.code}").content.decode()
    assert "像是<b>北仑区 小港街道</b>" in page
    assert "采纳" not in page
    sent = {"place": "330206002"}
    assert browser_of("auditor").post(f"/desk/appeals/{nowhere.code}/steps/locate", sent).status_code == 403


def test_a_place_that_this_city_does_not_have_is_refused_at_its_field(nowhere: Appeal, browser_of: Browser) -> None:
    answer = browser_of("city").post(f"/desk/appeals/{nowhere.code}/steps/locate", {"place": "西湖区"})
    assert answer.status_code == 422
    assert "没有这个镇街" in answer.content.decode()


def test_the_door_of_partners_takes_the_only_place_there_is(api_of: Api, cast: Cast, browser_of: Browser) -> None:
    made = created(api_of("hotline"), text=WORDS, region_code="", employer="")
    assert made["handler"]["code"] == "T2"
    assert made["code"].startswith("GQ330206")
    url = f"/desk/appeals/{made['code']}"
    page = browser_of("city").get(url).content.decode()
    assert "系统识别所在地" in page
    assert '<span class="tag dash">系统识别</span>' in page
    browser_of("city").post(f"{url}/steps/locate", {"place": "新碶街道"})
    assert '<span class="tag dash">系统识别</span>' not in browser_of("city").get(url).content.decode()


@pytest.mark.parametrize(
    ("text", "employer", "code"),
    [
        (WAGES, "海塘精密铸造（虚构）有限公司", "330206001"),
        (WAGES, "没有登记的公司", None),
        (WORDS + "以前在鄞州区做过。", "海塘精密铸造（虚构）有限公司", None),
    ],
)
def test_only_what_is_not_in_doubt_is_taken(
    cast: Cast, api_of: Api, text: str, employer: str, code: str | None
) -> None:
    made = created(api_of("hotline"), text=text, region_code="", employer=employer)
    with scope.acting_as(SYSTEM):
        appeal = Appeal.objects.get(code=made["code"])
        recognised = [each for each in kinds(appeal) if each == "appeal.place_recognised"]
    assert (appeal.region_id, len(recognised)) == (code, int(code is not None))


def test_a_chosen_place_is_never_replaced(cast: Cast, api_of: Api) -> None:
    made = created(api_of("hotline"), text=WORDS, region_code="330212001")
    with scope.acting_as(SYSTEM):
        appeal = Appeal.objects.get(code=made["code"])
    assert appeal.region_id == "330212001"
    assert "appeal.place_recognised" not in kinds(appeal)


def test_nothing_is_set_at_a_door_where_one_can_ask(cast: Cast, browser_of: Browser) -> None:
    browser = browser_of("worker")
    browser.get("/say")
    asked = browser.post("/say/known", {"text": WORDS, "county": ""}).content.decode()
    assert "北仑区 小港街道" in asked
    assert "&quot;county&quot;: &quot;330206&quot;, &quot;town&quot;: &quot;330206002&quot;" in asked
    assert "小港街道</b>吗" not in browser.post("/say/known", {"text": WORDS, "county": "330212"}).content.decode()
    browser.post("/say", {"external_id": "say-1", "text": WORDS})
    with scope.acting_as(SYSTEM):
        assert Appeal.objects.get(external_id="say-1").region_id is None


def test_the_seat_is_asked_to_fill_in_the_place(cast: Cast, browser_of: Browser) -> None:
    from gongqing.dispatch.models import Call

    seat = browser_of("hotline")
    seat.post("/desk/seat/calls", {"phone": "13912340001"})
    with scope.acting_as(SYSTEM):
        number = Call.objects.order_by("-id").values_list("pk", flat=True)[0]
    url = f"/desk/seat/calls/{number}/reading"
    proposed = seat.post(url, {"text": WORDS, "place": ""}).content.decode()
    assert "&quot;place&quot;: &quot;北仑区 小港街道&quot;" in proposed
    assert "data-fill" not in seat.post(url, {"text": WORDS, "place": "下应"}).content.decode()


def test_every_kind_has_its_words() -> None:
    from gongqing.dispatch.rules.event_words import EVENT_WORDS

    assert {"appeal.located", "appeal.place_recognised"} <= set(EVENT_WORDS)
