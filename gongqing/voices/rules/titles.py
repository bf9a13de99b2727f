"""What is a shared need called until a person names it? `鄞州区夜班公交加开班次等诉求`: where, what, what is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

LONGEST = 60
TOGETHER = 0.25
"""Two words that stand side by side in at least so many of the texts are said as one."""
ASKED = 0.34
"""What at least so many of the texts ask for is what is asked."""
_NO_THING = frozenset(
    (
        "园区",
        "厂里",
        "厂门口",
        "附近",
        "这里",
        "那里",
        "上班",
        "下班",
        "晚上",
        "时候",
        "现在",
        "问题",
        "办法",
        "能不能",
        "没有",
        "希望",
        "建议",
        "可以",
        "觉得",
        "一直",
        "已经",
    )
)
_ENDINGS = "班线车站费证卡课所点桩室房区"


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked for.

    Attributes:
        done: what should be done: 增设.
        said: how people say it.
        thing: what it is done to, unless the subject is such a thing itself: 停车设施增设, 充电桩增设.
        endings: signs at the end of a subject that is.
    """

    done: str
    said: re.Pattern[str]
    thing: str = ""
    endings: str = ""

    def of(self, subject: str) -> str:
        """The subject with what should be done, without saying a word twice."""
        if subject.endswith(self.done[-2:]):
            return subject + self.done[:-2]
        is_thing = bool(subject) and (subject.endswith(self.thing) or subject[-1] in self.endings)
        return subject + ("" if is_thing else self.thing) + self.done


# the first of equally many
_ASKS: Sequence[_Ask] = tuple(
    _Ask(done, re.compile(said), thing, endings)
    for done, thing, endings, said in (
        (
            *("加开班次", "", ""),
            r"(加开|增开|多开|加一班|开一班|开通|延长|有一?班|开.{0,3}夜班).{0,12}(公交|班车|班线|线路|地铁)|没(有)?公交",
        ),
        ("开办", "", "", r"(办|开设|开办|设立?).{0,6}(托管|暑托|寒托|食堂|澡堂|浴室|母婴室|班)"),
        ("举办", "活动", "会赛", r"(举办|组织|多办|办).{0,10}(活动|联谊|相亲|比赛)"),
        ("开班", "培训", "课校", r"(办|开|组织|参加).{0,8}(培训|考证|技能班|夜校|课程)"),
        (
            *("增设", "设施", "桩灯亭椅位调室点柜机箱棚所"),
            r"(安装|增设|加装|增加|装|新建|设).{0,8}(桩|灯|亭|座椅|空调|饮水|厕所|停车|车位|充电|设施|设备)",
        ),
        ("维修", "", "", r"修好|维修|修复|修一修|没人修|坏了"),
        ("降价", "", "", r"太贵|降价|便宜|价格.{0,4}(高|贵)|贵得|贵了"),
        ("改善", "质量", "", r"难吃|质量差|改善|不卫生|不新鲜"),
        (
            "足额发放",
            "薪酬",
            "资贴金费酬奖补薪款",
            r"(没|未|不|拖).{0,6}(发|给|付).{0,6}(工资|补贴|津贴|奖金|加班费)|拖欠|足额发放",
        ),
        ("依法缴纳", "社保", "险金保", r"(没|未|不|少).{0,4}(缴|交).{0,6}(社保|保险|公积金)"),
        ("落实", "休假", "假息", r"(不让|没有|不给|不能).{0,6}(休息|休假|放假|年假)"),
        ("咨询", "政策", "", r"(咨询|请问|想问|问问|怎么|如何).{0,16}(办理|申请|报销|政策|条件|手续|标准)"),
        ("监督检查", "", "", r"检查|查处|整治|监管"),
    )
)


def title_of(
    place: str, category: str, words: Sequence[str], texts: Sequence[str] = (), *, kept_out: Iterable[str] = ()
) -> str:
    """What it is called until a person gives it a name; no person and no employer is named.

    Args:
        words: what is typically said, without names.
        texts: what was said.
        kept_out: names of people and of employers; a word that stands in one of them is not used.
    """
    names = tuple(kept_out)
    usable = [word for word in words if word not in _NO_THING and not any(word in name for name in names)]
    subject = _said_as_one(usable, texts) or "".join(usable[:1])
    if subject == category or any(name and name in subject for name in names):
        subject = ""
    ask = _asked(texts)
    told = ask.of(subject) if ask else subject
    if subject and ask:
        return f"{place}{told}等诉求"[:LONGEST]
    return f"{place}{told}{'等' if told else ''}{category}诉求"[:LONGEST]


def _said_as_one(words: Sequence[str], texts: Sequence[str]) -> str:
    """Two of the words that are mostly said side by side, with the sign that ends them: 夜班公交, 暑期托管班."""
    parts = [*words, *(word[:-1] for word in words if len(word) == 3)]  # 公交 of 公交车
    pairs = {first + second: sum(first + second in text for text in texts) for first, second in permutations(parts, 2)}
    best, held = max(pairs.items(), key=lambda pair: pair[1], default=("", 0))
    if not best or held < max(2, TOGETHER * len(texts)):
        return ""
    after = Counter(found.group(1) for text in texts for found in re.finditer(re.escape(best) + "(.)", text))
    ending, times = next(iter(after.most_common(1)), ("", 0))
    return best + (ending if ending in _ENDINGS and times * 2 >= held else "")


def _asked(texts: Sequence[str]) -> _Ask | None:
    """What most of them ask for; None where no third of them asks for the same."""
    counts = [(sum(bool(ask.said.search(text)) for text in texts), ask) for ask in _ASKS]
    most, asked = max(counts, key=lambda pair: pair[0])
    return asked if most >= max(2, ASKED * len(texts)) else None
