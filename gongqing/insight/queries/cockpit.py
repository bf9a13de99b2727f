"""What does the wall show: what is in hand, where, how urgent, how late, what came in, and of what more?

Everything in hand is counted in one pass over the open cases, so the map, the grades and the clocks add up to the same
number. The conditions are those of the catalogue (`counting.measures`), and so are the rates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from django.db.models import Count

from gongqing.appeals.rules.grading import Grade
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.insight.models import Outline
from gongqing.insight.queries import catalogue
from gongqing.insight.queries.catalogue import FigureRow, Figures, Value
from gongqing.insight.queries.counting import Question, appeals_of, falling_due, measures
from gongqing.insight.queries.places import ELSEWHERE, UNPLACED, Cut, Division, cut_for, cut_of
from gongqing.insight.queries.reading import Reader
from gongqing.insight.queries.town_map import MAP_SIZE, sources_of, tiling_of
from gongqing.insight.queries.wall_cases import WallCase, most_urgent
from gongqing.insight.rules import cockpit as rules
from gongqing.insight.rules.indicators import Basis
from gongqing.insight.rules.outlines import Drawing, Shape, drawn
from gongqing.insight.rules.periods import Period
from gongqing.lib.errors import NotFound
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.registry.models import Level, Region
from gongqing.voices.models import SharedNeed
from gongqing.voices.queries.counted import Asked, Counted, needs_counted
from gongqing.voices.rules.track import STATE_WORDS, NeedState

NO_MAP = Drawing({}, 0, 0)
RATES = ("answered_rate", "on_time_rate", "local_rate", "content_rate")
YEAR_KEYS = ("received", "answered", "ended", *RATES)
CLOCKS = ("overdue", "due_today", "due_this_week", "paused")
WEEK, RISES, NEEDS = 7, 3, 2


@dataclass(frozen=True, slots=True)
class Part:
    """One county on the map, or one town on the grid.

    Attributes:
        counts: open, overdue, red and the clocks.
        shape: how it is drawn; None without an outline.
        lines: its short name as it stands on the map.
    """

    code: str
    name: str
    counts: Mapping[str, int]
    shade: int
    shape: Shape | None = None
    lines: tuple[str, ...] = ()


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
        total: of everything in hand: open, overdue, red and the clocks.
        parts: counties or towns; their open cases and `rest` add up to the total.
        rest: rows that are no place on the map, by name.
        year: the rates since 1 January.
        days: what came in and what was closed on each of the last seven whole days and today, today last.
        rises: the categories of the seven whole days against the seven before, with their names and cases.
        weeks: what came in during both.
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
    reds: Sequence[WallCase]
    year: Figures
    days: Sequence[FigureRow]
    rises: Sequence[tuple[rules.Rise, FigureRow]]
    weeks: rules.Rise
    needs: Sequence[NeedLine]
    need_count: int
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

    @property
    def today(self) -> FigureRow:
        """What came in today, and what was closed."""
        return self.days[-1]

    @property
    def week(self) -> Period:
        """The seven whole days before today."""
        return _days_before(day_of(self.at), WEEK)


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


def place_of(actor: Actor) -> str:
    """What the viewer looks over, by its name."""
    if sees_all(actor):
        city = registry.city()
        return city.name if city else "本市"
    own = registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None
    return own.region.name if own is not None and own.region is not None else actor.organisation_name


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
    figures = partial(catalogue.measure, actor, at=at, area=area, reader=Reader(actor, at))
    risen, weeks = _risen(figures, today)
    return Wall(
        at=at,
        place=area.name if area is not None else place_of(actor),
        area=area,
        division=cut.division,
        total=total,
        grades={grade.value: by_grade.get(grade.value, _nothing()) for grade in sorted(Grade, reverse=True)},
        parts=[part for part in parts if part.code not in (ELSEWHERE, UNPLACED)],
        rest=[part for part in parts if part.code in (ELSEWHERE, UNPLACED) and part.counts["open"]],
        reds=most_urgent(question),
        year=figures(YEAR_KEYS, period=year),
        days=figures(("received", "closed"), period=_days_before(today, WEEK, with_today=True), by="day").rows,
        rises=risen[:RISES],
        weeks=weeks,
        needs=[_need(each) for each in needs[:NEEDS]],
        need_count=len(needs),
        map_size=(chart.width, chart.height),
        border=chart.border,
        sources=chart.sources,
    )


def _days_before(today: date, count: int, *, with_today: bool = False) -> Period:
    return Period("custom", today - timedelta(days=count), today if with_today else today - timedelta(days=1))


def _risen(figures: Callable[..., Figures], today: date) -> tuple[list[tuple[rules.Rise, FigureRow]], rules.Rise]:
    """The categories of seven whole days against the seven before, those that rise first, and all of them together."""
    this = figures(("received",), period=_days_before(today, WEEK), by="category")
    earlier = _days_before(today - timedelta(days=WEEK), WEEK)
    before = figures(("received",), period=earlier, by="category")
    rows = {row.key: row for row in this.rows}
    counts, counts_before = ({row.key: _received(row.values) for row in each.rows} for each in (this, before))
    weeks = rules.Rise("", _received(this.values), _received(before.values))
    return [(rise, rows[rise.key]) for rise in rules.rises(counts, counts_before)], weeks


def _received(values: Mapping[str, Value]) -> int:
    return int(values["received"].value or 0)


def _may_look_into(actor: Actor, region: Region) -> bool:
    if sees_all(actor):
        city = registry.city()
        return city is not None and region.code.startswith(city.code)
    own = registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None
    return own is not None and own.region_id == region.code


def _nothing() -> dict[str, int]:
    return dict.fromkeys(("open", "red", *CLOCKS), 0)


def _in_hand(question: Question, cut: Cut) -> list[tuple[str, str, Mapping[str, int]]]:
    """Place, grade and counts of everything in hand, in one pass."""
    known = measures(question.at) | falling_due(question.at)
    conditions = {name: known[name] for name in CLOCKS}
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
        lines = {code: (rules.map_name(names[code]),) for code in drawing.shapes if code in names}
        return _Chart(drawing.shapes, lines, drawing.width, drawing.height, sources=sorted(set(found)))
    towns = {code: rules.map_name(name) for code, name in names.items() if code not in (ELSEWHERE, UNPLACED)}
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


def outlined_counties() -> set[str]:
    """The codes of the parts of the city of which an outline is loaded."""
    return set(Outline.objects.values_list("region_id", flat=True))


def has_outlines() -> bool:
    """Whether any outline was loaded."""
    return Outline.objects.exists()
