"""Is a week Monday to Sunday in Shanghai, whatever the year does, and is nonsense refused?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from gongqing.insight.rules.weeks import Week, last_whole_week, week_named, week_of
from gongqing.lib.errors import BadInput
from gongqing.lib.times import SHANGHAI

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "first", "name"),
    [
        ("2026-W47", date(2026, 11, 16), "2026-W47"),
        ("2026W47", date(2026, 11, 16), "2026-W47"),
        ("2026-w1", date(2025, 12, 29), "2026-W01"),
        ("2020-W53", date(2020, 12, 28), "2020-W53"),
        ("2026-11-22", date(2026, 11, 16), "2026-W47"),
        ("2026-01-01", date(2025, 12, 29), "2026-W01"),
    ],
)
def test_a_week_is_read_however_it_is_written(text: str, first: date, name: str) -> None:
    week = week_named(text, at=NOW)
    assert (week.first, week.name) == (first, name)
    assert (week.begins_at.hour, week.ends_at - week.begins_at) == (0, timedelta(days=7))


@pytest.mark.parametrize("text", ["2026-W60", "2025-W53", "2026-W00", "上周", "", "2026-13-01", "2026-W48", "1999-W10"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        week_named(text, at=NOW)
    assert refused.value.field == "week"


def test_the_same_week_a_year_ago_and_the_year_so_far() -> None:
    week = week_named("2020-W53", at=NOW)
    assert week.a_year_ago().name == "2019-W52"
    assert week.year_begins_on == date(2021, 1, 1)  # it ends on 3 January
    assert week_named("2026-W47", at=NOW).a_year_ago().name == "2025-W47"
    assert week.before() == Week(date(2020, 12, 21))


def test_sunday_at_midnight_ends_the_week() -> None:
    midnight = datetime(2026, 11, 23, 0, 0, tzinfo=SHANGHAI)
    assert last_whole_week(midnight - timedelta(seconds=1)).name == "2026-W46"
    assert last_whole_week(midnight).name == "2026-W47"
    assert week_of(date(2026, 11, 22)).last == date(2026, 11, 22)
