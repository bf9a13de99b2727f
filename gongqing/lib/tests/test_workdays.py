"""The calendar: published arrangements, overrides, unpublished years, and working time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.lib.times import SHANGHAI
from gongqing.lib.workdays import Calendar, WorkingTime, end_of_day

PLAIN = Calendar()
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


moments = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: at("2024-06-01T00:00") + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("day", "works", "reason", "basis"),
    [
        ("2025-09-26", True, "工作日", "工作日"),
        ("2025-09-27", False, "周六", "周末"),
        ("2025-09-28", True, "国庆节调休上班", "2025 年放假安排"),
        ("2025-10-06", False, "中秋节放假", "2025 年放假安排"),
        ("2025-10-08", False, "国庆节放假", "2025 年放假安排"),
        ("2025-10-11", True, "国庆节调休上班", "2025 年放假安排"),
        ("2026-02-14", True, "春节调休上班", "2026 年放假安排"),
        ("2026-02-23", False, "春节放假", "2026 年放假安排"),
        ("2027-10-01", False, "国庆节放假", "2027 年放假安排未公布，暂按周末和固定节日"),
        ("2027-10-04", True, "工作日", "2027 年放假安排未公布，暂按周末和固定节日"),
    ],
)
def test_a_day_and_why(day, works, reason, basis):
    day = date.fromisoformat(day)
    assert (PLAIN.is_workday(day), PLAIN.reason(day), PLAIN.basis(day)) == (works, reason, basis)


def test_only_unpublished_years_are_provisional():
    assert not PLAIN.is_provisional(date(2026, 12, 31))
    assert PLAIN.is_provisional(date(2027, 1, 4))
    assert not Calendar(settled_years=frozenset({2027})).is_provisional(date(2027, 1, 4))
    assert not Calendar({date(2027, 1, 4): True}).is_provisional(date(2027, 1, 4))


def test_an_override_wins():
    calendar = Calendar({date(2025, 9, 29): False, date(2025, 10, 1): True}, {date(2025, 9, 29): "台风停工"})
    assert calendar.reason(date(2025, 9, 29)) == "台风停工"
    assert calendar.reason(date(2025, 10, 1)) == "日历调整，上班"
    assert calendar.next_workday(date(2025, 9, 28)) == date(2025, 9, 30)
    assert calendar.add_workdays(date(2025, 9, 28), 2) == date(2025, 10, 1)


@given(days, st.integers(0, 60))
def test_adding_working_days_agrees_with_counting_them_one_by_one(start, count):
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= PLAIN.is_workday(day)
    assert PLAIN.add_workdays(start, count) == day
    assert PLAIN.workdays_between(start, day) == count


@given(days, days)
def test_between_agrees_with_counting_them_one_by_one(start, end):
    counted = sum(PLAIN.is_workday(start + timedelta(days=step)) for step in range(1, (end - start).days + 1))
    assert PLAIN.workdays_between(start, end) == counted


def test_the_working_day_ends_at_midnight():
    assert PLAIN.end_of_workday(date(2025, 9, 28), 7) == at("2025-10-15T00:00")
    assert end_of_day(date(2025, 12, 31)) == at("2026-01-01T00:00")


@pytest.mark.parametrize(
    ("moment", "hours", "over"),
    [
        ("2025-09-28T10:12", 2, "2025-09-28T13:42"),
        ("2025-09-28T10:12", 4, "2025-09-28T15:42"),
        ("2025-09-29T10:00", 2, "2025-09-29T12:00"),  # ends with the morning, not after lunch
        ("2025-09-29T12:30", 1, "2025-09-29T14:30"),
        ("2025-09-29T07:00", 1, "2025-09-29T09:30"),
        ("2025-09-30T17:30", 2, "2025-10-09T10:30"),
        ("2025-09-30T17:00", 0.5, "2025-09-30T17:30"),
        ("2025-10-03T12:00", 7.5, "2025-10-09T17:30"),
        ("2025-09-30T20:00", 15, "2025-10-10T17:30"),
        ("2025-09-29T10:00", 0, "2025-09-29T10:00"),
    ],
)
def test_working_hours(moment, hours, over):
    assert PLAIN.add_working_time(at(moment), timedelta(hours=hours)) == at(over)
    assert PLAIN.working_hours_between(at(moment), at(over)) == hours


@given(moments, st.integers(1, 6000))
def test_adding_and_counting_working_time_agree(start, minutes):
    length = timedelta(minutes=minutes)
    over = PLAIN.add_working_time(start, length)
    assert over > start
    assert PLAIN.working_time_between(start, over) == length
    assert PLAIN.working_time_between(start, over - timedelta(seconds=1)) < length


@given(moments, moments, moments)
def test_working_time_adds_up(first, second, third):
    first, second, third = sorted((first, second, third))
    whole = PLAIN.working_time_between(first, third)
    assert whole == PLAIN.working_time_between(first, second) + PLAIN.working_time_between(second, third)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_the_zone_of_the_moment_does_not_matter(moment, length):
    assert PLAIN.add_working_time(moment.astimezone(UTC), length) == PLAIN.add_working_time(moment, length)


def test_is_working_time():
    inside = [
        PLAIN.is_working_time(at(f"2025-09-28T{clock}")) for clock in ("08:29", "08:30", "12:00", "13:30", "17:30")
    ]
    assert inside == [False, True, False, True, False]
    assert not PLAIN.is_working_time(at("2025-10-01T10:00"))


def test_hours_are_a_setting():
    hours = WorkingTime.from_text("09:00-12:00, 13:00-18:00")
    assert hours.spans == ((time(9), time(12)), (time(13), time(18)))
    assert Calendar(hours=hours).add_working_time(at("2025-09-29T11:00"), timedelta(hours=2)) == at("2025-09-29T14:00")


@pytest.mark.parametrize("text", ["", "09:00", "12:00-09:00", "09:00-12:00,11:00-13:00", "a-b"])
def test_wrong_hours_are_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  the standard library's own words differ
        WorkingTime.from_text(text)


def test_days_are_counted_forward():
    with pytest.raises(ValueError, match="forward"):
        PLAIN.add_workdays(date(2025, 1, 1), -1)
