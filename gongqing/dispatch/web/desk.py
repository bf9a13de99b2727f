"""The desk (治理端): my inbox, the queues, the list of everything and its export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.appeals import queries as appeals
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.intake import LONGEST_QUERY
from gongqing.appeals.rules.statuses import STATUS_WORDS
from gongqing.audit.actor import Role
from gongqing.dispatch import actions, sheets
from gongqing.dispatch.actions.exporting import check_can_export
from gongqing.dispatch.queries import desk
from gongqing.dispatch.queries.cases import CaseFilters
from gongqing.dispatch.rules.scenarios import SCENARIOS
from gongqing.dispatch.web import (
    desk_call_backs,
    desk_case,
    desk_duty,
    desk_duty_calls,
    desk_groups,
    desk_interviews,
    desk_letters,
    desk_load,
    desk_many,
    desk_new,
    desk_pass_on,
    desk_quality,
    desk_replies,
    desk_rules,
    desk_seat,
    desk_settling,
    desk_shifts,
)
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.errors import BadInput, NotFound, NotPermitted
from gongqing.lib.paging import decode_cursor
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.ui.answers import saved_as

FILTERS = ("q", "status", "grade", "category", "region", "overdue")
PAGED = ("done", "all")
GRADE_WORDS = {"green": "绿", "yellow": "黄", "orange": "橙", "red": "红", "orange,red": "橙和红"}

# the API answers with its own words for statuses and grades; the desk speaks the trade's
FILTER_REFUSALS = {
    "status": "没有这种状态，请重新选：" + "、".join(STATUS_WORDS.values()) + "。",
    "grade": "没有这个等级，请重新选：" + "、".join(Grade(each).title_zh for each in Grade) + "。",
}


@staff_page
@require_GET
def inbox(request: ScopedRequest) -> HttpResponse:
    """A list in bands by the nearest deadline, and the case that is chosen beside it."""
    view = request.GET.get("view") or _first_view(request)
    if view is None:
        return _elsewhere(request)
    return _shown(request, view if view in desk.VIEW_WORDS else "all")


def _shown(request: ScopedRequest, view: str) -> HttpResponse:
    filters, error = filters_of(request), ""
    try:
        listed = _listed(request, view, filters)
    except BadInput as refused:
        error = FILTER_REFUSALS.get(refused.field, refused.message)
        listed = {"bands": [], "total": 0, "later": None}
    context = {
        "view": view,
        "view_name": desk.VIEW_WORDS[view],
        "error": error,
        "filters": filters,
        "chosen_code": request.GET.get("case", ""),
        "query": _query(request, view),
        "base_query": _query(request, view, with_page=False),
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "is_paged": view in PAGED,
        "choices": _choices(day_of(request.at)) if view in PAGED else None,
        "tags": _tags(request, view),
        "can_export": _can_export(request),
        **listed,
    }
    if context["chosen_code"]:
        context |= desk_case.reading(request, context["chosen_code"])
    status = 422 if error else 200
    return render(request, "dispatch/desk/inbox.html", context, status=status)


@staff_page
@require_GET
def search(request: ScopedRequest) -> HttpResponse:
    """Words go to the list of everything; a whole code goes straight to its case."""
    words = request.GET.get("q", "").strip()
    if len(words) > LONGEST_QUERY:
        return _shown(request, "all")  # too long for an address to be sent on to; the list says so
    try:
        code = check_appeal_code(words)
        appeals.appeal_with_code(code, request.actor)
    except (BadInput, NotFound):
        return redirect(f"{reverse('desk')}?{urlencode({'view': 'all', 'q': words})}")
    return redirect("desk-case", code=code)


@staff_page
@require_GET
def export(request: ScopedRequest) -> HttpResponse:
    """The list under its present filters as an Excel file."""
    check_can_export(request.actor)
    view = request.GET.get("view", "all")
    filters = filters_of(request)
    try:
        rows = desk.exported(view, request.actor, filters, request.at)
    except BadInput as refused:
        raise BadInput(refused.field, FILTER_REFUSALS.get(refused.field, refused.message)) from None
    words = _filter_words(view, filters, day_of(request.at))
    actions.record_export(
        count=len(rows), filters=words, by=request.actor, at=request.at, address=request.address or None
    )
    heading = f"{words}。{request.actor.name} {request.at:%Y-%m-%d %H:%M} 导出，{len(rows)} 件，个人信息已脱敏。"
    name = f"诉求清单{request.at:%Y%m%d%H%M}.xlsx"
    return saved_as(name, sheets.workbook_of(rows, heading=heading), sheets.MEDIA_TYPE)


@staff_page
@require_GET
def empty_scenario(request: ScopedRequest, name: str) -> HttpResponse:
    """A scenario in which no application has been put in use yet.

    Raises:
        NotFound: there are six scenarios, and this is none of them.
    """
    if name not in SCENARIOS:
        raise NotFound("没有这个场景。")
    return render(request, "dispatch/desk/scenario.html", {"name": name})


def filters_of(request: ScopedRequest) -> CaseFilters:
    """The filters that stand in the address."""
    given = {name: request.GET.get(name, "").strip().replace("\x00", "") for name in FILTERS}
    late = {"1": True, "0": False}.get(given.pop("overdue"))
    return CaseFilters(**given, overdue=late)


def _listed(request: ScopedRequest, view: str, filters: CaseFilters) -> dict[str, Any]:
    if view not in PAGED:
        bands, total = desk.inbox(view, request.actor, filters, request.at)
        return {"bands": bands, "total": total, "later": None, "is_cut": total > desk.LONGEST_INBOX}
    cursor = request.GET.get("cursor", "")
    after = decode_cursor(cursor) if cursor else None
    items, later = desk.page_of(view, request.actor, filters, request.at, after=after)
    bands = [desk.Band("", items=items)] if items else []
    return {"bands": bands, "total": len(items), "later": later, "is_later_page": bool(cursor)}


def _tags(request: ScopedRequest, view: str) -> list[dict[str, Any]]:
    """The quick filters over the list; each link keeps the view and sets one filter."""
    offered = [
        ("在办", {}),
        ("橙和红", {"grade": "orange,red"}),
        ("待签收", {"status": "dispatched,reopened"}),
        ("暂停", {"status": "paused,tracked"}),
    ]
    if view != "mine":
        return []
    now = {name: request.GET.get(name, "") for name in ("grade", "status")}
    return [
        {
            "name": name,
            "url": "?" + urlencode({"view": view, **given}),
            "current": now == {"grade": "", "status": "", **given},
        }
        for name, given in offered
    ]


def _choices(on: date) -> dict[str, Any]:
    counties = [(county["code"], county["name"]) for county in registry.region_tree()]
    return {
        "statuses": [(status.value, word) for status, word in STATUS_WORDS.items()],
        "grades": list(GRADE_WORDS.items()),
        "categories": [(category.code, str(category)) for category in appeals.categories_known(on)],
        "regions": counties,
    }


def _query(request: ScopedRequest, view: str, *, with_page: bool = True) -> str:
    names = (*FILTERS, "cursor") if with_page else FILTERS
    kept = {name: request.GET[name] for name in names if request.GET.get(name)}
    return urlencode({"view": view, **kept})


def _filter_words(view: str, filters: CaseFilters, on: date) -> str:
    """Which list was taken out and by which filters, in the words of the page."""
    region = registry.region_of(filters.region) if filters.region else None
    kinds = {category.code: str(category) for category in appeals.categories_known(on)} if filters.category else {}
    given = {
        "查找": filters.q,
        "状态": _each_in_words(filters.status, {each.value: word for each, word in STATUS_WORDS.items()}),
        "等级": GRADE_WORDS.get(filters.grade) or _each_in_words(filters.grade, GRADE_WORDS),
        "分类": _each_in_words(filters.category.upper(), kinds),
        "所在地": region.name if region else filters.region,
        "逾期": "" if filters.overdue is None else "是" if filters.overdue else "否",
    }
    words = "，".join(f"{name}：{value}" for name, value in given.items() if value)
    return desk.VIEW_WORDS.get(view, view) + (f"（{words}）" if words else "")


def _each_in_words(given: str, known: Mapping[str, str]) -> str:
    """What stands in an address between commas, in the words of the page."""
    chosen = [part.strip() for part in given.split(",") if part.strip()]
    return "、".join(known.get(each, each) for each in chosen)


def _first_view(request: ScopedRequest) -> str | None:
    return None if request.actor.role is Role.ADMINISTRATOR else desk.first_view_of(request.actor)


def _elsewhere(request: ScopedRequest) -> HttpResponse:
    """Administrators have no inbox: their desk begins with accounts."""
    return redirect("staff")


def _can_export(request: ScopedRequest) -> bool:
    try:
        check_can_export(request.actor)
    except NotPermitted:
        return False
    return True


urlpatterns = [
    path("", inbox, name="desk"),
    path("search", search, name="desk-search"),
    path("appeals.xlsx", export, name="desk-export"),
    path("scenarios/<str:name>", empty_scenario, name="desk-scenario"),
    *desk_new.urlpatterns,
    *desk_case.urlpatterns,
    *desk_duty.urlpatterns,
    *desk_duty_calls.urlpatterns,
    *desk_groups.urlpatterns,
    *desk_shifts.urlpatterns,
    *desk_interviews.urlpatterns,
    *desk_letters.urlpatterns,
    *desk_pass_on.urlpatterns,
    *desk_many.urlpatterns,
    *desk_load.urlpatterns,
    *desk_rules.urlpatterns,
    *desk_seat.urlpatterns,
    *desk_settling.urlpatterns,
    *desk_call_backs.urlpatterns,
    *desk_quality.urlpatterns,
    *desk_replies.urlpatterns,
]
