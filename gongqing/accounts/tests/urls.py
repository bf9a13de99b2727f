"""The doors of accounts alone, and three pages that try the middleware."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from gongqing.accounts.middleware import staff_page, worker_page
from gongqing.accounts.web import urlpatterns as doors
from gongqing.lib.errors import BadInput
from gongqing.registry.models import Region


def whoami(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"role": request.actor.role, "paths": request.actor.paths, "appeal": request.actor.appeal_id})


def write(request: HttpRequest) -> HttpResponse:
    """Writes a row, then ends as it was asked to."""
    Region.objects.create(code="339999", name="试写", level="county")
    match request.GET["then"]:
        case "fault":
            raise RuntimeError("broken")
        case "refusal":
            raise BadInput("x", "不行")
    return HttpResponse(status=int(request.GET["then"]))


urlpatterns = [
    *doors,
    path("desk", staff_page(whoami)),
    path("me", worker_page(whoami)),
    path("whoami", whoami),
    path("api/v1/whoami", whoami),
    path("write", write),
    path("healthz", whoami),
]
