"""How does a wall's moment become the parts of its page? The same for the page and for the stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.template.loader import render_to_string
from django.urls import reverse

from gongqing.insight.queries.catalogue import FigureRow, Value
from gongqing.insight.queries.cockpit import RATES, Part, Wall
from gongqing.insight.queries.places import Division
from gongqing.insight.rules.cockpit import Rise, map_count, map_name
from gongqing.insight.rules.indicators import Figure
from gongqing.insight.rules.outlines import Shape
from gongqing.lib.times import WEEKDAYS, day_of

PARTS = ("now", "year", "week", "map", "reds", "rising", "needs")
CHART_WIDTH, CHART_HEIGHT = 500, 118
COLUMNS = {"in": 32, "out": 20}  # how wide is what came in, and what was closed
WIDE_NUMBER = 3  # signs; a wider one stands above both columns
CHART_TOP = 34  # above the columns, for the numbers
LINES = {"nm": (28, 23), "ct": (34, 29), "ct long": (34, 27), "ov": (26, 21)}  # kind of line → height, foot within it
LONG_COUNT = 4  # signs; from there on it is set smaller
OTHERS = {"orange": "橙", "yellow": "黄", "green": "绿"}
LONG_FRACTION = 16  # signs; a longer one leaves no room for what it is of


@dataclass(frozen=True, slots=True)
class Tile:
    """A place and where it leads: nowhere on a screen that hangs."""

    part: Part
    url: str

    @property
    def name(self) -> str:
        """As it is written where room is short."""
        return map_name(self.part.name)

    @property
    def count(self) -> str:
        """What is in hand, likewise."""
        return map_count(self.part.counts["open"])

    @property
    def is_long(self) -> bool:
        """Whether that number is set smaller."""
        return len(self.count) >= LONG_COUNT

    @property
    def overdue(self) -> str:
        """What is overdue, likewise."""
        return map_count(self.part.counts["overdue"])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a label: its kind is its type, `y` its foot."""

    kind: str
    words: str
    y: float


@dataclass(frozen=True, slots=True)
class Label:
    """What is written on a part of the map."""

    part: Part
    x: float
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Lead:
    """One of the numbers that are read in passing.

    Attributes:
        of: what stands below it. url: its cases.
        tone: `late` or `red` where it calls for somebody.
    """

    key: str
    name: str
    count: int
    of: str
    url: str
    tone: str = ""

    @property
    def size(self) -> int:
        """How many signs it has: long ones are set smaller."""
        return len(f"{self.count:,}")


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its share for the bar."""

    indicator: Any
    value: Decimal | None
    fraction: str
    denominator: int | None
    share: float | None
    url: str

    @property
    def is_long(self) -> bool:
        """Whether its fraction fills the line."""
        return len(self.fraction) > LONG_FRACTION


@dataclass(frozen=True, slots=True)
class Column:
    """What came in on one day and what was closed, as it is drawn.

    Attributes:
        left, middle: of the day. over, above: where the number of what came in stands, `top` in words;
            of numbers too wide to stand side by side only the highest.
    """

    name: str
    received: int
    closed: int
    left: str
    middle: str
    over: str
    above: str
    rects: Sequence[Mapping[str, str]]
    top: str
    url: str


@dataclass(frozen=True, slots=True)
class Riser:
    """A category that came in during the last days, and where it leads."""

    name: str
    rise: Rise
    url: str


def parts_of(wall: Wall, *, may_open: bool) -> dict[str, str]:
    """Every part of the page by its name.

    Args:
        may_open: whether numbers lead to their cases.
    """
    context = _context(wall, may_open=may_open)
    return {name: render_to_string(f"insight/cockpit/{name}.html", context).strip() for name in PARTS}


def _context(wall: Wall, *, may_open: bool) -> Mapping[str, Any]:
    county_url = f"{reverse('cockpit')}?area="
    tiles = [Tile(part, _tile_url(wall, part, county_url, may_open=may_open)) for part in wall.parts]

    def led(url: str) -> str:
        return f"{reverse('cockpit-cases')}?{urlsplit(url).query}" if may_open and url else ""

    return {
        "wall": wall,
        "may_open": may_open,
        "day": day_of(wall.at),
        "leads": _leads(wall, may_open=may_open),
        "today": [
            (name, value := wall.today.values[key], len(value.words), led(value.url))
            for key, name in (("received", "归集"), ("closed", "办结"))
        ],
        "rates": [_rate(wall.year[key], led(wall.year[key].url)) for key in RATES],
        "columns": [_column(n, row, wall, led(row.values["received"].url)) for n, row in enumerate(wall.days)],
        "chart": {"width": CHART_WIDTH, "axis": CHART_TOP + CHART_HEIGHT, "step": CHART_WIDTH // len(wall.days)},
        "sums": {
            key: map_count(sum(int(row.values[key].value or 0) for row in wall.days[:-1]))
            for key in ("received", "closed")
        },
        "placed_count": sum(part.counts["open"] for part in wall.parts),
        "rest": [(part, cases_url(wall, key=part.code, group="place") if may_open else "") for part in wall.rest],
        "tiles": tiles,
        "labels": [_label(part, part.shape) for part in wall.parts if part.shape is not None],
        "with_red": [part for part in wall.parts if part.shape is not None and part.counts["red"]],
        "unmapped": [tile for tile in tiles if tile.part.shape is None],
        "risers": [Riser(row.name, rise, led(row.values["received"].url)) for rise, row in wall.rises],
    }


def cases_url(wall: Wall, *, measure: str = "open", group: str = "", key: str = "") -> str:
    """The cases in hand behind a number."""
    given = {"period": "custom", "from": day_of(wall.at).isoformat(), "to": day_of(wall.at).isoformat()}
    given |= {"population": "all", "measure": measure, "group": group, "key": key, "kind": "appeal", "basis": "now"}
    if wall.area is not None:
        given["area"] = wall.area.code
    return f"{reverse('cockpit-cases')}?{urlencode(given)}"


def _leads(wall: Wall, *, may_open: bool) -> list[Lead]:
    total, year = wall.total, wall.year
    grades = {grade: counts["open"] for grade, counts in wall.grades.items()}

    def url(**named: str) -> str:
        return cases_url(wall, **named) if may_open else ""

    others = "，".join(f"{name} {map_count(grades[grade])}" for grade, name in OTHERS.items())
    share = _share(total["overdue"], total["open"])
    coming = f"到周日 {map_count(total['due_this_week'])}，暂停 {map_count(total['paused'])}"
    return [
        Lead("open", "在办", total["open"], f"今年归集 {year['received'].words}", url()),
        Lead("overdue", "已逾期", total["overdue"], share, url(measure="overdue"), "late" if total["overdue"] else ""),
        Lead("red", "红色件", total["red"], others, url(group="grade", key="red"), "red" if total["red"] else ""),
        Lead("due_today", "今天到期", total["due_today"], coming, url(measure="due_today")),
    ]


def _share(part: int, whole: int) -> str:
    return f"占在办 {Figure(part, whole).hundredths}%" if part else "没有逾期的件"


def _tile_url(wall: Wall, part: Part, county_url: str, *, may_open: bool) -> str:
    if wall.division is Division.COUNTIES:
        return county_url + part.code
    return cases_url(wall, group="place", key=part.code) if may_open else ""


def _rate(value: Value, url: str) -> Rate:
    number = value.value if isinstance(value.value, Decimal) else None
    share = float(number) / 100 if number is not None else None
    return Rate(value.indicator, number, value.fraction, value.denominator, share, url if value.denominator else "")


def _column(number: int, row: FigureRow, wall: Wall, url: str) -> Column:
    received, closed = (int(row.values[key].value or 0) for key in ("received", "closed"))
    most = max(wall.days, key=lambda each: int(each.values["received"].value or 0))
    is_told = row is most or len(map_count(int(most.values["received"].value or 0))) <= WIDE_NUMBER
    highest = max(1, *(int(value.value or 0) for each in wall.days for value in each.values.values()))
    step = CHART_WIDTH / len(wall.days)
    middle, axis = (number + 0.5) * step, CHART_TOP + CHART_HEIGHT
    heights = {"in": CHART_HEIGHT * received / highest, "out": CHART_HEIGHT * closed / highest}
    left = middle - (sum(COLUMNS.values()) + 2) / 2
    rects = [
        {"kind": kind, "x": f"{x:.1f}", "y": f"{axis - heights[kind]:.1f}", "width": str(COLUMNS[kind])}
        | {"height": f"{heights[kind]:.1f}"}
        for kind, x in (("in", left), ("out", left + COLUMNS["in"] + 2))
        if heights[kind]
    ]
    name = "今天" if row is wall.today else WEEKDAYS[(wall.week.first.weekday() + number) % len(WEEKDAYS)]
    words = map_count(received)
    above = axis - 8 - (heights["in"] if len(words) < WIDE_NUMBER else max(heights.values()))
    return Column(
        name,
        received,
        closed,
        left=f"{number * step:.1f}",
        middle=f"{middle:.1f}",
        over=f"{left + COLUMNS['in'] / 2:.1f}",
        above=f"{above:.1f}",
        rects=rects,
        top=words if is_told else "",
        url=url,
    )


def _label(part: Part, shape: Shape) -> Label:
    """The name, what is in hand and what is overdue, around the place of the label."""
    x, y = shape.label
    count, late = map_count(part.counts["open"]), map_count(part.counts["overdue"])
    words = [*(("nm", line) for line in part.lines), ("ct long" if len(count) >= LONG_COUNT else "ct", count)]
    words += [("ov", f"逾期{late}" if len(late) < WIDE_NUMBER else f"逾{late}")] if part.counts["overdue"] else []
    top, lines = y - sum(LINES[kind][0] for kind, _ in words) / 2, []
    for kind, line in words:
        height, foot = LINES[kind]
        lines.append(Line(kind, line, round(top + foot, 1)))
        top += height
    return Label(part, x, lines)
