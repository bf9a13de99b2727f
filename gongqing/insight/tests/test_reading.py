"""Do the sums answer what counting answers, for everybody, everywhere and by everything?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Access, Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, UNCLEAR, WAGES, fresh, received
from gongqing.insight import actions
from gongqing.insight.models import SumsMark
from gongqing.insight.queries import reading
from gongqing.insight.queries.counting import Question, counted
from gongqing.insight.queries.places import cut_for, cut_of
from gongqing.insight.queries.reading import Reader
from gongqing.insight.queries.sighted import own_beside
from gongqing.insight.rules.indicators import Basis
from gongqing.insight.rules.periods import Period
from gongqing.insight.tests.test_rollups import whole
from gongqing.lib.times import day_of
from gongqing.registry.models import Organisation, Region
from tests.cast import Cast

BYS = (None, "area", "category", "class", "grade", "channel", "day", "handler")


@pytest.fixture
def later(cast: Cast, at: datetime) -> datetime:
    """Sums that are built, and appeals that moved or came since: in, beside and beyond them."""
    mine = [
        received(WAGES, by=cast.worker.actor, at=at, region_code="330206001"),
        received(WAGES, by=cast.hotline.actor, at=at, region_code="330206002", person_phone="13800000009"),
        received(FLED, by=cast.county.actor, at=at - timedelta(days=2), region_code="330212001"),
        received(UNCLEAR, by=cast.hotline.actor, at=at - timedelta(days=40), region_code=None),
        received(BIRTHDAY, by=cast.hotline.actor, at=at, kind="need"),
    ]
    actions.rebuild_sums(by=SYSTEM, at=at)
    whole(at)
    settle(mine[0], cast, at)
    received(FLED, by=cast.hotline.actor, at=at, region_code="330206001", person_phone="13800000011")
    return at + timedelta(hours=4)


def settle(appeal: Appeal, cast: Cast, at: datetime) -> None:
    with scope.acting_as(SYSTEM):
        dispatch.resolve_order(
            appeal_id=appeal.pk, result="工资已补发。", by=cast.county.actor, at=at + timedelta(hours=1), amount=8000.5
        )
        if fresh(appeal).status == "in_review":
            dispatch.review_resolution(
                appeal_id=appeal.pk, approve=True, note="", by=cast.city.actor, at=at + timedelta(hours=2)
            )
        appeals.evaluate_appeal(
            appeal_id=appeal.pk, satisfaction="satisfied", by=cast.worker.actor, at=at + timedelta(hours=3)
        )


def filled(rows):
    """Without what is empty: sums have no row for it, counting may have."""
    kept = {key: {name: n for name, n in counts.items() if n} for key, counts in rows.items()}
    return {key: counts for key, counts in kept.items() if counts}


@pytest.mark.parametrize("name", ["city", "county", "town", "zone", "hotline", "outsider", "auditor", "department"])
@pytest.mark.parametrize("basis", [Basis.RECEIVED, Basis.RESOLVED])
def test_sums_and_counting_agree(name: str, basis: Basis, cast: Cast, later: datetime) -> None:
    actor = cast.players()[name].actor
    today = day_of(later)
    for period in (Period("custom", today, today), Period("custom", today - timedelta(days=59), today)):
        asked = Question(actor, period, later, basis=basis)
        with scope.acting_as(actor):
            cut, reader = cut_for(actor), Reader(actor, later)
            for by in BYS:
                grouped = "resolved_day" if by == "day" and basis is Basis.RESOLVED else by
                for kind in ("appeal", "need"):
                    summed = reader.counted(asked, grouped, cut=cut, kind=kind)
                    there = counted(asked, grouped, cut=cut, kind=kind)
                    if basis is Basis.RESOLVED:
                        there = {
                            key: {n: c for n, c in one.items() if n not in reading.LIVE} for key, one in there.items()
                        }
                    assert filled(summed) == filled(there), (by, kind)


@pytest.mark.parametrize("name", ["county", "town", "zone", "hotline", "outsider"])
def test_one_read_of_a_fortnight_holds_its_days(name: str, cast: Cast, later: datetime) -> None:
    actor, today = cast.players()[name].actor, day_of(later)
    fortnight, day, before = (
        Period("custom", today - timedelta(days=first), today - timedelta(days=last))
        for first, last in ((13, 0), (0, 0), (2, 1))
    )
    with scope.acting_as(actor):
        reader = Reader(actor, later)
        for basis in Basis:
            reader.counted(Question(actor, fortnight, later, basis=basis), "day")
        with CaptureQueriesContext(connection) as asked:
            got = {
                (basis, period): filled(reader.counted(Question(actor, period, later, basis=basis)))
                for basis in Basis
                for period in (day, before)
            }
        assert not any("WITH seen" in query["sql"] for query in asked)
        for (basis, period), counts in got.items():
            assert counts == filled(Reader(actor, later).counted(Question(actor, period, later, basis=basis)))
        assert got[Basis.RECEIVED, day] or name == "outsider"


def test_areas_agree_for_who_sees_everything(cast: Cast, later: datetime) -> None:
    today = day_of(later)
    county = Organisation.objects.get(path=cast.county.actor.path)
    for area in (Region.objects.get(code="330206"), Region.objects.get(code="330206001"), county):
        asked = Question(cast.city.actor, Period("custom", today - timedelta(days=59), today), later, area=area)
        with scope.acting_as(cast.city.actor):
            for by in BYS:
                cut = cut_of(area)
                summed = Reader(cast.city.actor, later).counted(asked, by, cut=cut)
                assert filled(summed) == filled(counted(asked, by, cut=cut)), (area, by)


def test_the_sums_are_what_is_read(cast: Cast, later: datetime) -> None:
    """Whole sums are read without looking at a single appeal."""
    whole(later)
    today = day_of(later)
    asked = Question(cast.county.actor, Period("custom", today, today), later)
    with (
        scope.acting_as(cast.county.actor),
        CaptureQueriesContext(
            connection,
        ) as told,
    ):
        Reader(cast.county.actor, later).counted(asked, "grade", wanted=("received", "answered"))
    texts = [each["sql"] for each in told.captured_queries]
    assert any("insight_dailysum" in text for text in texts)
    assert not any("FROM insight_countedappeal" in text for text in texts)


@pytest.mark.parametrize("limit", ["MOST_TAIL", "MOST_EVENTS"])
def test_too_much_at_once_speaks_of_the_last_run(
    limit: str, cast: Cast, later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, limit, 1)
    today = day_of(later)
    asked = Question(cast.city.actor, Period("custom", today, today), later)
    with scope.acting_as(cast.city.actor):
        reader = Reader(cast.city.actor, later)
        found = reader.counted(asked, wanted=("received", "answered"))[""]
        assert reader.as_of == SumsMark.objects.get().refreshed_at
    assert (found["received"], found["answered"]) == (2, 0)


def test_what_an_account_took_in_is_looked_at_where_its_organisation_does_not_see_it(
    cast: Cast, later: datetime
) -> None:
    whole(later)
    actor, today = cast.hotline.actor, day_of(later)
    with scope.acting_as(actor):
        sight = Reader(actor, later).sight
        assert sight is not None
        granted = Access.objects.filter(until__isnull=True)
        mine = set(own_beside(actor, "/nowhere/"))
        assert mine == set(granted.filter(user_id=actor.user_id).values_list("appeal_id", flat=True)) != set()
        seen = set(granted.filter(path__startswith=sight).values_list("appeal_id", flat=True))
        assert set(own_beside(actor, sight)) == mine - seen
        reader = Reader(actor, later)
        reader.__dict__["_own"] = []
        with CaptureQueriesContext(connection) as told:
            reader.counted(Question(actor, Period("custom", today, today), later), wanted=("received",))
    assert not any("WITH seen" in each["sql"] for each in told.captured_queries)


def test_a_run_between_two_reads_is_noticed(cast: Cast, later: datetime) -> None:
    today = day_of(later)
    asked = Question(cast.city.actor, Period("custom", today, today), later)
    with scope.acting_as(cast.city.actor):
        reader = Reader(cast.city.actor, later)
        assert reader.tail.signed
    actions.refresh_sums(by=SYSTEM, at=later)
    with scope.acting_as(cast.city.actor):
        assert filled(reader.counted(asked)) == filled(counted(asked))
