"""Which days does a reply promise, and which are these?

A promise is a clause that speaks of what is still to be done and says by when. A day asked of the reader (请于…携带), a
day of what has happened, and the day under the letter are none. A span (8月份、年底) is due on its last day.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gongqing.language.facts.numerals import read_number
from gongqing.language.facts.spans import Evidence, evidence_at
from gongqing.language.replies.findings import Finding, Kind

AddWorkdays = Callable[[date, int], date]

_CN = "一二三四五六七八九十两"
_SENTENCE = re.compile(r"[^。！!？?；;\n\r]+")
_DAY = re.compile(
    rf"(?:(?P<year>20\d{{2}})年|(?P<rel_year>今年|明年|本年|当年)的?)?(?:农历)?(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?"
    rf"(?:(?P<day>3[01]|[12]\d|0?[1-9])[日号]?(?!\d)|(?P<part>上旬|中旬|下旬|底|末|初)|(?=[前内之以，。将可完就会发付给单独正开]|份|$))"
    r"|(?:(?P<year_b>20\d{2})年?|(?P<rel_b>今年|明年|本年度?|年)?)(?P<span>年?底|年?末|年内|内(?=[建完竣开投可将实启])|年?初|上半年|下半年|第?[一二三四1-4]季度)"
    r"|(?P<bare>20\d{2})年(?=[，,]?[^\d，。]{0,18}(?:完成|建成|开工|竣工|实施|推出|启动|布设|投入|实行|开通|开学|动工|到位))"
    rf"|(?P<count>\d{{1,3}}|[{_CN}]{{1,3}}|半)个?(?P<unit>工作日|小时|天|日(?!常)|周|星期|礼拜|月)(?:之|以)?(?P<within>内|左右|后)"
    rf"|(?<![每（(])(?P<week>这周|本周|下周|下星期|周|星期)(?P<weekday>[一二三四五六日天末])(?!边)|(?P<next>下周|下个?月|本月|这个?月|当月|月)(?P<next_part>底|末|初|内|中旬|上旬|下旬|前)"
    r"|(?P<feast>元旦|春节|清明|五一|劳动节|端午|中秋|国庆)(?:节)?(?:之|以)?前|(?P<near>今天|明天|后天|明日|今日)"
)
_FUTURE = re.compile(
    r"将|拟|计划|预计|预期|争取|力争|确保|保证|承诺|答应|约定|协定|同意|定于|有望|可望|望于|届时|最迟|最晚|限期|责令|要求|约好|说好|商定|会在|会于|将于|就能|才能|可(?:正常|完|修|投|全|竣|以?到|发|领)|能到位|到位"
    r"|前(?:付|发|补|支付|结清|付清|完成|到位|办|给|答复|解决|整改|返还|退还|打|缴)|内(?:付|发|补|支付|结清|完成|到位|办|给|答复|解决|整改|返还|退还|打|缴|再)"
)
_DONE = re.compile(
    r"^[^，。]{0,12}(?:已|已经|曾|曾经|开始了|(?:进行|完成|召开|组织|发生|到达|收到|接到|下达|签订|出具|立案|受理|批复|印发|出台|作出|举行)了)"
)
_BEFORE_DONE = re.compile(
    r"(?:已于|自|截至|截止|从|曾于|根据|按照|依据|《[^》]*$|至今|于(?=20\d{2}年))[^，。]{0,6}$|(?<!然)(?<!今)(?<!之)后的?$|之日起$"
)
_TO_READER = re.compile(
    r"请(?:您|你|于|在|携|带|持|相关|及时|关注|先|到|拨|与)|(?:您|你)(?:可以?|需要?|应|还可)(?:于|在|先|到|关注|通过|携|持)?|逾期|申请人|参保人|报名|携带|凭[^，。]{0,8}(?:办理|领取)|申请(?:补助|报销|救助)|登记时间|受理时间|营业时间|网上预约"
)
_RULE = re.compile(
    r"第[一二三四五六七八九十百零\d]+条|规定|条例|应当?(?:自|在|于)|依法应|法律|有权在|合同|协议约|有效期|告知其|答复其|一节|同年|[日天月年](?:至|到|—|-)|周[一二三四五六日]至|\d[—~-]\d"
    r"|不会|均无|无关|原计划|由原|每[年月周天]|年满|出生|任何|不可能|计划研究|招收"
)
_VAGUE = re.compile(
    r"尽快|尽早|近期|近日|适时|择期|择机|抓紧|早日|不久|稍后|随后|逐步|条件成熟|时机成熟|待[^，。]{2,16}(?:后|再)|下一步|后续|后期|今后|届时"
)
_WILL = re.compile(
    r"将|会(?!议|员|计)|拟|再(?:次)?(?:答复|回复|协商|联系|沟通)|跟进|推进|落实|督促|安排|研究|解决|补发|支付|处理|答复"
)
_RESULT = re.compile(
    r"已(?:经)?[^，。]{0,16}(?:付清|补发|发放|支付|到账|退还|补缴|签订|解决|整改到位|完成|恢复|落实|办结|办好|处理完毕)|达成(?:一致|协议|和解)|不(?:予|能|符合|属于)|无法|没有依据"
)
_LATEST = 120  # days back in which a month without a year is last gone, not next year's
_FARTHEST = 270  # days ahead beyond which a month without a year is last year's
_SPRING = {
    2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17), 2027: date(2027, 2, 6),
    2028: date(2028, 1, 26), 2029: date(2029, 2, 13), 2030: date(2030, 2, 3),
}  # fmt: skip
_FEASTS = {"元旦": (1, 1), "清明": (4, 4), "五一": (5, 1), "劳动节": (5, 1), "国庆": (10, 1)}
_QUARTERS = {"一": 3, "1": 3, "二": 6, "2": 6, "三": 9, "3": 9, "四": 12, "4": 12}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 6}


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a reply.

    Attributes:
        evidence: the clause that promises.
        on: the last day that keeps it; None when it says no day.
        is_past: that day was over when the reply was written.
    """

    evidence: Evidence
    on: date | None
    is_past: bool = False


def promises_of(reply: str, *, said_on: date, add_workdays: AddWorkdays) -> tuple[Promise, ...]:
    """The promises of a reply in the order of the text; one without a day only where the reply names no day at all
    and tells of no result.
    """
    dated: list[Promise] = []
    vague: list[Promise] = []
    for sentence in _SENTENCE.finditer(reply):
        found = _dated(reply, sentence.start(), sentence.end(), said_on, add_workdays)
        dated += found
        if not found:
            vague += _vague(reply, sentence)
    if dated or _RESULT.search(reply):
        return tuple(dated)
    return tuple(vague[:1])


def promises_found(promises: Sequence[Promise]) -> list[Finding]:
    """What is wrong with promises: their day is over, or they have none."""
    past = [(each.on, each.evidence) for each in promises if each.is_past and each.on is not None]
    found: list[Finding] = []
    if past and not any(each.on is not None and not each.is_past for each in promises):
        first = past[0][0]
        hint = f"答应的 {first.month}月{first.day}日 已经过了。写明办到没有；没办到的，写新的日子。"
        found.append(Finding(Kind.PROMISE_PAST, hint, tuple(evidence for _, evidence in past)))
    open_ended = [each for each in promises if each.on is None]
    if open_ended:
        hint = "没有说几时。写一个日子，或写哪一天再给职工回话。"
        found.append(Finding(Kind.PROMISE_VAGUE, hint, tuple(each.evidence for each in open_ended)))
    return found


def _dated(reply: str, start: int, end: int, said_on: date, add_workdays: AddWorkdays) -> list[Promise]:
    found: list[Promise] = []
    for match in _DAY.finditer(reply, start, end):
        left = max(reply.rfind("，", start, match.start()), reply.rfind(",", start, match.start()), start - 1) + 1
        right = min((place for mark in "，," if (place := reply.find(mark, match.end(), end)) >= 0), default=end)
        wide = reply[max(start, left - 16) : right]
        clause = reply[left:right]
        is_until = reply.startswith(("前", "之前", "以前"), match.end())
        if not (is_until or _FUTURE.search(wide)) or _TO_READER.search(reply[max(start, left - 12) : right]):
            continue
        if _RULE.search(clause) or _DONE.search(reply[match.end() : right]):
            continue
        if _BEFORE_DONE.search(reply[left : match.start()]):
            continue
        on = _resolved(match, said_on, add_workdays)
        if on is None or (on == said_on and match["day"] is not None):
            continue
        is_past = on < said_on
        if is_past and not re.search(r"承诺|答应|保证|确保|预计|计划|将|前", clause):
            continue
        if not is_past or (said_on - on).days <= _LATEST:
            found.append(Promise(evidence_at(reply, left, right), on, is_past))
    return found


def _vague(reply: str, sentence: re.Match[str]) -> list[Promise]:
    for clause in re.finditer(r"[^，,]+", sentence.group()):
        words = clause.group()
        if _VAGUE.search(words) and _WILL.search(words) and not _TO_READER.search(words):
            start = sentence.start() + clause.start()
            return [Promise(evidence_at(reply, start, start + len(words)), None)]
    return []


def _resolved(match: re.Match[str], said_on: date, add_workdays: AddWorkdays) -> date | None:
    try:
        if match["month"]:
            return _in_month(match, said_on)
        if match["span"]:
            return _in_year(match, said_on)
        if match["bare"]:
            return date(int(match["bare"]), 12, 31)
        if match["count"]:
            return _after(match, said_on, add_workdays)
        if match["weekday"]:
            return _on_weekday(match, said_on)
        if match["next"]:
            return _in_next(match, said_on)
        if match["feast"]:
            return _before_feast(match["feast"], said_on)
        return said_on + timedelta(days={"明": 1, "后": 2}.get(match["near"][0], 0))
    except (ValueError, OverflowError):
        return None


def _in_month(match: re.Match[str], said_on: date) -> date:
    number = read_number(match["month"])
    month = int(number.value) if number else 0
    year = said_on.year
    if match["year"]:
        year = int(match["year"])
    elif match["rel_year"] == "明年":
        year += 1
    day = _day_of(match, year, month)
    if not match["year"] and not match["rel_year"]:
        if (said_on - day).days > _LATEST:
            day = _day_of(match, year + 1, month)
        elif (day - said_on).days > _FARTHEST:
            day = _day_of(match, year - 1, month)
    return day


def _day_of(match: re.Match[str], year: int, month: int) -> date:
    if match["day"]:
        return date(year, month, int(match["day"]))
    days = {"上旬": 10, "初": 10, "中旬": 20}.get(match["part"] or "")
    return date(year, month, days or calendar.monthrange(year, month)[1])


def _in_year(match: re.Match[str], said_on: date) -> date | None:
    span = match["span"]
    if span == "内" and not match["year_b"]:
        return None
    year = int(match["year_b"]) if match["year_b"] else said_on.year + (match["rel_b"] == "明年")
    if "季度" in span:
        month = _QUARTERS[span.removeprefix("第")[0]]
        return date(year, month, calendar.monthrange(year, month)[1])
    if span in ("底", "末", "初") and not (match["year_b"] or match["rel_b"]):
        return None
    if span in ("初", "年初"):
        return date(year, 3, 31)
    if span == "上半年":
        return date(year, 6, 30)
    return date(year, 12, 31)


def _after(match: re.Match[str], said_on: date, add_workdays: AddWorkdays) -> date | None:
    number = read_number(match["count"])
    count = 0.5 if match["count"] == "半" else (number.value if number else 0)
    match match["unit"]:
        case "工作日":
            return add_workdays(said_on, int(count))
        case "小时":
            return said_on + timedelta(hours=count)
        case "周" | "星期" | "礼拜":
            return said_on + timedelta(days=int(7 * count))
        case "月":
            if count < 1:
                return said_on + timedelta(days=15)
            months = said_on.month - 1 + int(count)
            year, month = said_on.year + months // 12, months % 12 + 1
            return date(year, month, min(said_on.day, calendar.monthrange(year, month)[1]))
    return said_on + timedelta(days=int(count)) if count else None


def _on_weekday(match: re.Match[str], said_on: date) -> date:
    monday = said_on - timedelta(days=said_on.weekday())
    weeks = 1 if match["week"].startswith("下") else 0
    day = monday + timedelta(days=7 * weeks + _WEEKDAYS[match["weekday"]])
    return day + timedelta(days=7) if match["week"] in ("周", "星期") and day < said_on else day


def _in_next(match: re.Match[str], said_on: date) -> date:
    if match["next"] == "下周":
        return said_on + timedelta(days=13 - said_on.weekday())
    month = said_on.month + (1 if match["next"].startswith("下") else 0)
    year, month = said_on.year + (month - 1) // 12, (month - 1) % 12 + 1
    part = {"上旬": 10, "初": 10, "中旬": 20}.get(match["next_part"])
    return date(year, month, part or calendar.monthrange(year, month)[1])


def _before_feast(feast: str, said_on: date) -> date | None:
    for year in (said_on.year, said_on.year + 1):
        first = _SPRING.get(year) if feast == "春节" else date(year, *_FEASTS[feast]) if feast in _FEASTS else None
        if first is not None and first > said_on:
            return first - timedelta(days=1)
    return None
