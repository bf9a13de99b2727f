"""The trace (留痕): what was done and what was looked at, by who, kind, code and day. Read only."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.audit import events as audit
from gongqing.insight.queries import trace as queries
from gongqing.insight.queries.trace import TraceFilters, TraceLine
from gongqing.insight.rules import readers
from gongqing.lib.errors import BadInput, NotFound
from gongqing.lib.paging import row_before

FILTERS = ("who", "kind", "code", "day")
PAGES = {"insight-trace": "做了什么", "insight-trace-looks": "谁看过"}


@staff_page
@require_GET
def events(request: ScopedRequest) -> HttpResponse:
    """What was done."""
    return _page(request, "insight-trace")


@staff_page
@require_GET
def looks(request: ScopedRequest) -> HttpResponse:
    """What personal data was looked at."""
    return _page(request, "insight-trace-looks")


def _page(request: ScopedRequest, name: str) -> HttpResponse:
    readers.check_can_read_trace(request.actor)
    filters = TraceFilters(**{one: request.GET.get(one, "").strip().replace("\x00", "") for one in FILTERS})
    lines: list[TraceLine] = []
    error, later, chain = "", None, None
    try:
        asked = queries.events_page if name == "insight-trace" else queries.looks_page
        lines, later = asked(request.actor, filters, before=row_before(request.GET.get("before", "")))
        if filters.code:
            chain = queries.chain_of(request.actor, filters.code)
            _note_look(request, chain.appeal_id)
    except BadInput as refused:
        error = refused.message
    except NotFound as missing:
        error = str(missing)
    kept = {one: value for one, value in asdict(filters).items() if value}
    context = {
        "lines": lines,
        "filters": filters,
        "error": error,
        "chain": chain,
        "is_looks": name == "insight-trace-looks",
        "kinds": queries.known_kinds(),
        "tabs": [
            {"name": words, "url": f"{reverse(each)}?{urlencode(kept)}", "current": each == name}
            for each, words in PAGES.items()
        ],
        "first_url": f"?{urlencode(kept)}" if "before" in request.GET else "",
        "later_url": "?" + urlencode({**kept, "before": later}) if later else "",
    }
    return render(request, "insight/trace.html", context, status=422 if error else 200)


def _note_look(request: ScopedRequest, appeal_id: int) -> None:
    """The trace of one case tells as much as the case."""
    audit.record_access(
        "trace.opened",
        subject_kind="appeal",
        subject_id=appeal_id,
        by=request.actor,
        at=request.at,
        address=request.address or None,
    )


urlpatterns = [
    path("trace", events, name="insight-trace"),
    path("trace/looks", looks, name="insight-trace-looks"),
]
