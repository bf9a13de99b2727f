"""Which seven days does a weekly report cover? Monday 00:00 to Sunday 24:00 in Shanghai, counted as ISO 8601 does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gongqing.insight.rules.periods import Period
from gongqing.lib.errors import BadInput
from gongqing.lib.times import day_of
from gongqing.lib.workdays import end_of_day, start_of_day

EARLIEST = 2000
_FORM = re.compile(r"(\d{4})-?[Ww](\d{1,2})")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One week, known by its Monday."""

    first: date

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def begins_at(self) -> datetime:
        """Monday 00:00."""
        return start_of_day(self.first)

    @property
    def ends_at(self) -> datetime:
        """Sunday 24:00, which no longer belongs to it."""
        return end_of_day(self.last)

    @property
    def name(self) -> str:
        """`2026-W47`; the year is that of its Thursday."""
        year, number, _ = self.first.isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def words(self) -> str:
        """`2026年11月16日至11月22日`."""
        return Period("custom", self.first, self.last).words

    @property
    def title(self) -> str:
        """`2026年第47周`."""
        year, number, _ = self.first.isocalendar()
        return f"{year}年第{number}周"

    @property
    def year_begins_on(self) -> date:
        """1 January of the year in which it ends: from then on `本年累计` counts."""
        return date(self.last.year, 1, 1)

    def before(self, count: int = 1) -> Week:
        """So many weeks earlier."""
        return Week(self.first - timedelta(weeks=count))

    def a_year_ago(self) -> Week:
        """The week of the same number a year before; the last one of that year when it had no such week."""
        year, number, _ = self.first.isocalendar()
        try:
            return Week(date.fromisocalendar(year - 1, number, 1))
        except ValueError:
            return Week(date.fromisocalendar(year - 1, number - 1, 1))


def week_of(day: date) -> Week:
    """The week that holds this day."""
    return Week(day - timedelta(days=day.weekday()))


def last_whole_week(at: datetime) -> Week:
    """The newest week that is over."""
    return week_of(day_of(at)).before()


def week_named(text: str, *, at: datetime) -> Week:
    """The week that is written as `2026-W47`, or that holds a day such as `2026-11-18`.

    Raises:
        BadInput: on `week`: no week, none of its year, or one that has not begun.
    """
    week = _week(text.strip())
    if week.first.year < EARLIEST:
        raise BadInput("week", f"“{text}”太早了，从 {EARLIEST} 年起可以统计。")
    if week.begins_at > at:
        raise BadInput("week", f"{week.title}（{week.words}）还没有开始，不能统计。")
    return week


def _week(text: str) -> Week:
    found = _FORM.fullmatch(text)
    try:
        if found is None:
            return week_of(date.fromisoformat(text))
        return Week(date.fromisocalendar(int(found[1]), int(found[2]), 1))
    except (ValueError, OverflowError):
        raise BadInput("week", f"“{text}”不是一周，请写成 2026-W47（年份和第几周）。") from None
