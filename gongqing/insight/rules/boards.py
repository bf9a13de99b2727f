"""Which columns has the board of deadlines, and how is a row drawn?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# every appeal in hand stands in exactly one of these; they make the bar of a row
STATES: Mapping[str, str] = {
    "within": "时限内",
    "near": "将到期",
    "over": "逾期",
    "held": "暂停",
    "idle": "未计时",
}
# what is due, and what waits for somebody; an appeal may stand in several, or in none
COLUMNS: Mapping[str, str] = {
    "all": "在办",
    "today": "今天到期",
    "week": "本周到期",
    "near": "将到期",
    "over": "逾期",
    "unsigned": "待签收",
    "returned": "已退回",
    "extensions": "延期待批",
    "extended": "已延期",
    "review": "待审核",
    "supervised": "督办未复",
    "held": "暂停",
}
# what a number may be asked for beside the columns
LISTED: Mapping[str, str] = {**COLUMNS, "within": "时限内", "idle": "未计时", "worst": "最急"}
GROUPS: Mapping[str, str] = {"organisation": "按单位", "grade": "按等级", "category": "按类别"}
HEADINGS: Mapping[str, str] = {"organisation": "单位", "grade": "等级", "category": "类别"}
DRAWN = {"within": "ok", "near": "warn", "over": "over", "held": "hold", "idle": "hint"}
BAR_WIDTH, GAP = 64, 1.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a row's bar."""

    style: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class BoardCell:
    """A number of the board.

    Attributes:
        url: shows its cases.
        is_late: counts what is late. is_chosen: its cases stand beside the board.
    """

    count: int
    url: str
    is_late: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A row of the board as it is drawn.

    Attributes:
        down: the board one level further down; empty where nothing is below.
        late_days, unsigned_days: how many working days the oldest is late, or unsigned.
    """

    name: str
    down: str
    is_selected: bool
    late_days: float | None
    unsigned_days: float | None
    cells: Sequence[BoardCell]
    bar: Sequence[Piece]


def bar_of(counts: Mapping[str, int], *, largest: int, width: float = BAR_WIDTH) -> Sequence[Piece]:
    """A row as a bar, one piece for every state that has something; the longest row fills the width."""
    shown = [(style, counts.get(state, 0)) for state, style in DRAWN.items() if counts.get(state, 0)]
    if not shown or largest <= 0:
        return []
    scale = (width - GAP * (len(DRAWN) - 1)) / largest
    pieces, x = [], 0.0
    for style, count in shown:
        pieces.append(Piece(style, round(x, 1), round(count * scale, 1)))
        x += count * scale + GAP
    return pieces
