"""Are words of beating, gathering and petitioning meant, or do they say something else where they stand?

A linear model reads the one sentence of such a sign: what stands before and behind it in n-grams that invented texts
hold, and what kinds of words are there (who acts, who suffers, when, denied, supposed, likened). It never hears a
danger; it only says of a sign that rules found that it is surely not meant. Nothing else of the text is looked at, so
no words elsewhere can talk a sign away; threats to life, deaths, injuries and people held are never asked about.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gongqing.language.danger import digest_of
from gongqing.language.facts.signs import Flag
from gongqing.language.facts.spans import Evidence, sentence_after, sentence_before

WEIGHTS = Path(__file__).parents[1] / "weights" / "danger_meant.txt"

ASKED = frozenset({Flag.VIOLENCE, Flag.GATHERED, Flag.PREPARING})
"""Signs with enough read letters to teach; of the others none is ever doubted."""
MOST_SIGNS = 20
"""A text with more signs of one kind means them."""
_WINDOW, _NEAR, _BESIDE = 45, 12, 8
_MARKS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(words)
    for name, words in {
        "ours": "我们|大家|大伙|业主|村民|居民|住户|商户|工人|民工|职工|员工|家长|司机|群众|教师|老师们",
        "me": "我(?!们|国|市|县|区|省|校|院|村|镇|局)|本人|俺|咱",
        "kin": "父|母|爸|妈|妻|老婆|老公|丈夫|儿|女|孩|亲友|家属|老人",
        "pupil": "学生|同学|孩子|小孩|幼儿|我儿|儿子|女儿|学员",
        "official": "政府|领导|干部|镇长|书记|局长|民警|派出所|公安|警察|城管|执法|法院|工作人员",
        "firm": "物业|开发商|公司|保安|老板|中介|项目部|包工头|医院|学校",
        "thug": "社会|黑|混混|地痞|流氓|恶霸|恶势力|打手|不明身份|闲散|烂仔|团伙",
        "denied": "没有|没|不(?!法|明|断)|未|并非|避免|防止|杜绝|以免",
        "supposed": "如果|要是|否则|不然|难道|是否|万一|一旦|会不会|容易|可能|也许|怕|担心|是不是",
        "likened": "像|好比|等同|如同|似的|一样|好似|简直|般",
        "past": r"曾|当年|以前|之前|20[01]\d年|19\d\d年|多年前|年前|过去|当时|历史",
        "lately": r"昨|今天|今日|今晚|刚|现在|目前|至今|近日|最近|日前|上午|下午|晚上|\d+月\d+日",
        "often": "多次|经常|屡|动不动|动辄|每次|一直|时常",
        "soon": "将|要|准备|决定|打算|只能|只有|只好|再不|逼",
        "agreed": "约好|约定|商量|号召|串联|相约|说好|明天|后天|下周|周[一二三四五六日]|月底|不走|不让走|不散",
        "hurt": "伤|血|骨折|住院|报警|110|鉴定|流产|红肿|医药费|晕|昏",
        "armed": "棍|刀|铁|砖|凳|枪|持|拳|脚|耳光|巴掌",
        "many": r"\d+[多余]?[人户名辆]|几[十百千]|数[十百千]|多名|全体|集体|上百|数百|一群|一伙|一帮|聚众|纠集|组织",
        "where": "门口|政府|信访|门前|大厅|售楼|营销|路口|工地|广场|小区",
        "claim": "维权|讨|说法|诉求|抗议|横幅|上访|工资|欠|结清|不发|不给",
        "law": "法律|条例|规定|刑法|治安|依法|打击|扫黑|除恶|严惩|专项|整治",
        "penalty": "罚|扣|辞退|开除|调|停|断水|断电|停水|停电|起诉|费",
        "thing": "电话|字|报告|球|牌|针|扰|乱|通|破|折|车|电梯|房|水|空气|安全|健康|生命财产|环境|污染",
        "quoted": "“|”",
        "asked": r"吗|呢|？|\?",
    }.items()
}


@dataclass(frozen=True)
class _Model:
    constant: float
    least: float
    weights: dict[str, float]


def doubted(text: str, flag: Flag, signs: Sequence[Evidence]) -> bool:
    """Whether every sign of a kind is surely not meant; `text` is narrow. Never raises on any string."""
    if flag not in ASKED or len(signs) > MOST_SIGNS:
        return False
    return all(score(text, flag, sign.start, sign.end) < _opened().least for sign in signs)


def score(text: str, flag: Flag, start: int, end: int) -> float:
    """How much the words between two places sound as if they were meant."""
    model = _opened()
    known = [model.weights[name] for name in features(text, flag, start, end) if name in model.weights]
    return model.constant + sum(known) / math.sqrt(max(len(known), 1))


def features(text: str, flag: Flag, start: int, end: int) -> set[str]:
    """What the model is told of a sign: its kind, n-grams of its sentence and near it, and kinds of words around."""
    words = text[start:end]
    before, after = sentence_before(text, start, _WINDOW), sentence_after(text, end, _WINDOW)
    near_before, near_after = before[-_NEAR:], after[:_NEAR]
    found = {f"k:{flag}", *_tagged("m", words, 2), *_tagged("s", before + words + after, 3)}
    found.update(_tagged("p", near_before, 2), _tagged("q", near_after, 2))
    found.update(f"a:{near_before[-size:]}" for size in (1, 2, 3) if len(near_before) >= size)
    found.update(f"z:{near_after[:size]}" for size in (1, 2, 3) if len(near_after) >= size)
    marks = {
        f"{side}{name}"
        for side, part in (
            ("<", before),
            (">", after),
            ("<<", before[-_BESIDE:]),
            (">>", after[:_BESIDE]),
        )
        for name, pattern in _MARKS.items()
        if pattern.search(part)
    }
    return found | marks | {f"{mark}&{flag}" for mark in marks}


def gram_of(feature: str) -> str:
    """The n-gram that a feature holds; empty for one that holds none."""
    tag, colon, gram = feature.partition(":")
    return gram if colon and tag in {"m", "s", "p", "q", "a", "z"} else ""


def _tagged(tag: str, text: str, longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for place in range(len(text) - size + 1):
            yield f"{tag}:{text[place : place + size]}"


def check_meant() -> None:
    """Read the model's file.

    Raises:
        OSError, ValueError: it is missing, or is not what was written.
    """
    _opened()


@cache
def _opened(path: Path = WEIGHTS) -> _Model:
    head, _, body = path.read_text(encoding="utf-8").partition("\n")
    *numbers, digest = head.split("\t")
    if digest != digest_of(body):
        raise ValueError("digest")
    constant, least = map(float, numbers)
    rows = (row.rsplit("\t", 1) for row in body.splitlines())
    return _Model(constant, least, {name: float(pull) for name, pull in rows})
