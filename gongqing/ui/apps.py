"""How does Django find the templates, static files and tags of `ui`?"""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "gongqing.ui"
    label = "ui"
