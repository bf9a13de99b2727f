"""How sure is a reading: is the number or the name that was read likely what the text claims?

A reading serves two purposes. Grading wants not to miss a group and takes a lower bound; a page that shows "20 workers"
must not be wrong every other time. Here what stands around a reading is weighed, by weights fitted on texts that people
had read, and only a reading that is sure enough is shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from gongqing.language.facts.numerals import CHARACTERS
from gongqing.language.facts.spans import Evidence, clause_after, clause_before, sentence_after, sentence_before

_ROUND = re.compile(
    rf"^(?:好?几|数[十百千]|[{CHARACTERS}]?[二三四五六七八九]十?[三四五六七八九]个)|^[一二两三四五六七八九]?十?几[十百千]"
)
_PEOPLE = re.compile(rf"[\d{CHARACTERS}]+[多余来几]?(?:名|位|个人|人(?!民))")
_OURS = re.compile(r"我们|我等|咱们|我[县区市]|代表|我和")
_LISTED = re.compile(r"(?:等|共计?|一共|总共|现?有|达|多达|涉及|拖?欠了?|侵[犯害]|将近|近|聘用的?|代表.{0,3})$")
_CLAIM = re.compile(r"工资|工钱|社保|保险|没|未|被|合同|待遇|拖欠|辞退|解除|下岗|编制|解决|退休|权益")
_OTHERS = re.compile(r"领导|人员不|监考|医护|考生|录用|指标|职位|管理人员|干部职工|死亡|感染|派出|通过|名额")
_FORMER = re.compile(r"一起|和我|带|当年|之前|同事|原来|以前")

_OWED = re.compile(r"欠|克扣|未付|未结|未发|未给|没付|没结|没给|没发|扣押|讨")
_OWED_LATER = re.compile(r"没|未|不[给付发]|至今|拖|扣押|一直")
_PAY = re.compile(r"工资|工钱|薪|工程款|劳务费|材料款|血汗钱|费用?|款")
_TOTAL = re.compile(r"共计?|总计|合计|总共|达|累计")
_OTHER_MONEY = re.compile(r"补贴|奖|补助|标准|补偿|考核|绩效|管理费|电价|增加|全额买|收入|里程|罚")

_ARREARS = re.compile(r"拖?欠|没发|未发|没给|不发|扣压|扣押|拖|压")
_WAGES_AT_ONCE = re.compile(r"^[^，。！？；]{0,4}(?:工资|工钱|薪|没发|未发|没有发|未领|没领|一分)")
_INSURANCE = re.compile(r"社保|公积金|养老|保险|医保|工程款|工款|工程")
_AT_WORK = re.compile(r"(?:干了?|做了?|工作了?|做事|劳动|完工|上班|这|有|已经?|以经|约我?以经)$")
_PAST = re.compile(r"^(?:哪|来|加|了，|时间|前|后)|发放了|增补|多了从")

_PLACE = re.compile(r"^原?(?:西地省|[A-Z]\d{0,2}[市县区州镇]|[一-鿿]{2,3}[省市县区])")
_LIMITED = re.compile(r"有限(?:责任)?公司$")
_FIRM = re.compile(r"(?:公司|集团|厂|矿|项目部|合作社|支行|酒店|超市|车队|煤矿)$")
_SCHOOL = re.compile(r"(?:医院|卫生院|学校|学院|大学|中学|小学|银行|中心)$")
_OFFICE = re.compile(r"(?:局|政府|委员会|办公室|检察院|法院|大队|支队|办事处|所|站|处)$")
_WORK_AFTER = re.compile(
    r"^的?[^，。！？；\n]{0,4}(?:职工|员工|工人|教师|老师|医生|护士|司机|临时工|退休|下岗|上班|工作|拖欠|克扣|欠|不发|强制|违法|违反"
    r"|违规|侵犯|辞退|解雇|开除|不给|不买|不交|不签)"
)
_WORK_BEFORE = re.compile(r"(?:我们?是|本人是|在|就职于|进入|投诉|举报|反映|关于|拖欠|原|应聘到?|受聘于)$")
_EDGE = re.compile(r"[\s，。！？；：、“（(,.:;!?]$|^$")
_ODD = re.compile(r"请|问|何|么|您|您好|希望|领导|解决|严重|关于|人民政府|这|那|的|了|违|自己|各|有关|部门")

Around = Callable[[str, float, Evidence], Mapping[str, bool]]


def around_workers(text: str, value: float, said: Evidence) -> dict[str, bool]:
    """What stands around a number of people."""
    before, after = clause_before(text, said.start, 14), clause_after(text, said.end, 22)
    return {
        "round": bool(_ROUND.match(said.words)),
        "one or two": value <= 2,
        "few": 2 < value <= 4,
        "ours": bool(_OURS.search(before) or _OURS.match(said.words)),
        "listed": bool(_LISTED.search(before)),
        "claim after": bool(_CLAIM.search(after)),
        "in the first line": "\n" in text and said.end <= text.index("\n"),
        "of others": bool(_OTHERS.search(before + said.words + after[:8])),
        "of another time": bool(_FORMER.search(before)),
        "many counts": len(_PEOPLE.findall(text)) > 3,
    }


def around_amount(text: str, value: float, said: Evidence) -> dict[str, bool]:
    """What stands around a sum of money."""
    before, after = clause_before(text, said.start, 18), sentence_after(text, said.end, 16)
    return {
        "round": bool(_ROUND.match(said.words)),
        "small": value < 1000,
        "owed": bool(_OWED.search(before)),
        "owed later": bool(_OWED_LATER.search(after)),
        "pay before": bool(_PAY.search(before)),
        "pay after": bool(_PAY.search(after[:6])),
        "total": bool(_TOTAL.search(before)),
        "other money": bool(_OTHER_MONEY.search(before + after[:8])),
        "in the first line": "\n" in text and said.end <= text.index("\n"),
    }


def around_months(text: str, value: float, said: Evidence) -> dict[str, bool]:
    """What stands around a time for which pay is owed."""
    before, after = clause_before(text, said.start, 16), clause_after(text, said.end, 14)
    return {
        "in years": "年" in said.words,
        "month's name": "份" in said.words or bool(re.search(r"\d月|[到至-]", said.words)),
        "round": bool(_ROUND.match(said.words)),
        "arrears before": bool(_ARREARS.search(before)),
        "arrears after": bool(_ARREARS.search(after)),
        "wages at once": bool(_WAGES_AT_ONCE.search(after)),
        "wages before": bool(re.search(r"工资|薪|工钱", before)),
        "insurance": bool(_INSURANCE.search(sentence_before(text, said.start, 20) + after)),
        "at work": bool(_AT_WORK.search(before)),
        "past": bool(_PAST.search(before[-8:] + after)),
        "in the first line": "\n" in text and said.end <= text.index("\n"),
    }


def around_employer(text: str, value: float, said: Evidence) -> dict[str, bool]:
    """What stands around an employer's name, and how it is made; `value` is its length."""
    before, name = text[max(0, said.start - 8) : said.start], said.words
    return {
        "with its place": bool(_PLACE.match(name)),
        "limited company": bool(_LIMITED.search(name)),
        "firm": bool(_FIRM.search(name)),
        "school": bool(_SCHOOL.search(name)),
        "office": bool(_OFFICE.search(name)),
        "work after": bool(_WORK_AFTER.match(text[said.end : said.end + 12])),
        "work before": bool(_WORK_BEFORE.search(before)),
        "begins at an edge": bool(_EDGE.search(before)),
        "in the first line": "\n" in text and said.end <= text.index("\n"),
        "in the opening": said.start < 60,
        "said again": text.count(name) > 1,
        "short": value < 5,
        "long": value > 14,
        "odd words": bool(_ODD.search(name)),
    }


AROUND: Mapping[str, Around] = MappingProxyType(
    {
        "workers": around_workers,
        "amount": around_amount,
        "months_owed": around_months,
        "employer": around_employer,
    }
)
WEIGHTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "workers": {
            "base": 0.33,
            "round": -2.04,
            "one or two": -1.41,
            "few": -1.13,
            "ours": 0.94,
            "listed": 0.63,
            "claim after": -0.08,
            "in the first line": 1.0,
            "of others": -0.86,
            "of another time": -1.13,
            "many counts": 0.07,
        },
        "amount": {
            "base": -0.11,
            "round": -0.12,
            "small": -0.93,
            "owed": 0.08,
            "owed later": 0.62,
            "pay before": 0.16,
            "pay after": 0.13,
            "total": 0.25,
            "other money": -1.46,
            "in the first line": -0.42,
        },
        "months_owed": {
            "base": -0.06,
            "in years": -0.51,
            "month's name": -0.25,
            "round": -0.13,
            "arrears before": 0.63,
            "arrears after": 0.38,
            "wages at once": 0.21,
            "wages before": 0.78,
            "insurance": -1.29,
            "at work": -0.76,
            "past": -1.15,
            "in the first line": 0.61,
        },
        "employer": {
            "base": -1.46,
            "with its place": 0.63,
            "limited company": 1.18,
            "firm": -0.34,
            "school": -0.9,
            "office": 0.18,
            "work after": 0.07,
            "work before": 0.73,
            "begins at an edge": 0.65,
            "in the first line": -0.14,
            "in the opening": 1.08,
            "said again": 1.03,
            "short": -0.36,
            "long": -1.13,
            "odd words": -0.2,
        },
    }
)
"""Log-odds of being right, by field: a share for every sign and one for none (`base`)."""
LEAST: Mapping[str, float] = MappingProxyType({"workers": 0.6, "amount": 0.49, "months_owed": 0.6, "employer": 0.5})


READ = tuple(AROUND)
"""The fields that have a sureness."""


def sureness(field: str, text: str, value: float, said: Evidence) -> float:
    """The chance, 0–1, that what was read for a field is what the text claims."""
    weights = WEIGHTS[field]
    score = weights["base"] + sum(weights[sign] for sign, there in AROUND[field](text, value, said).items() if there)
    return 1 / (1 + math.exp(-score))


def is_sure(field: str, text: str, value: float, said: Evidence) -> bool:
    """Whether a reading is good enough to be shown as what the text says."""
    return sureness(field, text, value, said) >= LEAST[field]
