"""The records of processing (个人信息处理活动记录), for administrators and auditors."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from gongqing.accounts.middleware import ScopedRequest, staff_page
from gongqing.insight.queries import processing as queries
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry


@staff_page
@require_GET
def records(request: ScopedRequest) -> HttpResponse:
    """What personal data is handled, why, by whom, how long."""
    context = {
        "records": queries.records(request.actor),
        "counts": queries.counts(request.actor, request.at),
        "unlisted": queries.unlisted_columns(),
        "union": registry.city_union(),
        "notice": registry.notice_on(day_of(request.at)),
        "days": queries.DAYS,
        "now": request.at,
    }
    return render(request, "insight/processing.html", context)


urlpatterns = [path("processing-records", records, name="processing-records")]
