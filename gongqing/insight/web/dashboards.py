"""The dashboards (指标看板): my day, my organisation, everything I see; pictures with tables, and their export."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit import events as audit
from gongqing.insight import sheets
from gongqing.insight.queries import dashboards as queries
from gongqing.insight.queries.counting import POPULATION_WORDS
from gongqing.insight.rules import dashboards as rules
from gongqing.insight.rules import periods, readers
from gongqing.insight.rules.periods import Period
from gongqing.lib.errors import BadInput, NotFound
from gongqing.lib.times import day_of
from gongqing.ui.answers import saved_as

FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
COLOURS = ("--link", "--green")  # of what is drawn, in order
GRADE_COLOURS = {"green": "--green", "yellow": "--yellow", "orange": "--orange", "red": "--red"}


@staff_page
@require_GET
def dashboard(request: ScopedRequest) -> HttpResponse:
    """One dashboard; without a view, the one that this role opens first."""
    readers.check_can_read_figures(request.actor)
    view, period, population, error = _asked(request)
    shown = queries.dashboard(request.actor, view, period, request.at, population)
    request.lists = shown.lists
    address = _address(view, period, population)
    context = {
        "shown": shown,
        "pictures": [_picture(each) for each in shown.pictures],
        "tabs": [
            {"name": words, "url": f"?{_address(name, period, population)}", "current": name == view, "count": None}
            for name, words in rules.VIEWS.items()
            if name != "organisation" or request.actor.organisation_id is not None
        ],
        "advice": _advice(request, shown),
        "title": rules.VIEWS[view],
        "note": rules.VIEW_NOTES[view],
        "has_period": view != "mine",
        "question": {"period": period, "population": population},
        "error": error,
        "first": request.GET.get("from") or period.first.isoformat(),
        "last": request.GET.get("to") or period.last.isoformat(),
        "periods": periods.PERIOD_WORDS,
        "populations": POPULATION_WORDS,
        "is_stale": shown.as_of != request.at,
        "exports": [
            (words, f"{reverse('insight-dashboard-export')}?{address}&form={form}")
            for form, words in (("xlsx", "导出 Excel"), ("csv", "导出 csv"))
        ],
    }
    return render(request, "insight/dashboard.html", context, status=422 if error else 200)


@staff_page
@require_GET
def export(request: ScopedRequest) -> HttpResponse:
    """What a dashboard shows, as a table; that it was taken is noted."""
    readers.check_can_read_figures(request.actor)
    view, period, population, error = _asked(request)
    form = request.GET.get("form", "xlsx")
    if error or form not in FORMS:
        raise NotFound("没有这个导出，请从指标看板重新点开。")
    shown = queries.dashboard(request.actor, view, period, request.at, population)
    rows = sheets.dashboard_rows(shown, who=request.actor.name, where=request.actor.organisation_name)
    audit.record_access(
        "figures.exported",
        subject_kind="figures",
        subject_id=None,
        by=request.actor,
        at=request.at,
        reason=f"{rules.VIEWS[view]}，{shown.period.words}",
        address=request.address or None,
        count=len(rows),
    )
    content = sheets.dashboard_sheet(rows) if form == "xlsx" else sheets.dashboard_csv(rows)
    return saved_as(f"指标看板{rules.VIEWS[view]}{request.at:%Y%m%d%H%M}.{form}", content, FORMS[form])


def _advice(request: ScopedRequest, shown: queries.Dashboard) -> str:
    """What one is told who asked for an organisation without having one, or finds nothing at all."""
    if request.GET.get("view") == "organisation" and shown.view != "organisation":
        return "您的账号不属于哪个单位，没有“本单位”的数字；下面是您看得到的全部。"
    if shown.view == "mine" or not shown.is_empty:
        return ""
    if shown.view == "organisation":
        return "这段时间没有由本单位主办的诉求。协办、督办和登记的件不在这里，请看“我的范围”，或换一个时间段。"
    return "这段时间没有您看得到的诉求。有件派给、协办或授权给您的单位后，这里才有数字；也可以换一个时间段。"


def _asked(request: ScopedRequest) -> tuple[str, Period, str, str]:
    """View, period, population, and what is wrong with the period; a wrong one falls back on the usual one."""
    given, today = request.GET, day_of(request.at)
    view = given.get("view", "")
    view = view if view in rules.VIEWS else rules.usual_view(request.actor.role)
    if view == "organisation" and request.actor.organisation_id is None:
        view = "area"
    population = given.get("population", "all")
    population = population if population in POPULATION_WORDS else "all"
    try:
        period = periods.period_of(
            given.get("period", ""), first=given.get("from", ""), last=given.get("to", ""), today=today
        )
    except BadInput as refused:
        return view, periods.period_of("", today=today), population, refused.message
    return view, period, population, ""


def _address(view: str, period: Period, population: str) -> str:
    given = {"view": view, "period": period.name, "population": population}
    if period.name == "custom":
        given |= {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return urlencode(given)


def _picture(drawn: queries.Drawn) -> dict[str, Any]:
    chart = drawn.chart
    rows = [(row, [row.values[one.key] for one in drawn.columns]) for row in drawn.rows]
    return {
        "drawn": drawn,
        "chart": chart,
        "columns": [
            (one, COLOURS[number] if number < min(chart.drawn, len(COLOURS)) else "")
            for number, one in enumerate(drawn.columns)
        ],
        "rows": [(row, GRADE_COLOURS.get(row.key, "") if chart.by == "grade" else "", values) for row, values in rows],
        "total": [drawn.total.values[one.key] for one in drawn.columns] if drawn.total else [],
        "most": rules.MOST_ROWS,
        "is_wide": chart.kind == "line" or chart.by == "area",
        "is_tall": chart.by == "category",
    }


urlpatterns = [
    path("dashboard", dashboard, name="insight-dashboard"),
    path("dashboard/export", export, name="insight-dashboard-export"),
]
