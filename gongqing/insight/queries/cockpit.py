"""What does the wall show: what is in hand, where, how urgent, how late, and what came in today?

Everything in hand is counted in one pass over the open cases, so the map, the grades and the clocks add up to the same
number. The conditions are those of the catalogue (`counting.measures`), and so are the rates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import ExtractHour

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.insight.models import Outline
from gongqing.insight.queries import catalogue
from gongqing.insight.queries.catalogue import FigureRow, Figures
from gongqing.insight.queries.counting import Question, appeals_of, measures
from gongqing.insight.queries.places import ELSEWHERE, UNPLACED, Cut, Division, cut_for, cut_of
from gongqing.insight.queries.town_map import MAP_SIZE, sources_of, tiling_of
from gongqing.insight.rules import cockpit as rules
from gongqing.insight.rules.indicators import Basis
from gongqing.insight.rules.outlines import Drawing, Shape, drawn
from gongqing.insight.rules.periods import Period
from gongqing.lib.errors import NotFound
from gongqing.lib.times import SHANGHAI, day_of
from gongqing.lib.workdays import end_of_day
from gongqing.registry import queries as registry
from gongqing.registry.models import Level, Region
from gongqing.voices.models import SharedNeed
from gongqing.voices.queries.counted import Asked, Counted, needs_counted
from gongqing.voices.rules.track import STATE_WORDS, NeedState

NO_MAP = Drawing({}, 0, 0)
RATES = ("answered_rate", "on_time_rate", "local_rate", "content_rate")
YEAR_KEYS = ("received", "answered", "ended", *RATES)
CLOCKS = ("overdue", "today", "week", "paused")
REDS, CATEGORIES, NEEDS = 3, 5, 3
SECRET = frozenset({"LE10", "DP05"})  # also by their category alone


@dataclass(frozen=True, slots=True)
class Part:
    """One county on the map, or one town on the grid.

    Attributes:
        counts: open, overdue, red and the clocks.
        shape: how it is drawn; None without an outline.
        lines: its name as it stands on the map.
    """

    code: str
    name: str
    counts: Mapping[str, int]
    shade: int
    shape: Shape | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RedCase:
    """A red case as it may hang on a wall: no words of the worker, nobody's name.

    Attributes:
        category: empty where the matter itself must not be seen.
        due_at: the nearest deadline; None while nothing runs.
    """

    category: str
    handler: str
    received_at: datetime
    due_at: datetime | None
    is_late: bool
    is_near: bool
    is_paused: bool


@dataclass(frozen=True, slots=True)
class NeedLine:
    """A shared need that is not settled yet.

    Attributes:
        voices: how many appeals ask for it.
        place: the union that it lies with. state: how far it has come, in words.
    """

    number: int
    title: str
    voices: int
    place: str
    state: str


@dataclass(frozen=True, slots=True)
class Wall:
    """Everything on the wall at one moment.

    Attributes:
        area: the part that is looked into; None for all that the viewer sees.
        total: of everything in hand: open, overdue, red, today, week, paused.
        parts: counties or towns; their open cases and `rest` add up to the total.
        rest: rows that are no place on the map, by name.
        year: the rates since 1 January. today: what came in today, and what was closed.
        border: the outline through which towns are seen; empty for counties, which have outlines of their own.
    """

    at: datetime
    place: str
    area: Region | None
    division: Division
    total: Mapping[str, int]
    grades: Mapping[str, Mapping[str, int]]
    parts: Sequence[Part]
    rest: Sequence[Part]
    bands: Sequence[rules.Band]
    reds: Sequence[RedCase]
    year: Figures
    today: Figures
    needs: Sequence[NeedLine]
    need_count: int
    channels: Sequence[FigureRow]
    categories: Sequence[FigureRow]
    hours: Sequence[rules.HourBar]
    map_size: tuple[int, int]
    border: str
    sources: Sequence[str]

    @property
    def has_map(self) -> bool:
        """Whether there is an outline to draw."""
        return any(part.shape for part in self.parts)

    @property
    def is_empty(self) -> bool:
        """Whether the city has taken in nothing yet this year and has nothing in hand."""
        return not self.total["open"] and not self.year["received"].value


@dataclass(frozen=True, slots=True)
class _Chart:
    """What is drawn of the parts, and of whose work."""

    shapes: Mapping[str, Shape]
    lines: Mapping[str, tuple[str, ...]]
    width: int
    height: int
    border: str = ""
    sources: Sequence[str] = ()


def area_of(actor: Actor, code: str) -> Region | None:
    """The county of this code; None for none.

    Raises:
        NotFound: there is none, or it is beyond what the viewer looks over.
    """
    if not code:
        return None
    region = registry.region_of(code)
    if region is None or region.level != Level.COUNTY or not _may_look_into(actor, region):
        raise NotFound("没有这个区县市，或不在您的范围内。")
    return region


def wall(actor: Actor, at: datetime, area: Region | None = None) -> Wall:
    """What this viewer's wall shows now."""
    cut = cut_of(area) if area is not None else cut_for(actor)
    today = day_of(at)
    year, day = Period("custom", today.replace(month=1, day=1), today), Period("custom", today, today)
    question = Question(actor, day, at, area=area)
    cells = _in_hand(question.on(Basis.NOW), cut)
    by_place, by_grade, total = _summed(cells, 0), _summed(cells, 1), _summed(cells, None).get("", _nothing())
    names = cut.names(set(by_place))
    chart = _chart(cut, names)
    needs = _needs(actor, area)
    bands = rules.bands_of(by_place.get(code, {}).get("open", 0) for code in names if code not in (ELSEWHERE, UNPLACED))
    parts = [
        Part(
            *(code, name, counts := by_place.get(code, _nothing())),
            *(rules.shade_of(counts["open"], bands), chart.shapes.get(code), chart.lines.get(code, ())),
        )
        for code, name in names.items()
    ]
    return Wall(
        at=at,
        place=area.name if area is not None else _place_of(actor),
        area=area,
        division=cut.division,
        total=total,
        grades={grade.value: by_grade.get(grade.value, _nothing()) for grade in sorted(Grade, reverse=True)},
        parts=[part for part in parts if part.code not in (ELSEWHERE, UNPLACED)],
        rest=[part for part in parts if part.code in (ELSEWHERE, UNPLACED) and part.counts["open"]],
        bands=bands,
        reds=_reds(question, at),
        year=catalogue.measure(actor, YEAR_KEYS, period=year, at=at, area=area),
        today=catalogue.measure(actor, ("received", "closed"), period=day, at=at, area=area),
        needs=[_need(each) for each in needs[:NEEDS]],
        need_count=len(needs),
        channels=_largest(catalogue.measure(actor, ("received",), period=day, at=at, area=area, by="channel")),
        categories=_largest(catalogue.measure(actor, ("received",), period=day, at=at, area=area, by="category")),
        hours=_hours(question),
        map_size=(chart.width, chart.height),
        border=chart.border,
        sources=chart.sources,
    )


def _may_look_into(actor: Actor, region: Region) -> bool:
    if sees_all(actor):
        city = registry.city()
        return city is not None and region.code.startswith(city.code)
    own = registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None
    return own is not None and own.region_id == region.code


def _place_of(actor: Actor) -> str:
    if sees_all(actor):
        city = registry.city()
        return city.name if city else "本市"
    own = registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None
    return own.region.name if own is not None and own.region is not None else actor.organisation_name


def _nothing() -> dict[str, int]:
    return dict.fromkeys(("open", "red", *CLOCKS), 0)


def _in_hand(question: Question, cut: Cut) -> list[tuple[str, str, Mapping[str, int]]]:
    """Place, grade and counts of everything in hand, in one pass."""
    at, today = question.at, day_of(question.at)
    overdue = measures(at)["overdue"]
    still = Q(status__in=[Status.PAUSED, Status.TRACKED])
    coming = Q(is_overdue=False, next_due_at__gte=at) & ~still
    week_ends = end_of_day(today + timedelta(days=6 - today.weekday()))
    conditions = {
        "overdue": overdue,
        "today": coming & Q(next_due_at__lte=end_of_day(today)),
        "week": coming & Q(next_due_at__lte=week_ends),
        "paused": still,
    }
    wanted: dict[str, Any] = {f"n_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
    placed: Any = cut.placed(appeals_of(question))
    rows = placed.order_by().values("row_key", "grade")
    with scope.elevated():
        found = list(rows.annotate(n_open=Count("pk"), **wanted))
    return [
        (
            str(row["row_key"]),
            str(row["grade"]),
            {
                "open": row["n_open"],
                "red": row["n_open"] if row["grade"] == Grade.RED else 0,
                **{name: row[f"n_{name}"] for name in CLOCKS},
            },
        )
        for row in found
    ]


def _summed(cells: Sequence[tuple[str, str, Mapping[str, int]]], key: int | None) -> dict[str, dict[str, int]]:
    sums: dict[str, Counter[str]] = {}
    for cell in cells:
        sums.setdefault("" if key is None else str(cell[key]), Counter()).update(cell[2])
    return {name: {**_nothing(), **counted} for name, counted in sums.items()}


def _largest(measured: Figures) -> list[FigureRow]:
    """The rows with something in them, the largest first."""
    busy = [row for row in measured.rows if row.values["received"].value]
    return sorted(busy, key=lambda row: -int(row.values["received"].value or 0))[:CATEGORIES]


def _hours(question: Question) -> list[rules.HourBar]:
    return rules.hour_bars(
        _by_hour(appeals_of(question), "received_at"), _by_hour(appeals_of(question.on(Basis.RESOLVED)), "resolved_at")
    )


def _by_hour(found: Any, moment: str) -> dict[int, int]:
    rows = found.order_by().annotate(hour=ExtractHour(moment, tzinfo=SHANGHAI)).values("hour").annotate(n=Count("pk"))
    with scope.elevated():
        return {row["hour"]: row["n"] for row in rows}


def _reds(question: Question, at: datetime) -> list[RedCase]:
    """The red cases in hand, the nearest deadline first."""
    found = appeals_of(question.on(Basis.NOW)).filter(grade=Grade.RED)
    numbers = found.order_by(F("next_due_at").asc(nulls_last=True), "received_at", "pk").values_list("pk", flat=True)
    with scope.elevated():
        chosen = list(numbers[:REDS])
    rows = {row.pk: row for row in Appeal.objects.filter(pk__in=chosen).select_related("category", "handler")}
    return [_red(rows[number], at) for number in chosen if number in rows]


def _red(appeal: Appeal, at: datetime) -> RedCase:
    due, still = appeal.next_due_at, appeal.status in (Status.PAUSED, Status.TRACKED)
    category = appeal.category
    is_secret = appeal.restricted or appeal.needs_call_back or (category is not None and category.code in SECRET)
    late = appeal.is_overdue or (due is not None and due < at)
    return RedCase(
        category="" if is_secret else (category.name if category else "还没分类"),
        handler=str(appeal.handler) if appeal.handler else "还没派单",
        received_at=appeal.received_at,
        due_at=due,
        is_late=late,
        is_near=not late and not still and due is not None and due <= end_of_day(day_of(at)),
        is_paused=still and not late,
    )


def _needs(actor: Actor, area: Region | None) -> list[SharedNeed]:
    """Those that are not settled and have too many voices to name anybody, the most heard of this week first."""
    found = needs_counted(actor, Asked(Counted.OPEN, area=area))
    return list(found.select_related("organisation").order_by("-week_count", "-voice_count", "pk"))


def _need(need: SharedNeed) -> NeedLine:
    state = STATE_WORDS[NeedState(need.state)]
    return NeedLine(need.pk, need.title, need.voice_count, str(need.organisation), state)


def _chart(cut: Cut, names: Mapping[str, str]) -> _Chart:
    """Counties by their outlines, the towns of a county as pieces of its outline; nothing for handlers."""
    if cut.division is Division.COUNTIES:
        drawing = _drawing(cut)
        found = Outline.objects.filter(region_id__in=list(drawing.shapes)).values_list("source", flat=True)
        lines = {code: (names[code],) for code in drawing.shapes if code in names}
        return _Chart(drawing.shapes, lines, drawing.width, drawing.height, sources=sorted(set(found)))
    towns = {code: name for code, name in names.items() if code not in (ELSEWHERE, UNPLACED)}
    tiling = tiling_of(cut.within, towns) if cut.division is Division.TOWNS else None
    if tiling is None:
        return _Chart({}, {}, 0, 0)
    shapes = {code: piece.shape for code, piece in tiling.pieces.items()}
    broken = {code: piece.lines for code, piece in tiling.pieces.items()}
    return _Chart(shapes, broken, tiling.width, tiling.height, tiling.border, sources_of(cut.within))


def _drawing(cut: Cut) -> Drawing:
    found = Outline.objects.filter(region__level=Level.COUNTY, region__code__startswith=cut.within)
    stamps = tuple(sorted(found.values_list("region_id", "loaded_at")))
    return _drawn(stamps) if stamps else NO_MAP


@lru_cache(maxsize=4)
def _drawn(stamps: tuple[tuple[str, datetime], ...]) -> Drawing:
    """The outlines as they were loaded at these moments; drawn once for each process."""
    rows = Outline.objects.filter(region_id__in=[code for code, _ in stamps]).values_list("region_id", "polygons")
    width, height = MAP_SIZE
    return drawn(dict(rows), width=width, height=height)


def counties() -> list[Region]:
    """The parts of the city that have an outline each, by code."""
    city = registry.city()
    return list(Region.objects.filter(level=Level.COUNTY, code__startswith=city.code)) if city else []


def has_outlines() -> bool:
    """Whether any outline was loaded."""
    return Outline.objects.exists()
