"""What stands on a dashboard: tiles, pictures with their tables, and the lists to work off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongqing.audit.actor import Actor
from gongqing.dispatch.queries import desk
from gongqing.insight.queries.catalogue import FigureRow, Figures, Value, measure
from gongqing.insight.queries.reading import Reader
from gongqing.insight.rules.catalogue import CATALOGUE
from gongqing.insight.rules.dashboards import BY_MONTH, BY_WEEK, CHARTS, TILES, Chart
from gongqing.insight.rules.indicators import Indicator
from gongqing.insight.rules.periods import Period
from gongqing.lib.times import day_of

FORTNIGHT = 14


@dataclass(frozen=True, slots=True)
class ToDo:
    """A list to work off: its name, how many lie in it, where it is."""

    name: str
    count: int | str
    url: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture: its title, its rows in order, and the columns of the table beside it.

    Attributes:
        by_words: what a row is.
        total: the row under the table; None where the rows are parts of days.
    """

    chart: Chart
    title: str
    by_words: str
    columns: Sequence[Indicator]
    rows: Sequence[FigureRow]
    total: FigureRow | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(row.values[key].value for row in self.rows for key in self.chart.keys[: self.chart.drawn])


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard as it stands.

    Attributes:
        period: what the tiles speak of. drawn_period: what the pictures speak of.
        lists: how many lie in each list to work off, of one's own day alone.
    """

    view: str
    period: Period
    drawn_period: Period
    population: str
    to_do: Sequence[ToDo]
    tiles: Sequence[Value]
    pictures: Sequence[Drawn]
    as_of: datetime
    lists: Mapping[str, int | str]

    @property
    def is_empty(self) -> bool:
        """Whether no figure counts anything."""
        return not any(one.value for one in self.tiles) and all(each.is_empty for each in self.pictures)


def dashboard(actor: Actor, view: str, period: Period, at: datetime, population: str = "all") -> Dashboard:
    """The dashboard of this view; that of one's own day speaks of today, whatever the period."""
    today = day_of(at)
    drawn_period = period
    if view == "mine":
        period = Period("today", today, today)
        drawn_period = Period("custom", today - timedelta(days=FORTNIGHT - 1), today)
    handler_id = actor.organisation_id if view == "organisation" else None
    reader = Reader(actor, at)

    def read(keys: Sequence[str], over: Period, by: str | None = None) -> Figures:
        return measure(
            actor,
            keys,
            period=over,
            at=at,
            by=by,
            population=population,
            handler_id=handler_id,
            reader=reader,
            step=_step(over),
        )

    # the longer period first: one read of it holds the shorter one
    pictures = [_drawn(chart, read(chart.keys, drawn_period, chart.by), reader.cut.heading) for chart in CHARTS[view]]
    tiles = read(TILES[view], period)
    lists = desk.counts(actor, at) if view == "mine" else {}
    return Dashboard(
        view=view,
        period=period,
        drawn_period=drawn_period,
        population=population,
        to_do=_to_do(actor, lists),
        tiles=[tiles[key] for key in TILES[view]],
        pictures=pictures,
        as_of=reader.as_of,
        lists=lists,
    )


def _drawn(chart: Chart, found: Figures, heading: str) -> Drawn:
    rows = list(found.rows)
    title = chart.title
    if chart.by == "day":
        title = {"day": "每天", "week": "每周", "month": "每月"}[_step(found.period)] + chart.title
    elif chart.is_ranked:
        first = chart.keys[0]
        rows = [row for row in rows if row.values[first].value]
        rows.sort(key=lambda row: (-int(row.values[first].value or 0), row.key))
    return Drawn(
        chart=chart,
        title=title or f"按{heading}",
        by_words=found.heading,
        columns=[CATALOGUE[key] for key in chart.keys],
        rows=rows,
        total=FigureRow("", "合计", found.values),
    )


def _step(period: Period) -> str:
    days = (period.last - period.first).days + 1
    if days > BY_MONTH:
        return "month"
    return "week" if days > BY_WEEK else "day"


def _to_do(actor: Actor, counts: Mapping[str, int | str]) -> list[ToDo]:
    """The lists that this role works off, those with something in them first."""
    names = [name for name in desk.views_of(actor) if name in counts]
    lists = [ToDo(desk.VIEW_WORDS[name], counts[name], f"/desk/?view={name}", name == "overdue") for name in names]
    return sorted(lists, key=lambda one: not one.count)
