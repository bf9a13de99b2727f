"""Every door of the platform."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from gongqing.config import health

handler400 = "gongqing.config.errors.bad_request"
handler403 = "gongqing.config.errors.forbidden"
handler404 = "gongqing.config.errors.not_found"
handler500 = "gongqing.config.errors.fault"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("gongqing.ui.web")),
]
for _place, _door in [
    ("", "gongqing.accounts.web"),
    ("", "gongqing.dispatch.web.worker"),
    ("desk/", "gongqing.dispatch.web.desk"),
    ("desk/", "gongqing.insight.web"),
]:
    try:
        if hasattr(import_module(_door), "urlpatterns"):
            urlpatterns.append(path(_place, include(_door)))
    except ImportError:
        pass
try:
    from gongqing.config.api import api

    urlpatterns.append(path("api/v1/", api.urls))
except ModuleNotFoundError:
    pass
