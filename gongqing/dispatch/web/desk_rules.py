"""What rules are in force (口径): limits and calendar, routing, categories, grading, each with its versions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.dispatch.queries import rulebook
from gongqing.dispatch.web import desk_rule_changes
from gongqing.dispatch.web.desk_rule_changes import history_context
from gongqing.lib.times import day_of

PAGES = {
    "desk-rules": "期限与日历",
    "desk-rules-routing": "派单规则",
    "desk-rules-categories": "分类",
    "desk-rules-grading": "分级规则",
}
KINDS = {
    "desk-rules": "limits",
    "desk-rules-routing": "routing",
    "desk-rules-categories": "categories",
    "desk-rules-grading": "grading",
}


@staff_page
@require_GET
def limits(request: ScopedRequest) -> HttpResponse:
    """The limits by grade, what stops a clock, and the days this city counts differently."""
    return _page(request, "desk-rules", **rulebook.limits_in_force(day_of(request.at)))


@staff_page
@require_GET
def routing(request: ScopedRequest) -> HttpResponse:
    """The routing rows in force, in plain words."""
    return _page(request, "desk-rules-routing", **rulebook.routes_in_words(day_of(request.at)))


@staff_page
@require_GET
def categories(request: ScopedRequest) -> HttpResponse:
    """The 32 categories with their boundaries, first handlers and limits."""
    return _page(request, "desk-rules-categories", classes=rulebook.categories_by_class(day_of(request.at)))


@staff_page
@require_GET
def grading(request: ScopedRequest) -> HttpResponse:
    """The grading rules in force with their sources."""
    return _page(request, "desk-rules-grading", **rulebook.grading_in_force(day_of(request.at)))


def _page(request: ScopedRequest, name: str, **context: Any) -> HttpResponse:
    pages = [(url, words, url == name) for url, words in PAGES.items()]
    template = name.replace("desk-rules-", "rules_").replace("desk-rules", "rules_limits")
    history = history_context(request, KINDS[name])
    return render(
        request, f"dispatch/desk/{template}.html", {"pages": pages, "title": PAGES[name], **history, **context}
    )


urlpatterns = [
    path("rules", limits, name="desk-rules"),
    path("rules/routing", routing, name="desk-rules-routing"),
    path("rules/categories", categories, name="desk-rules-categories"),
    path("rules/grading", grading, name="desk-rules-grading"),
    *desk_rule_changes.urlpatterns,
]
