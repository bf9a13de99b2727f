"""Do towns and zones read sums of their own, equal to a recount, of exactly what they see, whatever is drawn anew?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.insight import actions
from gongqing.insight.models import DailySum, MonthSum, SightedAppeal, SightPath
from gongqing.insight.queries import sights
from gongqing.insight.queries.counting import Question, counted
from gongqing.insight.queries.places import cut_for
from gongqing.insight.queries.reading import Reader
from gongqing.insight.rules.indicators import Basis
from gongqing.insight.rules.periods import Period
from gongqing.insight.rules.rollups import parts_of
from gongqing.insight.tests.test_reading import BYS, filled, settle
from gongqing.insight.tests.test_rollups import compared, whole
from gongqing.lib.times import day_of
from gongqing.registry.models import ZoneLink
from tests.cast import Cast

DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))


@pytest.fixture
def quarter(cast: Cast, at: datetime) -> datetime:
    """Appeals over four months, one settled; built, then one more settled and one more come."""
    made = [
        received(
            WAGES,
            by=cast.worker.actor if number % 2 else cast.town.actor,
            at=at - timedelta(days=13 * number),
            region_code="330206001",
            **({} if number % 2 else {"person_phone": f"138000001{number:02d}"}),
        )
        for number in range(9)
    ]
    settle(made[1], cast, at)
    actions.rebuild_sums(by=SYSTEM, at=at)
    whole(at)
    settle(made[3], cast, at)
    received(WAGES, by=cast.hotline.actor, at=at, region_code="330206001", person_phone="13800000099")
    return at + timedelta(hours=4)


@given(first=DAYS, last=DAYS)
def test_whole_months_and_days_beside_them_are_the_span(first: date, last: date) -> None:
    first, last = min(first, last), max(first, last)
    parts = parts_of(first, last)
    days = [day for a, b in parts.days for day in _each(a, b)]
    if parts.months:
        begin, end = parts.months
        assert begin.day == end.day == 1
        after = (end + timedelta(days=31)).replace(day=1)
        days += list(_each(begin, after - timedelta(days=1)))
        assert len(parts.days) <= 2
        assert all((b - a).days < 31 for a, b in parts.days)
    assert sorted(days) == list(_each(first, last))


@pytest.mark.parametrize("name", ["town", "zone", "county", "city", "hotline"])
@pytest.mark.parametrize("basis", list(Basis))
def test_months_days_and_what_moved_agree_with_counting(name: str, basis: Basis, cast: Cast, quarter: datetime) -> None:
    actor, today = cast.players()[name].actor, day_of(quarter)
    wanted = ("open", "urgent", "paused") if basis is Basis.NOW else ()
    for back in (0, 30, 100, 1000):
        asked = Question(actor, Period("custom", today - timedelta(days=back), today), quarter, basis=basis)
        with scope.acting_as(actor):
            cut = cut_for(actor)
            for by in BYS:
                grouped = "resolved_day" if by == "day" and basis is Basis.RESOLVED else by
                found = filled(Reader(actor, quarter).counted(asked, grouped, cut=cut, wanted=wanted))
                there = filled(counted(asked, grouped, cut=cut))
                shown = {key for cell in found.values() for key in cell}
                kept = {key: {n: c for n, c in cell.items() if n in shown} for key, cell in there.items()}
                assert found == {key: cell for key, cell in kept.items() if cell}, (by, back)


@pytest.mark.parametrize("name", ["town", "zone"])
def test_a_year_is_read_without_a_look_at_grants(name: str, cast: Cast, quarter: datetime) -> None:
    whole(quarter)
    actor, today = cast.players()[name].actor, day_of(quarter)
    asked = Question(actor, Period("custom", today.replace(month=1, day=1), today), quarter)
    with scope.acting_as(actor), CaptureQueriesContext(connection) as told:
        reader = Reader(actor, quarter)
        for by in ("grade", "channel", "category", "handler"):
            reader.counted(asked, by, wanted=("received", "answered"))
    texts = [each["sql"] for each in told.captured_queries]
    assert any("insight_monthsum" in text for text in texts)
    assert not any("gq_granted_among" in text for text in texts)


def test_a_zone_that_is_drawn_anew_is_counted_anew(cast: Cast, quarter: datetime) -> None:
    actor = cast.zone.actor
    key = f"+{actor.path}"
    assert set(SightPath.objects.filter(key=key).values_list("path", flat=True)) == set(actor.paths)
    with scope.acting_as(SYSTEM):
        before = SightedAppeal.objects.filter(scope=key).count()
        ZoneLink.objects.filter(zone_id=actor.organisation_id).delete()
    alone = replace(actor, paths=(actor.path,))
    with scope.acting_as(alone):
        assert Reader(alone, quarter).sight is None  # no sums fit yet: counted from single appeals
        assert Reader(actor, quarter).sight == key
    whole(quarter)
    assert not SightPath.objects.filter(key=key).exists()
    with scope.acting_as(alone):
        assert Reader(alone, quarter).sight == alone.path
        assert Reader(actor, quarter).sight is None
        seen = set(Appeal.objects.visible_to(alone).values_list("pk", flat=True))
        assert set(SightedAppeal.objects.values_list("appeal_id", flat=True)) == seen
    with scope.acting_as(SYSTEM):
        assert before > 0
        assert not MonthSum.objects.filter(scope=key, received__gt=0).exists()
    assert compared().difference_count == 0


def test_a_sight_is_read_by_who_sees_all_of_its_paths(cast: Cast, quarter: datetime) -> None:
    zone, town = cast.zone.actor, cast.town.actor
    key = f"+{zone.path}"
    part = replace(zone, paths=(zone.path,))
    seen = {}
    for name, actor in {"zone": zone, "part": part, "town": town, "outsider": cast.outsider.actor}.items():
        with scope.acting_as(actor):
            seen[name] = {
                row
                for table in (DailySum, MonthSum, SightedAppeal)
                for row in table.objects.values_list("scope", flat=True)
            }
    assert seen["zone"] == {key}
    assert seen["part"] == set()
    assert seen["town"] == {town.path}
    assert key not in seen["outsider"]
    with scope.acting_as(SYSTEM):
        assert set(sights.known()) == set(sights.current())


def test_a_wrong_month_and_a_forgotten_sight_are_named(cast: Cast, quarter: datetime) -> None:
    whole(quarter)
    assert compared().difference_count == 0
    with scope.acting_as(SYSTEM):
        row = MonthSum.objects.filter(scope=cast.town.actor.path, by="total", basis="received")[:1]
        MonthSum.objects.filter(pk__in=[each.pk for each in row]).update(received=77)
        gone = SightedAppeal.objects.filter(scope=cast.town.actor.path).first()
        SightedAppeal.objects.filter(pk=gone.pk).delete()
    told = "\n".join(compared().differences)
    assert "received 记的是 77" in told
    assert f"视野 {cast.town.actor.path} 诉求 {gone.appeal_id}：记的是 没有" in told


def _each(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
