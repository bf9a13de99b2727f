"""What does each dashboard show, and which one does a role open first?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gongqing.audit.actor import Role
from gongqing.insight.rules.readers import BOARD_READERS

VIEWS: Mapping[str, str] = {"mine": "我的今天", "organisation": "本单位", "area": "我的范围"}
VIEW_NOTES: Mapping[str, str] = {
    "mine": "今天要做的，和最近十四天收到、办结的",
    "organisation": "由本单位主办的",
    "area": "我看得到的全部，含下级和协办、督办的",
}
MOST_ROWS = 12  # of a chart; the table beside it has all
BY_WEEK, BY_MONTH = 92, 370  # days from which on a trend is drawn by week, by month


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture with the table beside it.

    Attributes:
        by: what its rows are.
        kind: line, bars (upright) or rows (lying, the longest first).
        keys: the indicators of its table; the first `drawn` are drawn.
        is_ranked: rows by the first indicator, the largest first, empty ones left out.
    """

    key: str
    title: str
    by: str
    kind: str
    keys: Sequence[str]
    drawn: int = 2
    is_ranked: bool = False


_TREND = Chart("trend", "收到和办结", "day", "line", ("received", "closed"))
_PLACES = Chart("places", "", "area", "rows", ("received", "answered", "on_time_rate", "local_rate", "content_rate"))
_CATEGORIES = Chart("categories", "诉求类别", "category", "rows", ("received", "answered", "answered_rate"), 2, True)
_GRADES = Chart("grades", "等级", "grade", "bars", ("received", "answered", "on_time_rate"), 1)
_CHANNELS = Chart("channels", "渠道", "channel", "rows", ("received", "answered", "content_rate"), 2, True)

CHARTS: Mapping[str, Sequence[Chart]] = {
    "mine": (_TREND,),
    "organisation": (_TREND, _CATEGORIES, _GRADES, _CHANNELS),
    "area": (_TREND, _PLACES, _CATEGORIES, _GRADES, _CHANNELS),
}
_RATES = ("answered_rate", "on_time_rate", "local_rate", "content_rate", "judged_rate")
TILES: Mapping[str, Sequence[str]] = {
    "mine": ("received", "closed", "open_now", "overdue_now", "urgent_now"),
    "organisation": ("open_now", "overdue_now", "received", "closed", "closed_on_time_rate", "closed_content_rate"),
    "area": (
        "received",
        *_RATES,
        "closed",
        "open_now",
        "overdue_now",
        "urgent_now",
        "recovered",
        "need_received",
        "shared_needs_open",
    ),
}


def usual_view(role: Role) -> str:
    """Who supervises opens the whole, who handles the own day."""
    return "area" if role in BOARD_READERS else "mine"
