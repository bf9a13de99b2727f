"""Is somebody who may not told so before anything else, and is every refusal in the user's own words?"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from gongqing.appeals.rules.statuses import STATUS_WORDS, Status, check_can_move
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.queries import desk
from gongqing.dispatch.tests.calls import BASE, Api, created, post, verb
from gongqing.dispatch.tests.make import WAGES, fresh, received
from gongqing.insight.queries import boards
from gongqing.lib.errors import NotAllowed
from tests.cast import Cast

Browser = Callable[[str], Client]
CODES = re.compile("|".join(rf"\b{status.value}\b" for status in Status))


@pytest.mark.parametrize(
    ("path", "sent"), [("review", {"approve": True}), ("return/decision", {"accept": True, "answer": "同意退回"})]
)
def test_who_comes_before_what(api_of: Api, path: str, sent: dict[str, object]) -> None:
    code = created(api_of("hotline"))["code"]
    assert post(api_of("hotline"), f"{BASE}/{code}/{path}", sent).status_code == 403
    assert post(api_of("city"), f"{BASE}/{code}/{path}", sent).status_code == 409


@pytest.mark.parametrize("query", ["status=zzz", "grade=violet"])
def test_the_desk_offers_words_and_no_codes(browser_of: Browser, query: str) -> None:
    answer = browser_of("city").get(f"/desk/?view=all&{query}")
    assert answer.status_code == 422
    refusal = re.search(r'role="alert".*?</div>', answer.content.decode(), re.DOTALL)
    assert refusal is not None
    assert re.search("没有这种状态|没有这个等级", refusal.group())
    assert not re.search(r"[a-z]+_[a-z]+|triage|green|zzz|violet", re.sub(r"<[^>]*>|role=\S+", "", refusal.group()))
    assert browser_of("city").get(f"/desk/appeals.xlsx?{query}").status_code == 422


def test_the_api_names_its_words_with_their_meaning(api_of: Api) -> None:
    message = api_of("city").get(f"{BASE}?status=zzz").json()["errors"][0]["message"]
    assert "signed（已签收）" in message


def test_a_step_that_was_taken_is_said_to_be_taken(api_of: Api) -> None:
    code = created(api_of("hotline"))["code"]
    verb(api_of("city"), code, "sign")
    again = verb(api_of("city"), code, "sign", expect=409)
    assert again["errors"][0]["message"] == "这件诉求已经签收过了，现在是“已签收”。"
    verb(api_of("city"), code, "contact", {"note": "电话联系过了"})
    assert "已经签收过了，现在是“办理中”" in verb(api_of("city"), code, "sign", expect=409)["errors"][0]["message"]


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.DISPATCHED, Status.REOPENED}))
def test_nothing_is_said_to_become_what_it_is(status: Status) -> None:
    with pytest.raises(NotAllowed, match=f"已经.*，现在是“{STATUS_WORDS[status]}”"):
        check_can_move(status, to=status)


def test_a_day_that_is_none_does_not_stand_in_a_date_field(browser_of: Browser) -> None:
    answer = browser_of("city").get("/desk/figures?period=custom&from=x&to=2025-99-01")
    assert answer.status_code == 422
    page = answer.content.decode()
    shown = re.findall(r'type="date" value="([^"]*)"', page)
    assert len(shown) == 2
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in shown)
    assert "2025-99-01" not in shown


def test_late_before_the_pause_stays_late_on_the_desk_and_the_board(cast: Cast, at: datetime) -> None:
    by, later = cast.city.actor, at + timedelta(days=30)
    late, held = received(WAGES, by=cast.hotline.actor, at=at), received(WAGES, by=cast.hotline.actor, at=later)
    with scope.acting_as(SYSTEM):
        for appeal, moment in ((late, at), (held, later)):
            actions.sign_order(appeal_id=appeal.pk, by=by, at=moment)
            actions.contact_worker(appeal_id=appeal.pk, note="约好补材料", by=by, at=moment)
        actions.sweep_clocks(at=later)
        for appeal in (late, held):
            actions.pause_order(appeal_id=appeal.pk, reason="waiting_for_material", note="等工资条", by=by, at=later)
        actions.sweep_clocks(at=later + timedelta(minutes=1))
    soon = later + timedelta(minutes=2)
    with scope.acting_as(by):
        items = {item.appeal.pk: item for item in desk.items_of([fresh(late), fresh(held)], soon)}
        bands = {band.name: band.items for band in desk.banded(items.values(), soon)}
        seen = boards.board(by, soon)
    assert (items[late.pk].is_late, items[late.pk].remark) == (True, "其余期限已停")
    assert (items[held.pk].is_late, items[held.pk].remark) == (False, "期限已停，不报警")
    assert [item.appeal.pk for item in bands["逾期"]] == [late.pk]
    assert [item.appeal.pk for item in bands["暂停"]] == [held.pk]
    assert (seen.total["over"], seen.total["held"]) == (1, 1)
