"""The state of the installation: a page for those who answer for it, figures for Prometheus."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST

from gongqing.accounts.middleware import ScopedRequest, address_of, staff_page
from gongqing.config import metrics
from gongqing.config.queries import status as queries
from gongqing.config.queries import trace
from gongqing.config.rules import points
from gongqing.config.rules.points import COLOUR_WORDS, Colour
from gongqing.config.versions import own_version
from gongqing.lib import times

TAGS = {Colour.RED: "late", Colour.AMBER: "near", Colour.GREY: "dash", Colour.GREEN: ""}


@staff_page
@require_GET
def status(request: ScopedRequest) -> HttpResponse:
    """What is right and what is not, since when, and what to do."""
    lamps = queries.lamps(request.actor, request.at)
    counts = {colour: sum(lamp.point.colour is colour for lamp in lamps) for colour in Colour}
    context = {
        "at": request.at,
        "lines": [(lamp, TAGS[lamp.point.colour]) for lamp in lamps],
        "counts": [(COLOUR_WORDS[colour], counts[colour], colour is Colour.RED) for colour in points.GRAVITY],
        "worst": points.worst(lamp.point for lamp in lamps).value,
        "notices": queries.notices_of(request.actor),
        "version": own_version(),
        "seal": trace.last_seal(),
    }
    return render(request, "config/status.html", context)


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for who knows the token; without a token set, for this machine alone."""
    if not _may_read_figures(request):
        return HttpResponse("Forbidden\n", status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(metrics.exposition(times.now()), content_type=CONTENT_TYPE_LATEST)


def _may_read_figures(request: HttpRequest) -> bool:
    token = settings.GONGQING.metrics_token
    if token:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and constant_time_compare(given.strip(), token)
    if not settings.GONGQING.behind_proxy and "X-Forwarded-For" in request.headers:
        return False  # a proxy on this machine that nobody told us about makes everybody look local
    return ipaddress.ip_address(address_of(request)).is_loopback


urlpatterns = [path("desk/status", status, name="config-status"), path("metrics", figures, name="metrics")]
