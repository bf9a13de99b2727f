"""Are rates what their fractions say, and periods the calendar's days?"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from gongqing.insight.rules import indicators
from gongqing.insight.rules.indicators import Figure
from gongqing.insight.rules.periods import period_of
from gongqing.lib.errors import BadInput
from gongqing.lib.times import SHANGHAI

MONDAY = date(2025, 10, 13)


def test_the_account_s_closing_rate() -> None:
    figure = indicators.ANSWERED.of({"received": 14004, "answered": 13768})
    assert (figure.numerator, figure.denominator, figure.hundredths) == (13768, 14004, Decimal("98.31"))


def test_closing_and_solving_on_the_spot_are_two_figures() -> None:
    counts = {"received": 200, "answered": 100, "local": 91}
    assert indicators.ANSWERED.of(counts).hundredths == Decimal("50.00")
    assert indicators.LOCAL.of(counts).hundredths == Decimal("91.00")


def test_basically_counts_as_satisfied() -> None:
    counts = {"told": 10, "judged": 5, "content": 4, "satisfied": 3, "basically": 1}
    assert indicators.CONTENT.of(counts).hundredths == Decimal("80.00")
    assert indicators.JUDGED.of(counts).hundredths == Decimal("50.00")


def test_nothing_is_no_rate() -> None:
    assert Figure(0, 0).share is None
    assert Figure(0, 0).hundredths is None


def test_a_part_is_not_larger_than_the_whole() -> None:
    with pytest.raises(ValueError, match="no part"):
        Figure(2, 1)


def test_every_indicator_divides_known_measures() -> None:
    for one in indicators.INDICATORS:
        assert {one.numerator, one.denominator} <= set(indicators.MEASURES)


def test_orange_is_red_in_three_colours() -> None:
    assert indicators.three_colours({"green": 4, "yellow": 3, "orange": 2, "red": 1}) == {"绿": 4, "黄": 3, "红": 3}


@pytest.mark.parametrize(
    ("name", "first"), [("week", date(2025, 10, 13)), ("month", date(2025, 10, 1)), ("days60", date(2025, 8, 15))]
)
def test_periods_end_today(name: str, first: date) -> None:
    period = period_of(name, today=MONDAY)
    assert (period.first, period.last) == (first, MONDAY)
    assert period.ends_at == datetime(2025, 10, 14, tzinfo=SHANGHAI)


def test_a_day_is_one_day() -> None:
    period = period_of("today", today=MONDAY)
    assert (period.words, (period.ends_at - period.begins_at).days) == ("2025年10月13日", 1)
    assert period_of("year", today=MONDAY).first == date(2025, 1, 1)


def test_own_days_are_both_included() -> None:
    period = period_of("custom", first="2025-09-30", last="2025-10-01", today=MONDAY)
    assert (period.ends_at - period.begins_at).days == 2
    assert period.words == "2025年9月30日至10月1日"


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2025-02-30", "2025-03-01", "from"),
        ("2025-10-02", "", "to"),
        ("2025-10-02", "2025-10-01", "to"),
        ("2015-01-01", "2025-01-01", "to"),
        ("0001-01-01", "2025-01-01", "from"),
    ],
)
def test_impossible_days_are_refused(first: str, last: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        period_of("custom", first=first, last=last, today=MONDAY)
    assert refused.value.field == field
