"""How much pay is owed, to each or to all, and for how long?"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from gongqing.language.facts.numerals import CHARACTERS, read_number
from gongqing.language.facts.spans import (
    Evidence,
    clause_after,
    clause_before,
    evidence_at,
    sentence_after,
    sentence_before,
)


class Money(NamedTuple):
    """An amount in yuan and the words it rests on."""

    yuan: int
    evidence: Evidence


class Span(NamedTuple):
    """A length of time (months or days, as the function says) and the words it rests on."""

    length: int
    evidence: Evidence


_MONEY = re.compile(
    rf"(?<![\dA-Za-z.])[\d{CHARACTERS}上][\d{CHARACTERS}.,多余来wWkK]{{0,15}}(?:元|块|圆|rmb)|"
    rf"(?<![\dA-Za-z.])[\d{CHARACTERS}上][\d{CHARACTERS}.,]{{0,10}}(?:万"
    rf"|[wW])[多余来]?(?![\d{CHARACTERS}元块圆多余来人名个教亩平辆吨股户字件步岁里伏])"
)
_EACH_WITHOUT_UNIT = re.compile(
    rf"(?:每个?人|人均|每位|每名)(?:都|各|还|大概|差不多)?(?:拖欠|欠|差|有"
    rf"|约)?(?P<number>[\d{CHARACTERS}]{{1,8}}[百千万])[多余来]?(?![\d{CHARACTERS}元块圆个天月人名])"
)
_PER_PERSON = re.compile(r"(?:人均|平均每人|每个?人|人平|每位|每名)[^，。！？；\d]{0,8}$")
_OWED_BEFORE = re.compile(
    r"(?:欠|克扣|扣押|扣了|扣除|未付|未结|没付|没结|没给|没发|未发|讨|剩|压|押|结算|尾款"
    r"|工资|工钱|薪|劳务费|工程款|货款|补偿|血汗钱|工钿)"
)
_OWED_AFTER = re.compile(r"(?:工资|工钱|薪|劳务费|血汗钱|没|未|不给|不付|不发|欠|工程款|还没|至今|工钿|讨|勿)")
_OWED_AT_ONCE = re.compile(r"(?:欠|克扣|未付|未结|没付|没结|没给|没发|未发|扣押|尾款)")
_TOTAL = re.compile(r"(?:总计|合计|共计|总共|一共|总额|总数|累计|总金额|共)[^，。！？；\d]{0,8}$")
_RATE_BEFORE = re.compile(
    r"(?:每月|每个月|月薪|月工资|每天|每日|日薪|一天|一个月|时薪|每小时|底薪|年薪|工资标准"
    r"|最低工资|年收入|月收入|每年|注册资[金本]|罚款?|罚了"
    r"|医[疗药]费|住院费|学费|房租|生活费|房贷|贷款|利润|产值|营业额|拨款|退休[金工]|养老金"
    r"|收入|盈利|投资|造价|缴税|税金|医保)[^，。！？；\d]{0,8}$"
)
_RATE_AFTER = re.compile(
    r"^(?:多|左右)?(?:/|／|每|一)(?:个?月|天|小时|晚|场|单|平|年|人次)|^(?:的)?(?:罚款|罚单"
    r"|医[疗药]费|学费|注册资)"
)
_PAID = re.compile(
    r"(?:只|才|仅|已经?|就)(?:拿到|给|发|付|支付|结|领到?|收到)了?$|(?:实发|发了|给了|付了"
    r"|拿到了?|借了?|借款)$"
)

_MONTHS = re.compile(
    rf"(?P<number>[\d{CHARACTERS}]{{1,5}})(?:多个?|来个|个)(?P<half>半)?(?:多)?月"
    rf"|(?P<years>[\d{CHARACTERS}]{{1,4}})(?:多|来)?年(?:多|零|左右|半|有余|之久)?"
    r"(?!前|[\d月底初末中级薪假休终])|(?P<half_year>大?半年)|(?P<half_month>半个?多?月)"
)
_LISTED = re.compile(
    r"(?<![\d一二三四五六七八九十])(?:1[0-2]|[1-9]|十[一二]?"
    r"|[一二三四五六七八九])月?(?:份)?(?P<join>[、和到至与跟\-—~]|)"
    r"(?P<last>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?(?!\d{1,2}[日号])"
)
_DAYS = re.compile(rf"(?P<number>[\d{CHARACTERS}]{{1,5}})[多余来]?(?:天|日(?!期|[^\s，。]{{0,2}}工资))")
_SINCE = re.compile(
    r"(?:从|自)?(?:(?P<year>20\d{2})年|(?P<relative>今年|去年|前年))(?:(?P<month>1[0-2]"
    r"|[1-9])月)?(?:份)?(?:\d{1,2}[日号])?(?:开始|起|以来|以后)?"
    r"[^，。！？；]{0,6}(?:至今|到现在|到今天|以来|起)"
)
_ARREARS_NEAR = re.compile(
    r"(?:欠|未发|没发|不发|没给|没付|未付|没拿|没领|没结|未结|没有发|没有拿|没有给|没有付"
    r"|发不出|发放工资|拖着|拖了|压着?|押着?|讨薪|冇发|勿发"
    r"|呒没|莫发|一分|分文|白干|没见|没到账|未到账|追讨|讨要|扣押|克扣|没工资|无工资|未拿|未能拿)"
)


def read_money(text: str) -> tuple[Money | None, Money | None]:
    """The pay that the text says is owed in all, and to each person; each None when it does not say.

    A wage rate, a fee, a fine or what has been paid already is not owed. Of several owed sums the one
    that follows a word of owing in its clause wins, then a stated total, then the largest.
    """
    totals: list[tuple[tuple[bool, bool], Money]] = []
    each: list[Money] = []
    for match in _MONEY.finditer(text):
        number = read_number(re.sub(r"(?:元|块|圆|rmb)$", "", match.group()))
        if number is None or number.value < 10:
            continue
        before = clause_before(text, match.start(), 18)
        if (
            _RATE_BEFORE.search(before)
            or _PAID.search(before)
            or _RATE_AFTER.search(text[match.end() : match.end() + 8])
        ):
            continue
        wide = sentence_before(text, match.start(), 36)
        if not (_OWED_BEFORE.search(wide) or _OWED_AFTER.search(clause_after(text, match.end(), 14))):
            continue
        money = Money(round(number.value), evidence_at(text, *match.span()))
        if _PER_PERSON.search(before):
            each.append(money)
        else:
            totals.append(((bool(_OWED_AT_ONCE.search(before)), bool(_TOTAL.search(before))), money))
    for match in _EACH_WITHOUT_UNIT.finditer(text):
        number = read_number(match["number"])
        if number and _OWED_AFTER.search(sentence_after(text, match.end(), 20)):
            each.append(Money(int(number.value), evidence_at(text, *match.span())))
    total = max(totals, key=lambda pair: (pair[0], pair[1].yuan))[1] if totals else None
    return total, max(each, key=lambda money: money.yuan, default=None)


def read_months_owed(text: str, said_on: date | None) -> Span | None:
    """For how many whole months pay is owed: the longest span said beside words of arrears; None when under a month.

    Listed months (七八月, 3月到6月) are counted; `去年8月至今` needs `said_on`, the day of the message.
    """
    spans = [
        *_in_months(text),
        *_in_listed_months(text),
        *(_since(text, said_on) if said_on else ()),
    ]
    return max(spans, key=lambda span: span.length, default=None)


def read_days_owed(text: str) -> Span | None:
    """For how many days pay is late (40天, 半个月), as said beside words of arrears."""
    spans = []
    for match in _DAYS.finditer(text):
        number = read_number(match["number"])
        if number and 1 <= number.value <= 3660 and _is_owed_time(text, match.start(), match.end()):
            spans.append(Span(int(number.value), evidence_at(text, *match.span())))
    for match in _MONTHS.finditer(text):
        if match["half_month"] and _is_owed_time(text, match.start(), match.end()):
            spans.append(Span(15, evidence_at(text, *match.span())))
    return max(spans, key=lambda span: span.length, default=None)


def _is_owed_time(text: str, start: int, end: int) -> bool:
    if re.search(
        r"(?:干了|做了|工作了?|入职|上班|打工|合同|试用期?|工龄|提前|休假|产假|怀孕|退休|年满"
        r"|住院|治疗|近?第)[^，。]{0,3}$",
        text[max(0, start - 6) : start],
    ):
        return False
    if re.search(r"^(?:的)?(?:工龄|合同|试用|产假|时间内|内|前|后|以后|之后|以内|工期)", text[end : end + 5]):
        return False
    near = sentence_before(text, start, 22) + "|" + sentence_after(text, end, 16)
    return bool(_ARREARS_NEAR.search(near)) and bool(
        re.search(r"工资|薪|工钱|钱|工钿|欠|劳务|铜钿|款|饷", near + text[start:end])
    )


def _in_months(text: str) -> list[Span]:
    spans = []
    for match in _MONTHS.finditer(text):
        if match["half_month"]:
            continue
        if match["half_year"]:
            length = 6.0
        else:
            number = read_number(match["number"] or match["years"])
            if number is None:
                continue
            length = number.value * (12 if match["years"] else 1)
        if 1 <= length <= 600 and not _is_calendar_year(match) and _is_owed_time(text, match.start(), match.end()):
            spans.append(Span(int(length), evidence_at(text, *match.span())))
    return spans


def _is_calendar_year(match: re.Match[str]) -> bool:
    years = match["years"]
    return bool(years) and (
        len(years) >= 2 and bool(re.fullmatch(r"\d{2,4}|[零〇一二三四五六七八九]{2,4}", years)) and not _is_small(years)
    )


def _is_small(years: str) -> bool:
    number = read_number(years)
    return number is not None and number.approximate


def _in_listed_months(text: str) -> list[Span]:
    spans = []
    for match in _LISTED.finditer(text):
        words = match.group()
        first, last = (
            read_number(re.split(r"月|份|[、和到至与跟\-—~]", words[: match.start("last") - match.start()])[0]),
            read_number(match["last"]),
        )
        if first is None or last is None or not _is_owed_time(text, match.start(), match.end()):
            continue
        low, high = int(first.value), int(last.value)
        joined = match["join"]
        if joined in ("、", "和", "与", "跟", ""):
            length = 2 if low != high else 1
        else:
            length = (high - low) % 12 + 1
        if 1 <= low <= 12 and 1 <= high <= 12:
            spans.append(Span(length, evidence_at(text, *match.span())))
    return spans


def _since(text: str, said_on: date) -> list[Span]:
    spans = []
    for match in _SINCE.finditer(text):
        year = (
            int(match["year"]) if match["year"] else said_on.year - {"今年": 0, "去年": 1, "前年": 2}[match["relative"]]
        )
        month = int(match["month"] or (12 if match["relative"] != "今年" else said_on.month))
        length = (said_on.year - year) * 12 + said_on.month - month
        if 1 <= length <= 600 and _is_owed_time(text, match.start(), match.end()):
            spans.append(Span(length, evidence_at(text, *match.span())))
    return spans
