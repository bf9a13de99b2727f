"""Does a clock climb each rung at its moment, never early, never twice, and never while it stands still?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.dispatch.rules import ladder
from gongqing.dispatch.rules.clocks import ClockState, Standing, WarningLevel, reckon, standing
from gongqing.dispatch.rules.filtering import idle_since
from gongqing.dispatch.rules.ladder import Rung, lowered, moment_after, next_look_at, next_rung_at, rung_of, told_from
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.lib.times import SHANGHAI
from gongqing.lib.workdays import Calendar

CALENDAR = Calendar()
START = datetime(2025, 10, 13, 9, 0, tzinfo=SHANGHAI)  # a Monday
FIVE = Limit(5, Unit.WORKDAYS)
INSTANT = timedelta(microseconds=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-{text}").replace(tzinfo=SHANGHAI)


def later(entries, limit, at, *, carded_at=None):
    found = reckon(limit, entries, CALENDAR, at)
    return next_rung_at(found, standing(found, at), CALENDAR, at, carded_at=carded_at)


def rung(entries, limit, at, *, carded_at=None):
    return rung_of(standing(reckon(limit, entries, CALENDAR, at), at), CALENDAR, at, carded_at=carded_at)


@pytest.mark.parametrize(
    ("at", "carded", "expected"),
    [
        ("10-13 09:00", None, Rung.NONE),
        ("10-16 09:59", None, Rung.NONE),
        ("10-16 14:31", None, Rung.HALF),
        ("10-17 17:29", None, Rung.HALF),
        ("10-17 17:31", None, Rung.FIFTH),
        ("10-20 23:59", None, Rung.FIFTH),
        ("10-21 00:00", None, Rung.FIFTH),
        ("10-21 00:01", None, Rung.OVERDUE),
        ("10-30 09:00", None, Rung.OVERDUE),
        ("10-22 23:59", "10-21 00:01", Rung.OVERDUE),
        ("10-23 00:01", "10-21 00:01", Rung.NOTICE),
        ("10-27 23:59", "10-21 00:01", Rung.NOTICE),
        ("10-28 00:01", "10-21 00:01", Rung.INTERVIEW),
        ("12-01 00:00", "10-21 00:01", Rung.INTERVIEW),
        ("10-28 00:01", "10-24 10:00", Rung.OVERDUE),
        ("10-29 00:01", "10-24 10:00", Rung.NOTICE),
    ],
)
def test_the_rungs_of_five_working_days(at, carded, expected):
    carded_at = moment(carded) if carded else None
    assert rung([Entry(EntryKind.START, START)], FIVE, moment(at), carded_at=carded_at) is expected


def test_working_days_of_the_holiday_do_not_count_on_the_way_to_a_talk():
    due = moment("09-29 00:00")  # 24:00 of Sunday 28 September, a make-up day
    assert moment_after(due, 2, CALENDAR) == moment("10-01 00:00")
    assert moment_after(due, 5, CALENDAR) == moment("10-12 00:00")


def test_a_paused_clock_has_no_next_rung_and_is_looked_at_when_the_pause_runs_out():
    entries = [Entry(EntryKind.START, START), Entry(EntryKind.PAUSE, START + timedelta(hours=1), 2, Unit.WORKDAYS)]
    at = START + timedelta(hours=2)
    found = reckon(FIVE, entries, CALENDAR, at)
    stands = standing(found, at)
    assert stands.state is ClockState.PAUSED
    assert next_rung_at(found, stands, CALENDAR, at, carded_at=None) is None
    assert next_look_at(found, stands, CALENDAR, at, carded_at=None) == moment("10-16 00:00")


def test_what_has_ended_is_never_looked_at_again():
    entries = [Entry(EntryKind.START, START), Entry(EntryKind.STOP, START + timedelta(hours=1))]
    at = START + timedelta(days=30)
    found = reckon(FIVE, entries, CALENDAR, at)
    assert next_look_at(found, standing(found, at), CALENDAR, at, carded_at=None) is None


@pytest.mark.parametrize(
    ("warned", "state", "warning", "expected"),
    [
        ("overdue", ClockState.RUNNING, WarningLevel.NONE, ""),
        ("interview", ClockState.RUNNING, WarningLevel.HALF, "half"),
        ("half", ClockState.RUNNING, WarningLevel.FIFTH, "half"),
        ("fifth", ClockState.PAUSED, WarningLevel.NONE, "fifth"),
        ("overdue", ClockState.OVERDUE, WarningLevel.OVERDUE, "overdue"),
    ],
)
def test_more_time_brings_a_clock_down_and_nothing_but_the_sweep_up(warned, state, warning, expected):
    stands = Standing(START, state, warning)
    assert lowered(warned, stands, CALENDAR, START, carded_at=START) == expected


@pytest.mark.parametrize(
    ("rung", "at", "expected"),
    [
        ("half", "10-13 08:00", "10-13 08:40"),
        ("half", "10-13 08:40", "10-14 08:40"),
        ("half", "10-17 14:00", "10-20 08:40"),
        ("half", "10-18 07:00", "10-20 08:40"),
        ("half", "09-30 10:00", "10-09 08:40"),
        ("fifth", "10-18 07:00", "10-18 07:00"),
        ("overdue", "10-18 03:00", "10-18 03:00"),
    ],
)
def test_a_hint_waits_for_the_morning_of_a_working_day(rung, at, expected):
    assert told_from(rung, moment(at), CALENDAR) == moment(expected)


@pytest.mark.parametrize(("minutes", "expected"), [(None, True), (0, False), (29, False), (30, True), (600, True)])
def test_half_an_hour_lies_between_two_digests(minutes, expected):
    last = None if minutes is None else START - timedelta(minutes=minutes)
    assert ladder.may_tell_again(last, START) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("10-16 23:59", "10-13 00:00"),  # a Thursday evening: Friday's step has three days behind it at 24:00
        ("10-17 00:00", "10-14 00:00"),
        ("10-18 09:00", "10-15 00:00"),
        ("10-20 09:00", "10-15 00:00"),
        ("10-09 09:00", "09-28 00:00"),
    ],
)
def test_three_whole_working_days_without_a_step(at, expected):
    assert idle_since(CALENDAR, moment(at)) == moment(expected)


UNITS = st.sampled_from(
    [
        (Unit.WORKDAYS, 15),
        (Unit.WORKING_HOURS, 12),
        (Unit.NATURAL_MINUTES, 90),
        (Unit.NATURAL_HOURS, 48),
        (Unit.NATURAL_DAYS, 20),
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    minutes=st.integers(0, 700_000),
    unit=UNITS,
    amount=st.integers(1, 100),
    paused=st.one_of(st.none(), st.tuples(st.integers(1, 5000), st.integers(1, 5000))),
    steps=st.integers(1, 6),
)
def test_a_clock_led_by_its_next_rung_climbs_each_once_in_order_and_at_that_moment(
    minutes, unit, amount, paused, steps
):
    start = datetime(2025, 1, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes)
    limit = Limit(min(amount, unit[1]), unit[0])
    entries = [Entry(EntryKind.START, start)]
    at = start
    if paused:
        begins = start + timedelta(minutes=paused[0])
        at = begins + timedelta(minutes=paused[1])
        entries += [Entry(EntryKind.PAUSE, begins), Entry(EntryKind.RESUME, at)]
    carded_at, heights = None, []
    for _ in range(steps):
        here = ladder.height(rung(entries, limit, at, carded_at=carded_at))
        heights.append(here)
        if here >= ladder.CARDED and carded_at is None:
            carded_at = at
        coming = later(entries, limit, at, carded_at=carded_at)
        if coming is None:
            assert here == ladder.height(Rung.INTERVIEW)
            break
        assert coming[1] > at
        before = max(at, coming[1] - timedelta(seconds=2))
        if before > at:
            assert ladder.height(rung(entries, limit, before, carded_at=carded_at)) == here
        assert rung(entries, limit, coming[1], carded_at=carded_at) is coming[0]
        at = coming[1]
    assert heights == sorted(set(heights))
