"""What time is it for the people of the city, and how is it written?"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def now() -> datetime:
    """The present moment in Asia/Shanghai; only doors, jobs and commands call it."""
    return datetime.now(SHANGHAI)


def local(moment: datetime) -> datetime:
    """The same moment on Shanghai's clock."""
    return moment.astimezone(SHANGHAI)


def day_of(moment: datetime) -> date:
    """The calendar day in Shanghai that holds the moment."""
    return local(moment).date()


def in_words(moment: datetime, *, weekday: bool = False) -> str:
    """`10月14日（周二）24:00`: a moment as the pages write it; midnight belongs to the day before."""
    here = local(moment)
    day, clock = here.date(), here.strftime("%H:%M")
    if clock == "00:00" and here.second == 0:
        day, clock = date.fromordinal(day.toordinal() - 1), "24:00"
    return f"{day.month}月{day.day}日{f'（{WEEKDAYS[day.weekday()]}）' if weekday else ''} {clock}"
