"""What does an appeal ask, point by point?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MOST_POINTS = 6
SHORT = 24
_LONGEST = 80
_SHORTEST = 4

_SENTENCE = re.compile(r"[^。！!？?；;\n\r]+[。！!？?；;]?")
_NUMBER = re.compile(r"^[（(]?(?:[一二三四五六七八九十]{1,2}|\d{1,2}|[①-⑨])[)）、.．:：]\s*(?!\d)")
_INLINE_NUMBER = re.compile(
    r"(?<=[，,：:])\s*(?=(?:\d{1,2}[、.．)）](?!\d)|[①-⑨]|[（(][一二三四五六1-6][)）]|[一二三四五六]是))"
)
_LEAD = re.compile(
    r"^(?:请问(?:一下)?|您好|你好|谢谢|另外|还有|最后|同时|那么|所以|因此|但是?|而且|以及|我(?:们)?(?:就)?想(?:请)?问(?:一?下)?|想问(?:一?下)?|(?:我)?想?咨询(?:一?下)?"
    r"|麻烦问(?:一?下)?)[，,：: ]*"
)
_QUESTION = re.compile(
    r"[?？]|(?:吗|么|呢)[。!！]?$|怎么|怎样|如何|为什么|为何|凭什么|何时|几时|什么时候|多久|多长时间|哪天|多少|几(?:天|元|块|个|次|倍|岁|年)|哪里|哪儿|哪个|哪些|什么(?:政策|条件|手续|材料"
    r"|标准|流程|程序|原因|时间|部门)|是否|能否|可否|能不能|可不可以|有没有|是不是|会不会|要不要|该找谁|找谁|合不合|算不算|合法|请问"
)
_REQUEST = re.compile(
    r"(?:请求|恳请|恳求|希望|要求|建议|呼吁|盼望?|请(?!问|假|客|示|教)|帮(?:帮)?(?:我|我们|忙)|求助|诉求是|申请|能给|给(?:我|我们)?(?:个|一个)(?:说法|交代|答复)|讨(?:回|要)|要回|追回|退还"
    r"|补(?:发|缴|办|偿)|解决一下|管一?管|处理一?下)"
)
_RHETORIC = re.compile(
    r"天理|良心|王法|脸面|何在|不管吗|还有没有(?:人|法|天)|公道|难道|算什么|知道吗|对吗|对不对|何乐而不为|未必|岂|怎么活|谁能|何必"
    r"|不(?:是|就是|都是?|应该|应|觉得)[^，,]{0,24}吗|(?:你|您)(?:们)?(?:理解|知道|想过|觉得|说)[^，,]{0,16}吗|一句话没有"
)
_TOLD = re.compile(r"多次|屡次|曾|未果|无果|都没|也没|均无|被|要求我|要求(?:每|所有|家长|学生|工人|员工)|不符合|建议我")
_EMPTY_REQUEST = re.compile(
    r"^(?:希望|恳请|请求?|望|盼|谢谢|请)?[^，,]{0,10}(?:领导|部门|政府|工会|书记|市长|您|你们|平台)?[^，,]{0,8}(?:重视|关注|回复|答复|百忙|明察|明查|做主|作主|主持公道|尽快处理|解决|帮助|帮忙|处理|谢谢|感谢|感激不尽)"
    r"[^，,]{0,6}$"
)


class Asks(StrEnum):
    """What kind of word would answer a point."""

    WHEN = "when"
    HOW_MUCH = "how_much"
    WHERE = "where"
    WHY = "why"
    WHETHER = "whether"
    HOW = "how"
    DONE = "done"


_KINDS = (
    (Asks.WHEN, re.compile(r"何时|几时|(?:什么|啥)时(?:候|间)|多久|多长时间|哪天|几号|时间表|具体时间")),
    (Asks.HOW_MUCH, re.compile(r"(?<!没任何)多少|几(?:元|块|天|年|倍|个月)|标准(?:是|为)?(?:什么|多少)|多大|多高")),
    (Asks.WHERE, re.compile(r"哪里|哪儿|哪个(?:部门|单位|地方|窗口)|找谁|去哪|在哪|电话")),
    (Asks.WHY, re.compile(r"为什么|为何|凭什么|什么原因|怎么(?:会|没|还|不|就|这么)")),
    (
        Asks.WHETHER,
        re.compile(r"是否|能否|可否|能不能|可不可以|有没有|是不是|会不会|要不要|合不合|算不算|合法|吗|可以"),
    ),
    (Asks.HOW, re.compile(r"怎么|怎样|如何|什么(?:手续|材料|条件|流程|程序)|哪些|流程|手续")),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that an appeal asks.

    Attributes:
        text: in the appeal's words, without the number before it.
        asks: what kind of word would answer it.
        is_question: asked as a question rather than wished for.
    """

    text: str
    asks: Asks
    is_question: bool

    @property
    def short(self) -> str:
        """The point as a hint names it."""
        return self.text if len(self.text) <= SHORT else self.text[:SHORT] + "…"


def points_of(appeal: str, title: str = "") -> tuple[Point, ...]:
    """The points of an appeal, at most six: its questions, then its wishes, without repeats; without any, its title.

    A question that wants no answer (天理何在？) and a wish for attention alone (望领导重视) are none.
    """
    questions: list[Point] = []
    wishes: list[Point] = []
    for sentence in _sentences(appeal):
        text = _trimmed(sentence)
        if len(text) < _SHORTEST:
            continue
        if _QUESTION.search(text) and not _RHETORIC.search(text):
            questions.append(Point(_asking_part(text), kind_of(text), True))
        elif _REQUEST.search(text) and not _EMPTY_REQUEST.search(text) and not _TOLD.search(_wishing_part(text)):
            wishes.append(Point(_wishing_part(text), Asks.DONE, False))
    found = _apart([*questions, *wishes])
    if not found and len(bare := _trimmed(title)) >= _SHORTEST:
        found = [Point(bare, kind_of(bare) if _QUESTION.search(bare) else Asks.DONE, bool(_QUESTION.search(bare)))]
    return tuple(found[:MOST_POINTS])


def kind_of(question: str) -> Asks:
    """What kind of word would answer a question."""
    return next((kind for kind, pattern in _KINDS if pattern.search(question)), Asks.DONE)


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    for match in _SENTENCE.finditer(text):
        found += _INLINE_NUMBER.split(match.group())
    return found


def _trimmed(sentence: str) -> str:
    text = _NUMBER.sub("", sentence.strip(" \t　，,。！!？?；;：:、“”\"'"))
    before = ""
    while before != text:
        before, text = text, _LEAD.sub("", text)
    return text.strip(" ，,。！!？?；;：:、")


def _asking_part(text: str) -> str:
    """The clause that asks, with the one before it when it is short; a long story before it is left out."""
    if len(text) <= 36:
        return text
    clauses = [each for each in re.split(r"[，,：:]", text) if each]
    place = next((n for n, each in enumerate(clauses) if _QUESTION.search(each)), len(clauses) - 1)
    part = clauses[place]
    if len(part) < 14 and place:
        part = f"{clauses[place - 1]}，{part}"
    return part[:_LONGEST]


def _wishing_part(text: str) -> str:
    if len(text) <= 36:
        return text
    clauses = [each for each in re.split(r"[，,：:]", text) if each]
    place = next((n for n, each in enumerate(clauses) if _REQUEST.search(each)), 0)
    return "，".join(clauses[place : place + 2])[:_LONGEST]


def _apart(points: list[Point]) -> list[Point]:
    kept: list[tuple[Point, set[str]]] = []
    for point in points:
        pairs = {point.text[n : n + 2] for n in range(len(point.text) - 1)}
        if all(len(pairs & known) < 0.6 * min(len(pairs), len(known)) for _, known in kept):
            kept.append((point, pairs))
    return [point for point, _ in kept]
