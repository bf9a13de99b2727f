"""Every door of the platform."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from gongqing.config import health
from gongqing.config.api import api

handler400 = "gongqing.config.errors.bad_request"
handler403 = "gongqing.config.errors.forbidden"
handler404 = "gongqing.config.errors.not_found"
handler500 = "gongqing.config.errors.fault"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", api.urls),
    path("", include("gongqing.config.web")),
    path("", include("gongqing.ui.web")),
    path("", include("gongqing.accounts.web")),
    path("", include("gongqing.dispatch.web.worker")),
    path("", include("gongqing.dispatch.web.duty_link")),
    path("desk/", include("gongqing.dispatch.web.desk")),
    path("", include("gongqing.insight.web.cockpit")),
    path("desk/", include("gongqing.appeals.web")),
    path("desk/", include("gongqing.insight.web")),
    path("desk/", include("gongqing.voices.web")),
    path("desk/", include("gongqing.notices.web")),
    path("desk/", include("gongqing.dispatch.web.desk_data")),
]
