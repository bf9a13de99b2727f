"""Which rates does the platform know, and what stands over and under each line?

A rate is never shown without its numerator, denominator, period and population. All of them count the appeals that
were taken in (归集) in the period, as they stand now; needs (需求) are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

LOCAL_LEVELS = ("grassroots", "zone", "town")


class Basis(StrEnum):
    """By which day a case falls into a period."""

    RECEIVED = "received"
    RESOLVED = "resolved"
    NOW = "now"


BASIS_WORDS: Mapping[str, str] = {
    Basis.RECEIVED: "期间内收到",
    Basis.RESOLVED: "期间内办结",
    Basis.NOW: "目前在办",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A part and the whole it is taken of.

    Raises:
        ValueError: a part larger than its whole, or below zero.
    """

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"{self.numerator} is no part of {self.denominator}")

    @property
    def share(self) -> float | None:
        """0 to 1; None when there is nothing to divide."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def hundredths(self) -> Decimal | None:
        """The share in per cent with two decimals, rounded half up; None when there is nothing to divide."""
        if not self.denominator:
            return None
        exact = Decimal(self.numerator) * 100 / Decimal(self.denominator)
        return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator (指标): a count, a sum or a rate.

    Attributes:
        key: its name in addresses and in the API.
        name: as the trade says.
        definition: in one Chinese sentence, shown on the page.
        unit: 件, %, 元, 人次.
        numerator: the measure that is counted, or divided; its cases are what the figure leads to.
        denominator: the measure by which is divided; None of a count or a sum.
        numerator_words, denominator_words: what they are called beside the figure.
        population: of what it is counted, in words.
        basis: by which day a case falls into the period.
        kind: appeals or needs.
        application: which one brings it; while that is missing the figure is 未接入, never 0. Empty: it is here.
    """

    key: str
    name: str
    definition: str
    unit: str
    numerator: str
    denominator: str | None = None
    numerator_words: str = ""
    denominator_words: str = ""
    population: str = "归集的诉求"
    basis: Basis = Basis.RECEIVED
    kind: str = "appeal"
    application: str = ""

    @property
    def is_rate(self) -> bool:
        """Whether something is divided."""
        return self.denominator is not None

    @property
    def drill(self) -> str:
        """The measure whose cases stand behind the figure; empty where it counts no cases."""
        return "" if self.application or self.numerator not in MEASURES else self.numerator

    def of(self, counts: Mapping[str, int]) -> Figure:
        """The rate of these counts; a measure that is missing counts nothing."""
        return Figure(counts.get(self.numerator, 0), counts.get(self.denominator or "", 0))


# measure → what its column is called
MEASURES: Mapping[str, str] = {
    "received": "归集",
    "handled": "已处置",
    "answered": "办结",
    "open": "在办",
    "ended": "未办而止",
    "overdue": "逾期",
    "timed": "有办结时限的办结件",
    "on_time": "按时办结",
    "local": "就地解决",
    "told": "已答复",
    "judged": "已评价",
    "content": "满意和基本满意",
    "satisfied": "满意",
    "basically": "基本满意",
    "dissatisfied": "不满意",
    "reopened": "退回重办",
    "labour": "涉劳动关系",
    "urgent": "在办橙红件",
    "paused": "暂停",
}

HANDLED = Indicator(
    *("handled_rate", "处置率", "已由单位签收办理的件，占归集件。", "%", "handled", "received", "已处置", "归集")
)
ANSWERED = Indicator(
    *("answered_rate", "办结率", "已答复职工并办结的件，占归集件。", "%", "answered", "received", "办结", "归集")
)
ON_TIME = Indicator(
    *("on_time_rate", "按时办结率", "在办结时限内办结的件，占有办结时限的办结件。"),
    *("%", "on_time", "timed", "按时", "有时限的办结"),
)
LOCAL = Indicator(
    *("local_rate", "就地解决率", "基层工会、片区、镇街办结的件，占全部办结件。"),
    *("%", "local", "answered", "就地", "办结"),
)
CONTENT = Indicator(
    *("content_rate", "满意率", "职工评价满意或基本满意的件，占已评价件。"),
    *("%", "content", "judged", "满意和基本满意", "已评价"),
)
JUDGED = Indicator(
    *("judged_rate", "评价率", "职工已评价的件，占已答复的件（含评价后退回重办的）。"),
    *("%", "judged", "told", "已评价", "已答复"),
)
INDICATORS = (ANSWERED, ON_TIME, LOCAL, CONTENT, JUDGED, HANDLED)


def total_of(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The rows added up, measure by measure."""
    total: dict[str, int] = {}
    for row in rows:
        for measure, count in row.items():
            total[measure] = total.get(measure, 0) + count
    return total


def three_colours(by_grade: Mapping[str, int]) -> dict[str, int]:
    """绿, 黄, 红 of four grades: orange and red are both 红."""
    return {
        "绿": by_grade.get("green", 0),
        "黄": by_grade.get("yellow", 0),
        "红": by_grade.get("orange", 0) + by_grade.get("red", 0),
    }
