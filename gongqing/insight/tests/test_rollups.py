"""Do the daily sums equal a recount, whatever happened in between, and does anything wrong in them show?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, UNCLEAR, WAGES, fresh, received
from gongqing.insight import actions
from gongqing.insight.models import CountedAppeal, DailySum, SumsMark
from gongqing.insight.queries import recount
from gongqing.insight.rules.rollups import Progress, advanced
from gongqing.lib.errors import NotPermitted
from tests.cast import Cast


@pytest.fixture
def made(cast: Cast, at: datetime) -> list[Appeal]:
    """Appeals in two counties, without a place, a need, and one settled and judged."""
    settled = received(WAGES, by=cast.worker.actor, at=at, region_code="330206001")
    with scope.acting_as(SYSTEM):
        dispatch.resolve_order(
            appeal_id=settled.pk, result="工资已补发。", by=cast.county.actor, at=at + timedelta(hours=1), amount=8000
        )
        if fresh(settled).status == "in_review":
            dispatch.review_resolution(
                appeal_id=settled.pk, approve=True, note="", by=cast.city.actor, at=at + timedelta(hours=2)
            )
    return [
        settled,
        received(WAGES, by=cast.hotline.actor, at=at, region_code="330206002", person_phone="13800000009"),
        received(FLED, by=cast.hotline.actor, at=at - timedelta(days=1), region_code="330212001"),
        received(UNCLEAR, by=cast.hotline.actor, at=at, region_code=None),
        received(BIRTHDAY, by=cast.hotline.actor, at=at, kind="need"),
    ]


def whole(at: datetime) -> None:
    """Up to date, and nothing under way elsewhere: other tests beside this one have transactions of their own."""
    actions.refresh_sums(by=SYSTEM, at=at)
    SumsMark.objects.update(upto_event_id=F("seen_event_id"))


def compared() -> recount.Comparison:
    with scope.acting_as(SYSTEM):
        return recount.comparison()


def test_built_sums_equal_a_recount(made: list[Appeal], at: datetime) -> None:
    done = actions.rebuild_sums(by=SYSTEM, at=at)
    assert done.count == 5
    whole(at)
    found = compared()
    assert (found.appeals, found.difference_count, found.differences) == (5, 0, [])
    assert found.sums > 30


def test_what_happens_later_is_counted_anew(cast: Cast, made: list[Appeal], at: datetime) -> None:
    actions.rebuild_sums(by=SYSTEM, at=at)
    whole(at)
    with scope.acting_as(SYSTEM):
        appeals.evaluate_appeal(
            appeal_id=made[0].pk, satisfaction="basically", by=cast.worker.actor, at=at + timedelta(hours=3)
        )
    received(FLED, by=cast.hotline.actor, at=at, region_code="330206001", person_phone="13800000010")
    done = actions.refresh_sums(by=SYSTEM, at=at)
    assert done.count == 2
    whole(at)
    assert compared().difference_count == 0
    with scope.acting_as(SYSTEM):
        total = DailySum.objects.get(scope="", kind="appeal", basis="received", by="total", day=at.date(), key="")
    assert (total.received, total.judged, total.basically, total.recovered) == (4, 1, 1, 800000)


def test_counting_twice_changes_nothing(made: list[Appeal], at: datetime) -> None:
    actions.rebuild_sums(by=SYSTEM, at=at)
    with scope.acting_as(SYSTEM):
        before = list(DailySum.objects.order_by("pk").values())
        SumsMark.objects.update(upto_event_id=0)
    actions.refresh_sums(by=SYSTEM, at=at)
    with scope.acting_as(SYSTEM):
        assert list(DailySum.objects.order_by("pk").values()) == before


def test_the_first_run_builds(made: list[Appeal], at: datetime) -> None:
    assert actions.refresh_sums(by=SYSTEM, at=at).count == 5
    assert recount.is_built()


def test_differences_are_named(made: list[Appeal], at: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    actions.rebuild_sums(by=SYSTEM, at=at)
    whole(at)
    with scope.acting_as(SYSTEM):
        CountedAppeal.objects.filter(pk=made[0].pk).update(grade="red", answered=False)
        DailySum.objects.filter(scope="", by="channel", key="app").update(received=7)
    with pytest.raises(SystemExit) as ended:
        call_command("figures", "verify")
    told = capsys.readouterr().out
    assert ended.value.code == 1
    assert f"诉求 {made[0].pk}：" in told
    assert "answered 记的是 False，应为 True" in told
    assert "received 记的是 7，应为 1" in told
    call_command("figures", "rebuild")
    whole(at)
    call_command("figures", "verify")
    assert "和重新数的完全相同" in capsys.readouterr().out


@pytest.mark.parametrize("size", [1, 2, 20_000])
def test_slices_of_any_size_find_the_same(
    made: list[Appeal], at: datetime, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.rebuild_sums(by=SYSTEM, at=at)
    whole(at)
    monkeypatch.setattr(recount, "SLICE", size)
    monkeypatch.setattr(recount, "MOST_TOLD", 100)
    assert compared().difference_count == 0
    today, gone = at.date(), 10**9
    with scope.acting_as(SYSTEM):
        CountedAppeal.objects.filter(pk=made[0].pk).update(grade="red")
        CountedAppeal.objects.filter(pk=made[-1].pk).update(appeal_id=gone)
        city = DailySum.objects.filter(scope="", basis="received", by="total")
        city.filter(kind="need").update(received=5)
        city.filter(day=today - timedelta(days=1)).delete()
        row = city.filter(kind="appeal").values()[0]
        DailySum.objects.create(**row | {"day": today - timedelta(days=4000)})
    found = compared()
    told = [line.partition("：")[0] for line in found.differences]
    assert [line for line in told if line.startswith("诉求")] == [
        f"诉求 {number}" for number in (made[0].pk, made[-1].pk, gone)
    ]
    planted = {(today - timedelta(days=4000), "appeal"), (today - timedelta(days=1), "appeal"), (today, "need")}
    assert {f"汇总 全市 {day} 收到 {kind} total" for day, kind in planted} < set(told)
    # and the appeal of another number in two narrow sights, there and not there; and the two grades of the changed one,
    # on the day of receipt and of the answer, in three sights, and in their months, in two narrow sights more
    assert found.difference_count == len(set(told)) == 3 + 3 + 2 * 2 + 2 * 2 * 3 + 2 * 2 * 5


def test_without_sums_there_is_nothing_to_compare(cast: Cast) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("figures", "verify")
    assert ended.value.code == 2


def test_nobody_but_the_system_keeps_sums(cast: Cast, at: datetime) -> None:
    for work in (actions.refresh_sums, actions.rebuild_sums):
        with pytest.raises(NotPermitted):
            work(by=cast.city.actor, at=at)


def test_sums_are_read_by_whose_sight_they_are(cast: Cast, made: list[Appeal], at: datetime) -> None:
    actions.rebuild_sums(by=SYSTEM, at=at)
    seen, told = {}, {}
    for name in ("city", "county", "town", "outsider", "worker"):
        with scope.acting_as(cast.players()[name].actor), connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT scope FROM insight_dailysum ORDER BY 1")
            seen[name] = [one for (one,) in cursor.fetchall()]
            cursor.execute("SELECT appeal_id FROM insight_countedappeal ORDER BY 1")
            counted = [one for (one,) in cursor.fetchall()]
            assert counted == sorted(Appeal.objects.values_list("pk", flat=True)), name
            told[name] = len(counted)
    assert seen["county"] == [cast.county.actor.path]
    assert (told["city"], told["county"], told["worker"], told["outsider"]) == (5, 3, 1, 1)
    assert (seen["town"], seen["worker"]) == ([cast.town.actor.path], [])
    assert {"", "330206", cast.county.actor.path} <= set(seen["city"])


def test_the_mark_waits_for_transactions_that_were_open() -> None:
    first = advanced(Progress(10, 20), latest=30, oldest_running=100, next_transaction=105)
    assert (first.upto, first.next_id, first.next_after, first.seen) == (10, 20, 105, 30)
    waiting = advanced(first, latest=40, oldest_running=104, next_transaction=110)
    assert (waiting.upto, waiting.next_id, waiting.seen) == (10, 20, 40)
    moved = advanced(waiting, latest=50, oldest_running=105, next_transaction=120)
    assert (moved.upto, moved.next_id, moved.next_after) == (20, 40, 120)


def test_a_quiet_mark_reaches_the_end() -> None:
    progress = Progress(10, 20)
    for number in range(4):
        progress = advanced(progress, latest=20, oldest_running=100 + number, next_transaction=100 + number)
    assert (progress.upto, progress.next_id) == (20, None)


def test_what_is_granted_is_asked_for_within_ones_own_paths_alone(made: list[Appeal], cast: Cast) -> None:
    asked = "SELECT gq_granted_among(%s::text[], %s::bigint, %s::bigint)"
    town, other = cast.town.actor, cast.department.actor
    answers = []
    for actor, given in ((town, [*town.paths, *cast.city.actor.paths]), (other, list(town.paths))):
        with scope.acting_as(actor), connection.cursor() as cursor:
            cursor.execute(asked, [given, cast.hotline.actor.user_id, None])
            found = {number for (number,) in cursor.fetchall()}
            assert found <= set(Appeal.objects.visible_to(actor).values_list("pk", flat=True))
            answers.append(found)
    assert made[0].pk in answers[0]
    assert answers[1] == set()
