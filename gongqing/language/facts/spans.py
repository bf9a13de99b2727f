"""Where in the text does it say so, and does the text mean it?

Everything here looks at a bounded number of characters around a place, so reading stays linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongqing.language.traditional import simplified

_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_WIDTH = str.maketrans({**{code: chr(narrow) for code, narrow in _FULL_WIDTH.items()}, "．": ".", "丶": "、"})

HIDDEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""A character that nobody sees: put between others it would hide a word from every reader but the eye."""

_CLAUSE_ENDS = frozenset("，,。！!？?；;：:\n\r")
_SENTENCE_ENDS = frozenset("。！!？?；;\n\r")

_NEGATION = re.compile(
    r"(?:(?:没有|没|未|从不|绝不|决不|不会|不曾|并不|并非|不是|不存在|不要|别|勿|冇|不得|无)[^不没未发付给结]{0,2}"
    r"|(?:避免|防止|杜绝|严禁|禁止|预防)[^不没未]{0,6}|(?:未|没有?|并无)(?:发现|查到|查见)[^，。不没未]{0,4})$"
)
_DOUBLE_NEGATION = re.compile(
    r"(?:不得不|不能不|无不|不是不|不会不|恨不得|不仅仅?|不但|不光|不只|不止|不得已|没多久"
    r"|没办法|无奈)"
)
_HYPOTHETICAL = re.compile(
    r"(?:如果|假如|假设|假使|要是|万一|倘若|若|是否|会不会|有没有|是不是|什么是|什么叫|哪些"
    r"|如何认定|怎样才算|怎么认定|怎么算)"
)
_CITATION = re.compile(r"(?:条例|法律?规定|规定(?:的情形)?$|法》|办法》|通知》|草案|法条)")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百零\d]{1,5}条|本法规定|本条例")
_FICTION = re.compile(
    r"(?:电影|电视剧|连续剧|电视[上里]|小说|新闻[上里中]|新闻说|看新闻|报纸[上里]"
    r"|报道[说里称]|法制节目|节目[里上中]|纪录片|网上看到|看到网上|剧[里中]"
    r"|故事[里中]|游戏[里中]|视频[里中]|书[里上]|课[上堂]|案例|事故通报|警示片|警示教育|听说(?:别的|其他|隔壁|外地))"
)
_SEEN_ONLINE = re.compile(r"(?:抖音|快手|微博|头条|视频号|朋友圈)[^，。！？；\n]{0,4}(?:刷到|看[到见])|刷到|热搜上")
_OF_US = re.compile(r"我|咱|俺|工友|同事|老板|本厂|老乡|他|她|今[晚早]|昨|要|准备|打算")
_ASKED_IN_GENERAL = re.compile(
    r"法律[上是怎]|法律?条文|条例怎么|怎么规定|政策规定|写[^，。]{0,4}论文|论文[里用要]|备考|讲一课|有什么区别|出处|哪一?条|手册|请问退休"
)
_ONE_S_OWN = re.compile(
    r"我(?!写|在写|在备|想问|国|要写)|俺|咱|昨[天晚日]|今[天早晚日]|刚|现在|上周|上个?月|前天|凌晨|老公|丈夫|妻子|老婆|父亲|母亲|爸|妈|儿子|女儿|哥|弟|姐"
)
_LONG_AGO = re.compile(
    r"(?:[二两三四五六七八九十]{1,3}|[2-9]|[1-9]\d|好几|几|多)年多?[之以]?前|周年|早年"
    r"|(?:走|去世|离世|不在|牺牲|过世)了?[^，。]{0,4}(?:[二三四五六七八九十]{1,2}|[2-9]|[1-9]\d)年"
)
_YEAR = re.compile(r"(?:19|20)\d\d年")
_SINCE_THEN = re.compile(r"那时|当时|当年|如今|这些年|这几年|年年|后来|多年")
_BOOK = re.compile(r"《[^《》]{0,60}》")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words of the text that a fact rests on: `text[start:end] == words`."""

    start: int
    end: int
    words: str


def evidence_at(text: str, start: int, end: int) -> Evidence:
    """The evidence that stands between two places of the text."""
    return Evidence(start, end, text[start:end])


def narrow(text: str) -> str:
    """The same text, as long as before: digits and letters half-width, traditional characters simplified."""
    return simplified(text.translate(_WIDTH))


def book_titles(text: str) -> list[tuple[int, int]]:
    """Where the titles in 《》 stand; what a title says is no fact of the case."""
    return [match.span() for match in _BOOK.finditer(text)]


def clause_before(text: str, place: int, limit: int = 16) -> str:
    """What stands in the same clause before `place`, at most `limit` characters."""
    return _cut_before(text, place, limit, _CLAUSE_ENDS)


def sentence_before(text: str, place: int, limit: int = 40) -> str:
    """What stands in the same sentence before `place`, at most `limit` characters."""
    return _cut_before(text, place, limit, _SENTENCE_ENDS)


def clause_after(text: str, place: int, limit: int = 16) -> str:
    """What follows `place` in the same clause, at most `limit` characters."""
    return _cut_after(text, place, limit, _CLAUSE_ENDS)


def sentence_after(text: str, place: int, limit: int = 40) -> str:
    """What follows `place` in the same sentence, at most `limit` characters."""
    return _cut_after(text, place, limit, _SENTENCE_ENDS)


def _cut_before(text: str, place: int, limit: int, ends: frozenset[str]) -> str:
    start = place
    floor = max(0, place - limit)
    while start > floor and text[start - 1] not in ends:
        start -= 1
    return text[start:place]


def _cut_after(text: str, place: int, limit: int, ends: frozenset[str]) -> str:
    end = place
    roof = min(len(text), place + limit)
    while end < roof and text[end] not in ends:
        end += 1
    return text[place:end]


def is_negated(text: str, place: int) -> bool:
    """Whether a negation just before `place`, in its clause, denies what follows (没有拖欠)."""
    before = clause_before(text, place, 10)
    return bool(_NEGATION.search(before)) and not _DOUBLE_NEGATION.search(before)


def is_hypothetical(text: str, place: int) -> bool:
    """Whether the clause only supposes or asks (如果…, 是否…)."""
    return bool(_HYPOTHETICAL.search(clause_before(text, place, 24)))


def is_cited(text: str, place: int) -> bool:
    """Whether the clause recites a statute or a rule."""
    return bool(_CITATION.search(clause_before(text, place, 24)) or _ARTICLE.search(sentence_before(text, place, 48)))


def is_general_question(text: str, place: int) -> bool:
    """Whether the sentence asks how the law has it, and tells of nobody (罢工合不合法，写论文用)."""
    around = sentence_before(text, place, 40) + sentence_after(text, place, 40)
    return bool(_ASKED_IN_GENERAL.search(around)) and not _ONE_S_OWN.search(around)


def is_long_ago(text: str, start: int, end: int) -> bool:
    """Whether the sentence tells of what happened years ago (五年前…身亡)."""
    around = sentence_before(text, start, 40) + text[start:end] + sentence_after(text, end, 30)
    return bool(_LONG_AGO.search(around) or (_YEAR.search(around) and _SINCE_THEN.search(around)))


def is_fiction(text: str, place: int) -> bool:
    """Whether the words belong to a film, the news or another place's story."""
    before = sentence_before(text, place, 24)
    online = _SEEN_ONLINE.search(before)
    if online and not _OF_US.search(before[online.end() :]):
        return True
    told = _FICTION.search(before)
    return bool(told) and not re.search(r"我[们也就要想]|像|一样|跟着|学着", before[told.end() if told else 0 :])
