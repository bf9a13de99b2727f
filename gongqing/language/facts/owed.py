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

_LEAST_OWED = 50


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
_OWED_WORD = (
    r"欠|克扣|扣押|扣了|扣除|扣留|未付|未结|未发|未给|未兑现|没付|没结|没给|没发|没有[发给付结]|不给|不发|不付|讨[要薪债回]?|尾款|血汗钱"
    r"|工钿|还[差剩]|剩下|押(?!金)|压(?!力|着?低)|拿不到|要不[回到]|应(?:支|给)?付|补发|流失|侵占"
)
_OWED_AT_ONCE = re.compile(_OWED_WORD)
_OWED_AFTER = re.compile(
    r"没(?!有?[交买签]|法|办法)|未(?!交|缴|买|签|来)|不[给付发还兑结退]|欠|至今|讨|勿|拖着|要不[回到]|拿不到|非法扣押|血汗钱|还没|无法退"
)
_OWED_OUTRIGHT = re.compile(
    r"[^，。！？；]{0,4}(?:还|一直|至今|都|也)?(?:没有?|未|不)(?:给|付|发|结|到[账帐]|兑现|支付)"
)
_PAY = re.compile(
    r"工资|工钱|薪|劳务费|工程款|货款|材料款|机械费|血汗钱|工钿|提成|奖金|绩效|补[偿助贴]|加班费|保险|押金|保证金|集资|款|费|钱"
)
_TOTAL = re.compile(r"(?:总计|合计|共计|总共|一共|总额|总数|累计|总金额|共)[^，。！？；\d]{0,8}$")
_CLAIMED_TOTAL = re.compile(
    r"(?:工资|工钱|薪酬?|工钿|劳务费|血汗钱|补偿金?|赔偿金?|加班费|工程款)[^，。！？；\d]{0,4}(?:总计|合计|共计?|总共|一共|总额)[^，。！？；\d]{0,6}$"
)
_RATE_BEFORE = re.compile(
    r"(?:每月|每个月|月薪|(?<!个)月工资|每天|每日|日薪|一天|一个月|时薪|每小时|底薪|年薪|工资标准|基本工资|保底|试用期|最低|平均|基数|标准"
    r"|年收入|月收入|每年|注册资[金本]|罚款?|罚了|涨到|加到|提[高到]|高出|高于|低于|相差|只[有要]|不到|改为|变成?"
    r"|医[疗药]费|住院费|学费|房租|生活费|房贷|贷款|利润|产值|营业额|拨款|退休[金工]|养老金|管理费|份子钱|安全钱"
    r"|收入|盈利|投资|造价|缴税|税金|医保|收取|交了?|缴纳?|借了?|花了?|外债|欠债|债务|奖励?|一次性|领取?|到手|拿着?|期满|利息)[^，。！？；\d欠扣]{0,6}$|每(?:个?月|天|单|人)[^，。！？；]{0,8}扣[^，。！？；]{0,6}$"
)
_RATE_AFTER = re.compile(
    r"^(?:多|左右|余|以上)?(?:/|／|每|一)(?:个?月|天|小时|晚|场|单|平|年|人次)|^(?:的)?(?:罚款|罚单"
    r"|医[疗药]费|学费|注册资|管理费|保证金|安全钱|租车费|退休[金工]|外债|债)"
)
_NAMED_AFTER = re.compile(r"^的?(?:补贴|奖金|津贴|标准|月?工资(?![^，。]{0,4}(?:欠|没|未|不|至今)))")
_PAID = re.compile(
    r"(?:只|才|仅|已经?|就)(?:拿到|给|发|付|支付|结|领到?|收到)了?$|(?:实发|发了|给了|付了"
    r"|拿到了?|借了?|借款|支付了)$"
)

_RUN = rf"(?<![\d.第{CHARACTERS}])(?:\d{{1,3}}|[{CHARACTERS}]{{1,5}})"
_MONTHS = re.compile(
    rf"(?P<number>{_RUN})(?:多个?|来个|个)(?P<half>半)?(?:多)?月"
    rf"|(?P<years>{_RUN})(?:多|来)?年(?:零|又)?(?:(?P<more>\d{{1,2}}|[{CHARACTERS}]{{1,3}})个多?月)?(?:多|左右|半|有余|之久)?"
    r"(?![前\d月底初末中级薪假休终度])|(?P<half_year>大?半年)|(?P<half_month>半个?多?月)|(?P<whole_year>全年)(?=的?工资)"
)
_MONTH_NAME = r"(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九元])"
_LISTED = re.compile(
    rf"(?<![\d一二三四五六七八九十])(?P<first>{_MONTH_NAME})月?(?:份)?(?:\d{{1,2}}[日号])?"
    rf"(?P<join>[、和到至与跟\-—~]|)(?P<next_year>(?:20\d{{2}}|今|去|次|第二)年)?"
    rf"(?P<last>{_MONTH_NAME})月(?:份)?(?!\d{{1,2}}[日号])"
)
_ONE_MONTH = re.compile(
    rf"(?<![\d一二三四五六七八九十个两几半、和到至与跟\-—~])(?P<month>{_MONTH_NAME})月(?:份)?的?(?:工资|薪水|薪资|工钱|工钿)"
    r"[^，。！？；]{0,6}(?:没|未|不发|不给|拖|欠)"
)
_DAYS = re.compile(rf"(?P<number>[\d{CHARACTERS}]{{1,5}})[多余来]?(?:天|日(?!期|[^\s，。]{{0,2}}工资))")
_SINCE = re.compile(
    rf"(?:从|自)?(?:(?P<year>20\d{{2}})年|(?P<relative>今年|去年|前年))(?:(?P<month>{_MONTH_NAME})月)?(?:份)?"
    r"(?:\d{1,2}[日号])?(?:开始|起|以来|以后)?[^，。！？；]{0,6}(?:至今|到现在|到今天|以来|起)"
    rf"|[从自](?P<month_alone>{_MONTH_NAME})月(?:份)?(?:\d{{1,2}}[日号])?(?:开始|起)?[^，。！？；]{{0,4}}(?:至今|到现在|到今天)"
)
_INSURANCE = re.compile(r"社保|保险|公积金|医保|五险|养老金?|失业金")
_WAGES = re.compile(r"工资|薪|工钱|钱|工钿|劳务|铜钿|饷|工程款|分文")
_AT_ONCE_BEFORE = re.compile(r"(?:欠|没发|未发|没给|不发|拖着|拖了|压着?了?|押着?了?|克扣)[^，。！？；]{0,8}$")
_UNPAID_WORK = re.compile(r"[，,]?[^，。！？；]{0,6}(?:一分钱?|分文|没[发给拿]|未[发付])")
_AT_ONCE_AFTER = re.compile(
    r"(?:[（(][^）)]{0,14}[)）])?[^，。！？；（(]{0,2}(?:的?(?:退休|养老|基本|绩效)?(?:工资|工钱|薪水|薪资|薪|工钿)|[^，。！？；]{0,5}(?:未[领发付结拿]|没[领发付结拿给有见]|不发|一分))"
)
_LONG_WAIT = re.compile(r"(?:有|已|都|快|将近|已经|时隔|过了?)(?:有|近)?$")
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
    totals: list[tuple[tuple[bool, bool, bool], Money]] = []
    each: list[Money] = []
    for match in _MONEY.finditer(text):
        number = read_number(re.sub(r"(?:元|块|圆|rmb)$", "", match.group()))
        if number is None or number.value < _LEAST_OWED:
            continue
        before, after = clause_before(text, match.start(), 18), clause_after(text, match.end(), 14)
        if _RATE_BEFORE.search(before) or _PAID.search(before) or _RATE_AFTER.search(after):
            continue
        at_once, is_total = bool(_OWED_AT_ONCE.search(before)), bool(_TOTAL.search(before))
        per_person = bool(_PER_PERSON.search(before))
        wide = at_once or bool(_OWED_AT_ONCE.search(sentence_before(text, match.start(), 36)))
        is_pay = is_total or per_person or bool(_PAY.search(sentence_before(text, match.start(), 24) + after[:8]))
        if not at_once and (
            _NAMED_AFTER.search(after)
            or not (_CLAIMED_TOTAL.search(before) or _is_owed(text, match.end(), is_pay, wide, before))
        ):
            continue
        money = Money(round(number.value), evidence_at(text, *match.span()))
        if per_person:
            each.append(money)
        else:
            totals.append(((wide and is_total, at_once, is_total), money))
    for match in _EACH_WITHOUT_UNIT.finditer(text):
        number = read_number(match["number"])
        if number and _OWED_AFTER.search(sentence_after(text, match.end(), 20)):
            each.append(Money(int(number.value), evidence_at(text, *match.span())))
    total = max(totals, key=lambda pair: (pair[0], pair[1].yuan))[1] if totals else None
    return total, max(each, key=lambda money: money.yuan, default=None)


def _is_owed(text: str, end: int, is_pay: bool, wide: bool, before: str) -> bool:
    """Whether words around an amount, though not just before it, say that it is owed."""
    after = sentence_after(text, end, 20)
    if _OWED_OUTRIGHT.match(after) or (is_pay and _OWED_AFTER.search(after)):
        return True
    return wide and bool(_TOTAL.search(before) or _PER_PERSON.search(before) or _PAY.search(before))


def read_months_owed(text: str, said_on: date | None) -> Span | None:
    """For how many whole months pay is owed: the longest span said beside words of arrears; None when under a month.

    Listed months (七八月, 3月到6月) are counted; `去年8月至今` needs `said_on`, the day of the message.
    """
    spans = [
        *_in_months(text),
        *_in_listed_months(text),
        *(_since(text, said_on) if said_on else ()),
    ]
    return max(spans, key=lambda span: (_directness(text, span.evidence), span.length), default=None)


def _directness(text: str, said: Evidence) -> int:
    """2 where the span stands right beside words of arrears, 0 where it only tells how long it has been."""
    before = clause_before(text, said.start, 14)
    if _LONG_WAIT.search(before) and _MONTHS.search(before):
        return 0
    return 2 if _AT_ONCE_BEFORE.search(before) or _AT_ONCE_AFTER.match(text, said.end) else 1


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
        return bool(
            re.search(r"(?:干了|做了|工作了?|上班|打工)[^，。]{0,3}$", text[max(0, start - 6) : start])
            and _UNPAID_WORK.match(text, end)
        )
    if re.search(r"^(?:的)?(?:工龄|合同|试用|产假|时间内|内|前|后|以后|之后|以内|工期)", text[end : end + 5]):
        return False
    near = sentence_before(text, start, 22) + "|" + sentence_after(text, end, 16)
    if _INSURANCE.search(near) and not _WAGES.search(near):
        return False
    return bool(_ARREARS_NEAR.search(near)) and bool(
        re.search(r"工资|薪|工钱|钱|工钿|欠|劳务|铜钿|款|饷", near + text[start:end])
    )


def _in_months(text: str) -> list[Span]:
    spans = []
    for match in _MONTHS.finditer(text):
        if match["half_month"]:
            continue
        if match["half_year"] or match["whole_year"]:
            length = 6.0 if match["half_year"] else 12.0
        else:
            number = read_number(match["number"] or match["years"])
            if number is None:
                continue
            more = read_number(match["more"]) if match["more"] else None
            length = number.value * (12 if match["years"] else 1) + (more.value if more else 0)
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
        if not _is_owed_time(text, match.start(), match.end()):
            continue
        low, high = _month(match["first"]), _month(match["last"])
        joined = match["join"]
        if not joined and match["first"].isdigit():
            continue
        if joined in ("、", "和", "与", "跟", ""):
            length = 2 if low != high else 1
        else:
            length = (high - low) % 12 + 1
        if 1 <= low <= 12 and 1 <= high <= 12:
            spans.append(Span(length, evidence_at(text, *match.span())))
    spans += [Span(1, evidence_at(text, *match.span())) for match in _ONE_MONTH.finditer(text)]
    return spans


def _month(words: str) -> int:
    number = read_number(words.replace("元", "一"))
    return int(number.value) if number else 0


def _since(text: str, said_on: date) -> list[Span]:
    spans = []
    for match in _SINCE.finditer(text):
        month = _month(match["month"] or match["month_alone"] or "")
        if match["month_alone"]:
            year = said_on.year - (month > said_on.month)
        else:
            years_ago = {"今年": 0, "去年": 1, "前年": 2}
            year = int(match["year"]) if match["year"] else said_on.year - years_ago[match["relative"]]
            month = month or (12 if match["relative"] != "今年" else said_on.month)
        length = (said_on.year - year) * 12 + said_on.month - month
        if 1 <= length <= 600 and _is_owed_time(text, match.start(), match.end()):
            spans.append(Span(length, evidence_at(text, *match.span())))
    return spans
