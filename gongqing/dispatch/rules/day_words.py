"""How are runs of days and their reasons put into words?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gongqing.lib.workdays import Calendar


def off_reason(run: Sequence[date], calendar: Calendar) -> str:
    """`周日`, `周末`, `国庆节、中秋节放假 8 天`: why a run of days off does not count."""
    names = off_names(run, calendar)
    return f"{names} {len(run)} 天" if len(run) > 2 else names


def off_names(run: Sequence[date], calendar: Calendar) -> str:
    """`国庆节、中秋节放假，周末`: the distinct reasons of a run of days off, in order."""
    reasons = list(dict.fromkeys(calendar.reason(day) for day in run))
    holidays = [reason.removesuffix("放假") for reason in reasons if reason.endswith("放假")]
    others = [reason for reason in reasons if not reason.endswith("放假")]
    if {"周六", "周日"} <= set(others):
        others = ["周末", *(reason for reason in others if reason not in ("周六", "周日"))]
    return "，".join(filter(None, ["、".join(holidays) + "放假" if holidays else "", "、".join(others)]))


def basis_of_days(run: Sequence[date], calendar: Calendar) -> str:
    """Where the answer for a run of days comes from; an arrangement rather than a mere weekend."""
    found = list(dict.fromkeys(calendar.basis(day) for day in run))
    telling = [basis for basis in found if basis not in ("周末", "工作日")]
    return "；".join(telling or found)


def days_in_words(run: Sequence[date]) -> str:
    """`10月9日`, `9月29、30日`, `10月1—8日`, `9月29日—10月8日`."""
    first, last = run[0], run[-1]
    start = f"{first.month}月{first.day}日"
    if len(run) == 1:
        return start
    if first.month == last.month:
        return f"{first.month}月{first.day}{'、' if len(run) == 2 else '—'}{last.day}日"
    return f"{start}{'、' if len(run) == 2 else '—'}{last.month}月{last.day}日"


def numbers_in_words(numbers: range) -> str:
    """`5、6、7`, `1—7`."""
    return "、".join(map(str, numbers)) if len(numbers) <= 3 else f"{numbers[0]}—{numbers[-1]}"


def figure(amount: float) -> str:
    """At most one decimal place, none when it is whole."""
    return f"{round(amount, 1):g}"
