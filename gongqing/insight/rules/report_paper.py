"""Of what parts is a weekly report made, whether it becomes a page or a Word file?

What the system says comes from the snapshot alone and is `computed`; what people wrote is told apart everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

NEAR_AXIS = 0.12  # of the greatest value: no number fits between such a point and the axis
NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


class Hand(StrEnum):
    """Who wrote a paragraph."""

    COMPUTED = "computed"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph; `lead` opens it in bold type."""

    words: str
    hand: Hand = Hand.COMPUTED
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts.

    Attributes:
        widths: shares of the width, a column each.
        left: the columns (from 0) whose text stands left; all others are centred.
        note: stands below it.
        drills: (line, column) → the address of the cases behind the number there, for the page.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    left: frozenset[int] = frozenset({0})
    note: str = ""
    drills: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chart:
    """A line of weeks or bars of groups, with its unit; every series has a value for each of the categories."""

    title: str
    kind: str
    categories: Sequence[str]
    series: Sequence[tuple[str, Sequence[int]]]
    unit: str = "件"

    def is_lower(self, number: int, at: int) -> bool:
        """Whether the number of this line stands below its point: another is higher there, and the axis leaves room."""
        value = self.series[number][1][at]
        most = max(other for _, values in self.series for other in values)
        return value > most * NEAR_AXIS and any(value < values[at] for _, values in self.series)

    @property
    def words(self) -> str:
        """The chart in words, for those who do not see it."""
        parts = [
            f"{name}："
            + "、".join(f"{at}{value}{self.unit}" for at, value in zip(self.categories, values, strict=True))
            for name, values in self.series
        ]
        return f"{self.title}。{'；'.join(parts)}。"


Block = Text | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """One numbered part; `key` is also under what people's words for it are kept."""

    key: str
    title: str
    blocks: Sequence[Block]

    @property
    def computed(self) -> list[Block]:
        """What the system says in it."""
        return [block for block in self.blocks if not (isinstance(block, Text) and block.hand is Hand.PERSON)]

    @property
    def figures_words(self) -> str:
        """The sentences of the system in it, one after the other."""
        return "".join(block.words for block in self.computed if isinstance(block, Text))


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above and below the text.

    Attributes:
        number: `2026年第12期`, `2026年更正第12期`; of a draft with a blank in it.
        period: the week in words.
        dated: the day of issue in words; empty of a draft.
        signer: who signed; empty before.
        snapshot, digest: of the figures.
        correction: what is corrected and why; empty of a first issue.
        is_draft: whether it has not been issued.
    """

    name: str
    number: str
    title: str
    period: str
    union: str
    dated: str
    signer: str
    addressees: str
    copies: str
    scope: str
    snapshot: str
    digest: str
    correction: str = ""
    is_draft: bool = True


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole report."""

    head: Head
    sections: Sequence[Section]
    annexes: Sequence[Section] = field(default_factory=list)


# key → title, in the order of the report
SECTIONS: Mapping[str, str] = {
    "overview": "总体情况",
    "sources": "渠道与类别",
    "places": "地区与片区",
    "serious": "预警与重大事项",
    "limits": "限时与督办",
    "judgements": "评价与回访",
    "disputes": "劳动争议专项",
    "needs": "共性需求与资源",
    "services": "组织与服务动态",
    "outlook": "研判与建议",
}
# key → what people are asked for
ASKED: Mapping[str, str] = {
    "overview": "本周按语：领导关心的变化、背景，一两句话",
    "sources": "渠道和类别的说明：为什么涨、为什么降",
    "places": "对地区和片区的点评",
    "serious": "重大事项：做了什么、结果怎样、还要谁做什么",
    "limits": "督办情况：谁被督办、怎么答复的",
    "judgements": "典型表扬、不满意件的整改",
    "disputes": "劳动争议：典型案例、一函两书、法律援助",
    "needs": "建议推广的做法、提请人大代表和政协委员的事项",
    "services": "建会入会、走访、活动等情况",
    "outlook": "研判意见，以及下周重点和责任单位",
}


def numbered(sections: Sequence[Section]) -> list[tuple[str, Section]]:
    """Each section with its numeral."""
    return list(zip(NUMERALS, sections, strict=False))
