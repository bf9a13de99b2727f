"""Which calendar days does a figure cover? Days of Shanghai, both ends included; never "the last 24 hours"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gongqing.lib.errors import BadInput
from gongqing.lib.workdays import end_of_day, start_of_day

PERIOD_WORDS = {
    "today": "今天",
    "week": "本周",
    "month": "本月",
    "days60": "近60天",
    "year": "今年",
    "custom": "自定义",
}
USUAL = "days60"
LONGEST = 3 * 366


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included."""

    name: str
    first: date
    last: date

    @property
    def begins_at(self) -> datetime:
        """00:00 of the first day."""
        return start_of_day(self.first)

    @property
    def ends_at(self) -> datetime:
        """24:00 of the last day, which no longer belongs to it."""
        return end_of_day(self.last)

    @property
    def words(self) -> str:
        """`2025年10月1日至10月13日`, or one day."""
        if self.first == self.last:
            return f"{self.first.year}年{self.first.month}月{self.first.day}日"
        year = "" if self.first.year == self.last.year else f"{self.last.year}年"
        return f"{self.first.year}年{self.first.month}月{self.first.day}日至{year}{self.last.month}月{self.last.day}日"


def period_of(name: str, *, first: str = "", last: str = "", today: date) -> Period:
    """The period that a page asks for; an unknown name, or none, means the usual one.

    Args:
        name: today, week (from Monday), month (from the 1st), days60 (today and the 59 days before), year (from the
            1st of January) or custom.
        first, last: ISO dates of a custom period.

    Raises:
        BadInput: on `from` or `to`, when they are no dates, in the wrong order or more than three years apart.
    """
    if name == "today":
        return Period(name, today, today)
    if name == "year":
        return Period(name, today.replace(month=1, day=1), today)
    if name == "week":
        return Period(name, today - timedelta(days=today.weekday()), today)
    if name == "month":
        return Period(name, today.replace(day=1), today)
    if name != "custom":
        return Period(USUAL, today - timedelta(days=59), today)
    begin, end = _day("from", first), _day("to", last)
    if end < begin:
        raise BadInput("to", "结束日期不能早于开始日期。")
    if (end - begin).days >= LONGEST:
        raise BadInput("to", "一次最多统计三年，请缩短时间段。")
    return Period(name, begin, end)


def steps_of(period: Period, step: str) -> list[tuple[str, Period]]:
    """The period as weeks (from Monday) or months, cut at its ends, each with its name."""
    found = []
    first = period.first
    while first <= period.last:
        if step == "month":
            following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
            name = f"{first.year}年{first.month}月"
        else:
            following = first + timedelta(days=7 - first.weekday())
            name = f"{first.month}月{first.day}日起"
        found.append((name, Period("custom", first, min(period.last, following - timedelta(days=1)))))
        first = following
    return found


def _day(field: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(field, "请填写日期，例如 2025-10-01。") from None
    if not 2000 <= day.year <= 2100:
        raise BadInput(field, "日期应在 2000 年到 2100 年之间。")
    return day
