"""How does a text read when it may leave the appeal that it belongs to: as training material, or to a second reader?

Rather one harmless word too many than one person: phones, identity numbers, cards, plates, accounts, e-mail and house
numbers go, and so do the names that are known and those that a tagger finds. Employers become 某单位. What the matter
is about, how much and how many, stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from gongqing.language.facts.employers import read_employer
from gongqing.language.facts.personal import identity_spans, phone_spans
from gongqing.language.facts.spans import narrow
from gongqing.language.names import SURNAMES, names_in

NAME, EMPLOYER, NUMBER, ADDRESS = "某某", "某单位", "［号码］", "［住址］"
SHORTEST = 2
_EMPLOYERS_AT_MOST = 8

_HOUSE = r"(?:\s?\d{1,5}\s?(?:号楼|号|幢|栋|弄|单元|楼|层|室|房|户)){0,4}(?:\d{3,4}(?![\d元块万天日月年人个多]))?"
_PROVIDER = r"(?:qq|163|126|sina|sohu|gmail|outlook|hotmail|foxmail|139|189|aliyun)"
_SPELT = "[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
"""A digit spelt out: eleven in a row are no sum of money and no year."""
_PATTERNS = (
    (re.compile(r"[\w.+-]{1,64}\s?[@＠]\s?[\w-]{1,64}(?:\s?\.\s?[\w-]{1,20}){1,4}", re.ASCII), NUMBER),
    (
        re.compile(
            rf"[\w.+-]{{1,64}}\s?(?:#|艾特|\(at\)|\[at\])\s?{_PROVIDER}(?:\.|点)(?:com|cn|net)",
            re.ASCII | re.IGNORECASE,
        ),
        NUMBER,
    ),
    (re.compile(r"https?://\S{1,500}", re.IGNORECASE), NUMBER),
    (
        re.compile(
            r"(?:[微薇威]信号?|加我?微|QQ号?|扣扣号?|[抖快][音手]号?|小红书号?|支付宝|账号|帐号|卡号|信用代码"
            r"|(?<![A-Za-z])(?:wechat|weixin|vx|wx|v信?))(?:同号)?[是为:：\s]{0,3}[A-Za-z0-9_-]{5,30}",
            re.IGNORECASE,
        ),
        NUMBER,
    ),
    (re.compile(rf"{_SPELT}{{11}}(?!{_SPELT})|{_SPELT}{{15}}|{_SPELT}{{18}}"), NUMBER),
    (re.compile(r"(?<![A-Za-z0-9])1[3-9]\d(?:[ -]?[\doO]){8}(?![A-Za-z0-9])"), NUMBER),
    (
        re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][·\s-]?[A-Z0-9]{5,6}"),
        NUMBER,
    ),
    (
        re.compile(
            rf"(?:(?![市区县镇乡道])[\u4e00-\u9fff]){{2,6}}(?:路|街|巷|弄|大道|村|社区)\s?\d{{1,5}}\s?号?{_HOUSE}"
        ),
        ADDRESS,
    ),
    (re.compile(rf"(?<![月\d])\d{{1,5}}\s?(?:号楼|幢|栋|弄|单元){_HOUSE}"), ADDRESS),
    (re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"), NUMBER),
    (re.compile(r"(?<![\d.])(?!20\d\d-\d{1,2}-\d{1,2}(?!\d))\d(?:[ -]?\d){6,}(?![\d.]|\s?[元块万])"), NUMBER),
)


_CALLED = re.compile(
    r"(?:我叫|名叫|姓名[是:：]?|联系人[是:：]?|老板|经理|主任|厂长|队长|班长|班组长|包工头|工头|师傅|主管|组长|书记|会计)"
    rf"(?P<name>[{SURNAMES}](?:(?![不没未欠说是的了就要让把给骂跑打叫也都还在和跟向对又很总一])[\u4e00-\u9fff]){{1,2}})"
)


def masked(text: str, *, names: Collection[str] = (), employers: Collection[str] = ()) -> str:
    """The text without anybody in it; never raises on any string, and gives the same text again when masked twice.

    Args:
        names: of people who are known to be in it.
        employers: of employers who are known to be in it; those that the text names are found.
    """
    spans = [*phone_spans(text), *identity_spans(text)]
    found = _replaced(text, [(span.start, span.end) for span in spans], NUMBER)
    plain = narrow(found)
    for pattern, word in _PATTERNS:
        found = _replaced(found, [match.span() for match in pattern.finditer(plain)], word)
        plain = narrow(found)
    found = _without(found, employers, EMPLOYER)
    for _ in range(_EMPLOYERS_AT_MOST):
        employer = read_employer(found)
        if employer is None or EMPLOYER in employer.words:
            break
        found = found.replace(employer.words, EMPLOYER)
    called = {match["name"] for match in _CALLED.finditer(found)} - {NAME}
    return _without(found, {*names, *names_in([found]), *called}, NAME)


def _replaced(text: str, spans: list[tuple[int, int]], word: str) -> str:
    pieces: list[str] = []
    place = 0
    for start, end in sorted(spans):
        if start >= place:
            pieces += [text[place:start], word]
            place = end
    return "".join([*pieces, text[place:]])


def _without(text: str, words: Collection[str], instead: str) -> str:
    for each in sorted({one.strip() for one in words}, key=lambda one: (-len(one), one)):
        if len(each) >= SHORTEST and each not in instead:
            text = text.replace(each, instead)
    return text
