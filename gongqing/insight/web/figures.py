"""The figures (指标统计): rates with their fractions, tables that add up, and the cases behind every number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals.models import Kind
from gongqing.insight.queries import catalogue
from gongqing.insight.queries import figures as queries
from gongqing.insight.queries.catalogue import LONGEST_NUMBER
from gongqing.insight.queries.figures import POPULATION_WORDS, Question, Row
from gongqing.insight.rules import indicators, periods, readers
from gongqing.insight.rules.indicators import BASIS_WORDS, Basis, Figure, Indicator
from gongqing.lib.errors import BadInput, NotFound
from gongqing.lib.paging import Cursor, decode_cursor
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation, Region

COLUMNS = ("received", "answered", "open", "ended", "overdue")
RATES = (indicators.ANSWERED, indicators.ON_TIME, indicators.LOCAL, indicators.CONTENT)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number with the address of the cases it counts."""

    count: int
    url: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with the address of its numerator's cases."""

    indicator: Indicator
    figure: Figure
    url: str
    remark: str = ""


@staff_page
@require_GET
def overview(request: ScopedRequest) -> HttpResponse:
    """The rates of a period and a population, and the tables behind them."""
    readers.check_can_read_figures(request.actor)
    question, error = _question(request)
    seen = queries.overview(question)
    address = _address(question)
    context = {
        "seen": seen,
        "question": question,
        "error": error,
        "first": _day_shown(request.GET.get("from", ""), question.period.first),
        "last": _day_shown(request.GET.get("to", ""), question.period.last),
        "periods": periods.PERIOD_WORDS,
        "populations": POPULATION_WORDS,
        "population_words": POPULATION_WORDS[question.population],
        "rates": [_rate(one, seen.total, address) for one in indicators.INDICATORS],
        "columns": [indicators.MEASURES[name] for name in COLUMNS],
        "column_rates": RATES,
        "places": [_line(row, "place", address, RATES) for row in seen.places],
        "total": _line(Row("", "合计", seen.total), "", address, RATES),
        "tables": [_table(*table, address, seen.total) for table in _tables(seen)],
        "colours": indicators.three_colours({row.key: row.counts.get("received", 0) for row in seen.grades}),
        "totals": {name: _cell(name, seen.total, "", "", address) for name in ("received", "basically")},
        "needs": [
            (words, _cell(name, seen.needs, "", "", {**address, "kind": Kind.NEED.value}))
            for name, words in (("received", "提出"), ("answered", "办结"), ("open", "在办"))
        ],
        "definitions": indicators.INDICATORS,
    }
    return render(request, "insight/figures.html", context, status=422 if error else 200)


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the figures, as its address names it."""

    question: Question
    kind: str
    measure: str
    group: str
    key: str
    after: Cursor | None

    @property
    def asked(self) -> dict[str, Any]:
        """What a query of its cases asks for."""
        return {name: getattr(self, name) for name in ("kind", "measure", "group", "key", "after")}

    @property
    def address(self) -> dict[str, str]:
        """What its address says."""
        named = {name: str(getattr(self, name)) for name in ("measure", "group", "key", "kind")}
        return {**_address(self.question), "basis": self.question.basis.value, **named}

    @property
    def context(self) -> dict[str, Any]:
        """How a page names it."""
        return {
            "question": self.question,
            "measure": queries.LISTED[self.measure],
            "row_name": queries.row_name(self.question, self.group, self.key) if self.group else "",
            "kind": Kind(self.kind).label,
            "basis_words": BASIS_WORDS[self.question.basis],
            "is_now": self.question.basis is Basis.NOW,
            "population_words": POPULATION_WORDS[self.question.population],
        }


def number_of(request: ScopedRequest) -> Number:
    """The number that the address names.

    Raises:
        NotFound: there is none.
    """
    question, error = _question(request)
    measure, group = request.GET.get("measure", "received"), request.GET.get("group", "")
    key, kind = request.GET.get("key", "").replace("\x00", ""), request.GET.get("kind", Kind.APPEAL.value)
    if error or measure not in queries.LISTED or kind not in Kind.values or group not in ("", *queries.GROUPS):
        raise NotFound("没有这个数字，请从指标统计页重新点开。")
    given = request.GET.get("cursor", "")
    return Number(question, kind, measure, group, key, decode_cursor(given) if given else None)


@staff_page
@require_GET
def cases(request: ScopedRequest) -> HttpResponse:
    """The cases that one number of the figures counts."""
    readers.check_can_read_figures(request.actor)
    number = number_of(request)
    items, count, later = queries.cases_behind(number.question, **number.asked)
    named = number.context
    context = named | {
        "items": items,
        "count": count,
        "later_url": "?" + urlencode({**number.address, "cursor": later}) if later else "",
        "trail": [
            {"name": "指标统计", "url": f"{reverse('insight-figures')}?{urlencode(_address(number.question))}"},
            {"name": f"{named['row_name']}{named['measure']}"},
        ],
    }
    return render(request, "insight/figure_cases.html", context)


def _question(request: ScopedRequest) -> tuple[Question, str]:
    """What is asked, and what is wrong with it; a wrong period falls back on the usual one."""
    today, given = day_of(request.at), request.GET
    try:
        period, error = (
            periods.period_of(
                given.get("period", ""), first=given.get("from", ""), last=given.get("to", ""), today=today
            ),
            "",
        )
    except BadInput as refused:
        period, error = periods.period_of("", today=today), refused.message
    population = given.get("population", "all")
    handler = given.get("handler", "")
    question = Question(
        request.actor,
        period,
        request.at,
        population if population in POPULATION_WORDS else "all",
        basis=Basis(given["basis"]) if given.get("basis") in Basis.__members__.values() else Basis.RECEIVED,
        area=_area(request),
        handler_id=int(handler) if handler.isascii() and handler.isdigit() and len(handler) <= LONGEST_NUMBER else None,
    )
    return question, error


def _area(request: ScopedRequest) -> Region | Organisation | None:
    """The area of the address; one that cannot be is a page that is not there."""
    try:
        area = registry.area_named(request.GET.get("area", ""))
    except BadInput as refused:
        raise NotFound(refused.message) from refused
    catalogue.check_can_measure(request.actor, area)
    return area


def _day_shown(given: str, reckoned: date) -> str:
    """What stands in a date field: what was asked for where it is a day, else the day that was reckoned with."""
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        return reckoned.isoformat()


def _address(question: Question) -> dict[str, str]:
    period, area = question.period, question.area
    address = {"period": period.name, "population": question.population}
    if period.name == "custom":
        address |= {"from": period.first.isoformat(), "to": period.last.isoformat()}
    if area is not None:
        address["area"] = area.code if isinstance(area, Region) else f"o{area.pk}"
    if question.handler_id is not None:
        address["handler"] = str(question.handler_id)
    return address


def _cell(measure: str, counts: Any, group: str, key: str, address: dict[str, str]) -> Cell:
    query = urlencode({**address, "measure": measure, "group": group, "key": key})
    return Cell(counts.get(measure, 0), f"{reverse('insight-figure-cases')}?{query}", late=measure == "overdue")


def _rate(indicator: Indicator, counts: Any, address: dict[str, str], group: str = "", key: str = "") -> Rate:
    remark = ""
    if indicator is indicators.CONTENT and counts.get("basically"):
        remark = f"其中基本满意 {counts['basically']} 件"
    return Rate(indicator, indicator.of(counts), _cell(indicator.numerator, counts, group, key, address).url, remark)


def _line(row: Row, group: str, address: dict[str, str], rates: tuple[Indicator, ...]) -> dict[str, Any]:
    return {
        "name": row.name,
        "cells": [_cell(name, row.counts, group, row.key, address) for name in COLUMNS],
        "rates": [_rate(one, row.counts, address, group, row.key) for one in rates],
    }


def _tables(seen: queries.Overview) -> list[tuple[str, str, list[Row]]]:
    return [("按等级", "grade", seen.grades), ("按大类", "class", seen.classes), ("按渠道", "channel", seen.channels)]


def _table(heading: str, group: str, rows: list[Row], address: dict[str, str], total: Any) -> dict[str, Any]:
    received = total.get("received", 0)
    return {
        "heading": heading,
        "lines": [
            {
                "key": row.key,
                "name": row.name,
                "received": _cell("received", row.counts, group, row.key, address),
                "answered": _cell("answered", row.counts, group, row.key, address),
                "share": Figure(row.counts.get("received", 0), received).share,
                "rest": Figure(row.counts.get("received", 0) - row.counts.get("answered", 0), received).share,
            }
            for row in rows
        ],
        "received": received,
        "answered": total.get("answered", 0),
    }


urlpatterns = [
    path("figures", overview, name="insight-figures"),
    path("figures/cases", cases, name="insight-figure-cases"),
]
