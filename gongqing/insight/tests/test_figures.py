"""Do the figures count what is there, add up, and lead to exactly the cases they count?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, UNCLEAR, WAGES, fresh, received
from gongqing.insight.queries import figures
from gongqing.insight.queries.figures import Question
from gongqing.insight.rules.indicators import MEASURES, total_of
from gongqing.insight.rules.periods import Period, period_of
from gongqing.lib.times import day_of, now
from tests.cast import Cast


@pytest.fixture
def made(cast: Cast, at: datetime) -> list[Appeal]:
    """Appeals in several states, places and grades: settled in time, open, red, unread, without a place, a need."""
    worker = cast.worker
    settled = received(WAGES, by=worker.actor, at=at, region_code="330206001")
    with scope.acting_as(SYSTEM):
        actions.resolve_order(
            appeal_id=settled.pk,
            result="工资已补发到位。",
            by=cast.county.actor,
            at=at + timedelta(hours=1),
            amount=8000,
        )
        if fresh(settled).status == "in_review":
            actions.review_resolution(
                appeal_id=settled.pk, approve=True, note="", by=cast.city.actor, at=at + timedelta(hours=2)
            )
        appeals.evaluate_appeal(
            appeal_id=settled.pk, satisfaction="basically", by=worker.actor, at=at + timedelta(hours=3)
        )
    return [
        settled,
        received(WAGES, by=cast.hotline.actor, at=at, region_code="330206002", person_phone="13800000009"),
        received(FLED, by=cast.hotline.actor, at=at, region_code="330212001", channel="hotline_12351"),
        received(UNCLEAR, by=cast.hotline.actor, at=at, region_code=None),
        received(BIRTHDAY, by=cast.hotline.actor, at=at, kind="need"),
        received(WAGES, by=cast.hotline.actor, at=at - timedelta(days=100)),
    ]


def question(actor, at: datetime, **given) -> Question:
    return Question(actor, period_of("days60", today=day_of(at)), at + timedelta(hours=4), **given)


def test_rows_add_up_to_the_total_and_to_what_is_there(cast: Cast, made: list[Appeal], at: datetime) -> None:
    with scope.acting_as(cast.city.actor):
        seen = figures.overview(question(cast.city.actor, at))
        there = [
            each for each in Appeal.objects.all() if each.kind == "appeal" and each.received_at > at - timedelta(59)
        ]
    assert seen.total["received"] == len(there) == 4
    statuses = Counter(each.status for each in there)
    assert seen.total["answered"] == statuses["resolved"] + statuses["awaiting_evaluation"] + statuses["archived"] == 1
    assert seen.total["received"] == seen.total["answered"] + seen.total["open"] + seen.total["ended"]
    for rows in (seen.places, seen.grades, seen.classes, seen.channels):
        added = total_of(row.counts for row in rows)
        assert {name: added[name] for name in added} == {name: seen.total[name] for name in added}
    assert {row.name: row.counts.get("received", 0) for row in seen.places} == {"北仑区": 2, "鄞州区": 1, "未定地": 1}
    assert (seen.needs["received"], seen.recovered) == (1, 8000)
    assert (seen.total["on_time"], seen.total["timed"]) == (1, 1)
    assert (seen.total["basically"], seen.total["satisfied"], seen.total["judged"]) == (1, 0, 1)


@pytest.mark.parametrize("name", ["city", "county", "town", "zone", "outsider", "auditor"])
def test_every_number_leads_to_as_many_cases(name: str, cast: Cast, made: list[Appeal], at: datetime) -> None:
    actor = cast.players()[name].actor
    with scope.acting_as(actor):
        asked = question(actor, at)
        seen = figures.overview(asked)
        for group, rows in {"place": seen.places, "class": seen.classes, "grade": seen.grades}.items():
            for row in rows:
                for measure, count in row.counts.items():
                    items, total, _ = figures.cases_behind(
                        asked, kind="appeal", measure=measure, group=group, key=row.key, after=None
                    )
                    assert total == len(items) == count, (group, row, measure)


def test_nobody_counts_beyond_the_own_scope(cast: Cast, made: list[Appeal], at: datetime) -> None:
    counted = {}
    for name in ("county", "outsider", "grassroots"):
        actor = cast.players()[name].actor
        with scope.acting_as(actor):
            counted[name] = figures.overview(question(actor, at)).total["received"]
            assert counted[name] == Appeal.objects.filter(kind="appeal", received_at__gt=at - timedelta(59)).count()
    assert counted["county"] == 2


def test_a_county_is_cut_into_its_towns(cast: Cast, made: list[Appeal], at: datetime) -> None:
    with scope.acting_as(cast.county.actor):
        seen = figures.overview(question(cast.county.actor, at))
    assert [row.name for row in seen.places] == ["新碶街道", "小港街道", "未定地"]


def test_members_are_those_of_the_day_of_receipt(cast: Cast, made: list[Appeal], at: datetime) -> None:
    with scope.acting_as(cast.city.actor):
        seen = figures.overview(question(cast.city.actor, at, population="members"))
    assert seen.total["received"] == 1


def test_a_day_is_shanghai_s(cast: Cast, at: datetime) -> None:
    late = at.replace(hour=23, minute=59)
    received(WAGES, by=cast.hotline.actor, at=late)
    received(WAGES, by=cast.hotline.actor, at=late + timedelta(minutes=1))
    day = day_of(at)
    with scope.acting_as(cast.city.actor):
        seen = figures.overview(Question(cast.city.actor, Period("custom", day, day), late))
    assert seen.total["received"] == 1


def test_the_page_shows_fractions_and_leads_on(cast: Cast, browser_of: Callable[[str], Client], at: datetime) -> None:
    received(WAGES, by=cast.hotline.actor, at=now())
    page = browser_of("city").get("/desk/figures").content.decode()
    assert all(one in page for one in ("办结率", "按时办结率", "就地解决率", "满意率", "评价率", "处置率", "全部职工"))
    cases = browser_of("city").get("/desk/figures/cases?measure=received&group=place&key=330206")
    assert cases.status_code == 200
    assert "北仑区" in cases.content.decode()


@pytest.mark.parametrize(
    ("name", "status"),
    [("", 302), ("worker", 403), ("admin", 403), ("zone_helper", 403), ("outsider", 200), ("auditor", 200)],
)
def test_who_reads_the_figures(name: str, status: int, browser_of: Callable[[str], Client]) -> None:
    assert browser_of(name).get("/desk/figures").status_code == status
    assert browser_of(name).get("/desk/figures/cases").status_code == status


def test_wrong_days_are_named(browser_of: Callable[[str], Client]) -> None:
    answer = browser_of("city").get("/desk/figures?period=custom&from=2025-02-30&to=2025-03-01")
    assert answer.status_code == 422
    assert "请填写日期" in answer.content.decode()


@pytest.mark.parametrize("query", ["measure=nothing", "group=phone", "kind=x", "period=custom&from=x"])
def test_unknown_numbers_are_not_found(query: str, browser_of: Callable[[str], Client]) -> None:
    assert browser_of("city").get(f"/desk/figures/cases?{query}").status_code == 404


def test_every_measure_has_a_word(at: datetime) -> None:
    assert set(figures.measures(at)) == set(MEASURES)
