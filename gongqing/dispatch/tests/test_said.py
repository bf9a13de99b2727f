"""Does the case page say which days and places the worker named, and only suggest where it is?"""

from __future__ import annotations

from datetime import date, datetime

import pytest

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.queries.said import said_in
from gongqing.dispatch.tests.make import received
from tests.cast import Cast

pytestmark = pytest.mark.django_db
WORDS = "我在小港街道上班，厂里从去年8月至今没发工资，上周五老板说再等等，一共欠我八千块。"


def test_days_are_reckoned_from_the_day_it_came_in(cast: Cast, at: datetime) -> None:
    appeal = received(WORDS, by=cast.hotline.actor, at=at)
    with scope.acting_as(SYSTEM):
        said = said_in(appeal)
    assert [(one.first, one.last) for one in said.days] == [
        (date(2024, 8, 1), date(2025, 10, 13)),
        (date(2025, 10, 10), date(2025, 10, 10)),
    ]


def test_a_chosen_place_is_never_doubted(cast: Cast, at: datetime) -> None:
    appeal = received(WORDS, by=cast.hotline.actor, at=at)
    with scope.acting_as(SYSTEM):
        said = said_in(appeal)
    assert said.places == ("小港街道",)
    assert said.region is None


@pytest.mark.parametrize(
    ("words", "code"), [(WORDS, "330206002"), (WORDS + "以前在鄞州区做过。", None), ("工资没发，找不到老板", None)]
)
def test_without_a_place_the_only_one_that_fits_is_suggested(cast: Cast, at: datetime, words: str, code: str) -> None:
    appeal = received(words, by=cast.hotline.actor, at=at, region_code="")
    with scope.acting_as(SYSTEM):
        said = said_in(appeal)
        appeal.refresh_from_db()
    assert (said.region.code if said.region else None) == code
    assert appeal.region_id is None


def test_the_page_shows_them(cast: Cast, at: datetime, browser_of) -> None:
    appeal = received(WORDS, by=cast.hotline.actor, at=at, region_code="")
    page = browser_of("city").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert "“去年8月至今”（2024年8月1日至2025年10月13日）" in page
    assert "像是<b>" in page
    assert "小港街道" in page


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("我们12个人在工地干活，老板拖欠我们三个月工资，一共欠8万多元。", 12),
        ("我们几百号人在厂里三个月没拿到工资了，请工会帮忙。", None),
    ],
)
def test_only_a_sure_number_is_stated_and_sums_are_quoted(
    cast: Cast, at: datetime, browser_of, words: str, people: int | None
) -> None:
    appeal = received(words, by=cast.hotline.actor, at=at)
    page = browser_of("city").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert ("12 人" in page) == (people == 12)
    assert ("没有说清" in page) == (people is None)
    assert "三个月" in page.split("原话说到的数目：", 1)[1][:60]
