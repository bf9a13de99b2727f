"""What do the figures of one weekly report say? Read once, kept as a snapshot, and never counted again.

Everything is counted for the system: a report speaks of a whole area, whoever drafts it. What leaves here names nobody:
employers are masked, no worker's words are quoted, and cells of a cross table that could name somebody are empty. Only
whole numbers and texts are in it, so that the same snapshot is the same bytes wherever it is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.insight.queries import report_cases, report_work
from gongqing.insight.queries.catalogue import FigureRow, Value, measure
from gongqing.insight.queries.counting import Question, appeals_of
from gongqing.insight.queries.names import UNSORTED, classes_by_code
from gongqing.insight.queries.places import Cut, cut_of
from gongqing.insight.rules.catalogue import without_small_cells
from gongqing.insight.rules.periods import Period
from gongqing.insight.rules.weeks import Week
from gongqing.lib import crypto
from gongqing.lib.times import local
from gongqing.registry import queries as registry
from gongqing.registry.models import Level, Organisation, Region

FORM = "weekly/1"
TREND_WEEKS = 8
SPAN_KEYS = (
    *("received", "need_received", "need_answered", "handled", "labour", "answered_rate"),
    *("closed", "closed_on_time_rate", "closed_local_rate", "closed_content_rate", "closed_judged_rate"),
    *("closed_recovered", "closed_helped"),
)
NOW_KEYS = ("open_now", "overdue_now", "urgent_now", "paused_now")
PLACE_KEYS = ("received", "closed", "closed_on_time_rate", "closed_content_rate", "open_now", "overdue_now")
SERVICE_KEYS = (
    *("unions_formed", "members_joined", "visits", "activities", "participants", "vitality"),
    *("mediations", "legal_aid"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom, of which week, at which moment.

    Attributes:
        region: what happened there is counted; None for the whole city.
    """

    organisation: Organisation
    region: Region | None
    week: Week
    at: datetime

    @property
    def period(self) -> Period:
        """The week's seven days."""
        return period_of_week(self.week)


def period_of_week(week: Week) -> Period:
    """The seven days of a week."""
    return Period("custom", week.first, week.last)


def asked_of(organisation: Organisation, week: Week, at: datetime) -> Asked:
    """What a report of this organisation asks for: the city everything, a county what happened in it."""
    is_city = organisation.level == Level.CITY
    return Asked(organisation, None if is_city else organisation.region, week, at)


def figures_of(asked: Asked) -> dict[str, Any]:
    """All figures of one report. Call it in one view of the database; it runs in the system's scope."""
    with scope.acting_as(SYSTEM):
        earliest = _earliest(asked)
        week, at = asked.week, asked.at
        cut = cut_of(asked.region) if asked.region else Cut(cut_of(asked.organisation).division, _city_code())
        return {
            "form": FORM,
            "week": week.name,
            "first": week.first.isoformat(),
            "last": week.last.isoformat(),
            "level": asked.organisation.level,
            "place": _place_name(asked),
            "place_code": asked.region.code if asked.region else _city_code(),
            "union": asked.organisation.name,
            "taken_at": local(at).isoformat(timespec="seconds"),
            "is_whole": at >= week.ends_at,
            "began": local(earliest).date().isoformat() if earliest else "",
            "spans": _spans(asked, earliest),
            "now": _values(_measured(asked, NOW_KEYS, asked.period).values),
            "trend": _trend(asked),
            "grades": _rows(asked, ("received",), "grade"),
            "channels": _compared(asked, "channel"),
            "classes": _compared(asked, "class"),
            "categories": _compared(asked, "category", with_year=True),
            "division": cut.heading,
            "places": _rows(asked, PLACE_KEYS, "area"),
            "cross": _cross(asked, cut),
            "zones": report_work.zones(asked.organisation, week),
            "services": _values(_measured(asked, SERVICE_KEYS, asked.period).values),
            "serious": report_cases.serious(asked.region, week, at),
            "late": report_cases.late(asked.region, at),
            "near": report_cases.near(asked.region, at),
            "typical": report_cases.typical(asked.region, week),
            "employers": report_cases.employers(asked.region, week),
            "resources": report_cases.resources(asked.region, week),
            "work": report_work.supervision(asked.region, week),
            "judged": report_work.judgements(asked.region, week),
            "shared_needs": report_work.shared_needs(asked.organisation, week),
            "disputes": report_work.disputes(asked.organisation, asked.region, week),
            "focus": report_work.focus(asked.region, week),
        }


def canonical(figures: Mapping[str, Any]) -> bytes:
    """The figures as the same bytes whenever and wherever they are read."""
    return json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def snapshot_name(figures: Mapping[str, Any]) -> str:
    """`3302-2026W47-1f0c9a2b3d4e`: place, week, and the first signs of the digest of the figures."""
    digest = crypto.digest(canonical(figures))
    return f"{figures['place_code']}-{figures['week'].replace('-', '')}-{digest[:12]}"


def _measured(asked: Asked, keys: Sequence[str], period: Period, by: str | None = None) -> Any:
    return measure(SYSTEM, keys, period=period, at=asked.at, area=asked.region, by=by)


def _spans(asked: Asked, earliest: datetime | None) -> dict[str, Any]:
    """The same figures of the week, the one before, that of a year ago, and the year so far.

    A span in which the platform knew nothing yet is None, not zero.
    """
    week = asked.week
    spans = {
        "week": asked.period,
        "before": period_of_week(week.before()),
        "year_ago": period_of_week(week.a_year_ago()),
        "year": Period("custom", week.year_begins_on, week.last),
    }
    return {
        name: None
        if name in ("before", "year_ago") and (earliest is None or earliest >= period.ends_at)
        else _values(_measured(asked, SPAN_KEYS, period).values)
        for name, period in spans.items()
    }


def _trend(asked: Asked) -> list[dict[str, Any]]:
    first = asked.week.before(TREND_WEEKS - 1)
    found = _measured(asked, ("received", "closed"), Period("custom", first.first, asked.week.last), by="day")
    days = [{key: int(value.value or 0) for key, value in row.values.items()} for row in found.rows]
    weeks = [asked.week.before(TREND_WEEKS - 1 - number) for number in range(TREND_WEEKS)]
    return [
        {
            "week": week.name,
            "first": week.first.isoformat(),
            **{key: sum(day[key] for day in days[7 * number : 7 * number + 7]) for key in ("received", "closed")},
        }
        for number, week in enumerate(weeks)
    ]


def _rows(asked: Asked, keys: Sequence[str], by: str) -> list[dict[str, Any]]:
    found = _measured(asked, keys, asked.period, by=by)
    return [{"key": row.key, "name": row.name, **_values(row.values)} for row in found.rows]


def _compared(asked: Asked, by: str, *, with_year: bool = False) -> list[dict[str, Any]]:
    """Every row of this grouping with how many came in, in the week and the one before."""
    spans = {"now": asked.period, "before": period_of_week(asked.week.before())}
    if with_year:
        spans["year"] = Period("custom", asked.week.year_begins_on, asked.week.last)
    rows: dict[str, dict[str, Any]] = {}
    for span, period in spans.items():
        for row in _measured(asked, ("received",), period, by=by).rows:
            line = rows.setdefault(row.key, {"key": row.key, "name": row.name, **dict.fromkeys(spans, 0)})
            line[span] = _count(row)
    return list(rows.values())


def _count(row: FigureRow) -> int:
    return int(row.values["received"].value or 0)


def _cross(asked: Asked, cut: Cut) -> dict[str, Any]:
    """Place × class of the city, place × category of a county; what could name somebody is None."""
    question = Question(SYSTEM, asked.period, asked.at, area=asked.region)
    placed: Any = cut.placed(appeals_of(question))
    found = placed.order_by().values("row_key", "category__code").annotate(n=Count("pk"))
    classes = classes_by_code()
    cells: dict[tuple[str, str], int] = {}
    for row in found:
        code = row["category__code"] or ""
        column = code if asked.region else classes.get(code, UNSORTED)
        key = (row["row_key"], column or UNSORTED)
        cells[key] = cells.get(key, 0) + row["n"]
    places = cut.names({place for place, _ in cells})
    places = {key: name for key, name in places.items() if key or any(place == "" for place, _ in cells)}
    order = list(dict.fromkeys([*(classes if asked.region else classes.values()), UNSORTED]))
    columns = [column for column in order if any(column == other for _, other in cells)]
    shown = without_small_cells(
        {(place, column): cells.get((place, column), 0) for place in places for column in columns}
    )
    return {
        "columns": columns,
        "rows": [
            {"name": name, "cells": [shown[place, column] for column in columns]} for place, name in places.items()
        ],
    }


def _values(values: Mapping[str, Value]) -> dict[str, dict[str, Any]]:
    """Each figure as `n` over `d`; a count has no `d`, a sum is a text, what is not connected has neither."""
    return {key: {"n": _plain(value.numerator), "d": value.denominator} for key, value in values.items()}


def _plain(number: int | Decimal | None) -> int | str | None:
    if number is None or isinstance(number, int):
        return number
    return int(number) if number == int(number) else f"{number:.2f}"


def _earliest(asked: Asked) -> datetime | None:
    found = Appeal.objects.order_by("received_at")
    if asked.region:
        found = found.filter(region__code__startswith=asked.region.code)
    return found.values_list("received_at", flat=True).first()


def _city_code() -> str:
    city = registry.city()
    return city.code if city else ""


def _place_name(asked: Asked) -> str:
    if asked.region:
        return asked.region.name
    city = registry.city()
    return city.name if city else asked.organisation.name
