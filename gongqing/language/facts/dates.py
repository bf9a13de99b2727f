"""Which days does the text speak of, reckoned from the day it was said?"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from gongqing.language.facts.numerals import DIGITS, read_number
from gongqing.language.facts.spans import Evidence, evidence_at, narrow


class Said(NamedTuple):
    """A day, a month or a stretch of time that the text names: `first` to `last`, both counted, and its words."""

    first: date
    last: date
    evidence: Evidence


_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九元])"
_DAY = r"(?:[12]\d|3[01]|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_POINT = re.compile(
    rf"(?:(?P<year>(?:19|20)\d\d|二[零〇○][零〇○一二三四五六七八九]{{2}})年|(?P<ago>今年|去年|前年|明年))"
    rf"(?P<month>{_MONTH})月(?:份|(?P<day>{_DAY})[日号])?"
    r"|(?<![\d.])(?P<iso_year>20\d\d)[-./](?P<iso_month>1[0-2]|0?[1-9])[-./](?P<iso_day>[12]\d|3[01]|0?[1-9])(?!\d)"
    rf"|(?<![\d个几两十半一二三四五六七八九])(?P<bare_month>{_MONTH})月(?:份|(?P<bare_day>{_DAY})[日号]|(?=[，。、\s到至和起的工底初中拖没欠开就]|$))"
    rf"|(?P<near_month>上个月|上月|这个月|本月|下个月)(?:(?P<near_day>{_DAY})[日号])?"
    r"|(?P<near>大前天|前天|昨[天晚日]|今[天早晚日]|明[天早晚日]|后天)"
    r"|(?P<week>上上|上|这|本|下)个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
    r"|(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3})(?P<unit>天|周|个?星期|个月)(?:以)?前"
)
_NEAR = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2}
_JOIN = re.compile(r"(?:开始|起)?(?:一直)?(?:到|至|—|-|~|～)+")
_UNTIL_NOW = re.compile(r"(?:开始|起|以来)?[，,]?(?:一直)?(?:至今|到现在|到今天|到目前)")
_LATER = re.compile(r"(?:将|要|准备|打算|约定|答应|说好|承诺)[^，。]{0,6}$")
_MOST = 40
"""How many points in time are read at most."""


def read_dates(text: str, said_on: date) -> list[Said]:
    """The days the text names, in its order; a month or day without a year is the last such one before `said_on`.

    A stretch (3月到6月, 去年8月至今) is one. What no calendar holds (2月30日) is left out; never raises on any string.
    """
    plain, found = narrow(text), list[Said]()
    for one in _points(plain, said_on):
        before = found[-1] if found else None
        if before and _JOIN.fullmatch(plain, before.evidence.end, one.evidence.start):
            first = before.first
            if first > one.first and first.replace(day=1) > one.first:
                first = _year_earlier(first)
            found[-1] = Said(first, one.last, evidence_at(text, before.evidence.start, one.evidence.end))
            continue
        found.append(Said(one.first, one.last, evidence_at(text, one.evidence.start, one.evidence.end)))
        now = _UNTIL_NOW.match(plain, one.evidence.end)
        if now and one.first <= said_on:
            found[-1] = Said(one.first, said_on, evidence_at(text, one.evidence.start, now.end()))
    return found


def _points(text: str, said_on: date) -> Iterator[Said]:
    for number, match in enumerate(_POINT.finditer(text)):
        if number == _MOST:
            return
        later = bool(_LATER.search(text, max(0, match.start() - 8), match.start()))
        try:
            first, last = _days_of(match, said_on, later=later)
        except (ValueError, OverflowError):
            continue
        yield Said(first, last, evidence_at(text, *match.span()))


def _days_of(match: re.Match[str], said_on: date, *, later: bool) -> tuple[date, date]:
    if match["iso_year"]:
        return _one(date(int(match["iso_year"]), int(match["iso_month"]), int(match["iso_day"])))
    if match["month"]:
        return _in_month(_year(match, said_on), _number(match["month"]), match["day"])
    if match["bare_month"]:
        return _last_such(_number(match["bare_month"]), match["bare_day"], said_on, later=later)
    if match["near_month"]:
        step = {"上": -1, "下": 1}.get(match["near_month"][0], 0)
        months = said_on.year * 12 + said_on.month - 1 + step
        return _in_month(months // 12, months % 12 + 1, match["near_day"])
    if match["near"]:
        return _one(said_on + timedelta(days=_NEAR[match["near"][:-1]]))
    if match["week"]:
        weeks = {"上上": -2, "上": -1, "下": 1}.get(match["week"], 0)
        day = "一二三四五六日天".index(match["weekday"])
        return _one(said_on + timedelta(days=7 * weeks + min(day, 6) - said_on.weekday()))
    count = _number(match["count"])
    if match["unit"] == "个月":
        months = said_on.year * 12 + said_on.month - 1 - count
        return _in_month(months // 12, months % 12 + 1, None)
    return _one(said_on - timedelta(days=count * (1 if match["unit"] == "天" else 7)))


def _year(match: re.Match[str], said_on: date) -> int:
    if match["ago"]:
        return said_on.year + {"今": 0, "去": -1, "前": -2, "明": 1}[match["ago"][0]]
    return int("".join(str(DIGITS.get(each, 0)) if not each.isdigit() else each for each in match["year"]))


def _last_such(month: int, day: str | None, said_on: date, *, later: bool) -> tuple[date, date]:
    first, last = _in_month(said_on.year, month, day)
    if first > said_on and not later:
        return _in_month(said_on.year - 1, month, day)
    return first, last


def _in_month(year: int, month: int, day: str | None) -> tuple[date, date]:
    if day:
        return _one(date(year, month, _number(day)))
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _one(day: date) -> tuple[date, date]:
    return day, day


def _year_earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28))


def _number(words: str) -> int:
    quantity = read_number(words.replace("元", "一"))
    return int(quantity.value) if quantity else 0
