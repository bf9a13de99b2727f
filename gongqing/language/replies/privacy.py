"""What does a reply give away about people other than its reader?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gongqing.language.facts.personal import identity_spans, phone_spans
from gongqing.language.facts.spans import Evidence, clause_before, evidence_at
from gongqing.language.replies.findings import Finding, Kind

_SURNAME = (
    "["
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范石廖贾夏韦付傅邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵钱严覃武戴莫孔汤温"
    "康施洪俞裘竺励虞柴邬"
    "]"
)
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_LISTED = re.compile(
    rf"{_SURNAME}{_GIVEN}(?:[、，]{_SURNAME}{_GIVEN}){{1,20}}等?(?:[\d一二三四五六七八九十百余多]+)?[名位个]?(?:工友|职工|员工|工人|劳动者|同事|人)"
)
_ROLE = re.compile(
    rf"(?:工友|同事|投诉人|举报人|反映人|来电人|诉求人|信访人|受伤职工|受害人|患者|家属|欠薪职工)(?:是|为|叫)?(?P<name>{_SURNAME}{_GIVEN})"
    r"(?=[，。、；（(]|反映|投诉|说|称|等|于|在|的|与|和|已|因|提|$)"
)
_CARD = re.compile(r"(?<!\d)\d{16}(?:\d{3})?(?!\d)")
_CONTACT = re.compile(r"(?:电话|热线|致电|拨打|联系|咨询|值班|窗口)[^，。；]{0,12}$")


def privacy_found(reply: str, names: Iterable[str], others: Iterable[str] = ()) -> list[Finding]:
    """Identity and bank card numbers, mobile phones that are no office's, lists of names, and names not to be named."""
    numbers: list[Evidence] = [*identity_spans(reply), *_cards(reply)]
    numbers += [each for each in phone_spans(reply) if not _CONTACT.search(clause_before(reply, each.start, limit=20))]
    found: list[Finding] = []
    if numbers:
        hint = "答复里有身份证号、银行卡号或个人手机号。职工会看到，可能被转发：删去，或只留后四位。"
        found.append(Finding(Kind.PERSONAL, hint, tuple(numbers)))
    people = [evidence_at(reply, *match.span()) for match in _LISTED.finditer(reply)]
    people += [evidence_at(reply, *match.span("name")) for match in _ROLE.finditer(reply)]
    people += [each for each in _standing(reply, others) if not any(_meet(each, other) for other in people)]
    if people:
        hint = "答复里写了别的职工的姓名。换成“几名工友”，不要点名。"
        found.append(Finding(Kind.PERSONAL, hint, tuple(people)))
    own = _standing(reply, names)
    if own:
        hint = "职工要求对单位匿名，答复里写了姓名。称“您”就可以。"
        found.append(Finding(Kind.PERSONAL, hint, tuple(own)))
    return found


def _standing(reply: str, names: Iterable[str]) -> list[Evidence]:
    """Where each of these names stands first; one of a single character is no name."""
    return [
        evidence_at(reply, place, place + len(name))
        for name in dict.fromkeys(names)
        if len(name) >= 2 and (place := reply.find(name)) >= 0
    ]


def _meet(one: Evidence, other: Evidence) -> bool:
    return one.start < other.end and other.start < one.end


def _cards(reply: str) -> list[Evidence]:
    known = {each.start for each in identity_spans(reply)}
    return [evidence_at(reply, *match.span()) for match in _CARD.finditer(reply) if match.start() not in known]
