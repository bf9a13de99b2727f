"""How does a wall's moment become the parts of its page? The same for the page and for the stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse

from gongqing.insight.queries.catalogue import FigureRow, Value
from gongqing.insight.queries.cockpit import RATES, Part, Wall
from gongqing.insight.queries.places import Division
from gongqing.insight.rules.cockpit import HourBar
from gongqing.lib.times import day_of

PARTS = ("now", "flow", "map", "today", "grades", "clocks", "needs")
FLOW_WIDTH, FLOW_HEIGHT, COLUMN = 434, 90, 7
LABELLED_HOURS = (0, 6, 12, 18, 24)
ANCHORS = {0: "start", 24: "end"}


@dataclass(frozen=True, slots=True)
class Tile:
    """A place without an outline, and where it leads; nowhere on a screen that hangs."""

    part: Part
    url: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of bars, as long as its share of the longest."""

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its share for the bar, and one decimal for eyes five metres away."""

    indicator: Any
    value: Decimal | None
    fraction: str
    denominator: int | None
    share: float | None


def parts_of(wall: Wall, *, may_open: bool) -> dict[str, str]:
    """Every part of the page by its name.

    Args:
        may_open: whether numbers lead to the desk.
    """
    context = _context(wall, may_open=may_open)
    return {name: render_to_string(f"insight/cockpit/{name}.html", context).strip() for name in PARTS}


def _context(wall: Wall, *, may_open: bool) -> Mapping[str, Any]:
    county_url = f"{reverse('cockpit')}?area="
    tiles = [Tile(part, _tile_url(wall, part, county_url, may_open=may_open)) for part in wall.parts]
    return {
        "wall": wall,
        "may_open": may_open,
        "day": day_of(wall.at),
        "open_url": cases_url(wall, "", ""),
        "rates": [_rate(wall.year[key]) for key in RATES],
        "columns": [column for bar in wall.hours for column in _columns(bar)],
        "busy_hours": [bar for bar in wall.hours if bar.received or bar.closed],
        "hour_labels": [
            {"x": round(hour * FLOW_WIDTH / 24), "words": f"{hour}时", "anchor": ANCHORS.get(hour, "middle")}
            for hour in LABELLED_HOURS
        ],
        "highest_hour": max(max(bar.received, bar.closed) for bar in wall.hours),
        "placed_count": sum(part.counts["open"] for part in wall.parts),
        "county_url": county_url,
        "tiles": tiles,
        "unmapped": [tile for tile in tiles if tile.part.shape is None],
        "channel_bars": _bars(wall.channels),
        "category_bars": _bars(wall.categories),
        "grade_tiles": [{"grade": grade, "counts": counts} for grade, counts in wall.grades.items()],
    }


def cases_url(wall: Wall, group: str, key: str) -> str:
    """The open cases behind a number, on the desk."""
    given = {"period": "custom", "from": day_of(wall.at).isoformat(), "to": day_of(wall.at).isoformat()}
    given |= {"population": "all", "measure": "open", "group": group, "key": key, "kind": "appeal", "basis": "now"}
    if wall.area is not None:
        given["area"] = wall.area.code
    return f"{reverse('insight-figure-cases')}?{urlencode(given)}"


def _tile_url(wall: Wall, part: Part, county_url: str, *, may_open: bool) -> str:
    if wall.division is Division.COUNTIES:
        return county_url + part.code
    return cases_url(wall, "place", part.code) if may_open else ""


def _rate(value: Value) -> Rate:
    number = value.value if isinstance(value.value, Decimal) else None
    share = float(number) / 100 if number is not None else None
    return Rate(value.indicator, number, value.fraction, value.denominator, share)


def _columns(bar: HourBar) -> Sequence[Mapping[str, str]]:
    left = bar.hour * FLOW_WIDTH / 24 + (FLOW_WIDTH / 24 - 2 * COLUMN - 1) / 2
    drawn = (("in", left, bar.received_share), ("out", left + COLUMN + 1, bar.closed_share))
    return [
        {
            "kind": kind,
            "x": f"{x:.1f}",
            "y": f"{FLOW_HEIGHT - share * (FLOW_HEIGHT - 16):.1f}",
            "width": str(COLUMN),
            "height": f"{share * (FLOW_HEIGHT - 16):.1f}",
        }
        for kind, x, share in drawn
        if share
    ]


def _bars(rows: Sequence[FigureRow]) -> list[Bar]:
    counts = [(row.name, int(row.values["received"].value or 0)) for row in rows]
    longest = max((count for _, count in counts), default=1)
    return [Bar(name, count, count / longest) for name, count in counts]
