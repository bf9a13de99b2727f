"""What walls has nobody seen yet? Made up whole, so that a page can be looked at with a city's largest numbers, or none."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal

from playwright.sync_api import Page, Route

from gongqing.config import setup_city
from gongqing.insight.queries.catalogue import FigureRow, Figures, Value
from gongqing.insight.queries.cockpit import RATES, YEAR_KEYS, NeedLine, Part, Wall
from gongqing.insight.queries.places import Division
from gongqing.insight.queries.town_map import MAP_SIZE
from gongqing.insight.queries.wall_cases import WallCase
from gongqing.insight.rules.catalogue import CATALOGUE
from gongqing.insight.rules.cockpit import Rise, map_name
from gongqing.insight.rules.indicators import Figure
from gongqing.insight.rules.outlines import drawn, outlines_in
from gongqing.insight.rules.periods import Period
from gongqing.insight.stream.drawing import parts_of
from gongqing.lib import times
from gongqing.lib.times import day_of

CLOCKS = ("open", "red", "overdue", "due_today", "due_this_week", "paused")
STREAM, PICTURE = re.compile(r"/live/cockpit"), re.compile(r"/cockpit/picture")
LONG_CATEGORY, LONG_UNION = (
    "女职工与未成年工特殊保护和新就业形态劳动者权益",
    "宁波杭州湾新区长三角商贸园区建筑装饰行业工会联合会",
)


def staged(*, place: int, total: int, cases: int = 3, long_names: bool = False, towns: int = 0) -> Wall:
    """A wall with so much in hand at each place and in all.

    Args:
        cases: how many red cases, categories and shared needs.
        long_names: whether they bear the longest names that there are.
        towns: how many towns without a map, instead of the counties.
    """
    at = times.now()
    today = day_of(at)
    codes = {row.code: row.name for row in setup_city.shipped_regions("3302") if len(row.code) == 6}
    outlines = outlines_in(setup_city.SHIPPED_OUTLINES.read_text(encoding="utf-8"), [*codes])
    width, height = MAP_SIZE
    drawing = drawn(outlines, width=width, height=height)
    shapes = {} if towns else drawing.shapes
    names = {f"330212{number:03}": "集士港镇" for number in range(towns)} or codes
    category, union = (LONG_CATEGORY, LONG_UNION) if long_names else ("工资拖欠与克扣", "海曙区总工会")
    counts = dict.fromkeys(CLOCKS, place)
    rates = {key: _rate(key, total) for key in RATES}
    year = Period("custom", today.replace(month=1, day=1), today)
    days = [
        FigureRow(
            (today - timedelta(days=back)).isoformat(), "", {key: _count(key, place) for key in ("received", "closed")}
        )
        for back in range(7, -1, -1)
    ]
    return Wall(
        at=at,
        place="宁波市",
        area=None,
        division=Division.TOWNS if towns else Division.COUNTIES,
        total=dict.fromkeys(CLOCKS, total),
        grades={grade: {"open": total} for grade in ("red", "orange", "yellow", "green")},
        parts=[Part(code, name, counts, 2, shapes.get(code), (map_name(name),)) for code, name in names.items()],
        rest=[Part("", "未定地", counts, 0)] if place else [],
        reds=[_red(category, union, at)] * cases,
        year=Figures(
            year, None, "all", {**{key: _count(key, total) for key in YEAR_KEYS if key not in RATES}, **rates}
        ),
        days=days,
        rises=[
            (Rise(str(n), place, place // 3), FigureRow(str(n), category, {"received": _count("received", place)}))
            for n in range(cases)
        ],
        weeks=Rise("", total, total // 3),
        needs=[NeedLine(1, category, place, union, "已办成")] * min(cases, 2),
        need_count=cases,
        map_size=(drawing.width, drawing.height),
        border="",
        sources=["自然资源部门"],
    )


def hang(page: Page, wall: Wall) -> None:
    """Let the page show this wall: its stream is out of reach, and what it asks for is this."""
    body = json.dumps({"at": wall.at.isoformat(), "now": wall.at.isoformat(), "parts": parts_of(wall, may_open=True)})

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=body)

    page.route(STREAM, lambda route: route.fulfill(status=404))
    page.route(PICTURE, answer)
    page.reload()
    page.locator("[data-state=polled]").wait_for(timeout=20_000)


def _count(key: str, count: int) -> Value:
    return Value(CATALOGUE[key], count, count, url="/desk/figures/cases?measure=received")


def _rate(key: str, total: int) -> Value:
    figure = Figure(total - total // 9, total)
    share: Decimal | None = figure.hundredths
    return Value(
        CATALOGUE[key], share, figure.numerator, figure.denominator, url="/desk/figures/cases?measure=received"
    )


def _red(category: str, union: str, at: datetime) -> WallCase:
    due = at - timedelta(days=50)
    return WallCase(
        "red", category, union, "办理中", due, due, is_in_hand=True, is_late=True, is_near=False, is_paused=False
    )
