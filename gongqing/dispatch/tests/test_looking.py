"""Does the sweep of many clocks at once say and write what the sweep of each would?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.actions import sweeping
from gongqing.dispatch.models import Clock, ClockEntry, Reminder, Supervision
from gongqing.dispatch.rules.clocks import reckon
from gongqing.dispatch.rules.clocks import standing as standing_of
from gongqing.dispatch.rules.ladder import RUNGS, next_look_at
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.dispatch.rules.looking import Beginning, Beginnings, Looks, look
from gongqing.dispatch.tests.make import BIRTHDAY, received
from gongqing.lib.times import SHANGHAI
from gongqing.lib.workdays import Calendar, end_of_day
from tests.cast import Cast

FIRST = datetime(2026, 9, 20, tzinfo=SHANGHAI)  # 中秋 and 国庆 with their 调休 lie ahead
CALENDAR = Calendar()
MOMENTS = some.integers(0, 40 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
CARDS = some.none() | MOMENTS | MOMENTS.map(lambda moment: end_of_day(moment.date()))
LIMITS = some.builds(Limit, some.integers(1, 20).map(float), some.sampled_from(list(Unit)))
CLOCKS = some.tuples(
    LIMITS,
    MOMENTS,
    some.none() | MOMENTS.map(lambda moment: end_of_day(moment.date())),
    some.sampled_from(RUNGS),
    CARDS,
)


@settings(max_examples=60, deadline=None)
@given(clocks=some.lists(CLOCKS, min_size=1, max_size=12), at=MOMENTS, hours=some.integers(0, 23))
def test_clocks_that_stand_alike_are_looked_at_once(clocks: list[Any], at: datetime, hours: int) -> None:
    looks = Looks(CALENDAR, at)
    for limit, start, ceiling, warned, carded_at in clocks:
        later_that_day = start.replace(hour=hours)
        for begun in (start, later_that_day):
            told = {"ceiling": ceiling, "warned": warned.value, "carded_at": carded_at}
            entries = [Entry(EntryKind.START, begun)]
            assert looks.at_plain(limit, begun, **told) == look(limit, entries, CALENDAR, at, **told)


@settings(max_examples=60, deadline=None)
@given(clocks=some.lists(CLOCKS, min_size=1, max_size=12), at=MOMENTS, hours=some.integers(0, 23))
def test_clocks_that_begin_alike_are_reckoned_once(clocks: list[Any], at: datetime, hours: int) -> None:
    beginnings = Beginnings(CALENDAR, at)
    for turn, (limit, start, ceiling, _, _) in enumerate(clocks):
        for begun in (start, start.replace(hour=hours)):
            first = Entry(EntryKind.START, begun, reason=f"起算 {turn}")
            reckoning = reckon(limit, [first], CALENDAR, at)
            stands = standing_of(reckoning, at, ceiling=ceiling)
            again = next_look_at(reckoning, stands, CALENDAR, at, carded_at=None)
            assert beginnings.of(limit, first, ceiling=ceiling) == Beginning(reckoning, stands, again)


def standing() -> list[Any]:
    """All that a sweep writes."""
    with scope.acting_as(SYSTEM):
        clocks = Clock.objects.order_by("id")
        said = ("id", "warned", "state", "due_at", "escalated_at", "next_look_at", "ended_at")
        mirrored = Appeal.objects.order_by("id").values_list("id", "due_at", "next_due_at", "is_overdue", "status")
        orders = Supervision.objects.order_by("appeal_id", "kind").values_list("appeal_id", "kind", "clocks", "due_at")
        told = Reminder.objects.order_by("appeal_id", "kind", "clock").values_list("appeal_id", "kind", "clock")
        return [list(clocks.values_list(*said)), list(mirrored), list(orders), list(told)]


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(hours=30), timedelta(days=12)])
def test_both_sweeps_write_the_same(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch, later: timedelta
) -> None:
    made = [
        received(by=cast.worker.actor, at=at + timedelta(hours=3 * turn), text=text)
        for turn, text in enumerate((BIRTHDAY, BIRTHDAY + "请安排。", BIRTHDAY + "谢谢。", BIRTHDAY + "好的。"))
    ]
    moment = at + timedelta(hours=12) + later
    with scope.acting_as(SYSTEM):
        paused = Clock.objects.filter(appeal=made[1], name="close").get()
        ClockEntry.objects.create(clock=paused, kind="pause", at=at + timedelta(hours=5), reason="等材料", by_name="甲")
        early = Clock.objects.filter(appeal=made[2], name="close")
        early.update(due_at=at, state="overdue")  # as before a change of the calendar
        actions.relook_clocks()
    found = []
    for slices in (10_000, 1):
        monkeypatch.setattr(sweeping, "SLICE", slices)
        point = transaction.savepoint()
        changed = actions.sweep_clocks(at=moment)
        again = actions.relook_clocks(), actions.sweep_clocks(at=moment + timedelta(seconds=1))
        found.append((changed, again, standing()))
        transaction.savepoint_rollback(point)
    assert found[0][0] > 0
    assert found[0] == found[1]


def test_clocks_that_cannot_be_swept_together_are_swept_in_slices(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for turn in range(2):
        received(by=cast.worker.actor, at=at + timedelta(minutes=turn))
    monkeypatch.setattr(sweeping, "SLICE", 1)

    def breaks(*_: Any) -> None:
        raise RuntimeError("no calm today")

    monkeypatch.setattr(sweeping.CalmSweep, "sweep", breaks)
    with scope.acting_as(SYSTEM):
        actions.relook_clocks()
    assert actions.sweep_clocks(at=at + timedelta(days=2)) > 0
