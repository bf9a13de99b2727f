"""Which files must a browser find at the site's root?

The service worker (its scope is where it stands), the manifest, and the page it keeps for when the network is gone.
"""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

_STATIC = Path(__file__).parent / "static" / "ui"


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the offline shell."""
    return HttpResponse((_STATIC / "sw.js").read_bytes(), content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(max_age=86400)
def manifest(request: HttpRequest) -> HttpResponse:
    """What the site is called when it is put on a phone's first screen."""
    body = (_STATIC / "manifest.webmanifest").read_bytes()
    return HttpResponse(body, content_type="application/manifest+json; charset=utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page shown without network; the same for everybody."""
    return render(request, "ui/offline.html")


app_name = "ui"
urlpatterns = [
    path("sw.js", service_worker, name="service_worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("offline", offline, name="offline"),
]
